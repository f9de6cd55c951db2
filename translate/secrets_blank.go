package translate

import (
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// blanks are the variables and the command lines of a task's containers that lack what a
// variable of this machine gives: where a task has them as secrets that work, or in its
// command lines, nobody wants to lose those because an .env is not there.
func (t *translation) blanks(k *task) []plan.Blank {
	var out []plan.Blank
	for _, s := range k.containers() {
		container := ecsName(s.Name)
		if s.step != nil {
			container = t.stepName(*s.step)
		}
		for _, name := range sortedKeys(s.Environment) {
			missing := t.Blank(s.at("environment", name)...)
			if s.Environment[name] == nil {
				missing = []string{name}
			}
			if len(missing) > 0 {
				out = append(out, plan.Blank{Field: diag.Path{"containerDefinitions", container, "secrets", name}, Missing: missing})
			}
		}
		out = append(out, t.commandBlanks(s, container)...)
	}
	return out
}
