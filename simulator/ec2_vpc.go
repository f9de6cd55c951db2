package simulator

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// VpcDNS is which of the two DNS attributes of a VPC are off. VPCs that were
// there before, as the default one, have no row: theirs are both on.
type VpcDNS struct {
	NoSupport, NoHostnames bool
}

// vpcOperations are about networks that the caller makes itself.
func vpcOperations() []operation {
	return []operation{
		write(createVpc),
		write(deleteVpc),
		write(modifyVpcAttribute),
		write(createSubnet),
		write(deleteSubnet),
		read(describeInternetGateways),
	}
}

// resolvesNames tells whether names of file systems, of private namespaces and of
// endpoints resolve in a VPC, for which both attributes must be on (EFS User
// Guide, "Mounting on Amazon EC2 with a DNS name"; Route 53 Developer Guide,
// "Amazon VPC settings for private hosted zones").
func (a *Account) resolvesNames(vpc string) bool {
	dns := val(a.VpcDNS.Get(vpc))
	return !dns.NoSupport && !dns.NoHostnames
}

// SetVpcDNS switches the attributes enableDnsSupport and enableDnsHostnames of a
// VPC, as its owner would.
func (a *Account) SetVpcDNS(vpc string, support, hostnames bool) {
	a.VpcDNS.Put(vpc, VpcDNS{NoSupport: !support, NoHostnames: !hostnames})
}

func noSuchVpc(id *string) error {
	return ec2Error("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", str(id))
}

func describeVpcAttribute(a *Account, in *ec2.DescribeVpcAttributeInput) (*ec2.DescribeVpcAttributeOutput, error) {
	if a.Vpcs.Get(str(in.VpcId)) == nil {
		return nil, noSuchVpc(in.VpcId)
	}
	dns := val(a.VpcDNS.Get(*in.VpcId))
	out := &ec2.DescribeVpcAttributeOutput{VpcId: in.VpcId}
	switch in.Attribute {
	case types.VpcAttributeNameEnableDnsSupport:
		out.EnableDnsSupport = &types.AttributeBooleanValue{Value: ptr(!dns.NoSupport)}
	case types.VpcAttributeNameEnableDnsHostnames:
		out.EnableDnsHostnames = &types.AttributeBooleanValue{Value: ptr(!dns.NoHostnames)}
	default:
		return nil, ec2Error("InvalidParameterValue", "The simulator does not know the attribute %s", in.Attribute)
	}
	return out, nil
}

// modifyVpcAttribute takes one attribute at a time, as the API reference has it:
// "You cannot modify the DNS resolution and DNS hostnames attributes in the same
// request."
func modifyVpcAttribute(a *Account, in *ec2.ModifyVpcAttributeInput) (*ec2.ModifyVpcAttributeOutput, error) {
	if a.Vpcs.Get(str(in.VpcId)) == nil {
		return nil, noSuchVpc(in.VpcId)
	}
	dns := val(a.VpcDNS.Get(*in.VpcId))
	switch {
	case in.EnableDnsHostnames != nil && in.EnableDnsSupport != nil:
		return nil, ec2Error("InvalidParameterCombination", "Fields for multiple attribute types specified")
	case in.EnableDnsHostnames != nil:
		dns.NoHostnames = !val(in.EnableDnsHostnames.Value)
	case in.EnableDnsSupport != nil:
		dns.NoSupport = !val(in.EnableDnsSupport.Value)
	default:
		return nil, ec2Error("InvalidParameterCombination", "No attributes specified.")
	}
	a.VpcDNS.Put(*in.VpcId, dns)
	return &ec2.ModifyVpcAttributeOutput{}, nil
}

// mostVpcs is the quota of VPCs of a region (VPC User Guide, "Amazon VPC quotas").
const mostVpcs = 5

