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
