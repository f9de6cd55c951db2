package resource

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// ruleActionSpec reads an action. AWS shows a forward to one group in two ways at
// once, by TargetGroupArn and by ForwardConfig; one to several groups in the second
// way alone.
func ruleActionSpec(a types.Action) spec.RuleAction {
	out := spec.RuleAction{Type: string(a.Type)}
	for i, arn := range forwardsTo(a) {
		if i == 0 {
			out.TargetGroupArn = plan.Literal(arn)
		} else {
			out.OtherTargetGroupArns = append(out.OtherTargetGroupArns, plan.Literal(arn))
		}
	}
	if r := a.RedirectConfig; r != nil {
		out.Redirect = &spec.Redirect{
			Protocol: text(r.Protocol), Port: text(r.Port), StatusCode: string(r.StatusCode),
		}
	}
	if f := a.FixedResponseConfig; f != nil {
		out.FixedResponse = &spec.FixedResponse{
			StatusCode: text(f.StatusCode), ContentType: text(f.ContentType), MessageBody: text(f.MessageBody),
		}
	}
	return out
}

// forwardsTo are the target groups of an action, that of the largest weight first.
func forwardsTo(a types.Action) []string {
	if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) < 2 && text(a.TargetGroupArn) != "" {
		if arn := text(a.TargetGroupArn); arn != "" {
			return []string{arn}
		}
		return nil
	}
	groups := slices.Clone(a.ForwardConfig.TargetGroups)
	slices.SortStableFunc(groups, func(a, b types.TargetGroupTuple) int { return cmp.Compare(number(b.Weight), number(a.Weight)) })
	return each(groups, func(g types.TargetGroupTuple) string { return text(g.TargetGroupArn) })
}

// ruleAction is the inverse of ruleActionSpec. A redirect keeps host, path and
// query, which is what AWS fills in (RedirectActionConfig, Application Load
// Balancers guide, redirect actions).
func ruleAction(a spec.RuleAction) types.Action {
	out := types.Action{Type: types.ActionTypeEnum(a.Type), TargetGroupArn: optional(a.TargetGroupArn.Text)}
	if len(a.OtherTargetGroupArns) > 0 {
		out.TargetGroupArn, out.ForwardConfig = nil, weighted(a)
	}
	if r := a.Redirect; r != nil {
		out.RedirectConfig = &types.RedirectActionConfig{
			StatusCode: types.RedirectActionStatusCodeEnum(r.StatusCode),
			Protocol:   optional(r.Protocol),
			Port:       optional(r.Port),
			Host:       pointer("#{host}"),
			Path:       pointer("/#{path}"),
			Query:      pointer("#{query}"),
		}
	}
	if f := a.FixedResponse; f != nil {
		out.FixedResponseConfig = &types.FixedResponseActionConfig{
			StatusCode:  &f.StatusCode,
			ContentType: optional(f.ContentType),
			MessageBody: optional(f.MessageBody),
		}
	}
	return out
}
