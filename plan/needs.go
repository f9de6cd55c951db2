package plan

import "slices"

// needs are the edges between live resources that no spec holds: Resource.Needs is
// known of desired ones only. They are found by the same rules for every kind, so
// that whatever must come first when a stack is made goes last when it goes.
type needs struct {
	by map[Address][]Address // who needs a resource, sorted
}

func newNeeds(kinds Kinds, live *Stack, o origins) needs {
	n := needs{by: map[Address][]Address{}}
	users := map[Ref][]Address{} // of a resource, those of a kind
	for _, r := range live.Resources {
		for kind, via := range kinds[r.Address.Kind].Needs {
			for _, used := range o.reached(r.Address, via) {
				key := Ref{Address: used, Attr: kind}
				if _, ok := users[key]; !ok {
					users[key] = ofKind(o.liveUsers(used), kind)
				}
				for _, needed := range users[key] {
					n.by[needed] = append(n.by[needed], r.Address)
				}
			}
		}
	}
	for needed := range n.by {
		slices.SortFunc(n.by[needed], Address.Compare)
		n.by[needed] = slices.Compact(n.by[needed])
	}
	return n
}

// reached are the live resources of a kind that the one at address refers to,
// itself or through others.
func (o origins) reached(address Address, kind string) []Address {
	var all []Address
	seen := map[Address]bool{address: true}
	for next := []Address{address}; len(next) > 0; next = next[1:] {
		for _, used := range o.uses[next[0]] {
			if !seen[used] {
				seen[used] = true
				all, next = append(all, used), append(next, used)
			}
		}
	}
	return ofKind(all, kind)
}

func ofKind(addresses []Address, kind string) []Address {
	out := []Address{}
	for _, a := range addresses {
		if a.Kind == kind {
			out = append(out, a)
		}
	}
	return out
}

// workers are the services whose tasks work with a resource, before or after the
// change: they refer to it or need it, through whatever else. Of one whose last
// change was not finished, older tasks may run than those that it refers to.
func (g *graph) workers(address Address) map[Address]bool {
	out := map[Address]bool{}
	add := func(users []Address) {
		for _, user := range users {
			out[user] = out[user] || g.kinds[user.Kind].starts()
		}
	}
	users := append(g.origins.liveUsers(address), address)
	for _, user := range users {
		add(g.needs.by[user])
	}
	add(users)
	add(g.wantedUsers(address))
	add(g.unfinished())
	return out
}

// wantedUsers are the desired resources that refer to the one at address or need
// it, and those that refer to them.
func (d *differ) wantedUsers(address Address) []Address {
	var out []Address
	seen := map[Address]bool{address: true}
	for next := []Address{address}; len(next) > 0; next = next[1:] {
		for _, user := range d.origins.users[next[0]] {
			if !seen[user.Address] {
				seen[user.Address] = true
				out, next = append(out, user.Address), append(next, user.Address)
			}
		}
	}
	return out
}

// unfinished are the live services of which an earlier apply did not see the end
// of a change.
func (d *differ) unfinished() []Address {
	var out []Address
	for _, r := range d.live.Resources {
		if d.kinds[r.Address.Kind].starts() && ParseApplied(r.Tags[TagSpec]).Pending {
			out = append(out, r.Address)
		}
	}
	return out
}

// awaitUnfinished lets nothing be deleted before the changes are finished that an
// earlier apply began: until then nobody can tell what the tasks use that run.
func (g *graph) awaitUnfinished() {
	for _, service := range g.unfinished() {
		ends := g.find(service, ReleaseVerb, StartVerb, UpdateVerb, DeleteVerb)
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
