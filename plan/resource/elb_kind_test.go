package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestEveryFieldOfLoadBalancersIsSentAndRead(t *testing.T) {
	balancer := filled[spec.LoadBalancer](spec.LoadBalancerKind)
	balancer.Attributes = nil // have calls of their own
	described := elbtypes.LoadBalancer{LoadBalancerName: &balancer.Name}
	input := createLoadBalancerInput(balancer)
	echo(input, &described)
	for _, subnet := range input.Subnets {
		described.AvailabilityZones = append(described.AvailabilityZones, elbtypes.AvailabilityZone{SubnetId: &subnet})
	}
	if diff := cmp.Diff(balancer, normal(spec.LoadBalancerKind, loadBalancerSpec(described))); diff != "" {
		t.Errorf("load balancer (-want +got)\n%s", diff)
	}

	for _, version := range []string{"HTTP1", "GRPC"} {
		group := filled[spec.TargetGroup](spec.TargetGroupKind)
		group.Attributes, group.ProtocolVersion = nil, version
		made := elbtypes.TargetGroup{TargetGroupName: &group.Name}
		echo(createTargetGroupInput(group), &made)
		if diff := cmp.Diff(group, normal(spec.TargetGroupKind, targetGroupSpec(made))); diff != "" {
			t.Errorf("target group (-want +got)\n%s", diff)
		}
		if got := unmanaged(made); got != nil {
			t.Errorf("unmanaged: %v", got)
		}
		checked := elbtypes.TargetGroup{ProtocolVersion: &version}
		echo(modifyTargetGroupInput(group), &checked)
		if diff := cmp.Diff(group.HealthCheck, targetGroupSpec(checked).HealthCheck); diff != "" {
			t.Errorf("health check (-want +got)\n%s", diff)
		}
	}
}

func TestEveryFieldOfListenersIsSentAndRead(t *testing.T) {
	listener := filled[spec.Listener](spec.ListenerKind)
	listener.Certificates = listener.Certificates[:1] // the others have calls of their own
	created, changed := elbtypes.Listener{}, elbtypes.Listener{LoadBalancerArn: &listener.LoadBalancerArn.Text}
	echo(createListenerInput(listener), &created)
	echo(modifyListenerInput(&spec.Listener{}, listener), &changed)
	for name, described := range map[string]elbtypes.Listener{"create": created, "change": changed} {
		if diff := cmp.Diff(listener, normal(spec.ListenerKind, listenerSpec(described))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		if got := unmanaged(described); got != nil {
			t.Errorf("%s: unmanaged %v", name, got)
		}
	}
	if input := modifyListenerInput(listener, listener); input != nil {
		t.Errorf("nothing differs, and it sends %+v", input)
	}

	rule := filled[spec.ListenerRule](spec.ListenerRuleKind)
	rule.ListenerArn = plan.Literal("arn:aws:elasticloadbalancing:us-east-1:1:listener/app/shop/1/2")
	ruleARN, priority := "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/shop/1/2/3", fmt.Sprint(rule.Priority)
	create := createRuleInput(rule)
	create.Priority = nil // is a number there and a text here
	for name, input := range map[string]any{"create": create, "change": modifyRuleInput(&spec.ListenerRule{}, rule)} {
		var described elbtypes.Rule
		echo(input, &described)
		described.RuleArn, described.Priority = &ruleARN, &priority
		if diff := cmp.Diff(rule, normal(spec.ListenerRuleKind, listenerRuleSpec(described))); diff != "" {
			t.Errorf("rule, %s (-want +got)\n%s", name, diff)
		}
		if got := unmanaged(described); got != nil {
			t.Errorf("rule, %s: unmanaged %v", name, got)
		}
	}
	if input := modifyRuleInput(rule, rule); input != nil {
		t.Errorf("nothing differs, and it sends %+v", input)
	}
}

func TestALoadBalancerThatFailsIsAnError(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("load-balancer/application", w.ourBalancer("application"))
	kind := w.account().Kind(spec.LoadBalancerKind)
	attrs, err := kind.Create(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	w.sim.Mutate(func(a *simulator.Account) {
		a.LoadBalancers.Edit(attrs["arn"]).State = &elbtypes.LoadBalancerState{
			Code: elbtypes.LoadBalancerStateEnumFailed, Reason: pointer("no addresses"),
		}
	})
	if _, err := kind.Create(t.Context(), want); err == nil || !strings.Contains(err.Error(), "could not be set up: no addresses") {
		t.Errorf("it says %v", err)
	}
}

func TestANewLoadBalancerIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{Progress: 5})
	attrs := w.made("load-balancer/network", w.ourBalancer("network"))
	w.sim.Mutate(func(a *simulator.Account) {
		if state := a.LoadBalancers.Get(attrs["arn"]).State.Code; state != elbtypes.LoadBalancerStateEnumActive {
			t.Errorf("it is %s", state)
		}
	})
}

