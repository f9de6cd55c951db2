package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// dropSkipped takes the services with x-fargate.skip out of the project, and
// out of what others depend on.
func (r removal) dropSkipped() {
	var skipped []string
	for _, name := range r.Compose.ServiceNames() {
		if r.X.Services[name].Skip {
			skipped = append(skipped, name)
		}
	}
	if len(skipped) == 0 {
		return
	}
	for _, name := range skipped {
		for _, path := range r.mentions(name) {
			if !slices.Contains(skipped, path[1]) {
				r.warnOfSkipped(path, name)
			}
		}
	}
	r.Compose = r.Compose.WithServicesDisabled(skipped...)
}

// warnOfSkipped says what a service that names a skipped one is up against.
func (r removal) warnOfSkipped(path diag.Path, skipped string) {
	where, name := r.At(path...), compose.Dotted(path)
	switch path[2] {
	case "depends_on", "links":
		r.ds.Warnf(where, name, "", "ignored: service %q is skipped with x-fargate.skip", skipped)
	case "network_mode", "volumes_from":
		r.ds.Errorf(where, name, "skip both, or neither", "service %q is skipped with x-fargate.skip", skipped)
	default:
		r.ds.Warnf(where, name, "give "+skipped+" x-fargate: {replaced_by: {host: HOST}} instead of skip, or name another host here",
			"names service %q, which is skipped with x-fargate.skip and so does not answer", skipped)
	}
}

// skipHelp adds to a help that proposes to skip a service who names it.
func (p *Project) skipHelp(path diag.Path, help string) string {
	if len(path) < 2 || path[0] != "services" || !strings.Contains(help, "{skip: true}") {
		return help
	}
	if named := p.namedAt(path[1]); named != "" {
		return help + "; " + path[1] + " is named by " + named
	}
	return help
}

// removal takes the services out of a project that get no task, and reports what
// becomes of those that name them.
type removal struct {
	*Project
	ds *diag.List
}
