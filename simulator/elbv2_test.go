package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// network is a world with load balancers in its default VPC.
type network struct {
	*world
	elb     *elb.Client
	vpc     string
	subnets []string // one per zone, in the order of the zones
}

func newNetwork(t *testing.T, options simulator.Options) *network {
	t.Helper()
	n := &network{world: newWorld(t, options)}
	n.elb = elb.NewFromConfig(n.Config())
	pages := ec2.NewDescribeSubnetsPaginator(n.ec2, &ec2.DescribeSubnetsInput{})
	var subnets []ec2types.Subnet
	for pages.HasMorePages() {
		subnets = append(subnets, must(pages.NextPage(t.Context()))(t).Subnets...)
	}
	slices.SortFunc(subnets, func(x, y ec2types.Subnet) int { return strings.Compare(*x.AvailabilityZone, *y.AvailabilityZone) })
	for _, s := range subnets {
		n.vpc, n.subnets = *s.VpcId, append(n.subnets, *s.SubnetId)
	}
	return n
}

// group makes a security group; it may send anything anywhere.
func (n *network) group(name string) string {
	n.t.Helper()
	return *must(n.ec2.CreateSecurityGroup(n.t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &name, VpcId: &n.vpc,
	}))(n.t).GroupId
}

// allow lets a group receive TCP on a port from another group.
func (n *network) allow(group string, port int32, from string) {
	n.t.Helper()
	must(n.ec2.AuthorizeSecurityGroupIngress(n.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &group, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port,
			UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &from}},
		}},
	}))(n.t)
}

func (n *network) newBalancer(name string, kind elbtypes.LoadBalancerTypeEnum, groups ...string) *elb.CreateLoadBalancerInput {
	return &elb.CreateLoadBalancerInput{Name: &name, Type: kind, Subnets: n.subnets[:2], SecurityGroups: groups}
}

func (n *network) application(name string, groups ...string) string {
	n.t.Helper()
	in := n.newBalancer(name, elbtypes.LoadBalancerTypeEnumApplication, groups...)
	return *must(n.elb.CreateLoadBalancer(n.t.Context(), in))(n.t).LoadBalancers[0].LoadBalancerArn
}

func (n *network) networkBalancer(name string, groups ...string) string {
	n.t.Helper()
	in := n.newBalancer(name, elbtypes.LoadBalancerTypeEnumNetwork, groups...)
	return *must(n.elb.CreateLoadBalancer(n.t.Context(), in))(n.t).LoadBalancers[0].LoadBalancerArn
}

func (n *network) newTargets(name string, protocol elbtypes.ProtocolEnum, port int32) *elb.CreateTargetGroupInput {
	return &elb.CreateTargetGroupInput{
		Name: &name, Protocol: protocol, Port: &port, VpcId: &n.vpc, TargetType: elbtypes.TargetTypeEnumIp,
	}
}

func (n *network) targets(name string, protocol elbtypes.ProtocolEnum, port int32) string {
	n.t.Helper()
	return *must(n.elb.CreateTargetGroup(n.t.Context(), n.newTargets(name, protocol, port)))(n.t).TargetGroups[0].TargetGroupArn
}

func forward(group string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}}
}

func notFound() []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
		StatusCode: aws.String("404"),
	}}}
}

func newListener(balancer string, protocol elbtypes.ProtocolEnum, port int32, actions []elbtypes.Action) *elb.CreateListenerInput {
	return &elb.CreateListenerInput{LoadBalancerArn: &balancer, Protocol: protocol, Port: &port, DefaultActions: actions}
}

func (n *network) listen(balancer string, protocol elbtypes.ProtocolEnum, port int32, actions []elbtypes.Action) string {
	n.t.Helper()
	return *must(n.elb.CreateListener(n.t.Context(), newListener(balancer, protocol, port, actions)))(n.t).Listeners[0].ListenerArn
}

func newRule(listener string, priority int32, group string, paths ...string) *elb.CreateRuleInput {
	return &elb.CreateRuleInput{
		ListenerArn: &listener, Priority: &priority, Actions: forward(group),
		Conditions: []elbtypes.RuleCondition{{
			Field: aws.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: paths},
		}},
	}
}

