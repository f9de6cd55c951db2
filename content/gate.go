package content

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Gate is the rule for which files of this machine compose files may have read. They may
// come from a stranger, and what is read can end in a plan, a comment or an image: so it
// is what their own repository holds, and what the user allows beside it.
type Gate struct {
	Root    string   // what is below it is the project's own; absolute, without links. "": nothing is
	Allowed []string // files and directories that may be read as well; absolute, without links
	Strict  bool     // what is outside is refused, and not only said
	Of      RootKind // why Root is it

	dir  string   // of the project
	home string   // of the user
	git  []string // where the repositories of the project keep what is git's own, if elsewhere than in .git
}

// RootKind says what made a directory the root of a Gate.
type RootKind int

const (
	RootOfProject    RootKind = iota // it is the project's directory, and no .git is above that
	RootOfRepository                 // it has a .git
	RootGiven                        // somebody named it
)

// ErrRoot is the reason of NewGate and With for a root that holds more than a project.
var ErrRoot = errors.New("it is the root of the machine or holds a home directory, and so more than a project")

// NewGate makes the gate of a project in the directory dir. Its root is the one that is
// given or else the nearest directory with a .git, or else dir itself. The root of the
// machine, and home, are none: where root names one the error wraps ErrRoot.
func NewGate(dir, root, home string, allowed ...string) (Gate, error) {
	g := Gate{dir: Resolve(dir), home: home}
	g.git = gitDirectories(g.dir)
	for _, name := range allowed {
		g.Allowed = append(g.Allowed, Resolve(name))
	}
	g.Root, g.Of = g.findRoot()
	if root == "" {
		return g, nil
	}
	return g.With(root)
}

// With is the gate with the root that is given; g where the error wraps ErrRoot.
func (g Gate) With(root string) (Gate, error) {
	real := Resolve(root)
	if holdsMore(real, g.home) {
		return g, fmt.Errorf("%s: %w", root, ErrRoot)
	}
	g.Root, g.Of = real, RootGiven
	return g, nil
}

func (g Gate) findRoot() (string, RootKind) {
	for at := g.dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, gitName)); err == nil && !holdsMore(at, g.home) {
			return at, RootOfRepository
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if holdsMore(g.dir, g.home) {
		return "", RootOfProject
	}
	return g.dir, RootOfProject
}

// holdsMore says whether a directory is the root of the machine, or a home or above one.
func holdsMore(dir, home string) bool {
	return dir == filepath.Dir(dir) || home != "" && Within(dir, Resolve(home))
}

// OutsideError says that a file is not one that the compose files may have read.
type OutsideError struct {
	Name string // the file, links followed
	Root string // what it is outside of; "" where nothing is inside
	Git  bool   // it is part of a repository's own files, which nothing allows
}

func (e *OutsideError) Error() string {
	switch {
	case e.Git:
		return e.Name + " is part of the files of git itself"
	case e.Root == "":
		return e.Name + " is outside of the project, which has no directory of its own: it is in a home directory or at the root of the machine"
	default:
		return e.Name + " is outside of the project's directory " + e.Root
	}
}

// Check says what speaks against reading a file or a directory, as an *OutsideError; nil
// where nothing does. It need not exist.
func (g Gate) Check(name string) error {
	real := Resolve(name)
	within := func(dir string) bool { return Within(dir, real) }
	if inRepository(real) || slices.ContainsFunc(g.git, within) {
		return &OutsideError{Name: real, Root: g.Root, Git: true}
	}
	if g.Root != "" && within(g.Root) || slices.ContainsFunc(g.Allowed, within) || isNullName(real) {
		return nil
	}
	return &OutsideError{Name: real, Root: g.Root}
}

// Admits says whether a file may be read: nothing speaks against it, or it is enough to
// have said what does.
func (g Gate) Admits(name string) bool {
	outside, ok := errors.AsType[*OutsideError](g.Check(name))
	return !ok || !g.Strict && !outside.Git
}

// ReadFile reads a file as the function of that name does, if the gate admits it.
func (g Gate) ReadFile(name string, most int64) ([]byte, error) {
	if !g.Admits(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: g.Check(name)}
	}
	return ReadFile(name, most)
}

// ReadIgnored does as the function of that name, if the gate admits the file that exists.
func (g Gate) ReadIgnored(files ...string) (*Ignored, error) {
	for _, name := range files {
		if _, err := os.Lstat(name); err == nil && !g.Admits(name) {
			return nil, &fs.PathError{Op: "read", Path: name, Err: g.Check(name)}
		} else if err == nil {
			break
		}
	}
	return ReadIgnored(files...)
}

// gitDirectories are where the repositories that a directory is in have what is git's own:
// .git may be a link, or a file that names another directory (gitrepository-layout).
func gitDirectories(dir string) []string {
	var out []string
	for ; ; dir = filepath.Dir(dir) {
		git := filepath.Join(dir, gitName)
		if _, err := os.Lstat(git); err == nil {
			repository := repositoryOf(git)
			out = append(out, Resolve(git), Resolve(repository), Resolve(commonOf(repository)))
		}
		if dir == filepath.Dir(dir) {
			return out
		}
	}
}

func isNullName(name string) bool {
	info, err := os.Stat(name)
	return err == nil && isNull(info)
}

// inRepository says whether a file is in a directory .git, or is such a file.
func inRepository(name string) bool {
	for ; name != filepath.Dir(name); name = filepath.Dir(name) {
		if strings.EqualFold(filepath.Base(name), gitName) {
			return true
		}
	}
	return false
}

// Within says whether name is the directory dir or below it. Both are absolute.
func Within(dir, name string) bool {
	relative, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(relative)
}

// maxLinks is how many links are followed, as Linux does (path_resolution(7)).
const maxLinks = 40

// Resolve follows the links in a path, also those that lead to nothing yet.
func Resolve(name string) string { return resolve(name, maxLinks) }

func resolve(name string, links int) string {
	if real, err := filepath.EvalSymlinks(name); err == nil || links == 0 || name == filepath.Dir(name) {
		if err == nil {
			return real
		}
		return name
	}
	dir := resolve(filepath.Dir(name), links)
	name = filepath.Join(dir, filepath.Base(name))
	link, err := os.Readlink(name)
	switch {
	case err != nil:
		return name
	case filepath.IsAbs(link):
		return resolve(filepath.Clean(link), links-1)
	default:
		return resolve(filepath.Join(dir, link), links-1)
	}
}
