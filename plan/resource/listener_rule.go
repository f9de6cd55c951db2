package resource

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// listenerRuleKind defines listener rules. A rule has no name: among those of its
// listener it is known by the address in its tags.
var listenerRuleKind = kind[spec.ListenerRule]{
	row: row{
		kind: spec.ListenerRuleKind, noun: "listener rule", tagged: elbTypes,
		after: []string{spec.ListenerKind},
		reads: []string{"elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"},
		writes: []string{
			"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateRule", "elasticloadbalancing:DeleteRule",
			"elasticloadbalancing:ModifyRule", "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetRulePriorities",
		},
	},
	as:     func(b bound[spec.ListenerRule]) operations { return listenerRules{b} },
	id:     "arn",
	called: wantedRuleName,
	tags:   func(s *spec.ListenerRule) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		return rulesByARN(ctx, a, r.Attrs["arn"])
	},
	list:    listRules,
	renamed: true,

	existing: ruleOf,
	create:   createRule,
	adopt: func(_ context.Context, a *session, _ change[spec.ListenerRule]) error {
		a.routeChanges.began()
		return nil
	},
	update: updateRule,
	tag:    tagELB,
	untag:  untagELB,

	delete: deleteRule,
	gone:   []string{"RuleNotFound"},
}

// listenerRules can be extended.
type listenerRules struct{ bound[spec.ListenerRule] }

func ruleName(listener string, address plan.Address) string { return listener + " " + address.String() }

func wantedRuleName(want *plan.Resource) string {
	return ruleName(want.Spec.(*spec.ListenerRule).ListenerArn.Text, want.Address)
}

func describeRules(ctx context.Context, a *session, in elb.DescribeRulesInput) ([]types.Rule, error) {
	if len(in.RuleArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeRulesPaginator(a.elb(), &in),
		func(page *elb.DescribeRulesOutput) []types.Rule { return page.Rules })
}

// rulesByARN returns those of the rules that exist, whoever owns them.
func rulesByARN(ctx context.Context, a *session, arns ...string) ([]candidate, error) {
	found, err := elbByARN(arns, func(arns []string) ([]types.Rule, error) {
		return describeRules(ctx, a, elb.DescribeRulesInput{RuleArns: arns})
	})
	if err != nil {
		return nil, err
	}
	return ruleCandidates(ctx, a, found)
}

// rulesOn returns the rules of listeners, whoever owns them, without their default
// ones, which belong to the listeners.
func rulesOn(ctx context.Context, a *session, listeners ...string) ([]candidate, error) {
	found, err := inParallel(ctx, listeners, func(ctx context.Context, arn string) ([]types.Rule, error) {
		rules, err := describeRules(ctx, a, elb.DescribeRulesInput{ListenerArn: &arn})
		return rules, unless(err, elbGone...)
	})
	if err != nil {
		return nil, err
	}
	isDefault := func(r types.Rule) bool { return r.IsDefault != nil && *r.IsDefault }
	return ruleCandidates(ctx, a, slices.DeleteFunc(slices.Concat(found...), isDefault))
}

// listRules returns the project's rules: those on its listeners and on the desired
// ones, and those on other listeners that the tagging API knows. A rule of
// somebody else with the priority of a desired rule that does not exist is
// returned in its place, so that the planner sees the conflict.
func listRules(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := r.wanted(spec.ListenerRuleKind)
	listeners := ruleListeners(r, wanted)
	found, err := rulesOn(ctx, r.session, listeners...)
	if err != nil {
		return nil, err
	}
	elsewhere := slices.DeleteFunc(r.tagged.arns(":listener-rule/"), func(arn string) bool {
		return slices.Contains(listeners, parentARN(arn, "listener-rule", "listener"))
	})
	out, err := rulesByARN(ctx, r.session, elsewhere...)
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(append(out, found...), func(c candidate) bool { return c.Tags[plan.TagProject] != r.project })
	for _, want := range wanted {
		name := wantedRuleName(want)
		if !slices.ContainsFunc(out, func(c candidate) bool { return c.name == name }) {
			out = append(out, conflictingRules(r.project, found, want)...)
		}
	}
	return out, nil
}

