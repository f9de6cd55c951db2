package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// listenerRuleKind is the entry of the table.
var listenerRuleKind = methods{
	row: row{
		kind: spec.ListenerRuleKind, noun: "listener rule", tagged: elbTypes,
		after:  []string{spec.ListenerKind},
		reads:  []string{"elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"},
		writes: []string{"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateRule", "elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetRulePriorities"},
	},
	of: func(a *session) operations { return listenerRules{a} },
}

// listenerRules is the kind of listener rules. A rule has no name: among those of
// its listener it is known by the address in its tags.
type listenerRules struct{ *session }

// rulePlace names a rule.
func rulePlace(listener string, address plan.Address) string {
	return listener + " " + address.String()
}

// wantedRule is a desired rule: its listener and its priority.
type wantedRule struct {
	listener string // its ARN, "" while the listener is not made
	priority int
	address  plan.Address
}

func wantedRules(want []*plan.Resource, listener func(plan.Value) string) []wantedRule {
	return each(want, func(r *plan.Resource) wantedRule {
		s := r.Spec.(*spec.ListenerRule)
		return wantedRule{listener(s.ListenerArn), s.Priority, r.Address}
	})
}

// ruleListeners are the listeners on which desired rules are to stand.
func ruleListeners(want []wantedRule) []string {
	var out []string
	for _, w := range want {
		if w.listener != "" {
			out = append(out, w.listener)
		}
	}
	return unique(out)
}

func rulePlaces(want []wantedRule) map[string]plan.Address {
	out := make(map[string]plan.Address, len(want))
	for _, w := range want {
		out[rulePlace(w.listener, w.address)] = w.address
	}
	return out
}

func describeRules(ctx context.Context, a *session, in elb.DescribeRulesInput) ([]types.Rule, error) {
	if len(in.RuleArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeRulesPaginator(a.elb, &in),
		func(page *elb.DescribeRulesOutput) []types.Rule { return page.Rules })
}

// byARN returns those of the rules that are there, whosever they are.
func (k listenerRules) byARN(ctx context.Context, arns []string) ([]candidate, error) {
	found, err := elbByARN(arns, func(arns []string) ([]types.Rule, error) {
		return describeRules(ctx, k.session, elb.DescribeRulesInput{RuleArns: arns})
	})
	if err != nil {
		return nil, err
	}
	return k.candidates(ctx, found)
}

// on returns the rules of listeners, whosever they are, but for their default ones,
// which belong to the listeners.
func (k listenerRules) on(ctx context.Context, listeners ...string) ([]candidate, error) {
	rules := make([][]types.Rule, len(listeners))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, arn := range listeners {
		g.Go(func() error {
			found, err := describeRules(gctx, k.session, elb.DescribeRulesInput{ListenerArn: &arn})
			if is(err, elbGone...) {
				return nil
			}
			rules[i] = slices.DeleteFunc(found, func(r types.Rule) bool { return r.IsDefault != nil && *r.IsDefault })
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return k.candidates(ctx, slices.Concat(rules...))
}

// search returns the project's rules: those on the listeners, and those on
// other listeners that the tagging API knows. A rule of somebody else with the
// priority of a desired rule that does not exist is returned in its place, so
// that the planner sees the conflict.
func (k listenerRules) search(ctx context.Context, want []wantedRule, listeners []string, tagged taggedResources) ([]candidate, error) {
	found, err := k.on(ctx, listeners...)
	if err != nil {
		return nil, err
	}
	elsewhere := slices.DeleteFunc(tagged.listenerRules(), func(arn string) bool {
		return slices.Contains(listeners, parentARN(arn, "listener-rule", "listener"))
	})
	others, err := k.byARN(ctx, elsewhere)
	if err != nil {
		return nil, err
	}
	out := k.ours(append(others, found...))
	known := map[string]bool{}
	for _, c := range out {
		known[c.name] = true
	}
	for _, w := range want {
		if !known[rulePlace(w.listener, w.address)] {
			out = append(out, k.inTheWay(found, w)...)
		}
	}
	return out, nil
}

func (k listenerRules) ours(found []candidate) []candidate {
	return slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return c.Tags[plan.TagProject] != k.project })
}

// inTheWay is the rule of others at the priority of a desired one.
func (k listenerRules) inTheWay(found []candidate, w wantedRule) []candidate {
	for _, c := range found {
		s := c.Spec.(*spec.ListenerRule)
		if c.Tags[plan.TagProject] != k.project && s.ListenerArn.Text == w.listener && s.Priority == w.priority {
			c.name = rulePlace(w.listener, w.address)
			return []candidate{c}
		}
	}
	return nil
}

func (k listenerRules) candidates(ctx context.Context, found []types.Rule) ([]candidate, error) {
	tags, err := elbTagsOf(ctx, k.elb, each(found, func(r types.Rule) string { return text(r.RuleArn) }))
	if err != nil {
		return nil, err
	}
	return each(found, func(r types.Rule) candidate { return k.candidate(r, tags[text(r.RuleArn)]) }), nil
}

func (k listenerRules) candidate(r types.Rule, tags map[string]string) candidate {
	arn := text(r.RuleArn)
	s := listenerRuleSpec(r)
	s.Tags, s.Priority = spec.Tags(tags), k.movedRules.before(arn, s.Priority)
	var name string
	if address, err := plan.ParseAddress(tags[plan.TagResource]); err == nil && tags[plan.TagProject] == k.project {
		name = rulePlace(s.ListenerArn.Text, address)
	}
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.ListenerRuleKind},
			Spec:      normal(spec.ListenerRuleKind, s),
			Attrs:     plan.Attrs{"arn": arn},
			Tags:      tags,
			Unmanaged: unmanaged(r),
		},
		id: lastSegment(arn), name: name,
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
		}
	}
	return out
}

