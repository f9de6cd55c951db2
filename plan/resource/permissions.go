package resource

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

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
	project := want.Target.Project
	p := Permissions{
		Target: want.Target, Kinds: unknownKinds(asked), Cluster: project, Logs: logGroupName(project), Values: project,
		SharedCluster: asked.Cluster, LoadBalancer: asked.LoadBalancer, Domain: asked.Domain, Boundary: boundaryOf(want),
	}
	if strings.HasPrefix(asked.VPC, "vpc-") {
		p.VPC = asked.VPC
	}
	for _, r := range want.Resources {
		p.Kinds = append(p.Kinds, r.Address.Kind)
		p.take(r)
	}
	p.Kinds, p.Roles, p.Pull = sortedSet(p.Kinds), sortedSet(p.Roles), sortedSet(p.Pull)
	return p
}

// unknownKinds are those that a stack may have once it is known what is in the account: a
// hosted zone, and the listeners of a load balancer.
func unknownKinds(asked plan.Lookups) (out []string) {
	if asked.Domain != "" {
		out = append(out, spec.CertificateKind, spec.RecordKind)
	}
	if asked.LoadBalancer != "" {
		out = append(out, spec.ListenerKind, spec.ListenerRuleKind, spec.TargetGroupKind)
	}
	return out
}

// boundaryOf is the boundary that all roles of a stack have.
func boundaryOf(want *plan.Stack) string {
	boundaries := map[string]bool{}
	for _, r := range want.Resources {
		if role, ok := r.Spec.(*spec.Role); ok {
			boundaries[role.PermissionsBoundary] = true
		}
	}
	if len(boundaries) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(boundaries))[0]
}

// take takes from a resource what policies name of it.
func (p *Permissions) take(r *plan.Resource) {
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
	}
	if source, ok := r.Payload.(*spec.ImageSource); ok && source.Credentials != "" {
		p.Pull = append(p.Pull, source.Credentials)
	}
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

// Plan is the least policy with which plans of the project can be made. Nearly all
// kinds are read at each: what is left of former files must be found.
func (p Permissions) Plan() Policy {
	p.Pull = nil // plans read no secret, whatever it is for
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
	for _, d := range kinds {
		if row := d.info(); !row.seldom || slices.Contains(p.Kinds, row.kind) {
			add(needed, row.reads...)
		}
	}
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
