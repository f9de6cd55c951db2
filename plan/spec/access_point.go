package spec

import "github.com/compose2fargate/compose2fargate/plan"

// AccessPointKind is the kind of access-point/VOLUME.
const AccessPointKind = "access-point"

// AccessPoint is a directory of a file system that stands for a volume. Its user
// is not forced: images change owners and users themselves. Attrs: id, arn.
type AccessPoint struct {
	FileSystemID plan.Value `json:"fileSystemId"`
	Path         string     `json:"path"`            // up to four levels; made with Owner where it is absent
	Owner        *PathOwner `json:"owner,omitempty"` // nil: the directory exists
	Tags         []Tag      `json:"tags,omitempty"`
}

// PathOwner is whose a directory is when it is made.
type PathOwner struct {
	UID         int    `json:"uid"`
	GID         int    `json:"gid"`
	Permissions string `json:"permissions"` // octal: 0755
}

func accessPointRules() plan.Rules {
	return plan.Rules{
		Kind:      AccessPointKind,
		New:       func() any { return &AccessPoint{} },
		Normalize: func(s any) { sortBy(s.(*AccessPoint).Tags, func(t Tag) string { return t.Key }) },
		Attrs:     []string{"id", "arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		// EFS changes its tags alone. A new one leads to the same directory, whose owner
		// is set when EFS makes it (API reference, CreationInfo).
		Immutable: []string{"fileSystemId", "path"},
		Once:      []string{"owner"},
		OnceHelp: "change the owner in a task that runs as root, and then write the one that it has under x-fargate of the volume, as uid and gid; " +
			"a volume of another name starts empty with the new owner",
		Moves:    []string{"fileSystemId", "path"},
		Brief:    []string{"path", "owner"},
		Owner:    shared,
		Optional: []string{"tags.*"},
		Data:     true,
		DataIn:   FileSystemKind,
		Leads: func(s any) (plan.Value, string) {
			point := s.(*AccessPoint)
			return point.FileSystemID, point.Path
		},
	}
}
