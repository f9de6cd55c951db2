package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

// group makes a security group in the default VPC.
func (w *world) group(name string) string {
	w.t.Helper()
	return *must(w.ec2.CreateSecurityGroup(w.t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: aws.String("test"),
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{{Key: aws.String("name"), Value: &name}},
		}},
	}))(w.t).GroupId
}

func TestAFreshAccountHasADefaultNetwork(t *testing.T) {
	w := newWorld(t, simulator.Options{Region: "ap-southeast-2"})
	ctx := t.Context()
	vpcs := must(w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []types.Filter{filter("is-default", "true")}}))(t).Vpcs
	if len(vpcs) != 1 {
		t.Fatal(text(vpcs))
	}
	golden(t, "default-network", map[string]any{
		"vpcs":           vpcs,
		"subnets":        must(w.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []types.Filter{filter("vpc-id", *vpcs[0].VpcId)}}))(t).Subnets,
		"routeTables":    must(w.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{filter("association.main", "true")}}))(t).RouteTables,
		"securityGroups": must(w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"default"}}))(t).SecurityGroups,
		"zones":          must(w.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{}))(t).AvailabilityZones,
	})
}

func TestANewSecurityGroupMaySendAnything(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id := w.group("web")
	golden(t, "security-group", must(w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(t))
}

func TestCreateSecurityGroupRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.group("web")
	for _, c := range []struct {
		name, group, description, vpc string
		want                          string
	}{
		{"a name that is taken", "web", "x", "", "InvalidGroup.Duplicate"},
		{"the name default", "default", "x", "", "InvalidGroup.Reserved"},
		{"a name like an id", "sg-web", "x", "", "InvalidParameterValue"},
		{"a name with an accent", "café", "x", "", "InvalidParameterValue"},
		{"a description with an apostrophe", "other", "web's group", "", "InvalidParameterValue"},
		{"an unknown VPC", "other", "x", "vpc-00000000", "InvalidVpcID.NotFound"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := &ec2.CreateSecurityGroupInput{GroupName: &c.group, Description: &c.description}
			if c.vpc != "" {
				in.VpcId = &c.vpc
			}
			if _, err := w.ec2.CreateSecurityGroup(t.Context(), in); code(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestAuthorizeRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id := w.group("web")
	permit := func(p types.IpPermission) error {
		_, err := w.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &id, IpPermissions: []types.IpPermission{p},
		})
		return err
	}
	if err := permit(tcp(80, "10.0.0.0/8")); err != nil {
		t.Fatal(err)
	}
	named := func(edit func(p *types.IpPermission)) types.IpPermission {
		p := tcp(443, "0.0.0.0/0")
		edit(&p)
		return p
	}
	for _, c := range []struct {
		name string
		want string
		p    types.IpPermission
	}{
		{"a rule that is there", "InvalidPermission.Duplicate", tcp(80, "10.0.0.0/8")},
		{"the same rule with host bits", "InvalidPermission.Duplicate", tcp(80, "10.1.2.3/8")},
		{"a range that is none", "InvalidParameterValue", tcp(80, "10.0.0.0")},
		{"a port above 65535", "InvalidParameterValue", tcp(70000, "10.0.0.0/8")},
		{"tcp without ports", "InvalidParameterValue", named(func(p *types.IpPermission) { p.FromPort = nil })},
		{"an unknown protocol", "InvalidParameterValue", named(func(p *types.IpPermission) { p.IpProtocol = aws.String("sctpx") })},
		{"no peer", "MissingParameter", named(func(p *types.IpPermission) { p.IpRanges = nil })},
		{"an unknown group", "InvalidGroup.NotFound", named(func(p *types.IpPermission) {
			p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: aws.String("sg-00000000")}}
		})},
		{"a description with an apostrophe", "InvalidParameterValue", named(func(p *types.IpPermission) {
			p.IpRanges[0].Description = aws.String("web's")
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := permit(c.p); code(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	t.Run("more than sixty rules", func(t *testing.T) {
		var p []types.IpPermission
		for port := range int32(60) {
			p = append(p, tcp(1000+port, "10.0.0.0/8"))
		}
		_, err := w.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p})
		if code(err) != "RulesPerSecurityGroupLimitExceeded" {
			t.Error(err)
		}
	})
}

func TestTheLifeOfARule(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	web, db := w.group("web"), w.group("db")
	pair := types.IpPermission{
		IpProtocol: aws.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &web, Description: aws.String("from web")}},
	}
	out := must(w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &db, IpPermissions: []types.IpPermission{pair},
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeSecurityGroupRule, Tags: []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}},
		}},
	}))(t)
	rule := out.SecurityGroupRules[0]
	golden(t, "security-group-rule", rule)

	if _, err := w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &web}); code(err) != "DependencyViolation" {
		t.Error("want a group kept that another's rule names:", err)
	}

	must(w.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
		GroupId: &db, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
			SecurityGroupRuleId: rule.SecurityGroupRuleId,
			SecurityGroupRule: &types.SecurityGroupRuleRequest{
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432), ReferencedGroupId: &web,
			},
		}},
	}))(t)
	must(w.ec2.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
		GroupId: &db, SecurityGroupRuleDescriptions: []types.SecurityGroupRuleDescription{{
			SecurityGroupRuleId: rule.SecurityGroupRuleId, Description: aws.String("postgres"),
		}},
	}))(t)
	rules := must(w.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []types.Filter{filter("group-id", db), filter("tag:project", "shop")},
	}))(t).SecurityGroupRules
	if len(rules) != 1 || *rules[0].FromPort != 5432 || *rules[0].Description != "postgres" {
		t.Error(text(rules))
	}

	must(w.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{
		GroupId: &db, SecurityGroupRuleIds: []string{*rule.SecurityGroupRuleId},
	}))(t)
	_, err := w.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &db, IpPermissions: []types.IpPermission{pair}})
	if code(err) != "InvalidPermission.NotFound" {
		t.Error(err)
	}
	must(w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &web}))(t)
	if _, err := w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &web}); code(err) != "InvalidGroup.NotFound" {
		t.Error(err)
	}
}

