package translate

import (
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// discovery makes what the names of services need beside the services.
func (t *translation) discovery() {}

// serviceConnect is under which names the service of a task is found, nil where
// nobody has a name.
func (t *translation) serviceConnect(*task) *spec.ServiceConnect { return nil }

// serviceRegistries are those of private DNS.
func (t *translation) serviceRegistries(*task) []spec.ServiceRegistry { return nil }

// namesUsed are the names of other services that the task uses.
func (t *translation) namesUsed(*task) []plan.Ref { return nil }
