package translate

import (
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// container is what the files say of one container of a task: a service, or a step
// of its pre_start.
type container struct {
	*types.ServiceConfig
	step *step // nil: the service itself
}

// at is the path of an attribute of the container.
func (c container) at(elements ...string) diag.Path {
	if c.step != nil {
		return append(c.step.path(), elements...)
	}
	return at(c.Name, elements...)
}

// key names the container in the stack: SERVICE, or SERVICE/pre-start-1.
func (c container) key() string {
	if c.step != nil {
		return c.Name + "/pre-start-" + strconv.Itoa(c.step.index+1)
	}
	return c.Name
}

// with is the container with its steps of pre_start.
func (c container) with() []container {
	out := []container{c}
	for _, p := range stepsOf(c.ServiceConfig) {
		out = append(out, p.container())
	}
	return out
}

// containers are the members of a task, each followed by its steps of pre_start.
func (k *task) containers() []container {
	var out []container
	for _, m := range k.members {
		out = append(out, m.with()...)
	}
	return out
}

// containerField is where a container is in its task definition.
func (p *Project) containerField(s container) string {
	if s.step != nil {
		return "containerDefinitions." + p.stepName(*s.step)
	}
	return "containerDefinitions." + ecsName(s.Name)
}

// testOf is the health check that the files write, nil without one.
func testOf(s container) []string {
	if s.HealthCheck == nil {
		return nil
	}
	return s.HealthCheck.Test
}
