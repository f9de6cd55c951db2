package resource

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

//go:embed permissions.json
var permissionsJSON []byte

// permissionTable says on what AWS lets each action be limited. Texts in braces are
// filled in, see Permissions.values.
var permissionTable = table.Of[struct {
	Source  string              `json:"source"`
	Facts   []string            `json:"facts"`   // the actions that reading the facts of an account needs
	Besides map[string][]string `json:"besides"` // what AWS asks for beside an action
	Linked  map[string]string   `json:"linked"`  // the services, by kind, that have a role made for them
	// Statements are those of every policy, in their order. An action may be in several,
	// where it is on resources of several types.
	Statements []statementRow `json:"statements"`
	// Only are the actions that a kind needs where the stack has another one as well.
	Only  map[string]string `json:"only"`
	Never map[string]string `json:"never"` // the actions of kinds that no policy allows, and why
}](permissionsJSON)

// statementRow makes a statement of those of its actions that are needed, on those of its
// resources of which all that is in braces is known. Where nothing is left of the actions,
// the resources or a condition, there is no statement.
type statementRow struct {
	Sid          string   `json:"sid"`
	Effect       string   `json:"effect"` // "": Allow
	When, Unless string   // a value that must be known, or must not be
	Always       bool     `json:"always"` // all of its actions, needed or not
	Actions      []string `json:"actions"`
	// Short are patterns that stand for several actions, since a policy may not be long, with
	// what else they match: nothing, or what only reads, or is done to the project's own.
	Short     map[string][]string            `json:"short"`
	Resources []string                       `json:"resources"`
	But       []string                       `json:"but"` // all resources but these
	Condition map[string]map[string][]string `json:"condition"`
}

// Permissions is what the least policies of a project depend on.
type Permissions struct {
	Target plan.Target
	// Kinds are those that an apply may make, change and delete.
	Kinds []string
	// Cluster, Logs and Values are the names of its cluster, its log group and the folder
	// of its secrets.
	Cluster, Logs, Values string
	// SharedCluster and LoadBalancer are the names or ARNs of those that are not the
	// project's own and that it uses; "": none.
	SharedCluster, LoadBalancer string
	VPC                         string   // id; "": any
	Domain                      string   // under which it has records; "": none
	Boundary                    string   // the ARN of the permissions boundary of all of its roles; "": some have none
	Roles                       []string // ARNs of those that the files give to tasks and that are not its own, sorted
	Pull                        []string // ARNs of secrets with the credentials of registries, sorted
	Repositories                []string // ARNs of repositories in ECR that others fill, sorted
}

// PermissionsOf finds out for what a policy is: a stack, which need not be hashed, and what
// its files ask of the account.
func PermissionsOf(want *plan.Stack, asked plan.Lookups) Permissions {
	p := Permissions{
		Target: want.Target, Cluster: want.Target.Project, Logs: logGroupName(want.Target.Project), Values: want.Target.Project,
		SharedCluster: asked.Cluster, LoadBalancer: asked.LoadBalancer, Domain: asked.Domain,
	}
	if strings.HasPrefix(asked.VPC, "vpc-") {
		p.VPC = asked.VPC
	}
	if p.Domain != "" { // whether there is a zone is not known here
		p.Kinds = append(p.Kinds, spec.CertificateKind, spec.RecordKind)
	}
	if p.LoadBalancer != "" { // which listeners it has is not known either
		p.Kinds = append(p.Kinds, spec.ListenerKind, spec.ListenerRuleKind, spec.TargetGroupKind)
	}
	boundaries := map[string]bool{}
	for _, r := range want.Resources {
		p.Kinds = append(p.Kinds, r.Address.Kind)
		switch s := r.Spec.(type) {
		case *spec.Cluster:
			p.Cluster = s.ClusterName
		case *spec.LogGroup:
			p.Logs = s.LogGroupName
		case *spec.Parameter:
			p.Values = folderOf(strings.TrimPrefix(s.Name, "/"))
		case *spec.Secret:
			p.Values = folderOf(s.Name)
		case *spec.TaskDefinition:
			for _, role := range []plan.Value{s.TaskRoleArn, s.ExecutionRoleArn} {
				if role.Ref == nil && role.Text != "" {
					p.Roles = append(p.Roles, role.Text)
				}
			}
		case *spec.Role:
			boundaries[s.PermissionsBoundary] = true
		}
		if source, ok := r.Payload.(*spec.ImageSource); ok && source.Credentials != "" {
			p.Pull = append(p.Pull, source.Credentials)
		}
	}
	if len(boundaries) == 1 {
		p.Boundary = slices.Collect(maps.Keys(boundaries))[0]
	}
	p.Kinds, p.Roles, p.Pull = sortedSet(p.Kinds), sortedSet(p.Roles), sortedSet(p.Pull)
	return p
}

