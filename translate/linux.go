package translate

import (
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// linuxParameters are nil where the service asks for none.
func linuxParameters(b *base, s container, mounts []mounted, inMemory memoryVolumes) *spec.LinuxParameters {
	out := spec.LinuxParameters{
		Capabilities:       capabilities(b, s),
		InitProcessEnabled: s.Init != nil && *s.Init,
		Tmpfs:              tmpfs(b, s, mounts, inMemory),
	}
	if out.Capabilities == nil && !out.InitProcessEnabled && len(out.Tmpfs) == 0 {
		return nil
	}
	return &out
}
