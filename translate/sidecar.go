package translate

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// task is a compose service together with its sidecars: what becomes one task
// definition and one ECS service.
type task struct {
	lead    *types.ServiceConfig
	members []*types.ServiceConfig // the lead, then its sidecars by name
}

func (k *task) name() string { return k.lead.Name }

// member returns nil where the service is in another task.
func (k *task) member(service string) *types.ServiceConfig {
	for _, m := range k.members {
		if m.Name == service {
			return m
		}
	}
	return nil
}

// maxContainers is ECS's limit (service quotas page, "Containers per task
// definition").
const maxContainers = 10

// group puts each service into the task that it runs in. A service without an
// image is left out, with its sidecars: Load has refused it.
func (b *base) group() {
	b.holders = map[string]*task{}
	sidecars := map[string][]string{}
	for _, name := range sortedKeys(b.Compose.Services) {
		lead, ok, path, why := b.leadOf(name)
		if why != "" {
			b.errorf(path, "", "%s", why)
		}
		switch {
		case !ok || !runs(b.Compose.Services[lead]):
		case lead == name:
			service := b.Compose.Services[name]
			task := &task{lead: &service, members: []*types.ServiceConfig{&service}}
			b.tasks = append(b.tasks, task)
			b.holders[name] = task
		default:
			sidecars[lead] = append(sidecars[lead], name)
		}
	}
	for _, task := range b.tasks {
		b.join(task, sidecars[task.name()])
	}
}

func (b *base) join(k *task, sidecars []string) {
	for _, name := range sidecars {
		service := b.Compose.Services[name]
		if !runs(service) {
			continue
		}
		k.members = append(k.members, &service)
		b.holders[name] = k
		if service.GetScale() != 1 && service.GetScale() != k.lead.GetScale() {
			b.warnf(at(name), "", "as a sidecar it runs once in each task of %q: its own number of %d is not used", k.name(), service.GetScale())
		}
	}
}

// refuseMany refuses more containers in a task than ECS allows.
func (t *translation) refuseMany(k *task) {
	containers := len(k.members)
	for _, m := range k.members {
		containers += len(m.PreStart) + min(len(t.seededMounts(m)), 1)
	}
	if containers > maxContainers {
		t.errorf(at(k.name()), "give some of them a task of their own",
			"%d containers in one task, ECS takes %d", containers, maxContainers)
	}
}

// leadOf follows a service to the one in whose task it runs, itself where it is
// no sidecar. It is not ok where that leads nowhere; why is then what there is to
// say at path, "" where Load has said it.
func (p *Project) leadOf(name string) (lead string, ok bool, path []string, why string) {
	seen := []string{name}
	for {
		next, path := p.joins(name)
		_, exists := p.Compose.Services[next]
		switch {
		case next == "":
			return name, true, nil, ""
		case next == name: // Load has refused it
			return "", false, nil, ""
		case slices.Contains(seen, next):
			if next == seen[0] && next == slices.Min(seen) { // once for all of them
				why = quoted(seen) + " share one task in a circle: none of them leads it"
			}
			return "", false, path, why
		case !exists && p.X.services[next].gone(): // Load has refused it
			return "", false, nil, ""
		case !exists:
			return "", false, path, fmt.Sprintf("there is no active service %q to run beside", next)
		}
		name, seen = next, append(seen, next)
	}
}

// joins returns the service beside which another one runs, "" where it runs
// alone, and the path where that is said.
func (p *Project) joins(name string) (string, []string) {
	links := p.links(name)
	if len(links) == 0 {
		return "", nil
	}
	return links[0].service, links[0].path
}
