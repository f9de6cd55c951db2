package spec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func liveResource(at, id string, s any) *plan.Resource {
	address, err := plan.ParseAddress(at)
	if err != nil {
		panic(err)
	}
	return &plan.Resource{Address: address, Spec: s, Attrs: plan.Attrs{"arn": id, "id": id}}
}

func forward(group string) []spec.RuleAction {
	return []spec.RuleAction{{Type: "forward", TargetGroupArn: plan.Literal(group)}}
}

// answering is a live stack with both kinds of load balancers.
func answering(t *testing.T, more ...*plan.Resource) *plan.Stack {
	t.Helper()
	web := liveResource("load-balancer/application", "alb", &spec.LoadBalancer{Type: "application", Scheme: "internet-facing", SecurityGroups: []plan.Value{plan.Literal("sg-alb")}})
	web.Attrs["dns-name"] = "alb.example.com"
	network := liveResource("load-balancer/network", "nlb", &spec.LoadBalancer{Type: "network", Scheme: "internal", SecurityGroups: []plan.Value{plan.Literal("sg-nlb")}})
	network.Attrs["dns-name"] = "nlb.example.com"
	resources := append([]*plan.Resource{
		web, network,
		liveResource("security-group/load-balancer.application", "sg-alb", &spec.SecurityGroup{Ingress: []spec.SecurityGroupRule{
			{Protocol: "tcp", FromPort: 80, ToPort: 443, CidrIpv4: spec.AnyIpv4},
			{Protocol: "tcp", FromPort: 8080, ToPort: 8080, CidrIpv4: "203.0.113.0/24"},
			{Protocol: "udp", FromPort: 80, ToPort: 80, CidrIpv4: "198.51.100.0/24"},
		}}),
		liveResource("security-group/load-balancer.network", "sg-nlb", &spec.SecurityGroup{Ingress: []spec.SecurityGroupRule{
			{Protocol: "-1", CidrIpv4: "10.0.0.0/16"},
		}}),
		liveResource("listener/application.80", "l-80", &spec.Listener{LoadBalancerArn: plan.Literal("alb"), Port: 80, Protocol: "HTTP",
			DefaultActions: []spec.RuleAction{{Type: "redirect", Redirect: &spec.Redirect{Protocol: "HTTPS", Port: "443"}}}}),
		liveResource("listener/application.443", "l-443", &spec.Listener{LoadBalancerArn: plan.Literal("alb"), Port: 443, Protocol: "HTTPS",
			DefaultActions: []spec.RuleAction{{Type: "fixed-response", FixedResponse: &spec.FixedResponse{StatusCode: "404"}}}}),
		liveResource("listener/application.8080", "l-8080", &spec.Listener{LoadBalancerArn: plan.Literal("alb"), Port: 8080, Protocol: "HTTP"}),
		liveResource("listener/network.tcp_udp-53", "l-53", &spec.Listener{LoadBalancerArn: plan.Literal("nlb"), Port: 53, Protocol: "TCP_UDP", DefaultActions: forward("tg-dns")}),
		liveResource("target-group/dns.v2.5353", "tg-dns", &spec.TargetGroup{}),
		liveResource("service/dns.v2", "dns.v2", &spec.Service{}),
		liveResource("service/web", "web", &spec.Service{}),
		liveResource("listener-rule/web.80.2", "r-1", &spec.ListenerRule{ListenerArn: plan.Literal("l-443"), Hosts: []string{"a.org", "b.org"}, Paths: []string{"/*"}, Actions: forward("tg-web")}),
		liveResource("listener-rule/web.80", "r-2", &spec.ListenerRule{ListenerArn: plan.Literal("l-443"), Hosts: []string{"a.org"}, Paths: []string{"/api/*"}, Actions: forward("tg-web")}),
		liveResource("listener-rule/web.8080", "r-3", &spec.ListenerRule{ListenerArn: plan.Literal("l-8080"), Paths: []string{"/*"}, Actions: forward("tg-web")}),
	}, more...)
	s, err := plan.LiveStack(spec.Kinds(), plan.Target{}, resources)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAddressesAreWhereTheStackAnswers(t *testing.T) {
	want := []spec.Endpoint{
		{URL: "tcp://nlb.example.com:53", Service: "dns.v2", From: []string{"10.0.0.0/16"}},
		{URL: "udp://nlb.example.com:53", Service: "dns.v2", From: []string{"10.0.0.0/16"}},
		{URL: "http://alb.example.com:8080", Service: "web", Public: true, From: []string{"203.0.113.0/24"}},
		{URL: "https://a.org", Service: "web", Public: true, From: []string{"0.0.0.0/0"}},
		{URL: "https://a.org/api", Service: "web", Public: true, From: []string{"0.0.0.0/0"}},
		{URL: "https://b.org", Service: "web", Public: true, From: []string{"0.0.0.0/0"}},
	}
	if d := cmp.Diff(want, spec.Addresses(answering(t), plan.Facts{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestARecordIsTheAddressOfWhatHasNoHost(t *testing.T) {
	record := liveResource("record/shop.org", "", &spec.Record{Name: "shop.org", DNSName: plan.Literal("dualstack.ALB.example.com.")})
	for _, e := range spec.Addresses(answering(t, record), plan.Facts{}) {
		if e.Service == "web" && e.URL == "http://shop.org:8080" {
			return
		}
	}
	t.Errorf("got %v", spec.Addresses(answering(t, record), plan.Facts{}))
}

func TestBehindALoadBalancerOfOthersTheFactsNameIt(t *testing.T) {
	rule := liveResource("listener-rule/web.9000", "r-4", &spec.ListenerRule{ListenerArn: plan.Literal("l-theirs"), Paths: []string{"/shop", "/shop/*"}, Actions: forward("tg-web")})
	without := spec.Addresses(answering(t), plan.Facts{})
	if d := cmp.Diff(without, spec.Addresses(answering(t, rule), plan.Facts{})); d != "" {
		t.Errorf("without facts (-want +got)\n%s", d)
	}
	facts := plan.Facts{LoadBalancer: &plan.LoadBalancer{ARN: "theirs", Scheme: "internal", DNSName: "theirs.example.com",
		Listeners: []plan.Listener{{ARN: "l-theirs", Port: 443, Protocol: "HTTPS"}}}}
	got := spec.Addresses(answering(t, rule), facts)
	want := spec.Endpoint{URL: "https://theirs.example.com/shop", Service: "web"}
	if d := cmp.Diff(want, got[len(got)-1]); d != "" || len(got) != len(without)+1 {
		t.Errorf("%d addresses, the last one (-want +got)\n%s", len(got), d)
	}
}

func TestWhatIsOpenedToEverybodyIsSaid(t *testing.T) {
	group := func(rules ...spec.SecurityGroupRule) *spec.SecurityGroup { return &spec.SecurityGroup{Ingress: rules} }
	open := func(protocol string, from, to int) spec.SecurityGroupRule {
		return spec.SecurityGroupRule{Protocol: protocol, FromPort: from, ToPort: to, CidrIpv4: spec.AnyIpv4}
	}
	narrow := spec.SecurityGroupRule{Protocol: "tcp", FromPort: 80, ToPort: 80, CidrIpv4: "10.0.0.0/8"}
	six := spec.SecurityGroupRule{Protocol: "-1", CidrIpv6: "::/0"}
	for name, c := range map[string]struct {
		live, want any
		exposes    []string
	}{
		"a new group":                    {nil, group(open("tcp", 80, 80), open("udp", 5000, 5010), narrow, six), []string{"0.0.0.0/0 on tcp 80, udp 5000-5010", "::/0 on all ports"}},
		"one more port":                  {group(open("tcp", 80, 80)), group(open("tcp", 80, 80), open("tcp", 443, 443)), []string{"0.0.0.0/0 on tcp 443"}},
		"a wider range":                  {group(open("tcp", 80, 81)), group(open("tcp", 80, 90)), []string{"0.0.0.0/0 on tcp 80-90"}},
		"a part of what was open":        {group(open("-1", 0, 0)), group(open("tcp", 80, 90)), nil},
		"from some to all":               {group(narrow), group(open("tcp", 80, 80)), []string{"0.0.0.0/0 on tcp 80"}},
		"from all to some":               {group(open("tcp", 80, 80)), group(narrow), nil},
		"a group that goes":              {group(open("tcp", 80, 80)), nil, nil},
		"a load balancer turned outside": {&spec.LoadBalancer{Scheme: "internal"}, &spec.LoadBalancer{Scheme: "internet-facing"}, []string{"the internet"}},
		"a load balancer turned inside":  {&spec.LoadBalancer{Scheme: "internet-facing"}, &spec.LoadBalancer{Scheme: "internal"}, nil},
		"a new load balancer":            {nil, &spec.LoadBalancer{Scheme: "internet-facing"}, nil},
	} {
		kind := spec.SecurityGroupKind
		if _, ok := c.want.(*spec.LoadBalancer); ok {
			kind = spec.LoadBalancerKind
		}
		got := spec.Kinds()[kind].Effects(c.live, c.want, nil, false)
		if d := cmp.Diff(plan.Effects{Exposes: c.exposes}, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}
