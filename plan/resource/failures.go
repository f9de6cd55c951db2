package resource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// shownFailures bounds the lines about a failed deployment.
const shownFailures = 5

// failures says why the tasks of the deployment ended: stop code, reason, exit
// codes. ECS keeps stopped tasks for an hour at least (DescribeTasks). Where no
// task came to life it returns the last messages of the service instead.
func (l rolloutLook) failures(ctx context.Context) ([]string, error) {
	tasks, err := l.stopped(ctx)
	if denied(err) {
		return l.events(), nil
	}
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, task := range tasks {
		if line := failure(task); text(task.StartedBy) == l.deployment && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return l.events(), nil
	}
	return lines[:min(len(lines), shownFailures)], nil
}

// stopped returns one page of stopped tasks, the last one first. A page is 100
// tasks and far more than what is shown.
func (l rolloutLook) stopped(ctx context.Context) ([]types.Task, error) {
	listed, err := l.ecs().ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: &l.id.cluster, ServiceName: &l.id.name, DesiredStatus: types.DesiredStatusStopped,
	})
	if err != nil || len(listed.TaskArns) == 0 {
		return nil, err
	}
	described, err := l.ecs().DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &l.id.cluster, Tasks: listed.TaskArns})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(described.Tasks, func(a, b types.Task) int {
		if a.StoppedAt != nil && b.StoppedAt != nil {
			return b.StoppedAt.Compare(*a.StoppedAt)
		}
		return cmp.Compare(text(a.TaskArn), text(b.TaskArn))
	})
	return described.Tasks, nil
}

// failure is one line about the end of a task, the same for every task that
// ended in the same way.
func failure(task types.Task) string {
	line := string(task.StopCode)
	if said := strings.TrimSuffix(text(task.StoppedReason), "."); said != "" {
		line += ": " + said
	}
	var containers []string
	for _, c := range task.Containers {
		if c.ExitCode == nil && c.Reason == nil {
			continue
		}
		end := "container " + text(c.Name)
		if c.ExitCode != nil {
			end += fmt.Sprintf(" ended with exit code %d", *c.ExitCode)
		}
		if c.Reason != nil {
			end += ": " + strings.TrimSuffix(*c.Reason, ".")
		}
		containers = append(containers, end)
	}
	slices.Sort(containers)
	return strings.Join(append([]string{line}, containers...), "; ")
}

func (l rolloutLook) events() []string {
	var lines []string
	for _, event := range l.service.Events {
		if len(lines) < 3 {
			lines = append(lines, text(event.Message))
		}
	}
	return lines
}
