package apply_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

var errBroken = errors.New("it is broken")

// Each call of the cloud takes a second, and so does the look at what is there
// before the first write.
func TestStepsBeginWhenThoseBeforeThemAreOver(t *testing.T) {
	cases := []struct {
		name  string
		wants []*plan.Resource
		calls string
	}{
		{
			name:  "nothing in common, at the same time",
			wants: []*plan.Resource{wish("thing/a", 1), wish("thing/b", 1)},
			calls: lines("1s create thing/a", "1s create thing/b"),
		},
		{
			name:  "what is referred to comes first, and is read again after its time",
			wants: []*plan.Resource{wish("thing/a", 1), wish("thing/b", 1, "thing/a"), wish("thing/c", 1, "thing/b")},
			calls: lines("1s create thing/a", "3s create thing/b", "5s create thing/c"),
		},
		{
			name: "two sides of a diamond at the same time",
			wants: []*plan.Resource{
				wish("thing/a", 1), wish("thing/b", 1, "thing/a"), wish("thing/c", 1, "thing/a"),
				wish("thing/d", 1, "thing/b", "thing/c"),
			},
			calls: lines("1s create thing/a", "3s create thing/b", "3s create thing/c", "5s create thing/d"),
		},
		{
			name:  "apps start when all of them exist",
			wants: []*plan.Resource{wish("thing/a", 1), wish("app/x", 1, "thing/a"), wish("app/y", 1)},
			calls: lines(
				"1s create app/y", "1s create thing/a", "3s create app/x",
				"4s start app/x", "4s start app/y", "7s settle app/x", "7s settle app/y",
			),
		},
	}
	for _, c := range cases {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			if err := apply.Run(t.Context(), cloud.plan(t, wants(t, c.wants...)), apply.Options{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.calls, cloud.calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if left := cloud.plan(t, wants(t, c.wants...)).Plan.Steps; len(left) > 0 {
				t.Errorf("left to do: %v", left)
			}
		})
	}
}

func TestNoMoreCallsAtATimeThanAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		want := wants(t, wish("thing/a", 1), wish("thing/b", 1), wish("thing/c", 1), wish("thing/d", 1), wish("thing/e", 1))
		if err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{Parallel: 2}); err != nil {
			t.Fatal(err)
		}
		if cloud.max != 2 {
			t.Errorf("%d calls at a time, want 2", cloud.max)
		}
		// 5 reads by twos, then 5 times read (where 2s are over) and create by twos.
		if took := time.Since(cloud.begun); took > 9*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestAFailureStopsWhatWaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		for _, name := range []string{"a", "b", "c"} {
			cloud.fails["create thing/"+name] = errBroken
		}
		want := wants(t, wish("thing/a", 1), wish("thing/b", 1), wish("thing/c", 1))
		err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{Parallel: 1})
		if !errors.Is(err, errBroken) || len(cloud.log) != 1 {
			t.Errorf("got %v after %v, want one call", err, cloud.log)
		}
	})
}

func TestWaitingForADeploymentHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		for _, app := range []string{"app/x", "app/y", "app/z"} {
			for range 20 { // 2s, 3s, 4.5s, … 15s: about 4 minutes
				cloud.rollouts[app] = append(cloud.rollouts[app], look{})
			}
			cloud.rollouts[app] = append(cloud.rollouts[app], look{Rollout: plan.Rollout{State: plan.RolledOut}})
		}
		want := wants(t, wish("app/x", 1), wish("app/y", 1), wish("app/z", 1))
		if err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{Parallel: 1}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(cloud.begun); took > 6*time.Minute {
			t.Errorf("one deployment waited for the other: %s", took)
		}
	})
}

func TestAFailureStopsWhatHasNotBegun(t *testing.T) {
	// a ← b ← d, and c stands alone.
	want := func(t *testing.T) *plan.Stack {
		return wants(t, wish("thing/a", 1), wish("thing/b", 1, "thing/a"), wish("thing/c", 1), wish("thing/d", 1, "thing/b"))
	}
	cases := []struct {
		name  string
		fails []string
		want  string
		code  int
	}{
		{
			name:  "the first one fails while another one is under way",
			fails: []string{"create thing/a"},
			want: lines(
				"the plan was applied only in part",
				"done:", "  create thing/c",
				"stopped by:", "  create thing/a: it is broken",
				"not started:", "  create thing/b", "  create thing/d",
				"to continue, plan and apply again: finished steps are not repeated",
			),
			code: 7,
		},
		{
			name:  "one in the middle fails",
			fails: []string{"create thing/b"},
			want: lines(
				"the plan was applied only in part",
				"done:", "  create thing/a", "  create thing/c",
				"stopped by:", "  create thing/b: it is broken",
				"not started:", "  create thing/d",
				"to continue, plan and apply again: finished steps are not repeated",
			),
			code: 7,
		},
		{
			name:  "the last one fails",
			fails: []string{"create thing/d"},
			want: lines(
				"the plan was applied only in part",
				"done:", "  create thing/a", "  create thing/b", "  create thing/c",
				"stopped by:", "  create thing/d: it is broken",
				"to continue, plan and apply again: finished steps are not repeated",
			),
			code: 7,
		},
		{
			name:  "everything that began fails, all of it is said, nothing was written",
			fails: []string{"create thing/c", "create thing/a"},
			want:  lines("create thing/a: it is broken", "create thing/c: it is broken"),
			code:  1,
		},
		{
			name:  "what is there cannot be read",
			fails: []string{"read thing/d", "read thing/b"},
			want:  lines("read thing/b: it is broken", "read thing/d: it is broken"),
			code:  1,
		},
	}
	for _, c := range cases {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			for _, call := range c.fails {
				cloud.fails[call] = errBroken
			}
			err := apply.Run(t.Context(), cloud.plan(t, want(t)), apply.Options{})
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if !errors.Is(err, errBroken) {
				t.Errorf("the cause is lost: %v", err)
			}
			if code := apply.ExitCode(err); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			finished(t, cloud, want(t))
		})
	}
}

func TestAFailureLetsDeploymentsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		cloud.rollouts["app/x"] = []look{{}, {}, {Rollout: plan.Rollout{State: plan.RolledOut}}}
		cloud.fails["start app/y"] = errBroken
		want := wants(t, wish("app/x", 1), wish("app/y", 1))
		err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{})
		var partial *apply.PartialError
		if !errors.As(err, &partial) {
			t.Fatalf("got %v", err)
		}
		done := []string{"app/x#create", "app/x#start", "app/y#create"}
		if diff := cmp.Diff(done, partial.Done); diff != "" {
			t.Errorf("done (-want +got):\n%s", diff)
		}
		finished(t, cloud, want)
	})
}

func TestEveryStepCanFailAndRunningAgainFinishes(t *testing.T) {
	want := func(t *testing.T) *plan.Stack {
		return wants(t, wish("thing/a", 1), wish("thing/b", 2, "thing/a"), wish("app/x", 1, "thing/b"), wish("app/y", 1, "thing/a"))
	}
	for _, call := range []string{
		"create thing/a", "create thing/b", "create app/x", "create app/y", "start app/x", "start app/y",
		"settle app/x", "settle app/y",
	} {
		inBubble(t, call, func(t *testing.T) {
			cloud := newCloud()
			cloud.fails[call] = errBroken
			if err := apply.Run(t.Context(), cloud.plan(t, want(t)), apply.Options{}); !errors.Is(err, errBroken) {
				t.Fatalf("got %v", err)
			}
			finished(t, cloud, want(t))
		})
	}
}
