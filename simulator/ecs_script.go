package simulator

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// slow is the part of an image reference that says how many seconds a container
// takes until its health check passes.
var slow = regexp.MustCompile(`slow-(\d{1,4})`)

// takes is how long a container takes until it is healthy or has ended, in seconds.
func takes(line *Scripted, c types.ContainerDefinition) int32 {
	if line != nil && line.Takes > 0 {
		return line.Takes.seconds()
	}
	if m := slow.FindStringSubmatch(*c.Image); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 32)
		return int32(n)
	}
	return 0
}

// fate is why the next task of an owner, a service or a family, will not start well, as
// the script has it. Grace is the health check grace period of the service; below zero the
// task has none that would replace it.
func (a *Account) fate(owner string, td *types.TaskDefinition, grace int32) *startFailure {
	for _, c := range td.ContainerDefinitions {
		line := a.scripted(owner, c)
		for _, check := range []func(*Scripted, *types.TaskDefinition, types.ContainerDefinition, int32) *startFailure{
			exitsAtOnce, a.seedsTooLong, keepsWaiting, staysUnhealthy,
		} {
			if failure := check(line, td, c, grace); failure != nil {
				return failure
			}
		}
	}
	return nil
}

// exitsAtOnce is about what ends at its start: an essential container, or one
// whose success others wait for.
func exitsAtOnce(line *Scripted, td *types.TaskDefinition, c types.ContainerDefinition, grace int32) *startFailure {
	if line == nil || line.Exit == nil || line.After > 0 {
		return nil
	}
	awaited := slices.Contains(waitedFor(td, *c.Name), types.ContainerConditionSuccess) && *line.Exit != 0
	runs := isEssential(c) && grace >= 0 // a task of RunTask ends by itself
	if !runs && !awaited {
		return nil
	}
	return essentialExit(c.Name, *line.Exit)
}

// waitedFor are the conditions for which other containers wait on this one.
func waitedFor(td *types.TaskDefinition, container string) []types.ContainerCondition {
	var list []types.ContainerCondition
	for _, c := range td.ContainerDefinitions {
		for _, d := range c.DependsOn {
			if *d.ContainerName == container {
				list = append(list, d.Condition)
			}
		}
	}
	return list
}

// longestWait is how long a dependency may take where it has no startTimeout: three
// minutes on Fargate (ContainerDefinition, startTimeout: from 2 to 120 seconds;
// "If this parameter is not specified, the default value of 3 minutes is used").
const longestWait = 180

// keepsWaiting gives up on a dependency that is neither healthy nor done in time:
// "the container doesn't start and the task ... is stopped" (ContainerDefinition,
// startTimeout).
func keepsWaiting(line *Scripted, td *types.TaskDefinition, c types.ContainerDefinition, _ int32) *startFailure {
	limit := int32(longestWait)
	if c.StartTimeout != nil {
		limit = *c.StartTimeout
	}
	conditions := waitedFor(td, *c.Name)
	waits := slices.ContainsFunc(conditions, func(d types.ContainerCondition) bool { return d != types.ContainerConditionStart })
	if !waits || takes(line, c) <= limit {
		return nil
	}
	return cannotStart("Task failed to start: container %s was not %s within %d seconds",
		*c.Name, strings.ToLower(string(conditions[0])), limit)
}

// patience is how long ECS waits for the health check of a container to pass for
// the first time, in seconds: failures in its start period do not count, then as
// many as its retries do (HealthCheck, startPeriod and retries). What is unhealthy
// before the grace period of the service ends is not replaced (CreateService,
// healthCheckGracePeriodSeconds: ELB, VPC Lattice and container health checks).
func patience(h *types.HealthCheck, grace int32) int32 {
	return max(val(h.StartPeriod)+val(orElse(h.Interval, 30))*val(orElse(h.Retries, 3)), grace)
}

// staysUnhealthy lets a task of a service be replaced when a container with a
// health check takes longer than ECS waits for it.
func staysUnhealthy(line *Scripted, _ *types.TaskDefinition, c types.ContainerDefinition, grace int32) *startFailure {
	if c.HealthCheck == nil || grace < 0 || takes(line, c) <= patience(c.HealthCheck, grace) {
		return nil
	}
	return unhealthyStop(c.Name)
}

// unhealthyStop is how ECS stops a task that fails its container health checks
// (ECS Developer Guide, "Stopped tasks error messages").
func unhealthyStop(container *string) *startFailure {
	return &startFailure{
		Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: "Task failed container health checks",
		Exit: ptr(int32(killed)), Container: *container,
	}
}

// The states of a volume of which a script says how long its first start takes.
const (
	seeded   = "seeded"
	halfMade = "half made"
)

// seedsTooLong is about the first start on an empty volume: where ECS kills it by
// its health check, or gives up waiting, half of the data is there and every later
// start fails (aws.md of the project's findings, finding 1).
func (a *Account) seedsTooLong(line *Scripted, td *types.TaskDefinition, c types.ContainerDefinition, grace int32) *startFailure {
	if line == nil || line.Seeds == 0 {
		return nil
	}
	key := writtenVolume(td, c)
	state := a.VolumeStates.Get(key)
	switch {
	case key == "" || val(state) == seeded:
		return nil
	case val(state) == halfMade:
		failure := essentialExit(c.Name, 1)
		failure.Detail = "the data directory exists but is not empty"
		return failure
	case c.HealthCheck == nil || grace < 0 || line.Seeds.seconds() <= patience(c.HealthCheck, grace):
		a.VolumeStates.Put(key, seeded)
		return nil
	}
	a.VolumeStates.Put(key, halfMade)
	return unhealthyStop(c.Name)
}

