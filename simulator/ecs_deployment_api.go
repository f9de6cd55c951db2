package simulator

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func listServiceDeployments(
	a *Account, in *ecs.ListServiceDeploymentsInput,
) (*ecs.ListServiceDeploymentsOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	key := serviceKey(cluster, in.Service)
	if a.Services.Get(key) == nil {
		return nil, &types.ServiceNotFoundException{Message: ptr("Service not found.")}
	}
	var all []types.ServiceDeploymentBrief
	for _, d := range a.deployments.Of(key) {
		if (len(in.Status) == 0 || slices.Contains(in.Status, d.Status)) && createdWithin(d, in.CreatedAt) {
			all = append(all, types.ServiceDeploymentBrief{
				ServiceDeploymentArn: d.ServiceDeploymentArn, ServiceArn: d.ServiceArn, ClusterArn: d.ClusterArn,
				CreatedAt: d.CreatedAt, StartedAt: d.StartedAt, FinishedAt: d.FinishedAt,
				Status: d.Status, StatusReason: d.StatusReason, TargetServiceRevisionArn: d.TargetServiceRevision.Arn,
			})
		}
	}
	list, next, err := ecsPage(a, all, backwards(func(d types.ServiceDeploymentBrief) string { return instant(d.CreatedAt) + *d.ServiceDeploymentArn }), in.NextToken, in.MaxResults, 20)
	return &ecs.ListServiceDeploymentsOutput{ServiceDeployments: list, NextToken: next}, err
}

func createdWithin(d *Deployment, within *types.CreatedAt) bool {
	w := val(within)
	return (w.After == nil || d.CreatedAt.After(*w.After)) && (w.Before == nil || d.CreatedAt.Before(*w.Before))
}

func describeServiceDeployments(
	a *Account, in *ecs.DescribeServiceDeploymentsInput,
) (*ecs.DescribeServiceDeploymentsOutput, error) {
	if n := len(in.ServiceDeploymentArns); n == 0 || n > 20 {
		return nil, invalidParameter("The number of service deployment ARNs must be between 1 and 20, not %d.", n)
	}
	out := &ecs.DescribeServiceDeploymentsOutput{ServiceDeployments: []types.ServiceDeployment{}, Failures: []types.Failure{}}
	for _, arn := range in.ServiceDeploymentArns {
		_, resource := arnParts(arn)
		d := a.Deployments.Get(shortDeployment(resource))
		if d == nil {
			out.Failures = append(out.Failures, missing(arn))
			continue
		}
		if !d.finished() {
			a.advance(d.Service)
		}
		out.ServiceDeployments = append(out.ServiceDeployments, d.ServiceDeployment)
	}
	return out, nil
}

func describeServiceRevisions(
	a *Account, in *ecs.DescribeServiceRevisionsInput,
) (*ecs.DescribeServiceRevisionsOutput, error) {
	if n := len(in.ServiceRevisionArns); n == 0 || n > 20 {
		return nil, invalidParameter("The number of service revision ARNs must be between 1 and 20, not %d.", n)
	}
	out := &ecs.DescribeServiceRevisionsOutput{ServiceRevisions: []types.ServiceRevision{}, Failures: []types.Failure{}}
	for _, arn := range in.ServiceRevisionArns {
		_, resource := arnParts(arn)
		if r := a.Revisions.Get(trimType(resource, "service-revision")); r != nil {
			out.ServiceRevisions = append(out.ServiceRevisions, *r)
		} else {
			out.Failures = append(out.Failures, missing(arn))
		}
	}
	return out, nil
}

// stopServiceDeployment rolls an unfinished deployment back to the stable
// revision. It is the only kind of stop that is documented.
func stopServiceDeployment(
	a *Account, in *ecs.StopServiceDeploymentInput,
) (*ecs.StopServiceDeploymentOutput, error) {
	_, resource := arnParts(str(in.ServiceDeploymentArn))
	d := a.Deployments.Edit(shortDeployment(resource))
	switch {
	case in.StopType == types.StopServiceDeploymentStopTypeAbort:
		return nil, invalidParameter("The valid stop type is ROLLBACK.")
	case d == nil:
		return nil, &types.ServiceDeploymentNotFoundException{Message: ptr("The service deployment was not found.")}
	case d.finished() || d.RollingBack:
		return nil, &types.ConflictException{Message: ptr("The service deployment is in state " + string(d.Status) + ".")}
	}
	s := a.Services.Edit(d.Service)
	if s.Stable == "" {
		return nil, &types.ConflictException{Message: ptr("There is no service revision to roll back to.")}
	}
	s.Deployments[0].RolloutState = types.DeploymentRolloutStateFailed
	s.Deployments[0].RolloutStateReason = ptr("Service deployment was stopped by the user.")
	a.rollBack(d.Service, s, d, deploymentFailure{monitor: "ECS deployment circuit breaker", because: "it was stopped by the user"})
	d.Status = types.ServiceDeploymentStatusRollbackRequested
	a.count(s, d.Service)
	return &ecs.StopServiceDeploymentOutput{ServiceDeploymentArn: in.ServiceDeploymentArn}, nil
}
