package resource

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/plan"
)

// retryer is patient: RegisterTaskDefinition is admitted once a second after a
// burst of 20 (ECS service quotas), and the SDK's three attempts with their
// shared quota of retries give up on a stack of some dozens of services.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 10
		o.MaxBackoff = 20 * time.Second
		o.RateLimiter = ratelimit.None
	})
}

// refusedOnly retries what the service refused for the moment, and nothing that
// may have been carried out: for calls that make something new each time.
type refusedOnly struct{ aws.Retryer }

var (
	throttles  = retry.IsErrorThrottles(retry.DefaultThrottles)
	retryables = retry.IsErrorRetryables(retry.DefaultRetryables)
)

func (r refusedOnly) IsErrorRetryable(err error) bool {
	return throttles.IsErrorThrottle(err).Bool()
}

// once makes an ECS call be sent again only where it was refused.
func once(o *ecs.Options) { o.Retryer = refusedOnly{o.Retryer} }

// unsure says whether a call that failed may have taken effect, so that the
// caller has to check: its response was lost, or the service failed while it
// handled the call.
func unsure(err error) bool {
	if err == nil || throttles.IsErrorThrottle(err).Bool() {
		return false
	}
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorFault() == smithy.FaultServer ||
		retryables.IsErrorRetryable(err).Bool()
}

// wait sleeps for one poll interval.
func wait(ctx context.Context, poll time.Duration) error {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// retryWhile repeats a call while it fails in a way that passes, for a limited
// time.
func retryWhile(ctx context.Context, poll, limit time.Duration, passes func(error) bool, call func() error) error {
	deadline := time.Now().Add(limit)
	return repeat(ctx, poll, func(err error) bool { return passes(err) && !time.Now().After(deadline) }, call)
}

// repeat repeats a call while it fails in a way that passes.
func repeat(ctx context.Context, poll time.Duration, passes func(error) bool, call func() error) error {
	for {
		err := call()
		if err == nil || !passes(err) {
			return err
		}
		if err := wait(ctx, poll); err != nil {
			return err
		}
	}
}

// pending is the error for something that AWS is still working on.
type pending struct{ error }

// waitFor looks until the result is no longer pending, for a limited time.
func waitFor(ctx context.Context, poll, limit time.Duration, look func() error) error {
	return retryWhile(ctx, poll, limit, func(err error) bool { return errors.As(err, &pending{}) }, look)
}

// appearTime bounds the waiting for something just made to become visible.
const appearTime = time.Minute

// untilFound reads what was just made. AWS may need a moment to show it.
func untilFound[T any](ctx context.Context, poll time.Duration, read func() (T, error)) (live T, err error) {
	absent := func(err error) bool { return errors.Is(err, plan.ErrNotFound) }
	err = retryWhile(ctx, poll, appearTime, absent, func() (err error) {
		live, err = read()
		return err
	})
	return live, err
}

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

// retryOn repeats a call that fails in a way that isNew knows, while something
// is new.
func (s *propagation) retryOn(ctx context.Context, poll time.Duration, isNew func(error) bool, call func() error) error {
	return repeat(ctx, poll, func(err error) bool { return isNew(err) && s.goesOn() }, call)
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
