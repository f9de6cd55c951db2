package plan

import (
	"fmt"
	"maps"
	"slices"
)

// pause stops the services that need a resource which is deleted before it is
// created again: a zone has one mount target, and what mounts through it hangs
// without it.
func (d *differ) pause() {
	for _, address := range slices.SortedFunc(maps.Keys(d.planned), Address.Compare) {
		if !d.planned[address].DeletesFirst() {
			continue
		}
		for _, needer := range d.needs.by[address] {
			if d.kinds[needer.Kind].starts() {
				d.pauseFor(address, needer)
			}
		}
	}
}

func (d *differ) pauseFor(replaced, needer Address) {
	p, want, live := d.planned[needer], d.want.Find(needer), d.live.Find(needer)
	if p != nil && p.Has(Delete) || d.kinds[needer.Kind].effects(live.Spec, nil, nil, false).Stops == 0 {
		return
	}
	if p == nil || want == nil {
		d.guardUser(replaced, needer, want != nil)
		return
	}
	p.Effects = d.forced(want, live, p)
	p.Effects.Interrupts = true
	if !p.Changed() {
		p.Actions, p.Cause = []Action{Update}, Dependency
	}
	p.Pauses = append(p.Pauses, replaced)
}

// guardUser refuses to take away what a service uses that this plan leaves alone.
func (d *differ) guardUser(replaced, user Address, wanted bool) {
	why, help := "is no longer in the compose file and keeps running", "--prune deletes "+user.String()+" first"
	if wanted {
		why, help = "is not part of this plan", "plan without --only, so that it is stopped meanwhile"
	}
	d.guard("in-use", d.planned[replaced],
		fmt.Sprintf("it is deleted before it can be created again, and the tasks of %s use it, which %s", spaced(user), why), help)
}

// stopLate stops a service only when all else is ready that its start waits for:
// images are built, and whoever calls it is stopped.
func (g *graph) stopLate() {
	for _, p := range g.plan.Resources {
		stop := g.steps[StepID(p.Address, StopVerb)]
		if stop == nil {
			continue
		}
		for _, id := range g.steps[StepID(p.Address, StartVerb)].After {
			g.await(stop, id)
		}
		for _, before := range g.want.Find(p.Address).After {
			if other := g.steps[StepID(before, StopVerb)]; other != nil {
				g.await(other, stop.ID)
			}
		}
	}
}
