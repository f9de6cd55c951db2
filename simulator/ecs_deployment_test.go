package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// trace is one line about a service: its deployments, oldest last, and the
// state of the service deployment with that ARN.
func (w *world) trace(name, deployment string) string {
	w.t.Helper()
	s := w.describe(name)
	var parts []string
	for _, d := range s.Deployments {
		revision := (*d.TaskDefinition)[strings.LastIndex(*d.TaskDefinition, ":")+1:]
		parts = append(parts, fmt.Sprintf("%s r%s %s %d+%d", *d.Status, revision, d.RolloutState, d.RunningCount, d.PendingCount))
	}
	return strings.Join(parts, ", ") + " => " + string(w.deployment(deployment).Status)
}

// deployment describes a service deployment without moving it: it is listed.
func (w *world) deployment(arn string) types.ServiceDeploymentBrief {
	w.t.Helper()
	parts := strings.Split(arn, "/")
	out := must(w.ecs.ListServiceDeployments(w.t.Context(), &ecs.ListServiceDeploymentsInput{
		Cluster: &parts[1], Service: &parts[2],
	}))(w.t)
	for _, d := range out.ServiceDeployments {
		if *d.ServiceDeploymentArn == arn {
			return d
		}
	}
	w.t.Fatalf("no service deployment %s", arn)
	return types.ServiceDeploymentBrief{}
}

// stopsFirst leaves no room for new tasks beside the old ones.
var stopsFirst = &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(0), MaximumPercent: aws.Int32(100)}

// broken is a task definition whose container never gets healthy.
func broken(family string) *ecs.RegisterTaskDefinitionInput {
	in := definition(family)
	in.ContainerDefinitions[0].Image = aws.String("example/" + simulator.NeverHealthy)
	return in
}

