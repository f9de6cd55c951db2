package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// linuxParameters are nil where the service asks for none.
func (t *translation) linuxParameters(s *types.ServiceConfig) *spec.LinuxParameters {
	out := spec.LinuxParameters{
		Capabilities:       t.capabilities(s),
		InitProcessEnabled: s.Init != nil && *s.Init,
		Tmpfs:              t.tmpfs(s),
	}
	if out.Capabilities == nil && !out.InitProcessEnabled && len(out.Tmpfs) == 0 {
		return nil
	}
	return &out
}
