package translate

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// task is a compose service together with its sidecars: what becomes one task
// definition and one ECS service.
type task struct {
	main    container
	members []container // the main one, then its sidecars by name
}

func (k *task) name() string { return k.main.Name }

// member is not ok where the service is in another task.
func (k *task) member(service string) (m container, ok bool) {
	for _, m := range k.members {
		if m.Name == service {
			return m, true
		}
	}
	return container{}, false
}

func serviceAddress(name string) plan.Address {
	return plan.Address{Kind: spec.ServiceKind, Name: name}
}

func taskDefinitionAddress(name string) plan.Address {
	return plan.Address{Kind: spec.TaskDefinitionKind, Name: name}
}

// maxContainers is ECS's limit (service quotas page, "Containers per task
// definition").
const maxContainers = 10

// groupTasks is the first phase: it puts each service into the task that it runs
// in. A service without an image is left out, with its sidecars: Load has refused
// it.
func groupTasks(b *base) {
	b.taskOf = map[string]*task{}
	sidecars := map[string][]string{}
	for _, name := range sortedKeys(b.Compose.Services) {
		lead, wrong := b.mainOf(name)
		b.refuse(wrong...)
		switch {
		case lead == "" || !runs(b.Compose.Services[lead]):
		case lead == name:
			service := b.Compose.Services[name]
			lead := container{ServiceConfig: &service}
			task := &task{main: lead, members: []container{lead}}
			b.tasks = append(b.tasks, task)
			b.taskOf[name] = task
		default:
			sidecars[lead] = append(sidecars[lead], name)
		}
	}
	for _, task := range b.tasks {
		join(b, task, sidecars[task.name()])
	}
}

// runs says whether a service has anything to run: Load refuses the others.
func runs(s types.ServiceConfig) bool { return s.Image != "" || s.Build != nil }

func join(b *base, k *task, sidecars []string) {
	for _, name := range sidecars {
		service := b.Compose.Services[name]
		if !runs(service) {
			continue
		}
		k.members = append(k.members, container{ServiceConfig: &service})
		b.taskOf[name] = k
		if service.GetScale() != 1 && service.GetScale() != k.main.GetScale() {
			b.warnf(at(name), "", "as a sidecar it runs once in each task of %q: its own scale of %d is not used", k.name(), service.GetScale())
		}
	}
}

// mainOf follows a service to the one in whose task it runs, itself where it is
// no sidecar. It is "" where that leads nowhere, for what is wrong, unless Load has
// said so.
func (p *Project) mainOf(name string) (lead string, wrong []refusal) {
	seen := []string{name}
	for {
		var next string // in whose task it runs
		var path diag.Path
		if links := p.links(name); len(links) > 0 {
			next, path = links[0].service, links[0].path
		}
		_, exists := p.Compose.Services[next]
		switch {
		case next == "":
			return name, nil
		case next == name: // Load has refused it
			return "", nil
		case slices.Contains(seen, next):
			if next == seen[0] && next == slices.Min(seen) { // once for all of them
				return "", []refusal{{path, "", fmt.Sprintf("%s share one task in a circle: none of them owns it", compose.Quoted(seen))}}
			}
			return "", nil
		case !exists && p.X.Services[next].Gone(): // Load has refused it
			return "", nil
		case !exists:
			return "", []refusal{{path, "", fmt.Sprintf("there is no active service %q to run beside", next)}}
		}
		name, seen = next, append(seen, next)
	}
}
