// Package translate turns compose files, and Facts about an account, into the
// stack that they describe. It knows the place of everything in the files, what
// Fargate allows, and what every compose attribute becomes. It opens only local
// files, and uses neither the network, the terminal nor the environment of the
// process.
package translate

import (
	"context"
	"path/filepath"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// Options say what to load, as the flags of docker compose do.
type Options = compose.Options

// Load reads compose files as docker compose does and reports what each
// attribute in them becomes. It returns all messages, not only the first
// problem; the project is nil if the files do not make one. A project that is
// returned with errors serves to find more of them.
func Load(ctx context.Context, o Options) (*Project, diag.List) {
	loaded, ds := compose.Load(ctx, o)
	if loaded == nil {
		return nil, ds
	}
	p := &Project{Project: loaded, refused: map[string]bool{}}
	p.Machine.Writing = o.Writing
	if files := p.Compose.ComposeFiles; len(files) > 0 {
		p.Machine.Umask = content.UmaskOf(filepath.Dir(files[0]), files...)
	}
	ds = p.Anchored(append(ds, p.Unexplained(p.examine())...))
	for _, d := range ds {
		if d.Severity == diag.Error {
			p.refused[d.Path] = true
		}
	}
	return p, p.discreet(ds)
}

// examine reports on a project that loads.
func (p *Project) examine() diag.List {
	var ds diag.List
	p.X = xfargate.Decode(p.Project, &ds)
	p.checkTags(&ds)
	for _, name := range p.Compose.ServiceNames() {
		p.checkFiles(&ds, name)
		p.checkTargets(&ds, name)
	}
	removal{p, &ds}.dropSkipped()
	removal{p, &ds}.dropReplaced()
	p.noteDisabled(&ds)
	p.wantActive(&ds)
	p.dockerfiles = readDockerfiles(p.Gate, p.builds())
	p.builtImages = p.readBuilds()
	p.schemesOf = p.readSchemes()
	p.awaited = p.readAwaited()
	p.binds = p.inspectBinds()
	ds = append(ds, p.BlankVariables()...)
	ds = append(ds, p.screen(p.Model)...)
	p.used = append(p.used, p.usedExtensions(ds)...)
	return ds
}

// noteDisabled names the services that no active profile asks for.
func (p *Project) noteDisabled(ds *diag.List) {
	for _, name := range p.Compose.DisabledServiceNames() {
		profiles := p.Compose.DisabledServices[name].Profiles
		if p.X.Services[name].Gone() || len(profiles) == 0 {
			continue
		}
		ds.Notef(p.At("services", name, "profiles"), "services."+name, "add --profile "+diag.Word(profiles[0]),
			"left out, because none of its profiles is active: %s", compose.Quoted(profiles))
	}
}

// wantActive refuses files without an active service, as docker compose does
// ("no service selected"): a plan of them would delete what runs.
func (p *Project) wantActive(ds *diag.List) {
	if len(p.Compose.Services) == 0 {
		ds.Errorf(p.At("services"), "services", "add a service, or the --profile of one", "no service is active")
	}
}
