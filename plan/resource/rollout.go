package resource

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Rollout looks at a deployment once. As long as the deployment is PRIMARY,
// DescribeServices is enough; later the service deployment tells how it ended.
func (k services) Rollout(ctx context.Context, attrs plan.Attrs) (plan.Rollout, error) {
	look, there, err := k.look(ctx, attrs)
	if err != nil || !there {
		return plan.Rollout{State: plan.Superseded, Detail: "the service was deleted"}, err
	}
	rollout, err := look.state(ctx)
	if err != nil {
		return plan.Rollout{}, err
	}
	if rollout.State == plan.RolledBack || rollout.State == plan.RollFailed {
		rollout.Failures, err = look.failures(ctx)
	}
	return rollout, err
}

// look describes the service of a deployment; not there where it was deleted.
func (k services) look(ctx context.Context, attrs plan.Attrs) (look rolloutLook, there bool, err error) {
	id, ok := parseServiceARN(attrs["arn"])
	if !ok {
		return rolloutLook{}, false, fmt.Errorf("%q is not the ARN of a service", attrs["arn"])
	}
	service, err := k.describe(ctx, id)
	if err != nil || service == nil || !runs(*service) {
		return rolloutLook{}, false, err
	}
	return rolloutLook{k, id, *service, attrs["deployment"]}, true, nil
}

// rolloutLook is one look at one deployment of a service.
type rolloutLook struct {
	services
	id         serviceID
	service    types.Service
	deployment string
}

func (l rolloutLook) state(ctx context.Context) (plan.Rollout, error) {
	primary := primaryDeployment(l.service)
	if primary == nil {
		return plan.Rollout{Detail: "no deployment yet"}, nil
	}
	if text(primary.Id) == l.deployment {
		return l.ofPrimary(*primary), nil
	}
	record, err := l.record(ctx)
	switch {
	case denied(err):
		return l.ofList(*primary), nil
	case err != nil:
		return plan.Rollout{}, err
	case record == nil: // every deployment has a record; this one's is not visible yet
		return plan.Rollout{Detail: "the deployment is not visible yet"}, nil
	default:
		return ofRecord(*record, *primary), nil
	}
}

func (l rolloutLook) ofPrimary(d types.Deployment) plan.Rollout {
	running := fmt.Sprintf("%d of %d tasks run", d.RunningCount, d.DesiredCount)
	switch d.RolloutState {
	case types.DeploymentRolloutStateCompleted:
		return plan.Rollout{State: plan.RolledOut, Detail: running}
	case types.DeploymentRolloutStateFailed:
		return plan.Rollout{State: plan.RollFailed, Detail: reason(text(d.RolloutStateReason), "the deployment failed")}
	}
	if d.FailedTasks > 0 {
		running += fmt.Sprintf(", %d failed to", d.FailedTasks)
	}
	return plan.Rollout{State: plan.Rolling, Detail: running}
}

// ofRecord reads the state of a service deployment that is not PRIMARY
// (ServiceDeployment, field status).
func ofRecord(d types.ServiceDeploymentBrief, primary types.Deployment) plan.Rollout {
	why, back := text(d.StatusReason), revisionOf(text(primary.TaskDefinition))
	switch d.Status {
	case types.ServiceDeploymentStatusSuccessful:
		return plan.Rollout{State: plan.RolledOut, Detail: "completed"}
	case types.ServiceDeploymentStatusRollbackSuccessful:
		return plan.Rollout{State: plan.RolledBack, Detail: reason(why, "rolled back to "+back)}
	case types.ServiceDeploymentStatusRollbackFailed:
		return plan.Rollout{State: plan.RollFailed, Detail: reason(why, "the deployment failed and so did the rollback")}
	case types.ServiceDeploymentStatusRollbackRequested, types.ServiceDeploymentStatusRollbackInProgress:
		return plan.Rollout{Detail: reason(why, "rolling back to "+back)}
	case types.ServiceDeploymentStatusStopped:
		// By the circuit breaker, or by an alarm.
		if strings.Contains(why, "circuit breaker") || strings.Contains(why, "alarm") {
			return plan.Rollout{State: plan.RollFailed, Detail: reason(why, "")}
		}
		return superseded(primary)
	default: // under way: DescribeServices or this record lags behind
		return plan.Rollout{Detail: "the deployment is not visible yet"}
	}
}

// ofList judges by the deployments that the service still lists, for a caller
// without permission for their records.
func (l rolloutLook) ofList(primary types.Deployment) plan.Rollout {
	for _, d := range l.service.Deployments {
		if text(d.Id) != l.deployment || d.RolloutState != types.DeploymentRolloutStateFailed {
			continue
		}
		why := reason(text(d.RolloutStateReason), "rolled back to "+revisionOf(text(primary.TaskDefinition)))
		switch primary.RolloutState {
		case types.DeploymentRolloutStateCompleted:
			return plan.Rollout{State: plan.RolledBack, Detail: why}
		case types.DeploymentRolloutStateFailed:
			return plan.Rollout{State: plan.RollFailed, Detail: why}
		default:
			return plan.Rollout{State: plan.Rolling, Detail: why}
		}
	}
	return superseded(primary)
}

func superseded(primary types.Deployment) plan.Rollout {
	return plan.Rollout{State: plan.Superseded, Detail: fmt.Sprintf("superseded by deployment %s of %s",
		text(primary.Id), revisionOf(text(primary.TaskDefinition)))}
}

// record finds the service deployment by its target: the deployment ecs-svc/N
// goes to the service revision whose ARN ends in N.
func (l rolloutLook) record(ctx context.Context) (*types.ServiceDeploymentBrief, error) {
	_, number, _ := strings.Cut(l.deployment, "/")
	input := &ecs.ListServiceDeploymentsInput{Cluster: &l.id.cluster, Service: &l.id.name}
	for {
		page, err := l.ecs().ListServiceDeployments(ctx, input)
		if err != nil {
			return nil, err
		}
		for i, d := range page.ServiceDeployments {
			if strings.HasSuffix(text(d.TargetServiceRevisionArn), "/"+number) {
				return &page.ServiceDeployments[i], nil
			}
		}
		if page.NextToken == nil {
			return nil, nil
		}
		input.NextToken = page.NextToken
	}
}

func reason(said, otherwise string) string {
	if said = strings.TrimSuffix(said, "."); said != "" {
		return said
	}
	return otherwise
}
