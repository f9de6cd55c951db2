package spec

import "github.com/compose2fargate/compose2fargate/plan"

// MountTargetKind is the kind of mount-target/ZONE, one per Availability Zone.
const MountTargetKind = "mount-target"

// MountTarget is where the tasks of a zone reach a file system. It cannot be
// tagged: it belongs to its file system. Attrs: id.
type MountTarget struct {
	FileSystemID   plan.Value   `json:"fileSystemId"`
	SubnetID       string       `json:"subnetId"`
	SecurityGroups []plan.Value `json:"securityGroups"` // a set, at most 5
	Tags           []Tag        `json:"tags,omitempty"` // always empty: every spec has the field
}

func mountTargetRules() plan.Rules {
	return plan.Rules{
		Kind:      MountTargetKind,
		New:       func() any { return &MountTarget{} },
		Normalize: func(s any) { m := s.(*MountTarget); m.SecurityGroups = valueSet(m.SecurityGroups) },
		Attrs:     []string{"id"},
		Keys:      map[string][]string{"tags": {"key"}},
		Owner:     shared,
		Immutable: []string{"fileSystemId", "subnetId"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"subnetId"},
	}
}
