package apply

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan"
)

// freshFor is how long a look at a resource counts as one right before a write.
const freshFor = 2 * time.Second

// freshness makes sure that what is written to is what the plan was made for.
type freshness struct {
	Input
	world *world
	slots slots

	mu      sync.Mutex
	checked map[plan.Address]time.Time
	ours    map[plan.Address]bool // a step of this run writes to it, or did
}

func newFreshness(in Input, w *world, s slots) *freshness {
	return &freshness{
		Input: in, world: w, slots: s,
		checked: map[plan.Address]time.Time{}, ours: map[plan.Address]bool{},
	}
}

// checkAll looks at everything that has a step.
func (f *freshness) checkAll(ctx context.Context) error {
	var addresses []plan.Address
	for _, step := range f.Plan.Steps {
		if !step.Idle() {
			addresses = append(addresses, step.Address)
		}
	}
	slices.SortFunc(addresses, plan.Address.Compare)
	addresses = slices.Compact(addresses)

	errs := make([]error, len(addresses))
	var group fault.Group
	for i, address := range addresses {
		group.Go(func() {
			f.slots.take()
			defer f.slots.give()
			errs[i] = f.look(ctx, address)
		})
	}
	group.Wait()
	return gather(errs)
}

// check looks at a resource right before a step writes to it. The first step to
// do so makes it ours; those after it would find what that one wrote.
func (f *freshness) check(ctx context.Context, address plan.Address) error {
	if ctx.Err() != nil {
		return &InterruptedError{Err: ctx.Err()}
	}
	f.mu.Lock()
	fresh := f.ours[address] || time.Since(f.checked[address]) < freshFor
	f.ours[address] = true
	f.mu.Unlock()
	if fresh {
		return nil
	}
	return f.look(ctx, address)
}

// look reads a resource and compares it with what the plan was made for.
func (f *freshness) look(ctx context.Context, address plan.Address) error {
	begun := time.Now()
	live, err := f.read(ctx, address)
	if err != nil {
		if ctx.Err() != nil {
			return &InterruptedError{Err: ctx.Err()}
		}
		return err
	}
	fingerprint, err := plan.Fingerprint(f.Kinds, f.Plan.Target, live)
	if err != nil {
		return err
	}
	if fingerprint != f.Plan.Find(address).Fingerprint {
		return &StaleError{Changed: []plan.Address{address}}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checked[address] = begun
	return nil
}

// read returns nil for what does not exist.
func (f *freshness) read(ctx context.Context, address plan.Address) (*plan.Resource, error) {
	meant := f.Live.Find(address)
	if meant == nil {
		want := f.Want.Find(address)
		if want == nil {
			return nil, nil
		}
		meant, _ = f.world.fill(want)
	}
	live, err := f.Account(address.Kind).Read(ctx, meant)
	if errors.Is(err, plan.ErrNotFound) {
		return nil, nil
	}
	return live, err
}