func (n *network) rule(listener string, priority int32, group string) string {
	n.t.Helper()
	return *must(n.elb.CreateRule(n.t.Context(), newRule(listener, priority, group, "/*")))(n.t).Rules[0].RuleArn
}

func elbTags(key, value string) []elbtypes.Tag { return []elbtypes.Tag{{Key: &key, Value: &value}} }

func TestWhatLoadBalancersAreFilledWith(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	app, net := n.application("shop"), n.networkBalancer("shop-tcp", n.group("net"))
	web, dns := n.targets("web", elbtypes.ProtocolEnumHttp, 8080), n.targets("dns", elbtypes.ProtocolEnumUdp, 53)
	http := n.listen(app, elbtypes.ProtocolEnumHttp, 80, notFound())
	rule := n.rule(http, 10, web)
	udp := n.listen(net, elbtypes.ProtocolEnumUdp, 53, forward(dns))
	for name, of := range map[string]struct{ balancer, group, listener string }{
		"elb-application": {app, web, http}, "elb-network": {net, dns, udp},
	} {
		rules := must(n.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: &of.listener}))(t)
		golden(t, name, map[string]any{
			"balancer":            must(n.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{of.balancer}}))(t),
			"balancer-attributes": must(n.elb.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &of.balancer}))(t),
			"group":               must(n.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{of.group}}))(t),
			"group-attributes":    must(n.elb.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &of.group}))(t),
			"listener":            must(n.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{ListenerArns: []string{of.listener}}))(t),
			"listener-attributes": must(n.elb.DescribeListenerAttributes(ctx, &elb.DescribeListenerAttributesInput{ListenerArn: &of.listener}))(t),
			"rules":               rules,
		})
	}
	if out := must(n.elb.DescribeRules(ctx, &elb.DescribeRulesInput{RuleArns: []string{rule}}))(t); *out.Rules[0].Priority != "10" {
		t.Error(text(out))
	}
}