// The fields of conditions that rules of ours have.
const (
	hostHeader  = "host-header"
	pathPattern = "path-pattern"
)

// conditionValues reads a condition, which AWS shows in an older form as well.
func conditionValues(c types.RuleCondition) []string {
	switch {
	case c.HostHeaderConfig != nil:
		return c.HostHeaderConfig.Values
	case c.PathPatternConfig != nil:
		return c.PathPatternConfig.Values
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

func (k listenerRules) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if arn := r.Attrs["arn"]; arn != "" {
		found, err := k.byARN(ctx, []string{arn})
		if err != nil {
			return nil, err
		}
		return readBy(found, r.Address)
	}
	tagged, err := listTaggedAs(ctx, k.tagging, k.project, r.Address, elbTypes)
	if err != nil {
		return nil, err
	}
	want := wantedRules([]*plan.Resource{r}, valueText)
	found, err := k.search(ctx, want, ruleListeners(want), tagged)
	if err != nil {
		return nil, err
	}
	return pick(place(k.project, rulePlaces(want), found), r.Address)
}

// Create looks first: a rule may be made twice but for its priority.
func (k listenerRules) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	k.routeChanges.began()
	s := want.Spec.(*spec.ListenerRule)
	for range 3 {
		live, err := k.of(ctx, want)
		if err == nil {
			return k.take(ctx, live, want)
		}
		if !errors.Is(err, plan.ErrNotFound) {
			return nil, err
		}
		input := createRuleInput(s)
		input.Tags = elbTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash}))
		made, err := k.elb.CreateRule(ctx, input)
		if err == nil {
			return k.appeared(ctx, want, made.Rules)
		}
		if !is(err, "PriorityInUse") {
			return nil, err
		}
		if err := k.makeWay(ctx, want); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("could not claim priority %d of the listener: other rules keep taking it", s.Priority)
}

// of reads the rule of the listener that bears the address of want.
func (k listenerRules) of(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	listener := want.Spec.(*spec.ListenerRule).ListenerArn.Text
	found, err := k.on(ctx, listener)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		if c.name == rulePlace(listener, want.Address) {
			return readBy([]candidate{c}, want.Address)
		}
	}
	return nil, plan.ErrNotFound
}

func (k listenerRules) appeared(ctx context.Context, want *plan.Resource, made []types.Rule) (plan.Attrs, error) {
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) {
		if len(made) == 0 {
			return k.of(ctx, want)
		}
		found, err := k.byARN(ctx, []string{text(made[0].RuleArn)})
		if err != nil {
			return nil, err
		}
		return readBy(found, want.Address)
	})
	if err != nil {
		return nil, err
	}
	return live.Attrs, nil
}

// take continues with an existing rule: a creation of ours was interrupted.
func (k listenerRules) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	from := live.Spec.(*spec.ListenerRule)
	from.Tags = common(from.Tags, want.Spec.(*spec.ListenerRule).Tags)
	return k.Update(ctx, live, want, false)
}

func (k listenerRules) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.ListenerRule), want.Spec.(*spec.ListenerRule)
	arn := live.Attrs["arn"]
	if input := modifyRuleInput(from, to); input != nil {
		k.routeChanges.began()
		input.RuleArn = &arn
		if _, err := k.elb.ModifyRule(ctx, input); err != nil {
			return nil, err
		}
	}
	if from.Priority != to.Priority {
		if err := k.setPriority(ctx, arn, want); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagELB(ctx, k.elb, arn, tags)
}

// Delete deletes what is still ours: it may stand on a listener of others.
func (k listenerRules) Delete(ctx context.Context, live *plan.Resource) error {
	ours, err := k.elbOurs(ctx, k.elb, live)
	if err != nil || !ours {
		return err
	}
	arn := live.Attrs["arn"]
	_, err = k.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: &arn})
	if is(err, "RuleNotFound") {
		return nil
	}
	return err
}

func (k listenerRules) all(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := wantedRules(r.wanted(spec.ListenerRuleKind), func(v plan.Value) string {
		return r.resolve(v, spec.ListenerKind, "arn")
	})
	on := ruleListeners(wanted)
	for _, arn := range r.ownARNs(spec.ListenerKind) {
		if strings.Contains(arn, ":listener/app/") { // those of network load balancers have no rules
			on = append(on, arn)
		}
	}
	found, err := k.search(ctx, wanted, unique(on), r.tagged)
	return place(k.project, rulePlaces(wanted), found), err
}
