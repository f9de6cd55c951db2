package simulator_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// scripted is an account whose containers fare as the script says.
func scripted(t *testing.T, text string) *world {
	t.Helper()
	script, err := simulator.ParseScript([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, simulator.Options{Script: script})
	w.prepare()
	return w
}

// checked is a definition with a health check.
func checked(family string, interval, retries, start int32) *ecs.RegisterTaskDefinitionInput {
	td := definition(family)
	td.ContainerDefinitions[0].HealthCheck = &types.HealthCheck{
		Command: []string{"CMD-SHELL", "true"}, Interval: &interval, Retries: &retries, StartPeriod: &start,
	}
	return td
}

func TestAScriptIsRead(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "containers: []": "",
		`{"containers":[{"service":"web","exit":3,"after":2,"times":1,"log":["a"],"takes":"90s","seeds":"2m"}]}`: "",
		"# nothing\n":                            "",
		"containers: []\n---\n{}":                "one YAML document",
		"containers: [{service: web, exitt: 3}]": `line 1 of the script: unknown key "exitt"; known are after, container,`,
		"container: []":                          `unknown key "container"; known are alarms, containers, metrics`,
		"metrics: [{load: [1]}]":                 "line 1 of the script: a list where a number belongs",
		"containers: [{exit: abc}]":              `line 1 of the script: "abc" where a whole number belongs`,
		"containers: [{exit: 1.5}]":              `"1.5" where a whole number belongs`,
		"containers: [{log: gone}]":              `"gone" where a list such as ["one line"] belongs`,
		"containers: [web]":                      `"web" where a mapping such as {service: web, exit: 1} belongs`,
		"[1]":                                    "a list where a mapping with containers, metrics and alarms belongs",
		"metrics: [{metric: x, value: .nan}]":    "value and load are numbers",
		"metrics: [{metric: x, load: -.inf}]":    "value and load are numbers",
		"containers: [{starts: 1001}]":           "starts must be at most 1000 looks, not 1001",
		"containers: [{takes: 2000000h}]":        "of a year at most",
		"containers: [{service: web}]":           "containers[0] of the script: it says nothing",
		"containers: [{exit: 256}]":              "between 0 and 255",
		"containers: [{exit: 1, times: -1}]":     "must not be negative",
		"containers: [{log: [a], after: 1}]":     "after is for exit",
		"containers: [{takes: soon}]":            `"soon" is no span of time`,
		"containers: [{takes: -3s}]":             `"-3s" is no span of time`,
		"alarms: [{service: web, after: 2}]":     "",
		"alarms: [{after: 2}]":                   "alarms[0] of the script: it names neither a service nor an alarm",
		"alarms: [{alarm: x, after: -1}]":        "must not be negative",
		"alarms: [web]":                          `"web" where a mapping such as {service: web, alarm: errors} belongs`,
		"containers: {}":                         "a mapping where a list of mappings such as {service: web, exit: 1} belongs",
	} {
		_, err := simulator.ParseScript([]byte(text))
		if got := errorText(err); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %q", text, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAServiceFaresAsScripted(t *testing.T) {
	for _, c := range []struct {
		name, script string
		definition   *ecs.RegisterTaskDefinitionInput
		grace        int32
		want         types.DeploymentRolloutState
		reason       string
	}{
		{"it exits at its start", "containers: [{service: web, exit: 3}]", definition("web"), 0, types.DeploymentRolloutStateFailed, "Essential container"},
		{"another service exits", "containers: [{service: db, exit: 3}]", definition("web"), 0, types.DeploymentRolloutStateCompleted, ""},
		{"it exits twice", "containers: [{service: web, exit: 3, times: 2}]", definition("web"), 0, types.DeploymentRolloutStateCompleted, ""},
		{"it exits as often as is too often", "containers: [{service: web, exit: 3, times: 3}]", definition("web"), 0, types.DeploymentRolloutStateFailed, "Essential"},
		{"it is late once", "containers: [{takes: 31s, times: 1}]", checked("web", 10, 3, 0), 0, types.DeploymentRolloutStateCompleted, ""},
		{"it exits once", "containers: [{service: web, exit: 3, times: 1}]", definition("web"), 0, types.DeploymentRolloutStateCompleted, ""},
		{"it is healthy in time", "containers: [{takes: 20s}]", checked("web", 10, 3, 0), 0, types.DeploymentRolloutStateCompleted, ""},
		{"it is healthy too late", "containers: [{takes: 31s}]", checked("web", 10, 3, 0), 0, types.DeploymentRolloutStateFailed, "container health checks"},
		{"its start period covers that", "containers: [{takes: 31s}]", checked("web", 10, 3, 5), 0, types.DeploymentRolloutStateCompleted, ""},
		{"the grace period covers that", "containers: [{takes: 90s}]", checked("web", 10, 3, 0), 100, types.DeploymentRolloutStateCompleted, ""},
		{"nobody checks its health", "containers: [{takes: 90s}]", definition("web"), 0, types.DeploymentRolloutStateCompleted, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := scripted(t, c.script)
			w.register(c.definition)
			s := w.service("web")
			if c.grace > 0 {
				s.HealthCheckGracePeriodSeconds = &c.grace
			}
			must(w.ecs.CreateService(t.Context(), s))(t)
			settled := w.settle("web")
			if got := settled.Deployments[0].RolloutState; got != c.want {
				t.Errorf("%s, want %s: %s", got, c.want, text(settled.Events))
			}
			if c.reason != "" && !strings.Contains(*w.tasksOf(types.DesiredStatusStopped)[0].StoppedReason, c.reason) {
				t.Error(text(settled.Events))
			}
		})
	}
}

