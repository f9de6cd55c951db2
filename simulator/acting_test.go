package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestExpressionsAreDue(t *testing.T) {
	for _, c := range []struct{ expression, zone, after, want string }{
		{"at(2026-03-01T08:00:00)", "UTC", "2026-01-01T00:00:00Z", "2026-03-01T08:00:00Z"},
		{"at(2026-03-01T08:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-03-01T07:00:00Z"},
		{"at(2026-03-01T08:00:00)", "UTC", "2026-03-01T08:00:00Z", "never"},
		{"rate(5 minutes)", "UTC", "2026-01-01T00:00:30Z", "2026-01-01T00:05:30Z"},
		{"cron(0 8 ? * MON-FRI *)", "UTC", "2026-01-02T09:00:00Z", "2026-01-05T08:00:00Z"}, // a Friday
		{"cron(0 8 ? * FRI-MON *)", "UTC", "2026-01-05T09:00:00Z", "2026-01-09T08:00:00Z"},
		{"cron(0/15 8,20 1,15 * ? *)", "UTC", "2026-01-01T08:20:00Z", "2026-01-01T08:30:00Z"},
		{"cron(0/15 8,20 1,15 * ? *)", "UTC", "2026-01-01T20:45:00Z", "2026-01-15T08:00:00Z"},
		{"cron(0 0 L FEB ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"cron(0 0 LW 2 ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-02-27T00:00:00Z"}, // the 28th is a Saturday
		{"cron(0 0 1W 8 ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-08-03T00:00:00Z"}, // the 1st is a Saturday
		{"cron(0 0 ? * 6#3 *)", "UTC", "2026-01-01T00:00:00Z", "2026-01-16T00:00:00Z"},
		{"cron(0 0 ? * 2L *)", "UTC", "2026-01-01T00:00:00Z", "2026-01-26T00:00:00Z"},
		{"cron(0 0 1 1 ? 2030)", "UTC", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"},
		{"cron(0 0 1 1 ? 2020)", "UTC", "2026-01-01T00:00:00Z", "never"},
		{"cron(0 0 30 2 ? *)", "UTC", "2026-01-01T00:00:00Z", "never"},
		{"cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"}, // no 2:30 on the 29th
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		got := "never"
		if next := simulator.NextTime(c.expression, c.zone, after); !next.IsZero() {
			got = next.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s in %s after %s is due at %s, want %s", c.expression, c.zone, c.after, got, c.want)
		}
	}
}

// counts are the desired and the running count of "web", which nobody looks at.
func (w *world) counts() (desired, running int32) {
	w.Mutate(func(a *simulator.Account) {
		s := a.Services.Get("shop/web")
		desired, running = s.DesiredCount, s.RunningCount
	})
	return desired, running
}

func (w *world) wantCounts(when string, want int32) {
	w.t.Helper()
	if desired, running := w.counts(); desired != want || running != want {
		w.t.Errorf("%s %d of %d tasks run, want %d", when, running, desired, want)
	}
}

func TestRegisteringAScalableTargetMovesTheCapacityBetweenItsBounds(t *testing.T) {
	w, api := scalable(t, false)
	w.settle("web")
	for _, c := range []struct{ low, high, want int32 }{{2, 4, 2}, {5, 6, 5}, {1, 6, 5}, {0, 1, 1}} {
		must(api.RegisterScalableTarget(t.Context(), target(c.low, c.high)))(t)
		if desired, _ := w.counts(); desired != c.want {
			t.Errorf("between %d and %d it is %d, want %d", c.low, c.high, desired, c.want)
		}
	}
}

func TestScheduledActionsAreCarriedOut(t *testing.T) {
	w, api := scalable(t, true)
	ctx := t.Context()
	w.settle("web")
	morning, evening := scheduled("morning", "cron(0 8 * * ? *)"), scheduled("evening", "cron(0 20 * * ? *)")
	morning.ScalableTargetAction = &scalingtypes.ScalableTargetAction{MinCapacity: aws.Int32(3)}
	evening.ScalableTargetAction = &scalingtypes.ScalableTargetAction{MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(0)}
	must(api.PutScheduledAction(ctx, morning))(t)
	must(api.PutScheduledAction(ctx, evening))(t)
	w.Pass(7 * time.Hour)
	w.wantCounts("before the morning", 1)
	w.Pass(2 * time.Hour)
	w.wantCounts("in the morning", 3)
	w.Pass(12 * time.Hour)
	w.wantCounts("in the evening", 0)
	w.Pass(12 * time.Hour)
	w.wantCounts("on the next morning, with a most of 0,", 0)
	activities := must(api.DescribeScalingActivities(ctx, &scaling.DescribeScalingActivitiesInput{ServiceNamespace: ecsNamespace}))(t).ScalingActivities
	var seen []string
	for _, a := range activities {
		seen = append(seen, *a.Description+" "+string(a.StatusCode))
	}
	want := "Setting min capacity to 3 and max capacity to 0. Failed\nSetting desired count to 0. Successful\nSetting desired count to 3. Successful"
	if got := strings.Join(seen, "\n"); got != want {
		t.Errorf("activities\n%s\nwant\n%s", got, want)
	}

	must(api.RegisterScalableTarget(ctx, &scaling.RegisterScalableTargetInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"), MaxCapacity: aws.Int32(4),
		SuspendedState: &scalingtypes.SuspendedState{ScheduledScalingSuspended: aws.Bool(true)},
	}))(t)
	w.Pass(24 * time.Hour)
	w.wantCounts("suspended", 0)
}

// soundAlarm says that a metric has that value.
func soundAlarm(t *testing.T, api *cloudwatch.Client, name, data string) {
	t.Helper()
	for _, state := range []watchtypes.StateValue{watchtypes.StateValueOk, watchtypes.StateValueAlarm} {
		must(api.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
			AlarmName: &name, StateValue: state, StateReason: aws.String("a test"), StateReasonData: aws.String(data),
		}))(t)
	}
}

