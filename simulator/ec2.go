package simulator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ec2State is the network. Tags are in Account.Tags, the rules of a security
// group in SecurityGroupRules, network interfaces with their tasks.
type ec2State struct {
	Vpcs               Table[types.Vpc]               `state:"ec2.vpcs"`
	VpcDNS             Table[VpcDNS]                  `state:"ec2.vpc-dns"` // by VPC; none: all on
	Subnets            Table[types.Subnet]            `state:"ec2.subnets"`
	RouteTables        Table[types.RouteTable]        `state:"ec2.route-tables"`
	SecurityGroups     Table[types.SecurityGroup]     `state:"ec2.security-groups"`
	SecurityGroupRules Table[types.SecurityGroupRule] `state:"ec2.security-group-rules"`
	VpcEndpoints       Table[types.VpcEndpoint]       `state:"ec2.vpc-endpoints"`
}

func ec2Operations() []operation {
	list := slices.Concat(vpcOperations(), []operation{
		read(describeVpcs),
		read(describeVpcAttribute),
		read(describeVpcEndpoints),
		read(describeSubnets),
		read(describeRouteTables),
		read(describeAvailabilityZones),
		read(describeNetworkInterfaces),
		read(describeSecurityGroups),
		read(describeSecurityGroupRules),
		write(createSecurityGroup),
		write(deleteSecurityGroup),
		write(authorizeIngress),
		write(authorizeEgress),
		write(revokeIngress),
		write(revokeEgress),
		write(modifySecurityGroupRules),
		write(updateDescriptionsIngress),
		write(updateDescriptionsEgress),
		write(createTags),
		write(deleteTags),
		read(describeTags),
	})
	for i := range list {
		list[i].answer = unlessDry(list[i].answer)
	}
	return list
}

// unlessDry answers calls that only ask whether they might be made.
func unlessDry(answer func(*Account, any) (any, error)) func(*Account, any) (any, error) {
	return func(a *Account, input any) (any, error) {
		if dry := reflect.ValueOf(input).Elem().FieldByName("DryRun"); dry.IsValid() && val(dry.Interface().(*bool)) {
			return nil, ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
		}
		return answer(a, input)
	}
}

// ec2Error is an error of EC2, whose model has no error types.
func ec2Error(code, format string, args ...any) error {
	return apiError(code, format, args...)
}

// zones are the zones of a region as one account may see them: the letter says
// nothing about the id.
var zones = []struct{ letter, id string }{{"a", "az1"}, {"b", "az2"}, {"c", "az4"}}

// foundNetwork makes the default VPC: three public subnets in three zones, a
// main route table with an internet gateway, and the default security group
// (VPC User Guide, "Default VPC components").
func (a *Account) foundNetwork() {
	vpc := "vpc-" + a.id("vpc", "default")[:17]
	gateway := "igw-" + a.id("internet-gateway", "default")[:17]
	a.Vpcs.Put(vpc, types.Vpc{
		VpcId: &vpc, CidrBlock: ptr("172.31.0.0/16"), IsDefault: ptr(true), State: types.VpcStateAvailable,
		InstanceTenancy: types.TenancyDefault, OwnerId: &a.Account, DhcpOptionsId: ptr("dopt-" + a.id("dhcp", "default")[:17]),
	})
	a.bear(a.ec2ARN(vpc), nil)
	for i, zone := range zones {
		a.putSubnet(vpc, a.Region+zone.letter, fmt.Sprintf("172.31.%d.0/20", 16*i))
	}
	a.putMainRouteTable(vpc, gateway)
	a.putSecurityGroup("default", "default VPC security group", vpc, nil)
}

func (a *Account) putSubnet(vpc, zone, cidr string) {
	id := "subnet-" + a.id("subnet", zone)[:17]
	arn := a.ec2ARN(id)
	a.Subnets.Put(id, types.Subnet{
		SubnetId: &id, SubnetArn: &arn, VpcId: &vpc, CidrBlock: &cidr, OwnerId: &a.Account,
		AvailabilityZone: &zone, AvailabilityZoneId: ptr(a.zoneID(zone)), AvailableIpAddressCount: ptr(int32(4091)),
		DefaultForAz: ptr(true), MapPublicIpOnLaunch: ptr(true), AssignIpv6AddressOnCreation: ptr(false),
		Ipv6Native: ptr(false), EnableDns64: ptr(false), State: types.SubnetStateAvailable,
	})
	a.bear(arn, nil)
}