// tasksOf are the tasks in the cluster "shop" that are to be in that status.
func (w *world) tasksOf(desired types.DesiredStatus) []types.Task {
	w.t.Helper()
	in := &ecs.ListTasksInput{Cluster: aws.String("shop"), DesiredStatus: desired}
	arns := must(w.ecs.ListTasks(w.t.Context(), in))(w.t).TaskArns
	return must(w.ecs.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: arns}))(w.t).Tasks
}

func TestASlowImageIsHealthyLate(t *testing.T) {
	w := scripted(t, "")
	td := checked("web", 10, 3, 0)
	td.ContainerDefinitions[0].Image = aws.String("shop/web:slow-60")
	w.register(td)
	must(w.ecs.CreateService(t.Context(), w.service("web")))(t)
	if s := w.settle("web"); s.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed {
		t.Error(text(s.Events))
	}
}

func TestAServiceStartsSlowly(t *testing.T) {
	w := scripted(t, "containers: [{service: web, starts: 3}]")
	w.create("web")
	reads := 1
	for w.describe("web").Deployments[0].RolloutState == types.DeploymentRolloutStateInProgress {
		reads++
	}
	if reads != 5 {
		t.Errorf("it took %d reads, want 3 more than 2", reads)
	}
}

func TestARunningTaskCrashes(t *testing.T) {
	w := scripted(t, "containers: [{service: web, exit: 137, after: 2, times: 1}]")
	w.create("web")
	w.settle("web")
	first := *w.onlyTask(types.DesiredStatusRunning).TaskArn
	for range 4 {
		w.describe("web")
	}
	stopped := w.onlyTask(types.DesiredStatusStopped)
	if *stopped.TaskArn != first || *stopped.Containers[0].ExitCode != 137 {
		t.Error(text(stopped))
	}
	if now := w.onlyTask(types.DesiredStatusRunning); *now.TaskArn == first {
		t.Error("it was not replaced")
	}
}

func TestAOneShotEndsAsScripted(t *testing.T) {
	w := scripted(t, `containers: [{service: job, exit: 4, after: 1, log: ["applying 17", "relation exists"]}]`)
	w.register(definition("job"))
	arn := *must(w.ecs.RunTask(t.Context(), w.job()))(t).Tasks[0].TaskArn
	var got []string
	for range 4 {
		out := must(w.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: []string{arn}}))(t)
		got = append(got, describeEnd(out.Tasks[0]))
	}
	if want := "RUNNING,RUNNING,STOPPED EssentialContainerExited 4,STOPPED EssentialContainerExited 4"; strings.Join(got, ",") != want {
		t.Error(got)
	}
	lines := must(w.logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/shop")}))(t).Events
	if !strings.Contains(text(lines), "relation exists") {
		t.Error(text(lines))
	}
}

