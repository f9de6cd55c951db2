package translate

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// What is said of the content of directories: what is left out of it, what makes it
// change more often than it should, and what should not be in an image.

// sayLeftOut names what a mounted directory has that is not shipped.
func (c *collector) sayLeftOut(f fileTree, l *content.Listing) {
	if len(l.Odd) > 0 {
		c.errorf(f.path, "remove it, or mount only what the service reads", "a pipe or a device can be in no image: %s", c.shownFiles(l.Root, l.Odd))
	}
	if len(l.Sockets) > 0 {
		c.warnf(f.path, "", "left out, because nobody listens there in a task (sockets): %s", c.shownFiles(l.Root, l.Sockets))
	}
	if len(l.Git) > 0 {
		c.notef(f.path, "if the service reads it, copy it with COPY in a Dockerfile", "left out of the image: %s", c.shownFiles(l.Root, l.Git))
	}
}

// sayPrivate warns of files in a mount that everybody who can pull the image will
// be able to read.
func (c *collector) sayPrivate(f fileTree, l *content.Listing) {
	files, what := privateFiles(l, func(e content.Entry) string {
		if e.Private == "" && c.secret[l.File(e)] {
			return "a secret in it"
		}
		return e.Private
	})
	if len(files) == 0 {
		return
	}
	target := f.target
	if isMountedDirectory(f) {
		target = path.Join(target, files[0])
	}
	c.warnf(f.path, "deliver it as a secret: secrets: {NAME: {file: "+c.Display(filepath.Join(l.Root, filepath.FromSlash(files[0])))+
		"}}, and at the service secrets: [{source: NAME, target: "+target+"}]",
		"goes into the image, where everybody who may pull it can read it: %s (%s)", c.shownFiles(l.Root, files), what)
}

// sayPrivateConfig warns of a config that should be a secret.
func (t *fileLayers) sayPrivateConfig(name string, config types.ConfigObjConfig, text []byte) {
	what := content.Private(filepath.ToSlash(config.File), text)
	if place := (diag.Path{"configs", name, "file"}); config.File != "" && what != "" && !t.saidPrivate[name] {
		t.saidPrivate[name] = true
		t.warnf(place, "list it under secrets: instead of configs:",
			"goes into the image, where everybody who may pull it can read it: %s (%s)", t.Display(config.File), what)
	}
}

// privateFiles are those of a listing that are for nobody else, and what they are; kindOf is
// "" for the others.
func privateFiles(l *content.Listing, kindOf func(content.Entry) string) (files []string, what string) {
	var kinds []string
	for _, e := range l.Entries {
		kind := kindOf(e)
		if kind == "" {
			continue
		}
		files = append(files, e.Path)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return files, strings.Join(kinds, ", ")
}

// shownFiles names files below a directory, of many the first ones.
func (p *Project) shownFiles(root string, names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = p.Display(filepath.Join(root, filepath.FromSlash(name)))
	}
	return listed(shown)
}

// fileOf is the file that an error is about, else another one.
func fileOf(err error, other string) string {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		return inner.Path
	}
	return other
}

// ContextError says where the files ask for a build whose content cannot be read,
// and what to do about it.
func (p *Project) ContextError(b spec.BuildSource, err error) diag.List {
	var ds diag.List
	place := p.firstPath(at(b.Service, "build", "context"), at(b.Service, "build"))
	ignore := filepath.Join(b.Context, ".dockerignore")
	if many, ok := errors.AsType[*content.TooManyError](err); ok {
		ds.Errorf(p.At(place...), compose.Dotted(place), "list what the build does not need in "+p.Display(ignore),
			"the build context has more than %d files, most of them in %s", many.Most, p.Display(filepath.Join(b.Context, many.Largest)))
		return ds
	}
	ds.Errorf(p.At(place...), compose.Dotted(place), "make it readable, or list it in "+p.Display(ignore),
		"the build context has %s, which cannot be read: %s", p.Display(fileOf(err, b.Context)), reason(err))
	return ds
}

// AboutContexts says what the contexts of builds have that changes with every commit,
// that no builder takes, or that should not be in an image. Builds share contexts:
// each thing is said once.
func (p *Project) AboutContexts(builds []spec.BuildSource, found map[string]map[string]*content.Listing) diag.List {
	b := newBase(p, plan.Facts{})
	said := map[string]bool{}
	for _, build := range builds {
		for _, name := range sortedKeys(found[build.Service]) {
			place := at(build.Service, "build", "context")
			if name != "" {
				place = at(build.Service, "build", "additional_contexts", name)
			}
			aboutContext{b, build, p.firstPath(place, at(build.Service, "build")), name, said}.say(found[build.Service][name])
		}
	}
	return b.ds
}

