package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	watch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// The quotas of a scalable target (Application Auto Scaling User Guide, "Quotas
// for Application Auto Scaling").
const (
	mostPolicies = 50
	mostActions  = 200
	mostSteps    = 20
)

func policyKey(resource, name *string) string { return str(resource) + " " + str(name) }

// putScalingPolicy makes a policy, or replaces the configuration of one.
func putScalingPolicy(a *Account, in *scaling.PutScalingPolicyInput) (*scaling.PutScalingPolicyOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if _, err := a.scalableTarget(s); err != nil {
		return nil, err
	}
	key := policyKey(in.ResourceId, in.PolicyName)
	old := a.ScalingPolicies.Get(key)
	if err := a.checkScalingPolicy(old, in); err != nil {
		return nil, err
	}
	next := val(old)
	if old == nil {
		next = types.ScalingPolicy{
			PolicyName: in.PolicyName, ResourceId: in.ResourceId, ServiceNamespace: in.ServiceNamespace,
			ScalableDimension: in.ScalableDimension, CreationTime: a.now(),
			PolicyARN: ptr(a.arn("autoscaling", "scalingPolicy:"+uuid(a.id("scaling-policy", key))+
				":resource/ecs/"+*in.ResourceId+":policyName/"+*in.PolicyName)),
		}
	}
	next.PolicyType = cmp.Or(in.PolicyType, next.PolicyType, types.PolicyTypeStepScaling)
	next.StepScalingPolicyConfiguration = orNil(in.StepScalingPolicyConfiguration, next.StepScalingPolicyConfiguration)
	next.TargetTrackingScalingPolicyConfiguration = orNil(
		in.TargetTrackingScalingPolicyConfiguration, next.TargetTrackingScalingPolicyConfiguration)
	a.putTrackingAlarms(&next)
	a.ScalingPolicies.Put(key, next)
	return &scaling.PutScalingPolicyOutput{PolicyARN: next.PolicyARN, Alarms: filled(next.Alarms)}, nil
}

func (a *Account) checkScalingPolicy(old *types.ScalingPolicy, in *scaling.PutScalingPolicyInput) error {
	name := str(in.PolicyName)
	switch {
	case len(name) > 256 || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return scalingInvalid("1 validation error detected: Value '%s' at 'policyName' failed to satisfy constraint", name)
	case old != nil && in.PolicyType != "" && in.PolicyType != old.PolicyType:
		return scalingInvalid("The policy type of an existing policy cannot be changed")
	case old == nil && a.policies.Count("of "+*in.ResourceId) >= mostPolicies:
		return &types.LimitExceededException{Message: ptr("The number of scaling policies for the scalable target exceeds the limit.")}
	}
	track, step := in.TargetTrackingScalingPolicyConfiguration, in.StepScalingPolicyConfiguration
	switch in.PolicyType {
	case types.PolicyTypeTargetTrackingScaling:
		if track == nil || step != nil {
			return scalingInvalid("A target tracking scaling policy needs, and takes only, TargetTrackingScalingPolicyConfiguration")
		}
		return a.checkTracking(in, track)
	case types.PolicyTypePredictiveScaling:
		return scalingInvalid("The simulator does not know predictive scaling policies")
	case "", types.PolicyTypeStepScaling:
		if step == nil || track != nil {
			return scalingInvalid("A step scaling policy needs, and takes only, StepScalingPolicyConfiguration")
		}
		return checkSteps(step)
	}
	return scalingInvalid("Unknown policy type %q", in.PolicyType)
}

