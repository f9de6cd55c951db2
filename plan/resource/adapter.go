package resource

import (
	"context"
	"fmt"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Kind reads and changes resources of one kind, one at a time. Its errors name
// the operation and the address.
type Kind struct{ operations operations }

// Read reads the resource as it is now. r, desired or live, says which one is
// meant: a live one by what AWS calls it, a desired one as in Account.Read. It
// returns plan.ErrNotFound when absent.
func (k *Kind) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	live, err := k.operations.Read(ctx, r)
	return live, operationError("read", r.Address, err)
}

// Create creates the resource that want describes; every Value of its spec must
// be known. It may be called again after it was interrupted: if it finds a
// resource of ours, it updates that to match want. If it returns Attrs together
// with an error, something was written before the error; the same holds for
// Update and Start.
func (k *Kind) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	return write(ctx, "create", want, k.operations.Create)
}

// Update makes the calls that change live into want. force restarts the tasks
// of a service even if nothing differs; other kinds ignore it.
func (k *Kind) Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error) {
	return write(ctx, "update", want, func(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
		return k.operations.Update(ctx, live, want, force)
	})
}

// Delete deletes live and returns when it is gone. It is not an error if it is
// already gone.
func (k *Kind) Delete(ctx context.Context, live *plan.Resource) error {
	return operationError("delete", live.Address, k.operations.Delete(ctx, live))
}

// write makes a call that writes, with every value of want known.
func write(
	ctx context.Context, operation string, want *plan.Resource, call func(context.Context, *plan.Resource) (plan.Attrs, error),
) (plan.Attrs, error) {
	want, err := resolved(want)
	if err != nil {
		return nil, operationError(operation, want.Address, err)
	}
	ctx, wrote := trackWrites(ctx)
	attrs, err := call(ctx, want)
	return partialAttrs(attrs, wrote, err), operationError(operation, want.Address, err)
}

// Extender returns nil for a kind that cannot be extended.
func (k *Kind) Extender() *Extender {
	if e, ok := k.operations.(extender); ok {
		return &Extender{k, e}
	}
	return nil
}

// Extender is a Kind whose resources can serve their old and their new users at
// the same time.
type Extender struct {
	*Kind
	extender extender
}

type extender interface {
	Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error)
}

// Extend adds to live what want has in addition and removes nothing. If live is
// nil, it creates want in a place where it does not receive requests.
func (e *Extender) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	want, err := resolved(want)
	if err != nil {
		return nil, operationError("extend", want.Address, err)
	}
	ctx, wrote := trackWrites(ctx)
	out, err := e.extender.Extend(ctx, live, want)
	if err != nil && wrote.Load() && out == nil {
		out = live
	}
	return out, operationError("extend", want.Address, err)
}

// Services returns nil for all kinds except services.
func (k *Kind) Services() *Services {
	if s, ok := k.operations.(services); ok {
		return &Services{k, s}
	}
	return nil
}

// Services is the Kind of services, whose changes continue after the call that
// started them.
type Services struct {
	*Kind
	services services
}

// Start gives a service that was made idle its tasks, in a deployment of their own
// that knows every other service. The attrs name that deployment.
func (s *Services) Start(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	return write(ctx, "start", want, func(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
		return s.services.Start(ctx, live, want)
	})
}

// Rollout looks once at the deployment that the attrs of Start or Update name.
func (s *Services) Rollout(ctx context.Context, attrs plan.Attrs) (plan.Rollout, error) {
	rollout, err := s.services.Rollout(ctx, attrs)
	if err != nil {
		return rollout, fmt.Errorf("watch service %s: %w", attrs["name"], brief(err))
	}
	return rollout, nil
}

// Settle records in the tags of the service that want was applied to the end.
func (s *Services) Settle(ctx context.Context, attrs plan.Attrs, want *plan.Resource) error {
	return operationError("settle", want.Address, s.services.Settle(ctx, attrs, want))
}

// Run lets one task of a service run that ends by itself; see apply.Runner.
func (s *Services) Run(ctx context.Context, _, want *plan.Resource, again bool) (plan.Attrs, error) {
	return write(ctx, "run", want, func(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
		return s.services.Run(ctx, want, again)
	})
}

// Outcome looks once at the run that the attrs of Run name.
func (s *Services) Outcome(ctx context.Context, attrs plan.Attrs, run *plan.Run) (plan.Rollout, error) {
	outcome, err := s.services.Outcome(ctx, attrs, run)
	if err != nil {
		return outcome, fmt.Errorf("watch service %s: %w", attrs["name"], brief(err))
	}
	return outcome, nil
}

// End takes away the task of a run that is over.
func (s *Services) End(ctx context.Context, attrs plan.Attrs, want *plan.Resource) error {
	return operationError("end", want.Address, s.services.End(ctx, attrs))
}

// Stop ends all tasks of live and returns when they are gone. Until Start it is
// marked as a service that has to be started.
func (s *Services) Stop(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	ctx, wrote := trackWrites(ctx)
	out, err := s.services.Stop(ctx, live, want)
	if err != nil && wrote.Load() && out == nil {
		out = live
	}
	return out, operationError("stop the tasks of", live.Address, err)
}

// Hold lets the tasks that run now stay whatever is deployed, for a day at most.
func (s *Services) Hold(ctx context.Context, live *plan.Resource) error {
	return operationError("hold the tasks of", live.Address, s.services.Hold(ctx, live))
}

// Ready says whether requests reach the tasks of the deployment that the attrs
// name.
func (s *Services) Ready(ctx context.Context, attrs plan.Attrs) (bool, error) {
	ready, err := s.services.Ready(ctx, attrs)
	if err != nil {
		return false, fmt.Errorf("watch service %s: %w", attrs["name"], brief(err))
	}
	return ready, nil
}

// Release lets the tasks of older deployments go.
func (s *Services) Release(ctx context.Context, live *plan.Resource) error {
	return operationError("release the tasks of", live.Address, s.services.Release(ctx, live))
}

// resolved is want in its normal form as it is now that every value is known:
// sets of refs are sorted by what they refer to until then.
func resolved(want *plan.Resource) (*plan.Resource, error) {
	out := *want
	var unknown error
	out.Spec = plan.Map(want.Spec, func(v plan.Value) plan.Value {
		if !v.Known() {
			unknown = fmt.Errorf("%s is not known", v)
		}
		return plan.Literal(v.Text)
	})
	rules[want.Address.Kind].Normalize(out.Spec)
	return &out, unknown
}
