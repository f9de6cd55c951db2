package simulator

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Deployment is one deployment of a service. Its revision and the entry in
// Service.Deployments end in the same number.
type Deployment struct {
	types.ServiceDeployment
	Service     string // key of the service
	Number      string // of the revision it deploys
	Reads       int    // describe reads that moved it
	Baked       int    // describe reads since its tasks run, while alarms are watched
	RollingBack bool   // it failed and now restores the stable revision
	Due         Due    // when it is forgotten
}

func (d *Deployment) finished() bool { return d.FinishedAt != nil }

// deploy starts a deployment of the service as it is now.
func (a *Account) deploy(key string, connect *types.ServiceConnectConfiguration, volumes []types.ServiceVolumeConfiguration) {
	a.supersede(key, "A newer service deployment was started.")
	s := a.Services.Edit(key)
	s.Futile, s.Pause = 0, 0
	number := deploymentNumber(a.id("deployment", key))
	revision := a.putRevision(key, number, s, connect, volumes)
	for i := range s.Deployments {
		s.Deployments[i].Status = ptr("ACTIVE")
	}
	s.Deployments = slices.Insert(s.Deployments, 0, a.newDeployment(key, s, number, connect, volumes))
	id := digest(*s.ServiceArn, number)[:20]
	row := a.Deployments.Put(key+"/"+id, Deployment{Service: key, Number: number, ServiceDeployment: types.ServiceDeployment{
		ServiceDeploymentArn: ptr(a.arn("ecs", "service-deployment/"+key+"/"+id)),
		ServiceArn:           s.ServiceArn, ClusterArn: s.ClusterArn, CreatedAt: a.now(), UpdatedAt: a.now(),
		Status: types.ServiceDeploymentStatusPending, DeploymentConfiguration: s.DeploymentConfiguration,
		SourceServiceRevisions:   revisionSummaries(s.CurrentServiceRevisions),
		TargetServiceRevision:    &types.ServiceRevisionSummary{Arn: revision.ServiceRevisionArn, RequestedTaskCount: s.DesiredCount},
		Alarms:                   a.newMonitor(s),
		DeploymentCircuitBreaker: newBreaker(s),
	}})
	s.CurrentServiceDeployment = row.ServiceDeploymentArn
	a.announce(key)
	a.learn(key+"/"+number, connect)
	a.count(s, key)
}

// deploymentNumber is 19 decimal digits out of a digest.
func deploymentNumber(h string) string {
	n, _ := strconv.ParseUint(h[:15], 16, 64)
	return strconv.FormatUint(1e18+n%(8*1e18), 10)
}

func newBreaker(s *Service) *types.ServiceDeploymentCircuitBreaker {
	b := types.ServiceDeploymentCircuitBreaker{
		Status: types.ServiceDeploymentRollbackMonitorsStatusDisabled, Threshold: breakerThreshold(s),
	}
	if s.DeploymentConfiguration.DeploymentCircuitBreaker.Enable {
		b.Status = types.ServiceDeploymentRollbackMonitorsStatusMonitoring
	}
	return &b
}

// breakerThreshold is how many failures break (ECS Developer Guide, "How the
// Amazon ECS deployment circuit breaker detects failures").
func breakerThreshold(s *Service) int32 {
	t := s.DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration
	percent := (t.Value*s.DesiredCount + 99) / 100
	switch t.Type {
	case types.ThresholdTypeCount:
		return t.Value
	case types.ThresholdTypeBoundedPercent:
		return min(max(percent, 3), 200)
	}
	return percent
}

func (a *Account) putRevision(
	key, number string, s *Service, connect *types.ServiceConnectConfiguration, volumes []types.ServiceVolumeConfiguration,
) *types.ServiceRevision {
	r := types.ServiceRevision{
		ServiceRevisionArn: ptr(a.arn("ecs", "service-revision/"+key+"/"+number)),
		ServiceArn:         s.ServiceArn, ClusterArn: s.ClusterArn, TaskDefinition: s.TaskDefinition, CreatedAt: a.now(),
		LaunchType: s.LaunchType, CapacityProviderStrategy: s.CapacityProviderStrategy,
		PlatformVersion: resolvedPlatform(s), PlatformFamily: s.PlatformFamily, NetworkConfiguration: s.NetworkConfiguration,
		LoadBalancers: s.LoadBalancers, ServiceRegistries: s.ServiceRegistries,
		ServiceConnectConfiguration: connect, VolumeConfigurations: volumes,
	}
	td := a.definition(*s.TaskDefinition)
	for _, c := range td.ContainerDefinitions {
		r.ContainerImages = append(r.ContainerImages, types.ContainerImage{
			ContainerName: c.Name, Image: c.Image, ImageDigest: ptr(digestOf(*c.Image)),
		})
	}
	return a.Revisions.Put(key+"/"+number, r)
}

