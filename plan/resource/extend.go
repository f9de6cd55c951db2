package resource

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/efs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// changed is live with another spec.
func changed(live *plan.Resource, s any) *plan.Resource {
	out := *live
	out.Spec = normal(live.Address.Kind, s)
	return &out
}

// Extend lets in and out what want does besides.
func (k securityGroups) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	from, to := live.Spec.(*spec.SecurityGroup), want.Spec.(*spec.SecurityGroup)
	both := to.With(from)
	if err := setRules(ctx, k.session, live.Attrs["id"], from, both); err != nil {
		return nil, err
	}
	return changed(live, both), nil
}

// Extend keeps the mount target in the security groups through which running tasks
// reach it.
func (k mountTargets) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	both := want.Spec.(*spec.MountTarget).With(live.Spec.(*spec.MountTarget))
	_, err := k.efs().ModifyMountTargetSecurityGroups(ctx, &efs.ModifyMountTargetSecurityGroupsInput{
		MountTargetId: pointer(live.Attrs["id"]), SecurityGroups: texts(both.SecurityGroups),
	})
	return changed(live, both), err
}

// Extend lets the users of a role do what they may now and what they are to do.
func (k roles) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	from := live.Spec.(*spec.Role)
	both := want.Spec.(*spec.Role).With(from)
	both.Tags = from.Tags
	return changed(live, both), updateRole(ctx, k.session, change[spec.Role]{live: live, want: want, from: from, to: both})
}

// Extend attaches the new target group to the load balancer, which ECS
// requires, without forwarding requests to it yet.
func (k listenerRules) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	k.routeChanges.began()
	if live == nil {
		return k.behind(ctx, want)
	}
	both := *live.Spec.(*spec.ListenerRule)
	actions := extendedActions(both.Actions, want.Spec.(*spec.ListenerRule).Actions)
	if actions == nil {
		return live, nil
	}
	arn := live.Attrs["arn"]
	_, err := k.elb().ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: &arn, Actions: each(actions, ruleAction)})
	both.Actions = actions
	return changed(live, &both), err
}

// behind creates a rule at the end of its listener, where those before it match.
func (k listenerRules) behind(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	k.movedRules.changing.Lock()
	defer k.movedRules.changing.Unlock()
	s := *want.Spec.(*spec.ListenerRule)
	input := createRuleInput(&s)
	input.Tags = pairList[types.Tag](k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true}))
	for range 3 {
		live, err := only(want.Address)(ruleOf(ctx, k.session, want))
		if err == nil || !errors.Is(err, plan.ErrNotFound) {
			return live, err
		}
		rules, err := rulePriorities(ctx, k.session, s.ListenerArn.Text)
		if err != nil {
			return nil, err
		}
		input.Priority = number32(freePriority(rules, ""))
		made, err := k.elb().CreateRule(ctx, input)
		if err == nil {
			return untilFound(ctx, k.poll, func() (*plan.Resource, error) { return k.made(ctx, want, createdRule(made)) })
		}
		if !is(err, "PriorityInUse") {
			return nil, err
		}
	}
	return nil, priorityTaken(*input.Priority)
}

// Extend does the same for a network load balancer. If its listener allows only
// one target group, requests are forwarded to the new one at once.
func (k listeners) Extend(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	k.routeChanges.began()
	both := *live.Spec.(*spec.Listener)
	actions := extendedActions(both.DefaultActions, want.Spec.(*spec.Listener).DefaultActions)
	if actions == nil {
		return live, nil
	}
	arn := live.Attrs["arn"]
	set := func() error {
		return onlyError(k.elb().ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: &arn, DefaultActions: each(actions, ruleAction)}))
	}
	err := set()
	if is(err, oneGroupOnly...) {
		actions = want.Spec.(*spec.Listener).DefaultActions
		err = set()
	}
	both.DefaultActions = actions
	return changed(live, &both), err
}

// oneGroupOnly are the codes for several target groups in one action where a
// network load balancer takes one: they came in November 2025 to the commercial
// and GovCloud regions ("Network Load Balancers now support Weighted Target
// Groups", AWS Networking blog). Before it was ValidationError, "You cannot specify
// multiple target groups in a single action with a load balancer of type 'network'"
// (aws-cdk#23922).
var oneGroupOnly = []string{"ValidationError", "InvalidLoadBalancerAction", "InvalidConfigurationRequest"}

// extendedActions forward requests to the old target group, with the new one
// added at weight zero; nil if there is nothing to add.
func extendedActions(from, to []spec.RuleAction) []spec.RuleAction {
	if len(from) != 1 || len(to) != 1 || from[0].TargetGroupArn.Text == "" || to[0].TargetGroupArn.Text == "" {
		return nil
	}
	add := to[0].TargetGroupArn
	known := func(v plan.Value) bool { return v.Text == add.Text }
	if known(from[0].TargetGroupArn) || slices.ContainsFunc(from[0].OtherTargetGroupArns, known) {
		return nil
	}
	out := from[0]
	out.OtherTargetGroupArns = []plan.Value{plan.Literal(add.Text)}
	return []spec.RuleAction{out}
}

// weighted are the target groups of an action: the first gets everything. Those of
// weight 0 are checked for their health all the same (ECS developer guide,
// "Application Load Balancer resources for blue/green deployments": its rules begin
// with 1 and 0).
func weighted(a spec.RuleAction) *types.ForwardActionConfig {
	groups := []types.TargetGroupTuple{{TargetGroupArn: &a.TargetGroupArn.Text, Weight: pointer(int32(1))}}
	for _, other := range a.OtherTargetGroupArns {
		groups = append(groups, types.TargetGroupTuple{TargetGroupArn: &other.Text, Weight: pointer(int32(0))})
	}
	return &types.ForwardActionConfig{TargetGroups: groups}
}
