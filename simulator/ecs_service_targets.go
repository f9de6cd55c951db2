package simulator

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// checkTargetGroup refuses what ECS refuses in the target group of a service
// with awsvpc networking.
func (a *Account) checkTargetGroup(arn string) error {
	g := a.TargetGroups.Get(arn)
	switch {
	case g == nil:
		return invalidParameter("The target group with targetGroupArn %s does not exist.", arn)
	case g.TargetType != elbtypes.TargetTypeEnumIp:
		return invalidParameter("The provided target group %s has target type %s, which is incompatible with the awsvpc "+
			"network mode specified in the task definition.", arn, g.TargetType)
	case len(a.balancersOf(arn)) == 0:
		return invalidParameter("The target group with targetGroupArn %s does not have an associated load balancer.", arn)
	}
	return nil
}

// balancersOfTask are the load balancer entries that a task of a service was
// started with: those of its deployment's revision.
func (a *Account) balancersOfTask(t *Task) []types.LoadBalancer {
	if t.Service == "" {
		return nil
	}
	return val(a.Revisions.Get(t.Service + "/" + lastPart(*t.StartedBy))).LoadBalancers
}

func targetOfTask(t *Task, lb types.LoadBalancer) string {
	return targetKey(*lb.TargetGroupArn, privateAddress(t), *lb.ContainerPort)
}

// registerTask puts a task that has come to run into the target groups of its
// service.
func (a *Account) registerTask(t *Task) {
	for _, lb := range a.balancersOfTask(t) {
		s, arn := a.Services.Edit(t.Service), *lb.TargetGroupArn
		g := a.TargetGroups.Get(arn)
		switch {
		case g == nil:
			a.event(s, "failed to register targets in (target-group %s) with (error Target group '%s' not found)", arn, arn)
		case *g.VpcId != str(val(a.Subnets.Get(subnetOf(t))).VpcId):
			a.event(s, "failed to register targets in (target-group %s) with (error The IP address '%s' is not within the VPC '%s')",
				arn, privateAddress(t), *g.VpcId)
		default:
			a.registerTarget(g, privateAddress(t), *lb.ContainerPort, "")
			a.event(s, "registered 1 targets in (target-group %s)", arn)
		}
	}
}

// deregisterTask takes a task that stops out of its target groups.
func (a *Account) deregisterTask(t *Task) {
	for _, lb := range a.balancersOfTask(t) {
		if key := targetOfTask(t, lb); a.Targets.Get(key) != nil {
			a.deregisterTarget(key)
			a.event(a.Services.Edit(t.Service), "deregistered 1 targets in (target-group %s)", *lb.TargetGroupArn)
		}
	}
}

// shift takes one step of a deployment behind load balancers: older tasks go as
// newer ones become healthy, and it is complete when all are.
func (a *Account) shift(key string, s *Service, row *Deployment) {
	primary := *s.Deployments[0].Id
	a.lookAtTargets(key, s)
	for _, t := range a.liveTasks(key, primary) {
		a.start(t)
	}
	for range a.stopSick(key, s) {
		if a.countFailure(key, s, row) {
			return
		}
	}
	healthy := a.healthyTasks(key, s)
	if healthy > 0 {
		forgive(s, row)
	}
	least := int((s.DesiredCount**s.DeploymentConfiguration.MinimumHealthyPercent + 99) / 100)
	older := a.olderTasks(key, s)
	a.stopTasks(a.unguarded(older[:min(max(healthy+len(older)-least, 0), len(older))]), deploymentStop(primary))
	if surplus := a.running(key, s) - int(s.DesiredCount); surplus > 0 {
		a.stopTasks(a.liveTasks(key, primary)[:surplus], deploymentStop(primary))
	}
	a.launchMissing(key, s, "RUNNING")
	if healthy >= enough(s) && !a.guarded(a.olderTasks(key, s)) {
		a.complete(key, s, row)
	}
}

