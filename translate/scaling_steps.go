package translate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// ecsNamespace is that of the metrics of ECS services.
const ecsNamespace = "AWS/ECS"

// alarmAlphabet: an alarm has up to 255 characters but control characters (CloudWatch API
// reference, PutMetricAlarm).
var alarmAlphabet = alphabet{more: "._-/", max: 255}

var comparisons = map[string]string{
	">": "GreaterThanThreshold", ">=": "GreaterThanOrEqualToThreshold", "<": "LessThanThreshold", "<=": "LessThanOrEqualToThreshold",
}

var adjustmentTypes = map[string]string{"": "ChangeInCapacity", "tasks": "ChangeInCapacity", "percent": "PercentChangeInCapacity", "exact": "ExactCapacity"}

// step adds a policy, and the alarm that carries it out.
func (s *scalings) step(k *task, x *scaling, step xfargate.ScalingStep) {
	if !s.checkName(step.Path, step.Name) || !s.checkStep(step) {
		return
	}
	step.Comparison = cmp.Or(step.Comparison, ">=")
	adjustments, ok := s.adjustments(step)
	if !ok {
		return
	}
	policy := s.policy(k, step.Path, &spec.ScalingPolicy{
		PolicyName: scalingName(k, step.Name), PolicyType: spec.StepPolicy,
		StepScaling: &spec.StepScaling{AdjustmentType: adjustmentTypes[step.Type], StepAdjustments: adjustments, Cooldown: step.Cooldown},
	})
	if step.Alarm != "" {
		s.notef(step.Path.Key("alarm"), fmt.Sprintf("after apply, add the ARN of scaling policy %s to the actions of the alarm (aws application-autoscaling describe-scaling-policies --service-namespace ecs --policy-names %[1]s)", policy.Name),
			"alarm %q is not of this stack, and nothing of it is changed", step.Alarm)
		return
	}
	s.alarm(k, step, policy)
}

// checkStep reports what is missing or too much.
func (s *scalings) checkStep(step xfargate.ScalingStep) bool {
	describes := step.Metric != "" || step.Namespace != "" || step.Dimensions != nil || step.Statistic != "" || step.Periods != 0 || step.Datapoints != 0 || step.MissingData != ""
	switch {
	case slices.Contains([]string{"cpu", "memory", "requests"}, step.Name):
		s.errorf(step.Path, "choose another name", "%s is the name of the policy for that target", step.Name)
	case step.Alarm != "" && describes:
		s.errorf(step.Path.Key("alarm"), "remove alarm, or what describes another one", "names an alarm that exists, and the step describes another one")
	case step.Alarm == "" && step.Metric == "":
		s.errorf(step.Path, "add metric, such as CPUUtilization, or alarm with the name of one that exists", "metric is missing: nothing says when to scale")
	case step.Alarm == "" && step.Threshold == nil:
		s.errorf(step.Path, "add threshold: 70", "threshold is missing")
	case step.Period > 30 && step.Period%60 != 0 || step.Period < 30 && step.Period%10 != 0:
		s.errorf(step.Path.Key("period"), "write 30s, 1m or 5m", "must be 10, 20 or 30 seconds, or full minutes")
	case step.Alarm == "" && step.Period < 60 && strings.HasPrefix(cmp.Or(step.Namespace, ecsNamespace), "AWS/"):
		s.errorf(step.Path.Key("period"), "write 1m", "AWS measures its own metrics once a minute: shorter periods have no values")
	case step.Datapoints > max(step.Periods, 1):
		s.errorf(step.Path.Key("datapoints"), "", "must be at most %d, which is periods", max(step.Periods, 1))
	case step.Period*max(step.Periods, 1) > longestAlarm(step.Period):
		s.errorf(step.Path.Key("periods"), "", "together the periods must not be longer than %d hours", longestAlarm(step.Period)/3600)
	default:
		return true
	}
	return false
}

