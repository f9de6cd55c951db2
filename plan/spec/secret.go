package spec

import "github.com/compose2fargate/compose2fargate/plan"

// SecretKind is the kind of secret/SECRET, for what SSM does not take.
const SecretKind = "secret"

// Secret is one of Secrets Manager. Its value is the Resource.Payload, a string;
// its name ends in a hash of the value, so that another value is another secret.
// The value is never read. Attrs: arn (which ends in six random characters),
// name.
type Secret struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	KmsKeyID    string `json:"kmsKeyId,omitempty"` // "": aws/secretsmanager
	Tags        []Tag  `json:"tags,omitempty"`
}

func secretRules() plan.Rules {
	return plan.Rules{
		Kind:      SecretKind,
		Serves:    true,
		New:       func() any { return &Secret{} },
		Normalize: func(s any) { sortBy(s.(*Secret).Tags, func(t Tag) string { return t.Key }) },
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