// enough is at how many healthy tasks a deployment completes: "Amazon ECS continues to scale
// the target service revision to 100 percent in the background" (API reference,
// DeploymentEarlySuccessCriteria).
func enough(s *Service) int {
	if e := s.DeploymentConfiguration.EarlySuccessCriteria; e != nil && e.Enable {
		return int((s.DesiredCount**e.HealthyPercent + 99) / 100)
	}
	return int(s.DesiredCount)
}

// watch looks at the targets of a settled service and stops tasks that failed
// their health checks; the service replaces them.
func (a *Account) watch(key string) {
	s := a.Services.Get(key)
	if len(s.LoadBalancers) == 0 {
		return
	}
	a.lookAtTargets(key, s)
	if a.stopSick(key, s) > 0 {
		a.count(a.Services.Edit(key), key)
	}
}

// lookAtTargets is one health check of each target of the service's newest tasks.
func (a *Account) lookAtTargets(key string, s *Service) {
	for _, id := range a.liveTasks(key, *s.Deployments[0].Id) {
		t := a.Tasks.Get(id)
		for _, lb := range a.balancersOfTask(t) {
			target := targetOfTask(t, lb)
			a.checkHealth(target)
			if a.sickness(target) != "" && t.Reads < graceReads(s) {
				a.Tasks.Edit(id).Reads++
			}
		}
	}
}

// graceReads is how many describe reads ECS passes over failed health checks of a
// new task: one for each 30 seconds of the grace period, at most ten.
func graceReads(s *Service) int {
	return min((int(val(s.HealthCheckGracePeriodSeconds))+29)/30, 10)
}

// sickness is why ECS would stop the task of a target, empty when it would not.
// Where the target group has no load balancer any more, ECS waits.
func (a *Account) sickness(target string) string {
	t := a.Targets.Get(target)
	if t == nil || len(a.balancersOf(t.Group)) == 0 {
		return ""
	}
	switch h := a.healthOf(t); h.State {
	case elbtypes.TargetHealthStateEnumUnhealthy, elbtypes.TargetHealthStateEnumUnused:
		return *h.Description
	}
	return ""
}

// stopSick stops the newest tasks that failed their health checks when their
// grace period was over, and counts them (ECS Developer Guide, "Stopped tasks
// error messages" and "Amazon ECS service event messages", for the texts).
func (a *Account) stopSick(key string, s *Service) int {
	n := 0
	for _, id := range a.liveTasks(key, *s.Deployments[0].Id) {
		t := a.Tasks.Get(id)
		if t.Reads < graceReads(s) {
			continue
		}
		for _, lb := range a.balancersOfTask(t) {
			reason := a.sickness(targetOfTask(t, lb))
			if reason == "" {
				continue
			}
			a.event(a.Services.Edit(key), "(task %s) (port %d) is unhealthy in (target-group %s) due to (reason %s)",
				lastPart(*t.TaskArn), *lb.ContainerPort, *lb.TargetGroupArn, reason)
			a.stopTask(id, stop{
				code:   types.TaskStopCodeServiceSchedulerInitiated,
				reason: fmt.Sprintf("Task failed ELB health checks in (target-group %s)", *lb.TargetGroupArn), exit: ptr(int32(143)),
			})
			n++
			break
		}
	}
	return n
}

// healthyTasks counts the newest tasks whose targets are all healthy.
func (a *Account) healthyTasks(key string, s *Service) int {
	n := 0
	for _, id := range a.liveTasks(key, *s.Deployments[0].Id) {
		if a.healthyTask(a.Tasks.Get(id)) {
			n++
		}
	}
	return n
}

func (a *Account) healthyTask(t *Task) bool {
	for _, lb := range a.balancersOfTask(t) {
		target := a.Targets.Get(targetOfTask(t, lb))
		if target == nil || a.healthOf(target).State != elbtypes.TargetHealthStateEnumHealthy {
			return false
		}
	}
	return *t.LastStatus == "RUNNING"
}