func TestContainersThatOthersWaitForEnd(t *testing.T) {
	build := func(timeout *int32) *ecs.RegisterTaskDefinitionInput {
		td := definition("web")
		side := td.ContainerDefinitions[0]
		side.Name, side.PortMappings, side.Essential, side.StartTimeout = aws.String("migrate"), nil, aws.Bool(false), timeout
		td.ContainerDefinitions = append(td.ContainerDefinitions, side)
		td.ContainerDefinitions[0].DependsOn = []types.ContainerDependency{
			{ContainerName: aws.String("migrate"), Condition: types.ContainerConditionSuccess},
		}
		return td
	}
	for _, c := range []struct {
		name, script string
		timeout      *int32
		want         types.DeploymentRolloutState
	}{
		{"with 0 as a rule", "", nil, types.DeploymentRolloutStateCompleted},
		{"with another code", "containers: [{container: migrate, exit: 1}]", nil, types.DeploymentRolloutStateFailed},
		{"within three minutes", "containers: [{container: migrate, takes: 179s}]", nil, types.DeploymentRolloutStateCompleted},
		{"after three minutes", "containers: [{container: migrate, takes: 181s}]", nil, types.DeploymentRolloutStateFailed},
		{"after their time-out", "containers: [{container: migrate, takes: 61s}]", aws.Int32(60), types.DeploymentRolloutStateFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := scripted(t, c.script)
			w.register(build(c.timeout))
			must(w.ecs.CreateService(t.Context(), w.service("web")))(t)
			s := w.settle("web")
			if got := s.Deployments[0].RolloutState; got != c.want {
				t.Fatalf("%s, want %s: %s", got, c.want, text(s.Events))
			}
			if c.want != types.DeploymentRolloutStateCompleted {
				return
			}
			for _, container := range w.onlyTask(types.DesiredStatusRunning).Containers {
				if ended := container.ExitCode != nil; ended != (*container.Name == "migrate") {
					t.Error(text(container))
				}
			}
		})
	}
}

func TestAKilledFirstStartLeavesHalfOfTheData(t *testing.T) {
	w := scripted(t, "containers: [{service: web, seeds: 60s}]")
	s := w.mountable()
	td := checked("web", 10, 3, 0)
	td.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/task")
	td.Volumes = []types.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{
		FileSystemId: &s.fileSystem, TransitEncryption: types.EFSTransitEncryptionEnabled,
		AuthorizationConfig: &types.EFSAuthorizationConfig{AccessPointId: &s.accessPoint, Iam: types.EFSAuthorizationConfigIAMEnabled},
	}}}
	td.ContainerDefinitions[0].MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}
	w.register(td)
	service := w.service("web")
	service.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{s.tasks}
	must(w.ecs.CreateService(t.Context(), service))(t)
	if s := w.settle("web"); s.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed {
		t.Error(text(s.Events))
	}
	var reasons []string
	for _, task := range w.tasksOf(types.DesiredStatusStopped) {
		reasons = append(reasons, *task.StoppedReason)
	}
	all := strings.Join(reasons, ";")
	if !strings.Contains(all, "container health checks") || !strings.Contains(all, "Essential container in task exited") {
		t.Error("want one that was killed and one that found half of the data:", all)
	}
}

// TestTheCircuitBreakerCountsTasks has one task fail after the other, as many as the
// guide says: half of the desired count, at least 3.
func TestTheCircuitBreakerCountsTasks(t *testing.T) {
	for _, c := range []struct {
		desired, failing int32
		breaker          types.DeploymentCircuitBreaker
		want             types.DeploymentRolloutState
	}{
		{1, 2, types.DeploymentCircuitBreaker{Enable: true}, types.DeploymentRolloutStateCompleted},
		{1, 3, types.DeploymentCircuitBreaker{Enable: true}, types.DeploymentRolloutStateFailed},
		{10, 4, types.DeploymentCircuitBreaker{Enable: true}, types.DeploymentRolloutStateCompleted},
		{10, 5, types.DeploymentCircuitBreaker{Enable: true}, types.DeploymentRolloutStateFailed},
		{1, 1, types.DeploymentCircuitBreaker{Enable: true, ThresholdConfiguration: &types.ThresholdConfiguration{
			Type: types.ThresholdTypeCount, Value: 1,
		}}, types.DeploymentRolloutStateFailed},
		{1, 9, types.DeploymentCircuitBreaker{}, types.DeploymentRolloutStateCompleted},
	} {
		w := scripted(t, fmt.Sprintf("containers: [{service: web, exit: 3, times: %d}]", c.failing))
		w.register(definition("web"))
		in := w.service("web")
		in.DesiredCount, in.DeploymentConfiguration = &c.desired, &types.DeploymentConfiguration{DeploymentCircuitBreaker: &c.breaker}
		arn := *must(w.ecs.CreateService(t.Context(), in))(t).Service.CurrentServiceDeployment
		got := w.settle("web").Deployments[0]
		failed, failures := int32(0), w.failures(arn)
		if c.want == types.DeploymentRolloutStateFailed {
			failed = c.failing
		}
		if got.RolloutState != c.want || got.FailedTasks != failed || failures != failed {
			t.Errorf("%d of %d fail: %s with %d and %d failures, want %s with %d",
				c.failing, c.desired, got.RolloutState, got.FailedTasks, failures, c.want, failed)
		}
	}
}

