package plan

import (
	"maps"
	"slices"
)

// StepID is the id of the step that does verb to the resource at address.
func StepID(address Address, verb Verb) string { return address.String() + "#" + string(verb) }

// order turns resource plans into ordered steps. Refs and needs are
// dependencies; a start also waits for the resources in After and for the names
// that its tasks use; a deletion comes after everything that used the resource.
func order(d *draft, waits map[Address][]NewName, follows map[Address][]Address) []Step {
	g := graph{draft: d, waits: waits, follows: follows, steps: map[string]*Step{}}
	for _, p := range d.plan.Resources {
		g.add(p)
	}
	g.extend()
	g.join()
	for _, step := range g.steps {
		g.connect(step)
	}
	g.awaitSpread()
	g.awaitNames()
	g.switchOver()
	g.outlive()
	g.awaitUnfinished()
	g.awaitOthers()
	g.handBack()
	g.stopLate()
	g.deleteLate()
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
	*draft
	waits   map[Address][]NewName // for which the deployment of a resource waits
	follows map[Address][]Address // services that have to stop before one starts
	steps   map[string]*Step
	created []string // ids of the steps before which no task starts
}

// add makes the steps of one resource plan.
func (g *graph) add(p *ResourcePlan) {
	starts := g.kinds[p.Address.Kind].starts()
	for _, action := range p.Actions {
		switch action {
		case Create:
			g.step(p, CreateVerb)
			if starts {
				g.created = append(g.created, StepID(p.Address, CreateVerb))
				g.step(p, g.startOf(p)).Force = true
			}
		case Revise:
			g.step(p, CreateVerb)
		case RunOnce:
			g.step(p, RunVerb).Force = true
		case Update, Adopt, Resume:
			if p.Run != "" {
				continue
			}
			if p.Extends {
				g.step(p, ExtendVerb)
				continue
			}
			g.bring(p)
		case Delete:
			g.step(p, DeleteVerb)
		}
	}
	if len(p.Pauses) > 0 {
		g.step(p, StopVerb)
	}
}

// startOf is the verb that gives tasks to a new service.
func (g *graph) startOf(p *ResourcePlan) Verb {
	if p.Run != "" {
		return RunVerb
	}
	return StartVerb
}

// bring adds the step that updates a live resource to match the wanted one. A
// service that is stopped before, or whose creation was interrupted, is started
// like a new one.
func (g *graph) bring(p *ResourcePlan) {
	verb := UpdateVerb
	applied := ParseApplied(g.live.Find(p.Address).Tags[TagSpec])
	if g.kinds[p.Address.Kind].starts() && (len(p.Pauses) > 0 || applied.Pending && applied.Force) {
		verb = StartVerb
	}
	g.step(p, verb).Force = p.Effects.Forces || verb == StartVerb
}

// allCreated is the id of the step after which everything that is started later exists.
const allCreated = "all-created#" + string(BarrierVerb)

// join puts one step between those that create what is started later and the
// starts, which would be as many pairs as the square of the services.
func (g *graph) join() {
	if len(g.created) < 2 {
		return
	}
	g.steps[allCreated] = &Step{ID: allCreated, Verb: BarrierVerb, After: g.created}
	g.created = []string{allCreated}
}

func (g *graph) step(p *ResourcePlan, verb Verb) *Step {
	step := &Step{ID: StepID(p.Address, verb), Address: p.Address, Verb: verb}
	g.steps[step.ID] = step
	return step
}

func (g *graph) connect(s *Step) {
	switch s.Verb {
	case BarrierVerb, StopVerb:
		return
	case DeleteVerb:
		g.connectDelete(s)
		return
	}
	r := g.want.Find(s.Address)
	if s.Verb == CreateVerb {
		s.after(g.barring(s.Address)...)
	}
	if s.Verb == UpdateVerb {
		s.after(g.find(s.Address, ExtendVerb))
	}
	for _, address := range r.Edges() {
		s.after(g.find(address, CreateVerb, ExtendVerb, UpdateVerb))
	}
	starts := g.kinds[s.Address.Kind].starts()
	if starts && s.Verb == CreateVerb {
		return
	}
	s.after(g.ready(r.After)...)
	if starts {
		s.after(g.created...)
	}
}

// barring are the deletions without which a resource cannot be created.
func (g *graph) barring(address Address) []string {
	var out []string
	if g.planned[address].DeletesFirst() {
		out = append(out, g.find(address, DeleteVerb))
	}
	if g.kinds[address.Kind].Bars == nil {
		return out
	}
	for _, live := range g.live.Resources {
		if live.Address.Kind == address.Kind && g.bars(live) {
			out = append(out, g.find(live.Address, DeleteVerb))
		}
	}
	return out
}

