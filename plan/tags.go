package plan

import (
	"cmp"
	"strconv"
	"strings"
)

// The tags that carry ownership. Everything the tool makes bears the first three
// from birth.
const (
	TagPrefix         = "compose2fargate:"
	TagProject        = TagPrefix + "project"         // the compose project
	TagResource       = TagPrefix + "resource"        // the address in it
	TagSpec           = TagPrefix + "spec"            // see Applied
	TagTaskDefinition = TagPrefix + "task-definition" // on services: family:revision last applied
)

// Applied is the content of the spec tag: which spec was applied last, and by which
// release. It is 1:HASH after an apply was completed, and 1:pending:HASH from its start
// until then, or 1:pending:HASH:force if it was to restart the tasks as well; with the
// Release behind it, :r2, from the second on.
type Applied struct {
	Hash    string // "" where the tag is absent or of a version we don't know
	Pending bool
	Force   bool
	Release int // 0: this one
}

const (
	appliedVersion = "1"
	releaseMark    = "r"
)

// ParseApplied reads a spec tag. A tag of an unknown version is the zero
// Applied: live and want are then compared without knowing what was before.
func ParseApplied(tag string) Applied {
	parts := strings.Split(tag, ":")
	release := 1
	if text, ok := strings.CutPrefix(parts[len(parts)-1], releaseMark); ok {
		if n, err := strconv.Atoi(text); err == nil {
			release, parts = n, parts[:len(parts)-1]
		}
	}
	switch {
	case len(parts) == 0 || parts[0] != appliedVersion:
		return Applied{}
	case len(parts) == 2:
		return Applied{Hash: parts[1], Release: release}
	case len(parts) == 3 && parts[1] == "pending":
		return Applied{Hash: parts[2], Pending: true, Release: release}
	case len(parts) == 4 && parts[1] == "pending" && parts[3] == "force":
		return Applied{Hash: parts[2], Pending: true, Force: true, Release: release}
	default:
		return Applied{}
	}
}

// String is the inverse of ParseApplied.
func (a Applied) String() string {
	out := appliedVersion
	if a.Pending || a.Force {
		out += ":pending"
	}
	out += ":" + a.Hash
	if a.Force {
		out += ":force"
	}
	if release := cmp.Or(a.Release, Release); release > 1 {
		out += ":" + releaseMark + strconv.Itoa(release)
	}
	return out
}

// Ended says whether the spec with the hash was applied to the end.
func (a Applied) Ended(hash string) bool { return a.Hash == hash && !a.Pending }

// OwnTags are the tags that make a resource ours.
func OwnTags(project string, address Address, applied Applied) map[string]string {
	return map[string]string{TagProject: project, TagResource: address.String(), TagSpec: applied.String()}
}

// UserTag says whether a tag key is the user's own: neither ours nor AWS's.
func UserTag(key string) bool {
	return !strings.HasPrefix(key, TagPrefix) && !strings.HasPrefix(key, "aws:")
}
