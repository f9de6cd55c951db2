package resource

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// must returns what a call of a test answers, which never fails.
func must[T any](w *world, got T, err error) T {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return got
}

// lookUp reads the facts anew, for what must be there.
func (w *world) lookUp(needs plan.Lookups) plan.Facts {
	w.Helper()
	facts, err := w.account().WithCluster(needs.Cluster).Facts(w.Context(), needs)
	return must(w, facts, err)
}

// refused says what is wrong with the lookups, one per line.
func (w *world) refused(needs plan.Lookups, want ...string) {
	w.Helper()
	_, err := w.account().Facts(w.Context(), needs)
	if diff := cmp.Diff(strings.Join(want, "\n"), fmt.Sprint(err)); diff != "" {
		w.Errorf("(-want +got)\n%s", diff)
	}
}

func (w *world) ecs() *ecs.Client { return ecs.NewFromConfig(w.sim.Config()) }

func (w *world) ec2() *ec2.Client { return ec2.NewFromConfig(w.sim.Config()) }

func (w *world) elb() *elasticloadbalancingv2.Client {
	return elasticloadbalancingv2.NewFromConfig(w.sim.Config())
}

// bigCluster is one of somebody else's.
func (w *world) bigCluster(name string, providers ...string) {
	w.Helper()
	_, err := w.ecs().CreateCluster(w.Context(), &ecs.CreateClusterInput{ClusterName: &name, CapacityProviders: providers})
	if err != nil {
		w.Fatal(err)
	}
}

func TestAClusterThatExists(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.bigCluster("big", "FARGATE", "FARGATE_SPOT")
	w.bigCluster("bare")
	w.bigCluster("dear", "FARGATE")
	w.bigCluster("spot", "FARGATE_SPOT")
	w.bigCluster("gone", "FARGATE")
	w.sim.Mutate(func(a *simulator.Account) { a.Clusters.Edit("gone").Status = aws.String("INACTIVE") })
	_, err := w.ecs().PutClusterCapacityProviders(t.Context(), &ecs.PutClusterCapacityProvidersInput{
		Cluster: aws.String("spot"), CapacityProviders: []string{"FARGATE_SPOT"},
		DefaultCapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 2, Base: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	arn := w.arn("ecs", "cluster/big")
	for _, name := range []string{"big", arn} {
		if got := w.lookUp(plan.Lookups{Cluster: name}).Cluster; got != arn {
			t.Errorf("%s is %s", name, got)
		}
	}
	const put = "aws ecs put-cluster-capacity-providers --region us-east-1 --cluster "
	for name, want := range map[string]string{
		"small": `x-fargate.cluster names "small", and there is no active cluster of this name or ARN in us-east-1`,
		"gone":  `x-fargate.cluster names "gone", and there is no active cluster of this name or ARN in us-east-1`,
		"bare": `x-fargate.cluster names "bare", which lacks the capacity provider FARGATE: add it with` + "\n  " +
			put + "bare --capacity-providers FARGATE FARGATE_SPOT --default-capacity-provider-strategy []",
		"spot": `x-fargate.cluster names "spot", which lacks the capacity provider FARGATE: add it with` + "\n  " +
			put + "spot --capacity-providers FARGATE_SPOT FARGATE --default-capacity-provider-strategy capacityProvider=FARGATE_SPOT,weight=2,base=1",
		"arn:aws:ecs:eu-west-1:123456789012:cluster/big": "x-fargate.cluster names arn:aws:ecs:eu-west-1:123456789012:cluster/big, and this is account 123456789012, region us-east-1",
	} {
		w.refused(plan.Lookups{Cluster: name}, want)
	}
	if got := w.lookUp(plan.Lookups{Cluster: "dear"}).Cluster; got == "" {
		t.Error("a cluster without FARGATE_SPOT is refused although nothing runs there")
	}
	w.refused(plan.Lookups{Cluster: "dear", Spare: true},
		`x-fargate.cluster names "dear", which lacks the capacity provider FARGATE_SPOT that x-fargate.capacity asks for: add it with`+"\n  "+
			put+"dear --capacity-providers FARGATE FARGATE_SPOT --default-capacity-provider-strategy []")
}

func TestTheProjectsOwnThingsAreNotThoseOfOthers(t *testing.T) {
	w, _ := running(t, simulator.Options{})
	w.refused(plan.Lookups{Cluster: "shop", SecurityGroups: []string{"shop-back-abcdef"}},
		`x-fargate.cluster names "shop", which is this project's own cluster: leave the key out`,
		`an external network or x-fargate.ingress.allow names "shop-back-abcdef", a security group that this project made itself`,
	)
	w.vpc("vpc-x", "none", "subnet-1=us-east-1a:igw", "subnet-2=us-east-1b:igw")
	w.balancer("own", elbtypes.LoadBalancerTypeEnumApplication, map[string]string{plan.TagProject: "shop"}, "subnet-1", "subnet-2")
	w.refused(plan.Lookups{LoadBalancer: "own"}, `x-fargate.load_balancer names "own", which this project made itself: leave the key out`)
}

// TestServicesInASharedClusterAreFoundAtOnce, before the tagging API knows them,
// and nobody else's beside them.
func TestServicesInASharedClusterAreFoundAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		strangers int
		found     bool
	}{"among a few": {3, true}, "not among too many": {strangers + 1, false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{TagDelay: 10_000, PageSize: 40})
			w.bigCluster("big", "FARGATE", "FARGATE_SPOT")
			arn := w.arn("ecs", "cluster/big")
			resources := w.shop("web")[1:]
			resources[4].Spec.(*spec.Service).Cluster = plan.Literal(arn)
			want := w.stack(resources...)
			w.mustApply(want)
			for i := range c.strangers {
				w.stranger("big", fmt.Sprintf("other-%03d", i))
			}
			w.sim.ResetCalls()
			account := w.account().WithCluster(arn)
			facts, err := account.Facts(t.Context(), plan.Lookups{Cluster: arn})
			if err != nil {
				t.Fatal(err)
			}
			if sticky := strings.Contains(facts.Network, "that its services use"); sticky != c.found {
				t.Errorf("%s", facts.Network)
			}
			live, err := account.Read(t.Context(), spec.Kinds(), w.stack())
			if err != nil {
				t.Fatal(err)
			}
			if found := live.Find(address("service/web")) != nil; found != c.found {
				t.Errorf("found %v", addresses(live))
			}
			for _, r := range live.Resources {
				if strings.Contains(r.Address.Name, "other") {
					t.Errorf("%s is none of ours", r.Address)
				}
			}
			if n := len(w.sim.Calls()); n > 40 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// stranger is a service of somebody else, of the task definition of web.
func (w *world) stranger(cluster, name string) {
	w.Helper()
	_, err := w.ecs().CreateService(w.Context(), &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: &name, TaskDefinition: aws.String("shop-web"), DesiredCount: aws.Int32(0),
		CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}},
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: w.facts.Subnets[:1],
		}},
	})
	if err != nil {
		w.Fatal(err)
	}
}

