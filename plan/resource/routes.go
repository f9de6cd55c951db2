package resource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// way is how the tasks in a subnet reach the internet.
type way int

const (
	isolated  way = iota // not at all, as far as routes tell
	internet             // through an internet gateway, with a public address
	nat                  // through a NAT gateway
	routed               // through another gateway or an appliance, which leads to a NAT elsewhere
	inspected            // through a firewall's endpoint; the subnet says whether with a public address
)

// ways are the ways out of the subnets of a VPC. A subnet without a route table
// of its own has the main one (VPC user guide, Configure route tables).
type ways struct {
	main     routeTable
	bySubnet map[string]routeTable
}

// routeTable is what matters of one.
type routeTable struct {
	id  string
	out way
	// lists are the prefix lists that lead to gateway endpoints, by the endpoint's
	// id: EC2 adds such a route where an endpoint is given a table (AWS PrivateLink
	// guide, Gateway endpoints, "Routing").
	lists map[string]string
}

func readWays(ctx context.Context, api *ec2.Client, vpc string) (ways, error) {
	w := ways{bySubnet: map[string]routeTable{}}
	found, err := allPages(ctx,
		ec2.NewDescribeRouteTablesPaginator(api, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{filter("vpc-id", vpc)}}),
		func(page *ec2.DescribeRouteTablesOutput) []types.RouteTable { return page.RouteTables })
	for _, t := range found {
		w.add(t)
	}
	return w, err
}

func (w *ways) add(t types.RouteTable) {
	read := routeTable{text(t.RouteTableId), wayOut(t.Routes), map[string]string{}}
	for _, route := range t.Routes {
		if list := text(route.DestinationPrefixListId); list != "" {
			read.lists[text(route.GatewayId)] = list
		}
	}
	for _, association := range t.Associations {
		if aws.ToBool(association.Main) {
			w.main = read
		}
		if subnet := text(association.SubnetId); subnet != "" {
			w.bySubnet[subnet] = read
		}
	}
}

// table is the one that counts for a subnet.
func (w ways) table(subnet string) routeTable {
	if own, ok := w.bySubnet[subnet]; ok {
		return own
	}
	return w.main
}

// of is the way out of a subnet. Behind a firewall's endpoint it is one with
// public addresses where the subnet gives them.
func (w ways) of(s types.Subnet) way {
	out := w.table(text(s.SubnetId)).out
	switch {
	case out != inspected:
		return out
	case aws.ToBool(s.MapPublicIpOnLaunch):
		return internet
	default:
		return routed
	}
}

// wayOut classifies the default route. A transit gateway, a virtual private
// gateway, a network interface or a core network usually routes to a NAT
// elsewhere. The id of a gateway tells its type (Route, field gatewayId): igw-,
// vgw-, or vpce- for the endpoint of a Gateway Load Balancer or a network
// firewall.
func wayOut(routes []types.Route) way {
	for _, route := range routes {
		if text(route.DestinationCidrBlock) != "0.0.0.0/0" || route.State == types.RouteStateBlackhole {
			continue
		}
		gateway, _, _ := strings.Cut(text(route.GatewayId), "-")
		switch {
		case gateway == "igw":
			return internet
		case gateway == "vpce":
			return inspected
		case route.NatGatewayId != nil:
			return nat
		case gateway == "vgw", route.TransitGatewayId != nil, route.NetworkInterfaceId != nil,
			route.CoreNetworkArn != nil, route.InstanceId != nil:
			return routed
		}
	}
	return isolated
}
