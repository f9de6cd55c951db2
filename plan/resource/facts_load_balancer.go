package resource

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

const balancerKey = "x-fargate.load_balancer"

// findBalancer finds the load balancer that published ports are to hang on, its
// listeners, and which priorities the rules of others have there.
func (a *Account) findBalancer(ctx context.Context, where plan.Facts, needs plan.Lookups, out *found) error {
	name := needs.LoadBalancer
	if name == "" {
		return nil
	}
	if err := elsewhere(where, balancerKey, name); err != nil {
		return err
	}
	balancer, err := a.describeBalancer(ctx, name)
	if err != nil {
		return fmt.Errorf("look for the load balancer of %s: %w", balancerKey, brief(err))
	}
	if err := a.unfit(balancer, name); err != nil {
		return err
	}
	listeners, err := a.balancerListeners(ctx, *balancer)
	if err != nil {
		return fmt.Errorf("read the listeners of %s: %w", name, brief(err))
	}
	rules, err := a.balancerRules(ctx, *balancer, listeners)
	if err != nil {
		return fmt.Errorf("read the rules of %s: %w", name, brief(err))
	}
	arns := []string{text(balancer.LoadBalancerArn)}
	for _, listener := range listeners {
		arns = append(arns, text(listener.ListenerArn))
	}
	for _, rule := range rules {
		arns = append(arns, rule.arn)
	}
	tags, err := elbTagsOf(ctx, a.elb(), arns)
	if err != nil {
		return fmt.Errorf("read the tags of %s and its listeners and rules: %w", name, brief(err))
	}
	ours := func(arn string) bool { return tags[arn][plan.TagProject] == a.project }
	if ours(arns[0]) {
		return misnamed(balancerKey, "names %q, which this project made itself: leave the key out", name)
	}
	out.balancer = balancerFact(*balancer, listeners, rules, ours)
	out.zones = each(balancer.AvailabilityZones, func(z types.AvailabilityZone) string { return text(z.ZoneName) })
	slices.Sort(out.zones)
	return nil
}

// describeBalancer returns nil where there is no load balancer of this name or
// ARN.
func (a *Account) describeBalancer(ctx context.Context, name string) (*types.LoadBalancer, error) {
	input := elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{name}}
	if strings.HasPrefix(name, "arn:") {
		input = elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{name}}
	}
	found, err := describeLoadBalancers(ctx, a.session, input)
	if err != nil || len(found) == 0 {
		return nil, unless(err, "LoadBalancerNotFound")
	}
	return &found[0], nil
}

// unfit is the error for a load balancer that cannot be used.
func (a *Account) unfit(balancer *types.LoadBalancer, name string) error {
	switch {
	case balancer == nil:
		return misnamed(balancerKey, "names %q, and there is no load balancer of this name or ARN in %s", name, a.region)
	case balancer.Type != types.LoadBalancerTypeEnumApplication && balancer.Type != types.LoadBalancerTypeEnumNetwork:
		return misnamed(balancerKey, "names %q, a %s load balancer: it has to be an application or a network one", name, balancer.Type)
	case balancer.State != nil && balancer.State.Code == types.LoadBalancerStateEnumFailed:
		return misnamed(balancerKey, "names %q, which failed to come up: %s", name, text(balancer.State.Reason))
	default:
		return nil
	}
}

func (a *Account) balancerListeners(ctx context.Context, balancer types.LoadBalancer) ([]types.Listener, error) {
	out, err := describeListeners(ctx, a.session, elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: balancer.LoadBalancerArn})
	slices.SortFunc(out, func(a, b types.Listener) int { return strings.Compare(text(a.ListenerArn), text(b.ListenerArn)) })
	return out, err
}

// ruleFact is what matters of a rule of somebody.
type ruleFact struct {
	listener, arn string
	priority      int
}

// balancerRules reads the rules of an application load balancer, but for the
// default ones. On a network one we have listeners of our own only.
func (a *Account) balancerRules(ctx context.Context, balancer types.LoadBalancer, listeners []types.Listener) ([]ruleFact, error) {
	if balancer.Type != types.LoadBalancerTypeEnumApplication {
		return nil, nil
	}
	found, err := inParallel(ctx, listeners, func(ctx context.Context, listener types.Listener) ([]ruleFact, error) {
		return a.listenerRulesOf(ctx, text(listener.ListenerArn))
	})
	out := slices.Concat(found...)
	slices.SortFunc(out, func(a, b ruleFact) int { return strings.Compare(a.arn, b.arn) })
	return out, err
}

func (a *Account) listenerRulesOf(ctx context.Context, listener string) ([]ruleFact, error) {
	found, err := describeRules(ctx, a.session, elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &listener})
	var out []ruleFact
	for _, rule := range found {
		// That of the default rule is the word "default".
		if priority, err := strconv.Atoi(text(rule.Priority)); err == nil {
			out = append(out, ruleFact{listener, text(rule.RuleArn), priority})
		}
	}
	return out, err
}

// balancerFact leaves out the listeners of the project itself: they are managed,
// and not a fact.
func balancerFact(balancer types.LoadBalancer, listeners []types.Listener, rules []ruleFact, ours func(arn string) bool) *plan.LoadBalancer {
	out := &plan.LoadBalancer{
		ARN: text(balancer.LoadBalancerArn), Type: string(balancer.Type), Scheme: string(balancer.Scheme),
		VPC: text(balancer.VpcId), DNSName: text(balancer.DNSName), HostedZone: text(balancer.CanonicalHostedZoneId),
		SecurityGroups: slices.Sorted(slices.Values(balancer.SecurityGroups)),
	}
	for _, listener := range listeners {
		arn := text(listener.ListenerArn)
		if ours(arn) {
			continue
		}
		fact := plan.Listener{ARN: arn, Port: number(listener.Port), Protocol: string(listener.Protocol)}
		for _, rule := range rules {
			if rule.listener == arn && !ours(rule.arn) {
				fact.Priorities = append(fact.Priorities, rule.priority)
			}
		}
		slices.Sort(fact.Priorities)
		out.Listeners = append(out.Listeners, fact)
	}
	slices.SortStableFunc(out.Listeners, func(a, b plan.Listener) int { return a.Port - b.Port })
	return out
}
