package translate

import (
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// mount is a volume that a service mounts, and where the files say so.
type mount struct {
	task     *task
	volume   string // as compose calls it; "" for an anonymous one
	name     string // as the task definition calls it
	target   string
	readOnly bool
	path     []string
}

// mountsOf are the mounts of a service that Fargate can have.
func (t *translation) mountsOf(s *types.ServiceConfig) []*mount {
	var out []*mount
	for i, v := range s.Volumes {
		if v.Type != types.VolumeTypeVolume {
			continue // in memory, or Load refuses it
		}
		m := &mount{
			task: t.holders[s.Name], volume: v.Source, target: v.Target, readOnly: v.ReadOnly,
			path: at(s.Name, "volumes", strconv.Itoa(i)),
		}
		m.name = ecsName(m.volume)
		if m.volume == "" {
			m.name = ecsName(s.Name + ":" + v.Target) // no name of a volume has a colon
		}
		out = append(out, m)
	}
	return out
}

// volumes is the scratch storage of a task: what its containers mount. It says
// that it doesn't last.
func (t *translation) volumes(k *task) []spec.Volume {
	var names []string
	for _, s := range k.members {
		mount := func(s *types.ServiceConfig) {
			for _, m := range t.mountsOf(s) {
				names = append(names, m.name)
				t.warnLost(m)
			}
		}
		mount(s)
		for _, p := range stepsOf(s) {
			t.within(p, func() { mount(p.config()) })
		}
	}
	slices.Sort(names)
	var out []spec.Volume
	for _, name := range slices.Compact(names) {
		out = append(out, spec.Volume{Name: name})
	}
	return out
}

// warnLost says that what is written to a volume does not last.
func (t *translation) warnLost(m *mount) {
	switch {
	case m.volume == "":
		t.warnf(m.path, "", "data in %s dies with the task", m.target)
	default:
		t.warnf(m.path, "", "data in volume %q dies with the task: volumes that last are not supported yet", m.volume)
		if t.mounts == nil {
			t.mounts = map[string][]*task{}
		}
		t.mounts[m.volume] = append(t.mounts[m.volume], m.task)
	}
}

func (t *translation) mountPoints(s *types.ServiceConfig) []spec.MountPoint {
	var out []spec.MountPoint
	for _, m := range t.mountsOf(s) {
		out = append(out, spec.MountPoint{SourceVolume: m.name, ContainerPath: m.target, ReadOnly: m.readOnly})
	}
	return out
}

// warnShared says of volumes that several tasks mount that each has its own.
func (t *translation) warnShared() {
	for _, volume := range sortedKeys(t.mounts) {
		path := []string{"volumes", volume}
		first := t.mounts[volume][0]
		var services []string
		for _, k := range t.mounts[volume] {
			services = append(services, k.name())
		}
		slices.Sort(services)
		switch services = slices.Compact(services); {
		case len(services) > 1:
			t.warnf(path, "run them in one task with x-fargate.sidecar_of",
				"not shared: %s run in tasks of their own, and each has an empty one", quoted(services))
		case first.lead.GetScale() > 1:
			t.warnf(path, "", "not shared: each of the %d tasks of %q has an empty one", first.lead.GetScale(), first.name())
		}
	}
}
