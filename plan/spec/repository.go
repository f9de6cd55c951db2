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
	EncryptionType     string `json:"encryptionType,omitempty"`  // KMS or KMS_DSSE; "": AES256, or what somebody chose
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
			if r.EncryptionType == "AES256" {
				r.EncryptionType = ""
			}
			r.LifecyclePolicy = compactJSON(r.LifecyclePolicy)
			sortBy(r.Tags, func(t Tag) string { return t.Key })
		},
		Attrs:     []string{"name", "arn", "uri"},
		Keys:      map[string][]string{"tags": {"key"}},
		Owner:     itself,
		Immutable: []string{"repositoryName", "encryptionType"},
		Brief:     []string{"repositoryName"},
		Optional:  []string{"tags.*", "encryptionType"},
		Data:      true,
		Decided:   []plan.Decision{{Release: 2, Path: "lifecyclePolicy"}},
	}
}
