package plan

import (
	"maps"
	"slices"
	"strings"
)

// extend adds a step before each update that would remove something that
// running tasks need until they are replaced: the rules of a security group for
// a port that changes, the target group that a listener forwards to, or the
// policy of a role.
func (g *graph) extend() {
	for _, p := range g.plan.Resources {
		switch rules := g.kinds[p.Address.Kind]; {
		case rules.Extends == nil:
		case g.find(p.Address, UpdateVerb) != "":
			if len(g.replacements(p.Address)) > 0 && g.takes(p.Address) && g.fitsBoth(p.Address) {
				g.step(p, ExtendVerb)
			}
		case !p.Has(Delete) && g.find(p.Address, CreateVerb) != "" && rules.Extends(nil, g.want.Find(p.Address).Spec) &&
			g.supersedes(p.Address) && len(g.replacements(p.Address)) > 0:
			delete(g.steps, StepID(p.Address, CreateVerb))
			g.step(p, ExtendVerb)
			g.step(p, UpdateVerb)
		}
	}
}

// fitsBoth says whether a live resource can be what it is and what it is to be at the
// same time, and warns where it cannot.
func (d *draft) fitsBoth(address Address) bool {
	rules, live, want := d.kinds[address.Kind], d.live.Find(address), d.want.Find(address)
	if rules.With == nil || rules.Fits == nil || rules.Fits(rules.With(live.Spec, d.resolve(rules, want.Spec))) {
		return true
	}
	d.plan.Diagnostics.Warnf(want.Source, "", "change it in two steps, each of which has room for what it takes away",
		"%s is too long with what it has now and what it is to have: running tasks lose the former before others replace them", spaced(address))
	return false
}

// supersedes says whether a new resource forwards to a service that has another
// resource of the same kind which is no longer wanted, such as the rule for
// another port.
func (g *graph) supersedes(address Address) bool {
	var led map[Address]bool
	return slices.ContainsFunc(g.live.Resources, func(r *Resource) bool {
		if r.Address.Kind != address.Kind || g.want.Find(r.Address) != nil {
			return false
		}
		if led == nil {
			led = g.led(address)
		}
		return slices.ContainsFunc(g.needs.by[r.Address], func(user Address) bool { return led[user] })
	})
}

// replacements are the steps that replace the tasks behind a resource, or those
// that work with it. A security group may also be that of a load balancer before
// them: these are the steps of all services.
func (g *graph) replacements(address Address) []*Step {
	var out []*Step
	users := g.led(address)
	if g.kinds[address.Kind].Routes == nil {
		users = g.workers(address)
	}
	for _, s := range g.steps {
		if (s.Verb == UpdateVerb || s.Verb == StartVerb || s.Verb == RunVerb) && (len(users) == 0 || users[s.Address]) && g.kinds[s.Address.Kind].starts() {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Step) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// led are the services that a resource forwards to, before or after the change.
func (g *graph) led(address Address) map[Address]bool {
	out := map[Address]bool{}
	if !g.kinds[address.Kind].leads() {
		return out
	}
	for _, user := range g.needs.by[address] {
		out[user] = true
	}
	for _, r := range g.want.Resources {
		if slices.Contains(r.Needs, address) && g.kinds[r.Address.Kind].starts() {
			out[r.Address] = true
		}
	}
	return out
}

// switchOver delays the update of an extended resource, which removes the old
// parts, until the tasks that need them are replaced. If old tasks can be held,
// requests move to the new tasks while the old ones still run.
func (g *graph) switchOver() {
	var groups []*Step
	for _, id := range slices.Sorted(maps.Keys(g.steps)) {
		s := g.steps[id]
		switch {
		case s.Verb != ExtendVerb || g.planned[s.Address].Extends:
		case len(g.led(s.Address)) == 0:
			groups = append(groups, g.steps[g.find(s.Address, UpdateVerb)])
		default:
			g.leadOver(g.steps[g.find(s.Address, UpdateVerb)])
		}
	}
	for _, s := range groups {
		for _, replaced := range g.replacements(s.Address) {
			g.await(s, g.find(replaced.Address, ReleaseVerb), replaced.ID)
		}
	}
}

// outlive delays an update that removes something until those are deleted that worked
// with it: services, whose tasks run until then, and what leads requests to them.
func (g *graph) outlive() {
	for _, p := range g.plan.Resources {
		s := g.steps[StepID(p.Address, UpdateVerb)]
		if s == nil || g.kinds[p.Address.Kind].leads() || !g.takes(p.Address) {
			continue
		}
		workers := g.workers(p.Address)
		for _, id := range slices.Sorted(maps.Keys(g.steps)) {
			gone := g.steps[id]
			if _, worked := workers[gone.Address]; worked && gone.Verb == DeleteVerb {
				g.await(s, id)
			}
		}
	}
}

// leadOver orders the update of a resource that forwards requests to services:
// after the new tasks run, and before the old ones stop.
func (g *graph) leadOver(s *Step) {
	for _, replaced := range g.replacements(s.Address) {
		if !g.await(s, replaced.ID) || !g.holds(replaced) {
			g.warnGap(s.Address, replaced)
			continue
		}
		replaced.Hold = true
		release := g.steps[g.find(replaced.Address, ReleaseVerb)]
		if release == nil {
			release = g.step(g.planned[replaced.Address], ReleaseVerb)
			release.after(replaced.ID)
		}
		release.after(s.ID)
		g.awaitRelease(replaced.Address, release)
	}
}

// warnGap warns that requests fail during a switch if the old tasks cannot be
// held. It leaves out services whose old tasks stop before new ones start,
// because the plan already reports these.
func (g *graph) warnGap(through Address, replaced *Step) {
	if p := g.planned[replaced.Address]; replaced.Verb == UpdateVerb && p.Effects.Restarts > 0 && !p.Effects.Interrupts {
		g.plan.Diagnostics.Warnf(g.want.Find(replaced.Address).Source, "", "set deploy.update_config.order: start-first, so that all new tasks run beside the old ones",
			"%s: requests through %s fail from the moment the old tasks stop until all new ones run", spaced(replaced.Address), spaced(through))
	}
}

// holds says whether a step that replaces tasks can hold the old ones: the update
// of a service that restarts its tasks once.
func (g *graph) holds(s *Step) bool {
	rules, p := g.kinds[s.Address.Kind], g.planned[s.Address]
	restarts := p.Effects.Restarts > 0 || p.Cause == Resumed
	if s.Verb != UpdateVerb || g.find(s.Address, StartVerb) != "" || !rules.starts() || !restarts || p.Effects.Interrupts {
		return false
	}
	live, want := g.live.Find(s.Address), g.want.Find(s.Address)
	return live.Spec != nil && rules.Rollout.Holds(live.Spec, want.Spec)
}

// awaitRelease makes deletions of what a service no longer uses wait for its
// old tasks to stop; resources that forward requests to these tasks are deleted
// before that.
func (g *graph) awaitRelease(service Address, release *Step) {
	update := g.find(service, UpdateVerb)
	for _, id := range slices.Sorted(maps.Keys(g.steps)) {
		s := g.steps[id]
		switch {
		case s.Verb != DeleteVerb || !slices.Contains(s.After, update):
		case g.kinds[s.Address.Kind].leads():
			g.await(release, s.ID)
		default:
			g.await(s, release.ID)
		}
	}
}

// await makes s wait for steps, unless one of these waits for s itself: then
// the order of dependencies is more important.
func (g *graph) await(s *Step, ids ...string) bool {
	for _, id := range ids {
		if id != "" && g.reaches(id, s.ID) {
			return false
		}
	}
	s.after(ids...)
	return true
}
