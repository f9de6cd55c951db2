package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// link is a word of a service about another one that puts both into one task.
type link struct {
	service string // the other one; "": a container that is not of these files
	path    diag.Path
	shares  string // what they share
}

// links are the reasons for which a service shares a task with another one, the
// one that decides first.
func (p *Project) links(name string) []link {
	s := p.Compose.Services[name]
	var out []link
	if lead := p.X.Service(name).SidecarOf; lead != "" {
		out = append(out, link{lead, at(name, xfargate.Key, "sidecar_of"), ""})
	}
	if other, ok := p.named(s.NetworkMode); ok {
		out = append(out, link{other, at(name, "network_mode"), ""})
	}
	if other, ok := p.named(s.Pid); ok {
		out = append(out, link{other, at(name, "pid"), "processes"})
	}
	for i, text := range s.VolumesFrom {
		other, _ := p.volumesOf(text)
		out = append(out, link{other, at(name, "volumes_from", strconv.Itoa(i)), "volumes"})
	}
	return slices.DeleteFunc(out, func(l link) bool { return l.service == "" })
}

// named returns the service that service:NAME or container:NAME refers to, ""
// if it is not in these files; not ok if the text has neither form.
func (p *Project) named(text string) (service string, ok bool) {
	if name, ok := strings.CutPrefix(text, types.ServicePrefix); ok {
		return name, true
	}
	if name, ok := strings.CutPrefix(text, types.ContainerPrefix); ok {
		return p.serviceOfName(name), true
	}
	return "", false
}

// serviceOfName finds the active service whose container docker compose calls
// so, or which is called so itself.
func (p *Project) serviceOfName(container string) string {
	for _, name := range sortedKeys(p.Compose.Services) {
		s := p.Compose.Services[name]
		if s.ContainerName == container || s.ContainerName == "" && container == p.Name+"-"+name+"-1" {
			return name
		}
	}
	if p.HasService(container) {
		return container
	}
	return ""
}

// volumesOf reads an item of volumes_from: SERVICE or container:NAME, either
// with :ro or :rw behind it.
func (p *Project) volumesOf(text string) (service string, readOnly bool) {
	text, isContainer := strings.CutPrefix(text, types.ContainerPrefix)
	name, mode, _ := strings.Cut(text, ":")
	if isContainer {
		name = p.serviceOfName(name)
	}
	return name, mode == "ro"
}

// mainServices returns, for every service, the main service of the task that it runs
// in: itself if it has a task of its own.
func (p *Project) mainServices() map[string]string {
	out := make(map[string]string, len(p.Compose.Services))
	for name := range p.Compose.Services {
		out[name] = name
		if lead, _ := p.mainOf(name); lead != "" {
			out[name] = lead
		}
	}
	return out
}

// sayShared reports services that share a task because they share processes or
// volumes, and refuses those that cannot.
func sayShared(b *base) {
	for _, name := range sortedKeys(b.Compose.Services) {
		holder := b.taskOf[name]
		for i, l := range b.links(name) {
			other := b.taskOf[l.service]
			switch {
			case holder == nil || other == nil: // has been refused
			case other != holder:
				b.errorf(l.path, "put both beside the same service, with x-fargate.sidecar_of",
					"%q runs in the task of %q, and this service in that of %q: containers in different tasks cannot share namespaces or volumes",
					l.service, other.name(), holder.name())
			case i == 0 && l.shares != "":
				b.notef(l.path, "", "runs in the task of %q to share its %s: they have one network, and start and stop together", other.name(), l.shares)
			}
		}
	}
}

// pidMode is that of a task whose containers see each other's processes.
func pidMode(b *base, k *task) string {
	for _, m := range k.members {
		if _, ok := b.named(m.Pid); ok {
			return "task"
		}
	}
	return ""
}

// mounted is what a container mounts, and where the files ask for it.
type mounted struct {
	name   string // of the volume, in the task
	target string
	path   diag.Path
}

// volumesFrom are the containers whose mounts a service has as well; mounts tells
// those of each.
func volumesFrom(b *base, k *task, s container, mounts func(container) []mounted) []spec.VolumeFrom {
	var out []spec.VolumeFrom
	for i, text := range s.VolumesFrom {
		name, readOnly := b.volumesOf(text)
		source, ok := k.member(name)
		if !ok || slices.ContainsFunc(out, func(v spec.VolumeFrom) bool { return v.SourceContainer == ecsName(name) }) {
			continue
		}
		refuseDoubleMounts(b, mounts(s), mounts(source), source.Name, s.at("volumes_from", strconv.Itoa(i)))
		out = append(out, spec.VolumeFrom{SourceContainer: ecsName(name), ReadOnly: readOnly})
	}
	return out
}

// refuseDoubleMounts looks for a path at which a service mounts something itself
// and would have something else from another one.
func refuseDoubleMounts(b *base, ofService, ofSource []mounted, source string, path diag.Path) {
	for _, own := range ofService {
		for _, other := range ofSource {
			if own.target == other.target && own.name != other.name {
				b.errorf(path, "mount one of the two elsewhere, or name the volumes under volumes",
					"%s is mounted by %q, at %s, and by this service itself, at %s",
					own.target, source, b.At(other.path...), b.At(own.path...))
			}
		}
	}
}