// createVpc makes a VPC with what EC2 makes with it: a main route table and a
// default security group. Its DNS hostnames are off (ModifyVpcAttribute: on by
// default in default VPCs only).
func createVpc(a *Account, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
	cidr, err := vpcRange(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	if a.Vpcs.Len() >= mostVpcs {
		return nil, ec2Error("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
	}
	tags, err := ec2NewTags(in.TagSpecifications, types.ResourceTypeVpc)
	if err != nil {
		return nil, err
	}
	id := "vpc-" + a.id("vpc", cidr)[:17]
	v := a.Vpcs.Put(id, types.Vpc{
		VpcId: &id, CidrBlock: &cidr, IsDefault: ptr(false), State: types.VpcStateAvailable, OwnerId: &a.Account,
		InstanceTenancy: types.TenancyDefault, DhcpOptionsId: ptr("dopt-" + a.id("dhcp", "default")[:17]),
	})
	a.VpcDNS.Put(id, VpcDNS{NoHostnames: true})
	a.bear(a.ec2ARN(id), tags)
	a.putSecurityGroup("default", "default VPC security group", id, nil)
	a.putTable(id, "main", cidr, types.Route{}, nil)
	out := *v
	out.Tags, out.CidrBlockAssociationSet = ec2Tags(tags), vpcRanges(v)
	return &ec2.CreateVpcOutput{Vpc: &out}, nil
}

// vpcRanges are the ranges of a VPC, of which there is one here (API reference, Vpc,
// cidrBlockAssociationSet).
func vpcRanges(v *types.Vpc) []types.VpcCidrBlockAssociation {
	return []types.VpcCidrBlockAssociation{{
		AssociationId: ptr("vpc-cidr-assoc-" + digest("range", *v.VpcId)[:17]), CidrBlock: v.CidrBlock,
		CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
	}}
}

// vpcRange wants a range of /16 to /28 and masks it, as EC2 does (CreateVpc).
func vpcRange(cidr *string) (string, error) {
	prefix, err := netip.ParsePrefix(str(cidr))
	if err != nil || !prefix.Addr().Is4() {
		return "", ec2Error("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", str(cidr))
	}
	if prefix.Bits() < 16 || prefix.Bits() > 28 {
		return "", ec2Error("InvalidVpc.Range", "The CIDR '%s' is invalid.", str(cidr))
	}
	return prefix.Masked().String(), nil
}

func deleteVpc(a *Account, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
	id := str(in.VpcId)
	if a.Vpcs.Get(id) == nil {
		return nil, noSuchVpc(in.VpcId)
	}
	if a.vpcInUse(id) {
		return nil, ec2Error("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", id)
	}
	group := a.defaultGroup(id)
	a.Tags.Delete(a.ec2ARN(group))
	a.SecurityGroups.Delete(group)
	for table, r := range a.RouteTables.All() {
		if *r.VpcId == id {
			a.Tags.Delete(a.ec2ARN(table))
			a.RouteTables.Delete(table)
		}
	}
	a.Tags.Delete(a.ec2ARN(id))
	a.VpcDNS.Delete(id)
	a.Vpcs.Delete(id)
	return &ec2.DeleteVpcOutput{}, nil
}

// vpcInUse tells whether a VPC has more than goes with it.
func (a *Account) vpcInUse(vpc string) bool {
	for _, s := range a.Subnets.All() {
		if *s.VpcId == vpc {
			return true
		}
	}
	for _, g := range a.SecurityGroups.All() {
		if *g.VpcId == vpc && *g.GroupName != "default" {
			return true
		}
	}
	return false
}

func createSubnet(a *Account, in *ec2.CreateSubnetInput) (*ec2.CreateSubnetOutput, error) {
	vpc := a.Vpcs.Get(str(in.VpcId))
	if vpc == nil {
		return nil, noSuchVpc(in.VpcId)
	}
	prefix, err := netip.ParsePrefix(str(in.CidrBlock))
	if err != nil || !prefix.Addr().Is4() {
		return nil, ec2Error("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", str(in.CidrBlock))
	}
	cidr := prefix.Masked().String()
	if prefix.Bits() > 28 || !holds(vpc.CidrBlock, &cidr) {
		return nil, ec2Error("InvalidSubnet.Range", "The CIDR '%s' is invalid.", cidr)
	}
	for _, s := range a.Subnets.All() {
		if *s.VpcId == *vpc.VpcId && netip.MustParsePrefix(*s.CidrBlock).Overlaps(prefix) {
			return nil, ec2Error("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", cidr)
		}
	}
	zone, err := a.subnetZone(in)
	if err != nil {
		return nil, err
	}
	tags, err := ec2NewTags(in.TagSpecifications, types.ResourceTypeSubnet)
	if err != nil {
		return nil, err
	}
	id := a.putPlainSubnet(*vpc.VpcId, zone, cidr, false)
	a.tag(a.ec2ARN(id), tags)
	out := *a.Subnets.Get(id)
	out.Tags = ec2Tags(tags)
	return &ec2.CreateSubnetOutput{Subnet: &out}, nil
}

// subnetZone is the zone that a call asks for by name or id, the first when by none.
func (a *Account) subnetZone(in *ec2.CreateSubnetInput) (string, error) {
	asked := *orElse(in.AvailabilityZone, str(in.AvailabilityZoneId))
	for _, z := range zones {
		name := a.Region + z.letter
		if asked == "" || asked == name || asked == a.zoneID(name) {
			return name, nil
		}
	}
	return "", ec2Error("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid.", asked)
}

// deleteSubnet refuses a subnet in which somebody still has an interface.
func deleteSubnet(a *Account, in *ec2.DeleteSubnetInput) (*ec2.DeleteSubnetOutput, error) {
	id := str(in.SubnetId)
	if a.Subnets.Get(id) == nil {
		return nil, ec2Error("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
	}
	for _, m := range a.MountTargets.All() {
		if *m.SubnetId == id {
			return nil, subnetInUse(id)
		}
	}
	if a.tasks.Has("subnet " + id) {
		return nil, subnetInUse(id)
	}
	a.Tags.Delete(a.ec2ARN(id))
	a.Subnets.Delete(id)
	return &ec2.DeleteSubnetOutput{}, nil
}

func subnetInUse(id string) error {
	return ec2Error("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", id)
}

// describeInternetGateways knows the gateways that routes lead to.
func describeInternetGateways(a *Account, in *ec2.DescribeInternetGatewaysInput) (*ec2.DescribeInternetGatewaysOutput, error) {
	gateways := a.internetGateways()
	for _, id := range in.InternetGatewayIds {
		if gateways.Get(id) == nil {
			return nil, ec2Error("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", id)
		}
	}
	all, err := described(a, gateways, in.InternetGatewayIds, in.Filters, gatewayKind)
	if err != nil {
		return nil, err
	}
	list, next, err := ec2Page(a, all, func(g types.InternetGateway) string { return *g.InternetGatewayId }, in.NextToken, in.MaxResults)
	return &ec2.DescribeInternetGatewaysOutput{InternetGateways: list, NextToken: next}, err
}

func (a *Account) internetGateways() *Table[types.InternetGateway] {
	gateways := &Table[types.InternetGateway]{}
	for _, table := range a.RouteTables.All() {
		for _, r := range table.Routes {
			if strings.HasPrefix(str(r.GatewayId), "igw-") {
				gateways.Put(*r.GatewayId, types.InternetGateway{
					InternetGatewayId: r.GatewayId, OwnerId: &a.Account,
					Attachments: []types.InternetGatewayAttachment{{State: "available", VpcId: table.VpcId}},
				})
			}
		}
	}
	return gateways
}

var gatewayKind = kind[types.InternetGateway]{
	notFound: "InvalidInternetGatewayID.NotFound", noun: "internetGateway ID",
	filters: map[string]func(*types.InternetGateway) []string{
		"internet-gateway-id": func(g *types.InternetGateway) []string { return one(g.InternetGatewayId) },
		"attachment.vpc-id":   func(g *types.InternetGateway) []string { return one(g.Attachments[0].VpcId) },
		"attachment.state":    func(g *types.InternetGateway) []string { return []string{string(g.Attachments[0].State)} },
		"owner-id":            func(g *types.InternetGateway) []string { return one(g.OwnerId) },
	},
	tags: func(g *types.InternetGateway, tags []types.Tag) { g.Tags = tags },
}
