package resource

import (
	"context"
	"errors"
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
	for {
		err := call()
		if err == nil || !passes(err) || time.Now().After(deadline) {
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
