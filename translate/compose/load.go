// Package compose reads compose files, with their variables and .env files, into
// a project that knows where each attribute is written. Load is the way in; it
// says everything that is wrong with the files, not just what compose-go comes
// upon first. It opens local files only.
//
// A file is read twice: by compose-go, which makes the model (load.go), and as
// YAML nodes with positions (sources.go, position.go). Where compose-go refuses
// the files, the nodes are checked here (check.go, consistency.go), repaired and
// loaded again (repair.go), so that one run finds all mistakes.
package compose

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Options say what to load, as the flags of docker compose do.
type Options struct {
	Files            []string // -f; "-" is Stdin; none: COMPOSE_FILE, then the default names
	ProjectName      string   // -p
	ProjectDirectory string   // --project-directory
	Profiles         []string // --profile; none: COMPOSE_PROFILES
	EnvFiles         []string // --env-file; none: COMPOSE_ENV_FILES, then .env

	ProjectRoot string   // --project-root; "": the nearest directory with a .git, or else that of the project
	AllowPaths  []string // --allow-path: files and directories outside of it that may be read
	SavedRoot   string   // --project-root of a saved plan, from the project directory; see Project.Allowed
	SavedPaths  []string // and its --allow-path
	Untrusted   bool     // what is outside is refused, not only said: the files may be a stranger's

	AllowEnv []string // --allow-env: credentials of the process that the files may use all the same

	Environment map[string]string // of the process; never read from it here
	Dir         string            // what relative names start from; "" is the current directory
	Stdin       io.Reader         // may be nil

	// Writing finds the files that the process writes at the moment, which are nobody's
	// content; see content.Machine.
	Writing func() []fs.FileInfo
}

// Load reads compose files as docker compose does. It returns everything that is
// wrong with them, not the first problem; the project is nil where the files
// don't make one. A project beside errors is what is left without the mistakes,
// good for finding more of them: see Unexplained.
func Load(ctx context.Context, o Options) (*Project, diag.List) {
	defer silence()()
	registerRaw()
	var given diag.List // about the command, which no file has a place for
	s := newSettings(o, &given)
	if s == nil {
		return nil, given
	}
	p, ds := loadFiles(ctx, o, s, given.HasErrors())
	return p, append(given, ds...).Sorted()
}

// loadFiles does so with settings, which may lack a part of the environment.
func loadFiles(ctx context.Context, o Options, s *settings, noEnvironment bool) (*Project, diag.List) {
	var ds diag.List
	files := readSources(s, o.Stdin, &ds)
	clean := !ds.HasErrors()
	if files.refuseCredentials(s.profiles, &ds); clean && ds.HasErrors() {
		files.admitAll(&ds)
	}
	switch {
	case noEnvironment, files.beyond: // more would follow from what is not known
		return nil, anchored(ds, files)
	case ds.HasErrors(), files.extendOdd():
		_, more := files.explain(ctx, s, nil)
		return nil, anchored(append(ds, more...), files)
	}
	p, found := load(ctx, o, s, files)
	ds = anchored(append(ds, found...), files)
	if p == nil {
		ds = ds.Without(files.secrets())
	}
	return p, ds
}

// load makes a project of files that could be read.
func load(ctx context.Context, o Options, s *settings, files *sources) (*Project, diag.List) {
	s.name = projectName(o, s, files)
	if s.name == "" {
		return nil, files.nameless()
	}
	for _, d := range files.layers {
		d.env[consts.ComposeProjectName] = s.name // as compose-go sets it
	}
	s.keys = files.keys()
	var refused diag.List
	s.admit = func(model map[string]any) { files.admitAttached(model, s.profiles, &refused) }
	model, project, err := loadModel(ctx, s, files.configs)
	if _, total := errors.AsType[*totalError](err); total {
		f := newFaults(files)
		f.report(findings(err))
		return nil, append(f.ds, refused...)
	}
	if err != nil {
		return files.explain(ctx, s, err)
	}
	var ds diag.List
	if s.unchecked {
		f := newFaults(files)
		if f.project(project, s); f.ds.HasErrors() {
			return nil, f.ds
		}
	}
	if s.oddBooleans {
		ds = files.oddBooleans()
	}
	return &Project{Name: project.Name, Directory: s.dir, Gate: s.gate.Gate, Compose: project, Model: model, files: files,
		repaired: refused.HasErrors(), mistakes: refused}, append(ds, refused...)
}

// loadModel has compose-go load the files. The model is the merged tree in long
// form, from which the project was made.
func loadModel(ctx context.Context, s *settings, configs []types.ConfigFile) (model map[string]any, project *types.Project, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errPanic
		}
	}()
	details := types.ConfigDetails{WorkingDir: s.dir, ConfigFiles: slices.Clone(configs), Environment: s.env.Clone()}
	opts := loader.ToOptions(&details, []func(*loader.Options){s.loaderOptions})
	model, err = loader.LoadModelWithContext(ctx, details, s.loaderOptions)
	if err != nil {
		return nil, nil, err
	}
	s.admit(model)
	if err := cmp.Or(checkAttached(model, s.profiles, s.env), checkPorts(model)); err != nil {
		return nil, nil, err
	}
	if !opts.SkipConsistencyCheck {
		waits := waitsOf(model, s.profiles)
		if circle := waits.circle(); circle != nil {
			return nil, nil, circleError(circle)
		}
		s.unchecked = waits.ways() > mostWays
		opts.SkipConsistencyCheck = s.unchecked
	}
	project, err = loader.ModelToProject(model, opts, details)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range configs {
		project.ComposeFiles = append(project.ComposeFiles, c.Filename)
	}
	return model, project, nil
}

// maxNodeVisits is ten times compose-go's own bound on the size of a file: a
// generated stack of a thousand services is no attack.
const maxNodeVisits = 1_000_000

func (s *settings) loaderOptions(o *loader.Options) {
	o.SetProjectName(s.name, true)
	o.Profiles = s.profiles
	o.MaxNodeVisits = maxNodeVisits
	o.Interpolate.TypeCastMapping = s.watchedCasts(castable(o.Interpolate.TypeCastMapping, s.keys))
	includeCasts(o.Interpolate.TypeCastMapping)
	o.ResourceLoaders = []loader.ResourceLoader{s.included}
	for _, option := range s.options {
		option(o)
	}
}

// anchored gives each error without a place the beginning of the first file, so
// that an editor or a reviewer always has one to open.
func anchored(ds diag.List, files *sources) diag.List {
	if files == nil || files.first == "" {
		return ds.Sorted()
	}
	for i, d := range ds {
		if d.Severity == diag.Error && d.Pos.IsZero() {
			ds[i].Pos = diag.Pos{File: files.first, Line: 1, Column: 1}
		}
	}
	return ds.Sorted()
}

// Absolute resolves a name given by the user.
func Absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}
