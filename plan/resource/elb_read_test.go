package resource

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// online is a shop whose service web is published by an application load balancer
// and whose service db is published by a network one. suffix ends the names of
// what is replaced.
func (w *world) online(suffix string, websites ...string) []*plan.Resource {
	stack := w.shop(append(websites, "db")...)
	back := stack[3].Spec.(*spec.SecurityGroup)
	for _, kind := range []string{"application", "network"} {
		guard := address("security-group/load-balancer." + kind)
		back.Ingress = append(back.Ingress, spec.SecurityGroupRule{
			Protocol: "tcp", FromPort: 80, ToPort: 80, GroupID: plan.RefTo(guard, "id", ""),
		})
		balancer := &spec.LoadBalancer{
			Name: "shop-" + kind + "-" + suffix, Type: kind, Scheme: "internet-facing",
			SecurityGroups: []plan.Value{plan.RefTo(guard, "id", "")},
			Subnets:        []plan.Value{plan.Literal(w.facts.Subnets[0]), plan.Literal(w.facts.Subnets[1])},
		}
		if kind == "application" {
			balancer.Attributes = map[string]string{"idle_timeout.timeout_seconds": "120", "routing.http2.enabled": "true"}
		}
		stack = append(stack,
			&plan.Resource{Address: guard, Spec: &spec.SecurityGroup{
				GroupName: "shop-" + kind + "-abcdef", Description: "load balancer " + kind, VpcID: plan.Literal(w.facts.VPC),
				Ingress: []spec.SecurityGroupRule{{Protocol: "tcp", FromPort: 80, ToPort: 80, CidrIpv4: spec.AnyIpv4}},
				Egress:  []spec.SecurityGroupRule{{Protocol: "-1", CidrIpv4: spec.AnyIpv4}},
			}},
			&plan.Resource{Address: address("load-balancer/" + kind), Spec: balancer},
		)
	}
	stack = append(stack, w.ourGroup("db", "TCP", suffix),
		&plan.Resource{Address: address("listener/application.80"), Spec: &spec.Listener{
			LoadBalancerArn: plan.RefTo(address("load-balancer/application"), "arn", ""),
			Port:            80, Protocol: "HTTP", DefaultActions: answers404(),
		}},
		&plan.Resource{Address: address("listener/network.80"), Spec: &spec.Listener{
			LoadBalancerArn: plan.RefTo(address("load-balancer/network"), "arn", ""),
			Port:            80, Protocol: "TCP", DefaultActions: forwardTo("db"),
		}},
	)
	for i, name := range websites {
		stack = append(stack, w.ourGroup(name, "HTTP", suffix),
			&plan.Resource{Address: address("listener-rule/" + name + ".80"), Spec: &spec.ListenerRule{
				ListenerArn: plan.RefTo(address("listener/application.80"), "arn", ""),
				Priority:    10 * (i + 1), Hosts: []string{name + ".example.com"}, Actions: forwardTo(name),
			}})
	}
	for _, r := range stack {
		if s, ok := r.Spec.(*spec.Service); ok {
			s.LoadBalancers = []spec.ServiceLoadBalancer{{
				TargetGroupArn: plan.RefTo(address("target-group/"+s.ServiceName+".80"), "arn", ""),
				ContainerName:  s.ServiceName, ContainerPort: 80,
			}}
		}
	}
	return stack
}

func (w *world) ourGroup(name, protocol, suffix string) *plan.Resource {
	s := w.ourTargets(name, protocol)
	s.Name, s.Port = "shop-"+name+"-"+suffix, 80
	return &plan.Resource{Address: address("target-group/" + name + ".80"), Spec: s}
}

func forwardTo(service string) []spec.RuleAction {
	return []spec.RuleAction{{Type: "forward", TargetGroupArn: plan.RefTo(address("target-group/"+service+".80"), "arn", "")}}
}

// changes plans from what is live now.
func (w *world) changes(want *plan.Stack) *plan.Plan {
	w.Helper()
	p, err := plan.Diff(spec.Kinds(), w.read(want), want, plan.Options{})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// unchanged checks that what is live is what is wanted.
func (w *world) unchanged(name string, want *plan.Stack) {
	w.Helper()
	p := w.changes(want)
	for _, r := range p.Resources {
		w.Errorf("%s: %s %v %v, unmanaged %v", name, r.Address, r.Actions, r.Changes, r.Unmanaged)
	}
	for _, guard := range p.Guards {
		w.Errorf("%s: %s: %s", name, guard.Address, guard.Message)
	}
}

func (w *world) balancing() *elb.Client { return elb.NewFromConfig(w.sim.Config()) }

func TestABalancedStackIsReadAsItWasMeant(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		w := newWorld(t, o)
		want := w.stack(w.online("abcdef", "web", "api")...)
		w.mustApply(want)
		w.unchanged(fmt.Sprintf("%+v", o), want)
		w.sim.Shuffle(7)
		w.unchanged("shuffled", want)
		live := w.read(want)
		for _, r := range want.Resources {
			if got := live.Find(r.Address); got == nil {
				t.Errorf("%s is not live", r.Address)
			} else {
				w.settled(got, r)
			}
		}
	}
}

