package plan

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
