package resource

import (
	"context"
	"sync"
	"time"
)

// propagation remembers when this process last created or changed a role. IAM
// takes a while to distribute the change, and until then ECS refuses the role.
type propagation struct {
	mu   sync.Mutex
	last time.Time
}

// propagationTime bounds the patience with a new role.
const propagationTime = 2 * time.Minute

func (s *propagation) began() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
}

func (s *propagation) goesOn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.last.IsZero() && time.Since(s.last) < propagationTime
}

// retry repeats a call that fails because a role is new.
func (s *propagation) retry(ctx context.Context, poll time.Duration, call func() error) error {
	return s.retryOn(ctx, poll, roleIsNew, call)
}

// retryOn repeats a call that fails in a way that isNew knows, while something
// is new.
func (s *propagation) retryOn(ctx context.Context, poll time.Duration, isNew func(error) bool, call func() error) error {
	for {
		err := call()
		if err == nil || !isNew(err) || !s.goesOn() {
			return err
		}
		if err := wait(ctx, poll); err != nil {
			return err
		}
	}
}

// newRoleMessages are parts of the messages with which ECS refuses a role that
// is too new, from the lists of the Terraform AWS provider and from bug
// reports.
var newRoleMessages = []string{
	"unable to assume the role",
	"cannot be assumed",
	"unable to assume the service linked role",
	"verify that the ecs service role being passed has the proper permissions",
	"role is not valid",
}

func roleIsNew(err error) bool {
	for _, message := range newRoleMessages {
		if says(err, message) {
			return true
		}
	}
	return is(err, "AccessDenied") && says(err, "iam:PassRole")
}

// routeIsNew says whether ECS refused a target group because it has no load
// balancer. ECS may say so although a listener or rule was just created for it
// (terraform-provider-aws, ecs/service.go, retries of CreateService).
func routeIsNew(err error) bool { return says(err, "does not have an associated load balancer") }

// namespaceIsNew says whether a namespace is not known, as one that was just made
// may not be: "NamespaceNotFoundException: Failed to retrieve namespace"
// (terraform-aws-modules/terraform-aws-ecs issue 116).
func namespaceIsNew(err error) bool { return is(err, "NamespaceNotFound") }
