package resource

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/plan"
)

func operationError(operation string, address plan.Address, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", operation, address, brief(err))
}

// at names the resource that an error is about.
func at(address plan.Address, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", address, brief(err))
}

// brief shortens the text of an SDK error to what a user can act on; the error
// itself stays reachable.
func brief(err error) error {
	var call *smithy.OperationError
	var api smithy.APIError
	var told *callError
	if errors.As(err, &told) || !errors.As(err, &call) || !errors.As(err, &api) {
		return err
	}
	message := strings.TrimSuffix(strings.Join(strings.Fields(api.ErrorMessage()), " "), ".") // it may quote what it was given
	if message == "" {
		message = api.ErrorCode()
	}
	shown := fmt.Sprintf("%s: %s (%s)", call.OperationName, message, api.ErrorCode())
	if denied(err) {
		shown += ": add " + missingAction(call, message) + " to the IAM policy of these credentials"
	}
	return &callError{err, shown}
}

// iamPrefixes are what IAM calls the services whose name in the SDK is another one,
// spaces and case apart.
var iamPrefixes = map[string]string{
	cloudwatchlogs.ServiceID: "logs",
	scaling.ServiceID:        "application-autoscaling",
	efs.ServiceID:            "elasticfilesystem",
	elb.ServiceID:            "elasticloadbalancing",
	tagging.ServiceID:        "tag",
}

// deniedAction is how AWS names the action that is missing, which need not be the
// one that was called: "is not authorized to perform: iam:PassRole on resource: …".
var deniedAction = regexp.MustCompile(`not authorized to perform: (\w+:\w+)`)

func missingAction(call *smithy.OperationError, message string) string {
	if named := deniedAction.FindStringSubmatch(message); named != nil {
		return named[1]
	}
	prefix := cmp.Or(iamPrefixes[call.ServiceID], strings.ToLower(strings.ReplaceAll(call.ServiceID, " ", "")))
	return prefix + ":" + call.OperationName
}

type callError struct {
	err  error
	text string
}

func (e *callError) Error() string { return e.text }
func (e *callError) Unwrap() error { return e.err }

// code is the error code of the service, "" for other errors.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// is says whether err has one of these error codes of the service. ECS returns
// codes with and without the suffix Exception.
func is(err error, codes ...string) bool {
	got := strings.TrimSuffix(code(err), "Exception")
	for _, c := range codes {
		if got != "" && got == strings.TrimSuffix(c, "Exception") {
			return true
		}
	}
	return false
}

// says reports whether the message of the service's error contains part.
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

// IsCredentials says whether err is caused by missing, wrong or expired
// credentials or by a missing region, and not by the request itself.
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

// alreadyExists is the error for a name that belongs to somebody else and that a Create
// came upon. A plan refuses this earlier; it happens only if two runs race.
func alreadyExists(live *plan.Resource, project, name string) error {
	owner, by := live.Owner(project)
	if owner == plan.Untagged {
		return fmt.Errorf("%s already exists and is not tagged as part of this project", name)
	}
	return fmt.Errorf("%s already exists and is %s", name, by)
}

// onlyError is the error of a call whose answer does not matter.
func onlyError[T any](_ T, err error) error { return err }

// absent is err, or plan.ErrNotFound if it has one of these codes.
func absent(err error, codes ...string) error {
	if is(err, codes...) {
		return plan.ErrNotFound
	}
	return err
}

// unless is err, or nil if it has one of these codes.
func unless(err error, codes ...string) error {
	if is(err, codes...) {
		return nil
	}
	return err
}