// checkTracking wants one metric, a value above zero (API reference,
// TargetTrackingScalingPolicyConfiguration, TargetValue: from 8.5e-109) and no
// other policy of the target on the same predefined metric.
func (a *Account) checkTracking(in *scaling.PutScalingPolicyInput, c *types.TargetTrackingScalingPolicyConfiguration) error {
	switch {
	case (c.PredefinedMetricSpecification == nil) == (c.CustomizedMetricSpecification == nil):
		return scalingInvalid("Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified")
	case val(c.TargetValue) <= 0:
		return scalingInvalid("TargetValue must be greater than 0")
	case val(c.ScaleInCooldown) < 0 || val(c.ScaleOutCooldown) < 0:
		return scalingInvalid("A cooldown must not be negative")
	case c.PredefinedMetricSpecification == nil:
		return checkCustomMetric(c.CustomizedMetricSpecification)
	}
	if err := a.checkPredefined(*in.ResourceId, c.PredefinedMetricSpecification); err != nil {
		return err
	}
	for _, p := range a.policies.Of("of " + *in.ResourceId) {
		other := val(p.TargetTrackingScalingPolicyConfiguration).PredefinedMetricSpecification
		if *p.PolicyName != *in.PolicyName && other != nil && same(other, c.PredefinedMetricSpecification) {
			return scalingInvalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")
		}
	}
	return nil
}

func checkCustomMetric(m *types.CustomizedMetricSpecification) error {
	if len(m.Metrics) == 0 && (str(m.MetricName) == "" || str(m.Namespace) == "" || m.Statistic == "") {
		return scalingInvalid("A customized metric needs MetricName, Namespace and Statistic, or Metrics")
	}
	return nil
}

// checkPredefined knows the metrics of ECS services. A label is for requests per
// target only, and names a target group of the service (API reference,
// PredefinedMetricSpecification).
func (a *Account) checkPredefined(resource string, m *types.PredefinedMetricSpecification) error {
	switch m.PredefinedMetricType {
	case types.MetricTypeECSServiceAverageCPUUtilization, types.MetricTypeECSServiceAverageMemoryUtilization:
		if m.ResourceLabel != nil {
			return scalingInvalid("Resource label must not be specified for the metric type %s", m.PredefinedMetricType)
		}
		return nil
	case types.MetricTypeALBRequestCountPerTarget:
		service := a.Services.Get(strings.TrimPrefix(resource, "service/"))
		_, group, found := strings.Cut(str(m.ResourceLabel), "/targetgroup/")
		if service == nil || !found || !a.balances(service, "targetgroup/"+group, strings.TrimSuffix(*m.ResourceLabel, "/targetgroup/"+group)) {
			return scalingInvalid("Resource label %q does not name a load balancer and a target group of %s", str(m.ResourceLabel), resource)
		}
		return nil
	}
	return scalingInvalid("The metric type %s is not supported for the service namespace ecs", m.PredefinedMetricType)
}

// balances tells whether the service is registered in that target group, and it
// belongs to that load balancer; both are the ends of their ARNs.
func (a *Account) balances(s *Service, group, balancer string) bool {
	for _, l := range s.LoadBalancers {
		if !strings.HasSuffix(str(l.TargetGroupArn), ":"+group) {
			continue
		}
		return slices.ContainsFunc(a.balancersOf(*l.TargetGroupArn), func(arn string) bool {
			return strings.HasSuffix(arn, ":loadbalancer/"+balancer)
		})
	}
	return false
}

// checkSteps wants steps that neither overlap nor leave a gap (Application Auto
// Scaling User Guide, "Step adjustments").
func checkSteps(c *types.StepScalingPolicyConfiguration) error {
	switch {
	case c.AdjustmentType == "":
		return scalingInvalid("AdjustmentType is required if you are adding a new step scaling policy configuration")
	case !slices.Contains(c.AdjustmentType.Values(), c.AdjustmentType):
		return scalingInvalid("Unknown adjustment type %q", c.AdjustmentType)
	case len(c.StepAdjustments) == 0:
		return scalingInvalid("There must be at least one StepAdjustment")
	case len(c.StepAdjustments) > mostSteps:
		return scalingInvalid("At most %d step adjustments are allowed", mostSteps)
	case c.MinAdjustmentMagnitude != nil && c.AdjustmentType != types.AdjustmentTypePercentChangeInCapacity:
		return scalingInvalid("MinAdjustmentMagnitude is only valid with the adjustment type PercentChangeInCapacity")
	case val(c.Cooldown) < 0:
		return scalingInvalid("Cooldown must not be negative")
	}
	steps := slices.SortedFunc(slices.Values(c.StepAdjustments), byLowerBound)
	for i, s := range steps {
		if s.MetricIntervalLowerBound == nil && s.MetricIntervalUpperBound == nil && len(steps) > 1 {
			return scalingInvalid("At least one bound must be specified for StepAdjustments with multiple adjustments")
		}
		if s.MetricIntervalLowerBound != nil && s.MetricIntervalUpperBound != nil && *s.MetricIntervalLowerBound >= *s.MetricIntervalUpperBound {
			return scalingInvalid("The lower bound of a step adjustment must be less than its upper bound")
		}
		if i > 0 && !adjoins(steps[i-1], s) {
			return scalingInvalid("StepAdjustment intervals must not overlap or have a gap between them")
		}
	}
	return nil
}

