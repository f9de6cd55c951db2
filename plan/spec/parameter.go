package spec

import "github.com/compose2fargate/compose2fargate/plan"

// ParameterKind is the kind of parameter/SECRET.
const ParameterKind = "parameter"

// Parameter is a SecureString of SSM. Its value is the Resource.Payload, a
// string; its name ends in a hash of the value, so that another value is another
// parameter. The value is never read. Attrs: arn, name.
type Parameter struct {
	Name        string `json:"name"` // /compose2fargate/P/SECRET/HASH8
	Description string `json:"description,omitempty"`
	KeyID       string `json:"keyId,omitempty"` // "": aws/ssm
	Tags        []Tag  `json:"tags,omitempty"`
}

func parameterRules() plan.Rules {
	return plan.Rules{
		Kind:      ParameterKind,
		Serves:    true,
		New:       func() any { return &Parameter{} },
		Normalize: func(s any) { sortBy(s.(*Parameter).Tags, func(t Tag) string { return t.Key }) },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"name"},
		Replace:   plan.BesideKeepOld, // see Retained
		Retained:  true,
		Decided:   []plan.Decision{{Release: 2, Path: "name", Stays: true}}, // see IsFormerly
		Brief:     []string{"name"},
		Owner:     shared,
		Optional:  []string{"tags.*"},
	}
}
