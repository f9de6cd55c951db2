package spec

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// What the third release decides otherwise about who reaches the mount targets: a security
// group that they share with the tasks that mount volumes comes in place of rules for whole
// networks. Nothing is taken from tasks that are not yet members.

// StorageGroup is the name of that security group.
const StorageGroup = "efs"

// NFSPort is where mount targets listen (EFS User Guide, "Using VPC security groups").
const NFSPort = 2049

var decidedOfService = []plan.Decision{
	{Release: 3, Path: "networkConfiguration.securityGroups", Only: onlyJoinsStorage},
	{Release: 3, Path: "deploymentConfiguration.alarms", Only: onlyRemoves},
	{Release: 3, Path: "deploymentConfiguration.earlySuccessCriteria", Only: onlyRemoves},
	{Release: 3, Path: "deploymentConfiguration.deploymentCircuitBreaker.resetOnHealthyTask", Only: onlyRemoves},
	{Release: 3, Path: "deploymentConfiguration.deploymentCircuitBreaker.thresholdConfiguration", Only: onlyRemoves},
}

// onlyRemoves says whether a service has what somebody else gave it while no release managed
// it.
func onlyRemoves(_ plan.Target, _, _ *plan.Resource, c plan.Change) bool { return c.To == nil }

// onlyJoinsStorage says whether a service is a member of the group of the mount targets
// besides the groups that it had.
func onlyJoinsStorage(_ plan.Target, live, want *plan.Resource, _ plan.Change) bool {
	rest := slices.DeleteFunc(slices.Clone(want.Spec.(*Service).NetworkConfiguration.SecurityGroups), func(v plan.Value) bool {
		return v.Ref != nil && v.Ref.Address == (plan.Address{Kind: SecurityGroupKind, Name: StorageGroup})
	})
	before := live.Spec.(*Service).NetworkConfiguration.SecurityGroups
	return len(rest) == len(before) && len(rest) < len(want.Spec.(*Service).NetworkConfiguration.SecurityGroups)
}

var decidedOfMountTarget = []plan.Decision{
	{Release: 3, Path: "securityGroups", Last: true, Only: func(_ plan.Target, live, want *plan.Resource, _ plan.Change) bool {
		return len(want.Spec.(*MountTarget).SecurityGroups) < len(live.Spec.(*MountTarget).SecurityGroups)
	}},
}

// onlyAmongMembers says whether a security group is that of the mount targets, as it lets in
// its members.
func onlyAmongMembers(_ plan.Target, _, want *plan.Resource, _ plan.Change) bool {
	return want.Address.Name == StorageGroup && slices.ContainsFunc(want.Spec.(*SecurityGroup).Ingress, func(r SecurityGroupRule) bool {
		return r.Self && r.FromPort == NFSPort && r.ToPort == NFSPort
	})
}
