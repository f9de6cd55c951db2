package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// What alarms do by themselves: those whose metric a script measures are looked at
// every minute.

// enterState notes the state of an alarm, and tells whether it is another one.
func (a *Account) enterState(name string, state types.StateValue, reason string, data *string) bool {
	alarm := a.Alarms.Edit(name)
	changed := alarm.StateValue != state
	if changed {
		alarm.StateTransitionedTimestamp = a.now()
	}
	alarm.StateValue, alarm.StateReason, alarm.StateReasonData, alarm.StateUpdatedTimestamp = state, &reason, data, a.now()
	return changed
}

// actOnAlarm carries out the actions for the state that an alarm is in, as far as
// they are scaling policies of this account.
func (a *Account) actOnAlarm(name string) {
	alarm := clone(a.Alarms.Get(name).MetricAlarm)
	if !val(alarm.ActionsEnabled) {
		return
	}
	actions := map[types.StateValue][]string{
		types.StateValueAlarm: alarm.AlarmActions, types.StateValueOk: alarm.OKActions, types.StateValueInsufficientData: alarm.InsufficientDataActions,
	}
	for _, arn := range actions[alarm.StateValue] {
		for _, p := range a.policies.Of("arn " + arn) {
			a.followPolicy(p, &alarm, reasonValue(alarm.StateReasonData))
		}
	}
}

// stateData is what CloudWatch says in JSON about the state of an alarm, as far as
// scaling policies go by it. The newest value is the last one.
type stateData struct {
	Version   string    `json:"version"`
	Period    int32     `json:"period,omitempty"`
	Recent    []float64 `json:"recentDatapoints"`
	Threshold *float64  `json:"threshold,omitempty"`
}

func reasonValue(data *string) *float64 {
	var d stateData
	if data == nil || json.Unmarshal([]byte(*data), &d) != nil || len(d.Recent) == 0 {
		return nil
	}
	return &d.Recent[len(d.Recent)-1]
}

// isMeasured tells whether a script has something to say about the metric.
func (a *Account) isMeasured(alarm *types.MetricAlarm) bool {
	return a.Script != nil && slices.ContainsFunc(a.Script.Metrics, func(m Measured) bool { return m.Metric == str(alarm.MetricName) })
}

// evaluateAlarm looks at the metric of an alarm, and lets it act: when its state
// changes, and "once per minute" as long as it stays in it where the action is a
// scaling policy (AWS re:Post, "Why doesn't my CloudWatch alarm's state change invoke
// my Amazon EC2 Auto Scaling policy?"; CloudWatch User Guide, "Alarm actions").
func (a *Account) evaluateAlarm(name string) {
	alarm := a.Alarms.Get(name)
	state, recent := a.evaluated(&alarm.MetricAlarm)
	if state == "" {
		return
	}
	data := string(appendJSON(nil, stateData{Version: "1.0", Period: val(alarm.Period), Recent: recent, Threshold: alarm.Threshold}))
	if a.enterState(name, state, stateReason(&alarm.MetricAlarm, state, recent), &data) ||
		state == types.StateValueAlarm {
		a.actOnAlarm(name)
	}
}

