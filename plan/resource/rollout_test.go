package resource

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// broken brings an image that never becomes healthy to the service.
func (w *world) broken(want *plan.Stack, change func(*spec.Service)) (plan.Attrs, *plan.Resource) {
	w.Helper()
	shop := w.shop("web")
	shop[4].Spec.(*spec.TaskDefinition).ContainerDefinitions[0].Image = plan.Literal("web:" + simulator.NeverHealthy)
	next := w.stack(shop...)
	kind := w.account().Kind(spec.TaskDefinitionKind)
	revision, err := kind.Create(w.Context(), w.ready(next.Find(address("task-definition/web")), nil))
	if err != nil {
		w.Fatal(err)
	}
	live, changed := w.web(want, func(s *spec.Service) {
		s.TaskDefinition = plan.Literal(revision["arn"])
		change(s)
	})
	attrs, err := w.services().Update(w.Context(), live, changed, false)
	if err != nil {
		w.Fatal(err)
	}
	return attrs, changed
}

func TestARolloutThatFailsIsRolledBackAndSaysWhy(t *testing.T) {
	w, want := running(t, simulator.Options{})
	attrs, _ := w.broken(want, func(*spec.Service) {})
	rollout, err := w.rollout(w.services(), attrs)
	if err != nil {
		t.Fatal(err)
	}
	if rollout.State != plan.RolledBack || !strings.Contains(rollout.Detail, "circuit breaker") {
		t.Errorf("it ended in %+v", rollout)
	}
	if len(rollout.Failures) == 0 || !strings.Contains(rollout.Failures[0], "web") {
		t.Errorf("its tasks: %q", rollout.Failures)
	}
	t.Log(rollout)
}

func TestARolloutThatFailsForGood(t *testing.T) {
	w, want := running(t, simulator.Options{})
	attrs, _ := w.broken(want, func(s *spec.Service) {
		s.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback = false
	})
	rollout, err := w.rollout(w.services(), attrs)
	if err != nil || rollout.State != plan.RollFailed || len(rollout.Failures) == 0 {
		t.Errorf("it ended in %+v, %v", rollout, err)
	}
}

