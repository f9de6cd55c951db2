package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/compose2fargate/compose2fargate/simulator"
)

const (
	ecsNamespace = types.ServiceNamespaceEcs
	desiredCount = types.ScalableDimensionECSServiceDesiredCount
)

// scalable is an account with the service "web" and a client for scaling it.
func scalable(t *testing.T, register bool) (*world, *scaling.Client) {
	t.Helper()
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	api := scaling.NewFromConfig(w.Config())
	if register {
		must(api.RegisterScalableTarget(t.Context(), target(1, 4)))(t)
	}
	return w, api
}

func target(low, high int32) *scaling.RegisterScalableTargetInput {
	return &scaling.RegisterScalableTargetInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"),
		MinCapacity: &low, MaxCapacity: &high,
	}
}

func tracking(name string, metric types.MetricType, value float64) *scaling.PutScalingPolicyInput {
	return &scaling.PutScalingPolicyInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"),
		PolicyName: &name, PolicyType: types.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: &value, PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: metric},
		},
	}
}

func steps(name string, adjustments ...types.StepAdjustment) *scaling.PutScalingPolicyInput {
	return &scaling.PutScalingPolicyInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"),
		PolicyName: &name, PolicyType: types.PolicyTypeStepScaling,
		StepScalingPolicyConfiguration: &types.StepScalingPolicyConfiguration{
			AdjustmentType: types.AdjustmentTypeChangeInCapacity, StepAdjustments: adjustments,
		},
	}
}

func step(low, high *float64, change int32) types.StepAdjustment {
	return types.StepAdjustment{MetricIntervalLowerBound: low, MetricIntervalUpperBound: high, ScalingAdjustment: &change}
}

func scheduled(name, schedule string) *scaling.PutScheduledActionInput {
	return &scaling.PutScheduledActionInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"),
		ScheduledActionName: &name, Schedule: &schedule, ScalableTargetAction: &types.ScalableTargetAction{MinCapacity: aws.Int32(2)},
	}
}

const cpu = types.MetricTypeECSServiceAverageCPUUtilization

func TestTheLifeOfAScalableTarget(t *testing.T) {
	w, api := scalable(t, false)
	ctx := t.Context()
	in := target(1, 4)
	in.Tags = map[string]string{"project": "shop"}
	arn := must(api.RegisterScalableTarget(ctx, in))(t).ScalableTargetARN
	must(api.RegisterScalableTarget(ctx, &scaling.RegisterScalableTargetInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: in.ResourceId, MaxCapacity: aws.Int32(6),
		SuspendedState: &types.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)},
	}))(t)
	got := must(api.DescribeScalableTargets(ctx, &scaling.DescribeScalableTargetsInput{ServiceNamespace: ecsNamespace}))(t).ScalableTargets
	if len(got) != 1 || *got[0].MinCapacity != 1 || *got[0].MaxCapacity != 6 || !*got[0].SuspendedState.DynamicScalingInSuspended {
		t.Error(text(got))
	}
	must(api.TagResource(ctx, &scaling.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"a": "1"}}))(t)
	must(api.UntagResource(ctx, &scaling.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"project"}}))(t)
	if tags := must(api.ListTagsForResource(ctx, &scaling.ListTagsForResourceInput{ResourceARN: arn}))(t).Tags; fmt.Sprint(tags) != "map[a:1]" {
		t.Error(tags)
	}
	found := must(w.tagging.GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: []string{"application-autoscaling:scalable-target"},
	}))(t).ResourceTagMappingList
	if len(found) != 1 {
		t.Error(text(found))
	}

	policy := must(api.PutScalingPolicy(ctx, tracking("cpu", cpu, 60)))(t)
	if len(policy.Alarms) != 2 || !strings.HasPrefix(*policy.Alarms[0].AlarmName, "TargetTracking-service/shop/web-AlarmHigh-") {
		t.Error(text(policy))
	}
	must(api.PutScheduledAction(ctx, scheduled("morning", "cron(0 8 ? * MON-FRI *)")))(t)
	drop := &scaling.DeregisterScalableTargetInput{ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: in.ResourceId}
	must(api.DeregisterScalableTarget(ctx, drop))(t)
	policies := must(api.DescribeScalingPolicies(ctx, &scaling.DescribeScalingPoliciesInput{ServiceNamespace: ecsNamespace}))(t).ScalingPolicies
	actions := must(api.DescribeScheduledActions(ctx, &scaling.DescribeScheduledActionsInput{ServiceNamespace: ecsNamespace}))(t).ScheduledActions
	alarms := must(cloudwatch.NewFromConfig(w.Config()).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}))(t).MetricAlarms
	if len(policies)+len(actions)+len(alarms) > 0 {
		t.Error("left over:", text(policies), text(actions), text(alarms))
	}
	if _, err := api.DeregisterScalableTarget(ctx, drop); code(err) != "ObjectNotFoundException" {
		t.Error(err)
	}
}

