package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// running is a world in which the shop runs with a service web.
func running(t *testing.T, o simulator.Options) (*world, *plan.Stack) {
	t.Helper()
	w := newWorld(t, o)
	want := w.stack(w.shop("web")...)
	w.mustApply(want)
	return w, want
}

// web returns the live service and the same as desired, to be changed.
func (w *world) web(want *plan.Stack, change func(*spec.Service)) (live, changed *plan.Resource) {
	w.Helper()
	live = w.read(want).Find(address("service/web"))
	resources := slices.Clone(want.Resources)
	for i, r := range resources {
		if r.Address == live.Address {
			r := *r
			r.Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value { return v })
			change(r.Spec.(*spec.Service))
			resources[i] = &r
		}
	}
	attrs := map[plan.Address]plan.Attrs{}
	for _, r := range w.read(want).Resources {
		attrs[r.Address] = r.Attrs
	}
	return live, w.ready(w.stack(resources...).Find(live.Address), attrs)
}

func (w *world) services() *Services {
	return w.account().Kind(spec.ServiceKind).Services()
}

func TestEveryFieldOfAServiceIsUpdated(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*spec.Service)
		deploys bool
	}{
		"count":    {func(s *spec.Service) { s.DesiredCount = 3 }, false},
		"capacity": {func(s *spec.Service) { s.CapacityProviderStrategy[0].CapacityProvider = "FARGATE_SPOT" }, true},
		"weights":  {func(s *spec.Service) { s.CapacityProviderStrategy[0].Base = 2 }, true},
		"platform": {func(s *spec.Service) { s.PlatformVersion = "1.4.0" }, true},
		"subnets":  {func(s *spec.Service) { s.NetworkConfiguration.Subnets = s.NetworkConfiguration.Subnets[:1] }, true},
		"percents": {func(s *spec.Service) { s.DeploymentConfiguration.MinimumHealthyPercent = 50 }, false},
		"alarms": {func(s *spec.Service) {
			s.DeploymentConfiguration.Alarms = &spec.DeploymentAlarms{AlarmNames: []string{"b", "a"}, Enable: true}
		}, false},
		"threshold": {func(s *spec.Service) {
			s.DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration = &spec.Threshold{Type: "COUNT", Value: 9}
		}, false},
		"reset": {func(s *spec.Service) {
			s.DeploymentConfiguration.DeploymentCircuitBreaker.ResetOnHealthyTask = pointer(false)
		}, false},
		"early success": {func(s *spec.Service) {
			s.DeploymentConfiguration.MinimumHealthyPercent = 50
			s.DeploymentConfiguration.EarlySuccessCriteria = &spec.EarlySuccessCriteria{
				Enable: true, HealthyPercent: 75, SourceServiceRevisionCleanup: "BLOCKING",
			}
		}, false},
		"breaker":       {func(s *spec.Service) { s.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback = false }, false},
		"rebalancing":   {func(s *spec.Service) { s.AvailabilityZoneRebalancing = "DISABLED" }, false},
		"managed tags":  {func(s *spec.Service) { s.EnableECSManagedTags = false }, false},
		"no propagated": {func(s *spec.Service) { s.PropagateTags = "NONE" }, false},
	} {
		w, want := running(t, simulator.Options{})
		live, changed := w.web(want, c.change)
		w.sim.ResetCalls()
		attrs, err := w.services().Update(t.Context(), live, changed, false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := w.calls("UpdateService"); got != 1 {
			t.Errorf("%s: %d calls of UpdateService", name, got)
		}
		if deploys := attrs["deployment"] != ""; deploys != c.deploys {
			t.Errorf("%s: a deployment of its own: %t, want %t", name, deploys, c.deploys)
		}
		now, err := w.services().Read(t.Context(), live)
		if err != nil {
			t.Fatal(err)
		}
		if applied := plan.ParseApplied(now.Tags[plan.TagSpec]); applied != (plan.Applied{Hash: changed.Hash, Pending: true}) {
			t.Errorf("%s: meanwhile it says %+v", name, applied)
		}
		if rollout, err := w.rollout(w.services(), attrs); err != nil || rollout.State != plan.RolledOut {
			t.Errorf("%s: %+v, %v", name, rollout, err)
		}
		if err := w.services().Settle(t.Context(), now.Attrs, changed); err != nil {
			t.Fatal(err)
		}
		now, err = w.services().Read(t.Context(), live)
		if err != nil {
			t.Fatal(err)
		}
		w.same(now, changed.Spec)
		w.settled(now, changed)
	}
}