// ruleListeners are the listeners that desired rules are for, and those of the
// project that can have rules: those of network load balancers cannot.
func ruleListeners(r *reading, wanted []*plan.Resource) []string {
	out := each(wanted, func(want *plan.Resource) string { return want.Spec.(*spec.ListenerRule).ListenerArn.Text })
	for _, arn := range r.ownARNs(spec.ListenerKind) {
		if strings.Contains(arn, ":listener/app/") {
			out = append(out, arn)
		}
	}
	return unique(slices.DeleteFunc(out, func(arn string) bool { return arn == "" })) // "": not created yet
}

// conflictingRules returns the rule of somebody else that has the priority of a
// desired one.
func conflictingRules(project string, found []candidate, want *plan.Resource) []candidate {
	to := want.Spec.(*spec.ListenerRule)
	for _, c := range found {
		s := c.Spec.(*spec.ListenerRule)
		if c.Tags[plan.TagProject] != project && s.ListenerArn.Text == to.ListenerArn.Text && s.Priority == to.Priority {
			c.name = wantedRuleName(want)
			return []candidate{c}
		}
	}
	return nil
}

func ruleCandidates(ctx context.Context, a *session, found []types.Rule) ([]candidate, error) {
	tags, err := elbTagsOf(ctx, a.elb(), each(found, func(r types.Rule) string { return text(r.RuleArn) }))
	if err != nil {
		return nil, err
	}
	return each(found, func(r types.Rule) candidate { return ruleCandidate(a, r, tags[text(r.RuleArn)]) }), nil
}

func ruleCandidate(a *session, r types.Rule, tags map[string]string) candidate {
	arn := text(r.RuleArn)
	s := listenerRuleSpec(r)
	s.Tags, s.Priority = spec.Tags(tags), a.movedRules.before(arn, s.Priority)
	var name string
	if address, err := plan.ParseAddress(tags[plan.TagResource]); err == nil && tags[plan.TagProject] == a.project {
		name = ruleName(s.ListenerArn.Text, address)
	}
	return candidate{
		Resource: liveResource(spec.ListenerRuleKind, s, plan.Attrs{"arn": arn}, tags, unmanaged(r)),
		id:       lastSegment(arn), name: name,
	}
}

func listenerRuleSpec(r types.Rule) *spec.ListenerRule {
	out := &spec.ListenerRule{
		ListenerArn: plan.Literal(parentARN(text(r.RuleArn), "listener-rule", "listener")),
		Actions:     each(r.Actions, ruleActionSpec),
	}
	// It is a number in a string, or "default".
	out.Priority, _ = strconv.Atoi(text(r.Priority))
	for _, c := range r.Conditions {
		switch text(c.Field) {
		case hostHeader:
			out.Hosts = append(out.Hosts, conditionValues(c)...)
		case pathPattern:
			out.Paths = append(out.Paths, conditionValues(c)...)
		case sourceIP:
			out.Sources = append(out.Sources, conditionValues(c)...)
		}
	}
	return out
}

// The fields of conditions that rules of ours have.
const (
	hostHeader  = "host-header"
	pathPattern = "path-pattern"
	sourceIP    = "source-ip"
)

// conditionValues reads a condition, which AWS shows in an older form as well.
func conditionValues(c types.RuleCondition) []string {
	switch {
	case c.HostHeaderConfig != nil:
		return c.HostHeaderConfig.Values
	case c.PathPatternConfig != nil:
		return c.PathPatternConfig.Values
	case c.SourceIpConfig != nil:
		return c.SourceIpConfig.Values
	default:
		return c.Values
	}
}

