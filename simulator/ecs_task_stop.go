package simulator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// stopContainers ends the containers of a task that did not end before.
func (a *Account) stopContainers(t *Task, how stop) {
	td := a.definition(*t.TaskDefinitionArn)
	for i := range t.Containers {
		c := &t.Containers[i]
		if *c.LastStatus == "STOPPED" {
			continue
		}
		c.LastStatus, c.ExitCode = ptr("STOPPED"), a.exitCode(t, td, i, how)
		if how.detail != "" && (how.container == "" || how.container == *c.Name) {
			c.Reason = &how.detail
		}
	}
}

// exitCode is that of one container of a task that ends. Where another one is the
// reason, those that waited for it never ran, those for whose end it waited are done,
// and the rest are told to stop.
func (a *Account) exitCode(t *Task, td *types.TaskDefinition, i int, how stop) *int32 {
	switch name := *t.Containers[i].Name; {
	case how.container == "" || how.container == name:
		return how.exit
	case neededBy(td, how.container, name):
		return nil
	case ends(td, name) && neededBy(td, name, how.container):
		return a.endOf(t, td.ContainerDefinitions[i])
	}
	return ptr(int32(terminated))
}

// neededBy tells whether a container does not start before the first one is healthy or
// has ended, itself or through others.
func neededBy(td *types.TaskDefinition, first, container string) bool {
	for _, c := range td.ContainerDefinitions {
		if *c.Name != container {
			continue
		}
		for _, d := range c.DependsOn {
			direct := *d.ContainerName == first && d.Condition != types.ContainerConditionStart
			if direct || neededBy(td, first, *d.ContainerName) {
				return true
			}
		}
	}
	return false
}