func TestWhatIsNoLongerWantedOfABalancedStackIsFound(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}} {
		w := newWorld(t, o)
		want := w.stack(w.online("abcdef", "web")...)
		w.mustApply(want)
		if got := addresses(w.read(w.stack())); !slices.Equal(got, addresses(want)) {
			t.Errorf("found %v", got)
		}
	}
}

// TestNoWebsiteIsWantedAnyLonger: what hangs on a load balancer that is wanted
// is found before the tagging API knows of it.
func TestNoWebsiteIsWantedAnyLonger(t *testing.T) {
	w := newWorld(t, simulator.Options{TagDelay: 100})
	was := w.stack(w.online("abcdef", "web", "api")...)
	w.mustApply(was)
	if got := addresses(w.read(w.stack(w.online("abcdef")...))); !slices.Equal(got, addresses(was)) {
		t.Errorf("found %v", got)
	}
}

func TestAnotherProjectsLoadBalancersAreNobodysBusiness(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.mustApply(w.stack(w.online("abcdef", "web")...))
	other, err := New(w.sim.Config(), "sho").Read(t.Context(), spec.Kinds(), w.stack())
	if err != nil {
		t.Fatal(err)
	}
	if len(other.Resources) > 0 {
		t.Errorf("found %v", addresses(other))
	}
}

