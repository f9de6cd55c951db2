package compose

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/paths"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// The gate is for what compose files name. What the user names himself, with -f and
// --env-file, or in the environment, is read wherever it is.

// gate is a content.Gate that says what it has against a file.
type gate struct {
	content.Gate
	display func(file string) string // its name in messages

	savedRoot  string // see saved
	savedPaths []string
	wrong      error // what is wrong with the root that is named
}

// newGate is the gate of the project in a directory.
func newGate(o Options, cwd, dir string, display func(string) string) gate {
	g := gate{display: display, savedRoot: saved(cwd, dir, o.ProjectRoot, o.SavedRoot), savedPaths: slices.Clone(o.SavedPaths)}
	for _, name := range o.AllowPaths {
		g.savedPaths = append(g.savedPaths, saved(cwd, dir, name, ""))
	}
	slices.Sort(g.savedPaths)
	g.savedPaths = slices.Compact(g.savedPaths)
	var allowed []string
	for _, name := range g.savedPaths {
		allowed = append(allowed, Absolute(dir, name))
	}
	root := g.savedRoot
	if root != "" {
		root = Absolute(dir, root)
	}
	g.Gate, g.wrong = content.NewGate(dir, root, content.Homes{User: o.Environment["HOME"], System: systemHome()}, allowed...)
	g.Strict = o.Untrusted
	return g
}

// checkRoot reports what is wrong with the root that is named. Where the project is not known
// yet, one that a plan has saved is not either.
func (g gate) checkRoot(ds *diag.List) {
	if g.wrong != nil {
		ds.Errorf(diag.Pos{}, "", "name the directory of the project, or the files that it needs with --allow-path", "--project-root %v", g.wrong)
	}
}

// checkAllowed reports what is allowed to no effect.
func checkAllowed(o Options, cwd string, ds *diag.List) {
	for _, name := range o.AllowPaths {
		if name == "" {
			ds.Errorf(diag.Pos{}, "", "name a file or a directory", "--allow-path is empty")
		} else if _, err := os.Lstat(Absolute(cwd, name)); errors.Is(err, fs.ErrNotExist) {
			ds.Warnf(diag.Pos{}, "", "correct the path", "--allow-path %s allows nothing, because there is no such file", name)
		}
	}
	for _, name := range o.AllowEnv {
		if !IsCredential(name) {
			ds.Warnf(diag.Pos{}, "", "name a variable that is refused otherwise: all others may be used anyway",
				"--allow-env %s allows nothing, because it is not the name of a credential", name)
		}
	}
}

// saved is a path of the command line as a saved plan has it: from the directory of the
// project, so that apply may run in another one. Where none is given it is what was saved.
func saved(cwd, dir, name, before string) string {
	if name == "" || filepath.IsAbs(name) {
		return cmp.Or(name, before)
	}
	relative, err := filepath.Rel(dir, Absolute(cwd, name))
	if err != nil {
		return Absolute(cwd, name)
	}
	return relative
}

// Allowed is what the options let the files have of this machine, for Options.SavedRoot and
// SavedPaths.
func (p *Project) Allowed() (root string, paths []string) {
	return p.files.gate.savedRoot, p.files.gate.savedPaths
}

// systemHome is the home directory of the user as the system knows it, which nobody can
// forget to set; "" where it knows none.
func systemHome() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.HomeDir
}

// OutsideText is what to say of a file that the gate has something against, which is named
// at a path, and what to do about it; "" where it has nothing. A file that must not be read
// is an error.
func (p *Project) OutsideText(path diag.Path, file string) (text, help string) {
	return p.files.gate.text(path, file)
}

