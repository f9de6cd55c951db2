package plan

import "fmt"

// handBack lets a resource change only when what has decided about it is gone: until then
// that might change it once more.
func (g *graph) handBack() {
	for address, p := range g.planned {
		steered := g.kinds[address.Kind].steered(g.live.Find(address))
		if steered == "" || p.Has(Delete) {
			continue
		}
		if by := g.live.byARN(steered); by != nil {
			if step := g.steps[g.find(address, RunVerb, UpdateVerb, StartVerb)]; step != nil {
				g.await(step, g.find(by.Address, DeleteVerb))
			}
		}
	}
}

// refuseSteered refuses a service that ends by itself and whose tasks something else starts
// that stays: it would run again and again.
func (d *draft) refuseSteered(p *ResourcePlan, r *Resource) {
	steered := d.kinds[r.Address.Kind].steered(d.live.Find(r.Address))
	if r.Run == nil || p == nil || d.plan.guarded(r.Address) || !d.want.stays(d.live, steered, d.options.Scope) {
		return
	}
	what, help := steered, "delete that where it was set up, or write restart: always"
	if by := d.live.byARN(steered); by != nil {
		what, help = by.Address.String(), "--prune deletes that; or write restart: always"
	}
	d.guard("steered", p, fmt.Sprintf("%s ends by itself, and %s would start it again and again", r.Address, what), help)
}
