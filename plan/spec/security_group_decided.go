package spec

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Rules have descriptions, and load balancers are let out to the networks of their targets
// alone, since release 3.
var decidedOfGroup = []plan.Decision{
	{Release: 3, Path: "ingress.*.description", Only: undescribed},
	{Release: 3, Path: "egress.*.description", Only: undescribed},
	{Release: 3, Path: "egress.*", Only: narrowed},
	{Release: 3, Path: "ingress", Only: onlyAmongMembers, Last: true},
	{Release: 3, Path: "ingress.*", Only: onlyAmongMembers, Last: true},
	{Release: 3, Path: "egress", Only: onlyAmongMembers, Last: true},
	{Release: 3, Path: "egress.*", Only: onlyAmongMembers, Last: true},
}

func undescribed(_ plan.Target, _, _ *plan.Resource, c plan.Change) bool {
	return c.From == nil || c.From == ""
}

// narrowed says whether all that differs is that rules for anywhere become rules for groups on
// the same ports.
func narrowed(_ plan.Target, live, want *plan.Resource, _ plan.Change) bool {
	from, to := live.Spec.(*SecurityGroup).Egress, want.Spec.(*SecurityGroup).Egress
	for _, old := range from {
		if lacks(to, []SecurityGroupRule{old}) && !(old.CidrIpv4 == AnyIpv4 && slices.ContainsFunc(to, old.hasPortsOfGroup)) {
			return false
		}
	}
	for _, added := range to {
		isBehind := func(old SecurityGroupRule) bool { return old.CidrIpv4 == AnyIpv4 && old.hasPortsOfGroup(added) }
		if lacks(from, []SecurityGroupRule{added}) && !slices.ContainsFunc(from, isBehind) {
			return false
		}
	}
	return true
}

// hasPortsOfGroup says whether another rule is for a group, on the ports of r.
func (r SecurityGroupRule) hasPortsOfGroup(other SecurityGroupRule) bool {
	return other.GroupID != (plan.Value{}) && r.Protocol == other.Protocol && r.FromPort == other.FromPort && r.ToPort == other.ToPort
}
