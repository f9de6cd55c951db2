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

// imageName is the last part of the name of an image, without tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndexByte(image, '/')+1:]
	image, _, _ = strings.Cut(image, ":")
	return image
}

// withoutLatest is an image's name without the tag that goes without saying.
func withoutLatest(image string) string { return strings.TrimSuffix(image, ":latest") }
