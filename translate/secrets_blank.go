package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
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
				out = append(out, plan.Blank{Field: diag.Path{"containerDefinitions", container, "secrets", name}, Missing: missing, Secret: true})
			}
			out = append(out, secretBlank(missing, "containerDefinitions", container, "environment", name)...)
		}
		for _, name := range sortedKeys(s.Labels) {
			out = append(out, secretBlank(t.Blank(s.at("labels", name)...), "containerDefinitions", container, "dockerLabels", name)...)
		}
		out = append(out, secretBlank(t.Blank(s.at("user")...), "containerDefinitions", container, "user")...)
		out = append(out, secretBlank(t.Blank(s.at("working_dir")...), "containerDefinitions", container, "workingDirectory")...)
		out = append(out, t.commandBlanks(s, container)...)
	}
	return out
}

// blankConfigs are the configs in the image of a container that lack what the variable of a
// secret gives.
func (p *Project) blankConfigs(s container) []plan.Blank {
	var out []plan.Blank
	for _, c := range s.Configs {
		missing := p.Blank("configs", c.Source, "content")
		if variable := p.Compose.Configs[c.Source].Environment; variable != "" && p.Compose.Environment[variable] == "" {
			missing = []string{variable}
		}
		out = append(out, secretBlank(missing, "files", targetOf(c.Target, "/", c.Source))...)
	}
	return out
}

// secretBlank is a field that lacks what a variable with the name of a secret gives, none where
// no variable has such a name.
func secretBlank(missing []string, field ...string) []plan.Blank {
	if !areSecret(missing) {
		return nil
	}
	return []plan.Blank{{Field: field, Missing: missing, Secret: true}}
}

// areSecret says whether one of some variables has the name of a secret.
func areSecret(names []string) bool { return slices.ContainsFunc(names, sensitive.Name) }
