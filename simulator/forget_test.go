package simulator_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// stopped are the ARNs of the stopped tasks that ECS still lists.
func (w *world) stopped() []string {
	return must(w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), DesiredStatus: types.DesiredStatusStopped}))(w.t).TaskArns
}

// end deletes a service and waits until it is INACTIVE.
func (w *world) end(name string) {
	w.t.Helper()
	w.remove(name)
	for range 5 {
		if *w.describe(name).Status == "INACTIVE" {
			return
		}
	}
	w.t.Fatal(name, "is not INACTIVE")
}

func (w *world) said() []logstypes.FilteredLogEvent {
	return must(w.logs.FilterLogEvents(w.t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/shop")}))(w.t).Events
}

func (w *world) logStreams() []logstypes.LogStream {
	return must(w.logs.DescribeLogStreams(w.t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("/shop")}))(w.t).LogStreams
}

func TestAStoppedTaskIsForgottenAfterAnHourAndItsLogIsNot(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	in := w.service("web")
	in.PropagateTags, in.Tags = types.PropagateTagsService, []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
	w.register(definition("web"))
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("web")
	w.end("web")
	tasks, said, streams := w.stopped(), w.said(), w.logStreams()
	if len(tasks) != 1 || len(said) != 2 {
		t.Fatalf("%d stopped tasks said %d lines", len(tasks), len(said))
	}
	w.Pass(59 * time.Minute)
	if got := w.stopped(); !slices.Equal(got, tasks) {
		t.Error("after 59 minutes ECS lists", got)
	}
	w.Pass(time.Minute)
	if got := w.stopped(); len(got) > 0 {
		t.Error("after an hour ECS lists", got)
	}
	if w.Rows()["tags"][tasks[0]] != nil {
		t.Error("the task has tags still")
	}
	if diff := cmp.Diff(text(said), text(w.said())); diff != "" {
		t.Errorf("what it said (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(text(streams), text(w.logStreams())); diff != "" {
		t.Errorf("its log streams (-before +after):\n%s", diff)
	}
}

// identities are the ids that a service gave its deployments, tasks and events.
func (w *world) identities(service string) []string {
	s := w.describe(service)
	ids := must(w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: &service}))(w.t).TaskArns
	for _, e := range s.Events {
		ids = append(ids, *e.Id)
	}
	for _, d := range s.Deployments {
		ids = append(ids, *d.Id)
	}
	return append(ids, *s.CurrentServiceDeployment)
}

func TestADeletedServiceIsForgottenAndItsIDsDoNotComeBack(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	must(w.ecs.RegisterTaskDefinition(t.Context(), definition("web")))(t)
	known := map[string]bool{}
	for round := range 3 {
		must(w.ecs.CreateService(t.Context(), w.service("web")))(t)
		w.settle("web")
		w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
		w.settle("web")
		for _, id := range w.identities("web") {
			if known[id] {
				t.Errorf("round %d: %s came back", round, id)
			}
			known[id] = true
		}
		w.end("web")
		w.Pass(23 * time.Hour)
		if status := *w.describe("web").Status; status != "INACTIVE" {
			t.Errorf("after 23 hours the service is %s", status)
		}
		w.Pass(2 * time.Hour)
		out := must(w.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"web"}}))(t)
		if len(out.Services) > 0 || *out.Failures[0].Reason != "MISSING" {
			t.Error("after a day it is there:", text(out))
		}
	}
	for _, table := range []string{"ecs.services", "ecs.tasks", "ecs.service-deployments", "ecs.service-revisions", "ecs.known-endpoints"} {
		if rows := w.Rows()[table]; len(rows) > 0 {
			t.Errorf("%s has %d rows", table, len(rows))
		}
	}
	for counter := range w.Rows()["counters"] {
		if strings.Contains(counter, "shop/web") {
			t.Error("there is still the counter", counter)
		}
	}
}

// TestTheFileShrinks: also where nobody closes the account, the next one folds.
func TestTheFileShrinks(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	w.register(definition("web"))
	must(0, w.Close())(t)
	size := func() int64 { return must(os.Stat(options.StateFile))(t).Size() }
	before := size()
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, name := range names {
		in := w.service(name)
		in.TaskDefinition = aws.String("web")
		must(w.ecs.CreateService(t.Context(), in))(t)
		w.settle(name)
	}
	for _, name := range names {
		w.end(name)
	}
	must(0, w.Close())(t)
	full := size()
	w.Pass(25 * time.Hour)
	newWorld(t, options)
	if after := size() - before; after > (full-before)/6 { // what is left are log streams
		t.Errorf("of %d bytes that services took %d are left", full-before, after)
	}
}

func TestDeploymentsAreKnownFor90Days(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	w.settle("web")
	list := func() int {
		in := &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: aws.String("web")}
		return len(must(w.ecs.ListServiceDeployments(t.Context(), in))(t).ServiceDeployments)
	}
	w.Pass(89 * 24 * time.Hour)
	if n := list(); n != 2 {
		t.Errorf("%d deployments after 89 days", n)
	}
	w.Pass(2 * 24 * time.Hour)
	if n := list(); n != 1 {
		t.Errorf("%d deployments after 91 days, want the one by which the service goes", n)
	}
	w.Pass(200 * 24 * time.Hour)
	bad := definition("web")
	bad.ContainerDefinitions[0].Image = aws.String("web:never-healthy")
	w.update(&ecs.UpdateServiceInput{
		Service: aws.String("web"), TaskDefinition: aws.String(w.register(bad)),
		DeploymentConfiguration: &types.DeploymentConfiguration{DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}},
	})
	w.Pass(6 * time.Hour)
	if s := w.describe("web"); s.RunningCount != 1 || !strings.HasSuffix(*s.TaskDefinition, "/web:1") {
		t.Error("it did not go back to its old revision:", text(s.Deployments))
	}
}

func TestADiscardedTaskDefinitionGoesWhenNothingUsesIt(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	web := aws.String("web:1")
	must(w.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: web}))(t)
	must(w.ecs.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{*web}}))(t)
	describe := func() error {
		_, err := w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: web})
		return err
	}
	w.Pass(48 * time.Hour)
	if err := describe(); err != nil {
		t.Error("in use it went:", err)
	}
	w.end("web")
	w.Pass(2 * time.Hour)
	if describe() == nil {
		t.Error("it is there, and nothing uses it")
	}
}

func TestLogEventsGoWithTheRetentionOfTheirGroup(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx, group, stream := t.Context(), aws.String("/shop"), aws.String("mine")
	w.create("web")
	w.settle("web")
	w.end("web")
	w.Pass(2 * time.Hour) // its task is forgotten
	must(w.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	put := func() {
		must(w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: []logstypes.InputLogEvent{
			{Timestamp: aws.Int64(w.Now().UnixMilli()), Message: aws.String("mine")},
		}}))(t)
	}
	put()
	must(w.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(3)}))(t)
	w.Pass(48 * time.Hour)
	put()
	if n := len(w.said()); n != 4 {
		t.Errorf("%d events after two days", n)
	}
	w.Pass(30 * time.Hour)
	if n := len(w.said()); n != 1 {
		t.Errorf("%d events after more than three days, want the newest", n)
	}
	w.Pass(48 * time.Hour)
	if events, streams := w.said(), w.logStreams(); len(events) > 0 || len(streams) != 1 || *streams[0].LogStreamName != *stream {
		t.Error("in the end there are", text(events), text(streams))
	}
	if row := string(w.Rows()["logs.log-streams"]["/shop:mine"]); strings.Contains(row, "message") {
		t.Error("the state keeps", row)
	}
}
