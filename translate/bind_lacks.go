package translate

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// sayLacks says what a program that mounts a directory finds there, and does not find in
// the image that is built from it.
func (t *storage) sayLacks(b bind, s container, v types.ServiceVolumeConfig, place diag.Path) {
	if b.lacks.many {
		t.warnf(place, "let them in with ! in .dockerignore, or mount the directories that the service needs by themselves",
			"the image lacks more than %d files of %s that docker mounts there: COPY leaves them out", maxLacking, b.shown)
	}
	private := slices.DeleteFunc(slices.Clone(b.lacks.private), func(file string) bool { return givesVariables(s, file) })
	if len(private) > 0 {
		first := mountedBelow(t.canonical(v.Source), v, private[0])
		help := "deliver it as a secret: secrets: {NAME: {file: " + t.Display(private[0]) + "}}, and at the service secrets: [{source: NAME, target: " + first + "}]"
		if isVariables(private[0]) {
			help = "give its variables to the service: env_file: [" + t.Display(private[0]) + "]; or deliver it as a secret, with " + first + " as its target"
		}
		t.warnf(place, help, "is not in the image, because .dockerignore or --exclude leaves it out, and docker mounts it there: %s", t.listedFiles(private))
	}
	if len(b.lacks.data) > 0 {
		dir := b.lacks.data[0]
		t.warnf(place, "mount it by itself, and it becomes an EFS volume: "+t.pathText(dir)+":"+mountedBelow(t.canonical(v.Source), v, dir),
			"is not in the image, because .dockerignore or --exclude leaves it out, and what the service writes there is lost when the task stops: %s", t.listedFiles(b.lacks.data))
	}
}

// sayParts says what goes into an image that is built without it.
func (t *storage) sayParts(b bind, place diag.Path) {
	shown := slices.DeleteFunc(b.lacks.shown(), func(name string) bool { return t.binds.data[name] })
	if len(shown) > 0 {
		t.notef(place, "let it in with ! in .dockerignore to have it copied with the rest",
			"the image is built from it, but for what .dockerignore or --exclude leaves out, which goes into the image as well: %s", t.listedFiles(shown))
	}
}

// mountedBelow is where a mount shows a file of its source.
func mountedBelow(source string, v types.ServiceVolumeConfig, file string) string {
	relative, _ := below(source, file)
	return path.Join(v.Target, relative)
}

// listedFiles names files of this machine, of many the first ones.
func (p *Project) listedFiles(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = p.Display(name)
	}
	return listed(shown)
}

func isVariables(file string) bool {
	return content.Private(path.Base(file), nil) == "a file of variables"
}

// givesVariables says whether a service has the variables of a file in its environment.
func givesVariables(s container, file string) bool {
	return slices.ContainsFunc(s.EnvFiles, func(f types.EnvFile) bool { return path.Clean(filepath.ToSlash(f.Path)) == file })
}
