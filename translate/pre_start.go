package translate

import (
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
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

// config is what the step runs. compose-go has filled in what it inherits, but
// for the mounts of the service; its own come first.
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

func (p step) path() []string { return at(p.service.Name, "pre_start", strconv.Itoa(p.index)) }

// stepName is the name of the container of a step.
func (p *Project) stepName(s step) string {
	name := s.service.Name + "-pre-start-" + strconv.Itoa(s.index+1)
	if p.HasService(name) {
		name = s.service.Name + ":pre_start:" + strconv.Itoa(s.index+1) // no service has a colon
	}
	return ecsName(name)
}

// stepOfContainer finds the step behind a container's name.
func (p *Project) stepOfContainer(container string) (path []string, ok bool) {
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

// addPreStart puts the steps of a service before its container: each waits for
// the one before it, and the first for what the service waits for.
func (t *translation) addPreStart(k *task, s *types.ServiceConfig, d *spec.TaskDefinition) {
	i := slices.Index(k.members, s)
	waits := d.ContainerDefinitions[i].DependsOn
	for _, p := range stepsOf(s) {
		c := t.stepContainer(k, p)
		c.DependsOn = waits
		waits = []spec.ContainerDependsOn{{ContainerName: c.Name, Condition: "SUCCESS"}}
		d.ContainerDefinitions = append(d.ContainerDefinitions, c)
		if scale := k.lead.GetScale(); scale > 1 && !s.PreStart[p.index].PerReplica {
			t.warnf(p.path(), "write per_replica: true where it may run in each",
				"runs in each of the %d tasks of %q, not once for all of them", scale, k.name())
		}
	}
	if len(s.PreStart) > 0 {
		d.ContainerDefinitions[i].DependsOn = append(slices.Clone(d.ContainerDefinitions[i].DependsOn), waits...)
	}
}

// stepContainer is the container definition of a step. It has the task to
// itself, and what its service may use.
func (t *translation) stepContainer(k *task, p step) spec.Container {
	var out spec.Container
	t.within(p, func() { out = t.container(k, p.config()) })
	out.Name = t.stepName(p)
	out.Essential = false
	out.RestartPolicy = nil
	out.Cpu, out.Memory, out.MemoryReservation = 0, 0, 0
	return out
}

// within speaks, while f runs, of attributes of a service as of those of a step:
// at the step where they are written there, and not at all where they are
// inherited, since then they were spoken of at the service.
func (t *translation) within(p step, f func()) {
	t.step = &p
	f()
	t.step = nil
}

// spoken returns the path to speak of: within a step, that of the step. Not ok
// where the step inherits the attribute.
func (b *base) spoken(path []string) ([]string, bool) {
	if b.step == nil || len(path) < 3 || !slices.Equal(path[:2], at(b.step.service.Name)) {
		return path, true
	}
	moved := append(b.step.path(), path[2:]...)
	depth := b.Depth(moved...)
	inherited := depth < 5 || depth < len(moved) && moved[4] == "volumes"
	return moved, !inherited
}
