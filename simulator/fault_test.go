package simulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simulator.Fault
		want  []string // the error codes of three calls of CreateCluster
		tries int      // calls that reached the simulator
	}{
		{
			"an internal error is retried",
			simulator.Fault{}, []string{"", "", ""}, 4,
		},
		{
			"throttling is retried",
			simulator.Fault{Err: simulator.Throttled(), Times: 2}, []string{"", "", ""}, 5,
		},
		{
			"throttling that lasts is an error in the end",
			simulator.Fault{Err: simulator.Throttled(), Times: -1},
			[]string{"ThrottlingException", "ThrottlingException", "ThrottlingException"}, 9,
		},
		{
			"a denied call is not retried",
			simulator.Fault{Err: simulator.Denied()}, []string{"AccessDeniedException", "", ""}, 3,
		},
		{
			"only the second call fails",
			simulator.Fault{Err: simulator.Denied(), At: 2}, []string{"", "AccessDeniedException", ""}, 3,
		},
		{
			"another operation does not fail",
			simulator.Fault{Err: simulator.Denied(), Operation: "DeleteCluster"}, []string{"", "", ""}, 3,
		},
		{
			"another service does not fail",
			simulator.Fault{Err: simulator.Denied(), Service: "iam"}, []string{"", "", ""}, 3,
		},
		{
			"a lost answer is retried",
			simulator.Fault{AnswerLost: true}, []string{"", "", ""}, 4,
		},
		{
			"a lost request is retried",
			simulator.Fault{Err: simulator.Timeout()}, []string{"", "", ""}, 4,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.Fail(c.fault)
			var got []string
			for _, name := range []string{"a", "b", "c"} {
				_, err := w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String(name)})
				got = append(got, code(err))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if tries := len(w.Calls()); tries != c.tries {
				t.Errorf("%d tries, want %d", tries, c.tries)
			}
		})
	}
}

func TestALostAnswerLeavesItsWorkBehind(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	once := func(o *ecs.Options) { o.RetryMaxAttempts = 1 }
	w.Fail(simulator.Fault{Operation: "CreateService", AnswerLost: true})
	in := w.service("web")
	in.ClientToken = aws.String("token-1")
	if _, err := w.ecs.CreateService(t.Context(), in, once); err == nil {
		t.Fatal("want a timeout")
	}
	w.describe("web")
	again := must(w.ecs.CreateService(t.Context(), in, once))(t)
	if *again.Service.ServiceName != "web" {
		t.Error(*again.Service.ServiceName)
	}
	in.ClientToken = nil
	if _, err := w.ecs.CreateService(t.Context(), in, once); code(err) != "InvalidParameterException" {
		t.Error(err)
	}
}

func TestARunTaskWhoseAnswerIsLostRunsOnce(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("job"))
	w.Fail(simulator.Fault{Operation: "RunTask", AnswerLost: true})
	must(w.ecs.RunTask(t.Context(), w.job()))(t)
	out := must(w.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop")}))(t)
	if len(out.TaskArns) != 1 {
		t.Error(out.TaskArns)
	}
}

func TestAMutatingFaultSparesReads(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.Fail(simulator.Fault{Mutating: true, Err: simulator.Denied(), Times: -1})
	must(w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{}))(t)
	if _, err := w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{}); code(err) != "AccessDeniedException" {
		t.Error(err)
	}
	w.ClearFaults()
	must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{}))(t)
}

func TestACrashAtTheSecondWriteKeepsTheFirst(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	crash := errors.New("crash")
	w.Fail(simulator.Fault{Mutating: true, At: 2, Do: func() { panic(crash) }})
	func() {
		defer func() {
			if recover() != crash { //nolint:errorlint // the very value
				t.Error("want the crash")
			}
		}()
		for _, name := range []string{"a", "b", "c"} {
			must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String(name)}))(t)
		}
	}()
	out := must(newWorld(t, options).ecs.ListClusters(t.Context(), &ecs.ListClustersInput{}))(t)
	if len(out.ClusterArns) != 1 {
		t.Error(out.ClusterArns)
	}
}

func TestANewRoleTakesTimeToSpread(t *testing.T) {
	w := newWorld(t, simulator.Options{RoleDelay: 60})
	w.prepare()
	for i, want := range []string{"ClientException", "ClientException", ""} {
		if i == 2 {
			w.Pass(time.Minute)
		}
		if _, err := w.ecs.RegisterTaskDefinition(t.Context(), definition("web")); code(err) != want {
			t.Errorf("try %d: %v", i+1, err)
		}
	}
}
