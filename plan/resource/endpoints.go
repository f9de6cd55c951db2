package resource

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// pullEndpoints are the services that a task needs where it has no way out: ECR
// for its image, S3 for the layers of it, and CloudWatch Logs (ECR user guide,
// Amazon ECR interface VPC endpoints: "using Linux platform version 1.4.0 or later
// require both"; ECS guide, Interface VPC endpoints).
var pullEndpoints = []string{"ecr.api", "ecr.dkr", "logs", "s3"}

// secretEndpoints are what a task with secrets needs besides.
var secretEndpoints = []string{"secretsmanager", "ssm"}

// endpoints are the services that have VPC endpoints in a VPC, by the part of
// their name behind the region.
type endpoints struct {
	everywhere map[string]bool            // whose names lead to the endpoint in all subnets
	byTable    map[string]map[string]bool // with a route, by the id of the route table
	groups     map[string][]string        // security groups of those in everywhere, by service
	s3         map[string]bool            // ids of gateway endpoints for S3
}

func readEndpoints(ctx context.Context, api *ec2.Client, region, vpc string) (endpoints, error) {
	e := endpoints{
		everywhere: map[string]bool{}, byTable: map[string]map[string]bool{},
		groups: map[string][]string{}, s3: map[string]bool{},
	}
	found, err := allPages(ctx,
		ec2.NewDescribeVpcEndpointsPaginator(api, &ec2.DescribeVpcEndpointsInput{Filters: []types.Filter{filter("vpc-id", vpc)}}),
		func(page *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint { return page.VpcEndpoints })
	for _, endpoint := range found {
		e.add(endpoint, region)
	}
	return e, err
}

// add takes in an endpoint that works. Names of services are
// com.amazonaws.REGION.SERVICE, in China with cn. before. EC2 writes the state in
// small letters, the SDK's constants with a capital.
func (e endpoints) add(endpoint types.VpcEndpoint, region string) {
	_, service, ok := strings.Cut(text(endpoint.ServiceName), ".amazonaws."+region+".")
	if !ok || !strings.EqualFold(string(endpoint.State), string(types.StateAvailable)) {
		return
	}
	switch endpoint.VpcEndpointType {
	case types.VpcEndpointTypeGateway:
		e.s3[text(endpoint.VpcEndpointId)] = service == "s3"
		for _, id := range endpoint.RouteTableIds {
			if e.byTable[id] == nil {
				e.byTable[id] = map[string]bool{}
			}
			e.byTable[id][service] = true
		}
	case types.VpcEndpointTypeInterface:
		if resolves(endpoint) {
			e.everywhere[service] = true
			for _, group := range endpoint.Groups {
				e.groups[service] = append(e.groups[service], text(group.GroupId))
			}
		}
	}
}

// resolves says whether the usual name of the service resolves to the endpoint.
// Private DNS of S3 may apply only to callers outside of the VPC (DnsOptions,
// field PrivateDnsOnlyForInboundResolverEndpoint).
func resolves(endpoint types.VpcEndpoint) bool {
	outside := endpoint.DnsOptions != nil && aws.ToBool(endpoint.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint)
	return aws.ToBool(endpoint.PrivateDnsEnabled) && !outside
}

// of returns the services that tasks reach from all subnets with these route
// tables, sorted. The routes within a VPC reach all of it, so that it does not
// matter in which subnets an interface endpoint is.
func (e endpoints) of(tables []string) []string {
	reached := maps.Clone(e.everywhere)
	for _, services := range e.byTable {
		for service := range services {
			everywhere := !slices.ContainsFunc(tables, func(id string) bool { return !e.byTable[id][service] })
			reached[service] = reached[service] || everywhere
		}
	}
	maps.DeleteFunc(reached, func(_ string, yes bool) bool { return !yes })
	return slices.Sorted(maps.Keys(reached))
}

// guards are the security groups of the interface endpoints that tasks start
// through, sorted.
func (e endpoints) guards() []string {
	var out []string
	for _, service := range slices.Concat(pullEndpoints, secretEndpoints) {
		out = append(out, e.groups[service]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// without returns those of wanted that are not in services.
func without(wanted, services []string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return slices.Contains(services, s) })
}

// and lists words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