func TestALoadBalancerBecomesActive(t *testing.T) {
	n := newNetwork(t, simulator.Options{Progress: 3})
	n.application("shop")
	got := ""
	for range 4 {
		b := must(n.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{Names: []string{"shop"}}))(t).LoadBalancers[0]
		got += string(b.State.Code) + " "
	}
	if want := "provisioning provisioning active active "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheSameSettingsAnswerWhatThereIs(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	app, web := n.application("shop"), n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(app, elbtypes.ProtocolEnumHttp, 80, forward(web))
	got := []string{n.application("shop"), n.targets("web", elbtypes.ProtocolEnumHttp, 8080), n.listen(app, elbtypes.ProtocolEnumHttp, 80, forward(web))}
	if diff := cmp.Diff([]string{app, web, http}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	internal := n.newBalancer("shop", elbtypes.LoadBalancerTypeEnumApplication)
	internal.Scheme = elbtypes.LoadBalancerSchemeEnumInternal
	_, balancer := n.elb.CreateLoadBalancer(ctx, internal)
	_, group := n.elb.CreateTargetGroup(ctx, n.newTargets("web", elbtypes.ProtocolEnumHttp, 9090))
	_, listener := n.elb.CreateListener(ctx, newListener(app, elbtypes.ProtocolEnumHttp, 80, notFound()))
	codes := strings.Join([]string{code(balancer), code(group), code(listener)}, " ")
	if want := "DuplicateLoadBalancerName DuplicateTargetGroupName DuplicateListener"; codes != want {
		t.Errorf("got %s, want %s", codes, want)
	}
}

func TestDeletingLoadBalancers(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	group := n.group("lb")
	app, web := n.application("shop", group), n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(app, elbtypes.ProtocolEnumHttp, 80, notFound())
	rule := n.rule(http, 10, web)
	protect := func(value string) {
		t.Helper()
		must(n.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: &app, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: &value}},
		}))(t)
	}
	remove := func() string {
		_, err := n.elb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &app})
		return code(err)
	}
	dropGroup := func() string {
		_, err := n.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &group})
		return code(err)
	}
	dropTargets := func() string {
		_, err := n.elb.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: &web})
		return code(err)
	}
	var got []string
	note := func(what string, codes ...string) { got = append(got, what+": "+strings.Join(codes, " ")) }
	protect("true")
	note("protected", remove())
	protect("false")
	note("in use", dropGroup(), dropTargets())
	note("deleted twice", remove(), remove())
	_, listener := n.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{ListenerArns: []string{http}})
	_, gone := n.elb.DescribeRules(ctx, &elb.DescribeRulesInput{RuleArns: []string{rule}})
	note("what belonged to it", code(listener), code(gone))
	note("its group lingers", dropGroup(), dropGroup(), dropGroup())
	note("its targets do not", dropTargets(), dropTargets())
	want := []string{
		"protected: OperationNotPermitted",
		"in use: DependencyViolation ResourceInUse",
		"deleted twice:  ",
		"what belonged to it: ListenerNotFound RuleNotFound",
		"its group lingers: DependencyViolation DependencyViolation ",
		"its targets do not:  ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRulePriorities(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	web := n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(n.application("shop"), elbtypes.ProtocolEnumHttp, 80, notFound())
	one, two := n.rule(http, 1, web), n.rule(http, 2, web)
	third := n.rule(http, 3, web)
	set := func(pairs ...elbtypes.RulePriorityPair) string {
		_, err := n.elb.SetRulePriorities(ctx, &elb.SetRulePrioritiesInput{RulePriorities: pairs})
		return code(err)
	}
	pair := func(rule string, priority int32) elbtypes.RulePriorityPair {
		return elbtypes.RulePriorityPair{RuleArn: &rule, Priority: &priority}
	}
	fallback := n.defaultRule(http)
	for _, c := range []struct{ name, got, want string }{
		{"swapped", set(pair(one, 2), pair(two, 1)), ""},
		{"taken by a third", set(pair(one, 3)), "PriorityInUse"},
		{"given twice", set(pair(one, 7), pair(two, 7)), "ValidationError"},
		{"of the default rule", set(pair(fallback, 7)), "OperationNotPermitted"},
		{"out of range", set(pair(one, 50001)), "ValidationError"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	got := map[string]string{}
	for _, r := range must(n.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: &http}))(t).Rules {
		got[*r.RuleArn] = *r.Priority
	}
	if diff := cmp.Diff(map[string]string{one: "2", two: "1", third: "3", fallback: "default"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// defaultRule is the ARN of a listener's default rule.
func (n *network) defaultRule(listener string) string {
	n.t.Helper()
	for _, r := range must(n.elb.DescribeRules(n.t.Context(), &elb.DescribeRulesInput{ListenerArn: &listener}))(n.t).Rules {
		if *r.IsDefault {
			return *r.RuleArn
		}
	}
	n.t.Fatal("no default rule")
	return ""
}

func TestListenersAreModified(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	var first, second string
	n.Mutate(func(a *simulator.Account) {
		first, second = a.PutCertificate("shop.example.com"), a.PutCertificate("blog.example.com")
	})
	web := n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(n.application("shop"), elbtypes.ProtocolEnumHttp, 80, notFound())
	modify := func(in elb.ModifyListenerInput) elbtypes.Listener {
		t.Helper()
		in.ListenerArn = &http
		return must(n.elb.ModifyListener(ctx, &in))(t).Listeners[0]
	}
	certificates := func() string {
		t.Helper()
		var list []string
		for _, c := range must(n.elb.DescribeListenerCertificates(ctx, &elb.DescribeListenerCertificatesInput{ListenerArn: &http}))(t).Certificates {
			list = append(list, fmt.Sprint(*c.CertificateArn == first, *c.IsDefault))
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	}
	l := modify(elb.ModifyListenerInput{
		Protocol: elbtypes.ProtocolEnumHttps, Port: aws.Int32(443), Certificates: []elbtypes.Certificate{{CertificateArn: &first}},
		SslPolicy: aws.String("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"),
	})
	if *l.Port != 443 || *l.Certificates[0].CertificateArn != first || *l.DefaultActions[0].FixedResponseConfig.StatusCode != "404" {
		t.Error(text(l))
	}
	for range 2 { // the second time is no error and no second entry
		must(n.elb.AddListenerCertificates(ctx, &elb.AddListenerCertificatesInput{
			ListenerArn: &http, Certificates: []elbtypes.Certificate{{CertificateArn: &second}},
		}))(t)
	}
	if got, want := certificates(), "false false, true true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(n.elb.RemoveListenerCertificates(ctx, &elb.RemoveListenerCertificatesInput{
		ListenerArn: &http, Certificates: []elbtypes.Certificate{{CertificateArn: &second}},
	}))(t)
	if got, want := certificates(), "true true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l = modify(elb.ModifyListenerInput{Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: forward(web)})
	if len(l.Certificates) > 0 || l.SslPolicy != nil || *l.DefaultActions[0].TargetGroupArn != web {
		t.Error(text(l))
	}
	rule := n.rule(http, 10, web)
	must(n.elb.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: &rule, Conditions: newRule(http, 10, web, "/shop*", "/blog*").Conditions}))(t)
	r := must(n.elb.DescribeRules(ctx, &elb.DescribeRulesInput{RuleArns: []string{rule}}))(t).Rules[0]
	if len(r.Conditions[0].Values) != 2 || *r.Actions[0].TargetGroupArn != web || *r.Priority != "10" {
		t.Error(text(r))
	}
}

