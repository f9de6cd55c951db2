package spec

import "github.com/compose2fargate/compose2fargate/plan"

// ClusterKind is the kind of cluster/PROJECT.
const ClusterKind = "cluster"

// Cluster is an ECS cluster. Attrs: arn, name.
type Cluster struct {
	ClusterName       string   `json:"clusterName"`
	CapacityProviders []string `json:"capacityProviders,omitempty"` // a set: FARGATE, FARGATE_SPOT
	ContainerInsights string   `json:"containerInsights,omitempty"` // "": left to the account's setting
	Tags              []Tag    `json:"tags,omitempty"`
}

func clusterRules() plan.Rules {
	return plan.Rules{
		Kind:      ClusterKind,
		New:       func() any { return &Cluster{} },
		Normalize: func(s any) { s.(*Cluster).normalize() },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"clusterName"},
		Brief:     []string{"containerInsights"},
		Owner:     shared,
		Optional:  []string{"tags.*", "containerInsights"},
	}
}

func (c *Cluster) normalize() {
	c.CapacityProviders = set(c.CapacityProviders)
	sortBy(c.Tags, func(t Tag) string { return t.Key })
}
