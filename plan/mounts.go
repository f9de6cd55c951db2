package plan

import (
	"path"
	"slices"
)

// mounted is a mount, and where it leads.
type mounted struct {
	Mount
	directory string  // where its data is, the same in both stacks; "": on the disk of the task
	name      string  // of the volume, in a sentence
	via       Address // the resource that leads there; zero: none of this project
}

// mounts are those of the tasks of a service: through the resources that it refers to.
func (d *draft) mounts(stack *Stack, service Address) []mounted {
	r := stack.Find(service)
	if r == nil {
		return nil
	}
	if r.Spec == nil { // it is what is wanted
		return d.mounts(d.want, service)
	}
	var out []mounted
	for _, definition := range d.definitions(stack, r) {
		for _, m := range d.kinds[definition.Address.Kind].Mounts(definition.Spec) {
			out = append(out, d.mounted(stack, m))
		}
	}
	return out
}

// definitions are the resources with mounts that a service refers to.
func (d *draft) definitions(stack *Stack, service *Resource) []*Resource {
	addresses := d.origins.uses[service.Address]
	if stack == d.want {
		addresses = service.Edges()
	}
	var out []*Resource
	for _, a := range addresses {
		definition := stack.Find(a)
		if definition != nil && definition.Spec == nil {
			definition = d.want.Find(a)
		}
		if definition != nil && d.kinds[a.Kind].Mounts != nil && !slices.Contains(out, definition) {
			out = append(out, definition)
		}
	}
	return out
}

// mounted finds out where a mount leads: two that lead to the same directory of a file
// system have the same data, whatever the volumes are called.
func (d *draft) mounted(stack *Stack, m Mount) mounted {
	if m.Directory.IsZero() {
		return mounted{Mount: m}
	}
	via, found := d.addressed(m.Directory)
	out := mounted{Mount: m, name: m.Directory.Text + m.Below}
	if !found {
		out.directory = path.Join(m.Directory.Text+":/", m.Below)
		return out
	}
	out.via, out.name = via, via.Name+m.Below
	out.directory = d.place(stack, via, m.Below)
	return out
}

// addressed is the resource that a value means.
func (d *draft) addressed(v Value) (Address, bool) {
	if v.Ref != nil {
		return v.Ref.Address, true
	}
	if found := d.origins.refs[v.Text]; len(found) > 0 {
		return found[0].Ref.Address, true
	}
	return Address{}, false
}

// place is the directory to which a resource leads, below which a mount is. What is made
// anew by this plan has other places than what it replaces.
func (d *draft) place(stack *Stack, via Address, below string) string {
	in, directory, holder := Value{Text: via.String()}, "", via
	r := stack.Find(via)
	if r == nil || r.Spec == nil {
		r = d.want.Find(via)
	}
	if rules := d.kinds[via.Kind]; r != nil && rules.Leads != nil {
		in, directory = rules.Leads(r.Spec)
		address, found := d.addressed(in)
		if holder = address; found {
			in.Text = address.String()
		}
	}
	if stack == d.want && d.live.Find(holder) != nil && d.renews(holder) {
		in.Text += LeftBehind
	}
	return path.Join(in.Text+":/", directory, below)
}

// runs says whether a service is to have tasks.
func (d *draft) runs(r *Resource) bool {
	return d.kinds[r.Address.Kind].effects(d.specOf(r), nil, nil, false).Stops > 0
}

// services are those of a stack that have tasks, sorted.
func (d *draft) services(stack *Stack) []*Resource {
	var out []*Resource
	for _, r := range stack.Resources {
		if d.kinds[r.Address.Kind].starts() && d.runs(r) {
			out = append(out, r)
		}
	}
	return out
}
