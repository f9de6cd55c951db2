package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/plan"
)

// named wraps the errors of a kind, once, with the operation and the address.
type named struct{ kind Kind }

func (n named) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	live, err := n.kind.Read(ctx, r)
	return live, about("read", r.Address, err)
}

func (n named) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	want, err := resolved(want)
	if err != nil {
		return nil, about("create", want.Address, err)
	}
	ctx, wrote := noting(ctx)
	attrs, err := n.kind.Create(ctx, want)
	return part(attrs, wrote, err), about("create", want.Address, err)
}

func (n named) Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error) {
	want, err := resolved(want)
	if err != nil {
		return nil, about("update", want.Address, err)
	}
	ctx, wrote := noting(ctx)
	attrs, err := n.kind.Update(ctx, live, want, force)
	return part(attrs, wrote, err), about("update", want.Address, err)
}

func (n named) Delete(ctx context.Context, live *plan.Resource) error {
	return about("delete", live.Address, n.kind.Delete(ctx, live))
}

// namedService does the same for services.
type namedService struct {
	named
	services services
}

func (n namedService) Start(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	want, err := resolved(want)
	if err != nil {
		return nil, about("start", want.Address, err)
	}
	ctx, wrote := noting(ctx)
	attrs, err := n.services.Start(ctx, live, want)
	return part(attrs, wrote, err), about("start", want.Address, err)
}

func (n namedService) Rollout(ctx context.Context, attrs plan.Attrs) (plan.Rollout, error) {
	rollout, err := n.services.Rollout(ctx, attrs)
	if err != nil {
		return rollout, fmt.Errorf("watch service %s: %w", attrs["name"], brief(err))
	}
	return rollout, nil
}

func (n namedService) Settle(ctx context.Context, attrs plan.Attrs, want *plan.Resource) error {
	return about("settle", want.Address, n.services.Settle(ctx, attrs, want))
}

func (n namedService) Hold(ctx context.Context, live *plan.Resource) error {
	return about("hold the tasks of", live.Address, n.services.Hold(ctx, live))
}

func (n namedService) Ready(ctx context.Context, attrs plan.Attrs) (bool, error) {
	ready, err := n.services.Ready(ctx, attrs)
	if err != nil {
		return false, fmt.Errorf("watch service %s: %w", attrs["name"], brief(err))
	}
	return ready, nil
}

func (n namedService) Release(ctx context.Context, live *plan.Resource) error {
	return about("release the tasks of", live.Address, n.services.Release(ctx, live))
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
	kinds[want.Address.Kind].Normalize(out.Spec)
	return &out, unknown
}

func about(operation string, address plan.Address, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", operation, address, brief(err))
}

// brief shortens the text of an SDK error to what a user can act on; the error
// itself stays reachable.
func brief(err error) error {
	var call *smithy.OperationError
	var api smithy.APIError
	if !errors.As(err, &call) || !errors.As(err, &api) {
		return err
	}
	message := strings.TrimSuffix(strings.TrimSpace(api.ErrorMessage()), ".")
	if message == "" {
		message = api.ErrorCode()
	}
	return &callError{err, fmt.Sprintf("%s: %s (%s)", call.OperationName, message, api.ErrorCode())}
}

type callError struct {
	err  error
	text string
}

func (e *callError) Error() string { return e.text }
func (e *callError) Unwrap() error { return e.err }

// code is the error code of the service, "" for other errors.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// is says whether err is of one of the service's error codes. ECS codes come
// with and without the suffix Exception.
func is(err error, codes ...string) bool {
	got := strings.TrimSuffix(code(err), "Exception")
	for _, c := range codes {
		if got != "" && got == strings.TrimSuffix(c, "Exception") {
			return true
		}
	}
	return false
}

// says looks for a part of the message of the service's error.
func says(err error, part string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.Contains(strings.ToLower(api.ErrorMessage()), strings.ToLower(part))
}

// denied says whether the caller lacks the permission.
func denied(err error) bool {
	return is(err, "AccessDenied", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized")
}

// credentialCodes are what AWS answers to credentials that are wrong or over
// (Common Errors pages of the services, and the CLI's troubleshooting page).
var credentialCodes = []string{
	"ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId",
	"SignatureDoesNotMatch", "RequestExpired", "AuthFailure", "MissingAuthenticationToken", "InvalidToken",
	"IncompleteSignature", "OptInRequired",
}

// IsCredentials says whether err comes from missing, wrong or expired
// credentials, or from a missing region: from the way to AWS and not from what
// was asked of it.
func IsCredentials(err error) bool {
	if err == nil {
		return false
	}
	var region *aws.MissingRegionError
	if errors.As(err, &region) || is(err, credentialCodes...) {
		return true
	}
	// The SDK has no types for these (service/*/auth.go and endpoints.go).
	text := err.Error()
	return strings.Contains(text, "get identity: ") || strings.Contains(text, "Missing Region") ||
		strings.Contains(text, "failed to refresh cached credentials")
}

// taken is the error for a name that is somebody else's, found while making a
// resource. Plans refuse this before; it comes up when two race.
func taken(live *plan.Resource, project, name string) error {
	owner, by := live.Owner(project)
	if owner == plan.Untagged {
		return fmt.Errorf("%s exists already and nothing says that this project made it", name)
	}
	return fmt.Errorf("%s exists already and is %s", name, by)
}
