package plan

import "slices"

// mounted is a mount and what it is called in both stacks: the address of an access
// point, or the id of what is not in the stack; "" on the disk of the task.
type mounted struct {
	Mount
	directory string
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
			out = append(out, mounted{m, d.directory(m)})
		}
	}
	return out
}

// definitions are the resources with mounts that a service refers to.
func (d *draft) definitions(stack *Stack, service *Resource) []*Resource {
	addresses := d.origins.uses[service.Address]
	if stack == d.want {
		addresses = service.edges()
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

func (d *draft) directory(m Mount) string {
	name := m.Directory.Text
	if m.Directory.Ref != nil {
		name = m.Directory.Ref.Address.String()
	} else if found := d.origins.refs[name]; len(found) > 0 {
		name = found[0].Ref.Address.String()
	}
	return name + m.Below
}

// runs says whether a service is to have tasks.
func (d *draft) runs(r *Resource) bool {
	if r.Spec == nil {
		r = d.want.Find(r.Address)
	}
	return d.kinds[r.Address.Kind].effects(r.Spec, nil, nil, false).Stops > 0
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
