package translate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// executionRoleAddress is that of the role with which Fargate itself pulls
// images and writes logs.
var executionRoleAddress = plan.Address{Kind: spec.RoleKind, Name: "execution"}

func taskRoleAddress(service string) plan.Address {
	return plan.Address{Kind: spec.RoleKind, Name: service + ".task"}
}

func (t *translation) roleRef(address plan.Address, role string) plan.Value {
	text := ""
	if t.located() {
		text = "arn:" + t.facts.Partition + ":iam::" + t.facts.Account + ":role" + t.rolePath() + roleName(t.Name, role, t.facts.Region)
	}
	return plan.RefTo(address, "arn", text)
}

func (t *translation) rolePath() string { return "/compose2fargate/" + t.Name + "/" }

// role is one that tasks of this account and region may take, and nobody else.
func (t *translation) role(name, description string) *spec.Role {
	return &spec.Role{
		RoleName:    roleName(t.Name, name, t.region()),
		Path:        t.rolePath(),
		Description: description,
		AssumeRolePolicyDocument: spec.Policy{Statement: []spec.Statement{{
			Sid:       "Tasks",
			Effect:    "Allow",
			Principal: map[string][]string{"Service": {"ecs-tasks.amazonaws.com"}},
			Action:    []string{"sts:AssumeRole"},
			// against the confused deputy (ECS Developer Guide, task IAM role)
			Condition: map[string]map[string][]plan.Value{
				"StringEquals": {"aws:SourceAccount": {plan.Fact("account", "id", t.facts.Account)}},
				"ArnLike": {"aws:SourceArn": {plan.Literal(
					"arn:" + t.partition() + ":ecs:" + t.region() + ":" + t.account() + ":*")}},
			},
		}}},
		PermissionsBoundary: t.X.PermissionsBoundary,
		Tags:                t.tags(),
	}
}

// executionRole is one for some tasks, with what they may read.
func (t *translation) executionRole(address plan.Address, name, description string, reads []spec.Statement, tasks ...*task) {
	role := t.role(name, description)
	statements := t.logAccess(tasks)
	if repositories := t.repositories(tasks); len(repositories) > 0 {
		statements = append(statements, spec.Statement{
			Sid:      "LogInToRegistry", // cannot be narrowed
			Effect:   "Allow",
			Action:   []string{"ecr:GetAuthorizationToken"},
			Resource: []plan.Value{plan.Literal("*")},
		}, spec.Statement{
			Sid:      "PullImages",
			Effect:   "Allow",
			Action:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resource: repositories,
		})
	}
	statements = append(statements, reads...)
	role.InlinePolicies = []spec.InlinePolicy{{PolicyName: "execution", PolicyDocument: spec.Policy{Statement: statements}}}
	source := t.At("services")
	if len(reads) > 0 {
		source = t.At(at(tasks[0].name())...)
	}
	t.add(address, source, role)
}

// ecrImage matches images in private registries: account, region, repository.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/([^:@]+)`)

// repositories are the ARNs of the ECR repositories that the images of tasks are
// in: our own, and those that the files name.
func (t *translation) repositories(tasks []*task) []plan.Value {
	found := map[string]plan.Value{}
	for _, k := range tasks {
		t.eachContainer(k, func(s *types.ServiceConfig) {
			for _, arn := range t.repositoriesOf(s) {
				found[arn.String()] = arn
			}
		})
		if t.delivers(k) && t.mirrors() {
			arn := t.repositoryArn(helperRepository)
			found[arn.String()] = arn
		}
	}
	var out []plan.Value
	for _, arn := range sortedKeys(found) {
		out = append(out, found[arn])
	}
	return out
}

func (t *translation) repositoriesOf(s *types.ServiceConfig) []plan.Value {
	if t.isMade(s) {
		return []plan.Value{t.repositoryArn(s.Name)}
	}
	if found := ecrImage.FindStringSubmatch(s.Image); found != nil {
		return []plan.Value{plan.Literal("arn:" + t.partition() + ":ecr:" + found[2] + ":" + found[1] + ":repository/" + found[3])}
	}
	return nil
}

// needsRole says whether the containers of a task call AWS, or mount what only
// its role lets them.
func (t *translation) needsRole(k *task) bool {
	return len(t.policies(k)) > 0 || len(t.lastingMounts(k)) > 0
}

// policies are those of all members of a task.
func (t *translation) policies(k *task) []Policy {
	var out []Policy
	for _, m := range k.members {
		for _, policy := range t.X.Service(m.Name).Policies {
			again := func(other Policy) bool { return slices.Equal(other.path, policy.path) } // of the defaults
			if !slices.ContainsFunc(out, again) {
				out = append(out, policy)
			}
		}
	}
	return out
}

// taskRole is what the program in a task may do, where it may do anything.
func (t *translation) taskRole(k *task) {
	if !t.needsRole(k) {
		return
	}
	role := t.role(k.name()+"-task", fmt.Sprintf("Service %s of compose project %s", k.name(), t.Name))
	for i, policy := range t.policies(k) {
		if policy.Document == nil {
			role.ManagedPolicyArns = append(role.ManagedPolicyArns, policy.ARN)
			continue
		}
		document, err := policyDocument(policy.Document)
		if err != nil {
			t.errorf(policy.path, "write it as IAM does, with Statement, Effect, Action and Resource", "%v", err)
			continue
		}
		role.InlinePolicies = append(role.InlinePolicies, spec.InlinePolicy{
			PolicyName: "policy-" + strconv.Itoa(i+1), PolicyDocument: document,
		})
	}
	if access := t.storageAccess(k); len(access) > 0 {
		role.InlinePolicies = append(role.InlinePolicies, spec.InlinePolicy{PolicyName: "volumes", PolicyDocument: spec.Policy{Statement: access}})
	}
	source := t.At(at(k.name())...)
	if policies := t.policies(k); len(policies) > 0 {
		source = t.At(policies[0].path...)
	}
	t.add(taskRoleAddress(k.name()), source, role)
}