func TestScalableTargetsAreRefused(t *testing.T) {
	_, api := scalable(t, false)
	ctx := t.Context()
	for what, edit := range map[string]func(*scaling.RegisterScalableTargetInput){
		"no such service":     func(in *scaling.RegisterScalableTargetInput) { in.ResourceId = aws.String("service/shop/none") },
		"more than the most":  func(in *scaling.RegisterScalableTargetInput) { in.MinCapacity = aws.Int32(5) },
		"below zero":          func(in *scaling.RegisterScalableTargetInput) { in.MinCapacity = aws.Int32(-1) },
		"no capacity":         func(in *scaling.RegisterScalableTargetInput) { in.MinCapacity = nil },
		"another dimension":   func(in *scaling.RegisterScalableTargetInput) { in.ScalableDimension = "ecs:service:Count" },
		"an ARN":              func(in *scaling.RegisterScalableTargetInput) { in.ResourceId = aws.String("service/arn:aws:ecs:x") },
		"a tag of AWS's":      func(in *scaling.RegisterScalableTargetInput) { in.Tags = map[string]string{"aws:x": "1"} },
		"a service elsewhere": func(in *scaling.RegisterScalableTargetInput) { in.ResourceId = aws.String("service/none/web") },
	} {
		in := target(1, 4)
		edit(in)
		if _, err := api.RegisterScalableTarget(ctx, in); code(err) != "ValidationException" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := api.PutScalingPolicy(ctx, tracking("cpu", cpu, 60)); code(err) != "ObjectNotFoundException" {
		t.Error("a policy without a target:", err)
	}
	if _, err := api.PutScheduledAction(ctx, scheduled("a", "rate(1 day)")); code(err) != "ObjectNotFoundException" {
		t.Error("a scheduled action without a target:", err)
	}
	nothing := &scaling.TagResourceInput{ResourceARN: aws.String("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/x"), Tags: map[string]string{"a": "1"}}
	if _, err := api.TagResource(ctx, nothing); code(err) != "ResourceNotFoundException" {
		t.Error("tags of nothing:", err)
	}
}

func TestScalingPoliciesAreRefused(t *testing.T) {
	_, api := scalable(t, true)
	ctx := t.Context()
	must(api.PutScalingPolicy(ctx, tracking("cpu", cpu, 60)))(t)
	one, two := aws.Float64(1), aws.Float64(2)
	labelled := tracking("label", cpu, 60)
	labelled.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.ResourceLabel = aws.String("app/x/1/targetgroup/y/2")
	requests := tracking("requests", types.MetricTypeALBRequestCountPerTarget, 60)
	requests.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.ResourceLabel = aws.String("app/x/1/targetgroup/y/2")
	neither := tracking("neither", cpu, 60)
	neither.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification = nil
	changed := steps("cpu", step(nil, nil, 1))
	for what, in := range map[string]*scaling.PutScalingPolicyInput{
		"a value of zero":               tracking("zero", types.MetricTypeECSServiceAverageMemoryUtilization, 0),
		"a metric of another service":   tracking("rds", types.MetricTypeRDSReaderAverageCPUUtilization, 60),
		"a second one on the metric":    tracking("again", cpu, 70),
		"a label that is not taken":     labelled,
		"a label that leads to nothing": requests,
		"no metric":                     neither,
		"another type":                  changed,
		"no steps":                      steps("none"),
		"steps that overlap":            steps("overlap", step(nil, two, 1), step(one, nil, 2)),
		"steps with a gap":              steps("gap", step(nil, one, 1), step(two, nil, 2)),
	} {
		if _, err := api.PutScalingPolicy(ctx, in); code(err) != "ValidationException" {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(api.PutScalingPolicy(ctx, steps("steps", step(aws.Float64(0), one, 1), step(one, nil, 2))))(t)
	gone := &scaling.DeleteScalingPolicyInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"), PolicyName: aws.String("none"),
	}
	if _, err := api.DeleteScalingPolicy(ctx, gone); code(err) != "ObjectNotFoundException" {
		t.Error(err)
	}
	for i := range 48 {
		must(api.PutScalingPolicy(ctx, steps(fmt.Sprint("p", i), step(nil, nil, 1))))(t)
	}
	if _, err := api.PutScalingPolicy(ctx, steps("one-too-many", step(nil, nil, 1))); code(err) != "LimitExceededException" {
		t.Error(err)
	}
}

func TestScheduledActionsAreRefused(t *testing.T) {
	_, api := scalable(t, true)
	ctx := t.Context()
	for _, schedule := range []string{
		"", "daily", "rate(0 days)", "rate(5)", "rate(1 week)", "cron(0 8 * * *)", "cron(0 8 * * * *)", "cron(0 25 ? * * *)",
		"cron(61 8 ? * * *)", "cron(0 8 ? 13 * *)", "cron(0 8 ? * FUN *)", "at(2026-13-01T00:00:00)", "at(tomorrow)",
	} {
		if _, err := api.PutScheduledAction(ctx, scheduled("x", schedule)); code(err) != "ValidationException" {
			t.Errorf("%q: %v", schedule, err)
		}
	}
	for _, schedule := range []string{
		"rate(1 day)", "rate(5 minutes)", "cron(0 8 ? * MON-FRI *)", "cron(0/15 8,20 1,15 * ? 2027)", "cron(0 8 LW * ? *)",
		"cron(0 8 ? * 6#3 *)", "at(2027-01-01T00:00:00)",
	} {
		must(api.PutScheduledAction(ctx, scheduled("x", schedule)))(t)
	}
	zone, nothing := scheduled("y", "rate(1 day)"), scheduled("y", "rate(1 day)")
	zone.Timezone, nothing.ScalableTargetAction = aws.String("Mars/Olympus"), nil
	for _, in := range []*scaling.PutScheduledActionInput{zone, nothing} {
		if _, err := api.PutScheduledAction(ctx, in); code(err) != "ValidationException" {
			t.Errorf("%s: %v", text(in), err)
		}
	}
	drop := &scaling.DeleteScheduledActionInput{
		ServiceNamespace: ecsNamespace, ScalableDimension: desiredCount, ResourceId: aws.String("service/shop/web"), ScheduledActionName: aws.String("x"),
	}
	must(api.DeleteScheduledAction(ctx, drop))(t)
	if _, err := api.DeleteScheduledAction(ctx, drop); code(err) != "ObjectNotFoundException" {
		t.Error(err)
	}
}
