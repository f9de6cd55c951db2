package simulator

import (
	"slices"
	"time"

	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// What is gone can be seen for a while, and then AWS forgets it. So does the account,
// or its file would only ever grow.
const (
	day = 24 * time.Hour

	// "Currently, stopped tasks appear in the returned results for at least one hour"
	// (ECS API reference, DescribeTasks).
	tasksStay = time.Hour

	// "You can see the most recent 90-day history for deployments" (ECS Developer Guide,
	// "Viewing Amazon ECS service deployments").
	deploymentsStay = 90 * day

	// "from the previous six weeks" (Application Auto Scaling API reference,
	// DescribeScalingActivities).
	activitiesStay = 6 * 7 * day

	// INACTIVE services "may be cleaned up and purged" (ECS API reference,
	// DeleteService), INACTIVE clusters "may remain discoverable in your account for a
	// period of time" (Cluster, status). For how long is not documented, nor is it for
	// the operations of Cloud Map and the changes of Route 53.
	remainsStay = day
)

// seconds is a span of time on the clock of the account.
func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// since is when something that ended is forgotten, on the clock; 0 for what did not.
func since(end *time.Time, stay time.Duration) int64 {
	if end == nil {
		return 0
	}
	return onClock(end.Add(stay))
}

// forgetters are the movers that forget what is gone.
func (a *Account) forgetters() []mover {
	return []mover{
		fires(&a.Tasks, func(t *Task) int64 { return since(t.StoppedAt, tasksStay) }, a.forgetTask),
		moves(a, &a.Services, seconds(remainsStay), func(s *Service) *Due { return &s.Due },
			func(s *Service) string { return when(str(s.Status) == "INACTIVE", "inactive") }, a.forgetService),
		moves(a, &a.Clusters, seconds(remainsStay), func(c *Cluster) *Due { return &c.Due },
			func(c *Cluster) string { return when(str(c.Status) == "INACTIVE", "inactive") }, a.Clusters.Delete),
		moves(a, &a.Deployments, seconds(deploymentsStay), func(d *Deployment) *Due { return &d.Due },
			func(d *Deployment) string { return when(d.finished(), "finished") }, a.forgetOldDeployment),
		fires(&a.ScalingActivities, func(s *scalingtypes.ScalingActivity) int64 { return since(s.EndTime, activitiesStay) }, a.ScalingActivities.Delete),
		fires(&a.Secrets, (*Secret).end, a.dropSecret),
		fires(&a.LogStreams, func(s *LogStream) int64 { return s.Ends }, a.expireStream),
		fires(&a.DiscoveryOperations, func(o *DiscoveryOperation) int64 {
			if !o.finished() {
				return 0
			}
			return since(o.UpdateDate, remainsStay)
		}, a.DiscoveryOperations.Delete),
		fires(&a.Changes, func(c *Change) int64 {
			if c.Status != route53types.ChangeStatusInsync {
				return 0
			}
			return since(c.SubmittedAt, remainsStay)
		}, a.Changes.Delete),
	}
}

// forgetTask keeps what the containers said: logs stay with their group.
func (a *Account) forgetTask(key string) {
	t := a.Tasks.Get(key)
	a.keepLines(t)
	a.Tags.Delete(*t.TaskArn)
	a.Tasks.Delete(key)
	a.deleteUnused(*t.TaskDefinitionArn)
}

// forgetService takes along the deployments under that name, of earlier services too,
// and all numbers that only made their ids.
func (a *Account) forgetService(key string) {
	s := a.Services.Get(key)
	for _, id := range a.deployments.Keys(key) {
		a.dropDeployment(id)
	}
	a.retire("deployment", key)
	a.retire("event", *s.ServiceArn)
	a.Services.Delete(key)
	a.deleteUnused(*s.TaskDefinition)
}

// forgetOldDeployment leaves those that a service still goes by, however old.
func (a *Account) forgetOldDeployment(id string) {
	d := a.Deployments.Get(id)
	s := a.Services.Get(d.Service)
	goesBy := s != nil && (d.Number == s.Stable || str(s.CurrentServiceDeployment) == *d.ServiceDeploymentArn ||
		slices.ContainsFunc(s.Deployments, func(its types.Deployment) bool { return lastPart(*its.Id) == d.Number }))
	if !goesBy {
		a.dropDeployment(id)
	}
}

// dropDeployment removes a deployment with its revision and what its tasks knew. Its
// number does not come back, so neither do the ids of its tasks.
func (a *Account) dropDeployment(id string) {
	d := a.Deployments.Get(id)
	a.Known.Delete(d.Service + "/" + d.Number)
	a.Revisions.Delete(d.Service + "/" + d.Number)
	a.Counters.Delete("task " + taskCounter(lastPart(*d.ClusterArn), deploymentID(d.Number), "service:"+lastPart(d.Service)))
	a.Deployments.Delete(id)
}

// deleteUnused ends the deletion of a task definition that something used: "Amazon ECS
// periodically verifies that the target task definition is not being referenced by any
// active tasks or deployments, and then deletes the task definition permanently" (ECS
// Developer Guide, "Amazon ECS task definition states").
func (a *Account) deleteUnused(arn string) {
	td := a.taskDefinition(arn)
	if td != nil && td.Status == types.TaskDefinitionStatusDeleteInProgress && !a.taskDefinitionUsed(arn) {
		a.TaskDefinitions.Delete(taskDefinitionKey(*td.Family, td.Revision))
		a.Tags.Delete(arn)
	}
}
