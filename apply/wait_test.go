package apply_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

func rolling(detail string) look { return look{Rollout: plan.Rollout{Detail: detail}} }

func ends(state plan.RolloutState, detail string, failures ...string) look {
	return look{Rollout: plan.Rollout{State: state, Detail: detail, Failures: failures}}
}

func missed() look { return look{err: errBroken} }

func TestADeploymentIsWaitedForUntilItsEnd(t *testing.T) {
	miss := "note app/x#start retrying: it is broken"
	cases := []struct {
		name  string
		looks []look
		notes []string
		err   string
		code  int
	}{
		{
			name:  "it rolls out, and each new line is told",
			looks: []look{rolling("0 of 2 tasks run"), rolling("0 of 2 tasks run"), rolling("1 of 2 tasks run"), ends(plan.RolledOut, "2 of 2 tasks run")},
			notes: []string{"note app/x#start 0 of 2 tasks run", "note app/x#start 1 of 2 tasks run", "note app/x#start 2 of 2 tasks run"},
		},
		{
			name:  "it is rolled back",
			looks: []look{rolling("0 of 2 tasks run"), ends(plan.RolledBack, "back to x:3", "task 1: exit code 137", "task 2: exit code 137")},
			notes: []string{"note app/x#start 0 of 2 tasks run"},
			err:   lines("deployment of app/x failed and was rolled back: back to x:3", "  task 1: exit code 137", "  task 2: exit code 137"),
			code:  5,
		},
		{
			name:  "it fails",
			looks: []look{ends(plan.RollFailed, "tasks failed to start")},
			err:   "deployment of app/x failed: tasks failed to start",
			code:  5,
		},
		{
			name:  "somebody else deploys",
			looks: []look{ends(plan.Superseded, "superseded by deployment 9")},
			err:   "deployment of app/x was superseded by somebody else's change: superseded by deployment 9",
			code:  6,
		},
		{
			name:  "it takes too long",
			looks: []look{rolling("1 of 2 tasks run")},
			notes: []string{"note app/x#start 1 of 2 tasks run"},
			err:   "deployment of app/x did not finish within 10m0s and goes on unwatched: 1 of 2 tasks run",
			code:  5,
		},
		{
			name:  "some looks fail",
			looks: []look{missed(), missed(), missed(), missed(), rolling(""), missed(), ends(plan.RolledOut, "")},
			notes: []string{miss, miss, miss, miss, miss},
		},
		{
			name:  "looks fail again and again",
			looks: []look{missed(), missed(), missed(), missed(), missed(), ends(plan.RolledOut, "")},
			notes: []string{miss, miss, miss, miss},
			err:   "it is broken",
			code:  7,
		},
	}
	for _, c := range cases {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			cloud.rollouts["app/x"] = c.looks
			events := &listener{}
			want := wants(t, wish("app/x", 2))
			err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{Timeout: 10 * time.Minute, Events: events})
			notes := slices.DeleteFunc(events.lines, func(line string) bool { return !strings.HasPrefix(line, "note") })
			if diff := cmp.Diff(c.notes, notes); diff != "" && len(c.notes)+len(notes) > 0 {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if code := apply.ExitCode(err); code != c.code {
				t.Errorf("exit code %d, want %d: %v", code, c.code, err)
			}
			if settled := strings.Contains(cloud.calls(), "settle"); settled != (c.err == "") {
				t.Errorf("settled: %v", settled)
			}
			var partial *apply.PartialError
			if c.err != "" && (!errors.As(err, &partial) || partial.Err.Error() != c.err) {
				t.Errorf("got %v\nwant %s", err, c.err)
			}
			finished(t, cloud, want)
		})
	}
}

func TestATimeoutIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		cloud.rollouts["app/x"] = []look{rolling("1 of 2 tasks run")}
		err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("app/x", 2))), apply.Options{})
		var deployment *apply.DeploymentError
		if !errors.As(err, &deployment) || deployment.Waited != 30*time.Minute {
			t.Errorf("got %v", err)
		}
		// read, create and start take a second each.
		if took := time.Since(cloud.begun); took != 30*time.Minute+3*time.Second {
			t.Errorf("took %s", took)
		}
		// 2s, 3s, 4.5s, 6.75s, 10.125s, then every 15s.
		if cloud.looks < 120 || cloud.looks > 130 {
			t.Errorf("%d looks", cloud.looks)
		}
	})
}

func TestUpdatesWaitForADeploymentOnlyWhereTheyCausedOne(t *testing.T) {
	cases := []struct {
		name  string
		next  *plan.Resource
		looks int
		calls string
	}{
		{name: "it deploys", next: wish("app/x", 2), looks: 1, calls: "0s update app/x\n3s settle app/x"},
		{name: "it does not", next: wish("app/x", 1, "thing/a"), calls: "0s update app/x\n1s settle app/x"},
	}
	for _, c := range cases {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			if err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("thing/a", 1), wish("app/x", 1))), apply.Options{}); err != nil {
				t.Fatal(err)
			}
			cloud.looks, cloud.log, cloud.begun = 0, nil, time.Now().Add(time.Second) // which the reading takes
			if err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("thing/a", 1), c.next)), apply.Options{}); err != nil {
				t.Fatal(err)
			}
			if cloud.looks != c.looks {
				t.Errorf("%d looks, want %d", cloud.looks, c.looks)
			}
			if diff := cmp.Diff(c.calls, cloud.calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoWaitWaitsOnlyForWhatAnotherStepWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		cloud.rollouts["app/db"] = []look{rolling(""), ends(plan.RolledOut, "")}
		cloud.rollouts["app/web"] = []look{rolling("forever")}
		web := wish("app/web", 1)
		web.After = []plan.Address{address("app/db")}
		if err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("app/db", 1), web)), apply.Options{NoWait: true}); err != nil {
			t.Fatal(err)
		}
		want := lines(
			"1s create app/db", "1s create app/web", "2s start app/db",
			"8s settle app/db", "9s start app/web", "10s settle app/web",
		)
		if diff := cmp.Diff(want, cloud.calls()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

// TestADeploymentIsWaitedForAsLongAsAWSTries gives a resource more patience than the
// default is, and a caller less.
func TestADeploymentIsWaitedForAsLongAsAWSTries(t *testing.T) {
	for _, c := range []struct {
		name             string
		patience, option time.Duration
		want             string
	}{
		{"half an hour", 0, 0, "30m0s"},
		{"little patience", time.Minute, 0, "30m0s"},
		{"much patience", 70 * time.Minute, 0, "1h10m0s"},
		{"the word of the user", 70 * time.Minute, 5 * time.Minute, "5m0s"},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			cloud.rollouts["app/x"] = []look{rolling("1 of 2 tasks run")}
			want := wants(t, wish("app/x", 2))
			want.Find(plan.Address{Kind: "app", Name: "x"}).Patience = c.patience
			err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{Timeout: c.option})
			if err == nil || !strings.Contains(err.Error(), "did not finish within "+c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
