package apply_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

// ways are things that lead to apps.
type ways struct{ things }

func (k ways) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	if err := k.call(ctx, "extend", want.Address); err != nil {
		return nil, err
	}
	both := duplicate(live)
	both.Spec.(*item).Size += want.Spec.(*item).Size
	return both, k.put(both, live.Attrs)
}

// held are apps whose old tasks stay until they are released; ready is how many
// looks that takes the new ones.
type held struct {
	apps
	ready *int
}

func (k held) Hold(ctx context.Context, live *plan.Resource) error {
	return k.call(ctx, "hold", live.Address)
}

func (k held) Ready(context.Context, plan.Attrs) (bool, error) {
	*k.ready--
	return *k.ready < 0, nil
}

func (k held) Release(ctx context.Context, live *plan.Resource) error {
	k.mu.Lock()
	if rollouts := k.rollouts["app/x"]; len(rollouts) == 1 && rollouts[0].State == plan.Rolling {
		k.rollouts["app/x"] = []look{{Rollout: plan.Rollout{State: plan.RolledOut}}}
	}
	k.mu.Unlock()
	return k.call(ctx, "release", live.Address)
}

// switching is a plan that leads visitors of thing/a from the old to the new tasks
// of app/x.
func switching(t *testing.T, cloud *cloud) apply.Input {
	t.Helper()
	if err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("thing/a", 1), wish("app/x", 1))), apply.Options{}); err != nil {
		t.Fatal(err)
	}
	in := cloud.plan(t, wants(t, wish("thing/a", 2), wish("app/x", 2)))
	step := func(at string, verb plan.Verb, hold bool, after ...string) plan.Step {
		return plan.Step{ID: plan.StepID(address(at), verb), Address: address(at), Verb: verb, Hold: hold, After: after}
	}
	in.Plan.Steps = []plan.Step{
		step("app/x", plan.ReleaseVerb, false, "app/x#update", "thing/a#update"),
		step("app/x", plan.UpdateVerb, true, "thing/a#extend"),
		step("thing/a", plan.ExtendVerb, false),
		step("thing/a", plan.UpdateVerb, false, "app/x#update", "thing/a#extend"),
	}
	looks := 2
	in.Account = func(kind string) apply.Kind {
		if kind == "app" {
			return held{apps{things{cloud}}, &looks}
		}
		return ways{things{cloud}}
	}
	cloud.log, cloud.begun = nil, time.Now().Add(time.Second) // which the reading takes
	return in
}

func TestOldTasksStayUntilVisitorsAreLedToTheNewOnes(t *testing.T) {
	for _, c := range []struct {
		name    string
		rollout look
		err     string
		calls   string
	}{
		{
			name: "to the end", rollout: rolling("2 of 2 tasks run"),
			calls: lines("0s extend thing/a", "2s hold app/x", "3s update app/x", "14s update thing/a", "15s release app/x", "18s settle app/x"),
		},
		{
			name: "new tasks fail", rollout: ends(plan.RolledBack, "back to x:3"),
			err:   "deployment of app/x failed and was rolled back: back to x:3",
			calls: lines("0s extend thing/a", "2s hold app/x", "3s update app/x", "6s release app/x"),
		},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			in := switching(t, cloud)
			cloud.rollouts["app/x"] = []look{c.rollout}
			err := apply.Run(t.Context(), in, apply.Options{})
			var got string
			if partial, ok := err.(*apply.PartialError); ok {
				got = partial.Err.Error()
			} else if err != nil {
				got = err.Error()
			}
			if got != c.err {
				t.Errorf("got %q, want %q", got, c.err)
			}
			if diff := cmp.Diff(c.calls, cloud.calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAnInterruptLeavesTheOldTasksHeld: visitors are not led to the new ones yet.
func TestAnInterruptLeavesTheOldTasksHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		in := switching(t, cloud)
		cloud.rollouts["app/x"] = []look{rolling("0 of 2 tasks run")}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if code := apply.ExitCode(apply.Run(ctx, in, apply.Options{})); code != 130 {
			t.Errorf("exit code %d", code)
		}
		if diff := cmp.Diff(lines("0s extend thing/a", "2s hold app/x", "3s update app/x"), cloud.calls()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestWhatCannotBeHeldOrExtendedIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		in := switching(t, cloud)
		in.Account = cloud.kind
		err := apply.Run(t.Context(), in, apply.Options{})
		want := lines(
			"broken plan: step app/x#release: a app cannot be released",
			"step app/x#update: a app cannot be held",
			"step thing/a#extend: a thing cannot be extended",
		)
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	})
}
