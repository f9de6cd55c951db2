package apply

import (
	"context"
	"sync"
	"time"

	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan"
)

// slots bound the calls at a time. Who only waits holds none.
type slots chan struct{}

func (s slots) take() { s <- struct{}{} }
func (s slots) give() { <-s }

// schedule lets each step begin when those before it are over.
type schedule struct {
	over  map[string]chan struct{} // closed when the step of that id is over
	stop  <-chan struct{}          // closed when no step may begin any more
	slots slots
}

// takeSteps has a goroutine for each step and returns when all of them are over,
// with an outcome for each.
func (r *run) takeSteps(ctx context.Context) []outcome {
	steps := r.Plan.Steps
	stopped, stop := context.WithCancel(ctx)
	defer stop()
	s := schedule{over: make(map[string]chan struct{}, len(steps)), stop: stopped.Done(), slots: r.slots}
	for _, step := range steps {
		s.over[step.ID] = make(chan struct{})
	}
	outcomes := make([]outcome, len(steps))
	var group sync.WaitGroup
	for i, step := range steps {
		group.Go(func() {
			// Stopping comes before closing: who waits for a step that failed must
			// not begin.
			defer close(s.over[step.ID])
			if !s.begin(step) {
				return
			}
			outcomes[i] = r.guarded(ctx, step)
			if outcomes[i].err != nil {
				stop()
			}
		})
	}
	group.Wait()
	return outcomes
}

// guarded takes a step. A panic in it is a failure of the step, so that what was written
// is told.
func (r *run) guarded(ctx context.Context, step plan.Step) (out outcome) {
	out = outcome{over: true, wrote: true}
	defer fault.Catch(&out.err)
	return r.take(ctx, step)
}

// begin waits until step may start and takes a slot for it. It returns false if
// the step must not start any more.
func (s *schedule) begin(step plan.Step) bool {
	for _, id := range step.After {
		select {
		case <-s.over[id]:
		case <-s.stop:
			return false
		}
	}
	select {
	case s.slots <- struct{}{}:
	case <-s.stop:
		return false
	}
	select {
	case <-s.stop: // select above takes either of two that are ready
		s.slots.give()
		return false
	default:
		return true
	}
}

// take runs one step, which has a slot, and reports its progress.
func (r *run) take(ctx context.Context, step plan.Step) outcome {
	if step.Verb == plan.BarrierVerb {
		r.slots.give()
		return outcome{over: true}
	}
	begun := time.Now()
	r.events.Start(step)
	out := r.outcome(ctx, step)
	r.events.Done(step, time.Since(begun), out.err)
	return out
}

func (r *run) outcome(ctx context.Context, step plan.Step) outcome {
	if step.Verb == plan.WaitVerb {
		r.slots.give()
		return r.pass(ctx, time.Duration(step.Seconds)*time.Second)
	}
	return r.carryOut(ctx, step)
}

// pass lets time go by.
func (r *run) pass(ctx context.Context, d time.Duration) outcome {
	if err := r.options.Sleep(ctx, d); err != nil {
		return outcome{over: true, err: &InterruptedError{Err: err}}
	}
	return outcome{over: true}
}
