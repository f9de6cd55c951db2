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

// unsure says whether a call that failed may have been carried out, so that one
// has to look: its answer was lost, or the service failed over it.
func unsure(err error) bool {
	if err == nil || throttles.IsErrorThrottle(err).Bool() {
		return false
	}
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorFault() == smithy.FaultServer ||
		retryables.IsErrorRetryable(err).Bool()
}

// spreading remembers when this process last made or changed a role. IAM takes a
// while to tell everybody, and ECS refuses such a role until it knows.
type spreading struct {
	mu   sync.Mutex
	last time.Time
}

// spreadTime bounds the patience with a new role.
const spreadTime = 2 * time.Minute

func (s *spreading) began() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
}

func (s *spreading) goesOn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.last.IsZero() && time.Since(s.last) < spreadTime
}

// retry repeats a call that fails because a role is new.
func (s *spreading) retry(ctx context.Context, poll time.Duration, call func() error) error {
	return s.retryOn(ctx, poll, roleIsNew, call)
}

// retryOn repeats a call that fails in a way that isNew knows, while something
// is new.
func (s *spreading) retryOn(ctx context.Context, poll time.Duration, isNew func(error) bool, call func() error) error {
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

// newRoleMessages are what ECS says of a role that it does not know yet, from
// the lists of the Terraform AWS provider and from bug reports.
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

// routeIsNew says whether no listener or rule leads to a target group, as ECS may
// believe of one to which one was just made to lead (terraform-provider-aws,
// ecs/service.go, retries of CreateService).
func routeIsNew(err error) bool { return says(err, "does not have an associated load balancer") }

// namespaceIsNew says whether a namespace is not known, as one that was just made
// may not be: "NamespaceNotFoundException: Failed to retrieve namespace"
// (terraform-aws-modules/terraform-aws-ecs issue 116).
func namespaceIsNew(err error) bool { return is(err, "NamespaceNotFound") }
