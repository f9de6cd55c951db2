package resource

import (
	"errors"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// extended extends live to want and compares what comes back with what is there.
func (w *world) extended(live, want *plan.Resource) *plan.Resource {
	w.Helper()
	kind := w.account().Kind(want.Address.Kind).Extender()
	got, err := kind.Extend(w.Context(), live, want)
	if err != nil {
		w.Fatal(err)
	}
	read, err := w.account().Kind(want.Address.Kind).Read(w.Context(), got)
	if err != nil {
		w.Fatal(err)
	}
	if diff := cmp.Diff(read.Spec, got.Spec, cmp.AllowUnexported()); diff != "" {
		w.Errorf("it is not what is there (-there +got)\n%s", diff)
	}
	return got
}

func TestAnExtendedSecurityGroupTakesNothingAway(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	before := w.securityGroup("shop-back-abcdef")
	kind := w.account().Kind(spec.SecurityGroupKind)
	live := w.create(kind, w.one("security-group/net.back", before))
	to := w.securityGroup("shop-back-abcdef")
	to.Ingress = []spec.SecurityGroupRule{{Protocol: "tcp", FromPort: 8081, ToPort: 8081, CidrIpv4: "10.0.0.0/8"}}
	want := w.one("security-group/net.back", to)
	got := w.extended(live, want)
	if rules := got.Spec.(*spec.SecurityGroup).Ingress; len(rules) != len(before.Ingress)+1 {
		t.Errorf("the rules are %v", rules)
	}
	attrs, err := kind.Update(t.Context(), got, want, false)
	if err != nil {
		t.Fatal(err)
	}
	w.look("updated", kind, want, attrs)
}

func TestAnExtendedRuleLeadsToTheOldTargetGroup(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	first := w.ourRule()
	kind := w.account().Kind(spec.ListenerRuleKind)
	live := w.create(kind, w.one("listener-rule/web.8080", first))
	to := *first
	to.Actions = forward(w.made("target-group/web.8080", w.ourTargets("other", "HTTP"))["arn"])
	want := w.one("listener-rule/web.8080", &to)
	got := w.extended(live, want)
	action := got.Spec.(*spec.ListenerRule).Actions[0]
	if action.TargetGroupArn != first.Actions[0].TargetGroupArn ||
		len(action.OtherTargetGroupArns) != 1 || action.OtherTargetGroupArns[0] != to.Actions[0].TargetGroupArn {
		t.Errorf("it leads to %+v", action)
	}
	w.sim.ResetCalls()
	if again := w.extended(got, want); !cmp.Equal(again.Spec, got.Spec) || w.calls("ModifyRule") > 0 {
		t.Error("it is not extended once")
	}
	attrs, err := kind.Update(t.Context(), got, want, false)
	if err != nil {
		t.Fatal(err)
	}
	w.look("updated", kind, want, attrs)
}

// TestARuleForAnotherPortIsMadeBehindTheOldOne and takes its place with the update.
func TestARuleForAnotherPortIsMadeBehindTheOldOne(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	first := w.ourRule()
	kind := w.account().Kind(spec.ListenerRuleKind)
	w.create(kind, w.one("listener-rule/web.8080", first))
	to := *first
	to.Actions = forward(w.made("target-group/web.8081", w.ourTargets("other", "HTTP"))["arn"])
	want := w.one("listener-rule/web.8081", &to)
	got := w.extended(nil, want)
	if at := got.Spec.(*spec.ListenerRule).Priority; at != lastPriority {
		t.Errorf("it has priority %d", at)
	}
	attrs, err := kind.Update(t.Context(), got, want, false)
	if err != nil {
		t.Fatal(err)
	}
	w.look("updated", kind, want, attrs)
}

// TestANetworkLoadBalancerWithOneTargetGroup leads to the new one at once: ECS asks
// for a load balancer before it takes a target group.
func TestANetworkLoadBalancerWithOneTargetGroup(t *testing.T) {
	for _, code := range append([]string{""}, oneGroupOnly...) {
		w := newWorld(t, simulator.Options{})
		balancer := plan.Literal(w.made("load-balancer/network", w.ourBalancer("network"))["arn"])
		group := func(name string) []spec.RuleAction {
			return forward(w.made("target-group/"+name+".53", w.ourTargets(name, "TCP"))["arn"])
		}
		first := &spec.Listener{LoadBalancerArn: balancer, Port: 53, Protocol: "TCP", DefaultActions: group("a")}
		kind := w.account().Kind(spec.ListenerKind)
		live := w.create(kind, w.one("listener/network.53", first))
		to := *first
		to.DefaultActions = group("b")
		if code != "" {
			w.sim.Fail(simulator.Fault{Operation: "ModifyListener", Times: 1, Err: &smithy.GenericAPIError{Code: code}})
		}
		want := w.one("listener/network.53", &to)
		got := w.extended(live, want)
		leads := got.Spec.(*spec.Listener).DefaultActions[0]
		if at := leads.TargetGroupArn == to.DefaultActions[0].TargetGroupArn; at != (code != "") || len(leads.OtherTargetGroupArns) != map[bool]int{true: 0, false: 1}[at] {
			t.Errorf("after %q it leads to %+v", code, leads)
		}
		attrs, err := kind.Update(t.Context(), got, want, false)
		if err != nil {
			t.Fatal(err)
		}
		w.look("updated", kind, want, attrs)
	}
}

func TestAnExtensionThatFailsIsNamed(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	first := w.ourRule()
	live := w.create(w.account().Kind(spec.ListenerRuleKind), w.one("listener-rule/web.8080", first))
	to := *first
	to.Actions = forward(w.made("target-group/web.8080", w.ourTargets("other", "HTTP"))["arn"])
	w.sim.Fail(simulator.Fault{Operation: "ModifyRule", Times: -1, Err: simulator.Denied()})
	_, err := w.account().Kind(spec.ListenerRuleKind).Extender().Extend(t.Context(), live, w.one("listener-rule/web.8080", &to))
	var operation *smithy.OperationError
	if !errors.As(err, &operation) || operation.OperationName != "ModifyRule" || err.Error()[:len("extend listener-rule/web.8080: ")] != "extend listener-rule/web.8080: " {
		t.Errorf("it says %v", err)
	}
}

func TestAnExtendedRoleMayWhatItMight(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	kind := w.account().Kind(spec.RoleKind)
	live := w.create(kind, w.one("role/execution", w.role("shop-execution")))
	to := w.role("shop-execution")
	to.ManagedPolicyArns = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	to.AssumeRolePolicyDocument.Statement[0].Condition = nil
	to.InlinePolicies[0].PolicyDocument.Statement[0].Action = []string{"logs:PutLogEvents"}
	want := w.one("role/execution", to)
	got := w.extended(live, want)
	if s := got.Spec.(*spec.Role); len(s.ManagedPolicyArns) != 2 || len(s.InlinePolicies[0].PolicyDocument.Statement) != 2 ||
		len(s.AssumeRolePolicyDocument.Statement) != 2 {
		t.Errorf("it is %+v", s)
	}
	attrs, err := kind.Update(t.Context(), got, want, false)
	if err != nil {
		t.Fatal(err)
	}
	w.look("updated", kind, want, attrs)
}
