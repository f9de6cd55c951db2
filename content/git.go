package content

import (
	"path/filepath"
	"strings"
)

const gitName = ".git"

// longestRefs is how many bytes a list of branches may have.
const longestRefs = 64 << 20

// commitOf is the commit that is checked out in a repository, "" where there is
// none or it cannot be told. The rest of a repository differs between two clones
// of one commit: times, logs, packs (gitrepository-layout).
func commitOf(repository string) string {
	if text, ok := firstLine(repository); ok { // a worktree, or a submodule
		linked, isLink := strings.CutPrefix(text, "gitdir: ")
		if !isLink {
			return ""
		}
		if !filepath.IsAbs(linked) {
			linked = filepath.Join(filepath.Dir(repository), linked)
		}
		repository = linked
	}
	head, _ := firstLine(filepath.Join(repository, "HEAD"))
	name, isBranch := strings.CutPrefix(head, "ref: ")
	if !isBranch {
		return head
	}
	common := repository
	if dir, ok := firstLine(filepath.Join(repository, "commondir")); ok {
		if common = dir; !filepath.IsAbs(dir) {
			common = filepath.Join(repository, dir)
		}
	}
	for _, dir := range []string{repository, common} {
		if commit, ok := firstLine(filepath.Join(dir, filepath.FromSlash(name))); ok {
			return commit
		}
	}
	return packed(common, name)
}

// packed finds a branch among those that are kept in one file.
func packed(repository, name string) string {
	text, err := ReadFile(filepath.Join(repository, "packed-refs"), longestRefs)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if commit, ref, ok := strings.Cut(strings.TrimSpace(line), " "); ok && ref == name {
			return commit
		}
	}
	return ""
}

// firstLine is that of a regular file.
func firstLine(file string) (string, bool) {
	text, err := ReadFile(file, longestRefs)
	if err != nil {
		return "", false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line), true
}
