package apply

import (
	"context"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Input is what is carried out, and on what.
type Input struct {
	Plan *plan.Plan
	// Live and Want are the stacks that Plan was made of.
	Live, Want *plan.Stack
	Kinds      plan.Kinds
	// Account returns the Kind for a kind of resource, a Deployer if its rules
	// say that it starts tasks, and nil if it does not support the kind.
	Account func(kind string) Kind
}

// Options say how a plan is carried out. The zero Options are the defaults.
type Options struct {
	NoWait   bool          // don't wait for deployments that no other step waits for
	Poll     time.Duration // until the first look at a deployment, 2s by default; later looks are rarer
	Timeout  time.Duration // for one deployment; by default until AWS gives up on it, at least 30m
	Parallel int           // calls at a time, 10 by default
	Events   Events        // nil: nobody listens
	// Sleep lets time go by where a step only waits, and returns the error of ctx
	// where that ends before; by default by the clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

func (o Options) withDefaults() Options {
	if o.Poll <= 0 {
		o.Poll = 2 * time.Second
	}
	if o.Parallel <= 0 {
		o.Parallel = 10
	}
	if o.Sleep == nil {
		o.Sleep = func(ctx context.Context, d time.Duration) error {
			sleep(ctx, d)
			return ctx.Err()
		}
	}
	return o
}

// Run applies a plan. It first reads again what the plan touches, and writes
// nothing if that has changed since the plan was made (StaleError). Then it
// runs the steps, and starts no new one after a step failed or ctx ended.
//
// An error after something was written is a PartialError. ExitCode classifies
// the others; all of them can be found with errors.As.
func Run(ctx context.Context, in Input, o Options) error {
	if err := validate(in); err != nil {
		return err
	}
	r := newRun(in, o.withDefaults())
	if err := r.freshness.checkAll(ctx); err != nil {
		return err
	}
	return verdict(ctx, in.Plan.Steps, r.takeSteps(ctx))
}

// run is one apply.
type run struct {
	Input
	options   Options
	events    *oneByOne
	slots     slots
	world     *world
	freshness *freshness
	last      map[string]bool // ids of the steps that no other step waits for
}

func newRun(in Input, o Options) *run {
	r := &run{
		Input:   in,
		options: o,
		events:  &oneByOne{to: o.Events},
		slots:   make(slots, o.Parallel),
		world:   newWorld(in),
		last:    last(in.Plan.Steps),
	}
	r.freshness = newFreshness(in, r.world, r.slots)
	return r
}

func last(steps []plan.Step) map[string]bool {
	out := make(map[string]bool, len(steps))
	for _, step := range steps {
		out[step.ID] = true
	}
	for _, step := range steps {
		for _, id := range step.After {
			out[id] = false
		}
	}
	return out
}
