package apply

import (
	"context"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Kind reads and changes the resources of one kind. It is called from several
// goroutines; its errors name the operation and the address.
type Kind interface {
	// Read reads the resource that r means as it is now, past every cache. It
	// returns plan.ErrNotFound when absent. r is a live resource, or a desired one
	// in which refs to what is not made yet are not known.
	Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error)
	// Create creates the resource that want describes; every Value of want is
	// known. If it returns Attrs together with an error, something was written
	// before the error. The same holds for Update.
	Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error)
	// Update brings live to want. force restarts the tasks whatever differs. The
	// attribute "deployment" is that of the deployment this caused, if it did.
	Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error)
	// Delete deletes live. It is not an error if live is already gone.
	Delete(ctx context.Context, live *plan.Resource) error
}

// Deployer is a Kind whose changes take time after the call that made them:
// services.
type Deployer interface {
	Kind
	// Start gives a resource that was made idle its tasks: it always causes a
	// deployment.
	Start(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error)
	// Rollout looks at the deployment that attrs["deployment"] names.
	Rollout(ctx context.Context, attrs plan.Attrs) (plan.Rollout, error)
	// Settle notes on the resource that want was applied to its end.
	Settle(ctx context.Context, attrs plan.Attrs, want *plan.Resource) error
}

// Stopper is a Deployer whose tasks can be stopped while something that they need
// is replaced.
type Stopper interface {
	Deployer
	// Stop returns when no task of live runs any more, with the live resource as it
	// is then; together with the error if something was written before it. Until
	// it was started again it is marked as one that has to be.
	Stop(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error)
}

// Runner is a Deployer of which some resources end by themselves.
type Runner interface {
	Deployer
	// Run lets the tasks of want run once. Where they do already, because an apply was
	// interrupted, it finds these, unless again asks for others.
	Run(ctx context.Context, live, want *plan.Resource, again bool) (plan.Attrs, error)
	// Outcome looks at the run whose deployment attrs["deployment"] names: RolledOut is a
	// success, RollFailed comes with the last lines of its log.
	Outcome(ctx context.Context, attrs plan.Attrs, run *plan.Run) (plan.Rollout, error)
	// End takes away what is left of a run that is over.
	End(ctx context.Context, attrs plan.Attrs, want *plan.Resource) error
}

// Extender is a Kind that can serve what uses it now and what will at once: rules
// and groups that lead to tasks which are being replaced.
type Extender interface {
	Kind
	// Extend adds to live what want has in addition and removes nothing. If live
	// is nil, it creates want so that it does not receive requests yet. It
	// returns the live resource as it is then, together with the error if
	// something was written before it.
	Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error)
}

// Holder is a Deployer that can let the old tasks stay beside the new ones for a
// while.
type Holder interface {
	Deployer
	// Hold lets the tasks that run now stay whatever is deployed, for a day at most.
	Hold(ctx context.Context, live *plan.Resource) error
	// Ready says whether visitors find the tasks of the deployment that
	// attrs["deployment"] names.
	Ready(ctx context.Context, attrs plan.Attrs) (bool, error)
	// Release lets the tasks of older deployments go.
	Release(ctx context.Context, live *plan.Resource) error
}
