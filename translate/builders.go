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
	if service.Build != nil && (s.Image == "" || sameImage(s.Image, service.Image)) {
		return service.Build, s.Name
	}
	if s.Image == "" {
		return nil, ""
	}
	if by := p.builders()[withTag(s.Image)]; by != "" && by != s.Name {
		other := p.Compose.Services[by]
		if other.Build == nil {
			other = p.Compose.DisabledServices[by]
		}
		return other.Build, by
	}
	return nil, ""
}

// builders are the services that build images, by the name of the image: the one
// they give it, else the one that docker compose does. Of several the first by
// name.
func (p *Project) builders() map[string]string {
	p.buildersOnce.Do(func() {
		p.buildersOf = map[string]string{}
		all := p.Compose.AllServices()
		for _, name := range sortedKeys(all) {
			image := withTag(cmp.Or(all[name].Image, p.Name+"-"+name))
			if _, known := p.buildersOf[image]; all[name].Build != nil && !known {
				p.buildersOf[image] = name
			}
		}
	})
	return p.buildersOf
}

// withTag is an image's name without the tag that goes without saying.
func withTag(image string) string { return strings.TrimSuffix(image, ":latest") }

func sameImage(a, b string) bool {
	return b != "" && withTag(a) == withTag(b)
}

// imageName is the last part of the name of an image, without tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndexByte(image, '/')+1:]
	image, _, _ = strings.Cut(image, ":")
	return image
}
