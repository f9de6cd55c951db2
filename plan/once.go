package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// lasting leaves out the changes of Rules.Once: AWS would not see them. Where the
// resource is replaced because of another field, all of them count.
func (d *differ) lasting(live, want *Resource, changes []Change) []Change {
	rules := d.kinds[want.Address.Kind]
	replaced := slices.ContainsFunc(changes, func(c Change) bool { return matchAny(rules.Immutable, c.Path) })
	var out, once []Change
	for _, c := range changes {
		if matchAny(rules.Once, c.Path) && !replaced {
			once = append(once, c)
			continue
		}
		out = append(out, c)
	}
	if len(once) > 0 && !isFormer(live) { // of which nobody can tell who decided it
		d.sayOnce(want, once)
	}
	return out
}

func (d *differ) sayOnce(want *Resource, once []Change) {
	var fields []string
	for _, c := range once {
		fields = append(fields, fmt.Sprintf("%s %v, not %v", diag.Path(c.Path), c.From, c.To))
	}
	d.plan.Diagnostics.Warnf(want.Source, "", d.kinds[want.Address.Kind].OnceHelp,
		"%s exists, and keeps what it was made with: %s", spaced(want.Address), strings.Join(FirstOf(fields), "; "))
}