// TestWhatIsTakenBackOfADeploymentIsRemoved: ECS keeps what it is not given.
func TestWhatIsTakenBackOfADeploymentIsRemoved(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, given := w.web(want, func(s *spec.Service) {
		d := &s.DeploymentConfiguration
		d.Alarms = &spec.DeploymentAlarms{AlarmNames: []string{"a"}, Enable: true, Rollback: true}
		d.DeploymentCircuitBreaker.ThresholdConfiguration = &spec.Threshold{Type: "COUNT", Value: 9}
		d.DeploymentCircuitBreaker.ResetOnHealthyTask = pointer(false)
		d.EarlySuccessCriteria = &spec.EarlySuccessCriteria{Enable: true, HealthyPercent: 100, SourceServiceRevisionCleanup: "BLOCKING"}
	})
	if _, err := w.services().Update(t.Context(), live, given, false); err != nil {
		t.Fatal(err)
	}
	live, plain := w.web(want, func(*spec.Service) {})
	w.same(live, given.Spec)
	if _, err := w.services().Update(t.Context(), live, plain, false); err != nil {
		t.Fatal(err)
	}
	live, _ = w.web(want, func(*spec.Service) {})
	w.same(live, plain.Spec)
}

// TestAFirstStartIsNotRolledBack: there is nothing to bring back. Whoever comes after an
// apply that was cut short sees that on the service.
func TestAFirstStartIsNotRolledBack(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, service := w.web(want, func(*spec.Service) {})
	if err := w.services().Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	rollsBack := func() bool {
		t.Helper()
		now, err := w.services().Read(t.Context(), service)
		if err != nil {
			t.Fatal(err)
		}
		return now.Spec.(*spec.Service).DeploymentConfiguration.RollsBack()
	}
	attrs, err := w.services().Create(t.Context(), service)
	if err != nil || rollsBack() {
		t.Fatalf("made, it is rolled back: %v", err)
	}
	for name, change := range map[string]func(live *plan.Resource) (plan.Attrs, error){
		"started": func(live *plan.Resource) (plan.Attrs, error) { return w.services().Start(t.Context(), live, service) },
		"started anew": func(live *plan.Resource) (plan.Attrs, error) {
			return w.services().Update(t.Context(), live, service, true)
		},
	} {
		live, err := w.services().Read(t.Context(), service) // as another process would
		if err != nil {
			t.Fatal(err)
		}
		if attrs, err = change(live); err != nil || rollsBack() {
			t.Fatalf("%s, it is rolled back: %v", name, err)
		}
	}
	if rollout, err := w.rollout(w.services(), attrs); err != nil || rollout.State != plan.RolledOut {
		t.Fatalf("%+v, %v", rollout, err)
	}
	if err := w.services().Settle(t.Context(), attrs, service); err != nil || !rollsBack() {
		t.Errorf("settled, it is not rolled back: %v", err)
	}
	if rollout, err := w.rollout(w.services(), attrs); err != nil || rollout.State != plan.RolledOut {
		t.Errorf("that started a deployment: %+v, %v", rollout, err)
	}
	live, _ = w.web(want, func(*spec.Service) {})
	w.settled(live, service)
	if live.Attrs[unprovenAttr] != "" {
		t.Error("it is unproven still")
	}
}

