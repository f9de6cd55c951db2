package content

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Ignored is what a .dockerignore leaves out of a build context. nil: nothing.
type Ignored struct {
	patterns *patternmatcher.PatternMatcher
}

// Match is what was found out about a directory, for what is in it.
type Match = patternmatcher.MatchInfo

// ReadIgnored reads the first of the files that exists; nil where none does.
func ReadIgnored(files ...string) (*Ignored, error) {
	for _, file := range files {
		err := CheckFile(file, longestIgnore)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		return readIgnored(file)
	}
	return nil, nil
}

// longestIgnore is how many bytes a .dockerignore may have.
const longestIgnore = 1 << 20

func readIgnored(file string) (*Ignored, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	lines, err := ignorefile.ReadAll(opened)
	if err == nil {
		lines, err = matchable(lines)
	}
	if err == nil {
		var patterns *patternmatcher.PatternMatcher
		if patterns, err = patternmatcher.New(lines); err == nil {
			return &Ignored{patterns}, nil
		}
	}
	return nil, &fs.PathError{Op: "read", Path: file, Err: fmt.Errorf("its patterns cannot be read: %w", err)}
}

// maxStars is more than anybody writes into one pattern. Each is tried against each file.
const maxStars = 32

var repeatedStars = regexp.MustCompile(`(?:\*\*/)+`)

// matchable are patterns that mean the same and take little time: **/**/ is **/.
func matchable(patterns []string) ([]string, error) {
	out := make([]string, len(patterns))
	for i, pattern := range patterns {
		out[i] = repeatedStars.ReplaceAllString(pattern, "**/")
		if strings.Count(out[i], "*") > maxStars {
			return nil, fmt.Errorf("pattern %d has more than %d stars", i+1, maxStars)
		}
	}
	return out, nil
}

func (i *Ignored) match(name string, parent Match) (bool, Match, error) {
	if i == nil {
		return false, Match{}, nil
	}
	return i.patterns.MatchesUsingParentResults(filepath.FromSlash(name), parent)
}

// exceptions says whether a pattern lets in again what another one left out.
func (i *Ignored) exceptions() bool { return i != nil && i.patterns.Exclusions() }

// maxLooked bounds how many files LetsIn looks at.
const maxLooked = 20_000

// LeavesOut says whether a build context does not have a file or directory; of a directory
// it may have parts all the same.
func (i *Ignored) LeavesOut(name string) bool {
	out, _, err := i.along(name)
	return out && err == nil
}

// along matches a path from the root on, as what is left out leaves out what is in it.
func (i *Ignored) along(name string) (out bool, match Match, err error) {
	if i == nil || path.Clean(name) == "." {
		return false, match, nil
	}
	at := ""
	for part := range strings.SplitSeq(path.Clean(name), "/") {
		at = path.Join(at, part)
		if out, match, err = i.match(at, match); err != nil {
			return false, match, err
		}
	}
	return out, match, nil
}

// LetsIn says whether a build context has a file, or in a directory any file that
// counts.
func (i *Ignored) LetsIn(root, name string, counts func(base string) bool) bool {
	if i == nil {
		return true
	}
	l := letting{Ignored: i, root: root, counts: counts, left: maxLooked}
	out, match, err := i.along(name)
	if err != nil {
		return true
	}
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil || !info.IsDir() {
		return !out
	}
	return l.any(name, out, match)
}

type letting struct {
	*Ignored
	root   string
	counts func(base string) bool
	left   int // of maxLooked
}

// any says whether anything in a directory is let in. What cannot be looked at is, unless
// it is left out itself.
func (l *letting) any(dir string, out bool, parent Match) bool {
	if out && !l.exceptions() {
		return false
	}
	for child, err := range Children(filepath.Join(l.root, filepath.FromSlash(dir))) {
		if l.left--; err != nil || l.left < 0 {
			return !out || !errors.Is(err, fs.ErrPermission) // see lister.directory
		}
		name := path.Join(dir, child.Name())
		out, match, err := l.match(name, parent)
		switch {
		case err != nil:
			return true
		case child.IsDir():
			if l.any(name, out, match) {
				return true
			}
		case !out && l.counts(child.Name()):
			return true
		}
	}
	return false
}

// IgnoreFiles say what stays out of a build context: DOCKERFILE.dockerignore where it
// exists, else .dockerignore (Docker, build context page). dockerfile is "" for a context
// without one of its own: of an additional one only the latter counts (BuildKit,
// frontend/dockerui/namedcontext.go).
func IgnoreFiles(root, dockerfile string) []string {
	files := []string{filepath.Join(root, IgnoreName)}
	if dockerfile != "" {
		files = append([]string{dockerfile + IgnoreName}, files...)
	}
	return files
}

// IgnoreName is the file that says what stays out of a build context.
const IgnoreName = ".dockerignore"