func conditions(s *spec.ListenerRule) []types.RuleCondition {
	var out []types.RuleCondition
	if len(s.Hosts) > 0 {
		out = append(out, types.RuleCondition{
			Field: pointer(hostHeader), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: s.Hosts},
		})
	}
	if len(s.Paths) > 0 {
		out = append(out, types.RuleCondition{
			Field: pointer(pathPattern), PathPatternConfig: &types.PathPatternConditionConfig{Values: s.Paths},
		})
	}
	if len(s.Sources) > 0 {
		out = append(out, types.RuleCondition{
			Field: pointer(sourceIP), SourceIpConfig: &types.SourceIpConditionConfig{Values: s.Sources},
		})
	}
	return out
}

func createRuleInput(s *spec.ListenerRule) *elb.CreateRuleInput {
	return &elb.CreateRuleInput{
		ListenerArn: &s.ListenerArn.Text,
		Priority:    number32(s.Priority),
		Conditions:  conditions(s),
		Actions:     each(s.Actions, ruleAction),
	}
}

// modifyRuleInput holds the fields in which to differs from from, but for the
// priority, which has a call of its own; nil where none does.
func modifyRuleInput(from, to *spec.ListenerRule) *elb.ModifyRuleInput {
	in := &elb.ModifyRuleInput{}
	if !same(conditions(from), conditions(to)) {
		in.Conditions = conditions(to)
	}
	if !same(from.Actions, to.Actions) {
		in.Actions = each(to.Actions, ruleAction)
	}
	if in.Conditions == nil && in.Actions == nil {
		return nil
	}
	return in
}

// ruleOf returns the rule of the listener that has the address of want.
func ruleOf(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
	found, err := rulesOn(ctx, a, want.Spec.(*spec.ListenerRule).ListenerArn.Text)
	name := wantedRuleName(want)
	return slices.DeleteFunc(found, func(c candidate) bool { return c.name != name }), err
}

// createRule moves a rule of ours away that has the priority. Creating one twice
// would be possible but for the priority.
func createRule(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	input := createRuleInput(want.Spec.(*spec.ListenerRule))
	input.Tags = pairList[types.Tag](tags)
	for range 3 {
		made, err := a.elb().CreateRule(ctx, input)
		if err == nil {
			return createdRule(made), nil
		}
		if !is(err, "PriorityInUse") {
			return "", err
		}
		if found, err := ruleOf(ctx, a, want); err != nil || len(found) > 0 {
			return "", err // it exists: the response of an earlier attempt was lost
		}
		if err := freeRulePriority(ctx, a, want); err != nil {
			return "", err
		}
	}
	return "", priorityTaken(*input.Priority)
}

// createdRule is the ARN of a new rule, "" if the response lacks it.
func createdRule(made *elb.CreateRuleOutput) string {
	if len(made.Rules) == 0 {
		return ""
	}
	return text(made.Rules[0].RuleArn)
}

func priorityTaken(priority int32) error {
	return fmt.Errorf("could not claim priority %d of the listener: other rules keep taking it", priority)
}

func updateRule(ctx context.Context, a *session, c change[spec.ListenerRule]) error {
	if input := modifyRuleInput(c.from, c.to); input != nil {
		a.routeChanges.began()
		input.RuleArn = pointer(c.live.Attrs["arn"])
		if _, err := a.elb().ModifyRule(ctx, input); err != nil {
			return err
		}
	}
	if c.from.Priority == c.to.Priority {
		return nil
	}
	return setRulePriority(ctx, a, c.live.Attrs["arn"], c.want)
}

// deleteRule deletes the rule only if it is still ours: it may be on a listener of
// somebody else.
func deleteRule(ctx context.Context, a *session, live *plan.Resource) error {
	ours, err := a.elbOurs(ctx, a.elb(), live)
	if err != nil || !ours {
		return err
	}
	return onlyError(a.elb().DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: pointer(live.Attrs["arn"])}))
}