// rules makes rules of these priorities on one listener, and returns them as they
// are wanted.
func (w *world) rules(priorities map[string]int) map[string]*spec.ListenerRule {
	w.Helper()
	first := w.ourRule()
	out := map[string]*spec.ListenerRule{}
	for _, name := range sortedKeys(priorities) {
		s := *first
		s.Priority, s.Hosts = priorities[name], []string{name + ".example.com"}
		out[name] = &s
		w.made("listener-rule/"+name, &s)
	}
	return out
}

// livePriorities reads the priorities of all rules of a listener past everything.
func (w *world) livePriorities(listener string) map[string]string {
	w.Helper()
	out := map[string]string{}
	got, err := w.balancing().DescribeRules(w.Context(), &elb.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		w.Fatal(err)
	}
	for _, r := range got.Rules {
		if hosts := listenerRuleSpec(r).Hosts; len(hosts) > 0 {
			name, _, _ := strings.Cut(hosts[0], ".")
			out[name] = text(r.Priority)
		}
	}
	return out
}

// TestRulesExchangePriorities: each is updated alone, in any order, and what was
// done for one makes the plan for another one not stale.
func TestRulesExchangePriorities(t *testing.T) {
	for name, to := range map[string]map[string]int{
		"two change places":        {"a": 20, "b": 10, "c": 30},
		"three change places":      {"a": 20, "b": 30, "c": 10},
		"one comes before them":    {"a": 20, "b": 30, "c": 40},
		"one before them is gone":  {"a": 5, "b": 10, "c": 20},
		"one goes behind them all": {"a": 40, "b": 20, "c": 30},
	} {
		for _, order := range [][]string{{"a", "b", "c"}, {"c", "b", "a"}, {"b", "c", "a"}} {
			w := newWorld(t, simulator.Options{})
			specs := w.rules(map[string]int{"a": 10, "b": 20, "c": 30})
			listener := specs["a"].ListenerArn.Text
			kind := w.account().Kind(spec.ListenerRuleKind)
			live, prints := map[string]*plan.Resource{}, map[string]string{}
			look := func(rule string) string {
				t.Helper()
				var err error
				if live[rule], err = kind.Read(t.Context(), w.one("listener-rule/"+rule, specs[rule])); err != nil {
					t.Fatal(err)
				}
				print, err := plan.Fingerprint(spec.Kinds(), w.target(), live[rule])
				if err != nil {
					t.Fatal(err)
				}
				return print
			}
			for _, rule := range order {
				prints[rule] = look(rule)
			}
			for _, rule := range order {
				if look(rule) != prints[rule] {
					t.Errorf("%s, %v: the plan for %s is stale", name, order, rule)
				}
				next := *specs[rule]
				next.Priority = to[rule]
				if _, err := kind.Update(t.Context(), live[rule], w.one("listener-rule/"+rule, &next), false); err != nil {
					t.Fatalf("%s, %v: %v", name, order, err)
				}
			}
			want := map[string]string{"a": fmt.Sprint(to["a"]), "b": fmt.Sprint(to["b"]), "c": fmt.Sprint(to["c"])}
			if diff := cmp.Diff(want, w.livePriorities(listener)); diff != "" {
				t.Errorf("%s, %v (-want +got)\n%s", name, order, diff)
			}
		}
	}
}

