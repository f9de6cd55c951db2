package main

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// accounts is what others have made in the account before a case runs, by the
// name of the case. Others begin with the account that everybody is given.
var accounts = map[string]func(others){
	"private-subnets": func(o others) {
		o.network(simulator.Network{Name: "production", Private: []string{"a", "b"}, Public: []string{"a", "b"}, NAT: true})
	},
	"no-way-out": func(o others) {
		o.network(simulator.Network{Name: "closed", Private: []string{"a", "b", "b"}, Endpoints: []string{"ecr.api", "ecr.dkr", "logs", "s3"}})
		o.image("web", "7")
	},
	"shared-load-balancer": func(o others) {
		made := o.network(simulator.Network{Name: "production", Public: []string{"a", "b"}})
		o.busyBalancer("shared", made)
	},
	"x-aws": func(o others) {
		made := o.network(simulator.Network{Name: "production", Public: []string{"a", "b"}})
		o.busyBalancer("shared", made)
		o.cluster("shared")
		o.group("database-clients", made.Vpc)
	},
	"tls-lookup": func(o others) {
		o.fake.Mutate(func(a *simulator.Account) {
			a.PutCertificate("other.example.com")
			a.PutCertificate("example.com", "*.example.com")
		})
	},
	"tls-requested": func(o others) {
		o.fake.Mutate(func(a *simulator.Account) { a.PutHostedZone("example.com") })
	},
	"tls-arn": func(o others) {
		o.fake.Mutate(func(a *simulator.Account) { a.PutCertificate("shop.example.com") })
	},
}

// others are everybody else in an account.
type others struct {
	testing.TB
	fake *simulator.Simulator
}

// network makes a VPC.
func (o others) network(n simulator.Network) (made simulator.Made) {
	n.CIDR = "10.20.0.0/16"
	o.fake.Mutate(func(a *simulator.Account) { made = a.PutNetwork(n) })
	return made
}

func (o others) cluster(name string) {
	o.Helper()
	_, err := ecs.NewFromConfig(o.fake.Config()).CreateCluster(o.Context(), &ecs.CreateClusterInput{
		ClusterName: &name, CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
	})
	o.check(err)
}

// group makes a security group and returns its id.
func (o others) group(name, vpc string) string {
	o.Helper()
	made, err := ec2.NewFromConfig(o.fake.Config()).CreateSecurityGroup(o.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &name, VpcId: &vpc,
	})
	o.check(err)
	return aws.ToString(made.GroupId)
}

// image puts an image of no content into a repository of its own.
func (o others) image(repository, tag string) {
	o.Helper()
	api := ecr.NewFromConfig(o.fake.Config())
	_, err := api.CreateRepository(o.Context(), &ecr.CreateRepositoryInput{RepositoryName: &repository})
	o.check(err)
	_, err = api.PutImage(o.Context(), &ecr.PutImageInput{
		RepositoryName: &repository, ImageTag: &tag,
		ImageManifest: aws.String(`{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}`),
	})
	o.check(err)
}

// busyBalancer makes an application load balancer on which others answer at port
// 80, by rules of priorities 1 to 3 and 40000.
func (o others) busyBalancer(name string, in simulator.Made) {
	o.Helper()
	api := elb.NewFromConfig(o.fake.Config())
	balancers, err := api.CreateLoadBalancer(o.Context(), &elb.CreateLoadBalancerInput{
		Name: &name, Subnets: in.Public, SecurityGroups: []string{o.group(name+" load balancer", in.Vpc)},
	})
	o.check(err)
	for active := false; !active; {
		got, err := api.DescribeLoadBalancers(o.Context(), &elb.DescribeLoadBalancersInput{Names: []string{name}})
		o.check(err)
		active = got.LoadBalancers[0].State.Code == elbtypes.LoadBalancerStateEnumActive
	}
	answer := []elbtypes.Action{{
		Type:                elbtypes.ActionTypeEnumFixedResponse,
		FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("503")},
	}}
	listeners, err := api.CreateListener(o.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: balancers.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: answer,
	})
	o.check(err)
	for _, priority := range []int32{1, 2, 3, 40000} {
		_, err := api.CreateRule(o.Context(), &elb.CreateRuleInput{
			ListenerArn: listeners.Listeners[0].ListenerArn, Priority: &priority, Actions: answer,
			Conditions: []elbtypes.RuleCondition{{Field: aws.String("host-header"), Values: []string{fmt.Sprintf("other-%d.example.com", priority)}}},
		})
		o.check(err)
	}
}

func (o others) check(err error) {
	o.Helper()
	if err != nil {
		o.Fatalf("prepare the account: %v", err)
	}
}
