package xfargate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// docker reads what a file for Docker's retired ECS integration says of the whole
// stack, where x-fargate does not.
func (d decoder) docker(x *Settings, extensions types.Extensions) {
	x.Overlays = d.overlays(extensions[overlayKey])
	d.dockerKey(extensions, nil, "x-aws-vpc", "vpc", "#/properties/vpc", x.VPC != "",
		func(value any, _ diag.Path) { x.VPC, _ = value.(string) })
	d.dockerKey(extensions, nil, "x-aws-cluster", "cluster", "#/properties/cluster", x.Cluster != "",
		func(value any, _ diag.Path) { x.Cluster, _ = value.(string) })
	d.dockerKey(extensions, nil, "x-aws-loadbalancer", "load_balancer", "#/properties/load_balancer/oneOf/0", x.LoadBalancer != "" || x.Scheme != "",
		func(value any, _ diag.Path) { x.LoadBalancer, _ = value.(string) })
	d.dockerKey(extensions, nil, "x-aws-logs_retention", "log_retention", "#/properties/log_retention", x.LogRetention != 0,
		func(value any, _ diag.Path) { x.LogRetention = retention(value) })
}

// dockerService reads what such a file says of a service.
func (d decoder) dockerService(s *Service, extensions types.Extensions, path diag.Path) {
	const schema = "#/$defs/service/properties/"
	given := s.Policies != nil
	d.dockerKey(extensions, path, "x-aws-policies", "policies", schema+"policies", given,
		func(value any, at diag.Path) { s.Policies = policiesOf(value, at) })
	d.dockerKey(extensions, path, "x-aws-role", "policies", schema+"policies/items/oneOf/1", given, func(value any, at diag.Path) {
		document, _ := value.(map[string]any)
		s.Policies = append(s.Policies, Policy{Document: document, Path: at})
	})
	d.dockerKey(extensions, path, "x-aws-pull_credentials", "pull_credentials", schema+"pull_credentials", s.PullCredentials != "",
		func(value any, _ diag.Path) { s.PullCredentials, _ = value.(string) })
}

// dockerKey takes the value of a key of Docker's. One of ours next to it wins, with
// a warning; part is what the schema says of the value.
func (d decoder) dockerKey(extensions types.Extensions, path diag.Path, key, ours, part string, isGiven bool, take func(value any, at diag.Path)) {
	value, ok := extensions[key]
	at := path.Key(key)
	switch {
	case !ok:
	case isGiven:
		d.ds.Warnf(d.At(at...), at.String(), "remove one of the two keys", "ignored: %s.%s is set as well", Key, ours)
	default:
		if value = d.typed(value, at); d.valid(part, value, at) {
			take(value, at)
		}
	}
}