func (a *Account) putMainRouteTable(vpc, gateway string) {
	id := "rtb-" + a.id("route-table", "default")[:17]
	a.RouteTables.Put(id, types.RouteTable{
		RouteTableId: &id, VpcId: &vpc, OwnerId: &a.Account,
		Associations: []types.RouteTableAssociation{{
			Main: ptr(true), RouteTableId: &id, RouteTableAssociationId: ptr("rtbassoc-" + a.id("association", id)[:17]),
			AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
		}},
		Routes: []types.Route{
			{
				DestinationCidrBlock: ptr("172.31.0.0/16"), GatewayId: ptr("local"),
				Origin: types.RouteOriginCreateRouteTable, State: types.RouteStateActive,
			},
			{
				DestinationCidrBlock: ptr("0.0.0.0/0"), GatewayId: &gateway,
				Origin: types.RouteOriginCreateRoute, State: types.RouteStateActive,
			},
		},
	})
	a.bear(a.ec2ARN(id), nil)
}

// zoneID is the id of a zone: us-east-1a is use1-az1.
func (a *Account) zoneID(zone string) string {
	for _, z := range zones {
		if zone == a.Region+z.letter {
			return shortRegion(a.Region) + "-" + z.id
		}
	}
	return ""
}

// shortRegion is the form of a region in zone ids: us-east-1 is use1,
// ap-southeast-2 apse2.
func shortRegion(region string) string {
	parts := strings.Split(region, "-")
	short := parts[0]
	for _, part := range parts[1:] {
		short += part[:1]
		for _, second := range []string{"east", "west"} {
			if strings.HasSuffix(part, second) && part != second {
				short += second[:1]
			}
		}
	}
	return short
}

func describeVpcs(a *Account, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
	all, err := described(a, &a.Vpcs, in.VpcIds, in.Filters, vpcKind)
	if err != nil {
		return nil, err
	}
	vpcs, next, err := ec2Page(a, all, func(v types.Vpc) string { return *v.VpcId }, in.NextToken, in.MaxResults)
	for i := range vpcs {
		vpcs[i].CidrBlockAssociationSet = vpcRanges(&vpcs[i])
	}
	return &ec2.DescribeVpcsOutput{Vpcs: vpcs, NextToken: next}, err
}

var vpcKind = kind[types.Vpc]{
	notFound: "InvalidVpcID.NotFound", noun: "vpc ID",
	filters: map[string]func(*types.Vpc) []string{
		"vpc-id":     func(v *types.Vpc) []string { return one(v.VpcId) },
		"cidr":       func(v *types.Vpc) []string { return one(v.CidrBlock) },
		"is-default": func(v *types.Vpc) []string { return []string{fmt.Sprint(val(v.IsDefault))} },
		"isDefault":  func(v *types.Vpc) []string { return []string{fmt.Sprint(val(v.IsDefault))} },
		"state":      func(v *types.Vpc) []string { return []string{string(v.State)} },
		"owner-id":   func(v *types.Vpc) []string { return one(v.OwnerId) },

		"dhcp-options-id": func(v *types.Vpc) []string { return one(v.DhcpOptionsId) },

		"cidr-block-association.cidr-block": func(v *types.Vpc) []string { return one(v.CidrBlock) },
	},
	tags: func(v *types.Vpc, tags []types.Tag) { v.Tags = tags },
}

func describeSubnets(a *Account, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
	all, err := described(a, &a.Subnets, in.SubnetIds, in.Filters, subnetKind)
	if err != nil {
		return nil, err
	}
	subnets, next, err := ec2Page(a, all, func(s types.Subnet) string { return *s.SubnetId }, in.NextToken, in.MaxResults)
	return &ec2.DescribeSubnetsOutput{Subnets: subnets, NextToken: next}, err
}

var subnetKind = kind[types.Subnet]{
	notFound: "InvalidSubnetID.NotFound", noun: "subnet ID",
	filters: map[string]func(*types.Subnet) []string{
		"subnet-id":               func(s *types.Subnet) []string { return one(s.SubnetId) },
		"vpc-id":                  func(s *types.Subnet) []string { return one(s.VpcId) },
		"availability-zone":       func(s *types.Subnet) []string { return one(s.AvailabilityZone) },
		"availability-zone-id":    func(s *types.Subnet) []string { return one(s.AvailabilityZoneId) },
		"default-for-az":          func(s *types.Subnet) []string { return []string{fmt.Sprint(val(s.DefaultForAz))} },
		"map-public-ip-on-launch": func(s *types.Subnet) []string { return []string{fmt.Sprint(val(s.MapPublicIpOnLaunch))} },
		"cidr-block":              func(s *types.Subnet) []string { return one(s.CidrBlock) },
		"state":                   func(s *types.Subnet) []string { return []string{string(s.State)} },
		"owner-id":                func(s *types.Subnet) []string { return one(s.OwnerId) },
		"subnet-arn":              func(s *types.Subnet) []string { return one(s.SubnetArn) },
		"available-ip-address-count": func(s *types.Subnet) []string {
			return []string{fmt.Sprint(val(s.AvailableIpAddressCount))}
		},
	},
	aliases: map[string]string{ // API reference, DescribeSubnets: "You can also use … as the filter name"
		"availabilityZone": "availability-zone", "availabilityZoneId": "availability-zone-id",
		"cidr": "cidr-block", "cidrBlock": "cidr-block", "defaultForAz": "default-for-az",
	},
	tags: func(s *types.Subnet, tags []types.Tag) { s.Tags = tags },
}

