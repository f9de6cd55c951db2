package plan

// origins turns the values of live specs back into the refs that they came from,
// so that a live spec can be hashed as the desired one was.
type origins struct {
	want  hasher
	refs  map[string]Value             // text of an attribute → the ref to it
	users map[Address][]*Resource      // desired resources by what they refer to
	live  map[Address]map[Address]bool // live resources by what they refer to
}

func newOrigins(kinds Kinds, live, want *Stack) origins {
	o := origins{
		want:  hasher{kinds: kinds, stack: want},
		refs:  map[string]Value{},
		users: map[Address][]*Resource{},
		live:  map[Address]map[Address]bool{},
	}
	for _, r := range want.Resources {
		for _, ref := range Refs(r.Spec) {
			o.users[ref.Address] = append(o.users[ref.Address], r)
		}
	}
	for _, r := range live.Resources {
		for _, attr := range kinds[r.Address.Kind].Attrs {
			if text := r.Attrs[attr]; text != "" {
				o.refs[text] = o.symbol(kinds, r, attr)
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
	text := ref.String()
	if kinds[r.Address.Kind].Revisions {
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
		if found, ok := o.refs[v.Text]; ok {
			if o.live[found.Ref.Address] == nil {
				o.live[found.Ref.Address] = map[Address]bool{}
			}
			o.live[found.Ref.Address][r.Address] = true
		}
		return v
	})
}

// ofWant shows a desired value as it is hashed.
func (o origins) ofWant(v Value) Value { return o.want.symbol(v) }

// ofLive shows a live value as it was hashed when it was desired.
func (o origins) ofLive(v Value) Value {
	if found, ok := o.refs[v.Text]; ok {
		return Literal(found.Text)
	}
	return v
}
