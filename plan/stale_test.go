package plan_test

import (
	"slices"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestASavedPlanHasMovedWhereSomethingElseWouldHappen(t *testing.T) {
	w := want(t, shop())
	saved := diff(t, live(t, nil), w, plan.Scope{})
	changed := shop()
	changeOf(t, changed, "cluster", "shop", func(s *spec.Cluster) { s.ContainerInsights = "disabled" })
	one := applied(t, w)
	one = slices.DeleteFunc(one, func(r *plan.Resource) bool { return r.Address != address("log-group", "shop") })
	for name, c := range map[string]struct {
		now    *plan.Plan
		moved  []plan.Address
		wanted bool
	}{
		"nothing changed":           {diff(t, live(t, nil), want(t, shop()), plan.Scope{}), nil, false},
		"the file asks for more":    {diff(t, live(t, nil), want(t, changed), plan.Scope{}), []plan.Address{address("cluster", "shop")}, true},
		"the scope is another one":  {diff(t, live(t, nil), w, plan.Scope{Prune: true}), nil, true},
		"something was made since":  {diff(t, live(t, one), w, plan.Scope{}), []plan.Address{address("log-group", "shop"), address("task-definition", "db"), address("task-definition", "web")}, false},
		"only positions are others": {elsewhere(t, w), nil, false},
		"only others moved":         {knowing(t, w, busier()), nil, false},
	} {
		moved, wanted, err := plan.Moved(saved, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(moved, c.moved) || wanted != c.wanted {
			t.Errorf("%s: moved %v, wanted %t", name, moved, wanted)
		}
	}
}

// busier are facts after others made rules on our load balancer, moved an image
// tag and got a larger quota: what is planned is the same.
func busier() plan.Facts {
	return plan.Facts{
		Network: "for another reason", VCPUQuota: 4000, Zones: map[string]string{"subnet-1": "eu-west-1a"},
		LoadBalancer: &plan.LoadBalancer{ARN: "arn:lb", Listeners: []plan.Listener{{ARN: "arn:listener", Port: 443, Protocol: "HTTPS", Priorities: []int{1, 3}}}},
		Images:       map[string]plan.Image{"nginx:1": {Digest: "sha256:1"}},
	}
}

// TestAPriorityThatWasTakenSinceMovesAPlan, because the translation has chosen
// another one by now.
func TestAPriorityThatWasTakenSinceMovesAPlan(t *testing.T) {
	rule := func(priority int) *plan.Stack {
		return want(t, append(shop(), &plan.Resource{Address: address("listener-rule", "web.80"), Spec: &spec.ListenerRule{
			ListenerArn: plan.Literal("arn:listener"), Priority: priority, Paths: []string{"/*"},
			Actions: []spec.RuleAction{{Type: "forward", TargetGroupArn: plan.Literal("arn:tg")}},
		}}))
	}
	saved := knowing(t, rule(2), plan.Facts{})
	for priority, c := range map[int]struct {
		moved  []plan.Address
		wanted bool
	}{2: {nil, false}, 4: {[]plan.Address{address("listener-rule", "web.80")}, true}} {
		moved, wanted, err := plan.Moved(saved, knowing(t, rule(priority), busier()))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(moved, c.moved) || wanted != c.wanted {
			t.Errorf("priority %d: moved %v, wanted %t", priority, moved, wanted)
		}
	}
}

// knowing is a plan for nothing live, with these facts.
func knowing(t *testing.T, w *plan.Stack, facts plan.Facts) *plan.Plan {
	t.Helper()
	p, err := plan.Diff(spec.Kinds(), live(t, nil), w, plan.Options{Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// elsewhere is the same plan of files that lie at another place.
func elsewhere(t *testing.T, w *plan.Stack) *plan.Plan {
	t.Helper()
	p, err := plan.Diff(spec.Kinds(), live(t, nil), w, plan.Options{
		Locate: func(*plan.Resource, diag.Path) diag.Pos { return diag.Pos{File: "elsewhere.yaml", Line: 1, Column: 1} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
