package plan

import (
	"strconv"
	"strings"
)

// The tags that carry ownership. Everything the tool makes bears the first four
// from birth.
const (
	TagPrefix         = "compose2fargate:"
	TagProject        = TagPrefix + "project"         // the compose project
	TagResource       = TagPrefix + "resource"        // the address in it
	TagSpec           = TagPrefix + "spec"            // see Applied
	TagRelease        = TagPrefix + "release"         // see Release
	TagHidden         = TagPrefix + "hidden"          // on task definitions: where secrets stand that only their origin tells
	TagExtras         = TagPrefix + "extras"          // on services: the extra parts that were applied, see Extra
	TagLinks          = TagPrefix + "links"           // on services: the volumes in which links to files are or have been
	TagKind           = TagPrefix + "kind"            // on target groups: the kind of the port, where the files gave it
	TagTaskDefinition = TagPrefix + "task-definition" // on services: family:revision last applied

	// TagRegistry is for whoever keeps a secret with credentials of a registry to put on it:
	// the HOST or HOST:PORT that they may be sent to.
	TagRegistry = TagPrefix + "registry"
)

// Applied is the content of the spec tag: which spec was applied last. It is
// 1:HASH after an apply was completed, and 1:pending:HASH from its start until
// then, or 1:pending:HASH:force if it was to restart the tasks as well.
type Applied struct {
	Hash    string // "" where the tag is absent or of a version we don't know
	Pending bool
	Force   bool
}

const appliedVersion = "1"

// ParseApplied reads a spec tag. A tag of an unknown version is the zero
// Applied: live and want are then compared without knowing what was before.
func ParseApplied(tag string) Applied {
	parts := strings.Split(tag, ":")
	switch {
	case parts[0] != appliedVersion:
		return Applied{}
	case len(parts) == 2:
		return Applied{Hash: parts[1]}
	case len(parts) == 3 && parts[1] == "pending":
		return Applied{Hash: parts[2], Pending: true}
	case len(parts) == 4 && parts[1] == "pending" && parts[3] == "force":
		return Applied{Hash: parts[2], Pending: true, Force: true}
	default:
		return Applied{}
	}
}

// String is the inverse of ParseApplied.
func (a Applied) String() string {
	switch {
	case a.Force:
		return appliedVersion + ":pending:" + a.Hash + ":force"
	case a.Pending:
		return appliedVersion + ":pending:" + a.Hash
	default:
		return appliedVersion + ":" + a.Hash
	}
}

// OwnTags are the tags that make a resource ours.
func OwnTags(project string, address Address, applied Applied) map[string]string {
	return map[string]string{
		TagProject: project, TagResource: address.String(), TagSpec: applied.String(), TagRelease: strconv.Itoa(Release),
	}
}

// UserTag says whether a tag key is the user's own: neither ours nor AWS's.
func UserTag(key string) bool {
	return !strings.HasPrefix(key, TagPrefix) && !strings.HasPrefix(key, "aws:")
}
