package resource

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// vpc makes a VPC with subnets: each is NAME=ZONE:WAY, the way is igw, nat, tgw,
// vpn, firewall, main or none.
func (w *world) vpc(id, main string, subnets ...string) {
	w.sim.Mutate(func(a *simulator.Account) {
		a.Vpcs.Put(id, types.Vpc{VpcId: &id, IsDefault: aws.Bool(false), State: types.VpcStateAvailable})
		a.Tags.Put("arn:aws:ec2:us-east-1:123456789012:vpc/"+id, simulator.Tagged{Tags: map[string]string{"Name": "net-" + id}})
		a.SecurityGroups.Put("sg-"+id, types.SecurityGroup{GroupId: aws.String("sg-" + id), GroupName: aws.String("default"), VpcId: &id})
		putRoute(a, id, main, types.RouteTableAssociation{Main: aws.Bool(true)})
		for _, s := range subnets {
			name, rest, _ := strings.Cut(s, "=")
			zone, way, _ := strings.Cut(rest, ":")
			a.Subnets.Put(name, types.Subnet{
				SubnetId: &name, VpcId: &id, AvailabilityZone: &zone, State: types.SubnetStateAvailable,
				AvailableIpAddressCount: aws.Int32(250),
			})
			a.Tags.Put("arn:aws:ec2:us-east-1:123456789012:subnet/"+name, simulator.Tagged{Tags: map[string]string{"Name": "Sub " + name}})
			if way != "main" {
				putRoute(a, id, way, types.RouteTableAssociation{SubnetId: &name})
			}
		}
	})
}

func putRoute(a *simulator.Account, vpc, way string, association types.RouteTableAssociation) {
	id := fmt.Sprintf("rtb-%s-%s", vpc, aws.ToString(association.SubnetId))
	route := types.Route{DestinationCidrBlock: aws.String("0.0.0.0/0"), State: types.RouteStateActive}
	switch way {
	case "igw":
		route.GatewayId = aws.String("igw-1")
	case "nat":
		route.NatGatewayId = aws.String("nat-1")
	case "tgw":
		route.TransitGatewayId = aws.String("tgw-1")
	case "vpn":
		route.GatewayId = aws.String("vgw-1")
	case "firewall":
		route.GatewayId = aws.String("vpce-1")
	case "dead":
		route.NatGatewayId, route.State = aws.String("nat-1"), types.RouteStateBlackhole
	}
	a.RouteTables.Put(id, types.RouteTable{
		RouteTableId: &id, VpcId: &vpc, Associations: []types.RouteTableAssociation{association},
		Routes: []types.Route{{DestinationCidrBlock: aws.String("10.0.0.0/16"), GatewayId: aws.String("local")}, route},
	})
}

