package resource

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Run lets one task of the service run, in a deployment of its own. Where an apply was
// interrupted while it ran, it goes on with that one, unless again.
func (k services) Run(ctx context.Context, want *plan.Resource, again bool) (plan.Attrs, error) {
	live, err := k.Read(ctx, want)
	if err != nil {
		return nil, err
	}
	if !again && isRunning(live, want) {
		return live.Attrs, nil
	}
	s := *want.Spec.(*spec.Service)
	s.DesiredCount = 1
	input := updateServiceInput(nil, &s, true)
	removeFromService(input, live, &s)
	return k.change(ctx, live, want, input, true)
}

// isRunning says whether an earlier apply let the same tasks run and did not see their end.
func isRunning(live, want *plan.Resource) bool {
	applied := plan.ParseApplied(live.Tags[plan.TagSpec])
	from, to := live.Spec.(*spec.Service), want.Spec.(*spec.Service)
	return applied.Pending && applied.Force && applied.Hash == want.Hash &&
		from.DesiredCount == 1 && from.TaskDefinition.Text == to.TaskDefinition.Text
}

// End stops the helper container that kept the task of a run.
func (k services) End(ctx context.Context, attrs plan.Attrs) error {
	id, ok := parseServiceARN(attrs["arn"])
	if !ok {
		return fmt.Errorf("%q is not the ARN of a service", attrs["arn"])
	}
	_, err := k.ecs().UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &id.cluster, Service: &id.name, DesiredCount: number32(0)})
	return unless(err, "ServiceNotFound", "ServiceNotActive", "ClusterNotFound")
}

// Outcome looks at a run once. The first of its tasks in which the container began decides:
// ECS replaces a task that it lost, and that it began again is no success.
func (k services) Outcome(ctx context.Context, attrs plan.Attrs, run *plan.Run) (plan.Rollout, error) {
	look, there, err := k.look(ctx, attrs)
	if err != nil || !there {
		return plan.Rollout{State: plan.Superseded, Detail: "the service was deleted"}, err
	}
	primary := primaryDeployment(look.service)
	switch {
	case primary == nil:
		return plan.Rollout{Detail: "no deployment yet"}, nil
	case text(primary.Id) != look.deployment:
		return superseded(*primary), nil
	}
	tasks, err := k.tasksOf(ctx, look.id, look.deployment)
	if err != nil {
		return plan.Rollout{}, err
	}
	outcome, decides := outcomeOf(tasks, *primary, run)
	if outcome.State == plan.RollFailed && decides != nil {
		lines, err := k.lastLines(ctx, *decides, run)
		if err != nil {
			lines = []string{"its log cannot be read: " + brief(err).Error()}
		}
		outcome.Failures = append(outcome.Failures, lines...)
	}
	return outcome, nil
}

// tasksOf are the tasks of a deployment, stopped ones included, the oldest first. ECS keeps
// these for an hour at least (API reference, DescribeTasks).
func (k services) tasksOf(ctx context.Context, id serviceID, deployment string) ([]types.Task, error) {
	var out []types.Task
	for _, status := range []types.DesiredStatus{types.DesiredStatusStopped, types.DesiredStatusRunning} {
		arns, err := allPages(ctx, ecs.NewListTasksPaginator(k.ecs(), &ecs.ListTasksInput{
			Cluster: &id.cluster, ServiceName: &id.name, DesiredStatus: status,
		}), func(page *ecs.ListTasksOutput) []string { return page.TaskArns })
		if err != nil {
			return nil, err
		}
		for batch := range slices.Chunk(arns, 100) { // DescribeTasksInput, field tasks
			described, err := k.ecs().DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &id.cluster, Tasks: batch})
			if err != nil {
				return nil, err
			}
			out = append(out, described.Tasks...)
		}
	}
	out = slices.DeleteFunc(out, func(t types.Task) bool { return text(t.StartedBy) != deployment })
	slices.SortFunc(out, func(a, b types.Task) int {
		return cmp.Or(aws.ToTime(a.CreatedAt).Compare(aws.ToTime(b.CreatedAt)), cmp.Compare(text(a.TaskArn), text(b.TaskArn)))
	})
	return slices.CompactFunc(out, func(a, b types.Task) bool { return text(a.TaskArn) == text(b.TaskArn) }), nil
}