// longestAlarm is how long all periods of an alarm are at most, in seconds (CloudWatch API
// reference, PutMetricAlarm, EvaluationPeriods).
func longestAlarm(period int) int {
	if period >= 3600 {
		return 7 * 86400
	}
	return 86400
}

// adjustments are the changes with their distances from the threshold: each begins where the
// one before ends, so that there are neither gaps nor overlaps.
func (s *scalings) adjustments(step xfargate.ScalingStep) ([]spec.StepAdjustment, bool) {
	up := strings.HasPrefix(step.Comparison, ">")
	var out []spec.StepAdjustment
	before := 0.0
	for i, change := range step.Changes {
		path := step.Path.Key("change")
		if change.From != nil {
			path = path.Item(i).Key("from")
		}
		distance, ok := s.distance(step, change, i, path)
		if !ok {
			return nil, false
		}
		switch {
		case i == 0 && distance != 0:
			s.errorf(path, fmt.Sprintf("write %g, or leave it out", *step.Threshold), "the first change begins at the threshold, %g", *step.Threshold)
			return nil, false
		case i > 0 && (up && distance <= before || !up && distance >= before):
			s.errorf(path, "write the changes in the order in which the alarm reaches them", "must be farther from the threshold than the change before")
			return nil, false
		}
		adjustment := spec.StepAdjustment{ScalingAdjustment: change.By}
		if up {
			adjustment.MetricIntervalLowerBound = &distance
		} else {
			adjustment.MetricIntervalUpperBound = &distance
		}
		if i > 0 && up {
			out[i-1].MetricIntervalUpperBound = &distance
		} else if i > 0 {
			out[i-1].MetricIntervalLowerBound = &distance
		}
		out, before = append(out, adjustment), distance
	}
	return out, len(out) > 0
}

// distance is how far from the threshold a change begins, without the noise of binary
// fractions.
func (s *scalings) distance(step xfargate.ScalingStep, change xfargate.ScalingChange, i int, path diag.Path) (float64, bool) {
	switch {
	case change.From == nil && i == 0:
		return 0, true
	case change.From == nil:
		s.errorf(path.Item(i), "add from", "from is missing: nothing says where this change begins")
		return 0, false
	case step.Threshold == nil:
		s.errorf(step.Path, "add threshold: with that of the alarm", "threshold is missing: changes begin at a distance from it")
		return 0, false
	}
	return math.Round((*change.From-*step.Threshold)*1e9) / 1e9, true
}

// alarm adds the alarm that a step describes.
func (s *scalings) alarm(k *task, step xfargate.ScalingStep, policy plan.Address) {
	namespace := cmp.Or(step.Namespace, ecsNamespace)
	var dimensions []spec.AlarmDimension
	for _, name := range sortedKeys(step.Dimensions) {
		dimensions = append(dimensions, spec.AlarmDimension{Name: name, Value: step.Dimensions[name]})
	}
	if step.Dimensions == nil && namespace == ecsNamespace {
		parts := strings.Split(s.resourceID(k).Text, "/")
		dimensions = []spec.AlarmDimension{{Name: "ClusterName", Value: parts[1]}, {Name: "ServiceName", Value: parts[2]}}
	}
	r := s.add(plan.Address{Kind: spec.AlarmKind, Name: policy.Name}, s.At(step.Path...), &spec.Alarm{
		AlarmName: alarmAlphabet.fit(s.Name + "/" + k.name() + "/" + step.Name), AlarmDescription: fmt.Sprintf("Scales service %s of compose project %s.", k.name(), s.Name),
		Namespace: namespace, MetricName: step.Metric, Dimensions: dimensions, Statistic: cmp.Or(step.Statistic, "Average"),
		Period: step.Period, EvaluationPeriods: max(step.Periods, 1), DatapointsToAlarm: step.Datapoints,
		Threshold: *step.Threshold, ComparisonOperator: comparisons[step.Comparison], TreatMissingData: step.MissingData,
		AlarmActions: []plan.Value{plan.RefTo(policy, "arn", "")}, Tags: s.tags(),
	})
	r.Origins = from(step.Path)
}