// resolvedPlatform is what LATEST means on a deployment.
func resolvedPlatform(s *Service) *string {
	if *s.PlatformVersion == "LATEST" {
		return ptr("1.4.0")
	}
	return s.PlatformVersion
}

func (a *Account) newDeployment(
	key string, s *Service, number string, connect *types.ServiceConnectConfiguration, volumes []types.ServiceVolumeConfiguration,
) types.Deployment {
	id := deploymentID(number)
	return clone(types.Deployment{
		Id: &id, Status: ptr("PRIMARY"), TaskDefinition: s.TaskDefinition, DesiredCount: s.DesiredCount,
		CreatedAt: a.now(), UpdatedAt: a.now(), LaunchType: s.LaunchType, CapacityProviderStrategy: s.CapacityProviderStrategy,
		PlatformVersion: resolvedPlatform(s), PlatformFamily: s.PlatformFamily, NetworkConfiguration: s.NetworkConfiguration,
		RolloutState:                types.DeploymentRolloutStateInProgress,
		RolloutStateReason:          ptr(fmt.Sprintf("ECS deployment %s in progress.", id)),
		ServiceConnectConfiguration: connect, ServiceConnectResources: a.connectResources(key, a.definition(*s.TaskDefinition), connect), VolumeConfigurations: volumes,
	})
}

// deploymentID is what tasks are started by, and an entry in Service.Deployments.
func deploymentID(number string) string { return "ecs-svc/" + number }

// currentDeployment is the row of the service's latest deployment, for changing.
func (a *Account) currentDeployment(s *Service) *Deployment {
	_, resource := arnParts(str(s.CurrentServiceDeployment))
	return a.Deployments.Edit(shortDeployment(resource))
}

// shortDeployment is the key in the resource part of a deployment's ARN.
func shortDeployment(resource string) string { return trimType(resource, "service-deployment") }

// supersede stops the deployment that is under way, if any.
func (a *Account) supersede(key, reason string) {
	s := a.Services.Get(key)
	if s.CurrentServiceDeployment == nil {
		return
	}
	_, resource := arnParts(*s.CurrentServiceDeployment)
	if d := a.Deployments.Get(shortDeployment(resource)); d == nil || d.finished() {
		return
	}
	a.finish(a.currentDeployment(s), types.ServiceDeploymentStatusStopped, reason)
}

// finish ends a deployment in that status.
func (a *Account) finish(d *Deployment, status types.ServiceDeploymentStatus, reason string) {
	d.Status, d.StatusReason = status, &reason
	d.FinishedAt, d.UpdatedAt = a.now(), a.now()
	if status == types.ServiceDeploymentStatusStopped {
		d.StoppedAt = a.now()
	}
	if d.DeploymentCircuitBreaker.Status == types.ServiceDeploymentRollbackMonitorsStatusMonitoring {
		d.DeploymentCircuitBreaker.Status = types.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
	if d.watchesAlarms() {
		d.Alarms.Status = types.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
}

// event adds a line to what the service tells about itself, newest first.
func (a *Account) event(s *Service, format string, args ...any) {
	message := fmt.Sprintf("(service %s) %s", *s.ServiceName, fmt.Sprintf(format, args...))
	id := uuid(a.id("event", *s.ServiceArn))
	s.Events = slices.Insert(s.Events, 0, types.ServiceEvent{Id: &id, CreatedAt: a.now(), Message: &message})
	s.Events = s.Events[:min(len(s.Events), 100)] // ECS keeps the latest 100
}

// count brings all counts of a service up to date with its tasks.
func (a *Account) count(s *Service, key string) {
	s.RunningCount, s.PendingCount = 0, 0
	s.CurrentServiceRevisions = nil
	for i := range s.Deployments {
		d := &s.Deployments[i]
		d.RunningCount, d.PendingCount = 0, 0
		for _, t := range a.liveTasks(key, *d.Id) {
			if *a.Tasks.Get(t).LastStatus == "RUNNING" {
				d.RunningCount++
			} else {
				d.PendingCount++
			}
		}
		s.RunningCount += d.RunningCount
		s.PendingCount += d.PendingCount
		s.CurrentServiceRevisions = append(s.CurrentServiceRevisions, types.ServiceCurrentRevisionSummary{
			Arn:                ptr(a.arn("ecs", "service-revision/"+key+"/"+lastPart(*d.Id))),
			RequestedTaskCount: d.DesiredCount, RunningTaskCount: d.RunningCount, PendingTaskCount: d.PendingCount,
		})
	}
}

func revisionSummaries(list []types.ServiceCurrentRevisionSummary) []types.ServiceRevisionSummary {
	summaries := []types.ServiceRevisionSummary{}
	for _, r := range list {
		summaries = append(summaries, types.ServiceRevisionSummary{
			Arn: r.Arn, RequestedTaskCount: r.RequestedTaskCount, RunningTaskCount: r.RunningTaskCount, PendingTaskCount: r.PendingTaskCount,
		})
	}
	return summaries
}
