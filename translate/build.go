package translate

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

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
	_, by := t.buildOf(s)
	out := spec.BuildSource{
		Service: s.Name, Platform: platform,
		Context: t.buildContext(b.Context), DockerfileInline: b.DockerfileInline, Dockerfile: t.dockerfile(b),
		Target: b.Target, Labels: b.Labels, Network: b.Network, Pull: b.Pull, NoCache: b.NoCache,
		CacheFrom: slices.Clone(b.CacheFrom), CacheTo: slices.Clone(b.CacheTo),
		ShmSize: int64(b.ShmSize), Entitlements: slices.Clone(b.Entitlements), Privileged: b.Privileged,
		Args: t.buildArgs(b), Secrets: t.buildSecrets(b, by), AdditionalContexts: t.otherContexts(b),
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
	if context == "" {
		context = "."
	}
	if remoteContext(context) {
		return context
	}
	return compose.Absolute(t.Directory, context)
}

// remoteContext says whether a context is a URL, another image or another
// service.
func remoteContext(context string) bool {
	if strings.Contains(context, "://") {
		return true
	}
	return slices.ContainsFunc([]string{"git@", "github.com/", "target:", "service:"}, func(prefix string) bool { return strings.HasPrefix(context, prefix) })
}

// dockerfile is absolute unless it lies in a context elsewhere.
func (t *images) dockerfile(b *types.BuildConfig) string {
	if b.DockerfileInline != "" {
		return ""
	}
	name := b.Dockerfile
	if name == "" {
		name = "Dockerfile"
	}
	if filepath.IsAbs(name) || remoteContext(b.Context) {
		return name
	}
	return filepath.Join(t.buildContext(b.Context), name)
}

// buildArgs are the build arguments with a value; one without a value takes it
// from the environment.
func (t *images) buildArgs(b *types.BuildConfig) map[string]string {
	var out map[string]string
	for name, value := range b.Args {
		text, ok := t.Compose.Environment[name]
		if value != nil {
			text, ok = *value, true
		}
		if !ok {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = text
	}
	return out
}

func (t *images) otherContexts(b *types.BuildConfig) map[string]string {
	var out map[string]string
	for name, context := range b.AdditionalContexts {
		if out == nil {
			out = map[string]string{}
		}
		out[name] = t.buildContext(context)
	}
	return out
}

// buildSecrets are secrets that the build alone reads: they stay on this machine.
func (t *images) buildSecrets(b *types.BuildConfig, _ string) []spec.BuildSecret {
	var out []spec.BuildSecret
	for _, s := range b.Secrets {
		id := s.Target
		if id == "" {
			id = s.Source
		}
		config := t.Compose.Secrets[s.Source]
		out = append(out, spec.BuildSecret{ID: id, File: config.File, Env: config.Environment})
	}
	return out
}
