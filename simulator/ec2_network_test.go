package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestANetworkThatSomebodyElseMade(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	ctx := t.Context()
	made := w.put(simulator.Network{
		Name: "corporate", CIDR: "10.1.0.0/16", Public: []string{"a", "b"}, Private: []string{"a", "a"}, NAT: true,
		Endpoints: []string{"ecr.api", "s3"},
	})
	vpc := must(w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []types.Filter{filter("tag:Name", "corporate")}}))(t).Vpcs
	if len(vpc) != 1 || *vpc[0].VpcId != made.Vpc || *vpc[0].CidrBlock != "10.1.0.0/16" || *vpc[0].IsDefault {
		t.Error(text(vpc))
	}
	inVpc := []types.Filter{filter("vpc-id", made.Vpc)}
	subnets := pages(t, ec2.NewDescribeSubnetsPaginator(w.ec2, &ec2.DescribeSubnetsInput{Filters: inVpc}), func(p *ec2.DescribeSubnetsOutput) []string {
		return []string{*p.Subnets[0].AvailabilityZone}
	})
	if subnets != "4: us-east-1a us-east-1a us-east-1a us-east-1b" {
		t.Error(subnets)
	}
	endpoints := pages(t, ec2.NewDescribeVpcEndpointsPaginator(w.ec2, &ec2.DescribeVpcEndpointsInput{Filters: inVpc}), func(p *ec2.DescribeVpcEndpointsOutput) []string {
		return []string{string(p.VpcEndpoints[0].VpcEndpointType) + "." + *p.VpcEndpoints[0].ServiceName}
	})
	if endpoints != "2: Gateway.com.amazonaws.us-east-1.s3 Interface.com.amazonaws.us-east-1.ecr.api" {
		t.Error(endpoints)
	}

	ways := map[string]string{}
	for _, subnet := range append(made.Public, made.Private...) {
		table := must(w.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
			Filters: []types.Filter{filter("association.subnet-id", subnet)},
		}))(t).RouteTables[0]
		for _, r := range table.Routes {
			if aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" {
				ways[subnet] = (aws.ToString(r.GatewayId) + aws.ToString(r.NatGatewayId))[:3]
			}
		}
	}
	want := map[string]string{made.Public[0]: "igw", made.Public[1]: "igw", made.Private[0]: "nat", made.Private[1]: "nat"}
	if diff := cmp.Diff(want, ways); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSecurityGroupsAreFoundByNameAndTag(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	made := w.put(simulator.Network{Name: "corporate", CIDR: "10.1.0.0/16"})
	id := must(w.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("front"), Description: aws.String("front"), VpcId: &made.Vpc,
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{{Key: aws.String("tier"), Value: aws.String("front")}},
		}},
	}))(t).GroupId
	for name, filters := range map[string][]types.Filter{
		"by name and VPC":      {filter("group-name", "front"), filter("vpc-id", made.Vpc)},
		"by a tag":             {filter("tag:tier", "front")},
		"by the key of a tag":  {filter("tag-key", "tier")},
		"by a part of a value": {filter("tag:tier", "fr*")},
	} {
		groups := must(w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: filters}))(t).SecurityGroups
		if len(groups) != 1 || *groups[0].GroupId != *id {
			t.Errorf("%s: %s", name, text(groups))
		}
	}
}

func TestTheSecurityGroupOfAnEndpointStays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	made := w.put(simulator.Network{Name: "corporate", CIDR: "10.1.0.0/16", Private: []string{"a"}, Endpoints: []string{"logs"}})
	group := must(w.ec2.DescribeVpcEndpoints(t.Context(), &ec2.DescribeVpcEndpointsInput{
		Filters: []types.Filter{filter("vpc-id", made.Vpc), filter("service-name", "com.amazonaws.us-east-1.logs")},
	}))(t).VpcEndpoints[0].Groups[0].GroupId
	if _, err := w.ec2.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: group}); code(err) != "DependencyViolation" {
		t.Error(err)
	}
	_, err := w.ec2.DescribeVpcEndpoints(t.Context(), &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}})
	if code(err) != "InvalidVpcEndpointId.NotFound" {
		t.Error(err)
	}
}
