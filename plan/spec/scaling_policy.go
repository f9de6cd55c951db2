package spec

import (
	"cmp"
	"math"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// ScalingPolicyKind is the kind of scaling-policy/SERVICE.NAME: cpu, memory, requests, and
// those of steps by their names.
const ScalingPolicyKind = "scaling-policy"

// ScalingPolicy says when a scalable target scales. It cannot be tagged: it belongs to its
// target (Application Auto Scaling API reference, TagResource). Attrs: arn, id (the resource
// id of its target and its name).
type ScalingPolicy struct {
	PolicyName string     `json:"policyName"` // SERVICE.NAME
	ResourceID plan.Value `json:"resourceId"`
	PolicyType string     `json:"policyType"` // TargetTrackingScaling or StepScaling
	// One of the two, by the type.
	TargetTracking *TargetTracking `json:"targetTrackingScalingPolicyConfiguration,omitempty"`
	StepScaling    *StepScaling    `json:"stepScalingPolicyConfiguration,omitempty"`
	Tags           []Tag           `json:"tags,omitempty"` // always empty: every spec has the field
}

// The types of scaling policies.
const (
	TrackingPolicy = "TargetTrackingScaling"
	StepPolicy     = "StepScaling"
)

// RequestsPerTarget is the predefined metric that names a load balancer.
const RequestsPerTarget = "ALBRequestCountPerTarget"

// TargetTracking keeps a metric at a value.
type TargetTracking struct {
	PredefinedMetricType string  `json:"predefinedMetricType"`
	TargetValue          float64 `json:"targetValue"`
	// LoadBalancer and TargetGroup are the ARNs of which the resource label of
	// RequestsPerTarget consists; zero for other metrics.
	LoadBalancer     plan.Value `json:"loadBalancer,omitzero"`
	TargetGroup      plan.Value `json:"targetGroup,omitzero"`
	ScaleInCooldown  int        `json:"scaleInCooldown"`  // seconds
	ScaleOutCooldown int        `json:"scaleOutCooldown"` // seconds
	DisableScaleIn   bool       `json:"disableScaleIn,omitempty"`
}

// StepScaling changes the number of tasks by how far an alarm is beyond its threshold.
type StepScaling struct {
	AdjustmentType        string           `json:"adjustmentType"` // ChangeInCapacity, PercentChangeInCapacity, ExactCapacity
	StepAdjustments       []StepAdjustment `json:"stepAdjustments"`
	Cooldown              int              `json:"cooldown"`              // seconds
	MetricAggregationType string           `json:"metricAggregationType"` // Average, Minimum, Maximum
}

// StepAdjustment is a change and the distance from the threshold at which it is made; nil:
// infinity.
type StepAdjustment struct {
	MetricIntervalLowerBound *float64 `json:"metricIntervalLowerBound,omitempty"`
	MetricIntervalUpperBound *float64 `json:"metricIntervalUpperBound,omitempty"`
	ScalingAdjustment        int      `json:"scalingAdjustment"`
}

func scalingPolicyRules() plan.Rules {
	return plan.Rules{
		Kind:      ScalingPolicyKind,
		New:       func() any { return &ScalingPolicy{} },
		Normalize: func(s any) { s.(*ScalingPolicy).normalize() },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Owner:     beforeDot,
		// "The policy type of an existing policy cannot be changed" is what AWS answers.
		Immutable: []string{"policyName", "resourceId", "policyType"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"policyType", "targetTrackingScalingPolicyConfiguration", "stepScalingPolicyConfiguration"},
		// It is gone with its target.
		Needs: map[string]string{ScalableTargetKind: ServiceKind},
	}
}

func (p *ScalingPolicy) normalize() {
	if p.StepScaling == nil {
		return
	}
	fill(&p.StepScaling.MetricAggregationType, "Average")
	lowest := func(s StepAdjustment) float64 {
		if s.MetricIntervalLowerBound == nil {
			return math.Inf(-1)
		}
		return *s.MetricIntervalLowerBound
	}
	slices.SortStableFunc(p.StepScaling.StepAdjustments, func(a, b StepAdjustment) int { return cmp.Compare(lowest(a), lowest(b)) })
}
