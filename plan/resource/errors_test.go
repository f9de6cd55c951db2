package resource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

type nothing struct{}

func (nothing) Do(*http.Request) (*http.Response, error) { return nil, errors.New("no network here") }

func TestMissingCredentialsAreTold(t *testing.T) {
	static := credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")
	for name, c := range map[string]struct {
		cfg  aws.Config
		want bool
	}{
		"no credentials": {aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("no IMDS role") },
		)}, true},
		"no region":  {aws.Config{Credentials: static}, true},
		"no network": {aws.Config{Region: "us-east-1", Credentials: static}, false},
	} {
		c.cfg.HTTPClient = nothing{}
		c.cfg.RetryMaxAttempts = 1
		_, _, err := New(c.cfg, "shop").Identity(t.Context())
		if err == nil || IsCredentials(err) != c.want {
			t.Errorf("%s: %v for %v", name, !c.want, err)
		}
	}
	expired := &smithy.GenericAPIError{Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}
	if !IsCredentials(fmt.Errorf("wrapped: %w", expired)) || IsCredentials(nil) || IsCredentials(simulator.Denied()) {
		t.Error("the code does not decide")
	}
}

func TestTheUsersWayOfRetryingIsKept(t *testing.T) {
	if got := New(aws.Config{}, "p").ecs().Options().Retryer.MaxAttempts(); got != 10 {
		t.Errorf("%d attempts by default", got)
	}
	if got := New(aws.Config{RetryMaxAttempts: 2}, "p").ecs().Options().Retryer.MaxAttempts(); got != 2 {
		t.Errorf("%d attempts although 2 were asked for", got)
	}
}

func TestErrorsNameTheOperationAndTheObject(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("log-group/shop", &spec.LogGroup{LogGroupName: "/compose2fargate/shop", RetentionInDays: 6})
	attrs, err := w.account().Kind(spec.LogGroupKind).Create(t.Context(), want)
	if attrs == nil {
		t.Error("it does not say that it wrote something before it failed")
	}
	if err == nil || code(err) != "InvalidParameterException" || err.Error()[:len("create log-group/shop: PutRetentionPolicy: ")] != "create log-group/shop: PutRetentionPolicy: " {
		t.Errorf("it says %v", err)
	}
	w.sim.Fail(simulator.Fault{Operation: "DescribeClusters", Times: -1, Err: simulator.Denied()})
	_, err = w.account().Read(t.Context(), spec.Kinds(), w.stack())
	if err == nil || err.Error() != "read clusters: DescribeClusters: User is not authorized to perform this operation (AccessDeniedException): "+
		"add ecs:DescribeClusters to the IAM policy of these credentials" {
		t.Errorf("it says %v", err)
	}
	if _, err := w.account().Kind(spec.RoleKind).Read(t.Context(), w.one("role/execution", w.role("x"))); err == nil ||
		err.Error() != "read role/execution: not found" || !errors.Is(err, plan.ErrNotFound) {
		t.Errorf("it says %v", err)
	}
	if w.account().Kind("queue") != nil {
		t.Error("an unknown kind is known")
	}
}

// TestAMissingPermissionIsToldAlwaysInTheSameWords, whichever of the calls that are
// under way at once fails first.
func TestAMissingPermissionIsToldAlwaysInTheSameWords(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.shop("web")...)
	for operations, text := range map[string]string{
		"GetResources": "find the project's resources by their tags: GetResources: User is not authorized to perform this operation " +
			"(AccessDeniedException): add tag:GetResources to the IAM policy of these credentials",
		"ListRoles": "read roles: ListRoles: User is not authorized to perform this operation (AccessDeniedException): " +
			"add iam:ListRoles to the IAM policy of these credentials",
		"DescribeLoadBalancers DescribeClusters ListNamespaces": "read clusters: DescribeClusters: User is not authorized to perform this " +
			"operation (AccessDeniedException): add ecs:DescribeClusters to the IAM policy of these credentials",
	} {
		w.sim.ClearFaults()
		for _, operation := range strings.Fields(operations) {
			w.sim.Fail(simulator.Fault{Operation: operation, Times: -1, Err: simulator.Denied()})
		}
		for range 200 {
			if _, err := w.account().Read(t.Context(), spec.Kinds(), want); err == nil || err.Error() != text {
				t.Fatalf("it says %v, want %s", err, text)
			}
		}
	}
}

// TestTheActionThatAWSNamesIsTheMissingOne, which need not be the one that was called.
func TestTheActionThatAWSNamesIsTheMissingOne(t *testing.T) {
	err := brief(&smithy.OperationError{ServiceID: "ECS", OperationName: "CreateService", Err: &smithy.GenericAPIError{
		Code: "AccessDeniedException", Message: "User: x is not authorized to perform: iam:PassRole on resource: y",
	}})
	if !strings.HasSuffix(err.Error(), "add iam:PassRole to the IAM policy of these credentials") {
		t.Errorf("it says %v", err)
	}
}