// failures is the failure count of a service deployment.
func (w *world) failures(arn string) int32 {
	w.t.Helper()
	out := must(w.ecs.DescribeServiceDeployments(w.t.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}}))(w.t)
	return out.ServiceDeployments[0].DeploymentCircuitBreaker.FailureCount
}

// TestEachContainerEndsInItsOwnWay: the one that failed with its code, its helper with
// 0, what waited for it never, and the rest are told to stop.
func TestEachContainerEndsInItsOwnWay(t *testing.T) {
	w := scripted(t, "containers: [{container: web, exit: 3}, {container: odd, exit: 9}]")
	td := definition("web")
	side := func(name string, essential bool, dependsOn ...types.ContainerDependency) {
		c := td.ContainerDefinitions[0]
		c.Name, c.PortMappings, c.Essential, c.DependsOn = &name, nil, &essential, dependsOn
		td.ContainerDefinitions = append(td.ContainerDefinitions, c)
	}
	after := func(name string, condition types.ContainerCondition) types.ContainerDependency {
		return types.ContainerDependency{ContainerName: &name, Condition: condition}
	}
	td.ContainerDefinitions[0].HealthCheck = &types.HealthCheck{Command: []string{"CMD-SHELL", "true"}}
	td.ContainerDefinitions[0].DependsOn = []types.ContainerDependency{
		after("seed", types.ContainerConditionSuccess), after("odd", types.ContainerConditionComplete),
	}
	side("seed", false)
	side("odd", false)
	side("log", false)
	side("metrics", true, after("web", types.ContainerConditionStart))
	side("proxy", true, after("web", types.ContainerConditionHealthy))
	side("probe", false, after("proxy", types.ContainerConditionStart))
	w.register(td)
	must(w.ecs.CreateService(t.Context(), w.service("web")))(t)
	w.settle("web")
	got := map[string]string{}
	for _, c := range w.onlyTask(types.DesiredStatusStopped).Containers {
		got[*c.Name] = "never ran"
		if c.ExitCode != nil {
			got[*c.Name] = fmt.Sprint(*c.ExitCode)
		}
	}
	want := map[string]string{
		"web": "3", "seed": "0", "odd": "9", "log": "143", "metrics": "143", "proxy": "never ran", "probe": "never ran",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOnlyTheTasksOfALineSayWhatItSays has two tasks fail, and the third run well.
func TestOnlyTheTasksOfALineSayWhatItSays(t *testing.T) {
	w := scripted(t, `containers: [{service: web, exit: 3, times: 2, log: ["no such table"]}]`)
	w.create("web")
	w.settle("web")
	lines := must(w.logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String("/shop"), FilterPattern: aws.String(`"no such table"`),
	}))(t).Events
	if len(lines) != 2 {
		t.Errorf("said %d times, want 2: %s", len(lines), text(lines))
	}
}

// TestALineKeepsItsCount when another one is put before it.
func TestALineKeepsItsCount(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	open := func(text string) *world {
		script := must(simulator.ParseScript([]byte(text)))(t)
		return newWorld(t, simulator.Options{Script: script, StateFile: file})
	}
	w := open("containers: [{service: web, exit: 3, times: 2}]")
	w.prepare()
	w.create("web")
	w.settle("web")
	w = open("containers: [{service: db, starts: 1}, {service: web, exit: 3, times: 2}]")
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	if got := w.settle("web").Events; strings.Count(text(got), "failed to start") != 2 {
		t.Error(text(got))
	}
}

// TestLinesThatDoNothingAreTold holds what is unused against a service without health
// check and volume, and one with a health check.
func TestLinesThatDoNothingAreTold(t *testing.T) {
	for line, want := range map[string]string{
		"containers: [{service: web, exit: 1, times: 1}]":                    "",
		"containers: [{service: wep, exit: 1}]":                              "fits no container",
		"containers: [{service: web, starts: 1}, {service: web, starts: 2}]": "containers[1] of the script fits no container",
		"containers: [{service: web, takes: 20s}]":                           "says takes",
		"containers: [{service: slow, takes: 20s}]":                          "",
		"containers: [{takes: 20s}]":                                         "",
		"containers: [{service: web, seeds: 20s}]":                           "says seeds",
		"metrics: [{metric: CPUUtilisation, value: 3}]":                      "goes by CPUUtilisation",
	} {
		w := scripted(t, line)
		w.create("web")
		w.register(checked("slow", 10, 3, 0))
		must(w.ecs.CreateService(t.Context(), w.service("slow")))(t)
		got := strings.Join(must(w.Unused())(t), "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