// TestAReplacedLoadBalancerLeavesBoth and everything that hangs on them, until the
// old ones are deleted.
func TestAReplacedLoadBalancerLeavesBoth(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	was := w.stack(w.online("abcdef", "web")...)
	w.mustApply(was)
	old := w.read(was)
	replaced := []string{
		"listener-rule/web.80", "listener/application.80", "listener/network.80",
		"load-balancer/application", "load-balancer/network", "target-group/db.80", "target-group/web.80",
	}
	next := w.stack(w.online("123456", "web")...)
	for _, r := range w.changes(next).Resources {
		if slices.Contains(replaced, r.Address.String()) && !slices.Equal(r.Actions, []plan.Action{plan.Create, plan.Delete}) {
			t.Errorf("%s: %v", r.Address, r.Actions)
		}
	}
	// An executor makes those new that are to be replaced.
	a, attrs := w.account(), map[plan.Address]plan.Attrs{}
	for _, kind := range order {
		for _, r := range ofKind(next, kind) {
			if !slices.Contains(replaced, r.Address.String()) {
				attrs[r.Address] = old.Find(r.Address).Attrs
				continue
			}
			made, err := a.Kind(kind).Create(t.Context(), w.ready(r, attrs))
			if err != nil {
				t.Fatal(err)
			}
			attrs[r.Address] = made
		}
	}
	live := w.read(next)
	for _, s := range replaced {
		if got := live.Find(address(s)); got == nil || got.Attrs["arn"] != attrs[address(s)]["arn"] {
			t.Errorf("%s is not the new one", s)
		}
	}
	var left []*plan.Resource
	for _, r := range live.Resources {
		if name, _, ok := strings.Cut(r.Address.String(), plan.LeftBehind); ok {
			left = append(left, r)
			if arn := old.Find(address(name)).Attrs["arn"]; r.Attrs["arn"] != arn {
				t.Errorf("%s is not the old one", r.Address)
			}
		}
	}
	if len(left) != len(replaced) {
		t.Fatalf("left are %v", addresses(live))
	}
	// The service moves, then the old ones go: what refers to others first.
	for _, name := range []string{"web", "db"} {
		want := w.ready(next.Find(address("service/"+name)), attrs)
		if err := w.bring(w.account(), want, map[plan.Address]plan.Attrs{}); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(left, func(a, b *plan.Resource) int {
		return slices.Index(order, b.Address.Kind) - slices.Index(order, a.Address.Kind)
	})
	slices.Reverse(left[3:]) // a load balancer lets go of its target groups when it goes
	for _, r := range left {
		if err := w.account().Kind(r.Address.Kind).Delete(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if _, err := w.account().Kind(r.Address.Kind).Read(t.Context(), r); !errors.Is(err, plan.ErrNotFound) {
			t.Errorf("%s: %v", r.Address, err)
		}
	}
	w.unchanged("in the end", next)
}

func TestDriftOfLoadBalancersIsSeen(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.online("abcdef", "web", "api")...)
	w.mustApply(want)
	arn := func(s string) *string { return aws.String(w.read(want).Find(address(s)).Attrs["arn"]) }
	client := w.balancing()
	set := func(key, value string) func() error {
		return func() error {
			_, err := client.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{
				LoadBalancerArn: arn("load-balancer/application"),
				Attributes:      []elbtypes.LoadBalancerAttribute{{Key: &key, Value: &value}},
			})
			return err
		}
	}
	for _, c := range []struct {
		name, at  string
		path      []string // of the change; none: nothing to do
		unmanaged []string
		do        func() error
	}{
		{"an attribute of ours", "load-balancer/application", []string{"attributes", "idle_timeout.timeout_seconds"}, nil, set("idle_timeout.timeout_seconds", "60")},
		{"an attribute of ours at the default", "load-balancer/application", []string{"attributes", "routing.http2.enabled"}, nil, set("routing.http2.enabled", "false")},
		{"an attribute of theirs", "load-balancer/application", nil, []string{"attributes.deletion_protection.enabled"}, set("deletion_protection.enabled", "true")},
		{"an attribute of a group", "target-group/web.80", []string{"attributes", "deregistration_delay.timeout_seconds"}, nil, func() error {
			_, err := client.ModifyTargetGroupAttributes(t.Context(), &elb.ModifyTargetGroupAttributesInput{
				TargetGroupArn: arn("target-group/web.80"),
				Attributes:     []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("5")}},
			})
			return err
		}},
		{"a health check", "target-group/web.80", []string{"healthCheck", "path"}, nil, func() error {
			_, err := client.ModifyTargetGroup(t.Context(), &elb.ModifyTargetGroupInput{
				TargetGroupArn: arn("target-group/web.80"), HealthCheckPath: aws.String("/else"),
			})
			return err
		}},
		{"several groups", "listener-rule/web.80", []string{"actions"}, nil, func() error {
			return w.forwardRule(*arn("listener-rule/web.80"), false, *arn("target-group/web.80"), *arn("target-group/api.80"))
		}},
		{"one group in another form", "listener-rule/web.80", nil, nil, func() error {
			return w.forwardRule(*arn("listener-rule/web.80"), false, *arn("target-group/web.80"))
		}},
		{"stickiness", "listener-rule/web.80", nil, []string{"actions.0.forwardConfig.targetGroupStickinessConfig.enabled"}, func() error {
			return w.forwardRule(*arn("listener-rule/web.80"), true, *arn("target-group/web.80"))
		}},
		{"another default", "listener/application.80", []string{"defaultActions"}, nil, func() error {
			_, err := client.ModifyListener(t.Context(), &elb.ModifyListenerInput{
				ListenerArn:    arn("listener/application.80"),
				DefaultActions: each(redirect(), ruleAction),
			})
			return err
		}},
		{"another condition", "listener-rule/web.80", []string{"paths"}, nil, func() error {
			_, err := client.ModifyRule(t.Context(), &elb.ModifyRuleInput{
				RuleArn:    arn("listener-rule/web.80"),
				Conditions: conditions(&spec.ListenerRule{Hosts: []string{"web.example.com"}, Paths: []string{"/a"}}),
			})
			return err
		}},
		{"a condition of another sort", "listener-rule/web.80", nil, []string{"conditions.http-request-method.httpRequestMethodConfig"}, func() error {
			_, err := client.ModifyRule(t.Context(), &elb.ModifyRuleInput{
				RuleArn: arn("listener-rule/web.80"),
				Conditions: append(conditions(&spec.ListenerRule{Hosts: []string{"web.example.com"}}), elbtypes.RuleCondition{
					Field: aws.String("http-request-method"), HttpRequestMethodConfig: &elbtypes.HttpRequestMethodConditionConfig{Values: []string{"GET"}},
				}),
			})
			return err
		}},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		p := w.changes(want)
		if len(p.Resources) > 1 {
			t.Errorf("%s: %d resources are touched", c.name, len(p.Resources))
		}
		switch found := p.Find(address(c.at)); {
		case found == nil && (c.path != nil || c.unmanaged != nil):
			t.Errorf("%s: nothing is seen", c.name)
		case found == nil:
		case !slices.Equal(found.Unmanaged, c.unmanaged):
			t.Errorf("%s: unmanaged is %v", c.name, found.Unmanaged)
		case c.path == nil && len(found.Changes) > 0:
			t.Errorf("%s: it changes %v", c.name, found.Changes)
		case c.path != nil && (len(found.Changes) != 1 || !slices.Equal(found.Changes[0].Path, c.path) || found.Changes[0].Cause != plan.Drift):
			t.Errorf("%s: it changes %+v", c.name, found.Changes)
		}
		if err := set("deletion_protection.enabled", "false")(); err != nil {
			t.Fatal(err)
		}
		if c.path == nil && c.unmanaged != nil { // nothing of ours is different, so nobody puts it right
			if err := w.forwardRule(*arn("listener-rule/web.80"), false, *arn("target-group/web.80")); err != nil {
				t.Fatal(err)
			}
			if _, err := client.ModifyRule(t.Context(), &elb.ModifyRuleInput{
				RuleArn: arn("listener-rule/web.80"), Conditions: conditions(&spec.ListenerRule{Hosts: []string{"web.example.com"}}),
			}); err != nil {
				t.Fatal(err)
			}
		}
		w.mustApply(want)
		w.unchanged(c.name+": brought back", want)
	}
}