func TestAStepPolicyFollowsItsAlarm(t *testing.T) {
	w, api := scalable(t, false)
	ctx, watch := t.Context(), cloudwatch.NewFromConfig(w.Config())
	must(api.RegisterScalableTarget(ctx, target(1, 10)))(t)
	w.settle("web")
	out := must(api.PutScalingPolicy(ctx, steps("out", step(aws.Float64(0), aws.Float64(10), 2), step(aws.Float64(10), nil, 3))))(t).PolicyARN
	in := must(api.PutScalingPolicy(ctx, steps("in", step(nil, aws.Float64(0), -1))))(t).PolicyARN
	hot, cold := alarm("hot"), alarm("cold")
	hot.AlarmActions, cold.AlarmActions = []string{*out}, []string{*in}
	cold.ComparisonOperator = watchtypes.ComparisonOperatorLessThanThreshold
	must(watch.PutMetricAlarm(ctx, hot))(t)
	must(watch.PutMetricAlarm(ctx, cold))(t)
	for _, c := range []struct {
		name, data string
		pass       time.Duration
		want       int32
	}{
		{"hot", `{}`, 0, 1}, // nothing can be told
		{"hot", `{"recentDatapoints":[70,85]}`, 0, 3},
		{"hot", `{"recentDatapoints":[95]}`, 0, 4},            // of the 3 of this step 2 are there already
		{"hot", `{"recentDatapoints":[81]}`, 0, 4},            // and of these 2 all
		{"hot", `{"recentDatapoints":[90]}`, time.Hour, 7},    // the cooldown is over
		{"cold", `{"recentDatapoints":[10]}`, 0, 6},           // what goes in does not wait for what went out
		{"cold", `{"recentDatapoints":[10]}`, 0, 6},           // but for itself
		{"cold", `{"recentDatapoints":[10]}`, time.Hour, 5},   //
		{"hot", `{"recentDatapoints":[200]}`, time.Hour, 8},   //
		{"hot", `{"recentDatapoints":[200]}`, time.Hour, 10},  // the most
		{"cold", `{"recentDatapoints":[90]}`, time.Hour, 10},  // no step is about that
		{"cold", `{"recentDatapoints":[10]}`, time.Minute, 9}, //
	} {
		w.Pass(c.pass)
		soundAlarm(t, watch, c.name, c.data)
		if desired, _ := w.counts(); desired != c.want {
			t.Errorf("%s with %s after %s: %d tasks, want %d", c.name, c.data, c.pass, desired, c.want)
		}
	}
	must(watch.DisableAlarmActions(ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"cold"}}))(t)
	w.Pass(time.Hour)
	soundAlarm(t, watch, "cold", `{"recentDatapoints":[10]}`)
	if desired, _ := w.counts(); desired != 9 {
		t.Error("an alarm without actions scales to", desired)
	}
}

