package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Once is one run of a service by hand, beside the tasks that it has.
type Once struct {
	Service string
	Command []string // in place of that of the service; nil: that
	Suffix  string   // makes its name one of its own: SERVICE-SUFFIX
}

// Name is what its ECS service is called, and the prefix of its log streams.
func (o Once) Name() string { return o.Service + "-" + o.Suffix }

// SharesTaskOf is the service in whose task one runs; "" where it has a task of its own.
func (p *Project) SharesTaskOf(service string) string {
	if lead, _ := p.mainOf(service); lead != service {
		return lead
	}
	return ""
}

// StackWith is Stack with a run of a service in it, which ends by itself and which nobody
// reaches. Its task has what those of the service have: image, environment, secrets, volumes,
// networks, role.
func (p *Project) StackWith(facts plan.Facts, once Once) (*plan.Stack, diag.List) {
	return p.stack(facts, &once)
}

// addOnce adds the run to the stack.
func (t *translation) addOnce(k *task, definition *spec.TaskDefinition, once *Once) {
	if once == nil || k.name() != once.Service || definition == nil {
		return
	}
	name := once.Name()
	d := t.definitionOnce(k, definition, *once)
	at := t.At(at(k.name())...)
	r := t.add(taskDefinitionAddress(name), at, d)
	r.Locks = t.locks(k)
	s := t.ecsService(k, name, false, ofRun)
	s.ServiceConnectConfiguration = asClient(s.ServiceConnectConfiguration)
	r = t.add(serviceAddress(name), at, s)
	r.Needs, r.Names = t.storageNeeds(k), t.names.namesUsed(k)
	r.Run = t.runOf(ecsName(k.name()), d)
}

// asClient finds others and offers nothing.
func asClient(c *spec.ServiceConnect) *spec.ServiceConnect {
	if c == nil {
		return nil
	}
	out := *c
	out.Services = nil
	return &out
}

// definitionOnce is the task definition of a service with its container to be run once. The
// containers of sidecars are there as well: they may be the way to a database.
func (t *translation) definitionOnce(k *task, definition *spec.TaskDefinition, once Once) *spec.TaskDefinition {
	d := plan.Map(definition, func(v plan.Value) plan.Value { return v }).(*spec.TaskDefinition)
	d.Family = familyName(t.Name, once.Name())
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		c.Essential = c.FirelensConfiguration != nil
		if c.Name == ecsName(k.name()) {
			c.PortMappings, c.HealthCheck, c.RestartPolicy = nil, nil, nil
			commandOnce(k.main, c, once.Command)
		}
		if l := c.LogConfiguration; l != nil && l.LogDriver == awslogs {
			l.Options["awslogs-stream-prefix"] = plan.Literal(once.Name())
		}
	}
	d.ContainerDefinitions = slices.DeleteFunc(d.ContainerDefinitions, func(c spec.Container) bool { return c.Name == t.keeperName(k) })
	d.ContainerDefinitions = append(d.ContainerDefinitions, t.keeperContainer(k, once.Name()))
	return d
}

// commandOnce gives a container another command, behind the entrypoint that it has.
func commandOnce(s container, c *spec.Container, command []string) {
	switch {
	case len(command) == 0:
	case isCleared(s.Entrypoint):
		c.EntryPoint, c.Command = command, nil
	default:
		c.EntryPoint, c.Command = slices.Clone(s.Entrypoint), command
	}
}
