package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// group is the resources of one compose service; those that serve several have
// no name.
type group struct {
	name      string
	resources []*plan.ResourcePlan
}

// groupByService sorts resources by the compose service that they are for, the
// shared ones last, and within a group what destroys first.
func groupByService(kinds plan.Kinds, resources []*plan.ResourcePlan) []group {
	known := serviceNames(kinds, resources)
	byName := map[string][]*plan.ResourcePlan{}
	for _, r := range resources {
		name := owner(kinds[r.Address.Kind], r.Address.Base().Name, known)
		byName[name] = append(byName[name], r)
	}
	var out []group
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		slices.SortStableFunc(byName[name], func(a, b *plan.ResourcePlan) int { return compareForReader(kinds, a, b) })
		out = append(out, group{name: name, resources: byName[name]})
	}
	if len(out) > 0 && out[0].name == "" {
		out = append(out[1:], out[0])
	}
	return out
}

func serviceNames(kinds plan.Kinds, resources []*plan.ResourcePlan) map[string]bool {
	known := map[string]bool{}
	for _, r := range resources {
		if kinds[r.Address.Kind].Main {
			known[r.Address.Base().Name] = true
		}
	}
	return known
}

// owner is the compose service that a resource is for, "" if there is none or
// several: service/web, role/web.execution, target-group/web.8080 are for web.
// The names of compose services may contain dots, so the longest known name
// counts; for an unknown service, the kind knows how its names are formed.
func owner(rules plan.Rules, name string, known map[string]bool) string {
	if rules.Owner == nil { // of a kind in a plan file that this release does not know
		return ""
	}
	guess := rules.Owner(name)
	if rules.Main || guess == "" {
		return guess
	}
	for part := name; part != ""; part = beforeDot(part) {
		if known[part] {
			return part
		}
	}
	return guess
}

func beforeDot(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}

func compareForReader(kinds plan.Kinds, a, b *plan.ResourcePlan) int {
	return cmp.Or(
		cmp.Compare(harm(a), harm(b)),
		cmp.Compare(prominence(kinds[a.Address.Kind]), prominence(kinds[b.Address.Kind])),
		a.Address.Compare(b.Address),
	)
}

// harm orders resources by harm, what cannot be undone first.
func harm(r *plan.ResourcePlan) int {
	switch {
	case r.Effects.DataLoss, len(r.Effects.Unused) > 0:
		return 0
	case replaced(r):
		return 2
	case r.Has(plan.Delete):
		return 1
	default:
		return 3
	}
}

// prominence puts services before the resources they run from, and these before
// the rest.
func prominence(rules plan.Rules) int {
	switch {
	case rules.Rollout != nil:
		return 0
	case rules.Main:
		return 1
	default:
		return 2
	}
}
