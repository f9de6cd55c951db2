package apply_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

// The run: 0s read, 1s create a, 2s read and 3s create x, 4s start x, 5s wait, 7s
// settle x, 8s the end.
func TestAnInterruptStopsWhatWaitsAndLetsWritesEnd(t *testing.T) {
	steps := func() []*plan.Resource { return []*plan.Resource{wish("thing/a", 1), wish("app/x", 1, "thing/a")} }
	cases := []struct {
		name  string
		after time.Duration
		took  time.Duration
		err   string
	}{
		{
			name: "before the first call", after: 0, took: 0,
			err: "interrupted",
		},
		{
			name: "while everything is read", after: 500 * time.Millisecond, took: 500 * time.Millisecond,
			err: "interrupted",
		},
		{
			name: "during a write", after: 1500 * time.Millisecond, took: 2 * time.Second,
			err: lines(
				"the plan was applied only in part", "done:", "  create thing/a",
				"stopped by:", "  interrupted",
				"not started:", "  create app/x", "  start app/x",
				"to continue, plan and apply again: finished steps are not repeated",
			),
		},
		{
			name: "while one is read again", after: 2500 * time.Millisecond, took: 2500 * time.Millisecond,
			err: lines(
				"the plan was applied only in part", "done:", "  create thing/a",
				"stopped by:", "  interrupted",
				"not started:", "  create app/x", "  start app/x",
				"to continue, plan and apply again: finished steps are not repeated",
			),
		},
		{
			name: "during the write that causes a deployment", after: 4500 * time.Millisecond, took: 5 * time.Second,
			err: lines(
				"the plan was applied only in part", "done:", "  create app/x", "  create thing/a",
				"stopped by:", "  interrupted; deployments still in progress: app/x",
				"to continue, plan and apply again: finished steps are not repeated",
			),
		},
		{
			name: "while a deployment is waited for", after: 6 * time.Second, took: 6 * time.Second,
			err: lines(
				"the plan was applied only in part", "done:", "  create app/x", "  create thing/a",
				"stopped by:", "  interrupted; deployments still in progress: app/x",
				"to continue, plan and apply again: finished steps are not repeated",
			),
		},
		{name: "during the last write, which ends", after: 7500 * time.Millisecond, took: 8 * time.Second},
	}
	for _, c := range cases {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.after == 0 {
				cancel()
			} else {
				time.AfterFunc(c.after, cancel)
			}
			err := apply.Run(ctx, cloud.plan(t, wants(t, steps()...)), apply.Options{})
			if took := time.Since(cloud.begun); took != c.took {
				t.Errorf("took %s, want %s", took, c.took)
			}
			checkInterrupted(t, err, c.err)
			finished(t, cloud, wants(t, steps()...))
		})
	}
}

func checkInterrupted(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got %v", err)
		}
		return
	}
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if code := apply.ExitCode(err); code != 130 || !errors.Is(err, context.Canceled) {
		t.Errorf("exit code %d, canceled: %v", code, errors.Is(err, context.Canceled))
	}
}

func TestAWriteThatDoesNotEndIsCutShortSomeTimeAfterTheInterrupt(t *testing.T) {
	inBubble(t, "it may have been carried out", func(t *testing.T) {
		cloud := newCloud()
		in := cloud.plan(t, wants(t, wish("thing/a", 1)))
		in.Account = func(kind string) apply.Kind { return hangs{cloud.kind(kind)} }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		err := apply.Run(ctx, in, apply.Options{})
		checkInterrupted(t, err, lines(
			"the plan was applied only in part", "stopped by:",
			"  create thing/a: context canceled: no answer within 30s of the interrupt: the call may have been carried out",
			"  interrupted",
			"to continue, plan and apply again: finished steps are not repeated",
		))
		if took := time.Since(cloud.begun); took != 32*time.Second {
			t.Errorf("took %s, want 32s", took)
		}
	})
}

// hangs answers nothing until it is cut short.
type hangs struct{ apply.Kind }

func (hangs) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("create %s: %w", want.Address, ctx.Err())
}

func TestAnInterruptedFailureIsBoth(t *testing.T) {
	inBubble(t, "one fails while another one is waited for", func(t *testing.T) {
		cloud := newCloud()
		cloud.rollouts["app/x"] = []look{rolling("")}
		cloud.fails["start app/y"] = errBroken
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		err := apply.Run(ctx, cloud.plan(t, wants(t, wish("app/x", 1), wish("app/y", 1))), apply.Options{})
		checkInterrupted(t, err, lines(
			"the plan was applied only in part", "done:", "  create app/x", "  create app/y",
			"stopped by:", "  start app/y: it is broken", "  interrupted; deployments still in progress: app/x",
			"to continue, plan and apply again: finished steps are not repeated",
		))
	})
}
