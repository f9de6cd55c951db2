package resource

import (
	"context"
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// readBalancing reads load balancers and what hangs on them: each needs what was
// found before it.
func (a *Account) readBalancing(ctx context.Context, want *plan.Stack, live *collection) error {
	tagged, err := a.tagged(ctx)
	if err != nil {
		return fmt.Errorf("read load balancers: %w", brief(err))
	}
	balancers, err := a.readLoadBalancers(ctx, want, tagged)
	if err != nil {
		return fmt.Errorf("read load balancers: %w", brief(err))
	}
	live.add(balancers...)
	groups, err := a.readTargetGroups(ctx, want, tagged, balancers)
	if err != nil {
		return fmt.Errorf("read target groups: %w", brief(err))
	}
	live.add(groups...)
	listeners, err := a.readListeners(ctx, want, tagged, balancers)
	if err != nil {
		return fmt.Errorf("read listeners: %w", brief(err))
	}
	live.add(listeners...)
	rules, err := a.readListenerRules(ctx, want, tagged, listeners)
	if err != nil {
		return fmt.Errorf("read listener rules: %w", brief(err))
	}
	live.add(rules...)
	return nil
}

func (a *Account) readLoadBalancers(ctx context.Context, want *plan.Stack, tagged taggedResources) ([]candidate, error) {
	wanted := ofKind(want, spec.LoadBalancerKind)
	found, err := loadBalancers{a.session}.all(ctx, wanted, tagged)
	names := byName(wanted, func(r *plan.Resource) string { return r.Spec.(*spec.LoadBalancer).Name })
	return place(a.project, names, found), err
}

func (a *Account) readTargetGroups(ctx context.Context, want *plan.Stack, tagged taggedResources, balancers []candidate) ([]candidate, error) {
	wanted := ofKind(want, spec.TargetGroupKind)
	found, err := targetGroups{a.session}.all(ctx, wanted, tagged, a.ownARNs(balancers))
	names := byName(wanted, func(r *plan.Resource) string { return r.Spec.(*spec.TargetGroup).Name })
	return place(a.project, names, found), err
}

// ownARNs are the ARNs of those that are the project's.
func (a *Account) ownARNs(placed []candidate) []string {
	var out []string
	for _, c := range placed {
		if c.Tags[plan.TagProject] == a.project {
			out = append(out, c.Attrs["arn"])
		}
	}
	return out
}

func (a *Account) readListeners(ctx context.Context, want *plan.Stack, tagged taggedResources, balancers []candidate) ([]candidate, error) {
	places := listenerPlaces(ofKind(want, spec.ListenerKind), arnIn(balancers))
	arns := a.ownARNs(balancers)
	for _, r := range ofKind(want, spec.ListenerKind) {
		arns = append(arns, arnIn(balancers)(r.Spec.(*spec.Listener).LoadBalancerArn))
	}
	found, err := listeners{a.session}.all(ctx, places, unique(arns), tagged)
	return place(a.project, places, found), err
}

func (a *Account) readListenerRules(ctx context.Context, want *plan.Stack, tagged taggedResources, listeners []candidate) ([]candidate, error) {
	wanted := wantedRules(ofKind(want, spec.ListenerRuleKind), arnIn(listeners))
	on := ruleListeners(wanted)
	for _, arn := range a.ownARNs(listeners) {
		if strings.Contains(arn, ":listener/app/") { // those of network load balancers have no rules
			on = append(on, arn)
		}
	}
	found, err := listenerRules{a.session}.all(ctx, wanted, unique(on), tagged)
	return place(a.project, rulePlaces(wanted), found), err
}

// arnIn finds the ARN that a desired value means: that of what is live at the
// address which it refers to, else what it says itself.
func arnIn(placed []candidate) func(plan.Value) string {
	arns := make(map[plan.Address]string, len(placed))
	for _, c := range placed {
		arns[c.Address] = c.Attrs["arn"]
	}
	return func(v plan.Value) string {
		if v.Ref != nil && arns[v.Ref.Address] != "" {
			return arns[v.Ref.Address]
		}
		return v.Text
	}
}

// valueText is what a value says itself.
func valueText(v plan.Value) string { return v.Text }
