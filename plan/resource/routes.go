package resource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// way is how the tasks in a subnet reach the internet.
type way int

const (
	isolated way = iota // not at all, as far as routes tell
	internet            // through an internet gateway, with a public address
	nat                 // through a NAT gateway or something alike
)

// ways are the ways out of the subnets of a VPC. A subnet without a route table
// of its own has the main one (VPC user guide, Configure route tables).
type ways struct {
	main     way
	bySubnet map[string]way
}

func readWays(ctx context.Context, api ec2.DescribeRouteTablesAPIClient, vpc string) (ways, error) {
	w := ways{bySubnet: map[string]way{}}
	pages := ec2.NewDescribeRouteTablesPaginator(api, &ec2.DescribeRouteTablesInput{
		Filters: []types.Filter{filter("vpc-id", vpc)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return ways{}, err
		}
		for _, table := range page.RouteTables {
			w.add(table)
		}
	}
	return w, nil
}

func (w *ways) add(table types.RouteTable) {
	out := wayOut(table.Routes)
	for _, association := range table.Associations {
		if aws.ToBool(association.Main) {
			w.main = out
		}
		if subnet := text(association.SubnetId); subnet != "" {
			w.bySubnet[subnet] = out
		}
	}
}

func (w ways) of(subnet string) way {
	if out, ok := w.bySubnet[subnet]; ok {
		return out
	}
	return w.main
}

// wayOut follows the default route. A transit gateway, a network interface or a
// core network leads to a NAT elsewhere more often than not.
func wayOut(routes []types.Route) way {
	for _, route := range routes {
		if text(route.DestinationCidrBlock) != "0.0.0.0/0" || route.State == types.RouteStateBlackhole {
			continue
		}
		switch {
		case len(text(route.GatewayId)) > 4 && text(route.GatewayId)[:4] == "igw-":
			return internet
		case route.NatGatewayId != nil, route.TransitGatewayId != nil, route.NetworkInterfaceId != nil,
			route.CoreNetworkArn != nil, route.InstanceId != nil:
			return nat
		}
	}
	return isolated
}