func TestWhoMayNotLookAtOthersServicesPlansAllTheSame(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.bigCluster("big", "FARGATE")
	w.sim.Fail(simulator.Fault{Operation: "ListServices", Err: simulator.Denied()})
	w.lookUp(plan.Lookups{Cluster: "big"})
}

// group makes a security group of somebody else and returns its id.
func (w *world) group(vpc, name, tag string) string {
	w.Helper()
	made, err := w.ec2().CreateSecurityGroup(w.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &name, VpcId: &vpc,
		TagSpecifications: []ec2types.TagSpecification{{
			ResourceType: ec2types.ResourceTypeSecurityGroup, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: &tag}},
		}},
	})
	return aws.ToString(must(w, made, err).GroupId)
}

func TestSecurityGroupsThatExist(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.vpc("vpc-a", "nat", "subnet-1=us-east-1a:main")
	w.vpc("vpc-b", "nat", "subnet-2=us-east-1a:main")
	db, cache := w.group("vpc-a", "db", "the database"), w.group("vpc-a", "cache", "twice")
	other := w.group("vpc-a", "other", "twice")
	both, far := w.group("vpc-a", "both", "db"), w.group("vpc-b", "both", "")
	w.group("vpc-b", "far", "")
	facts := w.lookUp(plan.Lookups{VPC: "vpc-a", SecurityGroups: []string{"db", "the database", cache, "both"}})
	want := map[string]string{"db": db, "the database": db, cache: cache, "both": both}
	if diff := cmp.Diff(want, facts.SecurityGroups); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.refused(plan.Lookups{VPC: "vpc-a", SecurityGroups: []string{"twice", "far", "nowhere", far, "sg-1", "db"}},
		`an external network or x-fargate.ingress.allow names "far", a security group of vpc-b, and the stack is in vpc-a: name one of this VPC, or set x-fargate.vpc`,
		fmt.Sprintf(`an external network or x-fargate.ingress.allow names %q, a security group of vpc-b, and the stack is in vpc-a: name one of this VPC, or set x-fargate.vpc`, far),
		fmt.Sprintf(`an external network or x-fargate.ingress.allow names "twice", which is the Name tag of %s: write the id of one`, and(sortedTwo(cache, other))),
	)
}