func describeRouteTables(a *Account, in *ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
	all, err := described(a, &a.RouteTables, in.RouteTableIds, in.Filters, routeTableKind)
	if err != nil {
		return nil, err
	}
	list, next, err := ec2Page(a, all, func(r types.RouteTable) string { return *r.RouteTableId }, in.NextToken, in.MaxResults)
	return &ec2.DescribeRouteTablesOutput{RouteTables: list, NextToken: next}, err
}

var routeTableKind = kind[types.RouteTable]{
	notFound: "InvalidRouteTableID.NotFound", noun: "routeTable ID",
	filters: map[string]func(*types.RouteTable) []string{
		"route-table-id": func(r *types.RouteTable) []string { return one(r.RouteTableId) },
		"owner-id":       func(r *types.RouteTable) []string { return one(r.OwnerId) },
		"vpc-id":         func(r *types.RouteTable) []string { return one(r.VpcId) },
		"association.main": func(r *types.RouteTable) []string {
			return associations(r, func(a types.RouteTableAssociation) *string { return ptr(fmt.Sprint(val(a.Main))) })
		},
		"association.subnet-id": func(r *types.RouteTable) []string {
			return associations(r, func(a types.RouteTableAssociation) *string { return a.SubnetId })
		},
		"association.route-table-association-id": func(r *types.RouteTable) []string {
			return associations(r, func(a types.RouteTableAssociation) *string { return a.RouteTableAssociationId })
		},
		"route.gateway-id":             routes(func(r types.Route) *string { return r.GatewayId }),
		"route.nat-gateway-id":         routes(func(r types.Route) *string { return r.NatGatewayId }),
		"route.destination-cidr-block": routes(func(r types.Route) *string { return r.DestinationCidrBlock }),
	},
	tags: func(r *types.RouteTable, tags []types.Tag) { r.Tags = tags },
}

// routes is a filter on the routes of a table.
func routes(get func(types.Route) *string) func(*types.RouteTable) []string {
	return func(r *types.RouteTable) []string {
		var values []string
		for _, route := range r.Routes {
			values = append(values, one(get(route))...)
		}
		return values
	}
}

func associations(r *types.RouteTable, get func(types.RouteTableAssociation) *string) []string {
	var values []string
	for _, a := range r.Associations {
		values = append(values, one(get(a))...)
	}
	return values
}

func describeAvailabilityZones(
	a *Account, in *ec2.DescribeAvailabilityZonesInput,
) (*ec2.DescribeAvailabilityZonesOutput, error) {
	for _, name := range in.ZoneNames {
		if a.zoneID(name) == "" {
			return nil, ec2Error("InvalidParameterValue", "Invalid availability zone: [%s]", name)
		}
	}
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for _, z := range zones {
		name := a.Region + z.letter
		zone := types.AvailabilityZone{
			ZoneName: &name, ZoneId: ptr(a.zoneID(name)), RegionName: &a.Region, GroupName: &a.Region,
			State: types.AvailabilityZoneStateAvailable, ZoneType: ptr("availability-zone"),
			OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired, NetworkBorderGroup: &a.Region,
		}
		match, err := zoneKind.matches(&zone, nil, in.Filters)
		if err != nil {
			return nil, err
		}
		if match && (len(in.ZoneNames) == 0 || slices.Contains(in.ZoneNames, name)) &&
			(len(in.ZoneIds) == 0 || slices.Contains(in.ZoneIds, *zone.ZoneId)) {
			out.AvailabilityZones = append(out.AvailabilityZones, zone)
		}
	}
	return out, nil
}

var zoneKind = kind[types.AvailabilityZone]{
	filters: map[string]func(*types.AvailabilityZone) []string{
		"zone-name":     func(z *types.AvailabilityZone) []string { return one(z.ZoneName) },
		"zone-id":       func(z *types.AvailabilityZone) []string { return one(z.ZoneId) },
		"zone-type":     func(z *types.AvailabilityZone) []string { return one(z.ZoneType) },
		"state":         func(z *types.AvailabilityZone) []string { return []string{string(z.State)} },
		"region-name":   func(z *types.AvailabilityZone) []string { return one(z.RegionName) },
		"group-name":    func(z *types.AvailabilityZone) []string { return one(z.GroupName) },
		"opt-in-status": func(z *types.AvailabilityZone) []string { return []string{string(z.OptInStatus)} },
	},
}
