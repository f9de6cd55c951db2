package simulator

import (
	"fmt"
	"math"
	"strings"
	"time"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	watch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// What Application Auto Scaling does by itself: it brings capacity between the
// bounds of a target, carries out scheduled actions, and follows policies when
// their alarms say so.

// defaultCooldown is that of ECS services, of both kinds of policies (API
// reference, TargetTrackingScalingPolicyConfiguration and
// StepScalingPolicyConfiguration).
const defaultCooldown = 300

// mostActivities is how many scaling activities of a target are remembered. AWS
// keeps them for six weeks (API reference, DescribeScalingActivities).
const mostActivities = 50

// scalee is the key of the service that a target scales.
func scalee(resource string) string { return strings.TrimPrefix(resource, "service/") }

// capacity is the desired count of what a target scales; false where it is not
// there any more.
func (a *Account) capacity(resource string) (int32, bool) {
	s := a.Services.Get(scalee(resource))
	if s == nil || *s.Status != "ACTIVE" {
		return 0, false
	}
	return s.DesiredCount, true
}

// setCapacity scales, as UpdateService with another desired count does.
func (a *Account) setCapacity(resource string, count int32, cause string) {
	status, message := types.ScalingActivityStatusCodeSuccessful, fmt.Sprintf("Successfully set desired count to %d.", count)
	if now, there := a.capacity(resource); !there {
		status, message = types.ScalingActivityStatusCodeFailed, "Failed to set desired count: the service is not active."
	} else if now == count {
		return
	} else {
		a.Services.Edit(scalee(resource)).DesiredCount = count
		a.rescale(scalee(resource))
	}
	a.noteActivity(resource, cause, fmt.Sprintf("Setting desired count to %d.", count), status, message)
}

func (a *Account) noteActivity(resource, cause, description string, status types.ScalingActivityStatusCode, message string) {
	n := a.number("scaling-activity", resource)
	a.ScalingActivities.Put(fmt.Sprintf("%s %08d", resource, n), types.ScalingActivity{
		ActivityId: ptr(uuid(digest(a.Account, a.Region, "scaling-activity", resource, fmt.Sprint(n)))), ResourceId: &resource,
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		Cause: &cause, Description: &description, StartTime: a.now(), EndTime: a.now(), StatusCode: status, StatusMessage: &message,
	})
	if keys := a.activities.Keys(resource); len(keys) > mostActivities {
		a.ScalingActivities.Delete(keys[0])
	}
}

// describeScalingActivities has the newest first, as AWS does.
func describeScalingActivities(
	a *Account, in *scaling.DescribeScalingActivitiesInput,
) (*scaling.DescribeScalingActivitiesOutput, error) {
	var all []types.ScalingActivity
	for _, activity := range a.ScalingActivities.All() {
		if in.ResourceId == nil || *activity.ResourceId == *in.ResourceId {
			all = append(all, *activity)
		}
	}
	list, next, err := scalingPage(a, all, backwards(func(s types.ScalingActivity) string { return instant(s.StartTime) + *s.ActivityId }), in.NextToken, in.MaxResults)
	return &scaling.DescribeScalingActivitiesOutput{ScalingActivities: list, NextToken: next}, err
}

// bound brings the capacity between the bounds of its target: when it is
// registered ("it changes the resource's current capacity to a value that is inside
// of this range", API reference, RegisterScalableTarget) and when a scheduled action
// has changed them.
func (a *Account) bound(resource, cause string) {
	t := a.ScalableTargets.Get(resource)
	if now, there := a.capacity(resource); there {
		a.setCapacity(resource, min(max(now, *t.MinCapacity), *t.MaxCapacity), cause)
	}
}

// after is when the action is due next, on the clock.
func (s *ScheduledAction) after(now *time.Time) int64 {
	t := timetable{expression: *s.Schedule, zone: s.Timezone, start: s.StartTime, end: s.EndTime, base: *s.CreationTime}
	return onClock(t.after(*now))
}

// takeScheduledAction carries out an action that is due: it "sets the MinCapacity
// and MaxCapacity to what is specified by the scheduled action", and scales to them
// where the capacity is outside (Application Auto Scaling User Guide, "How
// scheduled scaling works"). An action that would put the one above the other
// fails.
func (a *Account) takeScheduledAction(key string) {
	s := a.ScheduledActions.Edit(key)
	s.Next = s.after(a.now())
	t := a.ScalableTargets.Edit(*s.ResourceId)
	if t == nil || val(t.SuspendedState.ScheduledScalingSuspended) {
		return
	}
	low, high := orNil(s.ScalableTargetAction.MinCapacity, t.MinCapacity), orNil(s.ScalableTargetAction.MaxCapacity, t.MaxCapacity)
	cause := fmt.Sprintf("scheduled action name %s was triggered", *s.ScheduledActionName)
	if *low > *high {
		a.noteActivity(*s.ResourceId, cause, fmt.Sprintf("Setting min capacity to %d and max capacity to %d.", *low, *high),
			types.ScalingActivityStatusCodeFailed, "Maximum capacity cannot be less than minimum capacity.")
		return
	}
	t.MinCapacity, t.MaxCapacity = low, high
	a.bound(*s.ResourceId, cause)
}

// followPolicy scales as a policy says whose alarm has gone off. Value is the
// metric; without one nothing can be told ("you must include information in the
// StateReasonData parameter to enable the policy to take the correct action", API
// reference, SetAlarmState).
func (a *Account) followPolicy(p *types.ScalingPolicy, alarm *watch.MetricAlarm, value *float64) {
	t := a.ScalableTargets.Get(*p.ResourceId)
	now, there := a.capacity(*p.ResourceId)
	if t == nil || !there || value == nil {
		return
	}
	base := now
	if t.OutAt > 0 && a.moment() < t.OutAt+cooldown(p, true) {
		base = min(base, t.OutFrom) // what the last scale-out added counts as part of this one
	}
	want := max(asked(p, base, *value, alarm), now)
	if in := asked(p, now, *value, alarm); in < now { // scaling in starts from what there is
		want = in
	}
	want = min(max(want, *t.MinCapacity), *t.MaxCapacity)
	cause := fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", *alarm.AlarmName, *p.PolicyName)
	switch {
	case want > now && !val(t.SuspendedState.DynamicScalingOutSuspended):
		edited := a.ScalableTargets.Edit(*p.ResourceId)
		edited.OutAt, edited.OutFrom, edited.InAt = a.moment(), base, 0 // it ends the cooldown of a scale-in
		a.setCapacity(*p.ResourceId, want, cause)
	case want < now && !val(t.SuspendedState.DynamicScalingInSuspended) && a.mayScaleIn(p, t):
		a.ScalableTargets.Edit(*p.ResourceId).InAt = a.moment()
		a.setCapacity(*p.ResourceId, want, cause)
	}
}

// cooldown is how long an activity of a policy holds up others, in seconds.
func cooldown(p *types.ScalingPolicy, out bool) int64 {
	seconds := val(p.StepScalingPolicyConfiguration).Cooldown
	if c := p.TargetTrackingScalingPolicyConfiguration; c != nil {
		seconds = c.ScaleInCooldown
		if out {
			seconds = c.ScaleOutCooldown
		}
	}
	return int64(*orElse(seconds, defaultCooldown))
}

// mayScaleIn waits for the cooldown of the last scale-in, and for the other target
// tracking policies: "It will scale in only if all of the target tracking policies
// (with the scale-in portion enabled) are ready to scale in" (Application Auto
// Scaling User Guide, "How target tracking scaling works").
func (a *Account) mayScaleIn(p *types.ScalingPolicy, t *ScalableTarget) bool {
	if t.InAt > 0 && a.moment() < t.InAt+cooldown(p, false) {
		return false
	}
	for _, other := range a.policies.Of("of " + *p.ResourceId) {
		if p.PolicyType != types.PolicyTypeTargetTrackingScaling || len(other.Alarms) < 2 {
			continue
		}
		if low := a.Alarms.Get(*other.Alarms[1].AlarmName); low == nil || low.StateValue != watch.StateValueAlarm {
			return false
		}
	}
	return true
}

// asked is the capacity that a policy asks for. Target tracking adds "capacity
// proportional to the metric value" (Application Auto Scaling User Guide, "How target
// tracking scaling works"); that it takes away so too is not documented.
func asked(p *types.ScalingPolicy, now int32, value float64, alarm *watch.MetricAlarm) int32 {
	if c := p.TargetTrackingScalingPolicyConfiguration; c != nil {
		return int32(math.Ceil(float64(now) * value / *c.TargetValue))
	}
	c := p.StepScalingPolicyConfiguration
	for _, s := range c.StepAdjustments {
		if inStep(s, value-*alarm.Threshold, value > *alarm.Threshold || strings.HasPrefix(string(alarm.ComparisonOperator), "Greater")) {
			return adjusted(c, now, *s.ScalingAdjustment)
		}
	}
	return now
}

// inStep tells whether a difference from the threshold is within a step: above it
// the lower bound belongs to the step, below it the upper one (API reference,
// StepAdjustment).
func inStep(s types.StepAdjustment, difference float64, above bool) bool {
	low, high := math.Inf(-1), math.Inf(1)
	if s.MetricIntervalLowerBound != nil {
		low = *s.MetricIntervalLowerBound
	}
	if s.MetricIntervalUpperBound != nil {
		high = *s.MetricIntervalUpperBound
	}
	if above {
		return low <= difference && difference < high
	}
	return low < difference && difference <= high
}

// adjusted is the capacity after an adjustment. Percentages are rounded towards
// zero, and to one where they are less (Application Auto Scaling User Guide,
// "Scaling adjustment types").
func adjusted(c *types.StepScalingPolicyConfiguration, now, adjustment int32) int32 {
	switch c.AdjustmentType {
	case types.AdjustmentTypeExactCapacity:
		return adjustment
	case types.AdjustmentTypeChangeInCapacity:
		return now + adjustment
	}
	change := math.Trunc(float64(now) * float64(adjustment) / 100)
	if least := float64(max(val(c.MinAdjustmentMagnitude), 1)); math.Abs(change) < least && adjustment != 0 {
		change = math.Copysign(least, float64(adjustment))
	}
	return now + int32(change)
}
