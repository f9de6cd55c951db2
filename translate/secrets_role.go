package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func ownExecutionRole(service string) plan.Address {
	return plan.Address{Kind: spec.RoleKind, Name: service + ".execution"}
}

// executionRoleRef is the role that starts a task: one of its own where it has
// secrets, else that of the project.
func (t *translation) executionRoleRef(k *task) plan.Value {
	if t.keepsSecrets(k) {
		return roleRef(t.base, ownExecutionRole(k.name()), k.name()+"-execution")
	}
	return roleRef(t.base, executionRoleAddress, "execution")
}

func (t *translation) keepsSecrets(k *task) bool { return len(t.readStatements(k)) > 0 }

// readStatements let a role read the values of one task and no others.
func (t *translation) readStatements(k *task) []spec.Statement {
	var parameters, secrets, keys []plan.Value
	add := func(list *[]plan.Value, v plan.Value) {
		if !slices.ContainsFunc(*list, func(o plan.Value) bool { return o.String() == v.String() }) {
			*list = append(*list, v)
		}
	}
	for _, s := range k.containers() {
		for _, v := range t.secrets.of(s).all() {
			if v.address.Kind == spec.SecretKind || strings.Contains(v.arn.Text, ":secretsmanager:") {
				add(&secrets, v.arn)
			} else {
				add(&parameters, v.arn)
			}
			if v.key != "" {
				add(&keys, plan.Literal(v.key))
			}
		}
		if arn := t.X.Service(s.Name).PullCredentials; arn != "" && !t.isMade(s) {
			add(&secrets, plan.Literal(readable(arn)))
		}
	}
	var out []spec.Statement
	for _, s := range []spec.Statement{
		allowed("ReadParameters", parameters, "ssm:GetParameters"),
		allowed("ReadSecrets", secrets, "secretsmanager:GetSecretValue"),
		allowed("Decrypt", keys, "kms:Decrypt"),
	} {
		if len(s.Resource) > 0 {
			slices.SortFunc(s.Resource, func(a, b plan.Value) int { return strings.Compare(a.String(), b.String()) })
			out = append(out, s)
		}
	}
	return out
}

// executionRoles may do what the tasks need and no more; AWS's managed policy
// would let them pull every image and write to every log group. Tasks without
// secrets share one.
func (t *translation) executionRoles() {
	var shared []*task
	for _, k := range t.tasks {
		if !t.keepsSecrets(k) {
			shared = append(shared, k)
			continue
		}
		executionRole(t.base, ownExecutionRole(k.name()), k.name()+"-execution",
			fmt.Sprintf("Starts the tasks of service %s of compose project %s", k.name(), t.Name),
			t.repositories([]*task{k}), t.readStatements(k), k)
	}
	if len(shared) > 0 {
		executionRole(t.base, executionRoleAddress, "execution", fmt.Sprintf("Starts the tasks of compose project %s", t.Name),
			t.repositories(shared), nil, shared...)
	}
}