func (g gate) text(path diag.Path, file string) (text, help string) {
	outside, ok := errors.AsType[*content.OutsideError](g.Check(file))
	if !ok {
		return "", ""
	}
	shown := g.display(file)
	if outside.Name != filepath.Join(content.Resolve(filepath.Dir(file)), filepath.Base(file)) {
		shown += ", a link to " + outside.Name + ","
	}
	info, err := os.Stat(outside.Name)
	switch {
	case outside.Git:
		return shown + " belongs to git itself, and is read for no compose file: it may hold credentials", "copy what is needed out of .git"
	case err == nil && info.Mode()&fs.ModeDevice != 0:
		return shown + " is a device of this machine, which may never end", "name a file in the repository"
	case outside.Home != "":
		return shown + " is hidden in the home directory " + g.display(outside.Home) + ", where programs keep credentials" + g.strictly(),
			"let HOME be no directory of the project, or allow it with --allow-path " + diag.Word(g.display(outside.Name))
	case g.Strict:
		return shown + " is outside of " + g.rootText() + g.unfound() + ", and where CI is set or with --untrusted only files in it are read", g.wayIn(path, outside.Name)
	default:
		return "what is outside of " + g.rootText() + " becomes part of what is planned" + g.unfound(), g.wayIn(path, outside.Name)
	}
}

// strictly says what becomes of a file that is outside.
func (g gate) strictly() string {
	if g.Strict {
		return ", and where CI is set or with --untrusted it is not read"
	}
	return ", and becomes part of what is planned"
}

// rootText names the root by what made it one.
func (g gate) rootText() string {
	switch g.Of {
	case content.RootOfRepository:
		return "the repository"
	case content.RootGiven:
		return "the directory of --project-root"
	default:
		return "the project directory"
	}
}

// unfound says that there would be more inside if there were a repository.
func (g gate) unfound() string {
	if g.Of == content.RootOfProject {
		return ", and no .git is in it or above it"
	}
	return ""
}

// wayIn is how a file outside comes to be read, or is not needed. To put it into the
// repository is no advice for what holds secrets.
func (g gate) wayIn(path diag.Path, real string) string {
	var ways []string
	common := g.commonRoot(real)
	if holdsSecret(path) {
		ways = append(ways, "give the value by a variable with "+Dotted(path[:2])+".environment")
	} else if common == "" && !holdsVariables(path, real) {
		ways = append(ways, "put it into "+g.rootText())
	}
	if common != "" {
		ways = append(ways, "name the directory that holds both with --project-root "+diag.Word(g.display(common)))
	}
	// it alone is allowed: what is beside it is nobody's business
	ways = append(ways, "allow it with --allow-path "+diag.Word(g.display(real)))
	return strings.Join(ways, ", or ")
}

func holdsSecret(path diag.Path) bool {
	return len(path) == 3 && path[0] == "secrets" && path[2] == "file"
}

// holdsVariables says whether a file is one of variables, which are often secret: by where
// it is named, or by its name where that does not tell.
func holdsVariables(path diag.Path, file string) bool {
	base := filepath.Base(file)
	return slices.Contains(path, "env_file") || strings.HasPrefix(base, ".env") || filepath.Ext(base) == ".env"
}

// commonRoot is the directory that would have a file inside if it were the root; "" where
// there is one for a reason already, or where that can be none.
func (g gate) commonRoot(real string) string {
	if g.Of != content.RootOfProject || g.Root == "" || !filepath.IsAbs(real) {
		return ""
	}
	root := g.Root
	for !content.Within(root, real) {
		root = filepath.Dir(root)
	}
	if wider, err := g.With(root); err != nil || wider.Check(real) != nil {
		return ""
	}
	return root
}

// admit reports what the gate has against a file that is named at a place, and returns
// whether it may be read.
func (g gate) admit(at diag.Pos, path diag.Path, file string, ds *diag.List) bool {
	text, help := g.text(path, file)
	switch {
	case text == "":
		return true
	case !g.Admits(file):
		ds.Errorf(at, Dotted(path), help, "%s", text)
		return false
	default:
		ds.Warnf(at, Dotted(path), help, "%s", text)
		return true
	}
}

// admitMain looks at a compose file. One that has a default name where it was looked for is
// as much the user's word as one that he names, but for a link, which leads where the
// author of the files wants.
func (s *settings) admitMain(file string, ds *diag.List) bool {
	info, err := os.Lstat(file)
	standard := s.standard && err == nil && info.Mode().IsRegular()
	return s.named || standard || s.gate.admitFound(file, ds)
}

// admitFound looks at a compose file or an env file that nobody named.
func (g gate) admitFound(file string, ds *diag.List) bool {
	if file == "-" { // what the user pipes in is his own
		return true
	}
	return g.admit(diag.Pos{File: g.display(file), Line: 1, Column: 1}, nil, file, ds)
}

