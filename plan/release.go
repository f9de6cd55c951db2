package plan

import (
	"strconv"
)

// Release counts the releases of this tool that decide a field otherwise than those
// before them. A tag of every resource says which one applied it.
const Release = 4

// MadeBy is the release that applied a live resource, 0 where nothing tells: the first
// one had no tag for it.
func MadeBy(live *Resource) int {
	if live.Tags[TagSpec] == "" {
		return 0
	}
	if release, err := strconv.Atoi(live.Tags[TagRelease]); err == nil {
		return release
	}
	return 1
}

// Decision is a field that a release decides otherwise than those before it, so that
// it changes although nobody changed the compose file. A release that makes something
// else of the same file has a Decision for it, or its first plan of what is live wants
// to change it.
type Decision struct {
	Release int    // the first that decides so
	Path    string // of the field, see Match
	// Only says whether the decision is all that is behind a change. Nil: compose files
	// have no say in the field.
	Only func(target Target, live, want *Resource, c Change) bool
	// Stays: the field stays as it is while nothing else of the resource changes: it is
	// as good as what is decided now.
	Stays bool
	// Last: the change takes something from tasks that are still as the earlier release made
	// them: it comes with the last service that uses the resource and waits.
	Last bool
	// Now: the change does not wait, because the compose files may be behind it as well,
	// which nothing tells.
	Now bool
}

// Former is what the releases before one made of a field of a desired resource, where the
// compose files leave the field to this tool.
type Former struct {
	Release int    // the first that makes something else of it
	Path    string // of the field, see Match
	Was     any    // the value, as JSON has it; its zero value where there was none
}

// isFormer says whether an earlier release applied a live resource.
func isFormer(live *Resource) bool {
	made := MadeBy(live)
	return made > 0 && made < Release
}