// stateReason is how CloudWatch explains a state that it found: "Threshold Crossed: 1
// out of the last 1 datapoints [0.06 (01/10/19 13:46:00)] was not greater than the
// threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition)." (as seen in its
// notifications; here without the times). The newest value is the last of recent, and
// the first that it names.
func stateReason(alarm *types.MetricAlarm, state types.StateValue, recent []float64) string {
	periods := int(val(alarm.EvaluationPeriods))
	if state == types.StateValueInsufficientData {
		return fmt.Sprintf("Insufficient Data: %s unknown.", plural(periods-len(recent), "datapoint was", "datapoints were"))
	}
	needed, not, change := int(*orElse(alarm.DatapointsToAlarm, int32(periods))), "", "OK -> ALARM"
	if state == types.StateValueOk {
		needed, not, change = periods-needed+1, "not ", "ALARM -> OK"
	}
	var values []string
	for _, value := range slices.Backward(recent) {
		if breaches(alarm, value) == (state == types.StateValueAlarm) {
			values = append(values, decimal(value))
		}
	}
	was := "were"
	if len(values) == 1 {
		was = "was"
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s %s%s the threshold (%s) (minimum %s for %s transition).",
		len(values), periods, strings.Join(values, ", "), was, not, comparisons[alarm.ComparisonOperator],
		decimal(val(alarm.Threshold)), plural(needed, "datapoint", "datapoints"), change)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// decimal is a number with at least one decimal place.
func decimal(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if strings.Contains(text, ".") {
		return text
	}
	return text + ".0"
}

var comparisons = map[types.ComparisonOperator]string{
	types.ComparisonOperatorGreaterThanOrEqualToThreshold: "greater than or equal to",
	types.ComparisonOperatorGreaterThanThreshold:          "greater than",
	types.ComparisonOperatorLessThanThreshold:             "less than",
	types.ComparisonOperatorLessThanOrEqualToThreshold:    "less than or equal to",
}

// evaluated is the state by the values of the last periods, and these, the newest
// last; "" where the state stays. What is missing counts as TreatMissingData says
// (CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data").
func (a *Account) evaluated(alarm *types.MetricAlarm) (types.StateValue, []float64) {
	periods := int(val(alarm.EvaluationPeriods))
	needed := int(*orElse(alarm.DatapointsToAlarm, int32(periods)))
	breaching, missing := 0, 0
	recent := []float64{}
	for i := periods - 1; i >= 0; i-- {
		value := a.measured(alarm, a.now().Add(-time.Duration(int(val(alarm.Period))*i)*time.Second))
		switch {
		case value == nil:
			missing++
		case breaches(alarm, *value):
			breaching++
		}
		if value != nil {
			recent = append(recent, *value)
		}
	}
	treat := *orElse(alarm.TreatMissingData, "missing")
	switch {
	case treat == "breaching":
		breaching += missing
	case missing == periods && treat == "ignore":
		return "", nil
	case missing == periods && treat == "missing":
		return types.StateValueInsufficientData, recent
	}
	if breaching >= needed {
		return types.StateValueAlarm, recent
	}
	return types.StateValueOk, recent
}

func breaches(alarm *types.MetricAlarm, value float64) bool {
	switch threshold := val(alarm.Threshold); alarm.ComparisonOperator {
	case types.ComparisonOperatorGreaterThanOrEqualToThreshold:
		return value >= threshold
	case types.ComparisonOperatorGreaterThanThreshold:
		return value > threshold
	case types.ComparisonOperatorLessThanThreshold:
		return value < threshold
	case types.ComparisonOperatorLessThanOrEqualToThreshold:
		return value <= threshold
	}
	return false // anomaly detection bands are not known here
}

// measured is the value that a script gives the metric of an alarm at that time,
// nil for none.
func (a *Account) measured(alarm *types.MetricAlarm, at time.Time) *float64 {
	s := a.watched(alarm)
	from := epoch
	if s != nil {
		from = *s.CreatedAt
	}
	for _, line := range a.Script.Metrics {
		begins := from.Add(time.Duration(line.After))
		over := line.For > 0 && !at.Before(begins.Add(time.Duration(line.For)))
		if !line.fits(alarm, s) || at.Before(begins) || over {
			continue
		}
		if line.Load == nil {
			return line.Value
		}
		return ptr(*line.Load / float64(max(val(s).RunningCount, 1)))
	}
	return nil
}

// fits tells whether the line is about the metric of an alarm, which is that of a
// service, or of none.
func (m Measured) fits(alarm *types.MetricAlarm, s *ecstypes.Service) bool {
	if m.Metric != str(alarm.MetricName) {
		return false
	}
	return s == nil && m.Service == "" || s != nil && fits(m.Service, *s.ServiceName)
}

// watched is the service that the dimensions of a metric name: by itself, or by a
// target group in which it is. It is nil for metrics of other things.
func (a *Account) watched(alarm *types.MetricAlarm) *ecstypes.Service {
	names := map[string]string{}
	for _, d := range alarm.Dimensions {
		names[str(d.Name)] = str(d.Value)
	}
	if s := a.Services.Get(names["ClusterName"] + "/" + names["ServiceName"]); s != nil {
		return &s.Service
	}
	if names["TargetGroup"] == "" {
		return nil
	}
	for _, s := range a.Services.All() {
		if slices.ContainsFunc(s.LoadBalancers, func(l ecstypes.LoadBalancer) bool {
			return strings.HasSuffix(str(l.TargetGroupArn), ":"+names["TargetGroup"])
		}) {
			return &s.Service
		}
	}
	return nil
}
