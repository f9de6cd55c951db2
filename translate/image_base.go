package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// isPublished says whether what a stage begins with can be an image of a registry.
func isPublished(from string) bool {
	return from != "" && from != "scratch" && !strings.Contains(from, "$")
}

// laterPort is the place of what tells of a port that the releases before the third did not
// know: the base image of a Dockerfile, which they did not look up, or a tag. It is the zero
// value for a port that they knew.
func (b *base) laterPort(s container, port int) diag.Pos {
	if slices.Contains(b.formerPorts(s), port) {
		return diag.Pos{}
	}
	return b.At(b.portPath(s)...)
}

// portPath is where the files say what image a service runs.
func (b *base) portPath(s container) diag.Path {
	if s.Build != nil {
		return at(s.Name, "build")
	}
	return at(s.Name, "image")
}

// formerPorts are the TCP ports of images that the releases before the third knew.
func (b *base) formerPorts(s container) []int {
	if s.Build == nil {
		return b.formerImagePorts(s.Image)
	}
	var out []int
	stages := stagesOfTarget(dockerStages(b.Gate, s.Build), s.Build.Target)
	for _, stage := range stages {
		out = append(out, exposedPorts(stage, "tcp")...)
	}
	if len(stages) == 0 {
		return nil
	}
	return append(out, b.formerImagePorts(stages[len(stages)-1].from)...)
}

// formerImagePorts are those of an image that a service runs as it is, or that is known
// by its name. One that was looked up only because a Dockerfile begins with it has no digest.
func (b *base) formerImagePorts(image string) []int {
	if known, looked := b.facts.Images[image]; looked && known.Digest != "" {
		return imagePorts(b.facts.Images, image, "tcp")
	}
	return knownOf(image).Ports
}