// admitSources looks at what compose-go reads by itself. Where something of it must not be
// read the rest is looked at as well, so that one run names all that has to be allowed.
func (r *sources) admitSources(ds *diag.List) {
	before := ds.HasErrors()
	for _, d := range r.layers {
		r.admitServices(d, ds)
	}
	if !before && ds.HasErrors() {
		r.admitAll(ds)
	}
}

// admitAll looks at what is read later on, where that will not come about.
func (r *sources) admitAll(ds *diag.List) {
	for _, d := range r.layers {
		r.admitLater(d, ds)
	}
}

// laterFiles are the attributes that name files and directories which are read later on.
var laterFiles = [][]string{
	{"configs", "*", "file"}, {"secrets", "*", "file"},
	{"services", "*", "build"}, {"services", "*", "build", "context"}, {"services", "*", "build", "additional_contexts", "*"},
	{"services", "*", "volumes", "*"}, {"services", "*", "volumes", "*", "source"},
	{"services", "*", "pre_start", "*", "volumes", "*"}, {"services", "*", "pre_start", "*", "volumes", "*", "source"},
}

func (r *sources) admitLater(d *document, ds *diag.List) {
	d.attached(func(at *yaml.Node, path diag.Path, file string) {
		if _, err := os.Lstat(file); err == nil && !d.inactive(path[1], r.profiles) {
			r.gate.admit(d.pos(at), path, file, ds)
		}
	})
	for _, pattern := range laterFiles {
		d.match(pattern, nil, pair{d.root, d.root}, func(path diag.Path, at pair) {
			if file := d.laterFile(path, target(at.value)); file != "" {
				r.gate.admit(d.pos(at.key), path, file, ds)
			}
		})
	}
}

// match calls found with each place below at that a pattern is of; * is any name or item.
func (d *document) match(pattern []string, path diag.Path, at pair, found func(diag.Path, pair)) {
	n := target(at.value)
	switch {
	case len(pattern) == 0:
		found(path, at)
	case n == nil:
	case n.Kind == yaml.SequenceNode && pattern[0] == "*":
		for i, item := range n.Content {
			d.match(pattern[1:], append(path[:len(path):len(path)], strconv.Itoa(i)), pair{item, item}, found)
		}
	default:
		for key, value := range entries(n) {
			if pattern[0] == "*" || key.Value == pattern[0] {
				d.match(pattern[1:], append(path[:len(path):len(path)], key.Value), pair{key, value}, found)
			}
		}
	}
}

// laterFile is what a scalar names that is there, "" where it names none.
func (d *document) laterFile(path diag.Path, n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	name := substitute(n.Value, d.env)
	if slices.Contains(path, "volumes") {
		if v, err := format.ParseVolume(name); err == nil && path[len(path)-1] != "source" {
			name = v.Source
		}
		if !strings.HasPrefix(name, ".") { // the path of a host means no file of the project
			return ""
		}
	}
	file := Absolute(d.base, paths.ExpandUser(name))
	if _, err := os.Lstat(file); name == "" || remote(name) || err != nil {
		return ""
	}
	return file
}

// admitServices looks at the files that services and jobs extend, each once.
func (r *sources) admitServices(d *document, ds *diag.List) {
	for _, section := range extending {
		d.match([]string{section, "*", "extends", "file"}, nil, pair{d.root, d.root}, func(path diag.Path, at pair) {
			file := lastText(at.value, d.env)
			if file != "" && !remote(file) && r.gate.admit(d.pos(at.key), path, d.extendsPath(file), ds) {
				r.admitBase(d, file, ds)
			}
		})
	}
}

// extendsPath is where compose-go finds a file that is extended: in a file that is extended
// itself ~ is the home directory (loadExtendsBase in loader/extends.go).
func (d *document) extendsPath(file string) string {
	if d.extended {
		file = paths.ExpandUser(file)
	}
	return Absolute(d.base, file)
}

func (r *sources) admitBase(d *document, file string, ds *diag.List) {
	_, known := r.bases[d.extendsPath(file)]
	if known {
		return
	}
	for _, base := range r.base(d, file) {
		r.admitServices(base, ds)
	}
}
