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
		a.endOptional(key, s)
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
	if s.DesiredCount == 0 && len(a.olderTasks(key, s)) == 0 { // no task to wait for, nor to fail
		a.complete(key, s, row)
		s.Deployments[0].UpdatedAt = a.now()
		a.count(s, key)
		return
	}
	switch failure := a.startFailure(s); {
	case a.heedAlarms(key, s, row):
	case failure != nil && len(a.startingTasks(key, s))+a.room(key, s) > 0:
		a.failToStart(key, s, row, failure)
	case row.Reads < a.Progress+a.slowness(key, s):
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

// launchMissing starts as many tasks as there is room for.
func (a *Account) launchMissing(key string, s *Service, status string) {
	for range a.room(key, s) {
		a.launch(a.serviceTask(key, s), status)
	}
}

// room is how many tasks more may be started now: up to the desired count, as far as
// the maximum percent allows.
func (a *Account) room(key string, s *Service) int {
	most := int(s.DesiredCount * *s.DeploymentConfiguration.MaximumPercent / 100)
	have := a.running(key, s)
	return max(min(int(s.DesiredCount)-have, most-have-len(a.olderTasks(key, s))), 0)
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
	if row.bakes() {
		return
	}
	primary.RolloutState = types.DeploymentRolloutStateCompleted
	primary.RolloutStateReason = ptr(fmt.Sprintf("ECS deployment %s completed.", *primary.Id))
	forgive(s, row)
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
		a.failTask(a.launchNext(key, s), s, failure)
	} else {
		a.launchMissing(key, s, "RUNNING")
		s.Futile, s.Pause = 0, 0
	}
	a.count(s, key)
}

// rescale takes over a changed desired count without a deployment.
func (a *Account) rescale(key string) {
	s := a.Services.Edit(key)
	s.Deployments[0].DesiredCount = s.DesiredCount
	a.count(s, key)
}
