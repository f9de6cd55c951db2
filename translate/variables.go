package translate

import (
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// variables are the environment of a container, that of env files included. One
// without a value is left out, as compose does, and one that is kept as a secret
// is among those.
func (t *translation) variables(s container) []spec.EnvironmentEntry {
	var out []spec.EnvironmentEntry
	for _, name := range sortedKeys(s.Environment) {
		value := s.Environment[name]
		switch {
		case t.isSecretVariable(s, name):
		case value == nil:
			t.sayUnset(s.at("environment", name), name)
		default:
			out = append(out, spec.EnvironmentEntry{Name: name, Value: plan.Literal(*value)})
		}
	}
	return append(out, t.base.variables[s.Name]...)
}

// sayUnset speaks of a variable of a container that takes its value from the process.
func (t *translation) sayUnset(path diag.Path, name string) {
	if text, help, credential := t.UnsetText(name); credential {
		t.errorf(path, help, "%s", text)
		return
	}
	t.warnf(path, "set it in the environment or in .env, or write "+name+"=", "%s is not set here: left out", name)
}
