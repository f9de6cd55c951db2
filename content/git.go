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
	repository = repositoryOf(repository)
	head, _ := firstLine(filepath.Join(repository, "HEAD"))
	name, isBranch := strings.CutPrefix(head, "ref: ")
	if !isBranch {
		return head
	}
	common := commonOf(repository)
	for _, dir := range []string{repository, common} {
		if commit, ok := firstLine(filepath.Join(dir, filepath.FromSlash(name))); ok {
			return commit
		}
	}
	return packed(common, name)
}

// repositoryOf is the directory that .git is, or which it names in a worktree or a submodule.
func repositoryOf(git string) string {
	text, _ := firstLine(git)
	linked, ok := strings.CutPrefix(text, "gitdir: ")
	switch {
	case !ok:
		return git
	case filepath.IsAbs(linked):
		return linked
	default:
		return filepath.Join(filepath.Dir(git), linked)
	}
}

// commonOf is the repository that a worktree is one of, or else the repository itself.
func commonOf(repository string) string {
	dir, ok := firstLine(filepath.Join(repository, "commondir"))
	switch {
	case !ok:
		return repository
	case filepath.IsAbs(dir):
		return dir
	default:
		return filepath.Join(repository, dir)
	}
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
