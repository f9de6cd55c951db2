package resource

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// heldFor is how long, in minutes, tasks are protected if nothing releases
// them: an interrupted apply can be continued within this time. Until then old
// and new tasks run side by side, and requests go to the old ones.
const heldFor = 24 * 60

// Hold protects the tasks that run from being stopped by a deployment (ECS
// developer guide, "Protect your Amazon ECS tasks from being terminated by scale-in
// events": tasks of an older version run on until the protection ends). One that
// cannot be protected any more is stopping.
func (k services) Hold(ctx context.Context, live *plan.Resource) error {
	return k.protect(ctx, live, true)
}

// Release ends the protection of all tasks, including those that protect
// themselves, because ECS does not tell the two apart.
func (k services) Release(ctx context.Context, live *plan.Resource) error {
	return k.protect(ctx, live, false)
}

// protect takes ten tasks to a call (UpdateTaskProtectionInput, field tasks).
func (k services) protect(ctx context.Context, live *plan.Resource, on bool) error {
	id := serviceIdentity(live)
	tasks, err := k.runningTasks(ctx, id)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(tasks, 10) {
		in := &ecs.UpdateTaskProtectionInput{Cluster: &id.cluster, Tasks: batch, ProtectionEnabled: on}
		if on {
			in.ExpiresInMinutes = pointer(int32(heldFor))
		}
		if _, err := k.ecs().UpdateTaskProtection(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// Ready says whether all new tasks run, and as many targets as there are to be are
// healthy in each target group.
func (k services) Ready(ctx context.Context, attrs plan.Attrs) (bool, error) {
	id, ok := parseServiceARN(attrs["arn"])
	if !ok {
		return false, fmt.Errorf("%q is not the ARN of a service", attrs["arn"])
	}
	service, err := k.describe(ctx, id)
	if err != nil || service == nil {
		return false, err
	}
	primary := primaryDeployment(*service)
	if primary == nil || text(primary.Id) != attrs["deployment"] || primary.RunningCount < primary.DesiredCount {
		return false, nil
	}
	for _, balancer := range service.LoadBalancers {
		healthy, err := k.healthy(ctx, text(balancer.TargetGroupArn))
		if err != nil || healthy < int(primary.DesiredCount) {
			return false, err
		}
	}
	return true, nil
}

func (k services) healthy(ctx context.Context, group string) (int, error) {
	out, err := k.elb().DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, target := range out.TargetHealthDescriptions {
		if target.TargetHealth != nil && target.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
			n++
		}
	}
	return n, nil
}
