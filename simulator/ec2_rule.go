package simulator

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// mostRules is how many rules a group may have per direction and IP version
// (VPC quotas).
const mostRules = 60

func authorizeIngress(
	a *Account, in *ec2.AuthorizeSecurityGroupIngressInput,
) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	group, err := a.securityGroup(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	asked := askedPermissions(in.IpPermissions, in.IpProtocol, in.FromPort, in.ToPort, in.CidrIp)
	rules, err := a.authorize(group, false, asked, in.TagSpecifications)
	if err != nil {
		return nil, err
	}
	return &ec2.AuthorizeSecurityGroupIngressOutput{Return: ptr(true), SecurityGroupRules: rules}, nil
}

func authorizeEgress(
	a *Account, in *ec2.AuthorizeSecurityGroupEgressInput,
) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
	group, err := a.securityGroup(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	rules, err := a.authorize(group, true, in.IpPermissions, in.TagSpecifications)
	if err != nil {
		return nil, err
	}
	return &ec2.AuthorizeSecurityGroupEgressOutput{Return: ptr(true), SecurityGroupRules: rules}, nil
}

// askedPermissions are those of a call: a list, the parts of one, or both.
func askedPermissions(
	list []types.IpPermission, protocol *string, from, to *int32, cidr *string,
) []types.IpPermission {
	asked := slices.Clone(list)
	if cidr == nil && protocol == nil {
		return asked
	}
	one := types.IpPermission{IpProtocol: protocol, FromPort: from, ToPort: to}
	if cidr != nil {
		one.IpRanges = []types.IpRange{{CidrIp: cidr}}
	}
	return append(asked, one)
}

// authorize adds all the rules or none.
func (a *Account) authorize(
	group *types.SecurityGroup, egress bool, asked []types.IpPermission, specs []types.TagSpecification,
) ([]types.SecurityGroupRule, error) {
	tags, err := ec2NewTags(specs, types.ResourceTypeSecurityGroupRule)
	if err != nil {
		return nil, err
	}
	rules, err := a.flatten(asked)
	if err != nil {
		return nil, err
	}
	if err := a.checkNewRules(*group.GroupId, egress, rules); err != nil {
		return nil, err
	}
	for i := range rules {
		rules[i] = *a.putRule(group, egress, rules[i], tags)
		rules[i].Tags = ec2Tags(tags)
	}
	return rules, nil
}

func (a *Account) checkNewRules(group string, egress bool, rules []types.SecurityGroupRule) error {
	have := map[string]bool{}
	count := map[bool]int{} // by whether it is of IPv6
	for _, rule := range a.rulesOf(group) {
		if val(rule.IsEgress) == egress {
			have[ruleKey(*rule)] = true
			count[rule.CidrIpv6 != nil]++
		}
	}
	for _, rule := range rules {
		key := ruleKey(rule)
		if have[key] {
			return duplicateRule(rule)
		}
		have[key] = true
		count[rule.CidrIpv6 != nil]++
	}
	if max(count[false], count[true]) > mostRules {
		return ec2Error("RulesPerSecurityGroupLimitExceeded",
			"The maximum number of rules per security group has been reached.")
	}
	return nil
}

// putRule stores a new rule. Its id follows from the group and what it allows.
func (a *Account) putRule(
	group *types.SecurityGroup, egress bool, rule types.SecurityGroupRule, tags map[string]string,
) *types.SecurityGroupRule {
	name := fmt.Sprintf("%s %t %s", *group.GroupId, egress, ruleKey(rule))
	id := "sgr-" + a.id("security-group-rule", name)[:17]
	rule.SecurityGroupRuleId, rule.SecurityGroupRuleArn = &id, ptr(a.ec2ARN(id))
	rule.GroupId, rule.GroupOwnerId, rule.IsEgress = group.GroupId, &a.Account, &egress
	a.bear(a.ec2ARN(id), tags)
	return a.SecurityGroupRules.Put(id, rule)
}

func (a *Account) dropRule(id string) {
	a.SecurityGroupRules.Delete(id)
	a.Tags.Delete(a.ec2ARN(id))
}

// rulesOf yields the rules of a group by their ids.
func (a *Account) rulesOf(group string) iter.Seq2[string, *types.SecurityGroupRule] {
	return a.rules.Of("of " + group)
}

// usedByRule tells whether a rule of another group names this one.
func usedByRule(a *Account, id string) bool {
	for _, rule := range a.rules.Of("peer " + id) {
		if *rule.GroupId != id {
			return true
		}
	}
	return false
}

