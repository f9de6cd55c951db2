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
	// Create makes what want says, every Value of which is known. Attrs returned
	// together with an error say that something was written before it failed; the
	// same goes for Update.
	Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error)
	// Update brings live to want. force restarts the tasks whatever differs. The
	// attribute "deployment" is that of the deployment this caused, if it did.
	Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error)
	// Delete deletes live. It is no error if it was gone before.
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
