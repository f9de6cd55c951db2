package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// ListenerRule is a rule of a listener, but not its default one.
type ListenerRule struct {
	types.Rule
	Listener string // ARN
}

// mostListenerRules is how many rules an Application Load Balancer may have
// beside the default ones (its quotas).
const mostListenerRules = 100

// createRule is not idempotent: the API reference does not say so, unlike of
// other operations, and the priority is in use the second time.
func createRule(a *Account, in *elb.CreateRuleInput) (*elb.CreateRuleOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	tags, err := elbCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	b := a.LoadBalancers.Get(*l.LoadBalancerArn)
	switch {
	case b.Type == types.LoadBalancerTypeEnumNetwork: // but for a dual-stack one, which is not known here
		return nil, &types.OperationNotPermittedException{Message: ptr("Rules are unsupported for Network Load Balancer listeners")}
	case len(in.Transforms) > 0:
		return nil, elbInvalid("The simulator does not know transforms of rules")
	}
	conditions, actions, err := a.checkRuleParts(l, in.Conditions, in.Actions)
	if err != nil {
		return nil, err
	}
	if err := a.checkPriority(l, in.Priority, nil); err != nil {
		return nil, err
	}
	if a.countRules(*b.LoadBalancerArn) >= mostListenerRules {
		return nil, &types.TooManyRulesException{Message: ptr(fmt.Sprintf(
			"The maximum number of rules has been reached on load balancer '%s'", *b.LoadBalancerArn))}
	}
	arn := a.ruleARN(*l.ListenerArn, strconv.Itoa(int(*in.Priority)))
	r := a.ListenerRules.Put(arn, ListenerRule{Listener: *l.ListenerArn, Rule: types.Rule{
		RuleArn: &arn, Priority: ptr(strconv.Itoa(int(*in.Priority))), IsDefault: ptr(false),
		Conditions: conditions, Actions: actions,
	}})
	a.bear(arn, tags)
	return &elb.CreateRuleOutput{Rules: []types.Rule{r.Rule}}, nil
}

func (a *Account) ruleARN(listener, name string) string {
	return strings.Replace(listener, ":listener/", ":listener-rule/", 1) + "/" + a.id("listener-rule", listener+" "+name)[:16]
}

// defaultRule is the rule of a listener's default actions. Its ARN follows from
// the listener's.
func defaultRule(l *Listener) types.Rule {
	arn := strings.Replace(*l.ListenerArn, ":listener/", ":listener-rule/", 1) + "/" + digest("default-rule", *l.ListenerArn)[:16]
	return types.Rule{
		RuleArn: &arn, Priority: ptr("default"), IsDefault: ptr(true),
		Conditions: []types.RuleCondition{}, Actions: l.DefaultActions,
	}
}

// checkRuleParts refuses what AWS refuses in conditions and actions, and returns
// them as AWS answers them.
func (a *Account) checkRuleParts(
	l *Listener, conditions []types.RuleCondition, actions []types.Action,
) ([]types.RuleCondition, []types.Action, error) {
	conditions, err := checkConditions(conditions)
	if err != nil {
		return nil, nil, err
	}
	b := a.LoadBalancers.Get(*l.LoadBalancerArn)
	if actions, err = a.checkActions(b, l.Protocol, actions); err != nil {
		return nil, nil, err
	}
	return conditions, actions, a.checkGroupsOnBalancer(b, forwarded(actions))
}

// checkPriority wants a priority that no rule of the listener has, but for those
// that are about to give theirs up.
func (a *Account) checkPriority(l *Listener, priority *int32, moving []string) error {
	if priority == nil || outside(priority, 1, 50000) {
		return elbInvalid("Priority '%d' must be between 1 and 50000", val(priority))
	}
	for _, r := range a.rulesOfListener(*l.ListenerArn) {
		if *r.Priority == strconv.Itoa(int(*priority)) && !slices.Contains(moving, *r.RuleArn) {
			return &types.PriorityInUseException{Message: ptr(fmt.Sprintf("Priority '%d' is currently in use", *priority))}
		}
	}
	return nil
}

func (a *Account) rulesOfListener(listener string) []*ListenerRule {
	var list []*ListenerRule
	for _, r := range a.routes.Of("listener " + listener) {
		list = append(list, r)
	}
	return list
}

func (a *Account) countRules(balancer string) int {
	n := 0
	for _, l := range a.listenersOf(balancer) {
		n += len(a.rulesOfListener(*l.ListenerArn))
	}
	return n
}

// rule finds the rule of that ARN: a copy, and the listener of a default one.
func (a *Account) rule(arn *string) (types.Rule, error) {
	if r := a.ListenerRules.Get(str(arn)); r != nil {
		return r.Rule, nil
	}
	for _, l := range a.listeners.Of("rule " + str(arn)) {
		return defaultRule(l), nil
	}
	return types.Rule{}, &types.RuleNotFoundException{Message: ptr(fmt.Sprintf("Rule '%s' not found", str(arn)))}
}

