package translate

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// builtPorts are the ports that the Dockerfile of a service and its base image
// expose; nil if the Dockerfile cannot be read here.
func builtPorts(images map[string]plan.Image, build *types.BuildConfig, protocol string) []int {
	stages := stagesOfTarget(dockerStages(build), build.Target)
	if len(stages) == 0 {
		return nil
	}
	var out []int
	for _, s := range stages {
		out = append(out, exposedPorts(s, protocol)...)
	}
	out = append(out, imagePorts(images, stages[len(stages)-1].from, protocol)...)
	slices.Sort(out)
	return slices.Compact(out)
}

// exposedPorts are those of one stage; a range of a hundred ports is hardly meant
// so.
func exposedPorts(s dockerStage, protocol string) []int {
	var out []int
	for _, text := range s.exposes {
		from, to, of, ok := parseExpose(text)
		if !ok || of != protocol || to-from >= 100 {
			continue
		}
		for port := from; port <= to; port++ {
			out = append(out, port)
		}
	}
	return out
}
