package translate

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Builds are the builds of the images that active services run, by service. One
// whose context or Dockerfile is missing is left out: Stack has an error for it.
func (p *Project) Builds() []spec.BuildSource {
	t := newImages(newBase(p, plan.Facts{}))
	groupTasks(t.base)
	found, broken := map[string]spec.BuildSource{}, map[string]bool{} // a step says nothing of what it inherits
	for _, k := range t.tasks {
		for _, s := range k.containers() {
			build, by := t.buildOf(s)
			if build == nil {
				continue
			}
			before := len(t.ds)
			source := t.buildSource(s, build, platforms[t.architecture(k)])
			t.checkBuild(build, by)
			source.Service = by
			found[by] = source
			broken[by] = broken[by] || t.ds[before:].HasErrors()
		}
	}
	var out []spec.BuildSource
	for _, name := range sortedKeys(found) {
		if !broken[name] {
			out = append(out, found[name])
		}
	}
	return out
}

// buildSource is a build as builders take it.
func (t *images) buildSource(s container, b *types.BuildConfig, platform string) spec.BuildSource {
	out := spec.BuildSource{
		Service: s.Name, Platform: platform,
		Context: t.buildContext(b.Context), DockerfileInline: b.DockerfileInline, Dockerfile: t.dockerfile(b),
		Target: b.Target, Labels: b.Labels, Network: b.Network, Pull: b.Pull, NoCache: b.NoCache,
		CacheFrom: slices.Clone(b.CacheFrom), CacheTo: slices.Clone(b.CacheTo),
		ShmSize: int64(b.ShmSize), Entitlements: slices.Clone(b.Entitlements), Privileged: b.Privileged,
		Secrets: t.buildSecrets(b), Machine: t.Machine,
	}
	if args := b.Args.ToMapping(); len(args) > 0 { // compose-go has looked up those without a value
		out.Args = args
	}
	if len(b.AdditionalContexts) > 0 {
		out.AdditionalContexts = map[string]string{}
	}
	for name, context := range b.AdditionalContexts {
		out.AdditionalContexts[name] = t.buildContext(context)
	}
	for _, key := range b.SSH {
		text := key.ID
		if key.Path != "" {
			text += "=" + key.Path
		}
		out.SSH = append(out.SSH, text)
	}
	for _, host := range sortedKeys(b.ExtraHosts) {
		for _, address := range b.ExtraHosts[host] {
			out.ExtraHosts = append(out.ExtraHosts, host+"="+address)
		}
	}
	for _, name := range sortedKeys(b.Ulimits) {
		soft, hard := b.Ulimits[name].Soft, b.Ulimits[name].Hard
		if single := b.Ulimits[name].Single; single != 0 {
			soft, hard = single, single
		}
		out.Ulimits = append(out.Ulimits, fmt.Sprintf("%s=%d:%d", name, soft, hard))
	}
	slices.Sort(out.SSH)
	return out
}

// buildContext is absolute unless it is somewhere else than on this machine.
func (t *images) buildContext(context string) string {
	if spec.RemoteContext(context) {
		return context
	}
	return compose.Absolute(t.Directory, context)
}

// dockerfile is absolute unless it lies in a context elsewhere.
func (t *images) dockerfile(b *types.BuildConfig) string {
	if b.DockerfileInline != "" {
		return ""
	}
	name := cmp.Or(b.Dockerfile, "Dockerfile")
	if filepath.IsAbs(name) || spec.RemoteContext(b.Context) {
		return name
	}
	return filepath.Join(t.buildContext(b.Context), name)
}

// buildSecrets are secrets that the build alone reads: they stay on this machine.
func (t *images) buildSecrets(b *types.BuildConfig) []spec.BuildSecret {
	var out []spec.BuildSecret
	for _, s := range b.Secrets {
		config := t.Compose.Secrets[s.Source]
		out = append(out, spec.BuildSecret{ID: cmp.Or(s.Target, s.Source), File: config.File, Env: config.Environment})
	}
	return out
}

// checkBuilds looks at what the builds of all tasks need on this machine, each
// build once.
func (t *images) checkBuilds() {
	seen := map[string]bool{}
	for _, k := range t.tasks {
		for _, s := range k.containers() {
			build, by := t.buildOf(s)
			if build == nil {
				continue
			}
			if by != s.Name && s.step == nil {
				t.notef(s.at("image"), "", "uses the image that service %q builds: %s is not looked up in a registry", by, s.Image)
			}
			if !seen[by] {
				seen[by] = true
				t.checkBuild(build, by)
			}
		}
	}
}