// ownRule is rule for what only rules with conditions allow.
func (a *Account) ownRule(arn *string, refusal string) (*ListenerRule, error) {
	r, err := a.rule(arn)
	switch {
	case err != nil:
		return nil, err
	case *r.IsDefault:
		return nil, &types.OperationNotPermittedException{Message: ptr(fmt.Sprintf(refusal, *arn))}
	}
	return a.ListenerRules.Get(*arn), nil
}

func describeRules(a *Account, in *elb.DescribeRulesInput) (*elb.DescribeRulesOutput, error) {
	rules, err := a.askedRules(in)
	if err != nil {
		return nil, err
	}
	rules, next, err := elbPage(a, rules, func(r types.Rule) string { return fmt.Sprintf("%t %s", *r.IsDefault, *r.RuleArn) }, in.Marker, in.PageSize)
	return &elb.DescribeRulesOutput{Rules: rules, NextMarker: next}, err
}

func (a *Account) askedRules(in *elb.DescribeRulesInput) ([]types.Rule, error) {
	switch {
	case in.ListenerArn == nil && len(in.RuleArns) == 0:
		return nil, elbInvalid("You must specify either listener rule ARNs or a listener ARN")
	case in.ListenerArn != nil && len(in.RuleArns) > 0:
		return nil, elbInvalid("Listener rule ARNs and a listener ARN cannot be specified at the same time")
	}
	var rules []types.Rule
	for _, arn := range in.RuleArns {
		r, err := a.rule(&arn)
		if err != nil {
			return nil, &types.RuleNotFoundException{Message: ptr("One or more rules not found")}
		}
		rules = append(rules, r)
	}
	if in.ListenerArn == nil {
		return rules, nil
	}
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	for _, r := range a.rulesOfListener(*l.ListenerArn) {
		rules = append(rules, r.Rule)
	}
	return append(rules, defaultRule(l)), nil
}

func modifyRule(a *Account, in *elb.ModifyRuleInput) (*elb.ModifyRuleOutput, error) {
	r, err := a.ownRule(in.RuleArn, "Default rule '%s' cannot be modified")
	switch {
	case err != nil:
		return nil, err
	case len(in.Transforms) > 0:
		return nil, elbInvalid("The simulator does not know transforms of rules")
	case in.Conditions == nil && in.Actions == nil:
		return nil, elbInvalid("Either conditions or actions must be specified")
	}
	conditions, actions, err := a.checkRuleParts(
		a.Listeners.Get(r.Listener), replaced(r.Conditions, in.Conditions), replaced(r.Actions, in.Actions))
	if err != nil {
		return nil, err
	}
	r = a.ListenerRules.Edit(*r.RuleArn)
	r.Conditions, r.Actions = clone(conditions), clone(actions)
	return &elb.ModifyRuleOutput{Rules: []types.Rule{r.Rule}}, nil
}

// setRulePriorities moves several rules at once, so that they may swap.
func setRulePriorities(a *Account, in *elb.SetRulePrioritiesInput) (*elb.SetRulePrioritiesOutput, error) {
	var moving []string
	taken := map[string]bool{} // by listener and priority
	for _, p := range in.RulePriorities {
		r, err := a.ownRule(p.RuleArn, "Priority of default rule '%s' cannot be set")
		if err != nil {
			return nil, err
		}
		key := fmt.Sprintf("%s %d", r.Listener, val(p.Priority))
		if taken[key] || slices.Contains(moving, *r.RuleArn) {
			return nil, elbInvalid("Priority '%d' was provided multiple times", val(p.Priority))
		}
		taken[key] = true
		moving = append(moving, *r.RuleArn)
	}
	for i, p := range in.RulePriorities {
		l := a.Listeners.Get(a.ListenerRules.Get(moving[i]).Listener)
		if err := a.checkPriority(l, p.Priority, moving); err != nil {
			return nil, err
		}
	}
	out := &elb.SetRulePrioritiesOutput{Rules: []types.Rule{}}
	for i, p := range in.RulePriorities {
		r := a.ListenerRules.Edit(moving[i])
		r.Priority = ptr(strconv.Itoa(int(*p.Priority)))
		out.Rules = append(out.Rules, r.Rule)
	}
	return out, nil
}

func deleteRule(a *Account, in *elb.DeleteRuleInput) (*elb.DeleteRuleOutput, error) {
	r, err := a.ownRule(in.RuleArn, "Default rule '%s' cannot be deleted")
	if err != nil {
		return nil, err
	}
	a.dropListenerRule(*r.RuleArn)
	return &elb.DeleteRuleOutput{}, nil
}

func (a *Account) dropListenerRule(arn string) {
	a.ListenerRules.Delete(arn)
	a.Tags.Delete(arn)
}
