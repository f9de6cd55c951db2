package translate

import (
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// step is an item of pre_start: a container that must end well before that of
// its service starts.
type step struct {
	service *types.ServiceConfig
	index   int
}

func stepsOf(s *types.ServiceConfig) []step {
	var out []step
	for i := range s.PreStart {
		out = append(out, step{s, i})
	}
	return out
}

func (p step) container() container { return container{p.config(), &p} }

// config is what the step runs. compose-go has filled in what it inherits,
// except the mounts of the service; the step's own mounts come first.
func (p step) config() *types.ServiceConfig {
	out := &types.ServiceConfig{Name: p.service.Name, ContainerSpec: p.service.PreStart[p.index].ContainerSpec}
	own := out.Volumes
	out.Volumes = slices.Clone(own)
	for _, v := range p.service.Volumes {
		if !slices.ContainsFunc(own, func(o types.ServiceVolumeConfig) bool { return o.Target == v.Target }) {
			out.Volumes = append(out.Volumes, v)
		}
	}
	return out
}

func (p step) path() diag.Path { return at(p.service.Name, "pre_start", strconv.Itoa(p.index)) }

// stepName is the name of the container of a step.
func (p *Project) stepName(s step) string {
	name := s.service.Name + "-pre-start-" + strconv.Itoa(s.index+1)
	if p.HasService(name) {
		name = s.service.Name + ":pre_start:" + strconv.Itoa(s.index+1) // no service has a colon
	}
	return ecsName(name)
}

// stepOfContainer finds the step behind a container's name.
func (p *Project) stepOfContainer(container string) (path diag.Path, ok bool) {
	for name := range p.Compose.Services {
		s := p.Compose.Services[name]
		for _, step := range stepsOf(&s) {
			if p.stepName(step) == container {
				return step.path(), true
			}
		}
	}
	return nil, false
}
