package resource

import (
	"context"

	"github.com/compose2fargate/compose2fargate/image"
)

// Maker makes images: it builds or copies them and pushes them to ECR.
type Maker interface {
	// Make returns the digest of the manifest that it pushed.
	Make(ctx context.Context, o image.Order) (digest string, err error)
}