func TestANewRevisionReachesAServiceInOneDeployment(t *testing.T) {
	w, want := running(t, simulator.Options{})
	shop := w.shop("web")
	shop[4].Spec.(*spec.TaskDefinition).ContainerDefinitions[0].Image = plan.Literal("nginx:2")
	next := w.stack(shop...)
	before := w.read(want).Find(address("service/web")).Attrs
	if before["deployment"] == "" {
		t.Error("the service has no deployment")
	}
	w.sim.ResetCalls()
	w.mustApply(next)
	if got := []int{w.calls("RegisterTaskDefinition"), w.calls("UpdateService")}; !slices.Equal(got, []int{1, 1}) {
		t.Errorf("registered, updated %v times", got)
	}
	live := w.read(next)
	w.settled(live.Find(address("service/web")), next.Find(address("service/web")))
	if td := live.Find(address("task-definition/web")); td.Spec != nil || td.Attrs["revision"] != "2" {
		t.Errorf("it runs %v", td.Attrs)
	}
}

func TestTagsAloneDoNotTouchTheService(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, changed := w.web(want, func(s *spec.Service) { s.Tags = []spec.Tag{{Key: "team", Value: "x"}} })
	w.sim.ResetCalls()
	attrs, err := w.services().Update(t.Context(), live, changed, false)
	if err != nil {
		t.Fatal(err)
	}
	if writes := w.writes(); !slices.Equal(writes, []string{"TagResource"}) || attrs["deployment"] != "" {
		t.Errorf("it wrote %v and caused %q", writes, attrs["deployment"])
	}
	live, _ = w.web(want, func(*spec.Service) {})
	w.same(live, changed.Spec)
	w.settled(live, changed)
	if _, err = w.services().Update(t.Context(), live, w.ready(want.Find(live.Address), nil), false); err == nil {
		t.Error("a ref that is not known is no error")
	}
	_, back := w.web(want, func(*spec.Service) {})
	if _, err := w.services().Update(t.Context(), live, back, false); err != nil {
		t.Fatal(err)
	}
	live, _ = w.web(want, func(*spec.Service) {})
	w.same(live, back.Spec)
}

func TestAForcedUpdateRestartsTheTasks(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, changed := w.web(want, func(*spec.Service) {})
	attrs, err := w.services().Update(t.Context(), live, changed, true)
	if err != nil || attrs["deployment"] == "" || attrs["deployment"] == live.Attrs["deployment"] {
		t.Errorf("it caused %q: %v", attrs["deployment"], err)
	}
	// Cut short here, the next one goes on waiting for it.
	live, _ = w.web(want, func(*spec.Service) {})
	if applied := plan.ParseApplied(live.Tags[plan.TagSpec]); !applied.Pending || !applied.Force {
		t.Errorf("meanwhile it says %+v", applied)
	}
	again, err := w.services().Update(t.Context(), live, changed, false)
	if err != nil || again["deployment"] != attrs["deployment"] {
		t.Errorf("the next one waits for %q: %v", again["deployment"], err)
	}
}

// TestAnApplyThatWasCutShortIsFinishedByTheNext ends the process at every single
// write of an apply, before and after it is carried out.
func TestAnApplyThatWasCutShortIsFinishedByTheNext(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.mustApply(w.stack(w.shop("web", "db")...))
	writes := len(w.writes())
	if writes < 15 {
		t.Fatalf("an apply has %d writes only", writes)
	}
	for k := range writes {
		for _, lost := range []bool{false, true} {
			w := newWorld(t, simulator.Options{})
			want := w.stack(w.shop("web", "db")...)
			stop := errors.New("the process ends here")
			w.sim.Fail(simulator.Fault{Mutating: true, At: k + 1, Times: -1, AnswerLost: lost, Err: stop})
			if err := w.apply(w.account(), want); !errors.Is(err, stop) {
				t.Fatalf("cut short at %d: %v", k, err)
			}
			w.sim.ClearFaults()
			w.mustApply(want)
			w.converged(fmt.Sprintf("after %d, lost %t", k, lost), want)
		}
	}
}

// converged checks that everything is there, settled, and as it is meant.
func (w *world) converged(when string, want *plan.Stack) {
	w.Helper()
	live := w.read(want)
	attrs := map[plan.Address]plan.Attrs{}
	for _, r := range live.Resources {
		attrs[r.Address] = r.Attrs
	}
	if len(live.Resources) != len(want.Resources) {
		w.Errorf("%s: %d resources are live, want %d", when, len(live.Resources), len(want.Resources))
	}
	for _, r := range want.Resources {
		got := live.Find(r.Address)
		if got == nil {
			w.Errorf("%s: %s is missing", when, r.Address)
			continue
		}
		w.settled(got, r)
		if got.Spec != nil {
			withoutOptional(got, r)
			w.same(got, w.ready(r, attrs).Spec)
		}
		if r.Address.Kind == spec.TaskDefinitionKind && got.Attrs["revision"] != "1" {
			w.Errorf("%s: %s was registered %s times", when, r.Address, got.Attrs["revision"])
		}
	}
}

