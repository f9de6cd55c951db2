package resource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// rulesOf takes EC2's permissions apart, one rule for each peer.
func rulesOf(group types.SecurityGroup, permissions []types.IpPermission) []spec.SecurityGroupRule {
	var out []spec.SecurityGroupRule
	for _, p := range permissions {
		rule := spec.SecurityGroupRule{Protocol: text(p.IpProtocol), FromPort: number(p.FromPort), ToPort: number(p.ToPort)}
		for _, peer := range p.IpRanges {
			r := rule
			r.CidrIpv4, r.Description = text(peer.CidrIp), text(peer.Description)
			out = append(out, r)
		}
		for _, peer := range p.Ipv6Ranges {
			r := rule
			r.CidrIpv6, r.Description = text(peer.CidrIpv6), text(peer.Description)
			out = append(out, r)
		}
		for _, peer := range p.PrefixListIds {
			r := rule
			r.PrefixListID, r.Description = text(peer.PrefixListId), text(peer.Description)
			out = append(out, r)
		}
		for _, peer := range p.UserIdGroupPairs {
			r := rule
			r.Description = text(peer.Description)
			if r.Self = text(peer.GroupId) == text(group.GroupId); !r.Self {
				r.GroupID = plan.Literal(text(peer.GroupId))
			}
			out = append(out, r)
		}
	}
	return out
}

// permission is the inverse of rulesOf for one rule of the group id.
func permission(id string, r spec.SecurityGroupRule) types.IpPermission {
	p := types.IpPermission{IpProtocol: &r.Protocol}
	if r.Protocol != "-1" {
		p.FromPort, p.ToPort = number32(r.FromPort), number32(r.ToPort)
	}
	description := optional(r.Description)
	switch {
	case r.Self:
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &id, Description: description}}
	case r.CidrIpv4 != "":
		p.IpRanges = []types.IpRange{{CidrIp: &r.CidrIpv4, Description: description}}
	case r.CidrIpv6 != "":
		p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: &r.CidrIpv6, Description: description}}
	case r.PrefixListID != "":
		p.PrefixListIds = []types.PrefixListId{{PrefixListId: &r.PrefixListID, Description: description}}
	default:
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &r.GroupID.Text, Description: description}}
	}
	return p
}

// ruleChange is what has to be done to the rules of one direction.
type ruleChange struct{ add, describe, remove []types.IpPermission }

func changeRules(id string, from, to []spec.SecurityGroupRule) ruleChange {
	var c ruleChange
	have := map[string]spec.SecurityGroupRule{}
	for _, rule := range from {
		have[ruleKey(rule)] = rule
	}
	for _, rule := range to {
		now, ok := have[ruleKey(rule)]
		delete(have, ruleKey(rule))
		switch {
		case !ok:
			c.add = append(c.add, permission(id, rule))
		case now.Description != rule.Description:
			c.describe = append(c.describe, permission(id, rule))
		}
	}
	for _, rule := range from {
		if _, ok := have[ruleKey(rule)]; ok {
			rule.Description = ""
			c.remove = append(c.remove, permission(id, rule))
		}
	}
	return c
}

func ruleKey(r spec.SecurityGroupRule) string {
	r.GroupID.Ref = nil
	return r.Key()
}

// setRules adds rules before it removes others, so that traffic that is allowed
// before and after is never blocked. If a rule to add exists already, or one to
// remove is gone, an earlier attempt got that far, and setRules reads the rules
// again.
func setRules(ctx context.Context, a *session, id string, from, to *spec.SecurityGroup) error {
	for range 3 {
		err := setDirections(ctx, a, id, from, to)
		if !is(err, "InvalidPermission.Duplicate", "InvalidPermission.NotFound") {
			return err
		}
		found, err := describeSecurityGroups(ctx, a, filter("group-id", id))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return plan.ErrNotFound
		}
		from = securityGroupCandidate(found[0]).Spec.(*spec.SecurityGroup)
	}
	return setDirections(ctx, a, id, from, to)
}

func setDirections(ctx context.Context, a *session, id string, from, to *spec.SecurityGroup) error {
	if err := setIngress(ctx, a, id, changeRules(id, from.Ingress, to.Ingress)); err != nil {
		return err
	}
	return setEgress(ctx, a, id, changeRules(id, from.Egress, to.Egress))
}

func setIngress(ctx context.Context, a *session, id string, c ruleChange) error {
	return c.carryOut(
		func(p []types.IpPermission) error {
			return onlyError(a.ec2().AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p}))
		},
		func(p []types.IpPermission) error {
			return onlyError(a.ec2().UpdateSecurityGroupRuleDescriptionsIngress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: &id, IpPermissions: p}))
		},
		func(p []types.IpPermission) error {
			return onlyError(a.ec2().RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p}))
		},
	)
}

func setEgress(ctx context.Context, a *session, id string, c ruleChange) error {
	return c.carryOut(
		func(p []types.IpPermission) error {
			return onlyError(a.ec2().AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: p}))
		},
		func(p []types.IpPermission) error {
			return onlyError(a.ec2().UpdateSecurityGroupRuleDescriptionsEgress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{GroupId: &id, IpPermissions: p}))
		},
		func(p []types.IpPermission) error {
			return onlyError(a.ec2().RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: p}))
		},
	)
}

func (c ruleChange) carryOut(add, describe, remove func([]types.IpPermission) error) error {
	for _, step := range []struct {
		list []types.IpPermission
		call func([]types.IpPermission) error
	}{{c.add, add}, {c.describe, describe}, {c.remove, remove}} {
		for batch := range slices.Chunk(step.list, 100) {
			if err := step.call(batch); err != nil {
				return err
			}
		}
	}
	return nil
}
