package compose

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// settings are the Options as docker compose understands them: flags before
// environment before .env before defaults.
type settings struct {
	cwd      string   // the current directory
	dir      string   // the project directory
	files    []string // absolute, or "-"
	profiles []string
	env      types.Mapping // what ${VARIABLES} in the files are looked up in
	name     string        // set once the files are read
	options  []func(*loader.Options)

	gate     gate
	included includedFiles
	withheld withheld // variables that are not in env
	spent    spent
	envTexts map[string][]byte // of env files that were read
	named    bool              // by the user: files are not what was found
	standard bool              // files are those with default names, found where docker compose looks for them

	admit       func(model map[string]any) // looks at the files of a model before compose-go reads them
	oddBooleans bool                       // compose-go took a text such as yes for a boolean
	unchecked   bool                       // compose-go did not look whether what it made fits together
	keys        map[string]bool            // all that the files write in mappings; nil while it is not known
}

// newSettings returns nil, and reports why, if there is nothing to load.
func newSettings(o Options, ds *diag.List) *settings {
	cwd, err := filepath.Abs(o.Dir)
	if err != nil {
		ds.Errorf(diag.Pos{}, "", "", "the current directory is unknown: %v", err)
		return nil
	}
	checkAllowed(o, cwd, ds)
	s := &settings{cwd: cwd, envTexts: map[string][]byte{}}
	s.env, s.withheld = withhold(o.Environment, o.AllowEnv)
	if _, ok := s.env["PWD"]; !ok {
		s.env["PWD"] = cwd
	}
	for _, name := range o.Files {
		s.files = append(s.files, s.Absolute(name))
	}
	s.named = len(o.Files) > 0 || o.Environment[consts.ComposeFilePath] != ""
	// twice, since .env may name the files and the files' directory may have a
	// .env of its own; what is set already stays
	s.dir = s.directory(o)
	s.gate = newGate(o, s.cwd, s.dir, s.display)
	s.readDotEnv(o, ds)
	byDotEnv := len(s.files) == 0 && !s.named && s.env[consts.ComposeFilePath] != ""
	if len(s.files) == 0 && !s.findFiles(ds) {
		if o.ProjectRoot != "" {
			s.gate.checkRoot(ds)
		}
		return nil
	}
	if dir := s.directory(o); dir != s.dir {
		s.dir = dir
		if !byDotEnv { // else a file would say what its own root is
			s.gate = newGate(o, s.cwd, dir, s.display)
		}
		s.readDotEnv(o, ds)
	}
	s.gate.checkRoot(ds)
	s.profiles = s.activeProfiles(o)
	s.included = includedFiles{s.gate, map[string]string{}}
	return s
}

func (s *settings) Absolute(name string) string {
	if name == "-" {
		return name
	}
	return Absolute(s.cwd, name)
}

// display names a file as messages do.
func (s *settings) display(file string) string {
	if file == "-" {
		return "<stdin>"
	}
	return diag.Relative(s.cwd, file)
}

// directory is the one asked for, or that of the first file.
func (s *settings) directory(o Options) string {
	if o.ProjectDirectory != "" {
		return Absolute(s.cwd, o.ProjectDirectory)
	}
	for _, file := range s.files {
		if file != "-" {
			return filepath.Dir(file)
		}
	}
	return s.cwd
}

// findFiles takes the files from COMPOSE_FILE, or else looks for the default
// names in the project directory and its parents.
func (s *settings) findFiles(ds *diag.List) bool {
	if list := s.env[consts.ComposeFilePath]; list != "" {
		separator := cmp.Or(s.env[consts.ComposePathSeparator], string(os.PathListSeparator))
		for name := range strings.SplitSeq(list, separator) {
			s.files = append(s.files, s.Absolute(name))
		}
		return true
	}
	for dir := s.dir; ; dir = filepath.Dir(dir) {
		if file := s.pick(dir, cli.DefaultFileNames, ds); file != "" {
			s.files, s.standard = append(s.files, file), true
			if override := s.pick(dir, cli.DefaultOverrideFileNames, ds); override != "" {
				s.files = append(s.files, override)
			}
			return true
		}
		if dir == filepath.Dir(dir) {
			ds.Errorf(diag.Pos{}, "", "name the file with -f FILE, or set COMPOSE_FILE",
				"no compose file: looked for %s in %s and its parents", strings.Join(cli.DefaultFileNames, ", "), s.dir)
			return false
		}
	}
}

// pick returns the first of names that exists in dir, "" where none does, and
// warns of the others.
func (s *settings) pick(dir string, names []string, ds *diag.List) string {
	var found []string
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return ""
	}
	if len(found) > 1 {
		ds.Warnf(diag.Pos{File: s.display(filepath.Join(dir, found[0])), Line: 1, Column: 1}, "", "name the files with -f",
			"several compose files here: %s is used, %s ignored", found[0], strings.Join(found[1:], ", "))
	}
	return filepath.Join(dir, found[0])
}

// activeProfiles are the profiles of the flags, or else of COMPOSE_PROFILES.
func (s *settings) activeProfiles(o Options) []string {
	profiles := slices.Clone(o.Profiles)
	if len(profiles) == 0 {
		for profile := range strings.SplitSeq(s.env[consts.ComposeProfiles], ",") {
			if profile = strings.TrimSpace(profile); profile != "" {
				profiles = append(profiles, profile)
			}
		}
	}
	return profiles
}

// projectName follows docker compose: flag, COMPOSE_PROJECT_NAME, the last
// `name:` in the files, the name of the project directory.
func projectName(o Options, s *settings, files *sources) string {
	if o.ProjectName != "" {
		return o.ProjectName
	}
	if name := s.env[consts.ComposeProjectName]; name != "" {
		return name
	}
	name, given := "", false
	for _, d := range files.main {
		if written := d.scalar("name"); written != "" {
			name, given = loader.NormalizeProjectName(substitute(written, d.env)), true
		}
	}
	if given {
		return name
	}
	return loader.NormalizeProjectName(filepath.Base(s.dir))
}

// nameless says that no name is left for the project.
func (r *sources) nameless() diag.List {
	f := newFaults(r)
	found := r.find([]string{"name"})
	if found.depth == 0 {
		f.ds.Errorf(diag.Pos{}, "", "set one with -p NAME", "no project name: the directory name has no letters or digits")
		return f.ds
	}
	f.fault(found.doc, []string{"name"}, found.key, target(found.value), "begin it with a letter or digit", "the project name is empty")
	return f.ds
}
