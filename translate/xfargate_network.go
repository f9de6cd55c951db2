package translate

import (
	"slices"
)

// XNetwork is the x-fargate of a network.
type XNetwork struct {
	Isolated bool // members reach each other and VPC endpoints, nothing else
}

// networks reads the x-fargate of the networks in use.
func (d xDecoder) networks() map[string]XNetwork {
	out := map[string]XNetwork{}
	for _, name := range sortedKeys(d.Compose.Networks) {
		path := []string{"networks", name, xKey}
		m := d.checked("#/$defs/network", nil, d.Compose.Networks[name].Extensions[xKey], path...)
		if isolated, _ := m["isolated"].(bool); isolated {
			out[name] = XNetwork{Isolated: true}
			d.checkIsolated(name, append(path, "isolated"))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// checkIsolated complains of a network that cannot be isolated.
func (d xDecoder) checkIsolated(name string, path []string) {
	config := d.Compose.Networks[name]
	_, exists := d.external(name)
	switch {
	case exists:
		d.errorf(slices.Clone(path), "remove it, and let the rules of that security group allow only the VPC endpoints",
			"has no effect on an existing security group: its rules are not changed")
	case !config.Internal:
		d.errorf(slices.Clone(path), "add internal: true to the network", "is only valid for an internal network")
	}
}