// flatten turns permissions into rules, one per peer.
func (a *Account) flatten(asked []types.IpPermission) ([]types.SecurityGroupRule, error) {
	var rules []types.SecurityGroupRule
	for _, p := range asked {
		base, err := portRange(p.IpProtocol, p.FromPort, p.ToPort)
		if err != nil {
			return nil, err
		}
		peers, err := a.peers(p)
		if err != nil {
			return nil, err
		}
		for _, rule := range peers {
			if !groupText.MatchString(str(rule.Description)) {
				return nil, ec2Error("InvalidParameterValue", "Invalid rule description. Valid descriptions are strings "+
					"less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
			}
			rule.IpProtocol, rule.FromPort, rule.ToPort = base.IpProtocol, base.FromPort, base.ToPort
			rules = append(rules, rule)
		}
	}
	if len(rules) == 0 {
		return nil, ec2Error("MissingParameter", "The request must contain the parameter ipPermissions")
	}
	return rules, nil
}

// peers is a rule per peer of a permission, without ports.
func (a *Account) peers(p types.IpPermission) ([]types.SecurityGroupRule, error) {
	var rules []types.SecurityGroupRule
	for _, r := range p.IpRanges {
		cidr, err := canonicalCIDR(str(r.CidrIp))
		if err != nil {
			return nil, err
		}
		rules = append(rules, types.SecurityGroupRule{CidrIpv4: &cidr, Description: r.Description})
	}
	for _, r := range p.Ipv6Ranges {
		cidr, err := canonicalCIDR(str(r.CidrIpv6))
		if err != nil {
			return nil, err
		}
		rules = append(rules, types.SecurityGroupRule{CidrIpv6: &cidr, Description: r.Description})
	}
	for _, l := range p.PrefixListIds {
		rules = append(rules, types.SecurityGroupRule{PrefixListId: l.PrefixListId, Description: l.Description})
	}
	for _, pair := range p.UserIdGroupPairs {
		peer, err := a.securityGroup(pair.GroupId, pair.GroupName)
		if err != nil {
			return nil, err
		}
		rules = append(rules, types.SecurityGroupRule{Description: pair.Description, ReferencedGroupInfo: a.reference(peer)})
	}
	return rules, nil
}

func (a *Account) reference(group *types.SecurityGroup) *types.ReferencedSecurityGroup {
	return &types.ReferencedSecurityGroup{GroupId: group.GroupId, UserId: &a.Account, VpcId: group.VpcId}
}

// canonicalCIDR clears the host bits, as EC2 does.
func canonicalCIDR(cidr string) (string, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return "", ec2Error("InvalidParameterValue", "CIDR block %s is malformed", cidr)
	}
	return prefix.Masked().String(), nil
}

// protocols are the names of the protocols that EC2 knows by name.
var protocols = map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}

// portRange checks a protocol and its ports, in the form of a rule: EC2 keeps
// -1 for the ports of protocols without.
func portRange(protocol *string, from, to *int32) (types.SecurityGroupRule, error) {
	name := str(protocol)
	if known, numbered := protocols[name]; numbered {
		name = known
	}
	rule := types.SecurityGroupRule{IpProtocol: &name, FromPort: orElse(from, -1), ToPort: orElse(to, -1)}
	switch name {
	case "tcp", "udp":
		if from == nil || to == nil {
			return rule, ec2Error("InvalidParameterValue",
				"Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
		}
		if *from < 0 || *to > 65535 || *from > *to {
			return rule, ec2Error("InvalidParameterValue",
				"Invalid value '%d-%d' for portRange. Port range is invalid", *from, *to)
		}
		return rule, nil
	case "icmp", "icmpv6":
		return rule, nil
	}
	if n, err := strconv.Atoi(name); err != nil || n < -1 || n > 255 {
		return rule, ec2Error("InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol.", name)
	}
	rule.FromPort, rule.ToPort = ptr(int32(-1)), ptr(int32(-1))
	return rule, nil
}

// ruleKey tells rules of one group and direction apart; descriptions do not.
func ruleKey(r types.SecurityGroupRule) string {
	return permissionKey(r.IpProtocol, r.FromPort, r.ToPort) + " " + peerOf(r)
}

func peerOf(r types.SecurityGroupRule) string {
	switch {
	case r.CidrIpv4 != nil:
		return *r.CidrIpv4
	case r.CidrIpv6 != nil:
		return *r.CidrIpv6
	case r.PrefixListId != nil:
		return *r.PrefixListId
	}
	return str(val(r.ReferencedGroupInfo).GroupId)
}

func describeRule(r types.SecurityGroupRule) string {
	if *r.IpProtocol == "-1" {
		return fmt.Sprintf("peer: %s, ALL", peerOf(r))
	}
	return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d", peerOf(r), *r.IpProtocol, *r.FromPort, *r.ToPort)
}

func describeSecurityGroupRules(
	a *Account, in *ec2.DescribeSecurityGroupRulesInput,
) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	all, err := described(a, &a.SecurityGroupRules, in.SecurityGroupRuleIds, in.Filters, ruleKind)
	if err != nil {
		return nil, err
	}
	rules, next, err := ec2Page(a, all, func(r types.SecurityGroupRule) string { return *r.SecurityGroupRuleId }, in.NextToken, in.MaxResults)
	return &ec2.DescribeSecurityGroupRulesOutput{SecurityGroupRules: rules, NextToken: next}, err
}

