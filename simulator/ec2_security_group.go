package simulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// groupText is what EC2 allows in names and descriptions of security groups
// and their rules (API reference, CreateSecurityGroup).
var groupText = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}$`)

// securityGroupUsers tell who uses a security group, so that it cannot be
// deleted. A service that attaches security groups adds one.
var securityGroupUsers = []func(a *Account, id string) bool{
	usedByRule, usedByService, usedByTask, usedByMountTarget, usedByLoadBalancer, usedByEndpoint,
}

func createSecurityGroup(a *Account, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	name, vpc := str(in.GroupName), str(in.VpcId)
	if vpc == "" {
		vpc = a.defaultVpc()
	}
	if err := a.checkNewGroup(name, str(in.Description), vpc); err != nil {
		return nil, err
	}
	tags, err := ec2NewTags(in.TagSpecifications, types.ResourceTypeSecurityGroup)
	if err != nil {
		return nil, err
	}
	group := a.putSecurityGroup(name, str(in.Description), vpc, tags)
	return &ec2.CreateSecurityGroupOutput{
		GroupId: group.GroupId, SecurityGroupArn: group.SecurityGroupArn, Tags: ec2Tags(tags),
	}, nil
}

func (a *Account) checkNewGroup(name, description, vpc string) error {
	switch {
	case a.Vpcs.Get(vpc) == nil:
		return ec2Error("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", vpc)
	case name == "" || !groupText.MatchString(name):
		return ec2Error("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. "+
			"Character sets beyond ASCII are not supported.", name)
	case strings.HasPrefix(name, "sg-"):
		return ec2Error("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. "+
			"Group names may not be in the format sg-*.", name)
	case strings.EqualFold(name, "default"):
		return ec2Error("InvalidGroup.Reserved", "The security group '%s' is reserved", name)
	case description == "" || !groupText.MatchString(description):
		return ec2Error("InvalidParameterValue", "Value (%s) for parameter GroupDescription is invalid. "+
			"Character sets beyond ASCII are not supported.", description)
	}
	for _, group := range a.groups.Of(name) {
		if str(group.VpcId) == vpc {
			return ec2Error("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, vpc)
		}
	}
	if a.SecurityGroups.Len() >= 2500 { // VPC quotas: security groups per Region
		return ec2Error("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
	}
	return nil
}

// putSecurityGroup makes a group as EC2 does: it may send anything anywhere.
// The default group may also receive from itself.
func (a *Account) putSecurityGroup(name, description, vpc string, tags map[string]string) *types.SecurityGroup {
	id := "sg-" + a.id("security-group", vpc+" "+name)[:17]
	arn := a.ec2ARN(id)
	a.bear(arn, tags)
	group := a.SecurityGroups.Put(id, types.SecurityGroup{
		GroupId: &id, GroupName: &name, Description: &description, VpcId: &vpc, OwnerId: &a.Account, SecurityGroupArn: &arn,
	})
	everything := types.SecurityGroupRule{IpProtocol: ptr("-1"), FromPort: ptr(int32(-1)), ToPort: ptr(int32(-1))}
	out := everything
	out.CidrIpv4 = ptr("0.0.0.0/0")
	a.putRule(group, true, out, nil)
	if name == "default" {
		in := everything
		in.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: &id, UserId: &a.Account}
		a.putRule(group, false, in, nil)
	}
	return group
}

// defaultVpc is the default VPC's id, empty when the account has none.
func (a *Account) defaultVpc() string {
	for id, vpc := range a.Vpcs.All() {
		if val(vpc.IsDefault) {
			return id
		}
	}
	return ""
}

// groupByName is the id that EC2 takes for a group's name: the one of the
// default VPC.
func (a *Account) groupByName(name string) string {
	for id, group := range a.groups.Of(name) {
		if str(group.VpcId) == a.defaultVpc() {
			return id
		}
	}
	return ""
}

// securityGroup finds the group that a call names by id, or else by name.
func (a *Account) securityGroup(id, name *string) (*types.SecurityGroup, error) {
	switch {
	case str(id) == "" && str(name) == "":
		return nil, ec2Error("MissingParameter", "The request must contain the parameter groupName or groupId")
	case str(id) == "":
		if byName := a.groupByName(*name); byName != "" {
			return a.SecurityGroups.Get(byName), nil
		}
		return nil, ec2Error("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'",
			*name, a.defaultVpc())
	case !strings.HasPrefix(*id, "sg-"):
		return nil, ec2Error("InvalidGroupId.Malformed", `Invalid id: "%s" (expecting "sg-...")`, *id)
	}
	if group := a.SecurityGroups.Get(*id); group != nil {
		return group, nil
	}
	return nil, ec2Error("InvalidGroup.NotFound", "The security group '%s' does not exist", *id)
}

func deleteSecurityGroup(a *Account, in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	group, err := a.securityGroup(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	id := *group.GroupId
	if *group.GroupName == "default" {
		return nil, ec2Error("CannotDelete", `the specified group: "%s" name: "default" cannot be deleted by a user`, id)
	}
	if slices.ContainsFunc(securityGroupUsers, func(uses func(*Account, string) bool) bool { return uses(a, id) }) {
		return nil, ec2Error("DependencyViolation", "resource %s has a dependent object", id)
	}
	for ruleID := range a.rulesOf(id) {
		a.dropRule(ruleID)
	}
	a.SecurityGroups.Delete(id)
	a.Tags.Delete(a.ec2ARN(id))
	return &ec2.DeleteSecurityGroupOutput{GroupId: &id, Return: ptr(true)}, nil
}

func describeSecurityGroups(
	a *Account, in *ec2.DescribeSecurityGroupsInput,
) (*ec2.DescribeSecurityGroupsOutput, error) {
	ids := slices.Clone(in.GroupIds)
	for _, name := range in.GroupNames {
		group, err := a.securityGroup(nil, &name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, *group.GroupId)
	}
	for _, id := range in.GroupIds {
		if _, err := a.securityGroup(&id, nil); err != nil {
			return nil, err
		}
	}
	permissions := a.permissionsByGroup()
	all, err := described(a, &a.SecurityGroups, ids, in.Filters, securityGroupKind.with(permissions))
	if err != nil {
		return nil, err
	}
	groups, next, err := ec2Page(a, all, func(g types.SecurityGroup) string { return *g.GroupId }, in.NextToken, in.MaxResults)
	for i := range groups {
		of := permissions[*groups[i].GroupId]
		groups[i].IpPermissions, groups[i].IpPermissionsEgress = filled(of.ingress), filled(of.egress)
	}
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: groups, NextToken: next}, err
}

var securityGroupKind = groupKind{
	notFound: "InvalidGroup.NotFound", noun: "security group",
	filters: map[string]func(*types.SecurityGroup) []string{
		"group-id":    func(g *types.SecurityGroup) []string { return one(g.GroupId) },
		"group-name":  func(g *types.SecurityGroup) []string { return one(g.GroupName) },
		"vpc-id":      func(g *types.SecurityGroup) []string { return one(g.VpcId) },
		"description": func(g *types.SecurityGroup) []string { return one(g.Description) },
		"owner-id":    func(g *types.SecurityGroup) []string { return one(g.OwnerId) },
	},
	tags: func(g *types.SecurityGroup, tags []types.Tag) { g.Tags = tags },
}

// groupKind is how security groups are described.
type groupKind kind[types.SecurityGroup]

// permissionFilters are what the filters ip-permission.… and egress.ip-permission.…
// look at (API reference, DescribeSecurityGroups).
var permissionFilters = map[string]func(types.IpPermission) []string{
	"protocol":  func(p types.IpPermission) []string { return one(p.IpProtocol) },
	"from-port": func(p types.IpPermission) []string { return portValue(p.FromPort) },
	"to-port":   func(p types.IpPermission) []string { return portValue(p.ToPort) },
	"cidr": func(p types.IpPermission) []string {
		var ranges []string
		for _, r := range p.IpRanges {
			ranges = append(ranges, one(r.CidrIp)...)
		}
		return ranges
	},
	"group-id": func(p types.IpPermission) []string {
		var ids []string
		for _, pair := range p.UserIdGroupPairs {
			ids = append(ids, one(pair.GroupId)...)
		}
		return ids
	},
}

func portValue(port *int32) []string {
	if port == nil {
		return nil
	}
	return []string{fmt.Sprint(*port)}
}

// with adds the filters that look at the rules of a group.
func (k groupKind) with(rules map[string]permissions) kind[types.SecurityGroup] {
	k.filters = maps.Clone(k.filters)
	for name, get := range permissionFilters {
		values := func(list []types.IpPermission) []string {
			var all []string
			for _, p := range list {
				all = append(all, get(p)...)
			}
			return all
		}
		k.filters["ip-permission."+name] = func(g *types.SecurityGroup) []string { return values(rules[*g.GroupId].ingress) }
		k.filters["egress.ip-permission."+name] = func(g *types.SecurityGroup) []string { return values(rules[*g.GroupId].egress) }
	}
	return kind[types.SecurityGroup](k)
}

// permissions are the rules of a group in their older form.
type permissions struct{ ingress, egress []types.IpPermission }

// permissionsByGroup gathers all rules; one permission holds the peers of one
// protocol and port range.
func (a *Account) permissionsByGroup() map[string]permissions {
	byGroup := map[string]permissions{}
	for _, rule := range a.SecurityGroupRules.All() {
		of := byGroup[*rule.GroupId]
		if val(rule.IsEgress) {
			of.egress = addPermission(of.egress, rule)
		} else {
			of.ingress = addPermission(of.ingress, rule)
		}
		byGroup[*rule.GroupId] = of
	}
	return byGroup
}

func addPermission(list []types.IpPermission, rule *types.SecurityGroupRule) []types.IpPermission {
	i := slices.IndexFunc(list, func(p types.IpPermission) bool {
		return permissionKey(p.IpProtocol, p.FromPort, p.ToPort) == permissionKey(rule.IpProtocol, rule.FromPort, rule.ToPort)
	})
	if i < 0 {
		i = len(list)
		list = append(list, newPermission(rule))
	}
	p := &list[i]
	switch {
	case rule.CidrIpv4 != nil:
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: rule.CidrIpv4, Description: rule.Description})
	case rule.CidrIpv6 != nil:
		p.Ipv6Ranges = append(p.Ipv6Ranges, types.Ipv6Range{CidrIpv6: rule.CidrIpv6, Description: rule.Description})
	case rule.PrefixListId != nil:
		p.PrefixListIds = append(p.PrefixListIds, types.PrefixListId{PrefixListId: rule.PrefixListId, Description: rule.Description})
	default:
		p.UserIdGroupPairs = append(p.UserIdGroupPairs, types.UserIdGroupPair{
			GroupId: rule.ReferencedGroupInfo.GroupId, UserId: rule.ReferencedGroupInfo.UserId, Description: rule.Description,
		})
	}
	return list
}

// newPermission drops the ports of protocol -1, as EC2 does.
func newPermission(rule *types.SecurityGroupRule) types.IpPermission {
	p := types.IpPermission{
		IpProtocol: rule.IpProtocol, IpRanges: []types.IpRange{}, Ipv6Ranges: []types.Ipv6Range{},
		PrefixListIds: []types.PrefixListId{}, UserIdGroupPairs: []types.UserIdGroupPair{},
	}
	if *rule.IpProtocol != "-1" {
		p.FromPort, p.ToPort = rule.FromPort, rule.ToPort
	}
	return p
}

// permissionKey tells port ranges apart; protocol -1 has none.
func permissionKey(protocol *string, from, to *int32) string {
	if str(protocol) == "-1" {
		return "-1"
	}
	return fmt.Sprintf("%s %d-%d", str(protocol), val(from), val(to))
}
