package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// container is the container definition of one service in a task.
func (t *translation) container(k *task, s container) spec.Container {
	out := spec.Container{
		Name:                   ecsName(s.Name),
		Image:                  t.image(k, s),
		Essential:              essential(k, s) && !t.isRun(k),
		WorkingDirectory:       s.WorkingDir,
		Environment:            t.variables(s),
		Secrets:                t.containerSecretList(s),
		PortMappings:           t.ports.mappings(s.Name),
		MountPoints:            t.mountPoints(s),
		DependsOn:              containerDependsOn(t.base, k, s, t.isChecked),
		HealthCheck:            t.healthCheck(s),
		LogConfiguration:       logConfiguration(t.base, s),
		DockerLabels:           s.Labels,
		Interactive:            s.StdinOpen,
		PseudoTerminal:         s.Tty,
		ReadonlyRootFilesystem: s.ReadOnly,
		LinuxParameters:        linuxParameters(t.base, s, t.mounted(s), t.memoryVolume),
		Ulimits:                ulimits(t.base, s),
		SystemControls:         systemControls(t.base, k, s),
		RestartPolicy:          restartPolicy(t.base, k, s),
		VolumesFrom:            volumesFrom(t.base, k, s, t.mounted),
	}
	if t.isRun(k) {
		out.RestartPolicy = nil // it is the apply that tries again
		if s.Name == k.name() {
			out.HealthCheck = nil // of which nobody asks
		}
	}
	t.setCommand(k, s, &out)
	t.setUser(k, s, &out)
	// unset means compose's 10 seconds; ECS's 30 hurt nobody
	out.StopTimeout = seconds(t.base, s.StopGracePeriod, stopTimeout, s.at("stop_grace_period"))
	out.RepositoryCredentials = t.credentials(s, out.Image)
	mounts, waits := t.deliveredTo(k, s)
	out.MountPoints, out.DependsOn = append(out.MountPoints, mounts...), append(out.DependsOn, waits...)
	t.noteDeclared(s)
	if s.step == nil { // a step has the task to itself
		setLimits(t.base, s, &out)
	}
	return out
}

// healthCheck is that of the files, or of the image where they leave it to that.
func (t *translation) healthCheck(s container) *spec.HealthCheck {
	if check := t.checkOf(s); check != s.HealthCheck {
		t.noteCarried(s, check)
		with := *s.ServiceConfig
		with.HealthCheck = check
		s.ServiceConfig = &with
	}
	out := healthCheck(t.base, s, t.sizes[t.taskOf[s.Name]])
	if line := t.lines[s.key()].check; line != nil && out != nil {
		t.formerly(taskDefinitionAddress(t.taskOf[s.Name].name()), t.containerField(s)+".healthCheck.command", out.Command)
		out.Command = line
	}
	return out
}

// checkOf is the health check of the files, or of the image where they leave it to that;
// nil where there is none.
func (t *translation) checkOf(s container) *types.HealthCheckConfig {
	if leavesTest(s) {
		if carried := t.carriedCheck(s); carried != nil {
			return carried
		}
	}
	return s.HealthCheck
}

// isChecked says whether ECS checks the health of a service.
func (t *translation) isChecked(s container) bool {
	check := t.checkOf(s)
	return check != nil && !isOff(check) && len(check.Test) > 1
}

// mounted is what a container mounts of volumes that are not in memory.
func (t *translation) mounted(s container) []mounted {
	var out []mounted
	for _, m := range t.mountsOf(s) {
		out = append(out, mounted{m.name, m.target, m.path})
	}
	return out
}

// essential containers take the task with them when they end.
func essential(k *task, s container) bool {
	if k.awaitsEnd(s.Name) {
		return false
	}
	return s == k.main || restarts(s) != types.RestartPolicyNo
}
