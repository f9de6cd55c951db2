package spec

import "github.com/compose2fargate/compose2fargate/plan"

// FileSystemKind is the kind of file-system/PROJECT.
const FileSystemKind = "file-system"

// FileSystem is an EFS file system, with its policy, lifecycle and backup, which
// are calls of their own. Attrs: id, arn.
type FileSystem struct {
	// Name ends in a hash of what cannot be changed, so that a replacement is made
	// beside the old one, which keeps what it holds. It is the Name tag and the
	// creation token.
	Name            string  `json:"name"`
	Encrypted       bool    `json:"encrypted"`
	KmsKeyID        string  `json:"kmsKeyId,omitempty"` // ARN; "": the AWS managed key, whatever it is
	PerformanceMode string  `json:"performanceMode"`    // generalPurpose or maxIO
	ThroughputMode  string  `json:"throughputMode"`     // elastic, bursting or provisioned
	Provisioned     float64 `json:"provisionedThroughputInMibps,omitempty"`
	// Lifecycle: days without access after which files move; "" never. Values as
	// in the API: AFTER_30_DAYS.
	TransitionToIA      string  `json:"transitionToIA,omitempty"`
	TransitionToArchive string  `json:"transitionToArchive,omitempty"`
	TransitionToPrimary string  `json:"transitionToPrimaryStorageClass,omitempty"` // AFTER_1_ACCESS
	Backup              bool    `json:"backup"`                                    // AWS Backup, by the default plan
	FileSystemPolicy    *Policy `json:"fileSystemPolicy,omitempty"`                // nil: none
	Tags                []Tag   `json:"tags,omitempty"`
}

func fileSystemRules() plan.Rules {
	return plan.Rules{
		Kind: FileSystemKind,
		New:  func() any { return &FileSystem{} },
		Normalize: func(s any) {
			f := s.(*FileSystem)
			fill(&f.PerformanceMode, "generalPurpose")
			fill(&f.ThroughputMode, "bursting")
			if f.FileSystemPolicy != nil {
				f.FileSystemPolicy.normalize()
			}
			sortBy(f.Tags, func(t Tag) string { return t.Key })
		},
		Attrs: []string{"id", "arn"},
		Keys:  map[string][]string{"tags": {"key"}},
		// A change of any would lose the data.
		Immutable: []string{"name", "encrypted", "kmsKeyId", "performanceMode"},
		Brief:     []string{"encrypted", "throughputMode", "backup"},
		Owner:     shared,
		Optional:  []string{"tags.*"},
		Data:      true,
		Replace:   plan.BesideKeepOld,
	}
}
