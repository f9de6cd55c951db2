package simulator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// optionalLooks is after how many looks a container ends without which its task runs on, where
// no line of the script says otherwise.
const optionalLooks = 2

// endOptional ends containers of the running tasks of a service that are not essential, and that
// nothing restarts: programs that do one thing. Their tasks run on.
func (a *Account) endOptional(key string, s *Service) {
	td := a.definition(*s.TaskDefinition)
	for i, c := range td.ContainerDefinitions {
		if !a.isOptional(td, c) {
			continue
		}
		for _, id := range a.liveTasks(key, *s.Deployments[0].Id) {
			a.endOptionalOf(id, i, c)
		}
	}
}

// isOptional says whether a container ends by itself while its task runs on.
func (a *Account) isOptional(td *types.TaskDefinition, c types.ContainerDefinition) bool {
	restarted := c.RestartPolicy != nil && val(c.RestartPolicy.Enabled)
	return !isEssential(c) && !restarted && c.HealthCheck == nil && !ends(td, *c.Name)
}

func (a *Account) endOptionalOf(task string, i int, c types.ContainerDefinition) {
	t := a.Tasks.Get(task)
	if *t.LastStatus != "RUNNING" || i >= len(t.Containers) || *t.Containers[i].LastStatus != "RUNNING" {
		return
	}
	line := a.lineOf(t, c)
	after := optionalLooks
	if line != nil && line.Exit != nil {
		after = line.After
	}
	t = a.Tasks.Edit(task)
	if t.Optional++; t.Optional < after {
		return
	}
	a.fares(t, line)
	t.Containers[i].LastStatus, t.Containers[i].ExitCode = ptr("STOPPED"), a.endOf(t, c)
	t.Version++
}