// TestAGroupThatIsMissingIsNoFact: the translation says so where it is named.
func TestAGroupThatIsMissingIsNoFact(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.vpc("vpc-a", "nat", "subnet-1=us-east-1a:main")
	db := w.group("vpc-a", "db", "")
	facts := w.lookUp(plan.Lookups{VPC: "vpc-a", SecurityGroups: []string{"nowhere", "sg-1", "db"}})
	if diff := cmp.Diff(map[string]string{"db": db}, facts.SecurityGroups); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func sortedTwo(a, b string) []string { return []string{min(a, b), max(a, b)} }

func TestWhatExistsSaysTheVPC(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.vpc("vpc-a", "none", "subnet-1=us-east-1a:igw", "subnet-2=us-east-1b:igw")
	w.vpc("vpc-b", "none", "subnet-3=us-east-1a:igw", "subnet-4=us-east-1b:igw", "subnet-5=us-east-1c:igw")
	db := w.group("vpc-a", "db", "")
	w.group("vpc-a", "both", "")
	w.group("vpc-b", "both", "")
	w.balancer("shared", elbtypes.LoadBalancerTypeEnumApplication, nil, "subnet-3", "subnet-4")
	for name, c := range map[string]struct {
		needs   plan.Lookups
		vpc     string
		network string
	}{
		"a group by id":   {plan.Lookups{SecurityGroups: []string{db}}, "vpc-a", "vpc-a, which has the security groups that the files name, "},
		"groups by name":  {plan.Lookups{SecurityGroups: []string{"both", "db"}}, "vpc-a", "vpc-a, which has the security groups that the files name, "},
		"a load balancer": {plan.Lookups{LoadBalancer: "shared"}, "vpc-b", "vpc-b, where the load balancer of x-fargate.load_balancer is, 2 public subnets"},
		"a group of a name in every VPC": {
			plan.Lookups{SecurityGroups: []string{"default"}}, w.facts.VPC, "default VPC " + w.facts.VPC + ", ",
		},
		"a load balancer before a group": {plan.Lookups{LoadBalancer: "shared", SecurityGroups: []string{"both"}}, "vpc-b", "vpc-b, where the load balancer"},
	} {
		facts := w.lookUp(c.needs)
		if facts.VPC != c.vpc || !strings.HasPrefix(facts.Network, c.network) {
			t.Errorf("%s: %s, %s", name, facts.VPC, facts.Network)
		}
	}
	w.refused(plan.Lookups{LoadBalancer: "shared", VPC: "vpc-a", SecurityGroups: []string{"db", "none"}, Cluster: "big"},
		`x-fargate.cluster names "big", and there is no active cluster of this name or ARN in us-east-1`,
		`x-fargate.load_balancer names one in vpc-b, and the stack is in vpc-a as x-fargate.vpc says: name a load balancer of this VPC, or set x-fargate.vpc`,
	)
	w.refused(plan.Lookups{LoadBalancer: "shared", Subnets: []string{"subnet-3", "subnet-5"}},
		"choose the network: x-fargate.subnets names subnet-5 in us-east-1c, which the load balancer of x-fargate.load_balancer does not reach: it is in us-east-1a and us-east-1b")
	// Tasks in public subnets it reaches come before private ones that it does not.
	w.vpc("vpc-c", "none", "subnet-6=us-east-1a:igw", "subnet-7=us-east-1b:igw", "subnet-8=us-east-1c:nat")
	w.balancer("other", elbtypes.LoadBalancerTypeEnumApplication, nil, "subnet-6", "subnet-7")
	if got := w.lookUp(plan.Lookups{LoadBalancer: "other"}).Subnets; !slices.Equal(got, []string{"subnet-6", "subnet-7"}) {
		t.Errorf("tasks are in %v", got)
	}
	w.refused(plan.Lookups{LoadBalancer: "other", Subnets: []string{"subnet-8"}, Cluster: "big"},
		`x-fargate.cluster names "big", and there is no active cluster of this name or ARN in us-east-1`,
		"choose the network: x-fargate.subnets names subnet-8 in us-east-1c, which the load balancer of x-fargate.load_balancer does not reach: it is in us-east-1a and us-east-1b")
	w.vpc("vpc-c", "none", "subnet-6=us-east-1a:none", "subnet-7=us-east-1b:none")
	w.refused(plan.Lookups{LoadBalancer: "other"},
		"choose the network: vpc-c, in the zones of the load balancer of x-fargate.load_balancer (us-east-1a and us-east-1b), has no subnet with a way to the internet, "+
			"which tasks need to pull their images, and no VPC endpoints for ecr.api, ecr.dkr, logs and s3 instead (for secrets also secretsmanager and ssm): "+
			"create them or a NAT gateway, set x-fargate.vpc, or x-fargate.subnets if there is a way that the route tables don't show")
	// What is missing might have said the VPC: no word of a default one then.
	w.refused(plan.Lookups{LoadBalancer: "gone"}, `x-fargate.load_balancer names "gone", and there is no load balancer of this name or ARN in us-east-1`)
}

// balancer makes a load balancer and returns it.
func (w *world) balancer(name string, kind elbtypes.LoadBalancerTypeEnum, tags map[string]string, subnets ...string) elbtypes.LoadBalancer {
	w.Helper()
	input := &elasticloadbalancingv2.CreateLoadBalancerInput{Name: &name, Type: kind, Subnets: subnets}
	for key, value := range tags {
		input.Tags = append(input.Tags, elbtypes.Tag{Key: &key, Value: &value})
	}
	made, err := w.elb().CreateLoadBalancer(w.Context(), input)
	return must(w, made, err).LoadBalancers[0]
}

func notFound() []elbtypes.Action {
	return []elbtypes.Action{{
		Type:                elbtypes.ActionTypeEnumFixedResponse,
		FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404")},
	}}
}

func (w *world) listener(balancer elbtypes.LoadBalancer, port int32, tags ...elbtypes.Tag) string {
	w.Helper()
	made, err := w.elb().CreateListener(w.Context(), &elasticloadbalancingv2.CreateListenerInput{
		LoadBalancerArn: balancer.LoadBalancerArn, Port: &port, Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: notFound(), Tags: tags,
	})
	return aws.ToString(must(w, made, err).Listeners[0].ListenerArn)
}

// rule of a project, or of nobody for "".
func (w *world) rule(listener string, priority int32, project string) {
	w.Helper()
	input := &elasticloadbalancingv2.CreateRuleInput{
		ListenerArn: &listener, Priority: &priority, Actions: notFound(),
		Conditions: []elbtypes.RuleCondition{{Field: aws.String("host-header"), Values: []string{fmt.Sprintf("h%d.example.com", priority)}}},
	}
	if project != "" {
		input.Tags = []elbtypes.Tag{{Key: aws.String(plan.TagProject), Value: &project}}
	}
	if _, err := w.elb().CreateRule(w.Context(), input); err != nil {
		w.Fatal(err)
	}
}

func TestALoadBalancerThatExists(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 10})
	w.vpc("vpc-x", "none", "subnet-1=us-east-1a:igw", "subnet-2=us-east-1b:igw", "subnet-3=us-east-1c:igw")
	made := w.balancer("shared", elbtypes.LoadBalancerTypeEnumApplication, nil, "subnet-1", "subnet-2")
	web, admin := w.listener(made, 80), w.listener(made, 8080)
	w.listener(made, 9090, elbtypes.Tag{Key: aws.String(plan.TagProject), Value: aws.String("shop")}) // ours is no fact
	var theirs []int
	for i := range int32(25) {
		w.rule(web, 100-i, "")
		theirs = append([]int{int(100 - i)}, theirs...)
	}
	w.rule(web, 5, "shop")
	w.rule(web, 7, "sho")
	theirs = append([]int{7}, theirs...)
	want := &plan.LoadBalancer{
		ARN: aws.ToString(made.LoadBalancerArn), Type: "application", Scheme: "internet-facing", VPC: "vpc-x",
		DNSName: aws.ToString(made.DNSName), HostedZone: aws.ToString(made.CanonicalHostedZoneId), SecurityGroups: made.SecurityGroups,
		Listeners: []plan.Listener{{ARN: web, Port: 80, Protocol: "HTTP", Priorities: theirs}, {ARN: admin, Port: 8080, Protocol: "HTTP"}},
	}
	if len(want.SecurityGroups) == 0 || want.DNSName == "" || want.HostedZone == "" {
		t.Fatalf("the simulator makes %+v", made)
	}
	for _, name := range []string{"shared", want.ARN} {
		w.sim.ResetCalls()
		facts := w.lookUp(plan.Lookups{LoadBalancer: name, Balanced: true})
		if diff := cmp.Diff(want, facts.LoadBalancer); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		// Tasks stay in the zones that it reaches.
		if diff := cmp.Diff([]string{"subnet-1", "subnet-2"}, facts.Subnets); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n := w.calls("DescribeTags"); n != 2 {
			t.Errorf("%d calls for the tags of 31 things", n)
		}
		if writes := w.writes(); len(writes) > 0 {
			t.Errorf("looking writes: %v", writes)
		}
	}
	w.sim.Mutate(func(a *simulator.Account) {
		a.LoadBalancers.Edit(want.ARN).Type = elbtypes.LoadBalancerTypeEnumGateway
	})
	w.refused(plan.Lookups{LoadBalancer: "shared"}, `x-fargate.load_balancer names "shared", a gateway load balancer: it has to be an application or a network one`)
	w.refused(plan.Lookups{LoadBalancer: "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/x/1"},
		"x-fargate.load_balancer names arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/x/1, and this is account 123456789012, region us-east-1")
}

