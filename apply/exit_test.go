package apply_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/compose2fargate/compose2fargate/apply"
)

func TestExitCode(t *testing.T) {
	var (
		interrupted = &apply.InterruptedError{Err: context.Canceled}
		superseded  = &apply.SupersededError{}
		deployment  = &apply.DeploymentError{}
		stale       = &apply.StaleError{}
		other       = errors.New("other")
		partly      = func(errs ...error) error { return &apply.PartialError{Err: errors.Join(errs...)} }
	)
	cases := []struct {
		name string
		err  error
		want int
	}{
		{"nothing", nil, 0},
		{"something else, nothing written", other, 1},
		{"stale, nothing written", stale, 4},
		{"stale and something else, nothing written", errors.Join(other, stale), 4},
		{"stale in the middle", partly(stale), 7},
		{"something else in the middle", partly(other), 7},
		{"a deployment", partly(deployment), 5},
		{"a deployment and something else", partly(other, deployment, stale), 5},
		{"somebody else's deployment and ours", partly(deployment, superseded, other), 6},
		{"interrupted, nothing written", interrupted, 130},
		{"interrupted and stale, nothing written", errors.Join(stale, interrupted), 130},
		{"interrupted and all of the others", partly(other, deployment, superseded, stale, interrupted), 130},
		{"wrapped by the caller", fmt.Errorf("apply: %w", partly(deployment)), 5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := apply.ExitCode(c.err); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
