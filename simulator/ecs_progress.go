package simulator

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// advance moves a service on by one describe read: time passes for it only when
// somebody looks. A settled service stays untouched.
func (a *Account) advance(key string) {
	s := a.Services.Get(key)
	switch {
	case *s.Status == "INACTIVE":
	case *s.Status == "DRAINING":
		a.drain(key)
	case s.Deployments[0].RolloutState == types.DeploymentRolloutStateInProgress:
		a.roll(key)
	case s.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted:
		a.watch(key)
		a.crash(key, s)
		if int(s.DesiredCount) != a.running(key, s) {
			a.scale(key)
		}
	}
}

// running counts the live tasks of the service's newest deployment.
func (a *Account) running(key string, s *Service) int {
	return len(a.liveTasks(key, *s.Deployments[0].Id))
}

// drain stops the tasks at the first read and ends the service at the last.
func (a *Account) drain(key string) {
	s := a.Services.Edit(key)
	s.Draining++
	for _, d := range s.Deployments {
		a.stopTasks(a.liveTasks(key, *d.Id), deploymentStop(*d.Id))
	}
	if s.Draining >= a.Progress {
		s.Status, s.Deployments = ptr("INACTIVE"), []types.Deployment{}
		a.release(key)
		a.Tags.Delete(*s.ServiceArn)
	}
	a.count(s, key)
}

// roll takes one step of the deployment under way.
func (a *Account) roll(key string) {
	s := a.Services.Edit(key)
	row := a.currentDeployment(s)
	row.Reads++
	row.UpdatedAt = a.now()
	s.Deployments[0].DesiredCount = s.DesiredCount
	if row.Status == types.ServiceDeploymentStatusPending {
		row.Status, row.StartedAt = types.ServiceDeploymentStatusInProgress, a.now()
	}
	failure := a.startFailure(s)
	if s.DesiredCount == 0 && len(a.olderTasks(key, s)) == 0 { // no task to wait for, nor to fail
		a.complete(key, s, row)
		s.Deployments[0].UpdatedAt = a.now()
		a.count(s, key)
		return
	}
	switch last := row.Reads >= a.Progress+a.slowness(s); {
	case failure != nil && s.DesiredCount > 0:
		a.failToStart(key, s, row, failure)
		if last && s.DeploymentConfiguration.DeploymentCircuitBreaker.Enable {
			a.breakCircuit(key, s, row)
		}
	case !last:
		a.makeRoom(key, s)
		a.launchMissing(key, s, "PENDING")
	case len(s.LoadBalancers) > 0:
		a.shift(key, s, row)
	case a.guarded(a.olderTasks(key, s)):
		for _, t := range a.liveTasks(key, *s.Deployments[0].Id) {
			a.start(t)
		}
		a.launchMissing(key, s, "RUNNING")
	default:
		a.complete(key, s, row)
	}
	s.Deployments[0].UpdatedAt = a.now()
	a.count(s, key)
}

// makeRoom stops tasks of older deployments where the maximum percent leaves no
// room for new ones, down to the minimum healthy percent.
func (a *Account) makeRoom(key string, s *Service) {
	c := s.DeploymentConfiguration
	most := int(s.DesiredCount * *c.MaximumPercent / 100)
	least := int((s.DesiredCount**c.MinimumHealthyPercent + 99) / 100)
	older := a.olderTasks(key, s)
	if len(older)+a.running(key, s) >= most && len(older) > least {
		a.stopTasks(a.unguarded(older[least:]), deploymentStop(*s.Deployments[0].Id))
	}
}

// olderTasks are the live tasks of all deployments but the newest.
func (a *Account) olderTasks(key string, s *Service) []string {
	var older []string
	for _, d := range s.Deployments[1:] {
		older = append(older, a.liveTasks(key, *d.Id)...)
	}
	return older
}

// launchMissing starts tasks up to the desired count, as far as the maximum
// percent allows.
func (a *Account) launchMissing(key string, s *Service, status string) {
	most := int(s.DesiredCount * *s.DeploymentConfiguration.MaximumPercent / 100)
	have := a.running(key, s)
	room := most - have - len(a.olderTasks(key, s))
	for range min(int(s.DesiredCount)-have, room) {
		a.launch(a.serviceTask(key, s), status)
	}
}

