package plan

// origins turns the values of a live spec back into the refs that they were
// resolved from. Only then can the live spec be hashed in the same way as the
// desired one.
type origins struct {
	want  hasher
	refs  map[string][]Value           // text of an attribute → the refs to it, nearly always one
	users map[Address][]*Resource      // desired resources by what they refer to or need
	live  map[Address]map[Address]bool // live resources by what they refer to
	uses  map[Address][]Address        // the inverse of live
}

func newOrigins(kinds Kinds, live, want *Stack) origins {
	o := origins{
		want:  hasher{kinds: kinds, stack: want},
		refs:  map[string][]Value{},
		users: map[Address][]*Resource{},
		live:  map[Address]map[Address]bool{},
		uses:  map[Address][]Address{},
	}
	for _, r := range want.Resources {
		for _, address := range r.Edges() {
			if users := o.users[address]; len(users) == 0 || users[len(users)-1] != r {
				o.users[address] = append(users, r)
			}
		}
	}
	for _, r := range live.Resources {
		for _, attr := range kinds[r.Address.Kind].Attrs {
			if text := r.Attrs[attr]; text != "" {
				o.refs[text] = append(o.refs[text], o.symbol(kinds, r, attr))
			}
		}
	}
	for _, r := range live.Resources {
		o.recordLive(r)
	}
	return o
}

func (o origins) symbol(kinds Kinds, r *Resource, attr string) Value {
	ref := Ref{Address: r.Address, Attr: attr}
	meant := Ref{Address: r.Address.Base(), Attr: attr}
	text := meant.String()
	if kinds[r.Address.Kind].revises() {
		hash := r.Hash
		if hash == "" {
			hash = ParseApplied(r.Tags[TagSpec]).Hash
		}
		text += "@" + hash
	}
	return Value{Text: text, Ref: &ref}
}

func (o origins) recordLive(r *Resource) {
	if r.Spec == nil {
		return
	}
	Map(r.Spec, func(v Value) Value {
		for _, found := range o.refs[v.Text] {
			o.recordUse(r.Address, found.Ref.Address)
		}
		return v
	})
}

func (o origins) recordUse(user, used Address) {
	if o.live[used] == nil {
		o.live[used] = map[Address]bool{}
	}
	if !o.live[used][user] {
		o.live[used][user] = true
		o.uses[user] = append(o.uses[user], used)
	}
}

// ofWant shows a desired value as it is hashed.
func (o origins) ofWant(v Value) Value { return o.want.symbol(v) }

// ofLive turns the live values of a resource back into what they were when want
// was hashed. A text may be an attribute of several resources, such as the DNS
// zone of two load balancers: want then tells which one is meant.
func (o origins) ofLive(want *Resource) func(Value) Value {
	meant := map[Address]bool{}
	for _, address := range want.Edges() {
		meant[address] = true
	}
	return func(v Value) Value {
		found := o.refs[v.Text]
		if len(found) == 0 {
			return v
		}
		for _, value := range found {
			if meant[value.Ref.Address] {
				return value
			}
		}
		return found[0]
	}
}

// liveUsers are the live resources that refer to the one at address, and those
// that refer to them.
func (o origins) liveUsers(address Address) []Address {
	var out []Address
	seen := map[Address]bool{address: true}
	for next := []Address{address}; len(next) > 0; next = next[1:] {
		for user := range o.live[next[0]] {
			if !seen[user] {
				seen[user] = true
				out, next = append(out, user), append(next, user)
			}
		}
	}
	return out
}
