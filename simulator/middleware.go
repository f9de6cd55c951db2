package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Config is for any SDK client: its calls end in the simulator. It holds fake
// credentials, retries without long waits, and an HTTP client that refuses.
func (s *Simulator) Config() aws.Config {
	return aws.Config{
		Region:      s.account.Region,
		Credentials: aws.NewCredentialsCache(aws.CredentialsProviderFunc(fakeCredentials)),
		HTTPClient:  smithyhttp.ClientDoFunc(refuse),
		Retryer:     func() aws.Retryer { return retry.NewStandard(quickly) },
		APIOptions:  []func(*middleware.Stack) error{s.intercept},
	}
}

func fakeCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "SIMULATOR", SecretAccessKey: "SIMULATOR", Source: "simulator"}, nil
}

func refuse(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("simulator: refused a network request to %s", r.URL.Host)
}

func quickly(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond }

// inputKey is the context key under which the typed input travels.
type inputKey struct{}

// intercept stashes the typed input after the SDK has validated it and answers
// in the place of the response's deserializer, inside the retry loop.
func (s *Simulator) intercept(stack *middleware.Stack) error {
	stash := middleware.InitializeMiddlewareFunc("SimulatorInput", stashInput)
	if err := stack.Initialize.Add(stash, middleware.After); err != nil {
		return err
	}
	answer := middleware.DeserializeMiddlewareFunc("SimulatorAnswer", s.answer)
	return stack.Deserialize.Insert(answer, "OperationDeserializer", middleware.Before)
}

func stashInput(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
}

func (s *Simulator) answer(
	ctx context.Context, _ middleware.DeserializeInput, _ middleware.DeserializeHandler,
) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	if err := ctx.Err(); err != nil {
		return out, metadata, &aws.RequestCanceledError{Err: err}
	}
	input := middleware.GetStackValue(ctx, inputKey{})
	out.Result, err = s.call(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), input)
	if status := statusOf(err); status != 0 {
		out.RawResponse = response(status, requestID(s.requests.Add(1)))
	}
	return out, metadata, err
}

// statusOf is the HTTP status that AWS would have sent with err; 0 when no
// response arrived at all.
func statusOf(err error) int {
	var api smithy.APIError
	switch {
	case err == nil:
		return http.StatusOK
	case !errors.As(err, &api):
		return 0
	case api.ErrorFault() == smithy.FaultServer:
		return http.StatusInternalServerError
	case slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}, api.ErrorCode()):
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

func response(status int, id string) *smithyhttp.Response {
	header := http.Header{}
	header.Set("X-Amzn-Requestid", id)
	return &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: header, Body: http.NoBody}}
}

func requestID(n int64) string { return uuid(digest("request", fmt.Sprint(n))) }
