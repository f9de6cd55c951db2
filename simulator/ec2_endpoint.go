package simulator

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func describeVpcEndpoints(a *Account, in *ec2.DescribeVpcEndpointsInput) (*ec2.DescribeVpcEndpointsOutput, error) {
	all, err := described(a, &a.VpcEndpoints, in.VpcEndpointIds, in.Filters, endpointKind)
	if err != nil {
		return nil, err
	}
	list, next, err := ec2Page(a, all, func(e types.VpcEndpoint) string { return *e.VpcEndpointId }, in.NextToken, in.MaxResults)
	return &ec2.DescribeVpcEndpointsOutput{VpcEndpoints: filled(list), NextToken: next}, err
}

var endpointKind = kind[types.VpcEndpoint]{
	notFound: "InvalidVpcEndpointId.NotFound", noun: "Vpc Endpoint Id",
	filters: map[string]func(*types.VpcEndpoint) []string{
		"vpc-endpoint-id":    func(e *types.VpcEndpoint) []string { return one(e.VpcEndpointId) },
		"vpc-id":             func(e *types.VpcEndpoint) []string { return one(e.VpcId) },
		"service-name":       func(e *types.VpcEndpoint) []string { return one(e.ServiceName) },
		"vpc-endpoint-type":  func(e *types.VpcEndpoint) []string { return []string{string(e.VpcEndpointType)} },
		"vpc-endpoint-state": func(e *types.VpcEndpoint) []string { return []string{string(e.State)} },
	},
	tags: func(e *types.VpcEndpoint, tags []types.Tag) { e.Tags = tags },
}

// usedByEndpoint tells whether an interface endpoint has this security group.
func usedByEndpoint(a *Account, id string) bool {
	for _, e := range a.VpcEndpoints.All() {
		if slices.ContainsFunc(e.Groups, func(g types.SecurityGroupIdentifier) bool { return str(g.GroupId) == id }) {
			return true
		}
	}
	return false
}

// endpointName is the name of a service of AWS's among VPC endpoints:
// com.amazonaws.REGION.logs, in China with cn. in front.
func (a *Account) endpointName(service string) string {
	name := "com.amazonaws." + a.Region + "." + service
	if a.Partition == "aws-cn" {
		name = "cn." + name
	}
	return name
}

// PutVpcEndpoint adds an endpoint for a service ("ecr.api", "logs", "s3") to a
// VPC: s3 and dynamodb have a gateway endpoint with a route in every route table
// of the VPC, others an interface endpoint with private DNS in these subnets,
// open to the whole VPC.
func (a *Account) PutVpcEndpoint(vpc, service string, subnets ...string) *types.VpcEndpoint {
	id := "vpce-" + a.id("vpc-endpoint", vpc+" "+service)[:17]
	e := types.VpcEndpoint{
		VpcEndpointId: &id, VpcId: &vpc, ServiceName: ptr(a.endpointName(service)), State: "available", OwnerId: &a.Account,
		VpcEndpointType: types.VpcEndpointTypeInterface, PrivateDnsEnabled: ptr(true), SubnetIds: subnets,
	}
	if service == "s3" || service == "dynamodb" {
		e.VpcEndpointType, e.PrivateDnsEnabled, e.SubnetIds = types.VpcEndpointTypeGateway, ptr(false), nil
		for table, r := range a.RouteTables.All() {
			if *r.VpcId == vpc {
				e.RouteTableIds = append(e.RouteTableIds, table)
				a.routeToGateway(table, id, service)
			}
		}
	} else {
		group := a.putSecurityGroup("endpoint-"+service, "interface endpoint", vpc, nil)
		a.putRule(group, false, types.SecurityGroupRule{
			IpProtocol: ptr("tcp"), FromPort: ptr(int32(443)), ToPort: ptr(int32(443)), CidrIpv4: a.Vpcs.Get(vpc).CidrBlock,
		}, nil)
		e.Groups = []types.SecurityGroupIdentifier{{GroupId: group.GroupId, GroupName: group.GroupName}}
	}
	a.bear(a.ec2ARN(id), nil)
	return a.VpcEndpoints.Put(id, e)
}

// routeToGateway adds the route that a table gets with a gateway endpoint (AWS
// PrivateLink guide, "Gateway endpoints").
func (a *Account) routeToGateway(table, endpoint, service string) {
	row := a.RouteTables.Edit(table)
	row.Routes = append(slices.Clone(row.Routes), types.Route{
		DestinationPrefixListId: ptr(a.prefixList(service)), GatewayId: &endpoint,
		Origin: types.RouteOriginCreateRoute, State: types.RouteStateActive,
	})
}

// prefixList is the id of the list of a service's addresses in the region.
func (a *Account) prefixList(service string) string {
	return "pl-" + digest(a.Region, "prefix-list", service)[:8]
}

// interfaceEndpoint is the endpoint to which private DNS leads the tasks of a
// VPC for that service, nil when there is none: then they go to the public one.
func (a *Account) interfaceEndpoint(vpc, service string) *types.VpcEndpoint {
	for _, e := range a.VpcEndpoints.All() {
		outside := val(val(e.DnsOptions).PrivateDnsOnlyForInboundResolverEndpoint)
		if *e.VpcId == vpc && *e.ServiceName == a.endpointName(service) && e.VpcEndpointType == types.VpcEndpointTypeInterface &&
			val(e.PrivateDnsEnabled) && !outside && available(e) && a.resolvesNames(vpc) {
			return e
		}
	}
	return nil
}

// throughGateway tells whether the route table of a subnet leads to a gateway
// endpoint for that service.
func (a *Account) throughGateway(subnet, service string) bool {
	table := a.routeTableOf(subnet)
	if table == nil {
		return false
	}
	for _, e := range a.VpcEndpoints.All() {
		if *e.ServiceName == a.endpointName(service) && e.VpcEndpointType == types.VpcEndpointTypeGateway &&
			available(e) && slices.Contains(e.RouteTableIds, *table.RouteTableId) {
			return true
		}
	}
	return false
}

// available takes the state as EC2 writes it and as the SDK's constants do.
func available(e *types.VpcEndpoint) bool { return strings.EqualFold(string(e.State), "available") }