// TestALiveLoadBalancerStaysWhereItStands although a subnet with a lower id came
// to the zone, and another zone to the VPC.
func TestALiveLoadBalancerStaysWhereItStands(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.vpc("vpc-x", "none", "subnet-5=us-east-1a:igw", "subnet-6=us-east-1b:igw", "subnet-7=us-east-1a:nat")
	group := w.securityGroup("shop-lb-123456")
	group.VpcID = plan.Literal("vpc-x")
	attrs, err := w.account().Kind(spec.SecurityGroupKind).Create(t.Context(), w.one("security-group/load-balancer.application", group))
	if err != nil {
		t.Fatal(err)
	}
	made := w.balancer("shop-123456", elbtypes.LoadBalancerTypeEnumApplication, nil, "subnet-5", "subnet-6")
	_, err = w.elb().SetSecurityGroups(t.Context(), &elasticloadbalancingv2.SetSecurityGroupsInput{
		LoadBalancerArn: made.LoadBalancerArn, SecurityGroups: []string{attrs["id"]},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.vpc("vpc-x", "none", "subnet-1=us-east-1a:igw", "subnet-2=us-east-1b:igw", "subnet-3=us-east-1c:igw")
	w.balancer("somebodys", elbtypes.LoadBalancerTypeEnumApplication, nil, "subnet-1", "subnet-2")
	w.sim.ResetCalls()
	facts := w.lookUp(plan.Lookups{VPC: "vpc-x", Balanced: true})
	want := plan.BalancerSubnets{Public: []string{"subnet-5", "subnet-6"}, Private: []string{"subnet-2", "subnet-7"}}
	if diff := cmp.Diff(want, facts.BalancerSubnets); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := w.calls("DescribeLoadBalancers"); n != 1 {
		t.Errorf("%d calls", n)
	}
	// The tasks have one zone, the load balancer keeps its second one.
	if diff := cmp.Diff([]string{"subnet-7"}, facts.Subnets); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheHostedZoneOfADomain(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	zones := map[string]string{}
	w.sim.Mutate(func(a *simulator.Account) {
		for _, name := range []string{"example.com", "shop.example.com", "example.org", "myexample.net", "com"} {
			zones[name] = a.PutHostedZone(name)
		}
		cloudMap := a.PutHostedZone("made.example.com")
		a.HostedZones.Edit(cloudMap).LinkedService = &route53types.LinkedService{ServicePrincipal: aws.String("servicediscovery.amazonaws.com")}
		zones["unused"] = a.PutHostedZone("twice.example.com")
		zones["used"] = a.PutHostedZone("twice.example.com")
	})
	client := route53.NewFromConfig(w.sim.Config())
	_, err := client.CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{
		Name: aws.String("www.shop.example.com"), CallerReference: aws.String("private"),
		VPC: &route53types.VPC{VPCId: &w.facts.VPC, VPCRegion: "us-east-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zones["used"]),
		ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{
			Action: route53types.ChangeActionCreate,
			ResourceRecordSet: &route53types.ResourceRecordSet{
				Name: aws.String("x.twice.example.com"), Type: route53types.RRTypeTxt, TTL: aws.Int64(60),
				ResourceRecords: []route53types.ResourceRecord{{Value: aws.String(`"x"`)}},
			},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]string{
		"example.com":            "example.com",
		"Shop.Example.com.":      "shop.example.com",
		"www.shop.example.com":   "shop.example.com", // its own zone is private
		"a.b.example.com":        "example.com",
		"made.example.com":       "example.com", // its own zone is another service's
		"app.twice.example.com":  "used",
		"example.net":            "", // myexample.net is another one
		"elsewhere.test":         "",
		"notexample.com":         "", // the zone of a top-level domain is nobody's
		"deep.shop.example.com":  "shop.example.com",
		"shop.example.com.local": "",
	} {
		if got := w.lookUp(plan.Lookups{Domain: domain}).HostedZone; got != zones[want] || strings.Contains(got, "/") {
			t.Errorf("%s: %q, want %q", domain, got, zones[want])
		}
	}
}

func TestTheCertificateOfADomain(t *testing.T) {
	at := func(year int) *time.Time { t := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); return &t }
	for name, c := range map[string]struct {
		make func(a *simulator.Account) (want string)
	}{
		"none": {func(*simulator.Account) string { return "" }},
		"of the very name": {func(a *simulator.Account) string {
			a.PutCertificate("*.example.com")
			return a.PutCertificate("www.example.com")
		}},
		"among other names": {func(a *simulator.Account) string { return a.PutCertificate("example.org", "www.example.com") }},
		"one label below a wildcard": {func(a *simulator.Account) string {
			a.PutCertificate("*.com")
			a.PutCertificate("*.www.example.com")
			a.PutCertificate("example.com")
			return a.PutCertificate("*.example.com")
		}},
		"that lasts longest": {func(a *simulator.Account) string {
			a.Certificates.Edit(a.PutCertificate("www.example.com")).NotAfter = at(2030)
			long := a.PutCertificate("www.example.com", "example.com")
			a.Certificates.Edit(long).NotAfter = at(2031)
			return long
		}},
		"with a key of any kind": {func(a *simulator.Account) string {
			return a.PutImportedCertificate(acmtypes.KeyAlgorithmEcPrime256v1, "www.example.com")
		}},
		"not one that waits": {func(a *simulator.Account) string {
			a.Certificates.Edit(a.PutCertificate("www.example.com")).Status = acmtypes.CertificateStatusPendingValidation
			return ""
		}},
		"not one of a private authority": {func(a *simulator.Account) string {
			a.Certificates.Edit(a.PutCertificate("www.example.com")).Type = acmtypes.CertificateTypePrivate
			return ""
		}},
		"not the project's own": {func(a *simulator.Account) string {
			own := a.PutCertificate("www.example.com")
			a.Tags.Edit(own).Tags = map[string]string{plan.TagProject: "shop"}
			return a.PutCertificate("*.example.com")
		}},
		"not another project's": {func(a *simulator.Account) string {
			a.Tags.Edit(a.PutCertificate("www.example.com")).Tags = map[string]string{plan.TagProject: "other"}
			return ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{PageSize: 1})
			var want string
			w.sim.Mutate(func(a *simulator.Account) { want = c.make(a) })
			if got := w.lookUp(plan.Lookups{Domain: "WWW.example.com"}).Certificate; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestTheCertificatesThatTheFilesName are looked at with the one of the domain. Those of
// another region or account do not exist for a load balancer here.
func TestTheCertificatesThatTheFilesName(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	var issued, waits, ofDomain string
	w.sim.Mutate(func(a *simulator.Account) {
		issued = a.PutCertificate("Shop.example.org", "*.example.org")
		waits = a.PutCertificate("new.example.org")
		a.Certificates.Edit(waits).Status = acmtypes.CertificateStatusPendingValidation
		ofDomain = a.PutCertificate("www.example.com", "example.com")
	})
	gone := strings.TrimSuffix(issued, issued[len(issued)-4:]) + "0000"
	there := strings.Replace(issued, ":"+w.facts.Region+":", ":us-east-2:", 1)
	others := strings.Replace(issued, ":"+w.facts.Account+":", ":999999999999:", 1)
	got := w.lookUp(plan.Lookups{Domain: "example.com", Certificates: []string{issued, waits, gone, there, others}}).Certificates
	want := map[string]plan.Certificate{
		issued:   {Status: plan.Usable, Names: []string{"*.example.org", "shop.example.org"}},
		waits:    {Status: "PENDING_VALIDATION", Names: []string{"new.example.org"}},
		ofDomain: {Status: plan.Usable, Names: []string{"example.com", "www.example.com"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got := w.lookUp(plan.Lookups{Certificates: []string{gone}}).Certificates; got == nil {
		t.Error("that there is none is not known from nobody having looked")
	}
}

// TestTheCertificateInUseStays although one for the very name came.
func TestTheCertificateInUseStays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	var wildcard string
	w.sim.Mutate(func(a *simulator.Account) {
		wildcard = a.PutCertificate("*.example.com")
		a.PutCertificate("www.example.com")
	})
	attrs, err := w.account().Kind(spec.SecurityGroupKind).Create(t.Context(),
		w.one("security-group/load-balancer.application", w.securityGroup("shop-lb-123456")))
	if err != nil {
		t.Fatal(err)
	}
	made := w.balancer("shop-123456", elbtypes.LoadBalancerTypeEnumApplication, nil, w.facts.Subnets[:2]...)
	_, err = w.elb().SetSecurityGroups(t.Context(), &elasticloadbalancingv2.SetSecurityGroupsInput{
		LoadBalancerArn: made.LoadBalancerArn, SecurityGroups: []string{attrs["id"]},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.elb().CreateListener(t.Context(), &elasticloadbalancingv2.CreateListenerInput{
		LoadBalancerArn: made.LoadBalancerArn, Port: aws.Int32(443), Protocol: elbtypes.ProtocolEnumHttps, DefaultActions: notFound(),
		Certificates: []elbtypes.Certificate{{CertificateArn: &wildcard}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.lookUp(plan.Lookups{Domain: "www.example.com"}).Certificate; got != wildcard {
		t.Errorf("%q, want %q", got, wildcard)
	}
}

// TestFactsCostFewCalls: what is not asked for costs nothing.
func TestFactsCostFewCalls(t *testing.T) {
	w, _ := running(t, simulator.Options{})
	for name, c := range map[string]struct {
		needs plan.Lookups
		want  int
	}{
		"nothing asked":                   {plan.Lookups{}, 8},
		"no load balancer yet":            {plan.Lookups{Balanced: true}, 8},
		"a domain that is not ours":       {plan.Lookups{Domain: "www.example.com"}, 11},
		"what is published":               {plan.Lookups{Published: true}, 8},
		"groups, in one VPC or in others": {plan.Lookups{SecurityGroups: []string{"default"}}, 10},
	} {
		w.sim.ResetCalls()
		w.lookUp(c.needs)
		if n := len(w.sim.Calls()); n != c.want {
			var names []string
			for _, call := range w.sim.Calls() {
				names = append(names, call.Operation)
			}
			t.Errorf("%s: %d calls: %v", name, n, names)
		}
	}
}

// TestALiveStackMovesToWhereItsNewLoadBalancerReaches, and no further.
func TestALiveStackMovesToWhereItsNewLoadBalancerReaches(t *testing.T) {
	w, _ := running(t, simulator.Options{})
	zones := w.facts.Zones
	w.balancer("shared", elbtypes.LoadBalancerTypeEnumApplication, nil, w.facts.Subnets[:2]...)
	facts := w.lookUp(plan.Lookups{LoadBalancer: "shared"})
	if diff := cmp.Diff(w.facts.Subnets[:2], facts.Subnets); diff != "" || zones[facts.Subnets[0]] == zones[facts.Subnets[1]] {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !strings.Contains(facts.Network, "2 subnets that its services use") {
		t.Errorf("%s", facts.Network)
	}
}
