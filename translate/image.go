package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// image is what the container of a service runs.
func (t *translation) image(s *types.ServiceConfig) plan.Value { return plan.Literal(s.Image) }
