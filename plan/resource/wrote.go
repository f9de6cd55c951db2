package resource

import (
	"context"
	"strings"
	"sync/atomic"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/compose2fargate/compose2fargate/plan"
)

type wroteKey struct{}

// trackWrites returns a context under which calls record whether any of them wrote
// to the account, as far as one can know.
func trackWrites(ctx context.Context) (context.Context, *atomic.Bool) {
	wrote := new(atomic.Bool)
	return context.WithValue(ctx, wroteKey{}, wrote), wrote
}

// noteWrites is the part of it that is in every client.
func noteWrites(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoteWrites", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleInitialize(ctx, in)
		wrote, tracked := ctx.Value(wroteKey{}).(*atomic.Bool)
		if tracked && !reads(awsmiddleware.GetOperationName(ctx)) && (err == nil || unsure(err)) {
			wrote.Store(true)
		}
		return out, metadata, err
	}), middleware.After)
}

func reads(operation string) bool {
	for _, prefix := range []string{"Describe", "List", "Get", "BatchGet", "Filter"} {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return false
}

// partialAttrs are the attributes that come with an error: some if and only if the
// account was written to before it.
func partialAttrs(attrs plan.Attrs, wrote *atomic.Bool, err error) plan.Attrs {
	switch {
	case err == nil:
		return attrs
	case !wrote.Load():
		return nil
	case attrs == nil:
		return plan.Attrs{}
	default:
		return attrs
	}
}