func TestHealthChecksAreModified(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	tcp := n.targets("tcp", elbtypes.ProtocolEnumTcp, 5432)
	modify := func(in elb.ModifyTargetGroupInput) elbtypes.TargetGroup {
		t.Helper()
		in.TargetGroupArn = &tcp
		return must(n.elb.ModifyTargetGroup(t.Context(), &in))(t).TargetGroups[0]
	}
	g := modify(elb.ModifyTargetGroupInput{HealthCheckProtocol: elbtypes.ProtocolEnumHttp, HealthCheckPort: aws.String("8080")})
	if *g.HealthCheckPath != "/" || *g.Matcher.HttpCode != "200-399" || *g.HealthCheckTimeoutSeconds != 10 || *g.HealthCheckPort != "8080" {
		t.Error(text(g))
	}
	g = modify(elb.ModifyTargetGroupInput{HealthCheckPath: aws.String("/health"), HealthCheckIntervalSeconds: aws.Int32(15)})
	if *g.HealthCheckPath != "/health" || *g.HealthCheckIntervalSeconds != 15 || *g.HealthCheckPort != "8080" {
		t.Error(text(g))
	}
	g = modify(elb.ModifyTargetGroupInput{HealthCheckProtocol: elbtypes.ProtocolEnumTcp})
	if g.HealthCheckPath != nil || g.Matcher != nil {
		t.Error(text(g))
	}
	must(n.elb.ModifyTargetGroupAttributes(t.Context(), &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &tcp, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("5")}},
	}))(t)
	got := map[string]string{}
	for _, a := range must(n.elb.DescribeTargetGroupAttributes(t.Context(), &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &tcp}))(t).Attributes {
		got[*a.Key] = *a.Value
	}
	if got["deregistration_delay.timeout_seconds"] != "5" || got["preserve_client_ip.enabled"] != "false" {
		t.Error(got)
	}
}

func TestSubnetsAndGroupsOfALoadBalancerAreReplaced(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	app, group := n.application("shop"), n.group("lb")
	must(n.elb.SetSubnets(t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &app, Subnets: n.subnets[1:]}))(t)
	must(n.elb.SetSecurityGroups(t.Context(), &elb.SetSecurityGroupsInput{LoadBalancerArn: &app, SecurityGroups: []string{group}}))(t)
	b := must(n.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{}))(t).LoadBalancers[0]
	var zones []string
	for _, z := range b.AvailabilityZones {
		zones = append(zones, *z.ZoneName)
	}
	slices.Sort(zones)
	if diff := cmp.Diff([]string{"us-east-1b", "us-east-1c"}, zones); diff != "" || !slices.Equal(b.SecurityGroups, []string{group}) {
		t.Errorf("%s\n%s", diff, text(b))
	}
}

