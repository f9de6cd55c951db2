package translate

import (
	"cmp"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// buildOf returns how the image of a container is built, and by which service: its
// own build, or that of another one whose image it runs. nil where the image is
// published.
func (p *Project) buildOf(s container) (build *types.BuildConfig, by string) {
	service := p.Compose.Services[s.Name]
	if service.Build != nil && (s.Image == "" || withoutLatest(s.Image) == withoutLatest(service.Image)) {
		return service.Build, s.Name
	}
	if builder := p.builders()[withoutLatest(s.Image)]; builder.Name != s.Name {
		return builder.Build, builder.Name
	}
	return nil, ""
}

// builders are the services that build images, by the name of the image: the one
// they give it, else the one that docker compose does. Of several the first by
// name.
func (p *Project) builders() map[string]types.ServiceConfig {
	p.buildersOnce.Do(func() {
		p.buildersOf = map[string]types.ServiceConfig{}
		all := p.Compose.AllServices()
		for _, name := range sortedKeys(all) {
			image := withoutLatest(cmp.Or(all[name].Image, p.Name+"-"+name))
			if _, known := p.buildersOf[image]; all[name].Build != nil && !known {
				p.buildersOf[image] = all[name]
			}
		}
	})
	return p.buildersOf
}

// withoutLatest is an image's name without the tag that goes without saying.
func withoutLatest(image string) string { return strings.TrimSuffix(image, ":latest") }

// builtImageOf is the image of a container that is built; nil where it is published, or
// its Dockerfile cannot be understood here.
func (p *Project) builtImageOf(s container) *builtImage {
	build, _ := p.buildOf(s)
	return p.builtImages[build]
}

// builds are those that containers of active services run, in the order of their names.
func (p *Project) builds() []*types.BuildConfig {
	var out []*types.BuildConfig
	known := map[*types.BuildConfig]bool{nil: true}
	for _, name := range p.Compose.ServiceNames() {
		s := p.Compose.Services[name]
		for _, c := range (container{ServiceConfig: &s}).with() {
			if build, _ := p.buildOf(c); !known[build] {
				known[build] = true
				out = append(out, build)
			}
		}
	}
	return out
}

// readBuilds reads what those images are made of.
func (p *Project) readBuilds() map[*types.BuildConfig]*builtImage {
	out := map[*types.BuildConfig]*builtImage{}
	for build, file := range p.dockerfiles {
		out[build] = readBuild(p.Gate, build, file.stages)
	}
	return out
}

// baseImage is the published image that a container runs, or that its own is made from.
func (p *Project) baseImage(s container) string {
	if build, _ := p.buildOf(s); build == nil {
		return s.Image
	}
	if built := p.builtImageOf(s); built != nil {
		return built.base()
	}
	return ""
}
