package translate

import (
	"maps"
	"slices"

	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// cover puts placeholders in place of what must not be shown of a stack.
type cover struct{ stack *plan.Stack }

// spec returns the spec of a resource with placeholders. The spec itself stays as it is.
func (c cover) spec(r *plan.Resource) any {
	switch spec := r.Spec.(type) {
	case *spec.Image:
		return c.image(r.Address, spec)
	case *spec.TaskDefinition:
		copied := *spec
		copied.ContainerDefinitions = slices.Clone(spec.ContainerDefinitions)
		for i := range copied.ContainerDefinitions {
			c.container(&copied.ContainerDefinitions[i], serviceOf(r.Address, copied.ContainerDefinitions[i].Name))
		}
		return &copied
	default:
		return r.Spec
	}
}

// image covers the texts of files in which there may be secrets.
func (c cover) image(address plan.Address, i *spec.Image) *spec.Image {
	copied := *i
	copied.Files = slices.Clone(i.Files)
	for j, f := range copied.Files {
		if sensitive.File(f.Path, f.Text) || c.stack.Hides(f.Text) {
			copied.Files[j].Text = secretPlaceholder(address.Name, f.Path)
		}
	}
	return &copied
}

// serviceOf is the compose service of a container; of one whose name AWS does
// not take, the name it has there.
func serviceOf(address plan.Address, container string) string {
	if ecsName(address.Name) == container {
		return address.Name
	}
	return container
}

func (c cover) container(d *spec.Container, service string) {
	d.Environment = slices.Clone(d.Environment)
	for i, e := range d.Environment {
		if c.covers(e.Name, e.Value.String()) {
			d.Environment[i].Value = plan.Literal(secretPlaceholder(service, e.Name))
		}
	}
	d.EntryPoint = c.words(d.EntryPoint, service, "entrypoint")
	d.Command = c.words(d.Command, service, "command")
	if d.HealthCheck != nil {
		copied := *d.HealthCheck
		copied.Command = c.words(copied.Command, service, "healthcheck")
		d.HealthCheck = &copied
	}
	if d.LogConfiguration != nil {
		copied := *d.LogConfiguration
		copied.Options = maps.Clone(copied.Options)
		for name, value := range copied.Options {
			if c.covers(name, value.Text) {
				copied.Options[name] = plan.Literal(secretPlaceholder(service, name))
			}
		}
		d.LogConfiguration = &copied
	}
	d.DockerLabels = maps.Clone(d.DockerLabels)
	for name, value := range d.DockerLabels {
		if c.covers(name, value) {
			d.DockerLabels[name] = secretPlaceholder(service, name)
		}
	}
}

func (c cover) covers(name, value string) bool {
	return sensitive.Is(name, value) || c.stack.Hides(value)
}

// words covers the secrets of a command line.
func (c cover) words(words []string, service, attribute string) []string {
	words = slices.Clone(words)
	for i, secret := range sensitive.Command(words) {
		if secret || c.stack.Hides(words[i]) {
			words[i] = secretPlaceholder(service, attribute)
		}
	}
	return words
}

func secretPlaceholder(service, name string) string { return "${secret:" + service + "." + name + "}" }