func sortedSet(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// folderOf is the second level of a path, which is that of the project.
func folderOf(path string) string {
	_, rest, _ := strings.Cut(path, "/")
	folder, _, _ := strings.Cut(rest, "/")
	return folder
}

// Plan is the least policy with which plans of the project can be made. All kinds are read
// at each: what is left of former files must be found.
func (p Permissions) Plan() Policy {
	needed := map[string]bool{}
	p.addReads(needed)
	return p.policy(needed)
}

// Apply is the least policy with which they can be applied, and with which the project can
// be destroyed.
func (p Permissions) Apply() Policy {
	needed := map[string]bool{}
	p.addReads(needed)
	for _, d := range kinds {
		if row := d.info(); slices.Contains(p.Kinds, row.kind) {
			add(needed, row.writes...)
		}
	}
	for action := range permissionTable().Never {
		delete(needed, action)
	}
	for action, kind := range permissionTable().Only {
		if !slices.Contains(p.Kinds, kind) {
			delete(needed, action)
		}
	}
	return p.policy(needed)
}

func (p Permissions) addReads(needed map[string]bool) {
	reads, _ := Actions()
	add(needed, reads...)
	add(needed, permissionTable().Facts...)
	if len(p.Repositories) > 0 {
		add(needed, "ecr:GetAuthorizationToken")
	}
}

// add adds actions, and what AWS asks for beside them.
func add(needed map[string]bool, actions ...string) {
	for _, action := range actions {
		needed[action] = true
		for _, more := range permissionTable().Besides[action] {
			needed[more] = true
		}
	}
}

func (p Permissions) policy(needed map[string]bool) Policy {
	out := Policy{Version: "2012-10-17"}
	values := p.values()
	for _, row := range permissionTable().Statements {
		if s, ok := row.statement(needed, values); ok {
			out.add(s)
		}
	}
	return out
}

// values are what stands for a word in braces. A text with a word that has several stands
// for several texts, one with a word that has none for none.
func (p Permissions) values() map[string][]string {
	some := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	return map[string][]string{
		"partition": {p.Target.Partition}, "region": {p.Target.Region}, "account": {p.Target.Account}, "project": {p.Target.Project},
		"cluster": {p.Cluster}, "logs": {p.Logs}, "values": {p.Values}, "family": {namePattern(p.Target.Project, longestFamily)},
		"role":     {namePattern(p.Target.Project, longestRole)},
		"vpc":      {cmp.Or(p.VPC, "*")},
		"shared":   some(clusterName(p.SharedCluster)),
		"balancer": some(balancerPattern(p.LoadBalancer)),
		"host":     p.hosts(), "linked": p.linked(), "boundary": some(p.Boundary), "roleARN": p.Roles, "pull": p.Pull, "repository": p.Repositories,
	}
}

// What stays of a long name where it is cut: it ends in nine characters of a hash then (ECS
// API reference, RegisterTaskDefinition; IAM API reference, CreateRole).
const (
	longestFamily = 255 - 9
	longestRole   = 64 - 9
)

// namePattern matches the names that begin with that of a project, and those of others
// that begin like it.
func namePattern(project string, longest int) string {
	name := project + "-"
	return name[:min(len(name), longest)] + "*"
}

// balancerPattern is what stands between the type and the id of a load balancer in ARNs of
// it: of one that is given by its name, neither is known.
func balancerPattern(given string) string {
	if _, name, ok := strings.Cut(given, ":loadbalancer/"); ok || given == "" {
		return name
	}
	return "*/" + given + "/*"
}

// hosts are the names under which the project has records in DNS: its domain, and its
// private namespace.
func (p Permissions) hosts() []string {
	var out []string
	if p.Domain != "" {
		out = append(out, strings.ToLower(p.Domain))
	}
	if slices.Contains(p.Kinds, spec.DiscoveryServiceKind) {
		out = append(out, p.Target.Project)
	}
	return out
}

func (p Permissions) linked() []string {
	var out []string
	for kind, service := range permissionTable().Linked {
		if slices.Contains(p.Kinds, kind) {
			out = append(out, service)
		}
	}
	return sortedSet(out)
}

// statement returns false where there is nothing to state.
func (row statementRow) statement(needed map[string]bool, values map[string][]string) (PolicyStatement, bool) {
	if row.When != "" && len(values[row.When]) == 0 || row.Unless != "" && len(values[row.Unless]) > 0 {
		return PolicyStatement{}, false
	}
	s := PolicyStatement{Sid: row.Sid, Effect: cmp.Or(row.Effect, "Allow")}
	for _, action := range row.Actions {
		if row.Always || needed[action] {
			s.Action = append(s.Action, action)
		}
	}
	s.For, s.Action = s.Action, row.shorten(s.Action)
	s.NotResource = fillIn(row.But, values)
	s.Resource = slices.DeleteFunc(fillIn(row.Resources, values), func(arn string) bool { return !s.Action.on(arn) })
	if len(row.But) > 0 && len(s.NotResource) == 0 {
		s.Resource = oneOrMore{"*"}
	}
	if len(s.Action) == 0 || len(s.Resource)+len(s.NotResource) == 0 {
		return PolicyStatement{}, false
	}
	for operator, keys := range row.Condition {
		for key, list := range keys {
			list = fillIn(list, values)
			if len(list) == 0 { // never wider for want of a value
				return PolicyStatement{}, false
			}
			s.require(operator, key, list)
		}
	}
	return s, true
}

// shorten puts patterns for actions of a row of which all are there.
func (row statementRow) shorten(actions []string) []string {
	if row.Always {
		return actions
	}
	out := slices.Clone(actions)
	for _, pattern := range slices.Sorted(maps.Keys(row.Short)) {
		matches := func(action string) bool { return matchesAction(pattern, action) }
		if missing := func(action string) bool { return matches(action) && !slices.Contains(actions, action) }; slices.ContainsFunc(row.Actions, missing) {
			continue
		}
		if left := slices.DeleteFunc(slices.Clone(out), matches); len(out)-len(left) > 1 {
			out = append(left, pattern)
		}
	}
	slices.Sort(out)
	return out
}

// matchesAction says whether a pattern with one or two stars matches an action. IAM does not
// tell lower from upper case in actions.
func matchesAction(pattern, action string) bool {
	parts, rest := strings.Split(strings.ToLower(pattern), "*"), strings.ToLower(action)
	for i, part := range parts {
		at := strings.Index(rest, part)
		if i == len(parts)-1 && part != "" {
			at = strings.LastIndex(rest, part)
		}
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return rest == "" || strings.HasSuffix(pattern, "*")
}

// on says whether one of the actions is of the service of an ARN.
func (actions oneOrMore) on(arn string) bool {
	service := strings.Split(arn+":::", ":")[2]
	return service == "" || slices.ContainsFunc(actions, func(action string) bool { return strings.HasPrefix(action, service+":") })
}

// fillIn returns texts with values for their words in braces.
func fillIn(list []string, values map[string][]string) []string {
	var out []string
	for _, text := range list {
		before, rest, braced := strings.Cut(text, "{")
		if !braced {
			out = append(out, text)
			continue
		}
		word, after, _ := strings.Cut(rest, "}")
		for _, value := range values[word] {
			out = append(out, fillIn([]string{before + value + after}, values)...)
		}
	}
	return out
}