// aboutContext is one context of a build.
type aboutContext struct {
	*base
	build spec.BuildSource
	place diag.Path
	name  string
	said  map[string]bool // what was said of which directory
}

func (c aboutContext) say(l *content.Listing) {
	ignore := c.Display(filepath.Join(l.Root, ".dockerignore"))
	if len(l.Odd) > 0 && c.first("odd", l.Root) {
		c.errorf(c.place, "remove it, or list it in "+ignore, "the build context has a pipe or a device, which can be in no image: %s", c.shownFiles(l.Root, l.Odd))
	}
	if c.first("home", l.Root) {
		c.admitHomes(c.place, l, "list it in "+ignore+", or ")
	}
	if len(l.Git) > 0 && c.first("git", l.Root) {
		c.notef(c.place, "list .git in "+ignore+", unless the build reads it",
			"the build context has %s: every commit makes a new image", c.shownFiles(l.Root, l.Git))
	}
	shipped := c.shipped(l)
	files, what := privateFiles(l, func(e content.Entry) string {
		if !shipped(e) {
			return ""
		}
		return e.Private
	})
	if len(files) > 0 && c.first("private", l.Root) {
		c.warnf(c.place, "list it in "+ignore+", and give it to the service under secrets:, or to the build under build.secrets",
			"goes into the image, where everybody who may pull it can read it: %s (%s)", c.shownFiles(l.Root, files), what)
	}
}

func (c aboutContext) first(what, root string) bool {
	key := what + " " + root
	defer func() { c.said[key] = true }()
	return !c.said[key]
}

// shipped says which files of the context the Dockerfile copies into the image, from
// stage to stage, as far as it can be understood: else any.
func (c aboutContext) shipped(l *content.Listing) func(content.Entry) bool {
	built := c.builtImages[c.Compose.Services[c.build.Service].Build]
	if built == nil {
		return func(content.Entry) bool { return true }
	}
	return func(e content.Entry) bool { return built.mayHave(l.File(e)) }
}

// FileOf names the file of this machine whose content a field of a resource is, as
// Dockerfiles and compose files do; "" where it is none.
func (p *Project) FileOf(r *plan.Resource, field diag.Path) string {
	if r.Address.Kind != spec.ImageKind || len(field) < 2 {
		return ""
	}
	name, _, _ := strings.Cut(r.Address.Name, "/")
	service, ok := p.Compose.Services[name]
	if !ok {
		return ""
	}
	var file string
	switch field[0] {
	case "contextFiles":
		build, _ := p.buildOf(container{ServiceConfig: &service})
		if build == nil || spec.RemoteContext(build.Context) {
			return field[1]
		}
		file = p.contextFile(build, field[1])
	case "files":
		file = p.mountedFile(&service, field[1])
	}
	relative, err := filepath.Rel(p.Directory, file)
	if file == "" || err != nil {
		return ""
	}
	return filepath.ToSlash(relative)
}

// contextFile is the file of this machine that a build names, as package image does: by its
// path in the context, or NAME:PATH in another one, or :NAME of the Dockerfile.
func (p *Project) contextFile(build *types.BuildConfig, field string) string {
	context := compose.Absolute(p.Directory, build.Context)
	name, inOther, colon := strings.Cut(field, ":")
	other, isOther := build.AdditionalContexts[name]
	switch {
	case colon && name == "":
		return compose.Absolute(context, build.Dockerfile)
	case colon && isOther:
		return filepath.Join(compose.Absolute(p.Directory, other), filepath.FromSlash(inOther))
	default:
		return filepath.Join(context, filepath.FromSlash(field))
	}
}

// mountedFile is the file of this machine that a service sees at a path; "" where that
// is none.
func (p *Project) mountedFile(s *types.ServiceConfig, target string) string {
	for _, c := range s.Configs {
		if file := p.Compose.Configs[c.Source].File; targetOf(c.Target, "/", c.Source) == target && file != "" {
			return compose.Absolute(p.Directory, file)
		}
	}
	deepest, out := "", ""
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind || !within(target, v.Target) || len(v.Target) < len(deepest) {
			continue
		}
		deepest = v.Target
		out = filepath.Join(v.Source, filepath.FromSlash(strings.TrimPrefix(target, path.Clean(v.Target))))
	}
	return out
}