func TestTheNetworkOfANewStack(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.vpc("vpc-both", "none",
		"subnet-1=us-east-1a:igw", "subnet-2=us-east-1b:igw", "subnet-3=us-east-1a:nat", "subnet-4=us-east-1b:nat",
		"subnet-5=us-east-1c:main", "subnet-6=us-east-1c:dead", "subnet-7=us-east-1-bos-1a:nat")
	w.vpc("vpc-main", "nat", "subnet-8=us-east-1a:main", "subnet-9=us-east-1b:igw")
	w.vpc("vpc-none", "none", "subnet-10=us-east-1a:main")
	zones := map[string]string{
		"subnet-1": "us-east-1a", "subnet-2": "us-east-1b", "subnet-3": "us-east-1a", "subnet-4": "us-east-1b",
		"subnet-8": "us-east-1a", "subnet-10": "us-east-1a",
	}
	var many []string
	for i := range 20 {
		id, zone := fmt.Sprintf("subnet-many-%02d", i), "us-east-1"+string("abc"[i*i%3])
		zones[id] = zone
		many = append(many, id+"="+zone+":nat")
	}
	w.vpc("vpc-many", "none", many...)
	for name, c := range map[string]struct {
		needs plan.Lookups
		want  plan.Facts
		err   string
	}{
		"private subnets before public ones": {needs: plan.Lookups{VPC: "vpc-both"}, want: plan.Facts{
			VPC: "vpc-both", Subnets: []string{"subnet-3", "subnet-4"},
			Network: "vpc-both as x-fargate.vpc says, 2 private subnets with a way out through a NAT gateway, no public addresses",
		}},
		"by the Name tag": {needs: plan.Lookups{VPC: "net-vpc-main"}, want: plan.Facts{
			VPC: "vpc-main", Subnets: []string{"subnet-8"},
			Network: `vpc-main, which x-fargate.vpc names "net-vpc-main", 1 private subnet with a way out through a NAT gateway, no public addresses`,
		}},
		"a public address asks for public subnets": {needs: plan.Lookups{VPC: "vpc-both", PublicIP: aws.Bool(true)}, want: plan.Facts{
			VPC: "vpc-both", Subnets: []string{"subnet-1", "subnet-2"}, PublicIP: true,
			Network: "vpc-both as x-fargate.vpc says, 2 public subnets with a route to an internet gateway, a public address for each task as x-fargate.public_ip says",
		}},
		"named subnets say the VPC": {needs: plan.Lookups{Subnets: []string{"Sub subnet-2", "subnet-1"}}, want: plan.Facts{
			VPC: "vpc-both", Subnets: []string{"subnet-1", "subnet-2"}, PublicIP: true,
			Network: "vpc-both, the VPC of the subnets in x-fargate.subnets, 2 subnets as x-fargate.subnets says, a public address for each task",
		}},
		"named subnets without a way out": {needs: plan.Lookups{VPC: "vpc-none", Subnets: []string{"subnet-10"}}, want: plan.Facts{
			VPC: "vpc-none", Subnets: []string{"subnet-10"},
			Network:  "vpc-none as x-fargate.vpc says, 1 subnet as x-fargate.subnets says (no way out, and no VPC endpoints for ecr.api, ecr.dkr, logs and s3), no public addresses",
			Isolated: true,
		}},
		"sixteen of many, from all zones": {needs: plan.Lookups{VPC: "vpc-many"}, want: plan.Facts{
			VPC: "vpc-many", Subnets: []string{
				"subnet-many-00", "subnet-many-01", "subnet-many-02", "subnet-many-03", "subnet-many-04", "subnet-many-05",
				"subnet-many-06", "subnet-many-07", "subnet-many-08", "subnet-many-09", "subnet-many-10", "subnet-many-11",
				"subnet-many-12", "subnet-many-13", "subnet-many-15", "subnet-many-18",
			},
			Network: "vpc-many as x-fargate.vpc says, 16 private subnets with a way out through a NAT gateway, no public addresses",
		}},
		"no way out":         {needs: plan.Lookups{VPC: "vpc-none"}, err: "choose the network: vpc-none has no subnet with a way to the internet, which tasks need to pull their images, and no VPC endpoints for ecr.api, ecr.dkr, logs and s3 instead (for secrets also secretsmanager and ssm): create them"},
		"no such VPC":        {needs: plan.Lookups{VPC: "prod"}, err: `choose the network: x-fargate.vpc names "prod", and there is no VPC of this id or Name tag in us-east-1`},
		"no such subnet":     {needs: plan.Lookups{VPC: "vpc-main", Subnets: []string{"subnet-1"}}, err: "x-fargate.subnets names subnet-1, and vpc-main has no subnet"},
		"subnets of two":     {needs: plan.Lookups{Subnets: []string{"subnet-1", "subnet-8"}}, err: "the subnets in x-fargate.subnets are in vpc-both and vpc-main"},
		"no subnet anywhere": {needs: plan.Lookups{Subnets: []string{"subnet-99"}}, err: "x-fargate.subnets names subnet-99, but none of these exists in us-east-1"},
		"no public subnet":   {needs: plan.Lookups{VPC: "vpc-many", PublicIP: aws.Bool(true)}, err: "x-fargate.public_ip is true, and no subnet of vpc-many"},
	} {
		t.Run(name, func(t *testing.T) {
			facts, err := w.account().Facts(t.Context(), c.needs)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("it says %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.want.Zones = map[string]string{}
			for _, id := range c.want.Subnets {
				c.want.Zones[id] = zones[id]
			}
			c.want.Partition, c.want.Account, c.want.Region, c.want.VCPUQuota = "aws", "123456789012", "us-east-1", 6
			if diff := cmp.Diff(c.want, facts); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTheNetworkOfALiveStackStays(t *testing.T) {
	w, want := running(t, simulator.Options{})
	before := w.facts
	if !before.PublicIP || len(before.Subnets) != 3 || !strings.HasPrefix(before.Network, "default VPC vpc-") {
		t.Errorf("a fresh account gives %+v", before)
	}
	// A NAT gateway comes, and another default VPC, and a subnet.
	w.sim.Mutate(func(a *simulator.Account) {
		putRoute(a, before.VPC, "nat", types.RouteTableAssociation{SubnetId: &before.Subnets[0]})
		a.Vpcs.Edit(before.VPC).IsDefault = aws.Bool(false)
		a.Subnets.Put("subnet-new", types.Subnet{
			SubnetId: aws.String("subnet-new"), VpcId: &before.VPC, AvailabilityZone: aws.String("us-east-1a"), State: types.SubnetStateAvailable,
		})
	})
	after, err := w.account().Facts(t.Context(), plan.Lookups{})
	if err != nil {
		t.Fatal(err)
	}
	before.Network = before.VPC + ", where the security groups of this project are, 3 subnets that its services use, a public address for each task as its services have"
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
	// Facts and Read share what they found.
	account := w.account()
	w.sim.ResetCalls()
	if _, err := account.Facts(t.Context(), plan.Lookups{}); err != nil {
		t.Fatal(err)
	}
	if _, err := account.Read(t.Context(), spec.Kinds(), want); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"GetResources", "DescribeServices", "DescribeSecurityGroups", "DescribeClusters"} {
		if n := w.calls(operation); n != 1 {
			t.Errorf("%d calls of %s", n, operation)
		}
	}
}

func TestAnAccountWithoutADefaultVPC(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.sim.Mutate(func(a *simulator.Account) { a.Vpcs.Edit(w.facts.VPC).IsDefault = aws.Bool(false) })
	_, err := w.account().Facts(t.Context(), plan.Lookups{})
	const want = "choose the network: us-east-1 has no default VPC: set x-fargate.vpc to the id or the Name tag of a VPC"
	if err == nil || err.Error() != want {
		t.Errorf("it says %v", err)
	}
}

func TestAQuotaThatCannotBeReadIsZero(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.sim.Fail(simulator.Fault{Operation: "GetServiceQuota", Err: simulator.Denied()})
	facts, err := w.account().Facts(t.Context(), plan.Lookups{})
	if err != nil || facts.VCPUQuota != 0 {
		t.Errorf("quota %v, %v", facts.VCPUQuota, err)
	}
}

// TestInTheMiddleOfAMove the services tell which of two VPCs counts.
func TestInTheMiddleOfAMoveTheServicesDecide(t *testing.T) {
	w, want := running(t, simulator.Options{})
	w.vpc("vpc-0", "nat", "subnet-1=us-east-1a:main")
	group := w.securityGroup("shop-other-123456")
	group.VpcID = plan.Literal("vpc-0")
	other := w.one("security-group/net.other", group)
	kind := w.account().Kind(spec.SecurityGroupKind)
	if _, err := kind.Create(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	facts, err := w.account().Facts(t.Context(), plan.Lookups{})
	if err != nil || facts.VPC != w.facts.VPC || !strings.Contains(facts.Network, "where the services of this project run") {
		t.Errorf("%+v, %v", facts, err)
	}
	// To move is to name the other VPC: what is live is no reason then.
	facts, err = w.account().Facts(t.Context(), plan.Lookups{VPC: "vpc-0"})
	if err != nil || facts.VPC != "vpc-0" || facts.PublicIP || len(facts.Subnets) != 1 {
		t.Errorf("%+v, %v", facts, err)
	}
	if err := w.services().Delete(t.Context(), w.read(want).Find(address("service/web"))); err != nil {
		t.Fatal(err)
	}
	_, err = w.account().Facts(t.Context(), plan.Lookups{})
	if err == nil || !strings.Contains(err.Error(), "set x-fargate.vpc") {
		t.Errorf("without services it says %v", err)
	}
}
