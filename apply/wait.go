package apply

import (
	"context"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
)

const (
	slowestPoll = 15 * time.Second // between two looks at a deployment
	lookTimeout = time.Minute      // for one look
	maxMisses   = 4                // looks in a row that may fail
)

// wait watches the deployment that w has caused until it is over. It needs no
// slot.
func (w *work) wait(ctx context.Context, deployer Deployer) error {
	timeout := w.timeout()
	deadline := time.Now().Add(timeout)
	var seen plan.Rollout
	misses := 0
	for delay := w.options.Poll; ; delay = rarer(delay, w.options.Poll) {
		if !sleep(ctx, min(delay, time.Until(deadline))) {
			return w.interrupted(ctx)
		}
		now, ready, err := w.look(ctx, deployer)
		switch {
		case err != nil && ctx.Err() != nil:
			return w.interrupted(ctx)
		case err != nil && misses == maxMisses:
			return err
		case err != nil:
			misses++
			w.events.Note(w.step, "retrying: "+err.Error())
		case now.State != plan.Rolling:
			return w.end(seen, now)
		case ready:
			w.note(seen, now)
			return nil
		default:
			misses = 0
			w.note(seen, now)
			seen = now
		}
		if !time.Now().Before(deadline) {
			return &DeploymentError{Address: w.step.Address, Rollout: seen, Waited: timeout, Ran: w.step.Verb == plan.RunVerb}
		}
	}
}

// leastTimeout is for deployments that nothing checks, or of which AWS sees a failure
// earlier.
const leastTimeout = 30 * time.Minute

// timeout is how long a deployment is waited for: at least until AWS itself gives up on
// it, so that it is known how it ended.
func (w *work) timeout() time.Duration {
	switch {
	case w.options.Timeout > 0:
		return w.options.Timeout
	case w.step.Verb == plan.RunVerb:
		return runTimeout
	case w.want == nil:
		return leastTimeout
	default:
		return max(leastTimeout, w.want.Patience)
	}
}

func rarer(delay, first time.Duration) time.Duration {
	return min(delay*3/2, max(first, slowestPoll))
}

// look limits the time of one look, so that a hanging connection counts as one
// failed look. A held service is ready before its deployment is over.
func (w *work) look(ctx context.Context, deployer Deployer) (now plan.Rollout, ready bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if w.step.Verb == plan.RunVerb {
		now, err = w.kind.(Runner).Outcome(ctx, w.attrs, w.want.Run)
		return now, false, err
	}
	now, err = deployer.Rollout(ctx, w.attrs)
	if err == nil && w.step.Hold && now.State == plan.Rolling {
		ready, err = deployer.(Holder).Ready(ctx, w.attrs)
	}
	return now, ready, err
}

// end is nil for a deployment that went well.
func (w *work) end(seen, now plan.Rollout) error {
	switch now.State {
	case plan.RolledOut:
		w.note(seen, now)
		return nil
	case plan.Superseded:
		return &SupersededError{Address: w.step.Address, Rollout: now}
	default:
		return &DeploymentError{Address: w.step.Address, Rollout: now, Ran: w.step.Verb == plan.RunVerb}
	}
}

func (w *work) note(seen, now plan.Rollout) {
	if now.Detail != "" && now.Detail != seen.Detail {
		w.events.Note(w.step, now.Detail)
	}
}

func (w *work) interrupted(ctx context.Context) error {
	return &InterruptedError{Waiting: []plan.Address{w.step.Address}, Err: ctx.Err()}
}
