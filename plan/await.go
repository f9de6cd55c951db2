package plan

import (
	"fmt"
	"maps"
	"slices"
)

// awaitUnfinished lets nothing be deleted before the changes are finished that an
// earlier apply began: until then nobody can tell what the tasks use that run.
func (g *graph) awaitUnfinished() {
	for _, service := range g.unfinished() {
		ends := g.find(service, ReleaseVerb, RunVerb, StartVerb, UpdateVerb, DeleteVerb)
		if ends == "" {
			continue
		}
		for _, p := range g.plan.Resources {
			s := g.steps[StepID(p.Address, DeleteVerb)]
			if s != nil && !g.kinds[p.Address.Kind].starts() && !g.kinds[p.Address.Kind].leads() {
				g.await(s, ends)
			}
		}
	}
}

// awaitOthers orders the starts of services after the ends of those that they follow,
// which end as late as possible.
func (g *graph) awaitOthers() {
	for _, address := range slices.SortedFunc(maps.Keys(g.follows), Address.Compare) {
		starts := g.steps[g.find(address, StartVerb, UpdateVerb)]
		for _, other := range g.follows[address] {
			ends := g.steps[g.find(other, DeleteVerb, ReleaseVerb, RunVerb, UpdateVerb, StartVerb)]
			if starts == nil || ends == nil {
				continue
			}
			if !g.await(starts, ends.ID) {
				g.refuseWriter(g.want.Find(address), fmt.Sprintf("%s can only start before %s has stopped, and both write to one volume", spaced(address), spaced(other)),
					"apply in two steps: first without "+address.Name)
				continue
			}
			for _, id := range slices.Clone(starts.After) {
				if id != ends.ID {
					g.await(ends, id)
				}
			}
		}
	}
}

// stopLate stops a service only when all else is ready that its start waits for:
// images are built, and whoever calls it is stopped.
func (g *graph) stopLate() {
	for _, p := range g.plan.Resources {
		stop := g.steps[StepID(p.Address, StopVerb)]
		if stop == nil {
			continue
		}
		for _, id := range g.steps[g.find(p.Address, RunVerb, StartVerb)].After {
			g.await(stop, id)
		}
		for _, before := range g.want.Find(p.Address).After {
			if other := g.steps[StepID(before, StopVerb)]; other != nil {
				g.await(other, stop.ID)
			}
		}
	}
}

// awaitSpread lets tasks wait for what they need and cannot use yet: what this plan
// makes, and what an earlier apply made that no running task has used.
func (g *graph) awaitSpread() {
	for _, r := range g.want.Resources {
		step := g.steps[g.find(r.Address, RunVerb, StartVerb, UpdateVerb)]
		if p := g.planned[r.Address]; step == nil || p.Run == "" && p.Effects.Starts+p.Effects.Restarts == 0 && !p.Has(Resume) {
			continue
		}
		for _, needed := range r.Needs {
			if g.kinds[needed.Kind].Spread == nil {
				continue
			}
			if made := g.find(needed, CreateVerb); made != "" || !g.inUse(needed) {
				wait := g.wait(needed.Kind)
				wait.after(made)
				step.after(wait.ID)
			}
		}
	}
}

// wait is the step that waits for what is new of a kind.
func (g *graph) wait(kind string) *Step {
	id := kind + "#" + string(WaitVerb)
	if g.steps[id] == nil {
		spread := g.kinds[kind].Spread
		g.steps[id] = &Step{ID: id, Verb: WaitVerb, Seconds: int(spread.Time.Seconds()), What: spread.What}
	}
	return g.steps[id]
}

// runningAttr is the attribute of a live resource with the number of its tasks
// that run.
const runningAttr = "running"

// inUse says whether tasks use the live resource at address, which then has had its
// time: those of a service whose last change was finished, and that reach it.
func (d *draft) inUse(address Address) bool {
	reaches := d.kinds[address.Kind].Spread.Reaches
	return slices.ContainsFunc(d.needs.by[address], func(user Address) bool {
		live := d.live.Find(user)
		running := live.Attrs[runningAttr]
		return running != "" && running != "0" && !ParseApplied(live.Tags[TagSpec]).Pending &&
			reaches(d.specOf(live), d.specOf(d.live.Find(address)))
	})
}

// waitsForRuns are the runs that come before something that starts after the resources at
// some addresses: also those which these wait for and that are left as they are themselves.
func (g *graph) waitsForRuns(addresses []Address, seen map[Address]bool) []string {
	var out []string
	for _, address := range addresses {
		if seen[address] {
			continue
		}
		seen[address] = true
		if r := g.want.Find(address); g.find(address, RunVerb) != "" {
			out = append(out, g.find(address, RunVerb))
		} else if r != nil {
			out = append(out, g.waitsForRuns(r.After, seen)...)
		}
	}
	return out
}