func TestDeploymentsProgressAsTheyAreRead(t *testing.T) {
	const rolling = "PRIMARY r2 IN_PROGRESS 0+1, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS"
	for _, c := range []struct {
		name     string
		progress int
		prepare  func(w *world)
		update   func(w *world, in *ecs.UpdateServiceInput)
		want     []string
	}{
		{
			"a rolling update starts the new task before it stops the old one", 3, nil,
			func(w *world, in *ecs.UpdateServiceInput) {
				in.TaskDefinition = aws.String(w.register(definition("web")))
			},
			[]string{rolling, rolling, "PRIMARY r2 COMPLETED 1+0 => SUCCESSFUL"},
		},
		{
			"one read is enough if so set", 1, nil,
			func(w *world, in *ecs.UpdateServiceInput) {
				in.TaskDefinition = aws.String(w.register(definition("web")))
			},
			[]string{"PRIMARY r2 COMPLETED 1+0 => SUCCESSFUL"},
		},
		{
			"with 0 and 100 percent the old task stops first", 2, nil,
			func(w *world, in *ecs.UpdateServiceInput) {
				in.TaskDefinition = aws.String(w.register(definition("web")))
				in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
				in.DeploymentConfiguration = stopsFirst
			},
			[]string{"PRIMARY r2 IN_PROGRESS 0+1, ACTIVE r1 COMPLETED 0+0 => IN_PROGRESS", "PRIMARY r2 COMPLETED 1+0 => SUCCESSFUL"},
		},
		{
			"a failed update is rolled back to the revision before", 2, nil,
			func(w *world, in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(w.register(broken("web"))) },
			[]string{
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 1+0, ACTIVE r2 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 1+0, ACTIVE r2 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 COMPLETED 1+0 => ROLLBACK_SUCCESSFUL",
			},
		},
		{
			"without rollback a failed update stays failed beside the old tasks", 2, nil,
			func(w *world, in *ecs.UpdateServiceInput) {
				in.TaskDefinition = aws.String(w.register(broken("web")))
				in.DeploymentConfiguration = &types.DeploymentConfiguration{
					DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true},
				}
			},
			[]string{
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r2 FAILED 0+0, ACTIVE r1 COMPLETED 1+0 => STOPPED",
				"PRIMARY r2 FAILED 0+0, ACTIVE r1 COMPLETED 1+0 => STOPPED",
			},
		},
		{
			"without a circuit breaker it goes on for ever", 2, nil,
			func(w *world, in *ecs.UpdateServiceInput) {
				in.TaskDefinition = aws.String(w.register(broken("web")))
				in.DeploymentConfiguration = &types.DeploymentConfiguration{
					DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{},
				}
			},
			[]string{
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
			},
		},
		{
			"a rollback to a revision that is broken as well fails", 2,
			func(w *world) { w.Unhealthy("nginx") },
			func(w *world, in *ecs.UpdateServiceInput) {
				in.ForceNewDeployment, in.DeploymentConfiguration = true, stopsFirst
				in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
			},
			[]string{
				"PRIMARY r1 IN_PROGRESS 0+1, ACTIVE r1 COMPLETED 0+0 => IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 0+0 => IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 0+0 => IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 FAILED 0+0, ACTIVE r1 FAILED 0+0 => ROLLBACK_FAILED",
			},
		},
		{
			"a rollback to tasks that still run is done", 2,
			func(w *world) { w.Unhealthy("nginx") },
			func(w *world, in *ecs.UpdateServiceInput) { in.ForceNewDeployment = true },
			[]string{
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 1+0 => IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 1+0, ACTIVE r1 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 IN_PROGRESS 1+0, ACTIVE r1 FAILED 0+0 => ROLLBACK_IN_PROGRESS",
				"PRIMARY r1 COMPLETED 1+0 => ROLLBACK_SUCCESSFUL",
			},
		},
		{
			"a count of zero completes whatever the image", 2, nil,
			func(w *world, in *ecs.UpdateServiceInput) {
				in.TaskDefinition, in.DesiredCount = aws.String(w.register(broken("web"))), aws.Int32(0)
			},
			[]string{
				"PRIMARY r2 IN_PROGRESS 0+0, ACTIVE r1 COMPLETED 0+0 => IN_PROGRESS",
				"PRIMARY r2 COMPLETED 0+0 => SUCCESSFUL",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{Progress: c.progress})
			w.prepare()
			w.create("web")
			w.settle("web")
			if c.prepare != nil {
				c.prepare(w)
			}
			in := &ecs.UpdateServiceInput{Service: aws.String("web")}
			c.update(w, in)
			arn := *w.update(in).CurrentServiceDeployment
			if got := w.deployment(arn).Status; got != types.ServiceDeploymentStatusPending {
				t.Errorf("%s before the first read", got)
			}
			var got []string
			for range c.want {
				got = append(got, w.trace("web", arn))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFirstDeploymentThatFailsHasNothingToRollBackTo(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(broken("web"))
	arn := *must(w.ecs.CreateService(t.Context(), w.service("web")))(t).Service.CurrentServiceDeployment
	s := w.settle("web")
	if d := s.Deployments[0]; d.RolloutState != types.DeploymentRolloutStateFailed || d.FailedTasks != 3 ||
		*d.RolloutStateReason != "ECS deployment circuit breaker: tasks failed to start." {
		t.Error(text(d))
	}
	if got := w.deployment(arn).Status; got != types.ServiceDeploymentStatusStopped {
		t.Error(got)
	}
	golden(t, "task-failed", w.onlyTask(types.DesiredStatusStopped))
}

// onlyTask is the first of the tasks in the cluster "shop", as it is listed.
func (w *world) onlyTask(desired types.DesiredStatus) types.Task {
	w.t.Helper()
	list := must(w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), DesiredStatus: desired}))(w.t)
	if len(list.TaskArns) == 0 {
		w.t.Fatalf("no %s task", desired)
	}
	return must(w.ecs.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{
		Cluster: aws.String("shop"), Tasks: list.TaskArns[:1], Include: []types.TaskField{types.TaskFieldTags},
	}))(w.t).Tasks[0]
}

func TestANewerDeploymentStopsTheOneUnderWay(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	first := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	second := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	if len(second.Deployments) != 3 {
		t.Errorf("%d deployments", len(second.Deployments))
	}
	d := w.deployment(*first.CurrentServiceDeployment)
	if d.Status != types.ServiceDeploymentStatusStopped || !strings.Contains(*d.StatusReason, "newer") {
		t.Error(text(d))
	}
	if s := w.settle("web"); *s.Deployments[0].Id != *second.Deployments[0].Id || len(s.Deployments) != 1 {
		t.Error(text(s.Deployments))
	}
}