// outcomeOf also returns the task that decides, nil where none began.
func outcomeOf(tasks []types.Task, primary types.Deployment, run *plan.Run) (plan.Rollout, *types.Task) {
	for i, task := range tasks {
		if outcome, over := outcomeOfTask(task, run); over {
			return outcome, &tasks[i]
		}
	}
	return beforeItBegan(tasks, primary), nil
}

// beforeItBegan is how far the tasks of a run are in none of which the container began.
func beforeItBegan(tasks []types.Task, primary types.Deployment) plan.Rollout {
	if primary.RolloutState == types.DeploymentRolloutStateFailed {
		out := plan.Rollout{State: plan.RollFailed, Detail: reason(text(primary.RolloutStateReason), "its task did not start")}
		for _, task := range tasks {
			if line := failure(task); !slices.Contains(out.Failures, line) {
				out.Failures = append(out.Failures, line)
			}
		}
		out.Failures = out.Failures[:min(len(out.Failures), shownFailures)]
		return out
	}
	for _, task := range slices.Backward(tasks) {
		if text(task.LastStatus) != "STOPPED" {
			return plan.Rollout{Detail: "its task is " + text(task.LastStatus)}
		}
	}
	if len(tasks) > 0 {
		return plan.Rollout{Detail: failure(tasks[len(tasks)-1])}
	}
	return plan.Rollout{Detail: "its task is not there yet"}
}

// outcomeOfTask is not over where the container runs, or never began.
func outcomeOfTask(task types.Task, run *plan.Run) (out plan.Rollout, over bool) {
	stopped := text(task.LastStatus) == "STOPPED"
	for _, c := range task.Containers {
		code := c.ExitCode
		switch {
		case text(c.Name) != run.Container && !stopped && code != nil && *code != 0 && isPending(task, run.Container):
			return plan.Rollout{
				State:  plan.RollFailed,
				Detail: fmt.Sprintf("container %s, which comes before it, ended with exit code %d", text(c.Name), *code),
			}, true
		case text(c.Name) != run.Container:
		case code != nil && *code == 0:
			return plan.Rollout{State: plan.RolledOut, Detail: "it ended with exit code 0"}, true
		case code != nil:
			out = plan.Rollout{State: plan.RollFailed, Detail: fmt.Sprintf("it ended with exit code %d", *code), ExitCode: int(*code)}
			if stopped {
				out.Failures = []string{failure(task)}
			}
			return out, true
		case !stopped && text(c.LastStatus) == "STOPPED":
			return plan.Rollout{State: plan.RollFailed, Detail: reason(text(c.Reason), "it ended without an exit code")}, true
		case stopped && task.StartedAt != nil:
			return plan.Rollout{State: plan.RollFailed, Detail: "its task was lost", Failures: []string{failure(task)}}, true
		}
	}
	return plan.Rollout{}, false
}

func isPending(task types.Task, container string) bool {
	return slices.ContainsFunc(task.Containers, func(c types.Container) bool {
		return text(c.Name) == container && c.ExitCode == nil && text(c.LastStatus) != "RUNNING"
	})
}

// shownLines bounds what is shown of the log of a run that failed.
const shownLines = 10

// lastLines are those that the container wrote in a task.
func (k services) lastLines(ctx context.Context, task types.Task, run *plan.Run) ([]string, error) {
	if run.LogGroup == "" {
		return nil, nil
	}
	stream := run.LogPrefix + "/" + run.Container + "/" + path.Base(text(task.TaskArn))
	found, err := k.logs().GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &run.LogGroup, LogStreamName: &stream, Limit: number32(shownLines), StartFromHead: pointer(false),
	})
	if err = unless(err, "ResourceNotFound"); err != nil || found == nil {
		return nil, err
	}
	var out []string
	for _, e := range found.Events {
		out = append(out, "log: "+text(e.Message))
	}
	return out, nil
}
