package translate

import (
	"fmt"

	"github.com/compose2fargate/compose2fargate/plan"
)

// extras are the endpoints of a task that the files only suggest: they are no reason to
// restart it.
func (d *discovery) extras(k *task) []plan.Extra {
	var out []plan.Extra
	for _, e := range d.endpoints[k] {
		if e.pos.File == "" {
			continue
		}
		d.formerly(taskDefinitionAddress(k.name()), fmt.Sprintf("containerDefinitions.%s.portMappings.%d/%s", ecsName(e.member), e.port, e.protocol), nil)
		d.formerly(serviceAddress(k.name()), "serviceConnectConfiguration.services."+d.discoveryName(e), nil)
		out = append(out, plan.Extra{
			Name: portName(e.protocol, e.port), Source: e.pos,
			Lacks: fmt.Sprintf("%s does not resolve", e),
			Help:  fmt.Sprintf("to have it now, give %s x-fargate: {discovery: {ports: [%d]}}, or use --force-new-deployment %s", e.owner, e.port, k.name()),
		})
	}
	return out
}
