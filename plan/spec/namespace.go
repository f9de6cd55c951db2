package spec

import "github.com/compose2fargate/compose2fargate/plan"

// NamespaceKind is the kind of namespace/PROJECT, for Service Connect, and
// namespace/PROJECT.dns, for private DNS.
const NamespaceKind = "namespace"

// Namespace is a Cloud Map namespace. Attrs: id, arn, name.
type Namespace struct {
	Name        string     `json:"name"`
	Type        string     `json:"type"`         // HTTP or DNS_PRIVATE
	Vpc         plan.Value `json:"vpc,omitzero"` // of DNS_PRIVATE only
	Description string     `json:"description,omitempty"`
	Tags        []Tag      `json:"tags,omitempty"`
}

func namespaceRules() plan.Rules {
	return plan.Rules{
		Kind:      NamespaceKind,
		New:       func() any { return &Namespace{} },
		Normalize: func(s any) { sortBy(s.(*Namespace).Tags, func(t Tag) string { return t.Key }) },
		Attrs:     []string{"id", "arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"name", "type", "vpc"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"name", "type"},
		Owner:     shared,
		Optional:  []string{"tags.*"},
	}
}