func TestSecurityGroupFilters(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	web := w.group("shop-web")
	w.group("shop-db")
	w.group("other")
	must(w.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &web, IpPermissions: []types.IpPermission{tcp(80, "10.0.0.0/8")},
	}))(t)
	for _, c := range []struct {
		name    string
		filters []types.Filter
		want    string
	}{
		{"by name", []types.Filter{filter("group-name", "shop-web")}, "shop-web"},
		{"by one of two names", []types.Filter{filter("group-name", "shop-web", "other")}, "other shop-web"},
		{"by a wildcard", []types.Filter{filter("group-name", "shop-*")}, "shop-db shop-web"},
		{"by tag", []types.Filter{filter("tag:name", "shop-db")}, "shop-db"},
		{"by tag key", []types.Filter{filter("tag-key", "name")}, "other shop-db shop-web"},
		{"by an open range", []types.Filter{filter("ip-permission.cidr", "10.0.0.0/8"), filter("ip-permission.from-port", "80")}, "shop-web"},
		{"by where it may send", []types.Filter{filter("egress.ip-permission.protocol", "-1"), filter("group-name", "other")}, "other"},
		{"by all of two filters", []types.Filter{filter("tag-key", "name"), filter("group-name", "default")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var names []string
			pages := ec2.NewDescribeSecurityGroupsPaginator(w.ec2, &ec2.DescribeSecurityGroupsInput{Filters: c.filters})
			for pages.HasMorePages() {
				for _, g := range must(pages.NextPage(t.Context()))(t).SecurityGroups {
					names = append(names, *g.GroupName)
				}
			}
			slices.Sort(names)
			if diff := cmp.Diff(c.want, strings.Join(names, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{filter("colour", "red")}})
	if code(err) != "InvalidParameterValue" {
		t.Error("an unknown filter:", err)
	}
}

func TestUnknownIdsHaveTheirOwnCodes(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	_, subnet := w.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-0"}})
	_, vpc := w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{"vpc-0"}})
	_, group := w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0"}})
	_, tag := w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{"sg-0"}, Tags: []types.Tag{{Key: aws.String("a")}}})
	_, malformed := w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"web"}})
	_, zone := w.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1z"}})
	got := fmt.Sprint(code(subnet), " ", code(vpc), " ", code(group), " ", code(tag), " ", code(malformed), " ", code(zone))
	if want := "InvalidSubnetID.NotFound InvalidVpcID.NotFound InvalidGroup.NotFound InvalidID InvalidGroupId.Malformed InvalidParameterValue"; got != want {
		t.Error(got)
	}
}