// TestTargetTrackingFollowsAScript has a load that four tasks carry, for an hour.
func TestTargetTrackingFollowsAScript(t *testing.T) {
	script, err := simulator.ParseScript([]byte(`
metrics:
  - {service: web, metric: CPUUtilization, load: 200, after: 1h, for: 1h}
  - {service: w*, metric: CPUUtilization, load: 30}
`))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, simulator.Options{Script: script})
	w.prepare()
	w.create("web")
	w.settle("web")
	api := scaling.NewFromConfig(w.Config())
	must(api.RegisterScalableTarget(t.Context(), target(1, 6)))(t)
	must(api.PutScalingPolicy(t.Context(), tracking("cpu", cpu, 50)))(t)
	w.Pass(50 * time.Minute)
	w.wantCounts("under little load", 1)
	w.Pass(30 * time.Minute)
	w.wantCounts("under load", 4)
	w.Pass(2 * time.Hour)
	w.wantCounts("after it", 1)
	alarms := must(cloudwatch.NewFromConfig(w.Config()).DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{}))(t).MetricAlarms
	for _, a := range alarms {
		if want := strings.Contains(*a.AlarmName, "AlarmLow"); (a.StateValue == watchtypes.StateValueAlarm) != want {
			t.Errorf("%s is in %s", *a.AlarmName, a.StateValue)
		}
		want := "Threshold Crossed: 3 out of the last 3 datapoints [30.0, 30.0, 30.0] were not greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition)."
		if strings.Contains(*a.AlarmName, "AlarmLow") {
			want = "Threshold Crossed: 15 out of the last 15 datapoints [" + strings.Repeat("30.0, ", 14) +
				"30.0] were less than the threshold (45.0) (minimum 15 datapoints for OK -> ALARM transition)."
		}
		if *a.StateReason != want {
			t.Errorf("%s (-want +got):\n%s", *a.AlarmName, cmp.Diff(want, *a.StateReason))
		}
	}
}

