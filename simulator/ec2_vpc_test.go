package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestAVPCOfOnesOwnHasNoDNSHostnames(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	vpc := must(w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc
	ask := &ec2.DescribeVpcAttributeInput{VpcId: vpc.VpcId, Attribute: types.VpcAttributeNameEnableDnsHostnames}
	if *must(w.ec2.DescribeVpcAttribute(ctx, ask))(t).EnableDnsHostnames.Value {
		t.Error("DNS hostnames are on")
	}
	on := &types.AttributeBooleanValue{Value: aws.Bool(true)}
	both := &ec2.ModifyVpcAttributeInput{VpcId: vpc.VpcId, EnableDnsHostnames: on, EnableDnsSupport: on}
	if _, err := w.ec2.ModifyVpcAttribute(ctx, both); code(err) != "InvalidParameterCombination" {
		t.Error("two attributes at once:", err)
	}
	must(w.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: vpc.VpcId, EnableDnsHostnames: on}))(t)
	if !*must(w.ec2.DescribeVpcAttribute(ctx, ask))(t).EnableDnsHostnames.Value {
		t.Error("DNS hostnames are off")
	}
}

func TestEC2RefusesNetworks(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	for cidr, want := range map[string]string{"10.0.0.0/8": "InvalidVpc.Range", "10.0.0.0/29": "InvalidVpc.Range", "ten": "InvalidParameterValue"} {
		if _, err := w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &cidr}); code(err) != want {
			t.Errorf("%s: %v", cidr, err)
		}
	}
	vpc := must(w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc.VpcId
	subnet := must(w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.0.1.0/24")}))(t).Subnet.SubnetId
	for cidr, want := range map[string]string{"10.0.1.0/25": "InvalidSubnet.Conflict", "10.1.0.0/24": "InvalidSubnet.Range"} {
		if _, err := w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: &cidr}); code(err) != want {
			t.Errorf("%s: %v", cidr, err)
		}
	}
	if _, err := w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc}); code(err) != "DependencyViolation" {
		t.Error("a VPC with a subnet:", err)
	}
	must(w.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet}))(t)
	must(w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc}))(t)
	for range 4 {
		must(w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t)
	}
	if _, err := w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}); code(err) != "VpcLimitExceeded" {
		t.Error("a sixth VPC:", err)
	}
}

func TestTheDefaultVPCHasAnInternetGateway(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	vpc := must(w.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))(t).Vpcs[0].VpcId
	gateways := must(w.ec2.DescribeInternetGateways(t.Context(), &ec2.DescribeInternetGatewaysInput{
		Filters: []types.Filter{{Name: aws.String("attachment.vpc-id"), Values: []string{*vpc}}},
	}))(t).InternetGateways
	if len(gateways) != 1 || gateways[0].Attachments[0].State != "available" {
		t.Error(text(gateways))
	}
	unknown := &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{"igw-00000000000000000"}}
	if _, err := w.ec2.DescribeInternetGateways(t.Context(), unknown); code(err) != "InvalidInternetGatewayID.NotFound" {
		t.Error(err)
	}
}

func TestFargatePlacesNothingInAZoneWithoutIt(t *testing.T) {
	w := newWorld(t, simulator.Options{Region: "us-west-1"})
	w.prepare()
	var with, without []string
	for _, s := range must(w.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{}))(t).Subnets {
		if *s.AvailabilityZoneId == "usw1-az1" {
			with = append(with, *s.SubnetId)
		} else {
			without = append(without, *s.SubnetId)
		}
	}
	for name, subnets := range map[string][]string{"all": append(with, without...), "none": without} {
		td := definition(name)
		td.ContainerDefinitions[0].LogConfiguration = nil
		w.register(td)
		s := w.service(name)
		s.NetworkConfiguration.AwsvpcConfiguration.Subnets = subnets
		must(w.ecs.CreateService(t.Context(), s))(t)
	}
	if s := w.settle("all"); s.RunningCount != 1 {
		t.Error("one of the zones has Fargate:", text(s.Events))
	}
	if s := w.settle("none"); s.Deployments[0].RolloutState != ecstypes.DeploymentRolloutStateFailed {
		t.Error("none of the zones has Fargate:", text(s.Events))
	}
}
