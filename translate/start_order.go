package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// after are the services which the members of a task depend on.
func after(b *base, k *task) []plan.Address {
	var out []plan.Address
	for _, name := range waitsFor(b, k) {
		out = append(out, serviceAddress(name))
	}
	return out
}

// waitsFor names the other tasks which a task starts after, sorted.
func waitsFor(b *base, k *task) []string {
	var out []string
	for _, m := range k.members {
		for dependency := range m.DependsOn {
			if holder := b.taskOf[dependency]; holder != nil && holder != k {
				out = append(out, holder.name())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// refuseCircles looks for tasks that wait for each other in a circle. Load
// refuses circles of services, but services that share a task can create new
// ones.
func refuseCircles(b *base) {
	done := map[string]bool{}
	var walk func(name string, way []string)
	walk = func(name string, way []string) {
		if i := slices.Index(way, name); i >= 0 {
			refuseCircle(b, append(slices.Clone(way[i:]), name))
			return
		}
		if done[name] {
			return
		}
		for _, next := range waitsFor(b, b.taskOf[name]) {
			walk(next, append(way[:len(way):len(way)], name))
		}
		done[name] = true
	}
	for _, task := range b.tasks {
		walk(task.name(), nil)
	}
}

// refuseCircle takes the names on the way, the first one again at its end.
func refuseCircle(b *base, way []string) {
	var waits, path diag.Path
	shared := false
	for i, name := range way[:len(way)-1] {
		waits = append(waits, name+" for "+way[i+1])
		shared = shared || len(b.taskOf[name].members) > 1
		if found := dependency(b, b.taskOf[name], b.taskOf[way[i+1]]); path == nil || found[1] != name {
			path = found // a sidecar's: it closes the circle
		}
	}
	if !shared {
		return
	}
	b.errorf(path, "give the sidecar a task of its own, or remove one of the dependencies",
		"these tasks wait for each other: %s", strings.Join(waits, ", "))
}

// dependency is the path where a member of a task depends on one of another.
func dependency(b *base, k, on *task) []string {
	for _, m := range k.members {
		for _, name := range sortedKeys(m.DependsOn) {
			if b.taskOf[name] == on {
				return at(m.Name, "depends_on", name)
			}
		}
	}
	return at(k.name())
}