func TestARuleMakesWayForANewOne(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	specs := w.rules(map[string]int{"a": 10})
	next := *specs["a"]
	next.Hosts = []string{"new.example.com"}
	w.made("listener-rule/new", &next)
	if diff := cmp.Diff(map[string]string{"a": "50000", "new": "10"}, w.livePriorities(next.ListenerArn.Text)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestARuleOfOthersMakesNoWay(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	specs := w.rules(map[string]int{"a": 10, "b": 20})
	kind := w.account().Kind(spec.ListenerRuleKind)
	a := w.one("listener-rule/a", specs["a"])
	theirs, err := kind.Read(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	w.retag(theirs, nil)
	before := w.livePriorities(specs["a"].ListenerArn.Text)

	b, err := kind.Read(t.Context(), w.one("listener-rule/b", specs["b"]))
	if err != nil {
		t.Fatal(err)
	}
	next := *specs["b"]
	next.Priority = 10
	if _, err := kind.Update(t.Context(), b, w.one("listener-rule/b", &next), false); err == nil || !strings.Contains(err.Error(), "a rule of priority 10 already exists") {
		t.Errorf("changing one: %v", err)
	}
	if _, err := kind.Create(t.Context(), a); err == nil || !strings.Contains(err.Error(), "a rule of priority 10 already exists") {
		t.Errorf("making one: %v", err)
	}
	if diff := cmp.Diff(before, w.livePriorities(specs["a"].ListenerArn.Text)); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
	// The planner sees it before.
	want := w.stack(&plan.Resource{Address: a.Address, Spec: specs["a"]})
	if p := w.changes(want); len(p.Guards) != 1 || p.Guards[0].Rule != "untagged" {
		t.Errorf("guards: %+v", p.Guards)
	}
}

// putCertificate puts one into the account.
func (w *world) putCertificate(domain string, status acmtypes.CertificateStatus) plan.Value {
	arn := w.arn("acm", "certificate/"+domain)
	w.sim.Mutate(func(a *simulator.Account) {
		a.Certificates.Put(arn, simulator.Certificate{CertificateDetail: acmtypes.CertificateDetail{
			CertificateArn: &arn, DomainName: &domain, Status: status,
		}})
	})
	return plan.Literal(arn)
}

func (w *world) secureListener(certificates ...plan.Value) *spec.Listener {
	s := w.ourListener()
	s.Protocol, s.Port, s.SslPolicy = "HTTPS", 443, "ELBSecurityPolicy-TLS13-1-2-2021-06"
	s.Certificates = certificates
	return s
}

func TestACertificateThatIsNotIssuedYetIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	pending := w.putCertificate("a.example.com", acmtypes.CertificateStatusPendingValidation)
	want := w.one("listener/application.443", w.secureListener(pending))
	w.sim.ResetCalls()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan error)
	go func() {
		_, err := w.account().Kind(spec.ListenerKind).Create(ctx, want)
		done <- err
	}()
	for w.calls("CreateListener") < 3 {
		time.Sleep(time.Millisecond)
	}
	w.putCertificate("a.example.com", acmtypes.CertificateStatusIssued)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestAPortThatChangesItsProtocol keeps its listener: a load balancer has a port
// once.
func TestAPortThatChangesItsProtocol(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	balancer := plan.Literal(w.made("load-balancer/network", w.ourBalancer("network"))["arn"])
	listener := func(protocol string) *spec.Listener {
		group := w.made("target-group/dns."+protocol, w.ourTargets(strings.ToLower(protocol), protocol))
		return &spec.Listener{LoadBalancerArn: balancer, Port: 53, Protocol: protocol, DefaultActions: forward(group["arn"])}
	}
	kind := w.account().Kind(spec.ListenerKind)
	live := w.create(kind, w.one("listener/network.53", listener("TCP")))
	udp := w.one("listener/network.53", listener("UDP"))
	p := w.changes(w.stack(&plan.Resource{Address: udp.Address, Spec: udp.Spec}))
	if r := p.Find(udp.Address); len(p.Guards) > 0 || r == nil || !slices.Equal(r.Actions, []plan.Action{plan.Update}) {
		t.Errorf("it plans %+v, guards %+v", r, p.Guards)
	}
	w.update(kind, "protocol", live, udp)
}

func TestWhatIsNoLongerOursIsNotDeleted(t *testing.T) {
	for _, l := range balancingLives[4:] {
		w := newWorld(t, simulator.Options{})
		want := w.one(l.address, l.first(w))
		kind := w.account().Kind(want.Address.Kind)
		live := w.create(kind, want)
		w.retag(live, map[string]string{plan.TagProject: "other", plan.TagResource: "x/y"})
		if err := kind.Delete(t.Context(), live); err != nil {
			t.Errorf("%s: %v", l.address, err)
		}
		if _, err := kind.Read(t.Context(), live); err != nil {
			t.Errorf("%s: it was deleted: %v", l.address, err)
		}
	}
}

func TestATargetGroupInUseIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	rule := w.ourRule()
	w.made("listener-rule/web.8080", rule)
	groups, rules := w.account().Kind(spec.TargetGroupKind), w.account().Kind(spec.ListenerRuleKind)
	group, err := groups.Read(t.Context(), w.one("target-group/web.8080", w.ourTargets("web", "HTTP")))
	if err != nil {
		t.Fatal(err)
	}
	w.sim.ResetCalls()
	done := make(chan error)
	go func() { done <- groups.Delete(t.Context(), group) }()
	for w.calls("DeleteTargetGroup") < 3 {
		time.Sleep(time.Millisecond)
	}
	live, err := rules.Read(t.Context(), w.one("listener-rule/web.8080", rule))
	if err != nil {
		t.Fatal(err)
	}
	if err := rules.Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestForwardsAreOneThingInTwoForms, and those to several groups show them all.
func TestForwardsAreOneThingInTwoForms(t *testing.T) {
	one, two := "one", "two"
	both := &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{
		{TargetGroupArn: &one, Weight: pointer(int32(1))}, {TargetGroupArn: &two, Weight: pointer(int32(9))},
	}}
	first := &elbtypes.ForwardActionConfig{TargetGroups: both.TargetGroups[:1]}
	for _, c := range []struct {
		action elbtypes.Action
		want   string
	}{
		{elbtypes.Action{TargetGroupArn: &one}, "one"},
		{elbtypes.Action{ForwardConfig: first}, "one"},
		{elbtypes.Action{TargetGroupArn: &one, ForwardConfig: first}, "one"},
		{elbtypes.Action{ForwardConfig: both}, "two one"},
		{elbtypes.Action{TargetGroupArn: &one, ForwardConfig: both}, "two one"},
		{elbtypes.Action{}, ""},
	} {
		if got := strings.Join(forwardsTo(c.action), " "); got != c.want {
			t.Errorf("%+v forwards to %q", c.action, got)
		}
	}
}

// TestMakingOnGoesAroundAttributesOfOthers: what is found while making something
// went through no planner.
func TestMakingOnGoesAroundAttributesOfOthers(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	balancer, group := w.ourBalancer("application"), w.ourTargets("web", "HTTP")
	balancer.Attributes, group.Attributes = nil, nil
	attrs := w.made("load-balancer/application", balancer)
	w.made("target-group/web.8080", group)
	w.sim.Mutate(func(a *simulator.Account) {
		a.LoadBalancers.Edit(attrs["arn"]).Attributes["idle_timeout.timeout_seconds"] = "5"
		for arn := range a.TargetGroups.All() {
			a.TargetGroups.Edit(arn).Attributes["stickiness.enabled"] = "true"
		}
	})
	w.sim.ResetCalls()
	w.made("load-balancer/application", balancer)
	w.made("target-group/web.8080", group)
	if writes := w.writes(); len(writes) > 0 {
		t.Errorf("it writes %v", writes)
	}
}

// TestWhatStandsOnNothingYetIsNotThere: apply reads what it is about to make while
// what it refers to is not made.
func TestWhatStandsOnNothingYetIsNotThere(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.online("abcdef", "web")...)
	for _, kind := range []string{spec.LoadBalancerKind, spec.TargetGroupKind, spec.ListenerKind, spec.ListenerRuleKind} {
		for _, r := range ofKind(want, kind) {
			if _, err := w.account().Kind(kind).Read(t.Context(), w.ready(r, nil)); !errors.Is(err, plan.ErrNotFound) {
				t.Errorf("%s: %v", r.Address, err)
			}
		}
	}
}

