package translate

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// taskDefinition is that of a service and its sidecars.
func (t *translation) taskDefinition(k *task, size size) *spec.TaskDefinition {
	t.sayTaskBinds(k)
	out := &spec.TaskDefinition{
		Family:                  familyName(t.Name, k.name()),
		ExecutionRoleArn:        t.executionRoleRef(k),
		NetworkMode:             "awsvpc",
		RequiresCompatibilities: []string{"FARGATE"},
		Cpu:                     strconv.Itoa(size.cpu),
		Memory:                  strconv.Itoa(size.memory),
		RuntimePlatform:         spec.RuntimePlatform{OperatingSystemFamily: "LINUX", CpuArchitecture: t.architecture(k)},
		Volumes:                 t.volumes(k),
		PidMode:                 pidMode(t.base, k),
		EphemeralStorage:        t.ephemeralStorage(k),
		Tags:                    t.tags(),
	}
	if needsRole(t.base, k) {
		out.TaskRoleArn = roleRef(t.base, taskRoleAddress(k.name()), k.name()+"-task")
	}
	for _, m := range k.members {
		out.ContainerDefinitions = append(out.ContainerDefinitions, t.container(k, m))
	}
	for _, m := range k.members {
		t.addSeed(k, m, t.seedNested(m), out)
		t.addPreStart(k, m, out)
	}
	t.addKeeper(k, out)
	if !slices.ContainsFunc(out.ContainerDefinitions, func(c spec.Container) bool { return c.Essential }) {
		t.errorf(at(k.name()), "do not let its sidecars wait for it to finish", "no essential container is left: the task would stop at once")
	}
	t.addHelper(k, out)
	addLogRouter(t.base, k, out)
	out = t.patchedTask(k, out)
	t.names.refuseLostPorts(k, out)
	refuseLarge(t.base, k, out)
	r := t.add(taskDefinitionAddress(k.name()), t.At(at(k.name())...), out)
	r.Origins, r.Locks, r.Blanks = t.definitionOrigins(k), t.locks(k), t.blanks(k)
	return out
}

// refuseManyContainers counts those of a task before they are made.
func (t *translation) refuseManyContainers(k *task) {
	containers := len(k.members)
	if t.isRun(k) {
		containers++ // its keeper
	}
	for _, m := range k.members {
		containers += len(m.PreStart) + min(len(t.seededMounts(m)), 1)
	}
	if containers > maxContainers {
		t.errorf(at(k.name()), "give some of them a task of their own",
			"%d containers in one task: ECS allows at most %d", containers, maxContainers)
	}
}

// writesToVolumes says whether a task writes to a volume that outlives it.
func (t *translation) writesToVolumes(k *task) bool {
	return slices.ContainsFunc(t.lastingMounts(k), func(m *mount) bool { return !m.readOnly })
}

// locks are the paths at which the programs of a task lock the directory that they write
// to.
func (t *translation) locks(k *task) []string {
	var out []string
	for _, m := range t.lastingMounts(k) {
		if !m.readOnly && m.service.step == nil && t.isDatabaseMount(m.service, path.Clean(m.target)) {
			out = append(out, m.target)
		}
	}
	return out
}

// refuseLarge refuses a definition that ECS would, and names its biggest parts.
func refuseLarge(b *base, k *task, d *spec.TaskDefinition) {
	total := jsonSize(d)
	if total <= maxDefinition {
		return
	}
	b.errorf(at(k.name()), "", "a task definition of %d bytes: ECS allows at most %d; the biggest parts are %s",
		total, maxDefinition, strings.Join(biggest(k, d, total), ", "))
}

// biggest names the attributes behind the largest parts of a definition.
func biggest(k *task, d *spec.TaskDefinition, total int) []string {
	type part struct {
		path diag.Path
		size int
	}
	var parts []part
	for _, s := range k.members {
		i := slices.IndexFunc(d.ContainerDefinitions, func(c spec.Container) bool { return c.Name == ecsName(s.Name) })
		if i < 0 { // patched away
			continue
		}
		c := d.ContainerDefinitions[i]
		ports := "expose"
		if len(s.Ports) > len(s.Expose) {
			ports = "ports"
		}
		for attribute, value := range map[string]any{
			"environment": c.Environment, "command": c.Command, "entrypoint": c.EntryPoint,
			"labels": c.DockerLabels, ports: c.PortMappings, "healthcheck": c.HealthCheck,
		} {
			parts = append(parts, part{at(s.Name, attribute), jsonSize(value)})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.size, a.size), slices.Compare(a.path, b.path)) })
	var out []string
	for i, p := range parts {
		if i == 0 || i < 3 && p.size > total/10 {
			out = append(out, fmt.Sprintf("%s with %d", compose.Dotted(p.path), p.size))
		}
	}
	return out
}

func jsonSize(value any) int { return len(mustJSON(value)) }

// definitionOrigins are those of the task definition of a task.
func (t *translation) definitionOrigins(k *task) []plan.Origin {
	containers := func(name string, from []string, fields plan.FieldOrigins) plan.Origin {
		return plan.Origin{Field: diag.Path{"containerDefinitions", name}, From: from, Fields: fields}
	}
	out := t.patchOrigins(taskDefinitionAddress(k.name()))
	for _, m := range k.members {
		out = append(out, containers(ecsName(m.Name), at(m.Name), containerOrigins))
		for _, step := range stepsOf(m.ServiceConfig) {
			out = append(out, containers(t.stepName(step), step.path(), nil))
		}
	}
	return append(out,
		containers(t.keeperName(k), at(k.name()), nil),
		containers(t.helperName(k), at(k.name()), plan.FieldOrigins{"": {"secrets", "configs", "volumes"}}),
		containers(logRouter, at(k.name()), plan.FieldOrigins{"": {"logging"}}),
		plan.Origin{Field: diag.Path{"containerDefinitions"}, From: at(k.name()), Fields: seedOrigins},
		plan.Origin{From: at(k.name()), Fields: taskOrigins},
	)
}

// seedOrigins are those of the containers that fill volumes.
var seedOrigins = plan.FieldOrigins{"*.mountPoints": {"volumes"}}

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
