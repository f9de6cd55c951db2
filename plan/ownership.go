package plan

import (
	"fmt"
	"strings"
)

// mayTouch refuses to change resources of others. A revision is never changed,
// only followed by another one, so it does not matter who created it.
func (d *draft) mayTouch(p *ResourcePlan, live *Resource) bool {
	owner, name := live.Owner(d.want.Target.Project)
	if d.kinds[p.Address.Kind].revises() {
		return true
	}
	switch owner {
	case Foreign:
		d.guard("foreign", p, fmt.Sprintf("%s exists and is %s", called(live), name),
			"choose another project name with -p, or delete it in the project that it belongs to")
		return false
	case Untagged:
		return d.mayAdopt(p, live)
	default:
		return true
	}
}

func (d *draft) mayAdopt(p *ResourcePlan, live *Resource) bool {
	for _, asked := range d.options.Scope.Adopt {
		address, arn, named := strings.Cut(asked, "=")
		if address != p.Address.String() {
			continue
		}
		if named && arn != p.Name {
			d.guard("mismatch", p, fmt.Sprintf("--adopt names %s, but %s is %s", arn, address, p.Name), "")
			return false
		}
		p.Actions = append(p.Actions, Adopt)
		return true
	}
	d.guard("untagged", p, fmt.Sprintf("%s already exists and is not tagged as part of this project", called(live)),
		"take it over with --adopt "+p.Address.String()+", or choose another project name with -p")
	return false
}
