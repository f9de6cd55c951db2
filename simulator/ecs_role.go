package simulator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// checkTaskRoles refuses roles that do not exist, as iam:PassRole would.
func (a *Account) checkTaskRoles(in *ecs.RegisterTaskDefinitionInput) error {
	for _, arn := range []*string{in.ExecutionRoleArn, in.TaskRoleArn} {
		if arn != nil && !a.roleUsable(*arn) {
			return clientError("Role is not valid")
		}
	}
	return nil
}

// roleUsable tells whether ECS can see the role yet.
func (a *Account) roleUsable(arn string) bool {
	role := a.roleByARN(arn)
	return role != nil && role.Ready <= a.moment()
}

// roleByARN finds a role, nil when there is none. ECS takes a bare name as well.
func (a *Account) roleByARN(arn string) *Role {
	role := a.Roles.Get(lastPart(arn))
	if role == nil || strings.Contains(arn, ":") && *role.Arn != arn {
		return nil
	}
	return role
}

// assumable tells whether the role lets ECS tasks assume it.
func assumable(r *Role) bool {
	return strings.Contains(str(r.AssumeRolePolicyDocument), "ecs-tasks.amazonaws.com")
}