func byLowerBound(x, y types.StepAdjustment) int {
	switch {
	case x.MetricIntervalLowerBound == nil:
		return -1
	case y.MetricIntervalLowerBound == nil:
		return 1
	}
	return cmp.Compare(*x.MetricIntervalLowerBound, *y.MetricIntervalLowerBound)
}

func adjoins(x, y types.StepAdjustment) bool {
	return x.MetricIntervalUpperBound != nil && y.MetricIntervalLowerBound != nil && *x.MetricIntervalUpperBound == *y.MetricIntervalLowerBound
}

// putTrackingAlarms gives a target tracking policy the alarms that the service
// makes and deletes by itself (Application Auto Scaling User Guide, "Target
// tracking scaling policies": they must not be edited or deleted).
func (a *Account) putTrackingAlarms(p *types.ScalingPolicy) {
	c := p.TargetTrackingScalingPolicyConfiguration
	if c == nil {
		return
	}
	for _, alarm := range p.Alarms {
		a.Alarms.Delete(*alarm.AlarmName)
	}
	p.Alarms = []types.Alarm{a.trackingAlarm(p, "AlarmHigh", watch.ComparisonOperatorGreaterThanThreshold, 3, *c.TargetValue)}
	if !val(c.DisableScaleIn) { // it gives up load later than it takes it: 15 minutes below nine tenths
		p.Alarms = append(p.Alarms, a.trackingAlarm(p, "AlarmLow", watch.ComparisonOperatorLessThanThreshold, 15, *c.TargetValue*0.9))
	}
}