func TestSubnetFiltersHaveOtherNames(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for name, value := range map[string]string{"availabilityZone": "us-east-1a", "cidrBlock": "172.31.0.0/20", "availabilityZoneId": "use1-az1"} {
		in := &ec2.DescribeSubnetsInput{Filters: []types.Filter{filter(name, value), filter("defaultForAz", "true")}}
		if got := must(w.ec2.DescribeSubnets(t.Context(), in))(t).Subnets; len(got) != 1 {
			t.Error(name, text(got))
		}
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	_, err := w.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("web"), Description: aws.String("web"), DryRun: aws.Bool(true),
	})
	if code(err) != "DryRunOperation" {
		t.Error(err)
	}
	w.group("web")
}

func TestEC2Tags(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	id := w.group("web")
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	must(w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{tag("a", "1"), tag("b", "2")}}))(t)
	must(w.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("a")}, tag("b", "other")}}))(t)
	var got []string
	for _, d := range must(w.ec2.DescribeTags(ctx, &ec2.DescribeTagsInput{Filters: []types.Filter{filter("resource-id", id)}}))(t).Tags {
		got = append(got, fmt.Sprint(*d.Key, "=", *d.Value, " of ", d.ResourceType))
	}
	want := []string{"b=2 of security-group", "name=web of security-group"}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{tag("aws:x", "1")}})
	if code(err) != "InvalidParameterValue" {
		t.Error(err)
	}
}

func TestEgressRules(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	id := w.group("web")
	https := types.IpPermission{
		IpProtocol: aws.String("6"), FromPort: aws.Int32(443), ToPort: aws.Int32(443),
		IpRanges:      []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		Ipv6Ranges:    []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}},
		PrefixListIds: []types.PrefixListId{{PrefixListId: aws.String("pl-63a5400a")}},
	}
	out := must(w.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
		GroupId: &id, IpPermissions: []types.IpPermission{https},
	}))(t)
	if len(out.SecurityGroupRules) != 3 || *out.SecurityGroupRules[0].IpProtocol != "tcp" || !*out.SecurityGroupRules[0].IsEgress {
		t.Error(text(out))
	}
	must(w.ec2.UpdateSecurityGroupRuleDescriptionsEgress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{
		GroupId: &id, IpPermissions: []types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443),
			IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0"), Description: aws.String("https")}},
		}},
	}))(t)
	g := must(w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(t).SecurityGroups[0]
	golden(t, "security-group-egress", g.IpPermissionsEgress)
	must(w.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: []types.IpPermission{https}}))(t)
	_, err := w.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{
		GroupId: &id, SecurityGroupRuleIds: []string{*out.SecurityGroupRules[0].SecurityGroupRuleId},
	})
	if code(err) != "InvalidSecurityGroupRuleId.NotFound" {
		t.Error(err)
	}
}

func TestTheOlderFormOfAnIngressRule(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.group("web")
	in := &ec2.AuthorizeSecurityGroupIngressInput{
		GroupName: aws.String("web"), IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
		CidrIp: aws.String("10.0.0.0/8"),
	}
	must(w.ec2.AuthorizeSecurityGroupIngress(t.Context(), in))(t)
	must(w.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
		GroupName: in.GroupName, IpProtocol: in.IpProtocol, FromPort: in.FromPort, ToPort: in.ToPort, CidrIp: in.CidrIp,
	}))(t)
}

func TestTheDefaultVpcHasDNSAndNoEndpoints(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	vpc := must(w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}))(t).Vpcs[0].VpcId
	out := must(w.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: vpc, Attribute: types.VpcAttributeNameEnableDnsHostnames}))(t)
	if !*out.EnableDnsHostnames.Value {
		t.Error(text(out))
	}
	if endpoints := must(w.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{}))(t); len(endpoints.VpcEndpoints) != 0 {
		t.Error(text(endpoints))
	}
}