// permitted gives the role of schedules these actions.
func permitted(w *world, actions ...string) {
	w.t.Helper()
	must(w.iam.PutRolePolicy(w.t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("schedule"), PolicyName: aws.String("run"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}]}`),
	}))(w.t)
}

// runnable is an account with the family "job" and a schedule of it.
func runnable(t *testing.T) (*world, *scheduler.Client, *scheduler.CreateScheduleInput) {
	t.Helper()
	w, api := planned(t)
	w.prepare()
	td := definition("job")
	w.register(td)
	in := nightly("backup")
	in.Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration = &schedulertypes.AwsVpcConfiguration{
		Subnets: w.network().AwsvpcConfiguration.Subnets, AssignPublicIp: schedulertypes.AssignPublicIpEnabled,
	}
	in.Target.Input = aws.String(`{"containerOverrides":[{"name":"web","command":["backup"]}]}`)
	return w, api, in
}

// ran lets time go by, in steps in which no stopped task is forgotten. It returns the
// tasks of that time, and why the latest try of the schedule failed.
func (w *world) ran(name string, d time.Duration) (tasks map[string]types.Task, problem string) {
	tasks = map[string]types.Task{}
	for ; d > 0; d -= 30 * time.Minute {
		w.Pass(30 * time.Minute)
		w.Mutate(func(a *simulator.Account) {
			for key, t := range a.Tasks.All() {
				tasks[key] = t.Task
			}
			if s := a.Schedules.Get("default/" + name); s != nil {
				problem = s.Problem
			}
		})
	}
	return tasks, problem
}

func TestAScheduleRunsItsTask(t *testing.T) {
	w, api, in := runnable(t)
	ctx := t.Context()
	must(api.CreateSchedule(ctx, in))(t)
	if tasks, problem := w.ran("backup", 24*time.Hour); len(tasks) > 0 || !strings.Contains(problem, "is not authorized to perform: ecs:RunTask") {
		t.Errorf("without a permission: %d tasks, problem %q", len(tasks), problem)
	}
	permitted(w, "ecs:RunTask")
	if tasks, problem := w.ran("backup", 24*time.Hour); len(tasks) > 0 || !strings.Contains(problem, "iam:PassRole") {
		t.Errorf("without iam:PassRole: %d tasks, problem %q", len(tasks), problem)
	}
	permitted(w, "ecs:RunTask", "iam:PassRole")
	tasks, problem := w.ran("backup", 48*time.Hour)
	if len(tasks) != 2 || problem != "" {
		t.Fatalf("%d tasks in two nights, problem %q", len(tasks), problem)
	}
	for _, task := range tasks {
		if *task.LastStatus != "STOPPED" || *task.Containers[0].ExitCode != 0 || task.CreatedAt.Hour() != 3 ||
			task.Overrides.ContainerOverrides[0].Command[0] != "backup" {
			t.Error(text(task))
		}
	}
	must(api.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
		Name: in.Name, ScheduleExpression: in.ScheduleExpression, FlexibleTimeWindow: in.FlexibleTimeWindow, Target: in.Target,
		State: schedulertypes.ScheduleStateDisabled,
	}))(t)
	if tasks, _ := w.ran("backup", 48*time.Hour); len(tasks) > 0 {
		t.Errorf("disabled it runs: %d tasks", len(tasks))
	}
}

func TestAOneTimeScheduleEnds(t *testing.T) {
	w, api, once := runnable(t)
	permitted(w, "ecs:RunTask", "iam:PassRole")
	once.ScheduleExpression, once.ActionAfterCompletion = aws.String("at(2026-01-01T12:00:00)"), schedulertypes.ActionAfterCompletionDelete
	every := *once
	every.Name, every.ScheduleExpression = aws.String("hourly"), aws.String("rate(1 hour)")
	end := w.Now().Add(150 * time.Minute)
	every.EndDate = &end
	must(api.CreateSchedule(t.Context(), once))(t)
	must(api.CreateSchedule(t.Context(), &every))(t)
	if tasks, _ := w.ran("backup", 48*time.Hour); len(tasks) != 4 {
		t.Errorf("%d tasks, want that of noon, that at once and those after one and two hours", len(tasks))
	}
	if left := must(api.ListSchedules(t.Context(), &scheduler.ListSchedulesInput{}))(t).Schedules; len(left) > 0 {
		t.Error("there are still", text(left))
	}
}

func TestATaskWithABrokenMountIsKilled(t *testing.T) {
	p := possess(t)
	for _, id := range p.targets {
		must(p.efs.DeleteMountTarget(t.Context(), &efs.DeleteMountTargetInput{MountTargetId: &id}))(t)
	}
	p.Pass(time.Hour)
	if s := p.describe("web"); s.RunningCount != 1 {
		t.Errorf("%d tasks run", s.RunningCount)
	}
	p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	p.Pass(time.Hour)
	if stopped := p.tasksOf(types.DesiredStatusStopped); len(stopped) != 1 || *stopped[0].Containers[0].ExitCode != 137 {
		t.Error(text(stopped))
	}
}

func TestAPolicyOfAFileSystemIsInForceLater(t *testing.T) {
	w := newWorld(t, simulator.Options{PolicyDelay: 300})
	w.prepare()
	s := w.mountable()
	in := w.mounting(s)
	w.fileSystemPolicy(s.fileSystem, refusesPlain)
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.Pass(2 * time.Minute)
	w.wantCounts("soon after the change", 1)
	w.Pass(time.Hour)
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(2)})
	w.Pass(time.Hour)
	if desired, running := w.counts(); desired != 2 || running != 1 {
		t.Errorf("later %d of %d tasks run, want 1 of 2", running, desired)
	}
}

func TestTheWitnessSeesAnImageExpireThatRuns(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx := t.Context()
	image := w.repository("shop/web", "1")
	td := definition("web")
	td.ContainerDefinitions[0].Image = aws.String(*image.RepositoryUri + ":1")
	w.register(td)
	must(w.ecs.CreateService(ctx, w.service("web")))(t)
	w.settle("web")
	must(w.ecr.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: aws.String("shop/web"), LifecyclePolicyText: aws.String(
		`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":1},"action":{"type":"expire"}}]}`)}))(t)
	w.Pass(72 * time.Hour)
	w.Mutate(func(a *simulator.Account) { a.Expire() })
	if found := w.Witness(); len(found) != 1 || !strings.Contains(found[0].String(), "ecr.expiry took from the running task") {
		t.Error(found)
	}
}

func TestAStoppedTaskIsReplacedInTime(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	old := w.onlyTask(types.DesiredStatusRunning)
	must(w.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("shop"), Task: old.TaskArn}))(t)
	w.Pass(10 * time.Minute)
	w.wantCounts("after one was stopped", 1)
	if task := w.onlyTask(types.DesiredStatusRunning); *task.TaskArn == *old.TaskArn {
		t.Error("it is the same")
	}
}

func TestAScriptedCrashComesWithTime(t *testing.T) {
	w := scripted(t, "containers: [{service: web, exit: 3, after: 4, times: 2}]")
	w.create("web")
	w.Pass(time.Hour)
	w.wantCounts("after two crashes", 1)
	crashed := 0
	for _, task := range w.tasksOf(types.DesiredStatusStopped) {
		if *task.Containers[0].ExitCode == 3 {
			crashed++
		}
	}
	if crashed != 2 {
		t.Errorf("%d tasks crashed", crashed)
	}
}
