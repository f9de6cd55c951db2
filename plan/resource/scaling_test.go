package resource

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// webID is the resource id of the service that the lives scale.
const webID = "service/shop/web"

// scalable makes a service, which a scalable target needs.
func (w *world) scalable() plan.Value {
	w.Helper()
	w.made("service/web", w.running("service/web"))
	return plan.Literal(webID)
}

// scaled makes a service and its scalable target.
func (w *world) scaled() plan.Value {
	w.Helper()
	id := w.scalable()
	w.made("scalable-target/web", &spec.ScalableTarget{ResourceID: id, MinCapacity: 1, MaxCapacity: 4})
	return id
}

var scalingLives = []life{
	{
		address: "scalable-target/web",
		first: func(w *world) any {
			return &spec.ScalableTarget{ResourceID: w.scalable(), MinCapacity: 1, MaxCapacity: 4, Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"bounds": edit(func(_ *world, s *spec.ScalableTarget) { s.MinCapacity, s.MaxCapacity = 2, 8 }),
			"less":   edit(func(_ *world, s *spec.ScalableTarget) { s.MinCapacity = 0 }),
			"tags":   edit(func(_ *world, s *spec.ScalableTarget) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
	{
		address: "alarm/web.queue",
		first: func(w *world) any {
			return &spec.Alarm{
				AlarmName: "shop/web/queue", AlarmDescription: "scales", Namespace: "AWS/SQS", MetricName: "ApproximateNumberOfMessagesVisible",
				Dimensions: []spec.AlarmDimension{{Name: "QueueName", Value: "jobs"}}, Statistic: "Average", Period: 60, EvaluationPeriods: 3,
				Threshold: 100, ComparisonOperator: "GreaterThanThreshold", AlarmActions: []plan.Value{plan.Literal(w.stepPolicy("queue"))},
				Tags: []spec.Tag{{Key: "a", Value: "1"}},
			}
		},
		changes: map[string]func(*world, any){
			"metric": edit(func(_ *world, s *spec.Alarm) {
				s.Namespace, s.MetricName, s.AlarmDescription, s.Dimensions = "AWS/ECS", "CPUUtilization", "", nil
			}),
			"statistic": edit(func(_ *world, s *spec.Alarm) { s.Statistic = "p99" }),
			"periods": edit(func(_ *world, s *spec.Alarm) {
				s.Period, s.EvaluationPeriods, s.DatapointsToAlarm, s.TreatMissingData = 120, 5, 4, "ignore"
			}),
			"threshold": edit(func(_ *world, s *spec.Alarm) { s.Threshold, s.ComparisonOperator = 0.5, "LessThanThreshold" }),
			"action":    edit(func(w *world, s *spec.Alarm) { s.AlarmActions = []plan.Value{plan.Literal(w.stepPolicy("more"))} }),
			"tags":      edit(func(_ *world, s *spec.Alarm) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
}

// stepPolicy makes a policy for an alarm and returns its ARN.
func (w *world) stepPolicy(name string) string {
	w.Helper()
	id := plan.Literal(webID)
	if name == "queue" {
		id = w.scaled()
	}
	return w.made("scaling-policy/web."+name, &spec.ScalingPolicy{
		PolicyName: "web." + name, ResourceID: id, PolicyType: spec.StepPolicy, StepScaling: steps(),
	})["arn"]
}

func steps() *spec.StepScaling {
	return &spec.StepScaling{
		AdjustmentType: "ChangeInCapacity", Cooldown: 60,
		StepAdjustments: []spec.StepAdjustment{
			{MetricIntervalLowerBound: pointer(100.0), ScalingAdjustment: 3},
			{MetricIntervalLowerBound: pointer(0.0), MetricIntervalUpperBound: pointer(100.0), ScalingAdjustment: 1},
		},
	}
}

var untaggedScalingLives = []life{
	{
		address:  "scaling-policy/web.cpu",
		untagged: true,
		first: func(w *world) any {
			return &spec.ScalingPolicy{PolicyName: "web.cpu", ResourceID: w.scaled(), PolicyType: spec.TrackingPolicy, TargetTracking: &spec.TargetTracking{
				PredefinedMetricType: "ECSServiceAverageCPUUtilization", TargetValue: 70, ScaleInCooldown: 300, ScaleOutCooldown: 60,
			}}
		},
		changes: map[string]func(*world, any){
			"target":   edit(func(_ *world, s *spec.ScalingPolicy) { s.TargetTracking.TargetValue = 55.5 }),
			"scale in": edit(func(_ *world, s *spec.ScalingPolicy) { s.TargetTracking.DisableScaleIn = true }),
			"metric": edit(func(_ *world, s *spec.ScalingPolicy) {
				s.TargetTracking.PredefinedMetricType, s.TargetTracking.ScaleInCooldown = "ECSServiceAverageMemoryUtilization", 0
			}),
		},
	},
	{
		address:  "scaling-policy/web.queue",
		untagged: true,
		first: func(w *world) any {
			return &spec.ScalingPolicy{PolicyName: "web.queue", ResourceID: w.scaled(), PolicyType: spec.StepPolicy, StepScaling: steps()}
		},
		changes: map[string]func(*world, any){
			"steps": edit(func(_ *world, s *spec.ScalingPolicy) {
				s.StepScaling.StepAdjustments, s.StepScaling.Cooldown = []spec.StepAdjustment{{MetricIntervalUpperBound: pointer(0.0), ScalingAdjustment: -1}}, 0
			}),
			"type": edit(func(_ *world, s *spec.ScalingPolicy) { s.StepScaling.AdjustmentType = "PercentChangeInCapacity" }),
		},
	},
	{
		address:  "scheduled-action/web.night",
		untagged: true,
		first: func(w *world) any {
			return &spec.ScheduledAction{ScheduledActionName: "web.night", ResourceID: w.scaled(), Schedule: "cron(0 20 ? * MON-FRI *)",
				ScalableTargetAction: spec.Bounds{MinCapacity: pointer(0), MaxCapacity: pointer(0)}}
		},
		changes: map[string]func(*world, any){
			"time": edit(func(_ *world, s *spec.ScheduledAction) {
				s.Schedule, s.Timezone = "cron(0 19 ? * MON-FRI *)", "Europe/Berlin"
			}),
			"bounds": edit(func(_ *world, s *spec.ScheduledAction) {
				s.ScalableTargetAction = spec.Bounds{MinCapacity: pointer(2)}
			}),
		},
	},
}

// TestALabelIsTheEndsOfTwoARNs there and back.
func TestALabelIsTheEndsOfTwoARNs(t *testing.T) {
	s := &spec.TargetTracking{
		LoadBalancer: plan.Literal("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"),
		TargetGroup:  plan.Literal("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/943f017f100becff"),
	}
	label := labelOf(s)
	if diff := cmp.Diff("app/shop/50dc6c495c0c9188/targetgroup/web/943f017f100becff", text(label)); diff != "" {
		t.Fatal(diff)
	}
	balancer, group := labelled(*label, "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:resource/ecs/service/shop/web:policyName/web.requests")
	if balancer != s.LoadBalancer || group != s.TargetGroup {
		t.Errorf("%s and %s", balancer, group)
	}
	if labelOf(&spec.TargetTracking{}) != nil {
		t.Error("other metrics have none")
	}
}

// TestAServiceTellsWhoScalesIt whoever that is.
func TestAServiceTellsWhoScalesIt(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("service/web", w.running("service/web"))
	w.scalable()
	look := func() string {
		live, err := w.account().Kind(spec.ServiceKind).Read(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		all := w.read(w.stack()).Find(want.Address)
		if all.Attrs[spec.ScaledAttr] != live.Attrs[spec.ScaledAttr] {
			t.Errorf("alone %q, among others %q", live.Attrs[spec.ScaledAttr], all.Attrs[spec.ScaledAttr])
		}
		return live.Attrs[spec.ScaledAttr]
	}
	if by := look(); by != "" {
		t.Errorf("nobody scales it, and it says %s", by)
	}
	target := w.made("scalable-target/web", &spec.ScalableTarget{ResourceID: plan.Literal(webID), MaxCapacity: 4})
	if by := look(); by != target["arn"] {
		t.Errorf("%q, want %q", by, target["arn"])
	}
}

// TestAPolicyOfOthersOnOurTargetIsTheirs: its name is not one of ours.
func TestAPolicyOfOthersOnOurTargetIsTheirs(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id := w.scaled()
	for _, name := range []string{"web.cpu", "by-hand"} {
		policy := &spec.ScalingPolicy{PolicyName: name, ResourceID: id, PolicyType: spec.StepPolicy, StepScaling: steps()}
		if err := putScalingPolicy(t.Context(), w.account().session, policy); err != nil {
			t.Fatal(err)
		}
	}
	live := w.read(w.stack())
	if live.Find(address("scaling-policy/web.cpu")) == nil || live.Find(address("scaling-policy/by-hand")) != nil {
		t.Error("found are other policies than those of the project")
	}
}
