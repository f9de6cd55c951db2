// Package translate turns compose files, and Facts about an account, into the
// stack that they describe. It knows the place of everything in the files, what
// Fargate allows, and what every compose attribute becomes. It opens only local
// files, and uses neither the network, the terminal nor the environment of the
// process.
package translate

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

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

	Environment map[string]string // of the process; never read from it here
	Dir         string            // what relative names start from; "" is the current directory
	Stdin       io.Reader         // may be nil
}

// Project is a loaded compose project.
type Project struct {
	Name      string // as docker compose would call it
	Directory string // absolute; what paths in the files are relative to

	// Compose is the model with active services only: those of other profiles,
	// and those with x-fargate.skip, are among its DisabledServices.
	Compose *types.Project
	X       XFargate

	files *sources
	binds map[bindKey]bind // of active services
	used  []Entry          // the attributes in use, in no order

	buildersOnce sync.Once
	buildersOf   map[string]string // see builders

	hashes sync.Map // of secrets, by target, address and value: each takes long, on purpose
}

// Load reads compose files as docker compose does and reports what each
// attribute in them becomes. It returns all messages, not only the first
// problem; the project is nil if the files do not make one. A project that is
// returned with errors serves to find more of them.
func Load(ctx context.Context, o Options) (*Project, diag.List) {
	defer silence()()
	var ds diag.List
	s := newSettings(o, &ds)
	if s == nil {
		return nil, ds
	}
	noEnvironment := ds.HasErrors()
	files := readSources(s, o.Stdin, &ds)
	switch {
	case noEnvironment: // more would follow from what is not known
		return nil, anchored(ds, files)
	case ds.HasErrors():
		_, more := files.explain(ctx, s, nil)
		return nil, anchored(append(ds, more...), files)
	}
	p, found := load(ctx, o, s, files)
	return p, anchored(append(ds, found...), files)
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
	model, project, err := compose(ctx, s, files.configs)
	if err != nil {
		return files.explain(ctx, s, err)
	}
	p := &Project{Name: project.Name, Directory: s.dir, Compose: project, files: files}
	ds := p.examine(model)
	if s.oddBooleans {
		ds = append(ds, files.oddBooleans()...)
	}
	return p, ds
}

// compose has compose-go load the files. The model is the merged tree in long
// form, from which the project was made.
func compose(ctx context.Context, s *settings, configs []types.ConfigFile) (model map[string]any, project *types.Project, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error in compose-go while reading these files: %v", r)
		}
	}()
	details := types.ConfigDetails{WorkingDir: s.dir, ConfigFiles: slices.Clone(configs), Environment: s.env.Clone()}
	opts := loader.ToOptions(&details, []func(*loader.Options){s.loaderOptions})
	model, err = loader.LoadModelWithContext(ctx, details, s.loaderOptions)
	if err != nil {
		return nil, nil, err
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
	o.Interpolate.TypeCastMapping = s.watchedCasts(o.Interpolate.TypeCastMapping)
	for _, option := range s.options {
		option(o)
	}
}

// examine reports on a project that loads.
func (p *Project) examine(model map[string]any) diag.List {
	var ds diag.List
	p.X = p.decodeXFargate(&ds)
	p.dropSkipped(&ds)
	p.dropReplaced(&ds)
	p.noteDisabled(&ds)
	p.wantActive(&ds)
	p.binds = p.lookAtBinds()
	ds = append(ds, p.blanks()...)
	ds = append(ds, p.screen(model)...)
	p.used = append(p.used, p.usedExtensions(ds)...)
	return ds
}

// noteDisabled names the services that no active profile asks for.
func (p *Project) noteDisabled(ds *diag.List) {
	for _, name := range p.Compose.DisabledServiceNames() {
		profiles := p.Compose.DisabledServices[name].Profiles
		if p.X.services[name].gone() || len(profiles) == 0 {
			continue
		}
		ds.Notef(p.At("services", name, "profiles"), "services."+name, "add --profile "+profiles[0],
			"left out, because none of its profiles is active: %s", quoted(profiles))
	}
}

// wantActive refuses files without an active service, as docker compose does
// ("no service selected"): a plan of them would delete what runs.
func (p *Project) wantActive(ds *diag.List) {
	if len(p.Compose.Services) == 0 {
		ds.Errorf(p.At("services"), "services", "add a service, or the --profile of one", "no service is active")
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

// absolute resolves a name given by the user.
func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func currentDirectory(o Options) (string, error) {
	if o.Dir != "" {
		return filepath.Abs(o.Dir)
	}
	return os.Getwd()
}

// HasService says whether the files have an active service of that name.
func (p *Project) HasService(name string) bool {
	_, ok := p.Compose.Services[name]
	return ok
}
