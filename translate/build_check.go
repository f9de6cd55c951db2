package translate

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

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
	if file := t.dockerfile(b); file != "" && !remoteContext(b.Context) && isDirectory(t.buildContext(b.Context)) {
		t.checkDockerfile(file, at(by, "build", "dockerfile"))
	}
	for i, s := range b.Secrets {
		t.checkBuildSecret(s.Source, at(by, "build", "secrets", strconv.Itoa(i)))
	}
}

func (t *images) checkContext(context string, path diag.Path) {
	if remoteContext(context) {
		return
	}
	info, err := os.Stat(context)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.errorf(path, "make the directory, or correct the path", "no such build context: %s", t.shown(context))
	case err != nil:
		t.errorf(path, "", "the build context %s cannot be read: %s", t.shown(context), reason(err))
	case !info.IsDir():
		t.errorf(path, "name the directory that it is in, and the file under dockerfile", "%s is a file: a build context is a directory", t.shown(context))
	}
}

func (t *images) checkDockerfile(file string, path diag.Path) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.errorf(path, "set build.dockerfile, or replace build with image", "no such Dockerfile: %s", t.shown(file))
	case err != nil:
		t.errorf(path, "", "the Dockerfile %s cannot be read: %s", t.shown(file), reason(err))
	case !info.Mode().IsRegular():
		t.errorf(path, "name a file", "%s is not a file", t.shown(file))
	}
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
			t.errorf(diag.Path{"secrets", name, "environment"}, compose.SetHelp(variable), "variable %q is not set, and a build needs it as a secret", variable)
		}
		return
	}
	t.localFile(config.File, diag.Path{"secrets", name, "file"}, maxSecret, "keep larger data out of secrets")
}
