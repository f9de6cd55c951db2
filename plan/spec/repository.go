package spec

import "github.com/compose2fargate/compose2fargate/plan"

// RepositoryKind is the kind of repository/SERVICE.
const RepositoryKind = "repository"

// Repository is a private ECR repository. Attrs: name, arn, uri (of the registry
// and the repository, without a tag).
type Repository struct {
	RepositoryName     string `json:"repositoryName"`
	ImageTagMutability string `json:"imageTagMutability"` // MUTABLE or IMMUTABLE
	ScanOnPush         bool   `json:"scanOnPush"`
	EncryptionType     string `json:"encryptionType"`            // AES256 or KMS
	LifecyclePolicy    string `json:"lifecyclePolicy,omitempty"` // JSON, compact; "": none
	Tags               []Tag  `json:"tags,omitempty"`
}

func repositoryRules() plan.Rules {
	return plan.Rules{
		Kind: RepositoryKind,
		New:  func() any { return &Repository{} },
		Normalize: func(s any) {
			r := s.(*Repository)
			fill(&r.ImageTagMutability, "MUTABLE")
			fill(&r.EncryptionType, "AES256")
			r.LifecyclePolicy = compactJSON(r.LifecyclePolicy)
			sortBy(r.Tags, func(t Tag) string { return t.Key })
		},
		Attrs:     []string{"name", "arn", "uri"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"repositoryName", "encryptionType"},
		Brief:     []string{"repositoryName"},
		Optional:  []string{"tags.*"},
		Beside:    true,
		Data:      true,
	}
}
