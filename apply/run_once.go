package apply

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// runTimeout is how long a run may take: docker compose waits for ever.
const runTimeout = 24 * time.Hour

// finishRun waits for the end of a run, and tries again what failed as often as it may. A run
// whose success is noted is not repeated: that comes before its task is taken away. One
// that failed is not noted, so that the next plan runs it again.
func (w *work) finishRun(ctx context.Context, runner Runner) error {
	for try := 1; ; try++ {
		failure := w.wait(ctx, runner)
		var failed *DeploymentError
		switch {
		case failure == nil:
			return w.inSlot(ctx, func(call context.Context) error {
				if err := runner.Settle(call, w.attrs, w.want); err != nil {
					return err
				}
				return runner.End(call, w.attrs, w.want)
			})
		case !errors.As(failure, &failed) || failed.Waited > 0: // it goes on
			return failure
		case try >= w.want.Run.Tries:
			return errors.Join(failure, w.inSlot(ctx, func(call context.Context) error { return runner.End(call, w.attrs, w.want) }))
		}
		w.events.Note(w.step, fmt.Sprintf("%s: try %d of %d", failed.Rollout.Detail, try+1, w.want.Run.Tries))
		if err := w.runAgain(ctx, runner); err != nil {
			return err
		}
	}
}

func (w *work) runAgain(ctx context.Context, runner Runner) error {
	return w.inSlot(ctx, func(call context.Context) error {
		attrs, err := runner.Run(call, w.world.current(w.step.Address), w.want, true)
		if err == nil {
			w.attrs = w.world.record(w.step.Verb, w.want, attrs)
		}
		return err
	})
}
