package resource

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// broken brings an image that never becomes healthy to the service.
func (w *world) broken(want *plan.Stack, change func(*spec.Service)) (plan.Attrs, *plan.Resource) {
	w.Helper()
	shop := w.shop("web")
	shop[4].Spec.(*spec.TaskDefinition).ContainerDefinitions[0].Image = "web:" + simulator.NeverHealthy
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
