package resource

import (
	"context"
	"slices"
	"strings"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// scalingPolicyKind defines scaling policies. They cannot have tags: they belong to the
// project if their target does, and are named after its service.
var scalingPolicyKind = kind[spec.ScalingPolicy]{
	row: row{
		kind: spec.ScalingPolicyKind, noun: "scaling policy", seldom: true,
		after: []string{spec.ScalableTargetKind},
		reads: []string{
			"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
			"application-autoscaling:ListTagsForResource",
		},
		writes: []string{"application-autoscaling:DeleteScalingPolicy", "application-autoscaling:PutScalingPolicy"},
	},
	id:   "id",
	name: func(s *spec.ScalingPolicy) string { return onTarget(s.ResourceID.Text, s.PolicyName) },

	byID: targetedByID(policiesOf),
	list: listTargeted(spec.ScalingPolicyKind, policiesOf, func(s *spec.ScalingPolicy) string { return s.ResourceID.Text }),

	create: func(ctx context.Context, a *session, want *plan.Resource, _ map[string]string) (string, error) {
		s := want.Spec.(*spec.ScalingPolicy)
		return onTarget(s.ResourceID.Text, s.PolicyName), putScalingPolicy(ctx, a, s)
	},
	update: func(ctx context.Context, a *session, c change[spec.ScalingPolicy]) error {
		if same(c.from, c.to) {
			return nil
		}
		return putScalingPolicy(ctx, a, c.to)
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		resourceID, name, _ := strings.Cut(live.Attrs["id"], " ")
		return onlyError(a.scaling().DeleteScalingPolicy(ctx, &scaling.DeleteScalingPolicyInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			ResourceId: &resourceID, PolicyName: &name,
		}))
	},
	gone: []string{"ObjectNotFound"},
	busy: scalingBusy,
}

// onTarget is the id of what belongs to a scalable target. Neither part has a space in it.
func onTarget(resourceID, name string) string { return resourceID + " " + name }

// targetedOf reads what belongs to scalable targets.
type targetedOf func(ctx context.Context, a *session, targets []candidate) ([]candidate, error)

func targetedByID(of targetedOf) func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
	return func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		resourceID, _, _ := strings.Cut(r.Attrs["id"], " ")
		targets, err := findScalableTargets(ctx, a, []string{resourceID})
		if err != nil {
			return nil, err
		}
		found, err := of(ctx, a, targets)
		return slices.DeleteFunc(found, func(c candidate) bool { return c.id != r.Attrs["id"] }), err
	}
}

func listTargeted[S any](kind string, of targetedOf, resourceID func(*S) string) func(ctx context.Context, r *reading) ([]candidate, error) {
	return func(ctx context.Context, r *reading) ([]candidate, error) {
		targets, err := scalingTargetsOf(ctx, r, kind, func(want *plan.Resource) string { return resourceID(want.Spec.(*S)) })
		if err != nil {
			return nil, err
		}
		return of(ctx, r.session, targets)
	}
}

// scalingTargetsOf are the scalable targets that may have what is desired of a kind, and
// those of the project.
func scalingTargetsOf(ctx context.Context, r *reading, kind string, resourceID func(*plan.Resource) string) ([]candidate, error) {
	if !r.single() {
		return r.of(spec.ScalableTargetKind), nil
	}
	return findScalableTargets(ctx, r.session, each(r.wanted(kind), resourceID))
}

// ownedBy are the tags that something of a scalable target would have: those of the project
// of the target, if it has the name that this tool gives it.
func ownedBy(target candidate, kind, name string) map[string]string {
	owner, err := plan.ParseAddress(target.Tags[plan.TagResource])
	if err != nil || !strings.HasPrefix(name, owner.Name+".") || target.Tags[plan.TagProject] == "" {
		return nil
	}
	return map[string]string{plan.TagProject: target.Tags[plan.TagProject], plan.TagResource: kind + "/" + name}
}

func policiesOf(ctx context.Context, a *session, targets []candidate) ([]candidate, error) {
	found, err := inParallel(ctx, targets, func(ctx context.Context, target candidate) ([]candidate, error) {
		policies, err := allPages(ctx, scaling.NewDescribeScalingPoliciesPaginator(a.scaling(), &scaling.DescribeScalingPoliciesInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			ResourceId: pointer(target.id),
		}), func(page *scaling.DescribeScalingPoliciesOutput) []types.ScalingPolicy { return page.ScalingPolicies })
		return each(policies, func(p types.ScalingPolicy) candidate { return policyCandidate(target, p) }), err
	})
	return slices.Concat(found...), err
}

func policyCandidate(target candidate, p types.ScalingPolicy) candidate {
	name := text(p.PolicyName)
	id := onTarget(text(p.ResourceId), name)
	return candidate{
		Resource: liveResource(spec.ScalingPolicyKind, policySpec(p), plan.Attrs{"arn": text(p.PolicyARN), "id": id},
			ownedBy(target, spec.ScalingPolicyKind, name), unmanaged(p)),
		id: id, name: id,
	}
}

