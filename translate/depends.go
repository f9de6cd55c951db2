package translate

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

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
