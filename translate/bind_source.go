package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// isSource says whether a directory is mounted over what an image is built from,
// so that changes show without a build: the image has it. It is, or holds, or is
// in the build context, and appears where the build puts its files.
func (l bindInspection) isSource() bool {
	build, _ := l.buildOf(l.service)
	if build == nil || !path.IsAbs(build.Context) {
		return false
	}
	switch {
	case inside(l.source, build.Context):
		return true
	case !inside(build.Context, l.source):
		return false
	}
	places := builtPlaces(dockerStages(build))
	if l.service.WorkingDir != "" {
		places = append(places, l.service.WorkingDir)
	}
	return slices.ContainsFunc(places, func(place string) bool { return within(l.target, place) })
}

// builtPlaces are the directories into which a Dockerfile puts files; nil where
// it cannot be read here.
func builtPlaces(stages []dockerStage) []string {
	var out []string
	for _, s := range stages {
		out = append(out, s.workdirs...)
		for _, c := range s.copies {
			out = append(out, c.target)
		}
	}
	// a variable may stand for anything, and / for everything
	return slices.DeleteFunc(out, func(place string) bool { return place == "/" || strings.Contains(place, "$") })
}

// shieldNames are directories that tools fill while an image is built. Mounted as
// volumes they keep the mount of a source tree from hiding them.
var shieldNames = []string{
	"node_modules", "bower_components", "vendor", ".venv", "venv", "site-packages", ".next", ".nuxt", ".svelte-kit", "target", "dist", "build",
	"bin", "obj", "deps", "_build", "bundle", "__pycache__", ".cache", ".bundle", ".gradle", ".m2", ".cargo", ".pnpm-store",
}

// isShield says whether a volume is there to keep a directory of the image from
// being hidden by the mount of a source tree, which is left out.
func (p *Project) isShield(s container, target string) bool {
	if !slices.Contains(shieldNames, path.Base(target)) {
		return false
	}
	return slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeBind && within(target, v.Target) && p.bindOf(s.Name, v.Source, v.Target, v.ReadOnly).kind == bindSource
	})
}

// isBuilt says whether the build of the image puts files into a directory and,
// as far as its Dockerfile tells, the image has a shell.
func (p *Project) isBuilt(s container, target string) bool {
	build, _ := p.buildOf(s)
	if build == nil {
		return false
	}
	stages := dockerStages(build)
	if len(stages) == 0 {
		return false
	}
	base := strings.ToLower(stages[len(stages)-1].from)
	if base == "scratch" || strings.Contains(base, "distroless") || strings.Contains(base, "chainguard") {
		return false
	}
	return slices.ContainsFunc(builtPlaces(stages), func(place string) bool { return within(target, place) })
}
