package translate

import (
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
func (t *translation) group() {
	t.holders = map[string]*task{}
	sidecars := map[string][]string{}
	for _, name := range sortedKeys(t.Compose.Services) {
		lead, ok := t.leadOf(name)
		switch {
		case !ok || !runs(t.Compose.Services[lead]):
		case lead == name:
			service := t.Compose.Services[name]
			task := &task{lead: &service, members: []*types.ServiceConfig{&service}}
			t.tasks = append(t.tasks, task)
			t.holders[name] = task
		default:
			sidecars[lead] = append(sidecars[lead], name)
		}
	}
	for _, task := range t.tasks {
		t.join(task, sidecars[task.name()])
	}
}

func (t *translation) join(k *task, sidecars []string) {
	for _, name := range sidecars {
		service := t.Compose.Services[name]
		if !runs(service) {
			continue
		}
		k.members = append(k.members, &service)
		t.holders[name] = k
		if service.GetScale() != 1 && service.GetScale() != k.lead.GetScale() {
			t.warnf(at(name), "", "as a sidecar it runs once in each task of %q: its own number of %d is not used", k.name(), service.GetScale())
		}
	}
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
// no sidecar. It is not ok where that leads nowhere.
func (t *translation) leadOf(name string) (lead string, ok bool) {
	seen := []string{name}
	for {
		next, path := t.joins(name)
		_, exists := t.Compose.Services[next]
		switch {
		case next == "":
			return name, true
		case next == name: // Load has refused it
			return "", false
		case slices.Contains(seen, next):
			if next == seen[0] && next == slices.Min(seen) { // once for all of them
				t.errorf(path, "", "%s share one task in a circle: none of them leads it", quoted(seen))
			}
			return "", false
		case !exists && t.X.services[next].gone(): // Load has refused it
			return "", false
		case !exists:
			t.errorf(path, "", "there is no active service %q to run beside", next)
			return "", false
		}
		name, seen = next, append(seen, next)
	}
}

// joins returns the service beside which another one runs, "" where it runs
// alone, and the path where that is said.
func (t *translation) joins(name string) (string, []string) {
	links := t.links(name)
	if len(links) == 0 {
		return "", nil
	}
	return links[0].service, links[0].path
}
