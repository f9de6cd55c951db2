package plan

import (
	"fmt"
	"slices"
)

// Run is what ends by itself in a service: its tasks run once, when a plan says so.
type Run struct {
	// Container is the one whose exit code counts: 0 is a success.
	Container string
	// Tries is how often a container that fails runs before the run has failed, at least 1.
	Tries int
	// LogGroup and LogPrefix are where the output of the container goes, to the stream
	// PREFIX/CONTAINER/TASK; "": nowhere that is known.
	LogGroup, LogPrefix string
}

// RunReason is why a service that ends by itself runs again: a change of a field of what its
// tasks are made of.
type RunReason struct {
	Path string // see Match
	Text string // "image changed"
}

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

// refuseReruns refuses to run services again that do not end by themselves.
func refuseReruns(kinds Kinds, want *Stack, services []string) error {
	for _, name := range services {
		if address, ok := kinds.service(want, name); ok && want.Find(address).Run == nil {
			return fmt.Errorf("service %q is kept running, so that it cannot run again: --force-new-deployment %s restarts its tasks", name, name)
		}
	}
	return nil
}

// asksFor says whether the command line asks for new tasks of a service.
func (d *draft) asksFor(r *Resource) bool {
	scope := d.options.Scope
	return d.kinds[r.Address.Kind].starts() &&
		(slices.Contains(scope.Force, r.Address.Name) || r.Run != nil && slices.Contains(scope.Rerun, r.Address.Name))
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
