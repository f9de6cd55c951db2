package spec

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// What the third release decides otherwise about secrets: other variables are kept in SSM,
// and what stood in command lines comes out of variables. Where a task has the same values
// either way, that waits for the next change of its service.

// LineVariable begins the names of the variables out of which a shell fills in a command line.
const LineVariable = "COMPOSE2FARGATE_SECRET"

var decidedOfTaskDefinition = []plan.Decision{
	{Release: 3, Path: "containerDefinitions.*.environment", Only: onlyMoved},
	{Release: 3, Path: "containerDefinitions.*.environment.*", Only: onlyMoved},
	{Release: 3, Path: "containerDefinitions.*.secrets", Only: onlyMoved},
	{Release: 3, Path: "containerDefinitions.*.secrets.*", Only: onlyMoved},
	{Release: 3, Path: "executionRoleArn", Only: otherExecutionRole},
}

// onlyMoved says whether a change of variables moves them between the environment and the
// secrets of a container, with their values.
func onlyMoved(target plan.Target, live, want *plan.Resource, c plan.Change) bool {
	from, to := containerNamed(live, c.Path[1]), containerNamed(want, c.Path[1])
	if from == nil || to == nil {
		return false
	}
	names := c.Path[3:]
	if len(names) == 0 {
		names = slices.Concat(fieldsOf(c.From), fieldsOf(c.To))
	}
	m := moving{plan.NewMasker(target), target, plan.MadeBy(live)}
	return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !m.moves(name, from, to) })
}

func containerNamed(r *plan.Resource, name string) *Container {
	containers := r.Spec.(*TaskDefinition).ContainerDefinitions
	i := slices.IndexFunc(containers, func(c Container) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &containers[i]
}

func fieldsOf(node any) []string {
	fields, _ := node.(map[string]any)
	return slices.Sorted(maps.Keys(fields))
}

// moving compares values with the hashes at the ends of the names of parameters.
type moving struct {
	masker *plan.Masker
	target plan.Target
	made   int // the release that made what is live
}

// moves says whether a variable has the same value in one container as in another one, in
// the environment of one and among the secrets of the other; a variable of a command line is
// there in the later one alone.
func (m moving) moves(name string, from, to *Container) bool {
	plainBefore, plainNow := variableOf(from, name), variableOf(to, name)
	secretBefore, secretNow := secretOf(from, name), secretOf(to, name)
	switch {
	case plainBefore != "" && secretNow != "" && secretBefore == "" && plainNow == "":
		return m.isKept(plainBefore, secretNow)
	case secretBefore != "" && plainNow != "" && plainBefore == "" && secretNow == "":
		return m.isKept(plainNow, secretBefore)
	case plainBefore == "" && secretBefore == "" && plainNow == "":
		return secretNow != "" && strings.HasPrefix(name, LineVariable)
	}
	return false
}

func variableOf(c *Container, name string) string {
	for _, e := range c.Environment {
		if e.Name == name {
			return e.Value.String()
		}
	}
	return ""
}

func secretOf(c *Container, name string) string {
	for _, s := range c.Secrets {
		if s.Name == name {
			return s.ValueFrom.String()
		}
	}
	return ""
}

// isKept says whether a parameter has a value, by its ARN: its name ends in the address of the
// resource, of one level or of two, and a hash of the value.
func (m moving) isKept(value, arn string) bool {
	_, name, found := strings.Cut(arn, ":parameter/")
	levels := strings.Split(name, "/")
	if n := len(levels); found && n > 3 {
		for _, first := range []int{n - 2, n - 3} {
			address := plan.Address{Kind: ParameterKind, Name: strings.Join(levels[first:n-1], "/")}
			if m.masker.Short(address, value) == levels[n-1] || m.made == 1 && plan.FormerShort(m.target, address, value) == levels[n-1] {
				return true
			}
		}
	}
	return false
}

// otherExecutionRole says whether a task gets another one of the roles of its project to
// start with: one of its own where it has secrets.
func otherExecutionRole(target plan.Target, live, want *plan.Resource, _ plan.Change) bool {
	folder := ":role/compose2fargate/" + target.Project + "/"
	isOne := func(r *plan.Resource) bool {
		_, name, found := strings.Cut(r.Spec.(*TaskDefinition).ExecutionRoleArn.String(), folder)
		return found && strings.Contains(name, "execution")
	}
	return isOne(live) && isOne(want)
}

// grantsOtherValues says whether statements are the same but for the values of the project
// that they let tasks read.
func grantsOtherValues(target plan.Target, _, _ *plan.Resource, c plan.Change) bool {
	from, isList := c.From.([]any)
	to, isToo := c.To.([]any)
	return isList && isToo && reflect.DeepEqual(withoutValues(target, from), withoutValues(target, to))
}

// withoutValues are statements without the values of a project, and without those that are
// about nothing else.
func withoutValues(target plan.Target, statements []any) []any {
	var out []any
	for _, s := range statements {
		fields, ok := s.(map[string]any)
		resources, isList := fields["Resource"].([]any)
		if !ok || !isList {
			out = append(out, s)
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(resources), func(r any) bool { return isValueOf(target, r) })
		if len(rest) == 0 && len(resources) > 0 {
			continue
		}
		copied := maps.Clone(fields)
		copied["Resource"] = rest
		out = append(out, copied)
	}
	return out
}

func isValueOf(target plan.Target, arn any) bool {
	text, _ := arn.(string)
	folder := "compose2fargate/" + target.Project + "/"
	return strings.Contains(text, ":parameter/"+folder) || strings.Contains(text, ":secret:"+folder)
}
