package xfargate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Network is the x-fargate of a network.
type Network struct {
	Isolated bool // members reach each other and VPC endpoints, nothing else
}

// networks reads the x-fargate of the networks in use.
func (d decoder) networks() map[string]Network {
	out := map[string]Network{}
	for _, name := range slices.Sorted(maps.Keys(d.Compose.Networks)) {
		path := diag.Path{"networks", name, Key}
		m := d.checked("#/$defs/network", nil, d.Compose.Networks[name].Extensions[Key], path)
		if isolated, _ := m["isolated"].(bool); isolated {
			out[name] = Network{Isolated: true}
			d.checkIsolated(name, path.Key("isolated"))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// checkIsolated complains of a network that cannot be isolated.
func (d decoder) checkIsolated(name string, path diag.Path) {
	config := d.Compose.Networks[name]
	_, exists := SecurityGroup(d.Project, name)
	switch {
	case exists:
		d.errorf(path, "remove it, and let the rules of that security group allow only the VPC endpoints",
			"has no effect on an existing security group: its rules are not changed")
	case !config.Internal:
		d.errorf(path, "add internal: true to the network", "is only valid for an internal network")
	}
}

// SecurityGroup is the name or id of the security group that a network stands for,
// where it is not one of the stack.
func SecurityGroup(p *compose.Project, network string) (group string, exists bool) {
	config := p.Compose.Networks[network]
	if given, ok := config.Extensions["x-aws-securitygroup"].(string); ok && given != "" {
		return given, true
	}
	return cmp.Or(config.Name, network), bool(config.External)
}
