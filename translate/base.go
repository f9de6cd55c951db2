package translate

import (
	"maps"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// base is what every phase of a translation works with: the project, the facts
// about the account, the tasks, and the messages and resources so far.
type base struct {
	*Project
	facts        plan.Facts
	networkKnown bool // facts were read from an account, not only named

	tasks  []*task          // by name
	taskOf map[string]*task // by the services in them

	resources []*plan.Resource
	variables map[string][]spec.EnvironmentEntry // that phases give to services, by service
	policies  map[*task][]spec.InlinePolicy      // that phases give to the roles of tasks
	former    map[plan.Address][]plan.Former
	concealed []string // values that plans hide, beside those of HiddenValues
	ds        diag.List
}

func newBase(p *Project, facts plan.Facts) *base {
	return &base{
		Project: p, facts: facts,
		variables: map[string][]spec.EnvironmentEntry{}, policies: map[*task][]spec.InlinePolicy{}, former: map[plan.Address][]plan.Former{},
	}
}

// add adds a resource to the stack and returns it; source is where the files ask
// for it.
func (b *base) add(address plan.Address, source diag.Pos, resource any, after ...plan.Address) *plan.Resource {
	r := &plan.Resource{Address: address, Spec: resource, Source: source, After: after}
	b.resources = append(b.resources, r)
	return r
}

// allow lets the program in a task do something, with a policy of its role beside
// those of the files.
func (b *base) allow(k *task, policy string, statements ...spec.Statement) {
	if len(statements) > 0 {
		b.policies[k] = append(b.policies[k], spec.InlinePolicy{PolicyName: policy, PolicyDocument: spec.Policy{Statement: statements}})
	}
}

// tags are the user's own, which everything bears.
func (b *base) tags() []spec.Tag { return spec.Tags(b.X.Tags) }

func (b *base) errorf(path diag.Path, help, format string, args ...any) {
	if !b.isRefused(path) && (!b.inherited(path) || !b.ds.HasErrors()) {
		b.ds.Errorf(b.At(path...), compose.Dotted(path), help, format, args...)
	}
}

func (b *base) warnf(path diag.Path, help, format string, args ...any) {
	if !b.inherited(path) {
		b.ds.Warnf(b.At(path...), compose.Dotted(path), help, format, args...)
	}
}

func (b *base) notef(path diag.Path, help, format string, args ...any) {
	if !b.inherited(path) {
		b.ds.Notef(b.At(path...), compose.Dotted(path), help, format, args...)
	}
}

// isRefused says whether Load has found an error at a path, or in the attribute
// of a service or of another section that the path is of: one mistake is one error.
func (b *base) isRefused(path diag.Path) bool {
	for n := len(path); n > 0; n-- {
		if (n > 2 || n == len(path)) && b.refused[compose.Dotted(path[:n])] {
			return true
		}
	}
	return false
}

// inherited says whether a path is of an attribute that a step of pre_start has
// from its service, for which the service has been told.
func (b *base) inherited(path diag.Path) bool {
	if len(path) < 5 || path[0] != "services" || path[2] != "pre_start" {
		return false
	}
	depth := b.Depth(path...)
	return depth < 5 || depth < len(path) && path[4] == "volumes"
}

// refusal is an error that is not said yet.
type refusal struct {
	path       diag.Path
	help, text string
}

func (b *base) refuse(refusals ...refusal) {
	for _, r := range refusals {
		b.errorf(r.path, r.help, "%s", r.text)
	}
}

// arn is the ARN of a regional resource, "" while account or region is unknown.
func (b *base) arn(service, resource string) string {
	if !b.located() {
		return ""
	}
	return "arn:" + b.facts.Partition + ":" + service + ":" + b.facts.Region + ":" + b.facts.Account + ":" + resource
}

// located says whether the account and the region are known.
func (b *base) located() bool {
	return b.facts.Partition != "" && b.facts.Account != "" && b.facts.Region != ""
}

// partition, account and region are texts to be put into others: if they are
// unknown, they are refs.
func (b *base) partition() string {
	return plan.Fact("partition", "name", b.facts.Partition).String()
}
func (b *base) account() string { return plan.Fact("account", "id", b.facts.Account).String() }
func (b *base) region() string  { return plan.Fact("region", "name", b.facts.Region).String() }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// sortedValues are the values of a map in the order of their keys; nil for none.
func sortedValues[V any](m map[string]V) []V {
	var out []V
	for _, key := range sortedKeys(m) {
		out = append(out, m[key])
	}
	return out
}