// forwardRule makes a rule forward as the console would.
func (w *world) forwardRule(rule string, sticky bool, groups ...string) error {
	config := &elbtypes.ForwardActionConfig{
		TargetGroups: each(groups, func(arn string) elbtypes.TargetGroupTuple {
			return elbtypes.TargetGroupTuple{TargetGroupArn: &arn, Weight: aws.Int32(1)}
		}),
		TargetGroupStickinessConfig: &elbtypes.TargetGroupStickinessConfig{Enabled: &sticky},
	}
	if sticky {
		config.TargetGroupStickinessConfig.DurationSeconds = aws.Int32(60)
	}
	_, err := w.balancing().ModifyRule(w.Context(), &elb.ModifyRuleInput{
		RuleArn: &rule, Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: config}},
	})
	return err
}

// TestOnlyThePlanResetsAttributes: one attribute goes out of the file, and somebody
// set another one by hand.
func TestOnlyThePlanResetsAttributes(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	balancer := w.ourBalancer("application")
	w.made("load-balancer/application", balancer)
	group := w.ourTargets("web", "HTTP")
	group.Attributes = map[string]string{"deregistration_delay.timeout_seconds": "5"}
	arn := w.made("target-group/web.8080", group)["arn"]
	_, err := w.balancing().ModifyTargetGroupAttributes(t.Context(), &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &arn,
		Attributes:     []elbtypes.TargetGroupAttribute{{Key: aws.String("stickiness.enabled"), Value: aws.String("true")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	balancer.Attributes, group.Attributes = nil, nil
	want := w.stack(
		&plan.Resource{Address: address("security-group/load-balancer.application"), Spec: w.securityGroup("shop-application-abcdef")},
		&plan.Resource{Address: address("load-balancer/application"), Spec: balancer},
		&plan.Resource{Address: address("target-group/web.8080"), Spec: group},
	)
	live, p := w.read(want), w.changes(want)
	owned, err := spec.Owned(live, want, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range want.Resources {
		if _, err := w.account().Kind(r.Address.Kind).Update(t.Context(), owned.Find(r.Address), w.ready(r, nil), false); err != nil {
			t.Fatal(err)
		}
	}
	live = w.read(want)
	if got := live.Find(address("load-balancer/application")).Spec.(*spec.LoadBalancer).Attributes; len(got) > 0 {
		t.Errorf("the load balancer has %v", got)
	}
	got := live.Find(address("target-group/web.8080")).Spec.(*spec.TargetGroup).Attributes
	if len(got) != 1 || got["stickiness.enabled"] != "true" {
		t.Errorf("the target group has %v", got)
	}
	w.unchanged("in the end", want)
}

// TestAPlanOfABalancedStackCostsFewCalls is the bound of the issue, for the part of
// it that load balancers cost.
func TestAPlanOfABalancedStackCostsFewCalls(t *testing.T) {
	const services = 40
	w := newWorld(t, simulator.Options{VCPUQuota: 4000})
	var names []string
	for i := range services {
		names = append(names, fmt.Sprintf("s%d", i))
	}
	want := w.stack(w.online("abcdef", names...)...)
	w.makeQuickly(want)
	account := w.account()
	w.sim.ResetCalls()
	if _, err := account.Facts(t.Context(), plan.Lookups{}); err != nil {
		t.Fatal(err)
	}
	live, err := account.Read(t.Context(), spec.Kinds(), want)
	if err != nil {
		t.Fatal(err)
	}
	if len(live.Resources) != len(want.Resources) {
		t.Errorf("%d resources, want %d", len(live.Resources), len(want.Resources))
	}
	if n, most := len(w.sim.Calls()), (services+1)/10+3*(services+1)+60; n > most {
		t.Errorf("%d calls, at most %d", n, most)
	} else {
		t.Logf("%d calls of at most %d", n, most)
	}
	if writes := w.writes(); len(writes) > 0 {
		t.Errorf("reading writes: %v", writes)
	}
}
