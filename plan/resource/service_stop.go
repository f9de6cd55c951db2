package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Stop scales the service to zero and waits until its tasks are gone. It is marked
// as one that has to be started, so that an apply that is cut short here leaves a
// service that the next one starts.
func (k services) Stop(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	id := serviceIdentity(live)
	applied := plan.Applied{Hash: want.Hash, Pending: true, Force: true}.String()
	if err := retagECS(ctx, k.session, live.Attrs["arn"], retag{set: map[string]string{plan.TagSpec: applied}}); err != nil {
		return nil, err
	}
	tasks, err := k.runningTasks(ctx, id)
	if err != nil {
		return nil, err
	}
	_, err = k.ecs().UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &id.cluster, Service: &id.name, DesiredCount: number32(0)})
	if err != nil {
		return nil, err
	}
	if err := k.idle(ctx, id, tasks); err != nil {
		return nil, err
	}
	s := *live.Spec.(*spec.Service)
	s.DesiredCount = 0
	stopped := changed(live, &s)
	stopped.Tags = maps.Clone(live.Tags)
	stopped.Tags[plan.TagSpec] = applied
	return stopped, nil
}

// idle waits until the tasks are gone and no other one came after them: ECS may have
// replaced one at the same moment.
func (k services) idle(ctx context.Context, id serviceID, tasks []string) error {
	return waitFor(ctx, k.poll, deleteTime, func() error {
		if err := k.ended(ctx, id, tasks); err != nil {
			return err
		}
		var err error
		if tasks, err = k.runningTasks(ctx, id); err != nil || len(tasks) == 0 {
			return err
		}
		return pending{fmt.Errorf("%d tasks of service %s still run after %s", len(tasks), id.name, deleteTime)}
	})
}

// ended waits until tasks are STOPPED. ECS forgets them an hour later (API
// reference, DescribeTasks).
func (k services) ended(ctx context.Context, id serviceID, tasks []string) error {
	for batch := range slices.Chunk(tasks, 100) { // DescribeTasksInput, field tasks
		err := waitFor(ctx, k.poll, deleteTime, func() error {
			out, err := k.ecs().DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &id.cluster, Tasks: batch})
			if err != nil {
				return unless(err, "ClusterNotFound")
			}
			for _, task := range out.Tasks {
				if text(task.LastStatus) != "STOPPED" {
					return pending{fmt.Errorf("task %s is %s after %s", text(task.TaskArn), text(task.LastStatus), deleteTime)}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (k services) runningTasks(ctx context.Context, id serviceID) ([]string, error) {
	return allPages(ctx, ecs.NewListTasksPaginator(k.ecs(), &ecs.ListTasksInput{
		Cluster: &id.cluster, ServiceName: &id.name, DesiredStatus: types.DesiredStatusRunning,
	}), func(page *ecs.ListTasksOutput) []string { return page.TaskArns })
}
