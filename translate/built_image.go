package translate

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
)

// builtImage is what the Dockerfile of a build tells about its image.
type builtImage struct {
	build   *types.BuildConfig
	stages  []dockerStage
	end     int              // the stage that is built
	ignored *content.Ignored // what .dockerignore leaves out of the context
}

// readBuild is nil where the Dockerfile cannot be read or understood here.
func readBuild(g content.Gate, build *types.BuildConfig, stages []dockerStage) *builtImage {
	if len(stages) == 0 {
		return nil
	}
	out := &builtImage{build: build, stages: stages, end: stageNamed(stages, build.Target)}
	switch {
	case build.Target == "":
		out.end = len(stages) - 1
	case out.end < 0: // checkTarget says so
		return nil
	}
	file := ""
	if build.DockerfileInline == "" {
		file = dockerfileName(build)
	}
	if ignored, err := g.ReadIgnored(content.IgnoreFiles(build.Context, file)...); err == nil {
		out.ignored = ignored
	}
	return out
}

// chain are the stage that is built and those that it goes on from.
func (i *builtImage) chain() []dockerStage { return stagesOfTarget(i.stages, i.build.Target) }

// base is the published image that it goes on from.
func (i *builtImage) base() string {
	chain := i.chain()
	return chain[len(chain)-1].from
}

// user is that of the image; "" is that of its base.
func (i *builtImage) user() string {
	for _, s := range i.chain() {
		if s.user != "" {
			return s.user
		}
	}
	return ""
}

// command is its CMD, which an ENTRYPOINT takes from the stages below (Dockerfile
// reference, "Understand how CMD and ENTRYPOINT interact"); not known where that of its
// base counts.
func (i *builtImage) command() (words []string, known bool) {
	for _, s := range i.chain() {
		if s.command.line > 0 || s.entrypoint.line > 0 {
			return s.command.words, true
		}
	}
	return nil, false
}

// commandsOf are the ENTRYPOINT and the CMD that run in a service: its own come instead of
// them, and an entrypoint of its own instead of both.
func (i *builtImage) commandsOf(s container) []dockerWords {
	if s.Entrypoint != nil {
		return nil
	}
	var entrypoint, command dockerWords
	for _, stage := range i.chain() {
		if command.words == nil && entrypoint.words == nil && s.Command == nil {
			command = stage.command
		}
		if entrypoint.words == nil {
			entrypoint = stage.entrypoint
		}
	}
	return []dockerWords{entrypoint, command}
}

// volumes are the directories in which it means to keep data.
func (i *builtImage) volumes() []string {
	var out []string
	for _, s := range i.chain() {
		out = append(out, s.volumes...)
	}
	return out
}

// hasShell says whether nothing in its Dockerfile speaks against a shell.
func (i *builtImage) hasShell() bool {
	base := strings.ToLower(i.base())
	return base != "scratch" && !strings.Contains(base, "distroless") && !strings.Contains(base, "chainguard")
}

// runsShell says whether its Dockerfile runs a command by /bin/sh in the stage that is built
// or in one that this goes on from.
func (i *builtImage) runsShell() bool {
	return slices.ContainsFunc(i.chain(), func(s dockerStage) bool { return s.runsShell })
}

// places are the directories that it works in or puts files into.
func (i *builtImage) places() []string {
	var out []string
	for _, s := range i.chain() {
		out = append(out, s.workdirs...)
		for _, c := range s.copies {
			out = append(out, c.target)
		}
	}
	return slices.DeleteFunc(out, func(place string) bool { return place == "/" })
}

// puts says whether the build puts files into a directory or one around it.
func (i *builtImage) puts(target string) bool {
	return slices.ContainsFunc(i.places(), func(place string) bool { return within(target, place) })
}

// worksIn says whether the build puts files into a directory, one around it, or one in it.
func (i *builtImage) worksIn(target string) bool {
	return i.puts(target) || slices.ContainsFunc(i.places(), func(place string) bool { return within(place, target) })
}

// inContext is the path of a file of this machine in the build context; not ok where it
// is not in it.
func (i *builtImage) inContext(file string) (name string, ok bool) {
	return below(i.build.Context, file)
}

// below is a path of this machine from a directory, with slashes.
func below(dir, file string) (name string, ok bool) {
	if !filepath.IsAbs(dir) || !inside(dir, file) {
		return "", false
	}
	relative, err := filepath.Rel(dir, file)
	return filepath.ToSlash(relative), err == nil
}

// ignores says whether .dockerignore leaves out all of a file or directory of the
// context.
func (i *builtImage) ignores(file string) bool {
	name, ok := i.inContext(file)
	return ok && !i.ignored.LetsIn(i.build.Context, name, func(base string) bool { return !keepsEmpty(base) })
}

// has says whether the image has a directory of this machine at a path: because COPY
// puts it there, or puts there all parts of it.
func (i *builtImage) has(dir, target string) bool {
	if i.ignores(dir) {
		return false
	}
	if slices.Contains(i.landings(dir, true), target) {
		return true
	}
	parts := 0
	return i.hasParts(dir, target, maxParts, &parts) && parts > 0
}

// maxParts is how deep the parts of a directory are looked for, and maxFound how many.
const (
	maxParts = 4
	maxFound = 10_000
)

// hasParts says whether COPY puts every part of a directory where the directory would
// have it, and counts them. What a build alone needs, and what people read, is no part.
func (i *builtImage) hasParts(dir, target string, depth int, parts *int) bool {
	if depth == 0 {
		return false
	}
	for child, err := range content.Children(dir) {
		if err != nil || *parts > maxFound {
			return false
		}
		name, at := filepath.Join(dir, child.Name()), path.Join(target, child.Name())
		switch {
		case notRun(child.Name()), i.ignores(name):
		case slices.Contains(i.landings(name, child.IsDir()), at):
			*parts++
		case !child.IsDir(), !i.hasParts(name, at, depth-1, parts):
			return false
		}
	}
	return true
}

// notRun says whether a file or directory of a source tree is there for people and tools,
// and programs can do without it.
func notRun(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") || slices.Contains(shieldNames, name) || path.Ext(lower) == ".md" ||
		slices.ContainsFunc([]string{"dockerfile", "containerfile", "compose.", "docker-compose", "makefile", "license", "readme"},
			func(start string) bool { return strings.HasPrefix(lower, start) })
}

// shieldNames are directories that tools fill while an image is built. Mounted as
// volumes they keep the mount of a source tree from hiding them.
var shieldNames = []string{
	"node_modules", "bower_components", "vendor", ".venv", "venv", "site-packages", ".next", ".nuxt", ".svelte-kit", "target", "dist", "build",
	"bin", "obj", "deps", "_build", "bundle", "__pycache__", ".cache", ".bundle", ".gradle", ".m2", ".cargo", ".pnpm-store",
}

// keepsEmpty are files that keep an empty directory in a repository.
func keepsEmpty(name string) bool {
	return slices.Contains([]string{".gitkeep", ".gitignore", ".keep", ".empty", ".DS_Store"}, name)
}