var ruleKind = kind[types.SecurityGroupRule]{
	notFound: "InvalidSecurityGroupRuleId.NotFound", noun: "security group rule ID",
	filters: map[string]func(*types.SecurityGroupRule) []string{
		"group-id":               func(r *types.SecurityGroupRule) []string { return one(r.GroupId) },
		"security-group-rule-id": func(r *types.SecurityGroupRule) []string { return one(r.SecurityGroupRuleId) },
	},
	tags: func(r *types.SecurityGroupRule, tags []types.Tag) { r.Tags = tags },
}

func revokeIngress(
	a *Account, in *ec2.RevokeSecurityGroupIngressInput,
) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	group, err := a.securityGroup(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	asked := askedPermissions(in.IpPermissions, in.IpProtocol, in.FromPort, in.ToPort, in.CidrIp)
	revoked, err := a.revoke(*group.GroupId, false, asked, in.SecurityGroupRuleIds)
	return &ec2.RevokeSecurityGroupIngressOutput{Return: ptr(true), RevokedSecurityGroupRules: revoked}, err
}

func revokeEgress(
	a *Account, in *ec2.RevokeSecurityGroupEgressInput,
) (*ec2.RevokeSecurityGroupEgressOutput, error) {
	group, err := a.securityGroup(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	revoked, err := a.revoke(*group.GroupId, true, in.IpPermissions, in.SecurityGroupRuleIds)
	return &ec2.RevokeSecurityGroupEgressOutput{Return: ptr(true), RevokedSecurityGroupRules: revoked}, err
}

// revoke removes the rules with these ids and those that say the same as the
// permissions: all or none.
func (a *Account) revoke(
	group string, egress bool, asked []types.IpPermission, ids []string,
) ([]types.RevokedSecurityGroupRule, error) {
	doomed := slices.Clone(ids)
	for _, id := range ids {
		if err := a.checkRule(group, egress, id); err != nil {
			return nil, err
		}
	}
	if len(asked) > 0 {
		rules, err := a.flatten(asked)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			id := a.findRule(group, egress, rule)
			if id == "" {
				return nil, noSuchPermission()
			}
			doomed = append(doomed, id)
		}
	}
	if len(doomed) == 0 {
		return nil, ec2Error("MissingParameter", "The request must contain the parameter ipPermissions or securityGroupRuleIds")
	}
	var revoked []types.RevokedSecurityGroupRule
	for _, id := range doomed {
		revoked = append(revoked, revokedRule(a.SecurityGroupRules.Get(id)))
	}
	for _, id := range doomed {
		a.dropRule(id)
	}
	return revoked, nil
}

func (a *Account) checkRule(group string, egress bool, id string) error {
	rule := a.SecurityGroupRules.Get(id)
	if rule == nil || *rule.GroupId != group || *rule.IsEgress != egress {
		return noSuchRule(id)
	}
	return nil
}