// TestRulesOnALoadBalancerOfOthers are the project's, and nothing else there is.
func TestRulesOnALoadBalancerOfOthers(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		w := newWorld(t, o)
		theirs := w.ourListener()
		balancer, err := w.account().Kind(spec.LoadBalancerKind).Read(t.Context(), &plan.Resource{
			Address: address("load-balancer/application"), Spec: &spec.LoadBalancer{Name: "shop-application-abcdef"},
		})
		if err != nil {
			t.Fatal(err)
		}
		listener := w.made("listener/application.80", theirs)
		for _, arn := range []string{balancer.Attrs["arn"], listener["arn"]} {
			w.sim.Mutate(func(a *simulator.Account) { a.Tags.Put(arn, simulator.Tagged{}) })
		}
		group := &plan.Resource{Address: address("target-group/web.8080"), Spec: w.ourTargets("web", "HTTP")}
		rule := &plan.Resource{Address: address("listener-rule/web.8080"), Spec: &spec.ListenerRule{
			ListenerArn: plan.Literal(listener["arn"]), Priority: 7, Paths: []string{"/*"},
			Actions: []spec.RuleAction{{Type: "forward", TargetGroupArn: plan.RefTo(group.Address, "arn", "")}},
		}}
		own := &plan.Resource{Address: address("listener/application.8080"), Spec: &spec.Listener{
			LoadBalancerArn: plan.Literal(balancer.Attrs["arn"]), Port: 8080, Protocol: "HTTP", DefaultActions: answers404(),
		}}
		want := w.stack(group, rule, own,
			&plan.Resource{Address: address("security-group/load-balancer.application"), Spec: w.securityGroup("shop-application-abcdef")})
		w.mustApply(want)
		w.unchanged(fmt.Sprintf("%+v", o), want)
		if o.TagDelay > 0 {
			continue
		}
		if got := addresses(w.read(w.stack())); !slices.Equal(got, addresses(want)) {
			t.Errorf("found %v", got)
		}
	}
}