func TestARolloutThatSomebodyElseOvertakes(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, changed := w.web(want, func(*spec.Service) {})
	first, err := w.services().Update(t.Context(), live, changed, true)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.services().Update(t.Context(), live, changed, true)
	if err != nil {
		t.Fatal(err)
	}
	rollout, err := w.services().Rollout(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	want2 := plan.Rollout{State: plan.Superseded, Detail: "superseded by deployment " + second["deployment"] + " of shop-web:1"}
	if diff := cmp.Diff(want2, rollout); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if rollout, err := w.rollout(w.services(), second); err != nil || rollout.State != plan.RolledOut {
		t.Errorf("the other one: %+v, %v", rollout, err)
	}
}

func TestARolloutThatEndedLongAgoIsRemembered(t *testing.T) {
	w, want := running(t, simulator.Options{PageSize: 1})
	live, changed := w.web(want, func(*spec.Service) {})
	var all []plan.Attrs
	for range 3 {
		attrs, err := w.services().Update(t.Context(), live, changed, true)
		if err != nil {
			t.Fatal(err)
		}
		if rollout, err := w.rollout(w.services(), attrs); err != nil || rollout.State != plan.RolledOut {
			t.Fatalf("%+v, %v", rollout, err)
		}
		all = append(all, attrs)
	}
	for _, attrs := range all {
		if rollout, err := w.services().Rollout(t.Context(), attrs); err != nil || rollout.State != plan.RolledOut {
			t.Errorf("%+v, %v", rollout, err)
		}
	}
}

func TestARolloutOfAServiceThatIsDeleted(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, changed := w.web(want, func(*spec.Service) {})
	attrs, err := w.services().Update(t.Context(), live, changed, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.services().Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	rollout, err := w.services().Rollout(t.Context(), attrs)
	if err != nil || rollout.State != plan.Superseded || rollout.Detail != "the service was deleted" {
		t.Errorf("it ended in %+v, %v", rollout, err)
	}
}

// TestAnyoneMayLookWithoutTheRecords: the deployments of the service say enough,
// as long as it lists them.
func TestARolloutIsSeenWithoutPermissionForRecords(t *testing.T) {
	w, want := running(t, simulator.Options{Progress: 4})
	w.sim.Fail(simulator.Fault{Operation: "ListServiceDeployments", Times: -1, Err: simulator.Denied()})
	w.sim.Fail(simulator.Fault{Operation: "ListTasks", Times: -1, Err: simulator.Denied()})
	attrs, _ := w.broken(want, func(*spec.Service) {})
	rollout, err := w.rollout(w.services(), attrs)
	if err != nil {
		t.Fatal(err)
	}
	if rollout.State != plan.RolledBack && rollout.State != plan.Superseded {
		t.Errorf("it ended in %+v", rollout)
	}
	live, changed := w.web(want, func(*spec.Service) {})
	first, err := w.services().Update(t.Context(), live, changed, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.services().Update(t.Context(), live, changed, true); err != nil {
		t.Fatal(err)
	}
	if rollout, err := w.services().Rollout(t.Context(), first); err != nil || rollout.State != plan.Superseded {
		t.Errorf("overtaken: %+v, %v", rollout, err)
	}
}

func TestHowARolloutIsJudged(t *testing.T) {
	number := func(n string) *string { return &n }
	primary := func(state types.DeploymentRolloutState) types.Deployment {
		return types.Deployment{
			Id: number("ecs-svc/2"), Status: number("PRIMARY"), RolloutState: state, DesiredCount: 2, RunningCount: 1,
			FailedTasks: 3, TaskDefinition: number("arn:aws:ecs:us-east-1:1:task-definition/shop-web:7"),
		}
	}
	record := func(status types.ServiceDeploymentStatus, why string) types.ServiceDeploymentBrief {
		return types.ServiceDeploymentBrief{Status: status, StatusReason: &why}
	}
	look := rolloutLook{deployment: "ecs-svc/1", service: types.Service{Deployments: []types.Deployment{
		primary(types.DeploymentRolloutStateInProgress),
		{Id: number("ecs-svc/1"), Status: number("ACTIVE"), RolloutState: types.DeploymentRolloutStateFailed},
	}}}
	for _, c := range []struct {
		got, want plan.Rollout
	}{
		{look.ofPrimary(primary(types.DeploymentRolloutStateInProgress)), plan.Rollout{Detail: "1 of 2 tasks run, 3 failed to"}},
		{look.ofPrimary(primary(types.DeploymentRolloutStateFailed)), plan.Rollout{State: plan.RollFailed, Detail: "the deployment failed"}},
		{ofRecord(record(types.ServiceDeploymentStatusInProgress, ""), primary("")), plan.Rollout{Detail: "the deployment is not visible yet"}},
		{ofRecord(record(types.ServiceDeploymentStatusRollbackInProgress, ""), primary("")), plan.Rollout{Detail: "rolling back to shop-web:7"}},
		{ofRecord(record(types.ServiceDeploymentStatusRollbackSuccessful, "Because."), primary("")), plan.Rollout{State: plan.RolledBack, Detail: "Because"}},
		{ofRecord(record(types.ServiceDeploymentStatusRollbackFailed, ""), primary("")), plan.Rollout{State: plan.RollFailed, Detail: "the deployment failed and so did the rollback"}},
		{ofRecord(record(types.ServiceDeploymentStatusStopped, "The circuit breaker said so."), primary("")), plan.Rollout{State: plan.RollFailed, Detail: "The circuit breaker said so"}},
		{ofRecord(record(types.ServiceDeploymentStatusStopped, ""), primary("")), plan.Rollout{State: plan.Superseded, Detail: "superseded by deployment ecs-svc/2 of shop-web:7"}},
		{look.ofList(primary(types.DeploymentRolloutStateInProgress)), plan.Rollout{Detail: "rolled back to shop-web:7"}},
		{look.ofList(primary(types.DeploymentRolloutStateCompleted)), plan.Rollout{State: plan.RolledBack, Detail: "rolled back to shop-web:7"}},
		{look.ofList(primary(types.DeploymentRolloutStateFailed)), plan.Rollout{State: plan.RollFailed, Detail: "rolled back to shop-web:7"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}
