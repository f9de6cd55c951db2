package simulator

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// failToStart lets the tasks fail that are starting, and those that ECS starts beside
// them: the first for this reason. It ends with the circuit breaker, or where a script
// lets no more fail.
func (a *Account) failToStart(key string, s *Service, row *Deployment, failure *startFailure) {
	a.makeRoom(key, s)
	starting := a.startingTasks(key, s)
	for n := range len(starting) + a.room(key, s) {
		if failure == nil {
			return
		}
		if n >= len(starting) {
			starting = append(starting, a.launchNext(key, s))
		}
		a.failTask(starting[n], s, failure)
		if a.countFailure(key, s, row) {
			return
		}
		failure = a.startFailure(s)
	}
}

// startingTasks are the tasks of the newest deployment that do not run yet.
func (a *Account) startingTasks(key string, s *Service) []string {
	return slices.DeleteFunc(a.liveTasks(key, *s.Deployments[0].Id), func(task string) bool {
		return *a.Tasks.Get(task).LastStatus == "RUNNING"
	})
}

// countFailure counts a task of the deployment under way that failed, and tells
// whether that was one too many for the circuit breaker (ECS Developer Guide, "How the
// Amazon ECS deployment circuit breaker detects failures": with a desired count of 1
// the threshold is 3).
func (a *Account) countFailure(key string, s *Service, row *Deployment) (broken bool) {
	breaker := row.DeploymentCircuitBreaker
	breaker.Threshold = breakerThreshold(s)
	breaker.FailureCount++
	s.Deployments[0].FailedTasks++
	if !s.DeploymentConfiguration.DeploymentCircuitBreaker.Enable || s.Deployments[0].FailedTasks < breaker.Threshold {
		return false
	}
	a.breakCircuit(key, s, row)
	return true
}

// forgive starts the count of failures anew when a task is healthy, where the service
// counts those in a row (DeploymentCircuitBreaker, resetOnHealthyTask; Deployment,
// failedTasks: "resets to zero").
func forgive(s *Service, row *Deployment) {
	if !val(s.DeploymentConfiguration.DeploymentCircuitBreaker.ResetOnHealthyTask) {
		return
	}
	s.Deployments[0].FailedTasks = 0
	if !row.RollingBack {
		row.DeploymentCircuitBreaker.FailureCount = 0
	}
}

// breakCircuit ends a deployment whose tasks failed.
func (a *Account) breakCircuit(key string, s *Service, row *Deployment) {
	row.DeploymentCircuitBreaker.Status = types.ServiceDeploymentRollbackMonitorsStatusTriggered
	a.fail(key, s, row, deploymentFailure{
		monitor: "ECS deployment circuit breaker", what: "tasks failed to start", because: "the circuit breaker threshold was exceeded",
		rollback: s.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback,
	})
}

// deploymentFailure is why a deployment failed, in the words of ECS.
type deploymentFailure struct {
	monitor, what, because string
	rollback               bool // whether what saw it asks for one
}

// fail ends a failed deployment: with the stable revision if there is one and rollback is
// on, else in failure.
func (a *Account) fail(key string, s *Service, row *Deployment, f deploymentFailure) {
	primary := &s.Deployments[0]
	primary.RolloutState = types.DeploymentRolloutStateFailed
	primary.RolloutStateReason = ptr(f.monitor + ": " + f.what + ".")
	a.event(s, "(deployment %s) deployment failed: %s.", *primary.Id, f.what)
	switch {
	case row.RollingBack:
		a.finish(row, types.ServiceDeploymentStatusRollbackFailed, "The rollback failed: "+f.what+".")
	case f.rollback && s.Stable != "":
		a.rollBack(key, s, row, f)
	default:
		a.finish(row, types.ServiceDeploymentStatusStopped, "Service deployment stopped because "+f.because+": "+f.what+".")
	}
}

// rollBack makes the stable revision the primary deployment again, under its
// old number.
func (a *Account) rollBack(key string, s *Service, row *Deployment, f deploymentFailure) {
	reason := "Service deployment rolled back because " + f.because + "."
	stable := a.Revisions.Get(key + "/" + s.Stable)
	row.Status, row.StatusReason, row.RollingBack, row.Reads = types.ServiceDeploymentStatusRollbackInProgress, &reason, true, 0
	row.Rollback = &types.Rollback{Reason: &reason, StartedAt: a.now(), ServiceRevisionArn: stable.ServiceRevisionArn}
	restore(s, clone(stable))
	failed := s.Deployments[0]
	failed.Status, failed.DesiredCount = ptr("ACTIVE"), 0
	back := a.newDeployment(key, s, s.Stable, stable.ServiceConnectConfiguration, stable.VolumeConfigurations)
	back.RolloutStateReason = ptr(f.monitor + ": rolling back to deploymentId " + *back.Id + ".")
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
