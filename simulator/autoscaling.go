package simulator

import (
	"fmt"
	"slices"
	"strings"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// scalingState is everything of Application Auto Scaling. Tags are in Account.Tags.
type scalingState struct {
	ScalableTargets   Table[ScalableTarget]        `state:"autoscaling.targets"`           // by resource id
	ScalingPolicies   Table[types.ScalingPolicy]   `state:"autoscaling.policies"`          // by "resource id policy"
	ScheduledActions  Table[ScheduledAction]       `state:"autoscaling.scheduled-actions"` // by "resource id action"
	ScalingActivities Table[types.ScalingActivity] `state:"autoscaling.activities"`        // by "resource id number"
}

// ScalableTarget is a scalable target, and what its cooldown periods go by.
type ScalableTarget struct {
	types.ScalableTarget
	OutAt   int64 // when a policy scaled it out, on the clock; 0: never
	OutFrom int32 // its capacity before that
	InAt    int64 // when a policy scaled it in
}

// ScheduledAction is a scheduled action, and when it is due.
type ScheduledAction struct {
	types.ScheduledAction
	Next int64 // on the clock; 0: never
}

// scalingOperations are those on ECS services; other kinds are refused.
func scalingOperations() []operation {
	return []operation{
		write(registerScalableTarget),
		read(describeScalableTargets),
		write(deregisterScalableTarget),
		write(putScalingPolicy),
		read(describeScalingPolicies),
		write(deleteScalingPolicy),
		write(putScheduledAction),
		read(describeScheduledActions),
		write(deleteScheduledAction),
		read(describeScalingActivities),
		write(scalingTagResource),
		write(scalingUntagResource),
		read(scalingListTags),
	}
}

func scalingInvalid(format string, args ...any) error {
	return &types.ValidationException{Message: ptr(fmt.Sprintf(format, args...))}
}

func scalingNotFound(format string, args ...any) error {
	return &types.ObjectNotFoundException{Message: ptr(fmt.Sprintf(format, args...))}
}

// scaled names what a call is about.
type scaled struct {
	namespace types.ServiceNamespace
	dimension types.ScalableDimension
	id        *string
}

func (s scaled) String() string {
	return fmt.Sprintf("service namespace: %s, resource ID: %s, scalable dimension: %s", s.namespace, str(s.id), s.dimension)
}

// check refuses what is no ECS service. It need not exist.
func (s scaled) check() error {
	switch {
	case s.namespace != types.ServiceNamespaceEcs:
		return scalingInvalid("The simulator knows the service namespace ecs only, not %q", s.namespace)
	case s.dimension != types.ScalableDimensionECSServiceDesiredCount:
		return scalingInvalid("Unsupported service namespace, resource type or scalable dimension: %s", s)
	case strings.Count(str(s.id), "/") != 2 || !strings.HasPrefix(*s.id, "service/"):
		return scalingInvalid("Unsupported service namespace, resource type or scalable dimension: %s", s)
	}
	return nil
}

// scalableTarget finds what a call depends on. The words of the refusal are seen
// in use (cloudposse/terraform-aws-ecs-cloudwatch-autoscaling#36).
func (a *Account) scalableTarget(s scaled) (*ScalableTarget, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if t := a.ScalableTargets.Get(*s.id); t != nil {
		return t, nil
	}
	return nil, scalingNotFound("No scalable target registered for %s", s)
}

// registerScalableTarget adds a target or changes what was sent of one. Capacity
// is required of a new one (API reference, RegisterScalableTarget); tags are of a
// new one only: "To tag an existing scalable target, use the TagResource operation."
func registerScalableTarget(a *Account, in *scaling.RegisterScalableTargetInput) (*scaling.RegisterScalableTargetOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if err := s.check(); err != nil {
		return nil, err
	}
	service := a.Services.Get(strings.TrimPrefix(*in.ResourceId, "service/"))
	if service == nil || *service.Status == "INACTIVE" {
		return nil, scalingInvalid("ECS service doesn't exist: %s", *in.ResourceId)
	}
	old := a.ScalableTargets.Get(*in.ResourceId)
	next, err := a.nextTarget(old, in)
	if err != nil {
		return nil, err
	}
	if problem := tagProblem(nil, in.Tags); problem != "" {
		return nil, scalingInvalid("%s", problem)
	}
	a.ScalableTargets.Put(*in.ResourceId, next)
	if old == nil {
		a.bear(*next.ScalableTargetARN, in.Tags)
	}
	a.bound(*in.ResourceId, "the scalable target was registered")
	return &scaling.RegisterScalableTargetOutput{ScalableTargetARN: next.ScalableTargetARN}, nil
}

func (a *Account) nextTarget(old *ScalableTarget, in *scaling.RegisterScalableTargetInput) (ScalableTarget, error) {
	next := val(old)
	if old == nil {
		id := a.id("scalable-target", *in.ResourceId)
		next.ScalableTarget = types.ScalableTarget{
			ResourceId: in.ResourceId, ServiceNamespace: in.ServiceNamespace, ScalableDimension: in.ScalableDimension,
			CreationTime: a.now(), ScalableTargetARN: ptr(a.arn("application-autoscaling", "scalable-target/"+id[:40])),
			RoleARN: ptr(a.globalARN("iam", "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"+
				"AWSServiceRoleForApplicationAutoScaling_ECSService")),
			SuspendedState: &types.SuspendedState{
				DynamicScalingInSuspended: ptr(false), DynamicScalingOutSuspended: ptr(false), ScheduledScalingSuspended: ptr(false),
			},
		}
	}
	next.MinCapacity, next.MaxCapacity = orNil(in.MinCapacity, next.MinCapacity), orNil(in.MaxCapacity, next.MaxCapacity)
	if in.SuspendedState != nil {
		next.SuspendedState = &types.SuspendedState{
			DynamicScalingInSuspended:  orElse(in.SuspendedState.DynamicScalingInSuspended, val(next.SuspendedState.DynamicScalingInSuspended)),
			DynamicScalingOutSuspended: orElse(in.SuspendedState.DynamicScalingOutSuspended, val(next.SuspendedState.DynamicScalingOutSuspended)),
			ScheduledScalingSuspended:  orElse(in.SuspendedState.ScheduledScalingSuspended, val(next.SuspendedState.ScheduledScalingSuspended)),
		}
	}
	switch {
	case next.MinCapacity == nil || next.MaxCapacity == nil:
		return next, scalingInvalid("Minimum capacity and maximum capacity are required when registering a new scalable target")
	case *next.MinCapacity < 0 || *next.MaxCapacity < 0:
		return next, scalingInvalid("Minimum capacity and maximum capacity must not be less than 0")
	case *next.MinCapacity > *next.MaxCapacity:
		return next, scalingInvalid("Maximum capacity cannot be less than minimum capacity")
	}
	return next, nil
}

// orNil is p, or the other pointer where p is nil.
func orNil[T any](p, other *T) *T {
	if p == nil {
		return other
	}
	return p
}

func describeScalableTargets(a *Account, in *scaling.DescribeScalableTargetsInput) (*scaling.DescribeScalableTargetsOutput, error) {
	if in.ScalableDimension != "" && len(in.ResourceIds) == 0 {
		return nil, scalingInvalid("Scalable dimension must be used with a resource ID")
	}
	var all []types.ScalableTarget
	for id, t := range a.ScalableTargets.All() {
		if t.ServiceNamespace == in.ServiceNamespace && (len(in.ResourceIds) == 0 || slices.Contains(in.ResourceIds, id)) {
			all = append(all, t.ScalableTarget)
		}
	}
	list, next, err := scalingPage(a, all, func(t types.ScalableTarget) string { return *t.ResourceId }, in.NextToken, in.MaxResults)
	return &scaling.DescribeScalableTargetsOutput{ScalableTargets: list, NextToken: next}, err
}

func scalingPage[T any](a *Account, items []T, place func(T) string, token *string, size *int32) ([]T, *string, error) {
	list, next, err := page(a, items, place, token, size, 50)
	if err != nil {
		return nil, nil, &types.InvalidNextTokenException{Message: ptr("The specified token is not valid.")}
	}
	return filled(list), next, nil
}

// deregisterScalableTarget takes the policies and the scheduled actions along, as
// documented.
func deregisterScalableTarget(a *Account, in *scaling.DeregisterScalableTargetInput) (*scaling.DeregisterScalableTargetOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if err := s.check(); err != nil {
		return nil, err
	}
	t := a.ScalableTargets.Get(*in.ResourceId)
	if t == nil {
		return nil, scalingNotFound("No scalable target found for %s", s)
	}
	for key := range a.policies.Of("of " + *in.ResourceId) {
		a.dropPolicy(key)
	}
	for key := range a.actions.Of(*in.ResourceId) {
		a.ScheduledActions.Delete(key)
	}
	a.Tags.Delete(*t.ScalableTargetARN)
	a.ScalableTargets.Delete(*in.ResourceId)
	return &scaling.DeregisterScalableTargetOutput{}, nil
}

// taggedTarget wants the ARN of a scalable target: only those are taggable (API
// reference, TagResource).
func (a *Account) taggedTarget(arn *string) error {
	if arnType(str(arn)) != "application-autoscaling:scalable-target" || a.Tags.Get(*arn) == nil {
		return &types.ResourceNotFoundException{
			Message: ptr("The specified resource doesn't exist: " + str(arn)), ResourceName: arn,
		}
	}
	return nil
}

func scalingTagResource(a *Account, in *scaling.TagResourceInput) (*scaling.TagResourceOutput, error) {
	if err := a.taggedTarget(in.ResourceARN); err != nil {
		return nil, err
	}
	if len(in.Tags)+len(a.tagsOf(*in.ResourceARN)) > mostTags {
		return nil, &types.TooManyTagsException{Message: ptr("The request contains too many tags."), ResourceName: in.ResourceARN}
	}
	if problem := tagProblem(a.tagsOf(*in.ResourceARN), in.Tags); problem != "" {
		return nil, scalingInvalid("%s", problem)
	}
	a.tag(*in.ResourceARN, in.Tags)
	return &scaling.TagResourceOutput{}, nil
}

func scalingUntagResource(a *Account, in *scaling.UntagResourceInput) (*scaling.UntagResourceOutput, error) {
	if err := a.taggedTarget(in.ResourceARN); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceARN, in.TagKeys)
	return &scaling.UntagResourceOutput{}, nil
}

func scalingListTags(a *Account, in *scaling.ListTagsForResourceInput) (*scaling.ListTagsForResourceOutput, error) {
	if err := a.taggedTarget(in.ResourceARN); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for key, value := range a.tagsOf(*in.ResourceARN) {
		tags[key] = value
	}
	return &scaling.ListTagsForResourceOutput{Tags: tags}, nil
}