// writtenVolume names the EFS volume that a container mounts to write: "file
// system/access point/path"; "" for none.
func writtenVolume(td *types.TaskDefinition, c types.ContainerDefinition) string {
	for _, m := range c.MountPoints {
		for _, v := range td.Volumes {
			if e := v.EfsVolumeConfiguration; e != nil && *v.Name == str(m.SourceVolume) && !val(m.ReadOnly) {
				return *e.FileSystemId + "/" + str(val(e.AuthorizationConfig).AccessPointId) + str(e.RootDirectory)
			}
		}
	}
	return ""
}

// grace is the grace period of a service for health checks.
func grace(s *Service) int32 { return val(s.HealthCheckGracePeriodSeconds) }

// slowness is how many describe reads more the starting tasks of a service take, or
// the next one where none has begun.
func (a *Account) slowness(key string, s *Service) int {
	if a.Script == nil {
		return 0
	}
	most, starting := 0, a.liveTasks(key, *s.Deployments[0].Id)
	for _, c := range a.definition(*s.TaskDefinition).ContainerDefinitions {
		for _, task := range starting {
			most = max(most, val(a.lineOf(a.Tasks.Get(task), c)).Starts)
		}
		if len(starting) == 0 {
			most = max(most, val(a.scripted(*s.ServiceName, c)).Starts)
		}
	}
	return most
}

// crash ends the running tasks of a service whose time the script says has come.
func (a *Account) crash(key string, s *Service) {
	if a.Script == nil {
		return
	}
	for _, id := range a.liveTasks(key, *s.Deployments[0].Id) {
		container, line := a.crashing(a.Tasks.Get(id))
		if line == nil {
			continue
		}
		t := a.Tasks.Edit(id)
		if t.Age++; t.Age < line.After {
			continue
		}
		a.fares(t, line)
		a.stopTask(id, essentialExit(container, *line.Exit).stop())
		a.event(a.Services.Edit(key), "has stopped 1 running tasks: (task %s).", lastPart(id))
	}
}

// crashes tells whether the script ends a running task of a service one day.
func (a *Account) crashes(s *Service) bool {
	_, resource := arnParts(*s.ServiceArn)
	return slices.ContainsFunc(a.liveTasks(trimType(resource, "service"), *s.Deployments[0].Id), func(id string) bool {
		_, line := a.crashing(a.Tasks.Get(id))
		return line != nil
	})
}

// crashing is the container that ends a running task after a while, and the line that
// says so; nil where there is none.
func (a *Account) crashing(t *Task) (container *string, line *Scripted) {
	for _, c := range a.definition(*t.TaskDefinitionArn).ContainerDefinitions {
		if line := a.lineOf(t, c); line != nil && line.Exit != nil && line.After > 0 && isEssential(c) {
			return c.Name, line
		}
	}
	return nil, nil
}

// endAwaited ends the containers of a started task for whose end others wait.
func (a *Account) endAwaited(t *Task, td *types.TaskDefinition) {
	for i, c := range td.ContainerDefinitions {
		if !ends(td, *c.Name) {
			continue
		}
		t.Containers[i].LastStatus, t.Containers[i].ExitCode = ptr("STOPPED"), a.endOf(t, c)
		t.Containers[i].HealthStatus = types.HealthStatusUnknown
	}
}

// ends tells whether others wait for a container to end.
func ends(td *types.TaskDefinition, container string) bool {
	return slices.ContainsFunc(waitedFor(td, container), func(d types.ContainerCondition) bool {
		return d == types.ContainerConditionComplete || d == types.ContainerConditionSuccess
	})
}

// endOf is the exit code of a container that ends by itself.
func (a *Account) endOf(t *Task, c types.ContainerDefinition) *int32 {
	if line := a.lineOf(t, c); line != nil && line.Exit != nil {
		return line.Exit
	}
	return ptr(int32(0))
}

// ownerOf is by what scripts call a task: its service, or its family.
func (a *Account) ownerOf(t *Task) string {
	if t.Service != "" {
		return lastPart(t.Service)
	}
	return *a.definition(*t.TaskDefinitionArn).Family
}

// scriptedLines is what the script lets a container say after its start.
func (a *Account) scriptedLines(t *Task, c types.ContainerDefinition, stream string) []logLine {
	if t.StartedAt == nil && containerExit(t, *c.Name) == nil || a.Script == nil {
		return nil
	}
	line := a.lineOf(t, c)
	if line == nil {
		return nil
	}
	var lines []logLine
	from := *orElse(t.StartedAt, *t.CreatedAt)
	for i, text := range line.Log {
		lines = append(lines, logLine{stream, from.Add(time.Duration(i) * time.Millisecond).UnixMilli(), text})
	}
	return lines
}

func containerExit(t *Task, name string) *int32 {
	for _, c := range t.Containers {
		if *c.Name == name {
			return c.ExitCode
		}
	}
	return nil
}
