package simulator

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// optionalLooks is after how many looks a container ends without which its task runs on, where
// no line of the script says otherwise.
const optionalLooks = 2

// endOptional ends containers of the running tasks of a service that are not essential, and that
// nothing restarts: programs that do one thing. Their tasks run on.
func (a *Account) endOptional(key string, s *Service) {
	td := a.definition(*s.TaskDefinition)
	if !slices.ContainsFunc(td.ContainerDefinitions, func(c types.ContainerDefinition) bool { return isOptional(td, c) }) {
		return
	}
	for _, id := range a.liveTasks(key, *s.Deployments[0].Id) {
		if *a.Tasks.Get(id).LastStatus == "RUNNING" {
			a.endOptionalOf(a.Tasks.Edit(id), td)
		}
	}
}

// isOptional says whether a container ends by itself while its task runs on.
func isOptional(td *types.TaskDefinition, c types.ContainerDefinition) bool {
	restarted := c.RestartPolicy != nil && val(c.RestartPolicy.Enabled)
	return !isEssential(c) && !restarted && c.HealthCheck == nil && !ends(td, *c.Name)
}

// endOptionalOf is one look at a running task.
func (a *Account) endOptionalOf(t *Task, td *types.TaskDefinition) {
	t.Optional++
	for i, c := range td.ContainerDefinitions {
		if !isOptional(td, c) || i >= len(t.Containers) || *t.Containers[i].LastStatus != "RUNNING" {
			continue
		}
		line, after := a.lineOf(t, c), optionalLooks
		if line != nil && line.Exit != nil {
			after = line.After
		}
		if t.Optional >= after {
			a.fares(t, line)
			t.Containers[i].LastStatus, t.Containers[i].ExitCode = ptr("STOPPED"), a.endOf(t, c)
			t.Version++
		}
	}
}
