package simulator

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// possessions are what a running task has of what it uses.
func (a *Account) possessions(t *Task) []holding {
	td := a.definition(str(t.TaskDefinitionArn))
	return slices.Concat(
		a.mountsHeld(td, t), a.contentsHeld(td), a.namesHeld(t), a.rolesHeld(td), a.startHeld(td), a.rightsHeld(td),
		a.targetsHeld(t), a.balancersHeld(t), a.waysOut(t.Network.SecurityGroups), a.waysIn(groupsOf(t), portsOf(td), ""),
	)
}

// holdings collects what is held now.
type holdings []holding

func (h *holdings) add(what string, held func() bool) {
	if held() {
		*h = append(*h, holding{what: what, held: held})
	}
}

// mountsHeld are the mounts, and what the policies of file systems let the task do
// there: a change of one counts before it takes effect.
func (a *Account) mountsHeld(td *types.TaskDefinition, t *Task) []holding {
	var list holdings
	for _, v := range td.Volumes {
		e := v.EfsVolumeConfiguration
		if e == nil {
			continue
		}
		list.add("the mount of "+strings.TrimSpace(*e.FileSystemId+" "+str(val(e.AuthorizationConfig).AccessPointId)),
			func() bool { return a.mountFailure(td, v, t.hereOnly()) == nil })
		actions := []string{clientMount}
		if writerOf(td, *v.Name) != nil {
			actions = append(actions, clientWrite, clientRoot)
		}
		for _, action := range actions {
			list.add("the right to "+action+" by the policy of "+*e.FileSystemId, func() bool {
				f := a.FileSystems.Get(*e.FileSystemId)
				return f != nil && a.mayUseBy(f.Policy, f, td, e, action)
			})
		}
	}
	return list
}

// hereOnly is the network of a task with no subnet but the one that it is in.
func (t *Task) hereOnly() types.AwsVpcConfiguration {
	n := t.Network
	n.Subnets = []string{subnetOf(t)}
	return n
}

// contentsHeld are the log groups, images and secrets of a task.
func (a *Account) contentsHeld(td *types.TaskDefinition) []holding {
	var list holdings
	for _, c := range td.ContainerDefinitions {
		group := val(c.LogConfiguration).Options["awslogs-group"]
		list.add("the log group "+group, func() bool { return group != "" && a.LogGroups.Get(group) != nil })
		list.add("the image "+*c.Image, func() bool {
			own, image := a.ownImage(*c.Image)
			return own && image != nil
		})
		for _, s := range c.Secrets {
			list.add("the secret "+*s.ValueFrom, func() bool { return a.secretFailure(td, *s.ValueFrom) == nil })
		}
	}
	return list
}

// namesHeld are the names under which a task is found.
func (a *Account) namesHeld(t *Task) []holding {
	var list holdings
	for _, id := range a.namesOf(t) {
		list.add("the name "+id, func() bool { return a.DiscoveryServices.Get(id) != nil })
	}
	return list
}

// rolesHeld are the roles of a task, and that no other boundary limits them.
func (a *Account) rolesHeld(td *types.TaskDefinition) []holding {
	var list holdings
	for _, arn := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		list.add("the role "+str(arn), func() bool {
			role := a.roleByARN(str(arn))
			return role != nil && assumable(role)
		})
		before := a.boundaryOf(str(arn))
		list.add("what the permissions boundary leaves out of the role "+str(arn), func() bool {
			now := a.boundaryOf(str(arn))
			return now == "" || now == before || slices.Contains(a.managed(now), "*")
		})
	}
	return list
}

// boundaryOf is the ARN of a role's permissions boundary, "" for none.
func (a *Account) boundaryOf(role string) string {
	return str(val(val(a.roleByARN(role)).PermissionsBoundary).PermissionsBoundaryArn)
}

// startHeld is what the execution role lets ECS and Fargate do for the containers:
// to pull their images when a task is started again (ECR User Guide, "Using Amazon
// ECR images with Amazon ECS"), and to write their logs at any time (CloudWatch
// Logs: ECS Developer Guide, "Send Amazon ECS logs to CloudWatch"). The right to
// read secrets is with the secrets.
func (a *Account) startHeld(td *types.TaskDefinition) []holding {
	var list holdings
	need := func(action, resource string) {
		list.add("the right of its execution role to "+action+" on "+resource, func() bool { return a.denied(td, action, resource) == nil })
	}
	for _, c := range td.ContainerDefinitions {
		if l := val(c.LogConfiguration); l.LogDriver == types.LogDriverAwslogs && l.Options["awslogs-region"] == a.Region {
			streams := a.logGroupARN(l.Options["awslogs-group"]) + ":log-stream:"
			need("logs:CreateLogStream", streams)
			need("logs:PutLogEvents", streams)
		}
		own, repository := a.ownRepository(*c.Image)
		if !own {
			continue
		}
		for _, action := range ecrPull {
			resource := a.arn("ecr", "repository/"+repository)
			if action == "ecr:GetAuthorizationToken" { // knows no resources
				resource = "*"
			}
			need(action, resource)
		}
	}
	return list
}