// checkBuild refuses a build that cannot work, and says where.
func (t *images) checkBuild(b *types.BuildConfig, by string) {
	t.checkContext(t.buildContext(b.Context), at(by, "build", "context"))
	for _, name := range sortedKeys(b.AdditionalContexts) {
		path := at(by, "build", "additional_contexts", name)
		context := b.AdditionalContexts[name]
		if service, ok := strings.CutPrefix(context, types.ServicePrefix); ok {
			t.errorf(path, "make it a stage of the same Dockerfile, or name a published image: docker-image://NAME",
				"the image that service %q builds cannot be a build context: each image is built on its own", service)
			continue
		}
		t.checkContext(t.buildContext(context), path)
	}
	if file := t.dockerfile(b); file != "" && !spec.RemoteContext(b.Context) && isDirectory(t.buildContext(b.Context)) {
		path := at(by, "build", "dockerfile")
		if said, _ := t.OutsideText(nil, t.buildContext(b.Context)); said == "" && !t.admit(path, file) {
			return
		}
		t.checkDockerfile(file, path)
	}
	t.admitForBuilder(b, by)
	t.checkSyntax(b, by)
	t.checkTarget(b, by)
	for i, s := range b.Secrets {
		t.checkBuildSecret(s.Source, at(by, "build", "secrets", strconv.Itoa(i)))
	}
}

func (t *images) checkContext(context string, path diag.Path) {
	if spec.RemoteContext(context) {
		if name := localContext(context); name != "" {
			t.admit(path, compose.Absolute(t.Directory, name))
		}
		return
	}
	if !t.admit(path, context) {
		return
	}
	info, err := os.Stat(context)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.errorf(path, "make the directory, or correct the path", "no such build context: %s", t.Display(context))
	case err != nil:
		t.errorf(path, "", "the build context %s cannot be read: %s", t.Display(context), reason(err))
	case !info.IsDir():
		t.errorf(path, "name the directory that it is in, and the file under dockerfile", "%s is a file: a build context is a directory", t.Display(context))
	}
}

func (t *images) checkDockerfile(file string, path diag.Path) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.errorf(path, "set build.dockerfile, or replace build with image", "no such Dockerfile: %s", t.Display(file))
	case err != nil:
		t.errorf(path, "", "the Dockerfile %s cannot be read: %s", t.Display(file), reason(err))
	case !info.Mode().IsRegular():
		t.errorf(path, "name a file", "%s is not a file", t.Display(file))
	}
}

// checkSyntax warns of a Dockerfile from which nothing can be told. The builder has the
// last word: with a syntax line of its own it may well understand it.
func (t *images) checkSyntax(b *types.BuildConfig, by string) {
	problem := t.dockerfiles[b].problem
	if problem == "" {
		return
	}
	path, name := at(by, "build", "dockerfile"), t.Display(t.dockerfile(b))
	if b.DockerfileInline != "" {
		path, name = at(by, "build", "dockerfile_inline"), "the Dockerfile"
	}
	t.warnf(path, "correct it, unless your builder understands it",
		"%s cannot be understood: %s; so its ports, its user and what it copies are unknown here, and any file of the context may be in the image", name, problem)
}

// checkTarget refuses a stage that is not there, as BuildKit does ("target stage could
// not be found").
func (t *images) checkTarget(b *types.BuildConfig, by string) {
	stages := t.dockerfiles[b].stages
	if b.Target == "" || len(stages) == 0 || stageNamed(stages, b.Target) >= 0 {
		return
	}
	var names []string
	for _, s := range stages {
		if s.name != "" {
			names = append(names, s.name)
		}
	}
	help := cmp.Or(compose.DidYouMean(b.Target, names), "name the stage with AS in its FROM line, and write that name: a number is none")
	t.errorf(at(by, "build", "target"), help, "there is no stage %q in the Dockerfile", b.Target)
}

// checkBuildSecret looks at a secret of a build without reading it.
func (t *images) checkBuildSecret(name string, path diag.Path) {
	config := t.Compose.Secrets[name]
	if config.External {
		t.errorf(path, "give secret "+name+" a file or an environment variable", "a build cannot use secrets from AWS")
		return
	}
	if variable := config.Environment; variable != "" {
		if _, ok := t.Compose.Environment[variable]; !ok {
			text, help, _ := t.UnsetText(variable)
			t.errorf(diag.Path{"secrets", name, "environment"}, help, "%s, and a build needs it as a secret", text)
		}
		return
	}
	t.localFile(config.File, diag.Path{"secrets", name, "file"}, maxSecret, "keep larger data out of secrets")
}
