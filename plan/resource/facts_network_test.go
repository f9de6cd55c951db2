package resource

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// endpoint makes an interface endpoint of a VPC; edit may be nil.
func (w *world) endpoint(vpc, service string, edit func(*types.VpcEndpoint)) {
	id := "vpce-" + vpc + "-" + service
	endpoint := types.VpcEndpoint{
		VpcEndpointId: &id, VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1." + service), State: "available",
		VpcEndpointType: types.VpcEndpointTypeInterface, PrivateDnsEnabled: aws.Bool(true),
	}
	if edit != nil {
		edit(&endpoint)
	}
	w.sim.Mutate(func(a *simulator.Account) { a.VpcEndpoints.Put(id, endpoint) })
}

// gateway makes an endpoint one with routes in these tables.
func gateway(tables ...string) func(*types.VpcEndpoint) {
	return func(e *types.VpcEndpoint) {
		e.VpcEndpointType, e.PrivateDnsEnabled, e.RouteTableIds = types.VpcEndpointTypeGateway, nil, tables
	}
}

// pulls makes the interface endpoints that pulling an image takes, but for S3.
func (w *world) pulls(vpc string) {
	for _, service := range []string{"ecr.api", "ecr.dkr", "logs"} {
		w.endpoint(vpc, service, nil)
	}
}

