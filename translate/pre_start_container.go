package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// addPreStart puts the steps of a service before its container: each waits for
// the one before it, and the first for what the service waits for.
func (t *translation) addPreStart(k *task, s container, d *spec.TaskDefinition) {
	i := slices.Index(k.members, s)
	waits := d.ContainerDefinitions[i].DependsOn
	for _, p := range stepsOf(s.ServiceConfig) {
		c := t.stepContainer(k, p)
		c.DependsOn = waits
		waits = []spec.ContainerDependsOn{{ContainerName: c.Name, Condition: "SUCCESS"}}
		d.ContainerDefinitions = append(d.ContainerDefinitions, c)
		if scale := k.main.GetScale(); scale > 1 && !s.PreStart[p.index].PerReplica {
			t.warnf(p.path(), "write per_replica: true if it may run in each task",
				"runs once in each of the %d tasks of %q, not once in total", scale, k.name())
		}
	}
	if len(s.PreStart) > 0 {
		d.ContainerDefinitions[i].DependsOn = append(slices.Clone(d.ContainerDefinitions[i].DependsOn), waits...)
	}
}

// stepContainer is the container definition of a step. It has what its service
// may use.
func (t *translation) stepContainer(k *task, p step) spec.Container {
	out := t.container(k, p.container())
	out.Name = t.stepName(p)
	out.Essential = false
	out.PortMappings = nil // those are of the service
	out.RestartPolicy = nil
	return out
}