func TestTagsOfLoadBalancers(t *testing.T) {
	n := newNetwork(t, simulator.Options{PageSize: 1})
	ctx := t.Context()
	in := n.newBalancer("shop", elbtypes.LoadBalancerTypeEnumApplication)
	in.Tags = elbTags("project", "shop")
	app := *must(n.elb.CreateLoadBalancer(ctx, in))(t).LoadBalancers[0].LoadBalancerArn
	net, web := n.networkBalancer("tcp"), n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(app, elbtypes.ProtocolEnumHttp, 80, notFound())
	rule := n.rule(http, 10, web)
	must(n.elb.AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{net, web, http, rule}, Tags: elbTags("project", "shop")}))(t)
	must(n.elb.AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{web}, Tags: elbTags("spec", "1")}))(t)
	must(n.elb.RemoveTags(ctx, &elb.RemoveTagsInput{ResourceArns: []string{web, rule}, TagKeys: []string{"project"}}))(t)
	kinds := func(types ...string) string {
		var short []string
		for found := range strings.FieldsSeq(n.tagged(&tagging.GetResourcesInput{
			TagFilters: []taggingtypes.TagFilter{{Key: aws.String("project")}}, ResourceTypeFilters: types,
		})) {
			short = append(short, strings.Join(strings.Split(strings.TrimPrefix(found, "elasticloadbalancing:"), "/")[:2], "/"))
		}
		return strings.Join(short, " ")
	}
	described := map[string]string{}
	for _, d := range must(n.elb.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: []string{app, web, rule}}))(t).TagDescriptions {
		described[*d.ResourceArn] = text(d.Tags)
	}
	if diff := cmp.Diff(map[string]string{app: text(elbTags("project", "shop")), web: text(elbTags("spec", "1")), rule: "[]"}, described); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range []struct{ name, got, want string }{
		{"all", kinds(), "listener/app loadbalancer/app loadbalancer/net"},
		{"load balancers", kinds("elasticloadbalancing:loadbalancer"), "loadbalancer/app loadbalancer/net"},
		{"of one kind", kinds("elasticloadbalancing:loadbalancer/net"), "loadbalancer/net"},
		{"listeners", kinds("elasticloadbalancing:listener/app"), "listener/app"},
		{"none of the rest", kinds("elasticloadbalancing:targetgroup", "elasticloadbalancing:listener-rule/app"), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	tags := func(arn string, tags ...elbtypes.Tag) string {
		_, err := n.elb.AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{arn}, Tags: tags})
		return code(err)
	}
	var many []elbtypes.Tag
	for i := range 51 {
		many = append(many, elbTags(fmt.Sprint("key-", i), "")...)
	}
	for _, c := range []struct{ name, got, want string }{
		{"a key twice", tags(app, append(elbTags("a", "1"), elbTags("a", "2")...)...), "DuplicateTagKeys"},
		{"too many", tags(app, many...), "TooManyTags"},
		{"a reserved key", tags(app, elbTags("aws:x", "1")...), "ValidationError"},
		{"an unknown load balancer", tags(app+"x", elbTags("a", "1")...), "LoadBalancerNotFound"},
		{"an unknown target group", tags(web+"x", elbTags("a", "1")...), "TargetGroupNotFound"},
		{"an unknown listener", tags(http+"x", elbTags("a", "1")...), "ListenerNotFound"},
		{"an unknown rule", tags(rule+"x", elbTags("a", "1")...), "RuleNotFound"},
		{"something else", tags("arn:aws:ecs:us-east-1:123456789012:cluster/shop", elbTags("a", "1")...), "ValidationError"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestListsOfLoadBalancersArePaged(t *testing.T) {
	n := newNetwork(t, simulator.Options{PageSize: 1})
	ctx := t.Context()
	app := n.application("a")
	n.application("b")
	x := n.targets("x", elbtypes.ProtocolEnumHttp, 8080)
	n.targets("y", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(app, elbtypes.ProtocolEnumHttp, 80, notFound())
	n.listen(app, elbtypes.ProtocolEnumHttp, 81, notFound())
	n.rule(http, 1, x)
	for _, c := range []struct{ name, got, want string }{
		{"load balancers", pages(t, elb.NewDescribeLoadBalancersPaginator(n.elb, &elb.DescribeLoadBalancersInput{}), func(p *elb.DescribeLoadBalancersOutput) []string {
			return []string{*p.LoadBalancers[0].LoadBalancerName}
		}), "2: a b"},
		{"target groups", pages(t, elb.NewDescribeTargetGroupsPaginator(n.elb, &elb.DescribeTargetGroupsInput{}), func(p *elb.DescribeTargetGroupsOutput) []string {
			return []string{*p.TargetGroups[0].TargetGroupName}
		}), "2: x y"},
		{"target groups of a load balancer", pages(t, elb.NewDescribeTargetGroupsPaginator(n.elb, &elb.DescribeTargetGroupsInput{LoadBalancerArn: &app}), func(p *elb.DescribeTargetGroupsOutput) []string {
			return []string{*p.TargetGroups[0].TargetGroupName}
		}), "1: x"},
		{"listeners", pages(t, elb.NewDescribeListenersPaginator(n.elb, &elb.DescribeListenersInput{LoadBalancerArn: &app}), func(p *elb.DescribeListenersOutput) []string {
			return []string{fmt.Sprint(*p.Listeners[0].Port)}
		}), "2: 80 81"},
		{"rules", pages(t, elb.NewDescribeRulesPaginator(n.elb, &elb.DescribeRulesInput{ListenerArn: &http}), func(p *elb.DescribeRulesOutput) []string {
			return []string{*p.Rules[0].Priority}
		}), "2: 1 default"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	_, err := n.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Marker: aws.String("bogus")})
	if code(err) != "ValidationError" {
		t.Error(err)
	}
}

func TestALostAnswerIsFoundAgain(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	n.Fail(simulator.Fault{Service: "elbv2", AnswerLost: true, Times: 2})
	app := n.application("shop") // the SDK retries
	list := must(n.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{}))(t).LoadBalancers
	if len(list) != 1 || *list[0].LoadBalancerArn != app {
		t.Error(text(list))
	}
}

func TestALostAnswerOfARuleIsNotFoundAgain(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	web := n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	http := n.listen(n.application("shop"), elbtypes.ProtocolEnumHttp, 80, notFound())
	n.Fail(simulator.Fault{Operation: "CreateRule", AnswerLost: true})
	_, err := n.elb.CreateRule(t.Context(), newRule(http, 10, web, "/*"))
	refused(t, "the retried call", err, "PriorityInUse", "'10'")
}

func TestListsOfLoadBalancersHaveNoOrder(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	app := n.application("shop", n.group("a"), n.group("b"), n.group("c"))
	orders := map[string]bool{}
	for seed := range uint64(20) {
		n.Shuffle(seed)
		b := must(n.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{app}}))(t).LoadBalancers[0]
		orders[strings.Join(b.SecurityGroups, " ")] = true
	}
	if len(orders) != 6 {
		t.Errorf("%d orders of three groups, want 6", len(orders))
	}
}

