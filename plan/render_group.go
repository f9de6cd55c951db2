package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

const (
	serviceKind        = "service"
	taskDefinitionKind = "task-definition"
)

// sharedKinds are named after the project, a volume, a load balancer or a domain,
// never after a service, whatever their names are.
var sharedKinds = map[string]bool{
	"cluster": true, "log-group": true, "namespace": true, "load-balancer": true,
	"listener": true, "certificate": true, "record": true, "file-system": true, "access-point": true, "secret": true, "parameter": true,
}

// group is the resources of one compose service; those that serve several have
// no name.
type group struct {
	name      string
	resources []*ResourcePlan
}

// groups sorts resources by the compose service that they are for, the shared
// ones last, and within a group what destroys first.
func groups(resources []*ResourcePlan) []group {
	known := serviceNames(resources)
	byName := map[string][]*ResourcePlan{}
	for _, r := range resources {
		name := owner(r.Address, known)
		byName[name] = append(byName[name], r)
	}
	var out []group
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		slices.SortStableFunc(byName[name], compareForReader)
		out = append(out, group{name: name, resources: byName[name]})
	}
	if len(out) > 0 && out[0].name == "" {
		out = append(out[1:], out[0])
	}
	return out
}

func serviceNames(resources []*ResourcePlan) map[string]bool {
	known := map[string]bool{}
	for _, r := range resources {
		if r.Address.Kind == serviceKind || r.Address.Kind == taskDefinitionKind {
			known[r.Address.Name] = true
		}
	}
	return known
}

// owner is the compose service that a resource is for, "" where there is none or
// many: service/web, role/web.execution, target-group/web.8080 are for web. The
// names of compose services may have dots themselves, so that the longest known
// name counts.
func owner(a Address, known map[string]bool) string {
	switch {
	case a.Kind == serviceKind || a.Kind == taskDefinitionKind:
		return a.Name
	case sharedKinds[a.Kind] || a.Kind == "security-group" && sharedGroup(a.Name):
		return ""
	}
	for name := a.Name; name != ""; name = beforeDot(name) {
		if known[name] {
			return name
		}
	}
	switch a.Kind {
	case "role", "target-group":
		return beforeDot(a.Name)
	case "listener-rule":
		return beforePort(a.Name)
	case "security-group", "image", "discovery-service":
		return a.Name
	default:
		return ""
	}
}

// sharedGroup says whether a security group is that of a network or of a load
// balancer.
func sharedGroup(name string) bool {
	return strings.HasPrefix(name, "net.") || strings.HasPrefix(name, "load-balancer.")
}

// beforePort is SERVICE of SERVICE.PORT and of SERVICE.PORT.N.
func beforePort(name string) string {
	service := beforeDot(name)
	if last := service[strings.LastIndexByte(service, '.')+1:]; last != service && strings.Trim(last, "0123456789") == "" {
		return beforeDot(service)
	}
	return service
}

func beforeDot(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}

func compareForReader(a, b *ResourcePlan) int {
	return cmp.Or(
		cmp.Compare(harm(a), harm(b)),
		cmp.Compare(prominence(a.Address), prominence(b.Address)),
		a.Address.Compare(b.Address),
	)
}

// harm ranks what cannot be taken back first.
func harm(r *ResourcePlan) int {
	switch {
	case r.Effects.DataLoss:
		return 0
	case r.replaced():
		return 2
	case r.Has(Delete):
		return 1
	default:
		return 3
	}
}

// prominence puts what runs before what it runs from.
func prominence(a Address) int {
	switch a.Kind {
	case serviceKind:
		return 0
	case taskDefinitionKind:
		return 1
	default:
		return 2
	}
}
