package plan

import (
	"fmt"
	"slices"
	"strings"
)

// dataNames are the names of --delete-data and what they mean.
type dataNames struct{ *draft }

func (d *draft) data() *dataNames { return &dataNames{d} }

// named refuses names of data that is not there, while there is other data that the
// names leave: then one of them is mistyped.
func (d *dataNames) named() error {
	var left, matched []string
	for _, live := range d.live.Resources {
		if !d.kinds[live.Address.Kind].Data || d.want.Find(live.Address) != nil {
			continue
		}
		names := d.namesOf(live)
		if matched = append(matched, names...); len(names) == 0 && !d.goesWithHolder(live) {
			left = append(left, live.Address.String())
		}
	}
	for _, name := range d.options.Scope.DeleteData {
		if name != AllData && !slices.Contains(matched, name) && len(left) > 0 {
			return fmt.Errorf("--delete-data %s: there is no such data to delete; there is %s", name, strings.Join(FirstOf(left), ", "))
		}
	}
	return nil
}

// namesOf are the names on the command line that mean a live resource.
func (d *dataNames) namesOf(live *Resource) []string {
	var out []string
	for _, name := range d.options.Scope.DeleteData {
		if name == live.Address.String() || name == live.Address.Name || name == AllData {
			out = append(out, name)
		}
	}
	return out
}

// isNamed says whether the command line names what holds the data of a live resource.
// Of a resource that only leads to data of another one it has to name that one.
func (d *dataNames) isNamed(live *Resource) bool {
	if d.holder(live) != nil {
		return d.goesWithHolder(live)
	}
	return len(d.namesOf(live)) > 0
}

// holder is the live resource that holds the data of another one; nil: that does itself.
func (d *dataNames) holder(live *Resource) *Resource {
	for _, used := range d.origins.uses[live.Address] {
		if kind := d.kinds[live.Address.Kind].DataIn; kind != "" && used.Kind == kind {
			return d.live.Find(used)
		}
	}
	return nil
}

// goesWithHolder says whether what holds the data of a live resource is deleted, and so
// all that leads to it.
func (d *dataNames) goesWithHolder(live *Resource) bool {
	holder := d.holder(live)
	return holder != nil && d.want.Find(holder.Address) == nil && len(d.namesOf(holder)) > 0
}

// guardData refuses to call data deleted that would stay: deleting what leads to it
// deletes no file.
func (d *dataNames) guardData(p *ResourcePlan, live *Resource) {
	holder := d.holder(live)
	if holder == nil || len(d.namesOf(live)) == 0 {
		return
	}
	var others []string
	for _, r := range d.live.Resources {
		if d.holder(r) == holder {
			others = append(others, r.Address.Name)
		}
	}
	help := "--delete-data " + holder.Address.String() + " deletes it with the data of " + strings.Join(FirstOf(others), ", ")
	if d.want.Find(holder.Address) != nil {
		help = "delete the files from a task that mounts it; " + spaced(holder.Address) + " also holds what the compose file asks for"
	}
	d.guard("data-stays", p, fmt.Sprintf("deleting %s deletes none of its data, which stays on %s and comes back with a volume of the same name",
		spaced(live.Address), spaced(holder.Address)), help)
}
