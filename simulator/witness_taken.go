package simulator

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// takenBy is what a call may take from tasks, as the index of what they use has it.
func (a *Account) takenBy(input any) []string {
	for _, taken := range []func(*Account, any) []string{storageTaken, rightsTaken, waysTaken, balancersTaken} {
		if values := taken(a, input); values != nil {
			return values
		}
	}
	return nil
}

// storageTaken is takenBy for all that tasks read and write.
func storageTaken(a *Account, input any) []string {
	switch in := input.(type) {
	case *efs.DeleteMountTargetInput:
		return []string{"file-system " + str(val(a.MountTargets.Get(str(in.MountTargetId))).FileSystemId)}
	case *efs.ModifyMountTargetSecurityGroupsInput:
		return []string{"file-system " + str(val(a.MountTargets.Get(str(in.MountTargetId))).FileSystemId)}
	case *efs.DeleteAccessPointInput:
		return []string{"file-system " + str(val(a.AccessPoints.Get(lastPart(str(in.AccessPointId)))).FileSystemId)}
	case *efs.DeleteFileSystemInput:
		return []string{"file-system " + lastPart(str(in.FileSystemId))}
	case *efs.PutFileSystemPolicyInput:
		return []string{"file-system " + lastPart(str(in.FileSystemId))}
	case *ssm.DeleteParameterInput:
		return []string{"parameter " + a.parameterARN(str(in.Name))}
	case *ssm.DeleteParametersInput:
		var values []string
		for _, name := range in.Names {
			values = append(values, "parameter "+a.parameterARN(name))
		}
		return values
	case *secretsmanager.DeleteSecretInput:
		return []string{"secret " + str(val(a.secret(in.SecretId)).ARN)}
	case *ecr.BatchDeleteImageInput:
		return []string{"repository " + str(in.RepositoryName)}
	case *ecr.DeleteRepositoryInput:
		return []string{"repository " + str(in.RepositoryName)}
	case *cloudwatchlogs.DeleteLogGroupInput:
		return []string{"log-group " + str(in.LogGroupName)}
	}
	return nil
}

// rightsTaken is takenBy for roles.
func rightsTaken(_ *Account, input any) []string {
	switch in := input.(type) {
	case *iam.DeleteRoleInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.DeleteRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.DetachRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.PutRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.PutRolePermissionsBoundaryInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.UpdateAssumeRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	}
	return nil
}

// waysTaken is takenBy for the ways of the network, and for the names under which
// tasks are found.
func waysTaken(a *Account, input any) []string {
	switch in := input.(type) {
	case *ec2.RevokeSecurityGroupIngressInput:
		if in.GroupId == nil {
			return a.throughGroup(a.groupByName(str(in.GroupName)))
		}
		return a.throughGroup(*in.GroupId)
	case *ec2.RevokeSecurityGroupEgressInput:
		return a.throughGroup(str(in.GroupId))
	case *ec2.ModifySecurityGroupRulesInput:
		return a.throughGroup(str(in.GroupId))
	case *ec2.ModifyVpcAttributeInput:
		return []string{"names of " + str(in.VpcId)}
	case *servicediscovery.DeleteServiceInput:
		return []string{"name " + lastPart(str(in.Id))}
	}
	return nil
}

// throughGroup is what the members of a security group lead to: tasks, file
// systems, and the target groups of load balancers.
func (a *Account) throughGroup(id string) []string {
	values := []string{"group " + id}
	for _, m := range a.mounts.Of("group " + id) {
		values = append(values, "file-system "+*m.FileSystemId)
	}
	for arn, b := range a.LoadBalancers.All() {
		if slices.Contains(b.SecurityGroups, id) {
			values = append(values, a.behind(arn)...)
		}
	}
	return values
}

// balancersTaken is takenBy for load balancers.
func balancersTaken(a *Account, input any) []string {
	switch in := input.(type) {
	case *elb.DeleteTargetGroupInput:
		return []string{"target-group " + str(in.TargetGroupArn)}
	case *elb.DeregisterTargetsInput:
		return []string{"target-group " + str(in.TargetGroupArn)}
	case *elb.DeleteRuleInput:
		return targetGroups(forwarded(val(a.ListenerRules.Get(str(in.RuleArn))).Actions))
	case *elb.ModifyRuleInput:
		rule, _ := a.rule(in.RuleArn) // one that is not there leads nowhere
		return targetGroups(forwarded(rule.Actions))
	case *elb.ModifyListenerInput:
		return targetGroups(forwarded(val(a.Listeners.Get(str(in.ListenerArn))).DefaultActions))
	case *elb.DeleteListenerInput:
		if l := a.Listeners.Get(str(in.ListenerArn)); l != nil {
			return targetGroups(a.groupsOfListener(l))
		}
	case *elb.DeleteLoadBalancerInput:
		return a.behind(str(in.LoadBalancerArn))
	case *elb.SetSecurityGroupsInput:
		return a.behind(str(in.LoadBalancerArn))
	case *elb.SetSubnetsInput:
		return a.behind(str(in.LoadBalancerArn))
	}
	return nil
}

// behind are the target groups of a load balancer.
func (a *Account) behind(balancer string) []string {
	var values []string
	for _, l := range a.listenersOf(balancer) {
		values = append(values, targetGroups(a.groupsOfListener(l))...)
	}
	return values
}

func targetGroups(arns []string) []string {
	var values []string
	for _, arn := range arns {
		values = append(values, "target-group "+arn)
	}
	return values
}
