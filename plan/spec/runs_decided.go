package spec

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// KeeperSuffixes end the names of the containers that keep the task of a run: the first, or
// the other where a service has that name.
var KeeperSuffixes = []string{"-keeper", "_keeper"}

// The releases before the fourth kept services running that end by themselves. Such a service
// goes on so until something else of it changes.
var (
	runsOfService        = decidedRuns(becomesRunService, "desiredCount", "deploymentConfiguration", "availabilityZoneRebalancing", "healthCheckGracePeriodSeconds", "loadBalancers", "serviceConnectConfiguration", "serviceRegistries")
	runsOfTaskDefinition = append(
		decidedRuns(becomesRunTask, "containerDefinitions.*.essential", "containerDefinitions.*.restartPolicy", "containerDefinitions.*.portMappings", "containerDefinitions.*.healthCheck"),
		plan.Decision{Release: 4, Path: "containerDefinitions.*", Only: isNewKeeper})
)

func decidedRuns(only func(live, want *plan.Resource) bool, paths ...string) []plan.Decision {
	var out []plan.Decision
	for _, path := range paths {
		out = append(out, plan.Decision{Release: 4, Path: path, Only: func(_ plan.Target, live, want *plan.Resource, _ plan.Change) bool {
			return only(live, want)
		}})
	}
	return out
}

// becomesRunService says whether a service is kept running and shall have no tasks but in runs.
func becomesRunService(live, want *plan.Resource) bool {
	return want.Run != nil && live.Spec.(*Service).DesiredCount > 0
}

func becomesRunTask(live, want *plan.Resource) bool { return !hasKeeper(live) && hasKeeper(want) }

func hasKeeper(r *plan.Resource) bool {
	return slices.ContainsFunc(r.Spec.(*TaskDefinition).ContainerDefinitions, isKeeper)
}

func isKeeper(c Container) bool {
	return c.Essential && slices.ContainsFunc(KeeperSuffixes, func(suffix string) bool { return strings.HasSuffix(c.Name, suffix) })
}

func isNewKeeper(_ plan.Target, live, want *plan.Resource, c plan.Change) bool {
	container := containerNamed(want, c.Path[1])
	return len(c.Path) == 2 && c.From == nil && becomesRunTask(live, want) && container != nil && isKeeper(*container)
}
