package translate

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// conditions are ECS's words for those of depends_on.
var conditions = map[string]string{
	types.ServiceConditionStarted:               "START",
	types.ServiceConditionHealthy:               "HEALTHY",
	types.ServiceConditionCompletedSuccessfully: "SUCCESS",
}

// containerDependsOn is the start order within a task: what the files say, and
// sidecars after their service unless that waits for them. It is said where one
// waits for the health of a service that is not checked.
func containerDependsOn(b *base, k *task, s container, checked func(container) bool) []spec.ContainerDependsOn {
	var out []spec.ContainerDependsOn
	for _, name := range sortedKeys(s.DependsOn) {
		other, ok := k.member(name)
		if !ok || other == s {
			continue
		}
		condition := s.DependsOn[name].Condition
		if condition == types.ServiceConditionHealthy && !checked(other) {
			b.errorf(s.at("depends_on", name), "give it a healthcheck, or wait for service_started",
				"%q has no health check to wait for", name)
		}
		out = append(out, spec.ContainerDependsOn{ContainerName: ecsName(name), Condition: conditions[condition]})
	}
	if _, said := s.DependsOn[k.name()]; s != k.main && !said && !k.reaches(k.main, s.Name) {
		out = append(out, spec.ContainerDependsOn{ContainerName: ecsName(k.name()), Condition: "START"})
	}
	return out
}

// reaches says whether a member of the task waits for another one, directly or
// through others.
func (k *task) reaches(s container, name string) bool {
	seen := []string{s.Name}
	for i := 0; i < len(seen); i++ {
		member, ok := k.member(seen[i])
		if !ok {
			continue
		}
		if _, ok := member.DependsOn[name]; ok {
			return true
		}
		for next := range member.DependsOn {
			if !slices.Contains(seen, next) {
				seen = append(seen, next)
			}
		}
	}
	return false
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