func TestLostAnswersMakeNothingTwice(t *testing.T) {
	for first := range 2 {
		w := newWorld(t, simulator.Options{})
		want := w.stack(w.shop("web", "db")...)
		for at := range 300 {
			w.sim.Fail(simulator.Fault{Mutating: true, At: 2*at + 1 + first, AnswerLost: true})
		}
		w.mustApply(want)
		w.converged("with lost answers", want)
	}
}

func TestThrottlingIsWaitedOut(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.shop("web")...)
	for _, operation := range []string{"RegisterTaskDefinition", "CreateService", "UpdateService", "CreateRole", "CreateSecurityGroup"} {
		w.sim.Fail(simulator.Fault{Operation: operation, Times: 2, Err: simulator.Throttled()})
	}
	cfg := w.sim.Config()
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	if err := w.apply(New(cfg, "shop"), want); err == nil || !strings.Contains(err.Error(), "Rate exceeded") {
		t.Errorf("a retryer of the user's is not kept: %v", err)
	}
	w.mustApply(want)
	w.converged("throttled", want)
}

func TestANewRoleMayTakeAWhile(t *testing.T) {
	w := newWorld(t, simulator.Options{RoleDelay: 5})
	want := w.stack(w.shop("web")...)
	w.mustApply(want)
	w.converged("with a slow role", want)
}

func TestARoleThatIsNotNewIsNotWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	shop := w.shop("web")
	shop[4].Spec.(*spec.TaskDefinition).ExecutionRoleArn = plan.Literal("arn:aws:iam::123456789012:role/gone")
	want := w.ready(w.stack(shop...).Find(address("task-definition/web")), nil)
	_, err := w.account().Kind(spec.TaskDefinitionKind).Create(t.Context(), want)
	if err == nil || err.Error() != "create task-definition/web: RegisterTaskDefinition: Role is not valid (ClientException)" {
		t.Errorf("it says %v", err)
	}
}

