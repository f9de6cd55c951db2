package simulator

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Network describes a VPC that somebody else has made.
type Network struct {
	Name      string   // the Name tag of the VPC
	CIDR      string   // at most a /16, say "10.1.0.0/16"; its subnets are /24 in order
	Public    []string // zone letters of the public subnets: "a", "b"; one may come twice
	Private   []string // zone letters of the private subnets
	NAT       bool     // whether the private subnets have a way out through a NAT gateway
	Endpoints []string // services with a VPC endpoint: "ecr.api", "s3"
}

// Made are the ids of a [Network].
type Made struct {
	Vpc             string
	Public, Private []string // subnets, in the order of their zones in Network
}

// PutNetwork adds a VPC with subnets. The public ones share a route table with an
// internet gateway, the private ones another, which is not the main one; the
// default security group is there too.
func (a *Account) PutNetwork(n Network) Made {
	made := Made{Vpc: "vpc-" + a.id("vpc", n.Name)[:17]}
	a.Vpcs.Put(made.Vpc, types.Vpc{
		VpcId: &made.Vpc, CidrBlock: &n.CIDR, IsDefault: ptr(false), State: types.VpcStateAvailable,
		InstanceTenancy: types.TenancyDefault, OwnerId: &a.Account, DhcpOptionsId: ptr("dopt-" + a.id("dhcp", "default")[:17]),
	})
	a.bear(a.ec2ARN(made.Vpc), map[string]string{"Name": n.Name})
	a.putSecurityGroup("default", "default VPC security group", made.Vpc, nil)
	cidrs := subnetRanges(n.CIDR)
	for i, letter := range append(append([]string{}, n.Public...), n.Private...) {
		public := i < len(n.Public)
		id := a.putPlainSubnet(made.Vpc, a.Region+letter, cidrs(i), public)
		if public {
			made.Public = append(made.Public, id)
		} else {
			made.Private = append(made.Private, id)
		}
	}
	a.putTable(made.Vpc, "main", n.CIDR, types.Route{}, nil)
	gateway := types.Route{GatewayId: ptr("igw-" + a.id("internet-gateway", made.Vpc)[:17])}
	a.putTable(made.Vpc, "public", n.CIDR, gateway, made.Public)
	out := types.Route{}
	if n.NAT {
		out.NatGatewayId = ptr("nat-" + a.id("nat-gateway", made.Vpc)[:17])
	}
	a.putTable(made.Vpc, "private", n.CIDR, out, made.Private)
	for _, service := range n.Endpoints {
		a.PutVpcEndpoint(made.Vpc, service, made.Private...)
	}
	return made
}

// subnetRanges gives the ranges of /24 of a range in order.
func subnetRanges(cidr string) func(i int) string {
	first := netip.MustParsePrefix(cidr).Masked().Addr().As4()
	return func(i int) string { return fmt.Sprintf("%d.%d.%d.0/24", first[0], first[1], int(first[2])+i) }
}

func (a *Account) putPlainSubnet(vpc, zone, cidr string, public bool) string {
	id := "subnet-" + a.id("subnet", vpc+" "+cidr)[:17]
	arn := a.ec2ARN(id)
	a.Subnets.Put(id, types.Subnet{
		SubnetId: &id, SubnetArn: &arn, VpcId: &vpc, CidrBlock: &cidr, OwnerId: &a.Account,
		AvailabilityZone: &zone, AvailabilityZoneId: ptr(a.zoneID(zone)), AvailableIpAddressCount: ptr(int32(251)),
		DefaultForAz: ptr(false), MapPublicIpOnLaunch: &public, AssignIpv6AddressOnCreation: ptr(false),
		Ipv6Native: ptr(false), EnableDns64: ptr(false), State: types.SubnetStateAvailable,
	})
	a.bear(arn, nil)
	return id
}

// putTable makes a route table with a default route, or none where out leads
// nowhere. The one without subnets is the main one.
func (a *Account) putTable(vpc, name, cidr string, out types.Route, subnets []string) {
	id := "rtb-" + a.id("route-table", vpc+" "+name)[:17]
	association := func(subnet *string) types.RouteTableAssociation {
		return types.RouteTableAssociation{
			Main: ptr(subnet == nil), SubnetId: subnet, RouteTableId: &id,
			RouteTableAssociationId: ptr("rtbassoc-" + a.id("association", id+" "+str(subnet))[:17]),
			AssociationState:        &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
		}
	}
	table := types.RouteTable{RouteTableId: &id, VpcId: &vpc, OwnerId: &a.Account, Routes: []types.Route{{
		DestinationCidrBlock: &cidr, GatewayId: ptr("local"),
		Origin: types.RouteOriginCreateRouteTable, State: types.RouteStateActive,
	}}}
	if out.GatewayId != nil || out.NatGatewayId != nil {
		out.DestinationCidrBlock, out.Origin, out.State = ptr("0.0.0.0/0"), types.RouteOriginCreateRoute, types.RouteStateActive
		table.Routes = append(table.Routes, out)
	}
	for _, subnet := range subnets {
		table.Associations = append(table.Associations, association(&subnet))
	}
	if name == "main" {
		table.Associations = append(table.Associations, association(nil))
	}
	a.RouteTables.Put(id, table)
	a.bear(a.ec2ARN(id), nil)
}