// updates are the steps that end what an extension of what leads to tasks began.
func (g *graph) updates(addresses []Address) []string {
	var out []string
	for _, address := range addresses {
		if g.kinds[address.Kind].leads() && g.find(address, ExtendVerb) != "" {
			out = append(out, g.find(address, UpdateVerb))
		}
	}
	return out
}

// ready are the steps after which the resources at the addresses do their work.
func (g *graph) ready(addresses []Address) []string {
	var out []string
	for _, address := range addresses {
		out = append(out, g.find(address, RunVerb, StartVerb, UpdateVerb, CreateVerb))
	}
	return append(out, g.waitsForRuns(addresses, map[Address]bool{})...)
}

// connectDelete makes a deletion wait until nothing uses the resource any more:
// its users were changed, deleted, or use a replacement. Indirect users count
// as well: tasks run with the role of an old revision until their service has a
// new one.
func (g *graph) connectDelete(s *Step) {
	for _, user := range g.origins.liveUsers(s.Address) {
		s.after(g.find(user, DeleteVerb))
		if p := g.planned[user]; p == nil || !p.DeletesFirst() {
			s.after(g.find(user, RunVerb, StartVerb, UpdateVerb, CreateVerb))
		}
	}
	for _, needer := range g.needs.by[s.Address] {
		g.outlast(s, needer)
	}
	if g.kinds[s.Address.Kind].Retained {
		for _, service := range g.servicesOf(g.live.Find(s.Address)) {
			g.await(s, g.find(service, ReleaseVerb, RunVerb, StartVerb, UpdateVerb))
		}
	}
	if g.planned[s.Address].DeletesFirst() {
		return
	}
	s.after(g.find(s.Address, CreateVerb))
	for _, user := range g.origins.users[s.Address] {
		s.after(g.find(user.Address, RunVerb, StartVerb, UpdateVerb, CreateVerb))
	}
}

// outlast makes a deletion wait until a resource that needs what is deleted is
// gone, or is without it.
func (g *graph) outlast(s *Step, needer Address) {
	s.after(g.find(needer, DeleteVerb))
	if g.goesFirst(s.Address) {
		s.after(g.find(needer, StopVerb))
		return
	}
	s.after(g.find(needer, RunVerb, StartVerb, UpdateVerb))
	if user := g.want.Find(needer); user != nil {
		s.after(g.updates(user.Needs)...)
	}
}

// awaitNames makes deployments that use a new name start only when the name
// exists. If two wait for each other's names, one of them restarts a second
// time.
func (g *graph) awaitNames() {
	for _, client := range slices.SortedFunc(maps.Keys(g.waits), Address.Compare) {
		id := g.find(client, RunVerb, StartVerb, UpdateVerb)
		if id == "" {
			continue
		}
		var late []NewName
		for _, n := range g.waits[client] {
			made := g.find(n.Address, CreateVerb, UpdateVerb, StartVerb)
			switch {
			case made == "":
			case g.reaches(made, id):
				late = append(late, n)
			default:
				g.steps[id].after(made)
			}
		}
		if len(late) > 0 {
			g.restartAgain(id, client, late)
		}
	}
}

// restartAgain adds a step that restarts the resource at client once more,
// after the step id has restarted it and the names exist. A resource that a
// restart would interrupt is left alone.
func (g *graph) restartAgain(id string, client Address, names []NewName) {
	p, r := g.planned[client], g.want.Find(client)
	restarts := g.kinds[client.Kind].effects(r.Spec, r.Spec, nil, true)
	if restarts.Interrupts && !g.mayRefresh(client) {
		p.Names = slices.DeleteFunc(p.Names, func(n NewName) bool { return slices.Contains(names, n) })
		g.noteSpared(r, names)
		return
	}
	for i, n := range p.Names {
		p.Names[i].Again = slices.Contains(names, n)
	}
	verb := StartVerb
	if g.steps[id].Verb == StartVerb {
		verb = UpdateVerb
	}
	step := g.step(p, verb)
	step.Force = true
	step.after(id)
	for _, n := range names {
		step.after(g.find(n.Address, CreateVerb, UpdateVerb, StartVerb))
	}
}

// reaches says whether the step from waits for the step to, or is it.
func (g *graph) reaches(from, to string) bool {
	seen := map[string]bool{from: true}
	for next := []string{from}; len(next) > 0; next = next[1:] {
		if next[0] == to {
			return true
		}
		for _, id := range g.steps[next[0]].After {
			if !seen[id] {
				seen[id] = true
				next = append(next, id)
			}
		}
	}
	return false
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
