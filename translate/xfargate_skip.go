package translate

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// dropSkipped takes the services with x-fargate.skip out of the project, and
// out of what others depend on.
func (p *Project) dropSkipped(ds *diag.List) {
	var skipped []string
	for _, name := range p.Compose.ServiceNames() {
		if p.X.Service(name).Skip {
			skipped = append(skipped, name)
		}
	}
	if len(skipped) == 0 {
		return
	}
	for _, name := range p.Compose.ServiceNames() {
		if !slices.Contains(skipped, name) {
			p.warnOfSkipped(ds, name, skipped)
		}
	}
	p.Compose = p.Compose.WithServicesDisabled(skipped...)
}

func (p *Project) warnOfSkipped(ds *diag.List, name string, skipped []string) {
	s := p.Compose.Services[name]
	for _, other := range skipped {
		if _, ok := s.DependsOn[other]; ok && p.Written("services", name, "depends_on", other) {
			path := []string{"services", name, "depends_on", other}
			ds.Warnf(p.At(path...), dotted(path), "", "ignored: service %q is skipped with x-fargate.skip", other)
		}
		if s.NetworkMode == types.ServicePrefix+other {
			path := []string{"services", name, "network_mode"}
			ds.Errorf(p.At(path...), dotted(path), "skip both, or neither", "service %q is skipped with x-fargate.skip", other)
		}
	}
}