func TestAStoppedDeploymentRollsBack(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	before := w.settle("web")
	stop := func(arn *string) error {
		_, err := w.ecs.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: arn})
		return err
	}
	if err := stop(before.CurrentServiceDeployment); code(err) != "ConflictException" {
		t.Error("a deployment that has ended:", err)
	}
	if err := stop(aws.String("arn:aws:ecs:us-east-1:123456789012:service-deployment/shop/web/x")); code(err) != "ServiceDeploymentNotFoundException" {
		t.Error(err)
	}
	s := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: aws.String(w.register(definition("web")))})
	if err := stop(s.CurrentServiceDeployment); err != nil {
		t.Fatal(err)
	}
	if got := w.deployment(*s.CurrentServiceDeployment).Status; got != types.ServiceDeploymentStatusRollbackRequested {
		t.Error(got)
	}
	after := w.settle("web")
	if *after.TaskDefinition != *before.TaskDefinition || *after.Deployments[0].Id != *before.Deployments[0].Id {
		t.Error("want the old revision under its old deployment id:", text(after.Deployments))
	}
	if got := w.deployment(*s.CurrentServiceDeployment).Status; got != types.ServiceDeploymentStatusRollbackSuccessful {
		t.Error(got)
	}
}

func TestADescribedServiceDeploymentMovesToo(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	in := &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{*w.create("web").CurrentServiceDeployment, "arn:aws:ecs:us-east-1:123456789012:service-deployment/shop/web/x"},
	}
	var got []string
	for range 3 {
		out := must(w.ecs.DescribeServiceDeployments(t.Context(), in))(t)
		got = append(got, fmt.Sprint(out.ServiceDeployments[0].Status, " ", *out.Failures[0].Reason))
	}
	want := []string{"IN_PROGRESS MISSING", "SUCCESSFUL MISSING", "SUCCESSFUL MISSING"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestServiceDeploymentsAreListedNewestFirst(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.prepare()
	w.create("web")
	w.settle("web")
	var want []string
	for range 3 {
		want = append([]string{*w.update(&ecs.UpdateServiceInput{
			Service: aws.String("web"), ForceNewDeployment: true,
		}).CurrentServiceDeployment}, want...)
	}
	in := &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String("shop"), Service: aws.String("web"),
		Status: []types.ServiceDeploymentStatus{types.ServiceDeploymentStatusPending, types.ServiceDeploymentStatusStopped},
	}
	var got []string
	for {
		out := must(w.ecs.ListServiceDeployments(t.Context(), in))(t)
		for _, d := range out.ServiceDeployments {
			got = append(got, *d.ServiceDeploymentArn)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScalingNeedsNoDeployment(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	for _, n := range []int32{3, 1, 0, 2} {
		s := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: &n})
		if s.DesiredCount != n || len(s.Deployments) != 1 {
			t.Error(text(s.Deployments))
		}
		if s := w.describe("web"); s.RunningCount != n || s.Deployments[0].RunningCount != n {
			t.Errorf("running %d, want %d", s.RunningCount, n)
		}
	}
}

func TestAServiceReplacesATaskThatWasStopped(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	before := w.onlyTask(types.DesiredStatusRunning)
	must(w.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("shop"), Task: before.TaskArn, Reason: aws.String("test")}))(t)
	w.describe("web")
	if after := w.onlyTask(types.DesiredStatusRunning); *after.TaskArn == *before.TaskArn {
		t.Error("want another task")
	}
	if stopped := w.onlyTask(types.DesiredStatusStopped); stopped.StopCode != types.TaskStopCodeUserInitiated || *stopped.StoppedReason != "test" {
		t.Error(text(stopped))
	}
}

// TestWhatNeverRunsIsTriedMoreAndMoreSeldom lets the role of a service go, and its only
// task.
func TestWhatNeverRunsIsTriedMoreAndMoreSeldom(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	var role simulator.Role
	w.Mutate(func(a *simulator.Account) {
		role = *a.Roles.Get("execution")
		a.Roles.Delete("execution")
	})
	task := w.onlyTask(types.DesiredStatusRunning).TaskArn
	must(w.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("shop"), Task: task}))(t)
	w.Pass(24 * time.Hour)
	var failures []time.Time
	told := 0
	for _, e := range w.describe("web").Events {
		if strings.Contains(*e.Message, "failed to start") {
			failures = append(failures, *e.CreatedAt)
		} else if strings.Contains(*e.Message, "is unable to consistently start tasks successfully") {
			told++
		}
	}
	if told != 1 || len(failures) < 40 || len(failures) > 80 {
		t.Errorf("%d failures in a day, told %d times", len(failures), told)
	}
	if apart := failures[1].Sub(failures[2]); apart != 27*time.Minute {
		t.Errorf("it is tried again after %s", apart)
	}
	w.Mutate(func(a *simulator.Account) { a.Roles.Put("execution", role) })
	w.Pass(28 * time.Minute)
	w.onlyTask(types.DesiredStatusRunning)
}
