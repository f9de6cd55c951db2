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

// priorities are the rules of a listener by their priority, as they are now.
func (k listenerRules) priorities(ctx context.Context, listener string) (map[int]string, error) {
	found, err := describeRules(ctx, k.session, elb.DescribeRulesInput{ListenerArn: &listener})
	out := make(map[int]string, len(found))
	for _, r := range found {
		if priority := listenerRuleSpec(r).Priority; priority > 0 {
			out[priority] = text(r.RuleArn)
		}
	}
	return out, err
}

// setPriority gives a rule its priority. One of ours that has it is on its way to
// another one, or is no longer wanted: it gets in return the priority that is
// given up, so that two rules which change places do so in one call.
func (k listenerRules) setPriority(ctx context.Context, arn string, want *plan.Resource) error {
	k.movedRules.changing.Lock()
	defer k.movedRules.changing.Unlock()
	s := want.Spec.(*spec.ListenerRule)
	err := k.prioritize(ctx, map[string]int{arn: s.Priority})
	if is(err, "PriorityInUse") {
		err = k.exchange(ctx, arn, want)
	}
	if err == nil {
		k.movedRules.forget(arn)
	}
	return err
}

func (k listenerRules) exchange(ctx context.Context, arn string, want *plan.Resource) error {
	s := want.Spec.(*spec.ListenerRule)
	taken, err := k.priorities(ctx, s.ListenerArn.Text)
	if err != nil {
		return err
	}
	other, ok := taken[s.Priority]
	if !ok {
		return k.prioritize(ctx, map[string]int{arn: s.Priority}) // it went
	}
	if err := k.mayMove(ctx, other, want); err != nil {
		return err
	}
	free := freePriority(taken)
	for priority, rule := range taken {
		if rule == arn {
			free = priority
		}
	}
	if err := k.prioritize(ctx, map[string]int{arn: s.Priority, other: free}); err != nil {
		return err
	}
	k.movedRules.note(other, s.Priority, free)
	return nil
}

// makeWay moves a rule of ours away from the priority at which want is to be made.
func (k listenerRules) makeWay(ctx context.Context, want *plan.Resource) error {
	k.movedRules.changing.Lock()
	defer k.movedRules.changing.Unlock()
	s := want.Spec.(*spec.ListenerRule)
	taken, err := k.priorities(ctx, s.ListenerArn.Text)
	if err != nil {
		return err
	}
	other, ok := taken[s.Priority]
	if !ok {
		return nil // it went
	}
	found, err := k.byARN(ctx, []string{other})
	if err != nil || len(found) == 0 {
		return err
	}
	if found[0].name == rulePlace(s.ListenerArn.Text, want.Address) {
		return nil // it is want, by an attempt whose answer was lost
	}
	if err := k.mayMove(ctx, other, want); err != nil {
		return err
	}
	free := freePriority(taken)
	if err := k.prioritize(ctx, map[string]int{other: free}); err != nil {
		return err
	}
	k.movedRules.note(other, s.Priority, free)
	return nil
}

// mayMove refuses to touch a rule of others.
func (k listenerRules) mayMove(ctx context.Context, arn string, want *plan.Resource) error {
	found, err := k.byARN(ctx, []string{arn})
	if err != nil || len(found) == 0 || found[0].Tags[plan.TagProject] == k.project {
		return err
	}
	live := found[0].Resource
	live.Address = want.Address
	return taken(live, k.project, fmt.Sprintf("a rule of priority %d", want.Spec.(*spec.ListenerRule).Priority))
}

func (k listenerRules) prioritize(ctx context.Context, priorities map[string]int) error {
	var list []types.RulePriorityPair
	for _, arn := range sortedNames(priorities) {
		list = append(list, types.RulePriorityPair{RuleArn: &arn, Priority: number32(priorities[arn])})
	}
	_, err := k.elb.SetRulePriorities(ctx, &elb.SetRulePrioritiesInput{RulePriorities: list})
	return err
}

// freePriority is a free priority at the end, where it conflicts with no other
// rule.
func freePriority(taken map[int]string) int {
	for priority := lastPriority; ; priority-- {
		if _, ok := taken[priority]; !ok {
			return priority
		}
	}
}