// complete ends a deployment that went well: the older tasks are gone.
func (a *Account) complete(key string, s *Service, row *Deployment) {
	primary := &s.Deployments[0]
	a.stopTasks(a.olderTasks(key, s), deploymentStop(*primary.Id))
	s.Deployments = s.Deployments[:1]
	a.release(key)
	for _, t := range a.liveTasks(key, *primary.Id) {
		a.start(t)
	}
	a.launchMissing(key, s, "RUNNING")
	primary.RolloutState = types.DeploymentRolloutStateCompleted
	primary.RolloutStateReason = ptr(fmt.Sprintf("ECS deployment %s completed.", *primary.Id))
	if row.RollingBack {
		a.finish(row, types.ServiceDeploymentStatusRollbackSuccessful, str(row.StatusReason))
	} else {
		a.finish(row, types.ServiceDeploymentStatusSuccessful, "")
		row.StatusReason = nil
	}
	row.TargetServiceRevision.RunningTaskCount = s.DesiredCount
	s.Stable = lastPart(*primary.Id)
	a.event(s, "(deployment %s) deployment completed.", *primary.Id)
	a.event(s, "has reached a steady state.")
}

// scale brings a settled service to its desired count.
func (a *Account) scale(key string) {
	s := a.Services.Edit(key)
	live := a.liveTasks(key, *s.Deployments[0].Id)
	if surplus := len(live) - int(s.DesiredCount); surplus > 0 {
		a.stopTasks(live[:surplus], deploymentStop(*s.Deployments[0].Id))
	} else if failure := a.startFailure(s); failure != nil {
		a.failTask(key, s, failure)
	} else {
		a.launchMissing(key, s, "RUNNING")
	}
	a.count(s, key)
}

// rescale takes over a changed desired count without a deployment.
func (a *Account) rescale(key string) {
	s := a.Services.Edit(key)
	s.Deployments[0].DesiredCount = s.DesiredCount
	a.count(s, key)
}

// failToStart lets a task fail and counts it.
func (a *Account) failToStart(key string, s *Service, row *Deployment, failure *startFailure) {
	a.makeRoom(key, s)
	a.failTask(key, s, failure)
	s.Deployments[0].FailedTasks++
	row.DeploymentCircuitBreaker.FailureCount++
}

// breakCircuit ends a failed deployment: with the stable revision if there is
// one and rollback is on, else in failure.
func (a *Account) breakCircuit(key string, s *Service, row *Deployment) {
	primary := &s.Deployments[0]
	primary.FailedTasks = max(primary.FailedTasks, row.DeploymentCircuitBreaker.Threshold)
	row.DeploymentCircuitBreaker.FailureCount = primary.FailedTasks
	row.DeploymentCircuitBreaker.Status = types.ServiceDeploymentRollbackMonitorsStatusTriggered
	primary.RolloutState = types.DeploymentRolloutStateFailed
	primary.RolloutStateReason = ptr("ECS deployment circuit breaker: tasks failed to start.")
	a.event(s, "(deployment %s) deployment failed: tasks failed to start.", *primary.Id)
	const reason = "Service deployment rolled back because the circuit breaker threshold was exceeded."
	switch {
	case row.RollingBack:
		a.finish(row, types.ServiceDeploymentStatusRollbackFailed, "The rollback failed: tasks failed to start.")
	case s.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback && s.Stable != "":
		a.rollBack(key, s, row, reason)
	default:
		a.finish(row, types.ServiceDeploymentStatusStopped,
			"Service deployment stopped because the circuit breaker threshold was exceeded: tasks failed to start.")
	}
}

// rollBack makes the stable revision the primary deployment again, under its
// old number.
func (a *Account) rollBack(key string, s *Service, row *Deployment, reason string) {
	stable := a.Revisions.Get(key + "/" + s.Stable)
	row.Status, row.StatusReason, row.RollingBack, row.Reads = types.ServiceDeploymentStatusRollbackInProgress, &reason, true, 0
	row.Rollback = &types.Rollback{Reason: &reason, StartedAt: a.now(), ServiceRevisionArn: stable.ServiceRevisionArn}
	restore(s, clone(stable))
	failed := s.Deployments[0]
	failed.Status, failed.DesiredCount = ptr("ACTIVE"), 0
	back := a.newDeployment(key, s, s.Stable, stable.ServiceConnectConfiguration, stable.VolumeConfigurations)
	back.RolloutStateReason = ptr("ECS deployment circuit breaker: rolling back to deploymentId " + *back.Id + ".")
	deployments := []types.Deployment{back, failed}
	for _, d := range s.Deployments[1:] {
		if *d.Id != *back.Id {
			deployments = append(deployments, d)
		}
	}
	s.Deployments = deployments
	a.announce(key)
	a.event(s, "rolling back to deployment %s.", *back.Id)
}

// restore puts what a revision holds back onto its service.
func restore(s *Service, r *types.ServiceRevision) {
	s.TaskDefinition, s.NetworkConfiguration = r.TaskDefinition, r.NetworkConfiguration
	s.LaunchType, s.CapacityProviderStrategy = r.LaunchType, r.CapacityProviderStrategy
	s.LoadBalancers, s.ServiceRegistries = filled(r.LoadBalancers), filled(r.ServiceRegistries)
}
