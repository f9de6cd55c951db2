package apply

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// grace is the time that a write which is under way has left when ctx ends.
const grace = 30 * time.Second

var errCutShort = fmt.Errorf("no answer within %s of the interrupt: the call may have been carried out", grace)

// toItsEnd is the context of a write: one that is under way when ctx ends is
// given time to end, for half of it may be worse than all of it. release must be
// called when it is over.
func toItsEnd(ctx context.Context) (call context.Context, release func()) {
	call, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if sleep(call, grace) {
			cancel(errCutShort)
		}
	})
	return call, func() {
		stop()
		cancel(nil)
	}
}

func cutShort(call context.Context) bool { return errors.Is(context.Cause(call), errCutShort) }

// explain marks the error of a write that was cut short by the grace period
// after an interrupt.
func explain(call context.Context, err error) error {
	if err != nil && cutShort(call) {
		return fmt.Errorf("%w: %w", err, errCutShort)
	}
	return err
}

// sleep returns false where ctx ends before d is over.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
