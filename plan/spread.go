package plan

import "slices"

// awaitSpread lets tasks wait for what they need and cannot use yet: what this plan
// makes, and what an earlier apply made that no running task has used.
func (g *graph) awaitSpread() {
	for _, r := range g.want.Resources {
		step := g.steps[g.find(r.Address, StartVerb, UpdateVerb)]
		if p := g.planned[r.Address]; step == nil || p.Effects.Starts+p.Effects.Restarts == 0 && !p.Has(Resume) {
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

// inUse says whether a task runs that needs the live resource at address.
func (d *differ) inUse(address Address) bool {
	return slices.ContainsFunc(d.needs.by[address], func(user Address) bool {
		running := d.live.Find(user).Attrs[runningAttr]
		return running != "" && running != "0"
	})
}