func noSuchRule(id string) error {
	return ec2Error("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
}

func duplicateRule(r types.SecurityGroupRule) error {
	return ec2Error("InvalidPermission.Duplicate", `the specified rule "%s, ALLOW" already exists`, describeRule(r))
}

func (a *Account) findRule(group string, egress bool, like types.SecurityGroupRule) string {
	for id, rule := range a.rulesOf(group) {
		if *rule.IsEgress == egress && ruleKey(*rule) == ruleKey(like) {
			return id
		}
	}
	return ""
}

func revokedRule(r *types.SecurityGroupRule) types.RevokedSecurityGroupRule {
	return types.RevokedSecurityGroupRule{
		SecurityGroupRuleId: r.SecurityGroupRuleId, GroupId: r.GroupId, IsEgress: r.IsEgress,
		IpProtocol: r.IpProtocol, FromPort: r.FromPort, ToPort: r.ToPort, Description: r.Description,
		CidrIpv4: r.CidrIpv4, CidrIpv6: r.CidrIpv6, PrefixListId: r.PrefixListId,
		ReferencedGroupId: val(r.ReferencedGroupInfo).GroupId,
	}
}

// modifySecurityGroupRules replaces rules in place, keeping ids and tags. A
// rule keeps its direction and the kind of its peer.
func modifySecurityGroupRules(
	a *Account, in *ec2.ModifySecurityGroupRulesInput,
) (*ec2.ModifySecurityGroupRulesOutput, error) {
	group, err := a.securityGroup(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	changes := make([]types.SecurityGroupRule, len(in.SecurityGroupRules))
	for i, update := range in.SecurityGroupRules {
		if changes[i], err = a.modifiedRule(*group.GroupId, update); err != nil {
			return nil, err
		}
	}
	for i, update := range in.SecurityGroupRules {
		row, want := a.SecurityGroupRules.Edit(*update.SecurityGroupRuleId), changes[i]
		row.IpProtocol, row.FromPort, row.ToPort = want.IpProtocol, want.FromPort, want.ToPort
		row.CidrIpv4, row.CidrIpv6, row.PrefixListId = want.CidrIpv4, want.CidrIpv6, want.PrefixListId
		row.ReferencedGroupInfo, row.Description = want.ReferencedGroupInfo, want.Description
	}
	return &ec2.ModifySecurityGroupRulesOutput{Return: ptr(true)}, nil
}

func (a *Account) modifiedRule(group string, update types.SecurityGroupRuleUpdate) (types.SecurityGroupRule, error) {
	var none types.SecurityGroupRule
	id := str(update.SecurityGroupRuleId)
	have := a.SecurityGroupRules.Get(id)
	if have == nil || *have.GroupId != group {
		return none, noSuchRule(id)
	}
	rules, err := a.flatten([]types.IpPermission{requestedPermission(val(update.SecurityGroupRule))})
	if err != nil {
		return none, err
	}
	if other := a.findRule(group, *have.IsEgress, rules[0]); other != "" && other != id {
		return none, duplicateRule(rules[0])
	}
	return rules[0], nil
}

func requestedPermission(r types.SecurityGroupRuleRequest) types.IpPermission {
	p := types.IpPermission{IpProtocol: r.IpProtocol, FromPort: r.FromPort, ToPort: r.ToPort}
	switch {
	case r.CidrIpv4 != nil:
		p.IpRanges = []types.IpRange{{CidrIp: r.CidrIpv4, Description: r.Description}}
	case r.CidrIpv6 != nil:
		p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: r.CidrIpv6, Description: r.Description}}
	case r.PrefixListId != nil:
		p.PrefixListIds = []types.PrefixListId{{PrefixListId: r.PrefixListId, Description: r.Description}}
	case r.ReferencedGroupId != nil:
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: r.ReferencedGroupId, Description: r.Description}}
	}
	return p
}

func updateDescriptionsIngress(
	a *Account, in *ec2.UpdateSecurityGroupRuleDescriptionsIngressInput,
) (*ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	err := a.describeRules(in.GroupId, in.GroupName, false, in.IpPermissions, in.SecurityGroupRuleDescriptions)
	return &ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput{Return: ptr(true)}, err
}

func updateDescriptionsEgress(
	a *Account, in *ec2.UpdateSecurityGroupRuleDescriptionsEgressInput,
) (*ec2.UpdateSecurityGroupRuleDescriptionsEgressOutput, error) {
	err := a.describeRules(in.GroupId, in.GroupName, true, in.IpPermissions, in.SecurityGroupRuleDescriptions)
	return &ec2.UpdateSecurityGroupRuleDescriptionsEgressOutput{Return: ptr(true)}, err
}

func (a *Account) describeRules(
	groupID, groupName *string, egress bool, asked []types.IpPermission, byID []types.SecurityGroupRuleDescription,
) error {
	group, err := a.securityGroup(groupID, groupName)
	if err != nil {
		return err
	}
	texts := map[string]*string{} // by rule id
	for _, d := range byID {
		if err := a.checkRule(*group.GroupId, egress, str(d.SecurityGroupRuleId)); err != nil {
			return err
		}
		texts[*d.SecurityGroupRuleId] = d.Description
	}
	if len(asked) > 0 {
		rules, err := a.flatten(asked)
		if err != nil {
			return err
		}
		for _, rule := range rules {
			id := a.findRule(*group.GroupId, egress, rule)
			if id == "" {
				return noSuchPermission()
			}
			texts[id] = rule.Description
		}
	}
	for id, text := range texts {
		a.SecurityGroupRules.Edit(id).Description = text
	}
	return nil
}

func noSuchPermission() error {
	return ec2Error("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
}
