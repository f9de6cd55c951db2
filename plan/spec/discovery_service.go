package spec

import "github.com/compose2fargate/compose2fargate/plan"

// DiscoveryServiceKind is the kind of discovery-service/SERVICE.
const DiscoveryServiceKind = "discovery-service"

// DiscoveryService is a Cloud Map service in a private DNS namespace: the name
// under which the tasks of an ECS service are found by DNS. Attrs: id, arn.
type DiscoveryService struct {
	Name        string     `json:"name"`
	NamespaceID plan.Value `json:"namespaceId"`
	Description string     `json:"description,omitempty"`
	// RoutingPolicy is MULTIVALUE or WEIGHTED.
	RoutingPolicy string      `json:"routingPolicy"`
	DnsRecords    []DnsRecord `json:"dnsRecords"`
	Tags          []Tag       `json:"tags,omitempty"`
}

// DnsRecord is what Cloud Map makes for each task.
type DnsRecord struct {
	Type string `json:"type"` // A, AAAA or SRV
	TTL  int    `json:"ttl"`  // seconds
}

func discoveryServiceRules() plan.Rules {
	return plan.Rules{
		Kind: DiscoveryServiceKind,
		New:  func() any { return &DiscoveryService{} },
		Normalize: func(s any) {
			d := s.(*DiscoveryService)
			fill(&d.RoutingPolicy, "MULTIVALUE")
			sortBy(d.DnsRecords, func(r DnsRecord) string { return r.Type })
			sortBy(d.Tags, func(t Tag) string { return t.Key })
		},
		Attrs: []string{"id", "arn"},
		Keys:  map[string][]string{"tags": {"key"}, "dnsRecords": {"type"}},
		// UpdateService changes the description and the TTL of records alone.
		Immutable: []string{"name", "namespaceId", "routingPolicy", "dnsRecords.*.type"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"name"},
		Owner:     itself,
		Optional:  []string{"tags.*"},
	}
}