func TestWhatElseListenersHave(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	web := n.targets("web", elbtypes.ProtocolEnumTcp, 5432)
	socket := n.listen(n.networkBalancer("tcp"), elbtypes.ProtocolEnumTcp, 5432, forward(web))
	attribute := func(key, value string) error {
		_, err := n.elb.ModifyListenerAttributes(ctx, &elb.ModifyListenerAttributesInput{
			ListenerArn: &socket, Attributes: []elbtypes.ListenerAttribute{{Key: &key, Value: &value}},
		})
		return err
	}
	refused(t, "an idle timeout", attribute("tcp.idle_timeout.seconds", "600"), "", "")
	refused(t, "a short idle timeout", attribute("tcp.idle_timeout.seconds", "59"), "ValidationError", "not valid")
	out := must(n.elb.DescribeListenerAttributes(ctx, &elb.DescribeListenerAttributesInput{ListenerArn: &socket}))(t)
	if *out.Attributes[0].Value != "600" {
		t.Error(text(out))
	}
	policy := func(name string) error {
		_, err := n.elb.DescribeSSLPolicies(ctx, &elb.DescribeSSLPoliciesInput{Names: []string{name}})
		return err
	}
	refused(t, "a policy", policy("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"), "", "")
	refused(t, "an unknown policy", policy("ELBSecurityPolicy-2099"), "SSLPolicyNotFound", "2099")
	http := n.listen(n.application("shop"), elbtypes.ProtocolEnumHttp, 80, notFound())
	rule := n.rule(http, 10, n.targets("http", elbtypes.ProtocolEnumHttp, 8080))
	must(n.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: &rule}))(t)
	_, err := n.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: &rule})
	refused(t, "a rule that is gone", err, "RuleNotFound", "not found")
}
