package resource

import (
	"context"
	"fmt"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// lastPriority is the largest number that a rule may have (CreateRule, API
// reference: 1 to 50000).
const lastPriority = 50000

// rulePriorities are the ARNs of the rules of a listener by their priority, as
// they are now.
func rulePriorities(ctx context.Context, a *session, listener string) (map[int]string, error) {
	found, err := describeRules(ctx, a, elb.DescribeRulesInput{ListenerArn: &listener})
	out := make(map[int]string, len(found))
	for _, r := range found {
		if priority := listenerRuleSpec(r).Priority; priority > 0 {
			out[priority] = text(r.RuleArn)
		}
	}
	return out, err
}

// setRulePriority gives a rule its priority. A rule of ours that has it is about to
// get another one, or is no longer wanted: it gets in return the priority that is
// given up, so that two rules are exchanged in one call.
func setRulePriority(ctx context.Context, a *session, arn string, want *plan.Resource) error {
	a.movedRules.changing.Lock()
	defer a.movedRules.changing.Unlock()
	priority := want.Spec.(*spec.ListenerRule).Priority
	err := prioritize(ctx, a, map[string]int{arn: priority})
	if is(err, "PriorityInUse") {
		err = displaceRule(ctx, a, want, arn)
	}
	if err == nil {
		a.movedRules.forget(arn)
	}
	return err
}

// freeRulePriority moves a rule of ours away from the priority at which want is to
// be created.
func freeRulePriority(ctx context.Context, a *session, want *plan.Resource) error {
	a.movedRules.changing.Lock()
	defer a.movedRules.changing.Unlock()
	return displaceRule(ctx, a, want, "")
}

// displaceRule moves the rule that has the priority of want to another one: that
// of the rule arn, which gets the priority in the same call, or a free one if arn
// is "".
func displaceRule(ctx context.Context, a *session, want *plan.Resource, arn string) error {
	s := want.Spec.(*spec.ListenerRule)
	rules, err := rulePriorities(ctx, a, s.ListenerArn.Text)
	if err != nil {
		return err
	}
	priorities := map[string]int{}
	if arn != "" {
		priorities[arn] = s.Priority
	}
	other, err := movableRule(ctx, a, rules[s.Priority], want)
	if err != nil {
		return err
	}
	if other != "" {
		priorities[other] = freePriority(rules, arn)
	}
	if len(priorities) == 0 {
		return nil
	}
	if err := prioritize(ctx, a, priorities); err != nil {
		return err
	}
	if other != "" {
		a.movedRules.note(other, s.Priority, priorities[other])
	}
	return nil
}

// movableRule is the ARN of a rule if it is still there. It refuses to touch a rule
// of somebody else.
func movableRule(ctx context.Context, a *session, arn string, want *plan.Resource) (string, error) {
	if arn == "" {
		return "", nil
	}
	found, err := rulesByARN(ctx, a, arn)
	if err != nil || len(found) == 0 {
		return "", err
	}
	if found[0].Tags[plan.TagProject] == a.project {
		return arn, nil
	}
	live := found[0].Resource
	live.Address = want.Address
	return "", alreadyExists(live, a.project, fmt.Sprintf("a rule of priority %d", want.Spec.(*spec.ListenerRule).Priority))
}

func prioritize(ctx context.Context, a *session, priorities map[string]int) error {
	var list []types.RulePriorityPair
	for _, arn := range sortedKeys(priorities) {
		list = append(list, types.RulePriorityPair{RuleArn: &arn, Priority: number32(priorities[arn])})
	}
	return onlyError(a.elb().SetRulePriorities(ctx, &elb.SetRulePrioritiesInput{RulePriorities: list}))
}

// freePriority is the priority of the rule arn, or else a free one at the end,
// where it conflicts with no other rule.
func freePriority(rules map[int]string, arn string) int {
	for priority, rule := range rules {
		if rule == arn {
			return priority
		}
	}
	for priority := lastPriority; ; priority-- {
		if _, ok := rules[priority]; !ok {
			return priority
		}
	}
}