func TestTheLoadBalancersOfAServiceAreUpdated(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	shop := w.online("abcdef", "web")
	want := w.stack(shop...)
	w.mustApply(want)
	for _, r := range shop {
		if s, ok := r.Spec.(*spec.Service); ok && s.ServiceName == "web" {
			s.LoadBalancers = nil
		}
	}
	next := w.stack(shop...)
	p := w.changes(next)
	if r := p.Find(address("service/web")); r == nil || r.Effects.Restarts != 1 || len(p.Resources) != 1 {
		t.Errorf("it changes %+v", p.Resources)
	}
	w.mustApply(next)
	w.unchanged("without", next)
	w.mustApply(want)
	w.unchanged("with one again", want)
}

// TestECSMayNotKnowOfARouteYet: it refuses a target group to which a rule of this
// apply leads.
func TestECSMayNotKnowOfARouteYet(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	refused := &ecstypes.InvalidParameterException{Message: pointer(
		"The target group with targetGroupArn arn:x does not have an associated load balancer.")}
	w.sim.Fail(simulator.Fault{Operation: "CreateService", Times: 3, Err: refused})
	w.sim.Fail(simulator.Fault{Operation: "UpdateService", Times: 3, Err: refused})
	want := w.stack(w.online("abcdef", "web")...)
	w.mustApply(want)
	w.unchanged("afterwards", want)

	w.sim.Fail(simulator.Fault{Operation: "UpdateService", Times: 3, Err: refused})
	live := w.read(want).Find(address("service/web"))
	if _, err := w.account().Kind(spec.ServiceKind).Update(t.Context(), live, w.ready(want.Find(live.Address), w.attrs(want)), true); err == nil {
		t.Error("no rule is new, and it waits")
	}
}

// attrs are those of everything that is live.
func (w *world) attrs(want *plan.Stack) map[plan.Address]plan.Attrs {
	out := map[plan.Address]plan.Attrs{}
	for _, r := range w.read(want).Resources {
		out[r.Address] = r.Attrs
	}
	return out
}