func policySpec(p types.ScalingPolicy) *spec.ScalingPolicy {
	s := &spec.ScalingPolicy{
		PolicyName: text(p.PolicyName), ResourceID: plan.Literal(text(p.ResourceId)), PolicyType: string(p.PolicyType),
	}
	if c := p.TargetTrackingScalingPolicyConfiguration; c != nil {
		s.TargetTracking = trackingSpec(c, text(p.PolicyARN))
	}
	if c := p.StepScalingPolicyConfiguration; c != nil {
		s.StepScaling = &spec.StepScaling{
			AdjustmentType: string(c.AdjustmentType), Cooldown: cooldown(c.Cooldown), MetricAggregationType: string(c.MetricAggregationType),
			StepAdjustments: each(c.StepAdjustments, func(step types.StepAdjustment) spec.StepAdjustment {
				return spec.StepAdjustment{
					MetricIntervalLowerBound: step.MetricIntervalLowerBound, MetricIntervalUpperBound: step.MetricIntervalUpperBound,
					ScalingAdjustment: number(step.ScalingAdjustment),
				}
			}),
		}
	}
	return s
}

func trackingSpec(c *types.TargetTrackingScalingPolicyConfiguration, policy string) *spec.TargetTracking {
	s := &spec.TargetTracking{
		TargetValue: orZero(c.TargetValue), ScaleInCooldown: cooldown(c.ScaleInCooldown), ScaleOutCooldown: cooldown(c.ScaleOutCooldown),
		DisableScaleIn: orZero(c.DisableScaleIn),
	}
	if m := c.PredefinedMetricSpecification; m != nil {
		s.PredefinedMetricType = string(m.PredefinedMetricType)
		s.LoadBalancer, s.TargetGroup = labelled(text(m.ResourceLabel), policy)
	}
	return s
}

// cooldown is 300 seconds where there is none (TargetTrackingScalingPolicyConfiguration and
// StepScalingPolicyConfiguration, for ECS services).
func cooldown(seconds *int32) int {
	if seconds == nil {
		return 300
	}
	return int(*seconds)
}

// labelOf is the resource label of requests per target: app/NAME/ID/targetgroup/NAME/ID, the
// ends of two ARNs (API reference, PredefinedMetricSpecification).
func labelOf(s *spec.TargetTracking) *string {
	_, balancer, _ := strings.Cut(s.LoadBalancer.Text, ":loadbalancer/")
	_, group, found := strings.Cut(s.TargetGroup.Text, ":targetgroup/")
	if !found {
		return nil
	}
	return pointer(balancer + "/targetgroup/" + group)
}

// labelled is the inverse of labelOf: both ARNs are of the account and region of the policy.
func labelled(label, policy string) (balancer, group plan.Value) {
	name, target, found := strings.Cut(label, "/targetgroup/")
	parts := strings.SplitN(policy, ":", 6)
	if !found || len(parts) < 6 {
		return plan.Value{}, plan.Value{}
	}
	prefix := strings.Join([]string{parts[0], parts[1], "elasticloadbalancing", parts[3], parts[4], ""}, ":")
	return plan.Literal(prefix + "loadbalancer/" + name), plan.Literal(prefix + "targetgroup/" + target)
}

// putScalingPolicy makes a policy, or replaces the configuration of one.
func putScalingPolicy(ctx context.Context, a *session, s *spec.ScalingPolicy) error {
	input := &scaling.PutScalingPolicyInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		ResourceId: &s.ResourceID.Text, PolicyName: &s.PolicyName, PolicyType: types.PolicyType(s.PolicyType),
	}
	if t := s.TargetTracking; t != nil {
		input.TargetTrackingScalingPolicyConfiguration = &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: &t.TargetValue, ScaleInCooldown: number32(t.ScaleInCooldown), ScaleOutCooldown: number32(t.ScaleOutCooldown),
			DisableScaleIn: &t.DisableScaleIn,
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{
				PredefinedMetricType: types.MetricType(t.PredefinedMetricType), ResourceLabel: labelOf(t),
			},
		}
	}
	if t := s.StepScaling; t != nil {
		input.StepScalingPolicyConfiguration = &types.StepScalingPolicyConfiguration{
			AdjustmentType: types.AdjustmentType(t.AdjustmentType), Cooldown: number32(t.Cooldown),
			MetricAggregationType: types.MetricAggregationType(t.MetricAggregationType),
			StepAdjustments: each(t.StepAdjustments, func(step spec.StepAdjustment) types.StepAdjustment {
				return types.StepAdjustment{
					MetricIntervalLowerBound: step.MetricIntervalLowerBound, MetricIntervalUpperBound: step.MetricIntervalUpperBound,
					ScalingAdjustment: number32(step.ScalingAdjustment),
				}
			}),
		}
	}
	return a.scalingCall(ctx, func() error { return onlyError(a.scaling().PutScalingPolicy(ctx, input)) })
}
