package translate

import (
	"fmt"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// executionRoleAddress is that of the role with which Fargate itself pulls
// images and writes logs.
var executionRoleAddress = plan.Address{Kind: spec.RoleKind, Name: "execution"}

func taskRoleAddress(service string) plan.Address {
	return plan.Address{Kind: spec.RoleKind, Name: service + ".task"}
}

func roleRef(b *base, address plan.Address, role string) plan.Value {
	text := ""
	if b.located() {
		text = "arn:" + b.facts.Partition + ":iam::" + b.facts.Account + ":role" + rolePath(b) + roleName(b.Name, role, b.facts.Region)
	}
	return plan.RefTo(address, "arn", text)
}

func rolePath(b *base) string { return "/compose2fargate/" + b.Name + "/" }

// newRole is a role that ECS may assume for tasks, without a condition: of
// execution roles the documentation knows none (ECS Developer Guide, "Amazon ECS
// task execution IAM role"), and if Fargate did not send what one asks for, no task
// would start.
func newRole(b *base, name, description string) *spec.Role {
	return &spec.Role{
		RoleName:    roleName(b.Name, name, b.region()),
		Path:        rolePath(b),
		Description: description,
		AssumeRolePolicyDocument: spec.Policy{Statement: []spec.Statement{{
			Sid:       "Tasks",
			Effect:    "Allow",
			Principal: map[string][]string{"Service": {"ecs-tasks.amazonaws.com"}},
			Action:    []string{"sts:AssumeRole"},
		}}},
		PermissionsBoundary: b.X.PermissionsBoundary,
		Tags:                b.tags(),
	}
}

// onlyHere lets tasks of this account and region alone assume a task role, against
// the confused deputy (ECS Developer Guide, "Amazon ECS task IAM role").
func onlyHere(b *base) map[string]map[string][]plan.Value {
	return map[string]map[string][]plan.Value{
		"StringEquals": {"aws:SourceAccount": {plan.Fact("account", "id", b.facts.Account)}},
		"ArnLike":      {"aws:SourceArn": {plan.Literal("arn:" + b.partition() + ":ecs:" + b.region() + ":" + b.account() + ":*")}},
	}
}

func allowed(sid string, resources []plan.Value, actions ...string) spec.Statement {
	return spec.Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

// executionRole is one for some tasks: the repositories of their images, and what
// else they may read.
func executionRole(b *base, address plan.Address, name, description string, repositories []plan.Value, reads []spec.Statement, tasks ...*task) {
	role := newRole(b, name, description)
	statements := logAccess(b, tasks)
	if len(repositories) > 0 {
		statements = append(statements,
			allowed("LogInToRegistry", []plan.Value{plan.Literal("*")}, "ecr:GetAuthorizationToken"), // cannot be narrowed
			allowed("PullImages", repositories, "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"))
	}
	statements = append(statements, reads...)
	role.InlinePolicies = []spec.InlinePolicy{{PolicyName: "execution", PolicyDocument: spec.Policy{Statement: statements}}}
	path, origins := diag.Path{"services"}, from(diag.Path{"services"})
	if len(reads) > 0 {
		path = at(tasks[0].name())
		origins = from(at(tasks[0].name()), "secrets", "x-fargate.secrets_env", "environment")
	}
	b.refuseWild(path, role.InlinePolicies[0])
	b.add(address, b.At(path...), role).Origins = roleOrigins(origins)
}

// taskPolicies are the policies of all members of a task.
func taskPolicies(b *base, k *task) []xfargate.Policy {
	var out []xfargate.Policy
	seen := map[string]bool{} // by path: the defaults are those of several
	for _, m := range k.members {
		for _, policy := range b.X.Service(m.Name).Policies {
			if key := fmt.Sprintf("%q", policy.Path); !seen[key] {
				seen[key] = true
				out = append(out, policy)
			}
		}
	}
	return out
}

// needsRole says whether the program in a task calls AWS, or mounts what only a role
// may mount.
func needsRole(b *base, k *task) bool { return len(taskPolicies(b, k)) > 0 || len(b.policies[k]) > 0 }

// mostManaged is the quota at its highest (IAM User Guide, "IAM and AWS STS quotas",
// managed policies per role).
const mostManaged = 25

// taskRole is what the program in a task may do.
func taskRole(b *base, k *task) {
	role := newRole(b, k.name()+"-task", fmt.Sprintf("Service %s of compose project %s", k.name(), b.Name))
	role.AssumeRolePolicyDocument.Statement[0].Condition = onlyHere(b)
	for i, policy := range taskPolicies(b, k) {
		if policy.Document == nil {
			if len(role.ManagedPolicyArns) == mostManaged {
				b.errorf(policy.Path, "join policies, or write a policy document in place", "IAM attaches at most %d managed policies to the role of a task, and 10 where that quota was not raised", mostManaged)
				break
			}
			role.ManagedPolicyArns = append(role.ManagedPolicyArns, policy.ARN)
			continue
		}
		document, err := policyDocument(policy.Document)
		if err != nil {
			b.errorf(policy.Path, "write it as IAM does, with Statement, Effect, Action and Resource", "%v", err)
			continue
		}
		role.InlinePolicies = append(role.InlinePolicies, spec.InlinePolicy{
			PolicyName: spec.UserPolicy + strconv.Itoa(i+1), PolicyDocument: document,
		})
	}
	role.InlinePolicies = append(role.InlinePolicies, b.policies[k]...)
	for _, policy := range role.InlinePolicies {
		b.refuseWild(at(k.name()), policy)
	}
	source := b.At(at(k.name())...)
	if policies := taskPolicies(b, k); len(policies) > 0 {
		source = b.At(policies[0].Path...)
	}
	b.add(taskRoleAddress(k.name()), source, role).Origins = roleOrigins(
		from(at(k.name()), "x-fargate.policies", "x-aws-policies", "x-aws-role", "/x-fargate.defaults.policies"))
}
