package plan

import "slices"

// planRuns lets services run that end by themselves: when they are new, when what their tasks
// are made of changes, when the run before did not end well, and when one is asked for. What
// an earlier release keeps running waits for its next change, as all that this one decides
// otherwise.
func planRuns(d *draft) {
	for _, r := range d.want.Resources {
		p := d.planned[r.Address]
		d.refuseSteered(p, r)
		if r.Run == nil || p == nil || d.plan.guarded(r.Address) || d.runs(r) { // the last is kept running still
			continue
		}
		if p.Run = d.runReason(p, r); p.Run == "" {
			continue
		}
		if p.Actions = append(p.Actions, RunOnce); len(p.Actions) == 1 {
			p.Cause = Forced
		}
	}
}

// runReason is why a service runs now, "" where it does not.
func (d *draft) runReason(p *ResourcePlan, r *Resource) string {
	if p.Has(Create) {
		return "first run"
	}
	for _, address := range r.Edges() {
		if made := d.planned[address]; made != nil && d.kinds[address.Kind].revises() && made.Has(Revise) {
			return d.changedReason(made)
		}
	}
	applied := ParseApplied(d.live.Find(r.Address).Tags[TagSpec])
	switch {
	case applied.Pending && applied.Force:
		return "the run before did not end well"
	case d.asksFor(r):
		return "asked for"
	}
	return ""
}

// changedReason is the first of the reasons of a kind that a change gives.
func (d *draft) changedReason(p *ResourcePlan) string {
	for _, reason := range d.kinds[p.Address.Kind].RunReasons {
		if slices.ContainsFunc(p.Changes, func(c Change) bool { return Match(reason.Path, c.Path) }) {
			return reason.Text
		}
	}
	return "definition changed"
}

// asksFor says whether the command line asks for new tasks of a service.
func (d *draft) asksFor(r *Resource) bool {
	scope := d.options.Scope
	return d.kinds[r.Address.Kind].starts() &&
		(slices.Contains(scope.Force, r.Address.Name) || r.Run != nil && slices.Contains(scope.Rerun, r.Address.Name))
}