func TestVPCEndpointsTakeThePlaceOfAWayOut(t *testing.T) {
	for name, c := range map[string]struct {
		make  func(w *world)
		needs plan.Lookups
		want  plan.Facts
		err   string
	}{
		"where all are there": {
			make: func(w *world) { w.endpoint("vpc-x", "s3", gateway("rtb-vpc-x-", "rtb-vpc-x-subnet-2")) },
			want: plan.Facts{
				Subnets: []string{"subnet-1", "subnet-2"}, Isolated: true, Endpoints: []string{"ecr.api", "ecr.dkr", "logs", "s3"},
				Network: "vpc-x as x-fargate.vpc says, 2 private subnets (VPC endpoints instead of a way out: images from ECR in us-east-1 only, and no endpoints for secrets in secretsmanager and ssm), no public addresses",
			},
		},
		"where the route table of one has no route to S3": {
			make: func(w *world) {
				w.endpoint("vpc-x", "s3", gateway("rtb-vpc-x-subnet-2"))
				w.endpoint("vpc-x", "ssm", nil)
			},
			want: plan.Facts{
				Subnets: []string{"subnet-2"}, Isolated: true, Endpoints: []string{"ecr.api", "ecr.dkr", "logs", "s3", "ssm"},
				Network: "vpc-x as x-fargate.vpc says, 1 private subnet (VPC endpoints instead of a way out: images from ECR in us-east-1 only, and no endpoints for secrets in secretsmanager), no public addresses",
			},
		},
		"where S3 has an interface": {
			make: func(w *world) { w.endpoint("vpc-x", "s3", nil) },
			want: plan.Facts{
				Subnets: []string{"subnet-1", "subnet-2"}, Isolated: true, Endpoints: []string{"ecr.api", "ecr.dkr", "logs", "s3"},
				Network: "vpc-x as x-fargate.vpc says, 2 private subnets (VPC endpoints instead of a way out: images from ECR in us-east-1 only, and no endpoints for secrets in secretsmanager and ssm), no public addresses",
			},
		},
		"not for named subnets that they don't serve": {
			make:  func(*world) {},
			needs: plan.Lookups{Subnets: []string{"subnet-1"}},
			want: plan.Facts{
				Subnets: []string{"subnet-1"}, Isolated: true, Endpoints: []string{"ecr.api", "ecr.dkr", "logs"},
				Network: "vpc-x as x-fargate.vpc says, 1 subnet as x-fargate.subnets says (no way out, and no VPC endpoints for s3), no public addresses",
			},
		},
		"not where the name leads elsewhere": {
			make: func(w *world) {
				w.endpoint("vpc-x", "s3", func(e *types.VpcEndpoint) {
					e.DnsOptions = &types.DnsOptions{PrivateDnsOnlyForInboundResolverEndpoint: aws.Bool(true)}
				})
			},
			err: "vpc-x has no subnet with a way to the internet, which tasks need to pull their images, and no VPC endpoints for s3 instead",
		},
		"not without private DNS": {
			make: func(w *world) {
				w.endpoint("vpc-x", "s3", gateway("rtb-vpc-x-", "rtb-vpc-x-subnet-2"))
				w.endpoint("vpc-x", "logs", func(e *types.VpcEndpoint) { e.PrivateDnsEnabled = aws.Bool(false) })
			},
			err: "no VPC endpoints for logs instead",
		},
		"not before they are available": {
			make: func(w *world) {
				w.endpoint("vpc-x", "s3", func(e *types.VpcEndpoint) { e.State = "pendingAcceptance" })
			},
			err: "no VPC endpoints for s3 instead",
		},
		"not of another VPC": {
			make: func(w *world) { w.endpoint("vpc-y", "s3", nil) },
			err:  "no VPC endpoints for s3 instead",
		},
		"not where a public address is asked for": {
			make:  func(w *world) { w.endpoint("vpc-x", "s3", nil) },
			needs: plan.Lookups{PublicIP: aws.Bool(true)},
			err:   "vpc-x has no subnet with a way to the internet, which tasks need to pull their images: set x-fargate.vpc",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{PageSize: 1})
			w.vpc("vpc-x", "none", "subnet-1=us-east-1a:main", "subnet-2=us-east-1b:none")
			w.pulls("vpc-x")
			c.make(w)
			c.needs.VPC = "vpc-x"
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
			got := plan.Facts{Subnets: facts.Subnets, Isolated: facts.Isolated, Endpoints: facts.Endpoints, Network: facts.Network}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestEndpointsAreReadWhereTheyMatter: neither in a VPC that has a way out for
// tasks nor for what is live.
func TestEndpointsAreReadWhereTheyMatter(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.vpc("vpc-nat", "none", "subnet-1=us-east-1a:nat", "subnet-2=us-east-1b:main")
	w.vpc("vpc-db", "none", "subnet-3=us-east-1a:igw", "subnet-4=us-east-1b:main")
	for vpc, want := range map[string]int{"": 0, "vpc-nat": 0, "vpc-db": 1} {
		w.sim.ResetCalls()
		if _, err := w.account().Facts(t.Context(), plan.Lookups{VPC: vpc}); err != nil {
			t.Fatal(err)
		}
		if n := w.calls("DescribeVpcEndpoints"); n != want {
			t.Errorf("%q: %d calls", vpc, n)
		}
	}
}

func TestTheWaysOut(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.vpc("vpc-tgw", "none", "subnet-1=us-east-1a:tgw", "subnet-2=us-east-1b:igw")
	w.vpc("vpc-vpn", "none", "subnet-3=us-east-1a:vpn", "subnet-4=us-east-1b:nat")
	w.vpc("vpc-fw", "none", "subnet-5=us-east-1a:firewall")
	w.vpc("vpc-fw-public", "none", "subnet-6=us-east-1a:firewall")
	w.sim.Mutate(func(a *simulator.Account) { a.Subnets.Edit("subnet-6").MapPublicIpOnLaunch = aws.Bool(true) })
	for vpc, want := range map[string]string{
		"vpc-tgw":       "1 private subnet with a way out through a transit gateway, a VPN or an appliance, no public addresses",
		"vpc-vpn":       "2 private subnets with a way out through a NAT gateway, or a transit gateway, a VPN or an appliance, no public addresses",
		"vpc-fw":        "1 private subnet with a way out through a transit gateway, a VPN or an appliance, no public addresses",
		"vpc-fw-public": "1 public subnet with a route to an internet gateway, a public address for each task",
	} {
		facts, err := w.account().Facts(t.Context(), plan.Lookups{VPC: vpc})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(facts.Network, vpc+" as x-fargate.vpc says, "); got != want {
			t.Errorf("%s: %s", vpc, got)
		}
	}
}

func TestWhereLoadBalancersOfANewStackStand(t *testing.T) {
	for name, c := range map[string]struct {
		subnets []string
		needs   plan.Lookups
		want    plan.BalancerSubnets
		tasks   []string
	}{
		"with the tasks, one in a zone": {
			subnets: []string{"subnet-1=us-east-1a:igw", "subnet-2=us-east-1a:igw", "subnet-3=us-east-1b:igw"},
			want:    plan.BalancerSubnets{Public: []string{"subnet-1", "subnet-3"}, Private: []string{"subnet-1", "subnet-3"}},
			tasks:   []string{"subnet-1", "subnet-2", "subnet-3"},
		},
		"in public subnets of the zones of private tasks": {
			subnets: []string{
				"subnet-1=us-east-1a:nat", "subnet-2=us-east-1b:nat",
				"subnet-3=us-east-1a:igw", "subnet-4=us-east-1b:igw", "subnet-5=us-east-1c:igw",
			},
			want:  plan.BalancerSubnets{Public: []string{"subnet-3", "subnet-4"}, Private: []string{"subnet-1", "subnet-2"}},
			tasks: []string{"subnet-1", "subnet-2"},
		},
		"in two zones, where tasks are in one": {
			subnets: []string{"subnet-1=us-east-1a:nat", "subnet-2=us-east-1a:igw", "subnet-3=us-east-1c:igw", "subnet-4=us-east-1b:igw"},
			want:    plan.BalancerSubnets{Public: []string{"subnet-2", "subnet-4"}, Private: []string{"subnet-1", "subnet-4"}},
			tasks:   []string{"subnet-1"},
		},
		"nowhere in public where nothing is": {
			subnets: []string{"subnet-1=us-east-1a:nat", "subnet-2=us-east-1b:nat", "subnet-3=us-east-1a:none"},
			want:    plan.BalancerSubnets{Private: []string{"subnet-1", "subnet-2"}},
			tasks:   []string{"subnet-1", "subnet-2"},
		},
		"without the tasks that they would not reach": {
			subnets: []string{
				"subnet-1=us-east-1a:nat", "subnet-2=us-east-1b:nat", "subnet-3=us-east-1c:nat",
				"subnet-4=us-east-1a:igw", "subnet-5=us-east-1b:igw",
			},
			want:  plan.BalancerSubnets{Public: []string{"subnet-4", "subnet-5"}, Private: []string{"subnet-1", "subnet-2"}},
			tasks: []string{"subnet-1", "subnet-2"},
		},
		"in named subnets first": {
			subnets: []string{"subnet-1=us-east-1a:igw", "subnet-2=us-east-1a:igw", "subnet-3=us-east-1b:igw", "subnet-4=us-east-1a:nat"},
			needs:   plan.Lookups{Subnets: []string{"subnet-2", "Sub subnet-3"}},
			want:    plan.BalancerSubnets{Public: []string{"subnet-2", "subnet-3"}, Private: []string{"subnet-2", "subnet-3"}},
			tasks:   []string{"subnet-2", "subnet-3"},
		},
		"private ones before public ones of the tasks": {
			subnets: []string{"subnet-1=us-east-1a:igw", "subnet-2=us-east-1a:nat", "subnet-3=us-east-1b:igw"},
			needs:   plan.Lookups{Subnets: []string{"subnet-1", "subnet-2", "subnet-3"}},
			want:    plan.BalancerSubnets{Public: []string{"subnet-1", "subnet-3"}, Private: []string{"subnet-2", "subnet-3"}},
			tasks:   []string{"subnet-1", "subnet-2", "subnet-3"},
		},
		"not where there is no room": {
			subnets: []string{"subnet-full-1=us-east-1a:igw", "subnet-full-2=us-east-1b:igw", "subnet-full-3=us-east-1b:igw", "subnet-4=us-east-1b:igw"},
			want:    plan.BalancerSubnets{Public: []string{"subnet-4"}, Private: []string{"subnet-4"}},
			tasks:   []string{"subnet-4", "subnet-full-1", "subnet-full-2", "subnet-full-3"},
		},
		"not in Local Zones": {
			subnets: []string{"subnet-1=us-east-1-bos-1a:igw", "subnet-2=us-east-1a:igw"},
			want:    plan.BalancerSubnets{Public: []string{"subnet-2"}, Private: []string{"subnet-2"}},
			tasks:   []string{"subnet-2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{PageSize: 1})
			w.vpc("vpc-x", "none", c.subnets...)
			w.sim.Mutate(func(a *simulator.Account) {
				for i := range 4 {
					if full := a.Subnets.Edit(fmt.Sprintf("subnet-full-%d", i)); full != nil {
						full.AvailableIpAddressCount = aws.Int32(7)
					}
				}
			})
			c.needs.VPC, c.needs.Balanced = "vpc-x", true
			w.sim.ResetCalls()
			facts, err := w.account().Facts(t.Context(), c.needs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.tasks, facts.Subnets); diff != "" {
				t.Errorf("tasks (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(c.want, facts.BalancerSubnets); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, id := range append(facts.BalancerSubnets.Public, facts.BalancerSubnets.Private...) {
				if facts.Zones[id] == "" {
					t.Errorf("the zone of %s is missing", id)
				}
			}
			if n := w.calls("DescribeLoadBalancers"); n > 0 {
				t.Errorf("%d calls for load balancers that there cannot be", n)
			}
		})
	}
}

// TestWhatLetsIsolatedTasksOut reads, on request alone, the security groups and
// the prefix list behind VPC endpoints.
func TestWhatLetsIsolatedTasksOut(t *testing.T) {
	guarded := func(groups ...string) func(*types.VpcEndpoint) {
		return func(e *types.VpcEndpoint) {
			for _, id := range groups {
				e.Groups = append(e.Groups, types.SecurityGroupIdentifier{GroupId: &id})
			}
		}
	}
	for name, c := range map[string]struct {
		way  string
		make func(w *world)
		want plan.Facts
	}{
		"in place of a way out": {
			way: "none",
			make: func(w *world) {
				w.endpoint("vpc-x", "s3", gateway("rtb-vpc-x-subnet-1"))
				w.route("rtb-vpc-x-subnet-1", "vpce-vpc-x-s3", "pl-s3")
			},
			want: plan.Facts{
				Isolated: true, Endpoints: []string{"ecr.api", "ecr.dkr", "logs", "s3", "ssm"},
				EndpointGroups: []string{"sg-1", "sg-2"}, S3PrefixList: "pl-s3",
			},
		},
		"beside a NAT gateway": {
			way: "nat",
			make: func(w *world) {
				w.endpoint("vpc-x", "dynamodb", gateway("rtb-vpc-x-subnet-1"))
				w.route("rtb-vpc-x-subnet-1", "vpce-vpc-x-dynamodb", "pl-dynamodb")
			},
			want: plan.Facts{
				Endpoints: []string{"dynamodb", "ecr.api", "ecr.dkr", "logs", "ssm"}, EndpointGroups: []string{"sg-1", "sg-2"},
			},
		},
		"with an interface for S3": {
			way:  "nat",
			make: func(w *world) { w.endpoint("vpc-x", "s3", guarded("sg-0")) },
			want: plan.Facts{
				Endpoints: []string{"ecr.api", "ecr.dkr", "logs", "s3", "ssm"}, EndpointGroups: []string{"sg-0", "sg-1", "sg-2"},
			},
		},
		"but not those of other services": {
			way:  "nat",
			make: func(w *world) { w.endpoint("vpc-x", "kms", guarded("sg-kms")) },
			want: plan.Facts{
				Endpoints: []string{"ecr.api", "ecr.dkr", "kms", "logs", "ssm"}, EndpointGroups: []string{"sg-1", "sg-2"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{PageSize: 1})
			w.vpc("vpc-x", "none", "subnet-1=us-east-1a:"+c.way)
			w.endpoint("vpc-x", "ecr.api", guarded("sg-2", "sg-1"))
			w.endpoint("vpc-x", "ecr.dkr", guarded("sg-1"))
			w.endpoint("vpc-x", "logs", guarded("sg-2"))
			w.endpoint("vpc-x", "ssm", guarded("sg-1"))
			c.make(w)
			w.sim.ResetCalls()
			facts, err := w.account().Facts(t.Context(), plan.Lookups{VPC: "vpc-x", Subnets: []string{"subnet-1"}, Isolated: true})
			if err != nil {
				t.Fatal(err)
			}
			got := plan.Facts{
				Isolated: facts.Isolated, Endpoints: facts.Endpoints, EndpointGroups: facts.EndpointGroups, S3PrefixList: facts.S3PrefixList,
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if pages := w.calls("DescribeVpcEndpoints"); pages != 5 { // one endpoint each
				t.Errorf("%d calls for endpoints", pages)
			}
		})
	}
}

// route adds one to a gateway endpoint, by the prefix list of its service.
func (w *world) route(table, endpoint, list string) {
	w.sim.Mutate(func(a *simulator.Account) {
		row := a.RouteTables.Edit(table)
		row.Routes = append(row.Routes, types.Route{DestinationPrefixListId: &list, GatewayId: &endpoint, State: types.RouteStateActive})
	})
}
