package spec

import "github.com/compose2fargate/compose2fargate/plan"

// RecordKind is the kind of record/NAME.
const RecordKind = "record"

// Record is an alias record of Route 53 that leads to a load balancer. It cannot
// be tagged: that it is ours is noted in a tag of the load balancer, one for each
// record: compose2fargate:records.HASH with the value ZONE/NAME. Attrs: name.
type Record struct {
	HostedZoneID    string     `json:"hostedZoneId"`
	Name            string     `json:"name"` // without the final dot, * as it is
	Type            string     `json:"type"` // A
	DNSName         plan.Value `json:"dnsName"`
	AliasHostedZone plan.Value `json:"aliasHostedZone"` // the zone of DNSName
	// LoadBalancer is the ARN of the load balancer that bears the note; that of
	// others bears none, and the record is then known by its name alone.
	LoadBalancer plan.Value `json:"loadBalancer,omitzero"`
	Tags         []Tag      `json:"tags,omitempty"` // always empty: every spec has the field
}

func recordRules() plan.Rules {
	return plan.Rules{
		Kind:      RecordKind,
		New:       func() any { return &Record{} },
		Normalize: func(s any) { fill(&s.(*Record).Type, "A") },
		Attrs:     []string{"name"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"hostedZoneId", "name", "type"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"name", "dnsName"},
		Owner:     shared,
		// Nobody is led to a load balancer that answers nothing.
		Needs: map[string]string{ListenerKind: LoadBalancerKind, ListenerRuleKind: LoadBalancerKind},
	}
}