func TestAServiceOfADrainingNameWaits(t *testing.T) {
	w, want := running(t, simulator.Options{Progress: 4})
	live := w.read(want).Find(address("service/web"))
	_, err := ecs.NewFromConfig(w.sim.Config()).DeleteService(t.Context(), &ecs.DeleteServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.services().Read(t.Context(), live); !errors.Is(err, plan.ErrNotFound) {
		t.Errorf("a draining service reads %v", err)
	}
	w.mustApply(want)
	w.converged("after it drained", want)
}

func TestDeletingAServiceWaitsForItsEnd(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live := w.read(want)
	if err := w.services().Delete(t.Context(), live.Find(address("service/web"))); err != nil {
		t.Fatal(err)
	}
	// Nothing is in the way any more.
	for _, a := range []string{"task-definition/web", "security-group/net.back", "role/execution", "log-group/shop", "cluster/shop"} {
		if err := w.account().Kind(address(a).Kind).Delete(t.Context(), live.Find(address(a))); err != nil {
			t.Error(err)
		}
	}
	if left := w.read(want).Resources; len(left) > 0 {
		t.Errorf("left: %v", left[0].Address)
	}
	if err := w.services().Delete(t.Context(), live.Find(address("service/web"))); err != nil {
		t.Error(err)
	}
	// The same again, and soon: the name, the family and the token were used.
	w.mustApply(want)
}

func TestAServiceOfSomebodyElseIsNeverTakenOver(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, wanted := w.web(want, func(*spec.Service) {})
	w.retag(live, map[string]string{plan.TagProject: "other", plan.TagResource: "service/web"})
	wanted.Hash = "another" // so that ECS does not take it for the same call
	_, err := w.services().Create(t.Context(), wanted)
	if err == nil || !strings.Contains(err.Error(), "create service/web: service web already exists and is service/web of project other") {
		t.Errorf("it says %v", err)
	}
}

// TestAServiceMadeForAnotherSpecIsTakenOver: an apply ended after it made the
// service, and then the compose file changed.
func TestAServiceMadeForAnotherSpecIsTakenOver(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	stop := errors.New("the process ends here")
	w.sim.Fail(simulator.Fault{Operation: "UpdateService", Err: stop})
	if err := w.apply(w.account(), w.stack(w.shop("web")...)); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	shop := w.shop("web")
	shop[5].Spec.(*spec.Service).DeploymentConfiguration.MinimumHealthyPercent = 50
	shop[5].Spec.(*spec.Service).DesiredCount = 2
	want := w.stack(shop...)
	live, wanted := w.web(want, func(*spec.Service) {})
	attrs, err := w.services().Create(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	now, err := w.services().Read(t.Context(), live)
	if err != nil {
		t.Fatal(err)
	}
	applied := plan.ParseApplied(now.Tags[plan.TagSpec])
	if s := now.Spec.(*spec.Service); s.DesiredCount != 0 || s.DeploymentConfiguration.MinimumHealthyPercent != 50 ||
		applied != (plan.Applied{Hash: wanted.Hash, Pending: true, Force: true}) {
		t.Errorf("it has %d tasks and %d percent, and says %+v", s.DesiredCount, s.DeploymentConfiguration.MinimumHealthyPercent, applied)
	}
	// The executor knows of it what Create returned and no more, or nothing.
	for _, known := range []*plan.Resource{{Address: live.Address, Attrs: attrs}, nil} {
		started, err := w.services().Start(t.Context(), known, wanted)
		if err != nil {
			t.Fatal(err)
		}
		if rollout, err := w.rollout(w.services(), started); err != nil || rollout.State != plan.RolledOut || rollout.Detail != "2 of 2 tasks run" {
			t.Errorf("%+v, %v", rollout, err)
		}
	}
}

func TestStatus(t *testing.T) {
	w, _ := running(t, simulator.Options{})
	got, err := w.account().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []ServiceStatus{{
		Address: address("service/web"), Running: 1, Desired: 1, Deployment: "completed",
		TaskDefinition: w.arn("ecs", "task-definition/shop-web:1"),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAGroupInUseIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("security-group/net.back", w.securityGroup("shop-back-abcdef"))
	kind := w.account().Kind(spec.SecurityGroupKind)
	attrs, err := kind.Create(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	inUse := &smithy.GenericAPIError{Code: "DependencyViolation", Message: "resource sg-1 has a dependent object"}
	w.sim.Fail(simulator.Fault{Operation: "DeleteSecurityGroup", Times: 3, Err: inUse})
	if err := kind.Delete(t.Context(), &plan.Resource{Address: want.Address, Attrs: attrs}); err != nil {
		t.Error(err)
	}
	w.sim.Fail(simulator.Fault{Operation: "DeleteSecurityGroup", Times: -1, Err: inUse})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	err = kind.Delete(ctx, &plan.Resource{Address: want.Address, Attrs: attrs})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it says %v", err)
	}
}

func TestTheDefaultStrategyOfAClusterStays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("cluster/shop", &spec.Cluster{ClusterName: "shop", CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}})
	kind := w.account().Kind(spec.ClusterKind)
	if _, err := kind.Create(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	client := ecs.NewFromConfig(w.sim.Config())
	_, err := client.PutClusterCapacityProviders(t.Context(), &ecs.PutClusterCapacityProvidersInput{
		Cluster: aws.String("shop"), CapacityProviders: []string{"FARGATE"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	live, err := kind.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(live.Unmanaged, []string{"defaultCapacityProviderStrategy"}) {
		t.Errorf("unmanaged: %v", live.Unmanaged)
	}
	if _, err := kind.Update(t.Context(), live, want, false); err != nil {
		t.Fatal(err)
	}
	got, err := client.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"shop"}})
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Clusters[0].DefaultCapacityProviderStrategy; len(s) != 1 || s[0].Weight != 3 {
		t.Errorf("its strategy is %v", s)
	}
}
