package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// keepValues refuses to take away a value that is live because a variable is not set: on
// another machine, in a pipeline, it mostly is.
func keepValues(d *draft) {
	for _, r := range d.want.Resources {
		p := d.planned[r.Address]
		if p == nil || len(r.Blanks) == 0 {
			continue
		}
		var lost, missing []string
		for _, b := range r.Blanks {
			if d.loses(p, b) {
				lost, missing = append(lost, last(b.Field)), append(missing, b.Missing...)
			}
		}
		if len(lost) == 0 {
			continue
		}
		slices.Sort(missing)
		missing = slices.Compact(missing)
		d.guard("blank", p, fmt.Sprintf("%s has a value for %s, which would be lost: %s not set here",
			r.Address.Name, strings.Join(FirstOf(lost), ", "), isOrAre(missing)),
			fmt.Sprintf("set %s in the environment or in .env, or write ${%s:-} in the compose file if it is to be blank", strings.Join(FirstOf(missing), ", "), missing[0]))
	}
}

// loses says whether a plan takes away the value of a field.
func (d *draft) loses(p *ResourcePlan, b Blank) bool {
	if b.Lost == nil {
		return p.takes(b.Field)
	}
	live := d.live.Find(p.Address)
	return live != nil && live.Spec != nil && b.Lost(live.Spec) && slices.ContainsFunc(p.Changes, func(c Change) bool {
		n := min(len(c.Path), len(b.Field))
		return slices.Equal(c.Path[:n], b.Field[:n])
	})
}

// takes says whether a plan changes or removes a field that is live.
func (p *ResourcePlan) takes(field diag.Path) bool {
	return slices.ContainsFunc(p.Changes, func(c Change) bool {
		n := min(len(c.Path), len(field))
		return c.Op != OpCreate && slices.Equal(c.Path[:n], field[:n]) && holds(c.From, field[n:])
	})
}

// holds says whether there is something at a path of a canonical tree.
func holds(node any, path diag.Path) bool {
	for _, name := range path {
		object, ok := node.(tree)
		if !ok {
			return false
		}
		if node, ok = object[name]; !ok {
			return false
		}
	}
	return true
}

func last(path diag.Path) string { return path[len(path)-1] }

func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(FirstOf(names), ", ") + " are"
}
