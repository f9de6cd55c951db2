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

	dir    string   // of the project
	homes  []string // see Homes; without links
	system string   // the one of the system
	git    []string // where the repositories of the project keep what is git's own, if elsewhere than in .git
}

// RootKind says what made a directory the root of a Gate.
type RootKind int

const (
	RootOfProject    RootKind = iota // it is the project's directory, and no .git is above that
	RootOfRepository                 // it has a .git
	RootGiven                        // somebody named it
)

// Homes are the home directories of whoever runs this. Programs keep credentials there, in
// what is hidden: the entries whose names begin with a dot.
type Homes struct {
	User   string // by HOME, which may be any directory; "": unset
	System string // as the system knows it; "": unknown
}

// ErrRoot is the reason of NewGate and With for a root that holds more than a project.
var ErrRoot = errors.New("it is the root of the machine or holds home directories, and so more than a project")

// NewGate makes the gate of a project in the directory dir. Its root is the one that is
// given or else the nearest directory with a .git, or else dir itself. A home is the root
// only where it is dir itself, or is given; its hidden entries are outside even then. The root
// of the machine is none, nor is what is above a home: where root names one the error wraps
// ErrRoot.
func NewGate(dir, root string, homes Homes, allowed ...string) (Gate, error) {
	g := Gate{dir: Resolve(dir)}
	g.git = gitDirectories(g.dir)
	for _, name := range allowed {
		g.Allowed = append(g.Allowed, Resolve(name))
	}
	for _, home := range []string{homes.System, homes.User} {
		if home != "" {
			g.homes = append(g.homes, Resolve(home))
		}
	}
	if homes.System != "" {
		g.system = g.homes[0]
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
	if g.holdsMore(real) {
		return g, fmt.Errorf("%s: %w", root, ErrRoot)
	}
	g.Root, g.Of = real, RootGiven
	return g, nil
}

// findRoot looks for a .git up to a home that the project is in: one that is kept there, for
// the settings of programs, makes no file of the home the project's.
func (g Gate) findRoot() (string, RootKind) {
	for at := g.dir; !g.holdsMore(at) && (at == g.dir || !slices.Contains(g.homes, at)); at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, gitName)); err == nil {
			return at, RootOfRepository
		}
		if slices.Contains(g.homes, at) {
			break
		}
	}
	if g.holdsMore(g.dir) {
		return "", RootOfProject
	}
	return g.dir, RootOfProject
}

// holdsMore says whether a directory is the root of the machine, or above the home that the
// system knows: beside that are others. HOME is often set to a directory of a project.
func (g Gate) holdsMore(dir string) bool {
	return dir == filepath.Dir(dir) || g.system != "" && g.system != dir && Within(dir, g.system)
}

// Homes are the home directories, without links, which a directory is or holds.
func (g Gate) Homes(dir string) []string {
	dir = Resolve(dir)
	return slices.DeleteFunc(slices.Clone(g.homes), func(home string) bool { return !Within(dir, home) })
}

// hiding is the home that base is or holds, and of which a file is a hidden entry or in
// one; "": none. Whoever names what is hidden itself as the base has it.
func (g Gate) hiding(base, file string) string {
	if g.isOwn(file) {
		return ""
	}
	for _, home := range g.homes {
		if !Within(base, home) || !Within(home, file) {
			continue
		}
		if below, err := filepath.Rel(home, file); err == nil && below != "." && strings.HasPrefix(below, ".") {
			return home
		}
	}
	return ""
}

// isOwn says whether a file is one of those that compose and docker look for in a project,
// where they look. They are hidden, and no program keeps credentials of a user in them.
func (g Gate) isOwn(file string) bool {
	dir, name := filepath.Split(file)
	dir = filepath.Clean(dir)
	return (dir == g.dir || dir == g.Root) && (name == ".env" || strings.HasPrefix(name, ".env.") || name == ".dockerignore")
}

// OutsideError says that a file is not one that the compose files may have read.
type OutsideError struct {
	Name string // the file, links followed
	Root string // what it is outside of; "" where nothing is inside
	Git  bool   // it is part of a repository's own files, which nothing allows
	Home string // it would be inside if it were not hidden in this home directory; "": it is not
}

func (e *OutsideError) Error() string {
	switch {
	case e.Git:
		return e.Name + " is part of the files of git itself"
	case e.Home != "":
		return e.Name + " is a hidden file of the home directory " + e.Home
	case e.Root == "":
		return e.Name + " is outside of the project, which has no directory of its own: it is at the root of the machine"
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
	if isNullName(real) {
		return nil
	}
	outside := &OutsideError{Name: real, Root: g.Root}
	for _, base := range g.bases() {
		if !within(base) {
			continue
		}
		if outside.Home = g.hiding(base, real); outside.Home == "" {
			return nil
		}
	}
	return outside
}

// bases are the directories, and files, below which is what may be read.
func (g Gate) bases() []string {
	if g.Root == "" {
		return g.Allowed
	}
	out := append([]string{g.Root}, g.Allowed...)
	if Within(g.Root, g.dir) { // it may be in something hidden itself
		out = append(out, g.dir)
	}
	return out
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