func (a *Account) trackingAlarm(
	p *types.ScalingPolicy, side string, operator watch.ComparisonOperator, periods int32, threshold float64,
) types.Alarm {
	name := fmt.Sprintf("TargetTracking-%s-%s-%s", *p.ResourceId, side, uuid(digest(*p.PolicyARN, side)))
	arn := a.arn("cloudwatch", "alarm:"+name)
	alarm := Alarm{MetricAlarm: watch.MetricAlarm{
		AlarmName: &name, AlarmArn: &arn, AlarmActions: []string{*p.PolicyARN}, ActionsEnabled: ptr(true), OKActions: []string{},
		InsufficientDataActions: []string{}, ComparisonOperator: operator, EvaluationPeriods: &periods, Threshold: &threshold,
		AlarmDescription: ptr("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + *p.PolicyARN + "."),
		StateValue:       watch.StateValueInsufficientData, StateUpdatedTimestamp: a.now(), AlarmConfigurationUpdatedTimestamp: a.now(),
		StateTransitionedTimestamp: a.now(), StateReason: ptr("Unchecked: Initial alarm creation"),
	}}
	track(&alarm.MetricAlarm, p)
	a.Alarms.Put(name, alarm)
	return types.Alarm{AlarmName: &name, AlarmARN: &arn}
}

// track lets an alarm watch the metric of a target tracking policy: a predefined
// one stands for a metric of CloudWatch (Application Auto Scaling User Guide,
// "Predefined metrics for target tracking scaling policies").
func track(alarm *watch.MetricAlarm, p *types.ScalingPolicy) {
	c := p.TargetTrackingScalingPolicyConfiguration
	alarm.Period, alarm.Statistic, alarm.Dimensions = ptr(int32(60)), watch.StatisticAverage, []watch.Dimension{}
	if m := c.CustomizedMetricSpecification; m != nil {
		alarm.Namespace, alarm.MetricName, alarm.Statistic = m.Namespace, m.MetricName, watch.Statistic(m.Statistic)
		for _, d := range m.Dimensions {
			alarm.Dimensions = append(alarm.Dimensions, watch.Dimension{Name: d.Name, Value: d.Value})
		}
		return
	}
	dimension := func(name, value string) {
		alarm.Dimensions = append(alarm.Dimensions, watch.Dimension{Name: &name, Value: &value})
	}
	m := c.PredefinedMetricSpecification
	if m.PredefinedMetricType == types.MetricTypeALBRequestCountPerTarget {
		alarm.Namespace, alarm.MetricName, alarm.Statistic = ptr("AWS/ApplicationELB"), ptr("RequestCountPerTarget"), watch.StatisticSum
		balancer, group, _ := strings.Cut(str(m.ResourceLabel), "/targetgroup/")
		dimension("LoadBalancer", balancer)
		dimension("TargetGroup", "targetgroup/"+group)
		return
	}
	alarm.Namespace, alarm.MetricName = ptr("AWS/ECS"), ptr("CPUUtilization")
	if m.PredefinedMetricType == types.MetricTypeECSServiceAverageMemoryUtilization {
		alarm.MetricName = ptr("MemoryUtilization")
	}
	cluster, service, _ := strings.Cut(strings.TrimPrefix(*p.ResourceId, "service/"), "/")
	dimension("ClusterName", cluster)
	dimension("ServiceName", service)
}

// dropPolicy removes a policy and, of target tracking, its alarms. Those of step
// policies stay (API reference, DeleteScalingPolicy).
func (a *Account) dropPolicy(key string) {
	p := a.ScalingPolicies.Get(key)
	if p.PolicyType == types.PolicyTypeTargetTrackingScaling {
		for _, alarm := range p.Alarms {
			a.Alarms.Delete(*alarm.AlarmName)
		}
	}
	a.ScalingPolicies.Delete(key)
}

func deleteScalingPolicy(a *Account, in *scaling.DeleteScalingPolicyInput) (*scaling.DeleteScalingPolicyOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if err := s.check(); err != nil {
		return nil, err
	}
	key := policyKey(in.ResourceId, in.PolicyName)
	if a.ScalingPolicies.Get(key) == nil {
		return nil, scalingNotFound("No scaling policy found for %s, policy name: %s", s, *in.PolicyName)
	}
	a.dropPolicy(key)
	return &scaling.DeleteScalingPolicyOutput{}, nil
}

func describeScalingPolicies(a *Account, in *scaling.DescribeScalingPoliciesInput) (*scaling.DescribeScalingPoliciesOutput, error) {
	if in.ScalableDimension != "" && in.ResourceId == nil {
		return nil, scalingInvalid("Scalable dimension must be used with a resource ID")
	}
	var all []types.ScalingPolicy
	rows := a.ScalingPolicies.All()
	if in.ResourceId != nil {
		rows = a.policies.Of("of " + *in.ResourceId)
	}
	for _, p := range rows {
		if p.ServiceNamespace == in.ServiceNamespace &&
			(len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, *p.PolicyName)) {
			out := *p
			out.Alarms = append(slices.Clone(p.Alarms), a.alarmsOf(p)...)
			all = append(all, out)
		}
	}
	list, next, err := scalingPage(a, all, func(p types.ScalingPolicy) string { return policyKey(p.ResourceId, p.PolicyName) }, in.NextToken, in.MaxResults)
	return &scaling.DescribeScalingPoliciesOutput{ScalingPolicies: list, NextToken: next}, err
}

// alarmsOf are the alarms of others that act through a step policy.
func (a *Account) alarmsOf(p *types.ScalingPolicy) []types.Alarm {
	list := []types.Alarm{}
	if p.PolicyType != types.PolicyTypeStepScaling {
		return list
	}
	for _, alarm := range a.alarms.Of(*p.PolicyARN) {
		list = append(list, types.Alarm{AlarmName: alarm.AlarmName, AlarmARN: alarm.AlarmArn})
	}
	return list
}
