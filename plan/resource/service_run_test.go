package resource

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// TestTheFirstTaskOfARunDecides goes through what ECS may show of the tasks of a run.
func TestTheFirstTaskOfARunDecides(t *testing.T) {
	begun := aws.Time(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	container := func(name, status string, code int) types.Container {
		c := types.Container{Name: &name, LastStatus: &status}
		if code >= 0 {
			c.ExitCode = aws.Int32(int32(code))
		}
		return c
	}
	task := func(status string, started *time.Time, containers ...types.Container) types.Task {
		return types.Task{
			LastStatus: &status, StartedAt: started, Containers: append(containers, container("job-keeper", status, -1)),
			StopCode: types.TaskStopCodeUserInitiated, StoppedReason: aws.String("Task stopped by user"),
		}
	}
	failed := types.Deployment{RolloutState: types.DeploymentRolloutStateFailed, RolloutStateReason: aws.String("tasks failed to start.")}
	lost := "UserInitiated: Task stopped by user"
	for name, c := range map[string]struct {
		tasks   []types.Task
		primary types.Deployment
		want    plan.Rollout
	}{
		"none yet":  {nil, types.Deployment{}, plan.Rollout{Detail: "its task is not there yet"}},
		"pulls":     {[]types.Task{task("PENDING", nil, container("job", "PENDING", -1))}, types.Deployment{}, plan.Rollout{Detail: "its task is PENDING"}},
		"runs":      {[]types.Task{task("RUNNING", begun, container("job", "RUNNING", -1))}, types.Deployment{}, plan.Rollout{Detail: "its task is RUNNING"}},
		"succeeded": {[]types.Task{task("RUNNING", begun, container("job", "STOPPED", 0))}, types.Deployment{}, plan.Rollout{State: plan.RolledOut, Detail: "it ended with exit code 0"}},
		"failed":    {[]types.Task{task("RUNNING", begun, container("job", "STOPPED", 3))}, types.Deployment{}, plan.Rollout{State: plan.RollFailed, Detail: "it ended with exit code 3", ExitCode: 3}},
		"ended without a code": {
			[]types.Task{task("RUNNING", begun, container("job", "STOPPED", -1))}, types.Deployment{},
			plan.Rollout{State: plan.RollFailed, Detail: "it ended without an exit code"},
		},
		"a container before it failed": {
			[]types.Task{task("RUNNING", begun, container("job-files", "STOPPED", 1), container("job", "PENDING", -1))}, types.Deployment{},
			plan.Rollout{State: plan.RollFailed, Detail: "container job-files, which comes before it, ended with exit code 1"},
		},
		"a sidecar failed while it runs": {
			[]types.Task{task("RUNNING", begun, container("side", "STOPPED", 1), container("job", "RUNNING", -1))}, types.Deployment{},
			plan.Rollout{Detail: "its task is RUNNING"},
		},
		"stopped by somebody": {
			[]types.Task{task("STOPPED", begun, container("job", "STOPPED", 143))}, types.Deployment{},
			plan.Rollout{State: plan.RollFailed, Detail: "it ended with exit code 143", ExitCode: 143, Failures: []string{lost + "; container job ended with exit code 143"}},
		},
		"lost": {
			[]types.Task{task("STOPPED", begun, container("job", "STOPPED", -1))}, types.Deployment{},
			plan.Rollout{State: plan.RollFailed, Detail: "its task was lost", Failures: []string{lost}},
		},
		"replaced by ECS after it was lost": {
			[]types.Task{task("STOPPED", begun, container("job", "STOPPED", -1)), task("RUNNING", begun, container("job", "STOPPED", 0))}, types.Deployment{},
			plan.Rollout{State: plan.RollFailed, Detail: "its task was lost", Failures: []string{lost}},
		},
		"succeeded before its task was lost": {
			[]types.Task{task("STOPPED", begun, container("job", "STOPPED", 0)), task("RUNNING", begun, container("job", "RUNNING", -1))}, types.Deployment{},
			plan.Rollout{State: plan.RolledOut, Detail: "it ended with exit code 0"},
		},
		"never began and starts again": {
			[]types.Task{task("STOPPED", nil, container("job", "STOPPED", -1)), task("RUNNING", begun, container("job", "STOPPED", 0))}, types.Deployment{},
			plan.Rollout{State: plan.RolledOut, Detail: "it ended with exit code 0"},
		},
		"never begins": {
			[]types.Task{task("STOPPED", nil, container("job", "STOPPED", -1))}, failed,
			plan.Rollout{State: plan.RollFailed, Detail: "tasks failed to start", Failures: []string{lost}},
		},
	} {
		got, _ := outcomeOf(c.tasks, c.primary, &plan.Run{Container: "job", Tries: 1})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
