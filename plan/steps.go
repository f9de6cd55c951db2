package plan

import (
	"maps"
	"slices"
)

// StepID is the id of the step that does verb to the resource at address.
func StepID(address Address, verb Verb) string { return address.String() + "#" + string(verb) }

// steps turns resource plans into steps and orders them: refs are edges, starts
// come in waves after what the resource comes after, and what is deleted goes
// after everything that used it.
func (d *differ) steps() []Step {
	g := graph{differ: d, steps: map[string]*Step{}}
	for _, p := range d.plan.Resources {
		g.add(p)
	}
	for _, step := range g.steps {
		g.connect(step)
	}
	out := make([]Step, 0, len(g.steps))
	for _, id := range slices.Sorted(maps.Keys(g.steps)) {
		step := *g.steps[id]
		slices.Sort(step.After)
		step.After = slices.Compact(step.After)
		out = append(out, step)
	}
	return out
}

type graph struct {
	*differ
	steps   map[string]*Step
	created []string // ids of the steps that make resources which are started later
}

// add makes the steps of one resource plan.
func (g *graph) add(p *ResourcePlan) {
	starts := g.kinds[p.Address.Kind].Starts
	for _, action := range p.Actions {
		switch action {
		case Create:
			g.step(p, CreateVerb)
			if starts {
				g.created = append(g.created, StepID(p.Address, CreateVerb))
				g.step(p, StartVerb).Force = true
			}
		case Revise:
			g.step(p, CreateVerb)
		case Update, Adopt, Resume:
			g.bring(p)
		case Delete:
			g.step(p, DeleteVerb)
		}
	}
}

// bring adds the step that brings a live resource to what is wanted. A service
// whose making was cut short is started as a new one is.
func (g *graph) bring(p *ResourcePlan) {
	verb := UpdateVerb
	applied := ParseApplied(g.live.Find(p.Address).Tags[TagSpec])
	if g.kinds[p.Address.Kind].Starts && applied.Pending && applied.Force {
		verb = StartVerb
	}
	g.step(p, verb).Force = p.Effects.Forces || verb == StartVerb
}

func (g *graph) step(p *ResourcePlan, verb Verb) *Step {
	step := &Step{ID: StepID(p.Address, verb), Address: p.Address, Verb: verb}
	g.steps[step.ID] = step
	return step
}

func (g *graph) connect(s *Step) {
	if s.Verb == DeleteVerb {
		g.connectDelete(s)
		return
	}
	r := g.want.Find(s.Address)
	if s.Verb == CreateVerb && !g.kinds[s.Address.Kind].Beside {
		s.after(g.find(s.Address, DeleteVerb))
	}
	for _, ref := range Refs(r.Spec) {
		s.after(g.find(ref.Address, CreateVerb, UpdateVerb))
	}
	starts := g.kinds[s.Address.Kind].Starts
	if starts && s.Verb == CreateVerb {
		return
	}
	s.after(g.ready(r.After)...)
	if starts {
		s.after(g.created...)
	}
}

// ready are the steps after which the resources at the addresses do their work.
func (g *graph) ready(addresses []Address) []string {
	var out []string
	for _, address := range addresses {
		out = append(out, g.find(address, StartVerb, UpdateVerb, CreateVerb))
	}
	return out
}

// connectDelete lets a resource go when what used it has let go of it: by being
// changed, by going first, or by using what takes its place. What used a user
// counts as well: tasks run with the role of an old revision until their service
// has a new one.
func (g *graph) connectDelete(s *Step) {
	for _, user := range g.liveUsers(s.Address) {
		s.after(g.find(user, DeleteVerb), g.find(user, StartVerb, UpdateVerb, CreateVerb))
	}
	if !g.kinds[s.Address.Kind].Beside {
		return
	}
	s.after(g.find(s.Address, CreateVerb))
	for _, user := range g.origins.users[s.Address] {
		s.after(g.find(user.Address, StartVerb, UpdateVerb))
	}
}

// liveUsers are the live resources that refer to the one at address, and those
// that refer to them.
func (g *graph) liveUsers(address Address) []Address {
	var out []Address
	seen := map[Address]bool{address: true}
	for next := []Address{address}; len(next) > 0; next = next[1:] {
		for user := range g.origins.live[next[0]] {
			if !seen[user] {
				seen[user] = true
				out, next = append(out, user), append(next, user)
			}
		}
	}
	return out
}

// find returns the id of the first of the steps that exists, "" for none.
func (g *graph) find(address Address, verbs ...Verb) string {
	for _, verb := range verbs {
		if id := StepID(address, verb); g.steps[id] != nil {
			return id
		}
	}
	return ""
}

func (s *Step) after(ids ...string) {
	for _, id := range ids {
		if id != "" && id != s.ID {
			s.After = append(s.After, id)
		}
	}
}
