package spec

import "github.com/compose2fargate/compose2fargate/plan"

// LoadBalancerKind is the kind of load-balancer/application and
// load-balancer/network; further ones are application.2 and so on.
const LoadBalancerKind = "load-balancer"

// LoadBalancer is an application or network load balancer. Attrs: arn, dns-name,
// hosted-zone (the id of the zone that its DNS name is in, for alias records).
type LoadBalancer struct {
	// Name ends in a hash of what cannot be changed, so that a replacement is made
	// beside the old one; up to 32 letters, digits and hyphens.
	Name           string       `json:"name"`
	Type           string       `json:"type"`           // application or network
	Scheme         string       `json:"scheme"`         // internet-facing or internal
	Subnets        []plan.Value `json:"subnets"`        // a set, one per zone; an application one needs two
	SecurityGroups []plan.Value `json:"securityGroups"` // a set; never empty: a network one made without can never get one
	IPAddressType  string       `json:"ipAddressType"`  // ipv4
	// Attributes are those attributes of DescribeLoadBalancerAttributes that we
	// set, for example idle_timeout.timeout_seconds; others stay as they are.
	Attributes map[string]string `json:"attributes,omitempty"`
	Tags       []Tag             `json:"tags,omitempty"`
}

func loadBalancerRules() plan.Rules {
	return plan.Rules{
		Kind: LoadBalancerKind,
		New:  func() any { return &LoadBalancer{} },
		Normalize: func(s any) {
			b := s.(*LoadBalancer)
			fill(&b.IPAddressType, "ipv4")
			b.Subnets = valueSet(b.Subnets)
			b.SecurityGroups = valueSet(b.SecurityGroups)
			sortBy(b.Tags, func(t Tag) string { return t.Key })
		},
		Attrs:     []string{"arn", "dns-name", "hosted-zone"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"name", "type", "scheme"},
		Brief:     []string{"type", "scheme"},
		Owner:     shared,
		Optional:  []string{"tags.*", "attributes.*"},
		Effects:   loadBalancerEffects,
	}
}

// internetFacing is the scheme of a load balancer with public addresses.
const internetFacing = "internet-facing"

// loadBalancerEffects reports a load balancer that changes from internal to
// internet-facing. For a new one, its security group reports who can reach it.
func loadBalancerEffects(live, want any, _ []plan.Change, _ bool) plan.Effects {
	from, _ := live.(*LoadBalancer)
	to, _ := want.(*LoadBalancer)
	if from == nil || to == nil || from.Scheme == internetFacing || to.Scheme != internetFacing {
		return plan.Effects{}
	}
	return plan.Effects{Exposes: []string{"the internet"}}
}
