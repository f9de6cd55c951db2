package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// watchState is the alarms of CloudWatch.
type watchState struct {
	Alarms Table[Alarm] `state:"cloudwatch.alarms"` // by name
}

// Alarm is an alarm. Where no script measures its metric it stays in the state in
// which SetAlarmState leaves it.
type Alarm struct {
	types.MetricAlarm
	Due Due
}

func watchOperations() []operation {
	return []operation{
		write(putMetricAlarm),
		read(describeAlarms),
		write(deleteAlarms),
		write(setAlarmState),
		write(enableAlarmActions),
		write(disableAlarmActions),
		write(watchTagResource),
		write(watchUntagResource),
		read(watchListTags),
	}
}

// watchInvalid is what CloudWatch answers to values outside its model.
func watchInvalid(format string, args ...any) error {
	return apiError("ValidationError", format, args...)
}

// watchCombination and the other errors have the codes that the API reference
// lists ("Errors" of PutMetricAlarm, SetAlarmState), which are not the names of
// their types: CloudWatch sends them along, and the SDK puts them in their place
// (schemas.go of the SDK, AWSQueryError).
func watchCombination(format string, args ...any) error {
	return &types.InvalidParameterCombinationException{
		Message: ptr(fmt.Sprintf(format, args...)), ErrorCodeOverride: ptr("InvalidParameterCombination"),
	}
}

func watchMissing(what string) error {
	return &types.MissingRequiredParameterException{
		Message: ptr("The parameter " + what + " is required."), ErrorCodeOverride: ptr("MissingParameter"),
	}
}

// putMetricAlarm makes an alarm or overwrites all of one but its state and its
// tags (API reference, PutMetricAlarm).
func putMetricAlarm(a *Account, in *cloudwatch.PutMetricAlarmInput) (*cloudwatch.PutMetricAlarmOutput, error) {
	if err := a.checkAlarm(in); err != nil {
		return nil, err
	}
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if problem := tagProblem(nil, tags); problem != "" || twice != "" {
		return nil, watchInvalid("Invalid tags: %s %s", problem, twice)
	}
	name := *in.AlarmName
	next := newAlarm(in)
	next.AlarmArn, next.AlarmConfigurationUpdatedTimestamp = ptr(a.arn("cloudwatch", "alarm:"+name)), a.now()
	if old := a.Alarms.Get(name); old != nil {
		next.StateValue, next.StateReason, next.StateReasonData = old.StateValue, old.StateReason, old.StateReasonData
		next.StateUpdatedTimestamp, next.StateTransitionedTimestamp = old.StateUpdatedTimestamp, old.StateTransitionedTimestamp
	} else {
		next.StateValue, next.StateReason = types.StateValueInsufficientData, ptr("Unchecked: Initial alarm creation")
		next.StateUpdatedTimestamp, next.StateTransitionedTimestamp = a.now(), a.now()
		a.bear(*next.AlarmArn, tags)
	}
	a.Alarms.Put(name, Alarm{MetricAlarm: next})
	return &cloudwatch.PutMetricAlarmOutput{}, nil
}

func newAlarm(in *cloudwatch.PutMetricAlarmInput) types.MetricAlarm {
	return types.MetricAlarm{
		AlarmName: in.AlarmName, AlarmDescription: in.AlarmDescription, ActionsEnabled: orElse(in.ActionsEnabled, true),
		AlarmActions: filled(in.AlarmActions), OKActions: filled(in.OKActions), InsufficientDataActions: filled(in.InsufficientDataActions),
		MetricName: in.MetricName, Namespace: in.Namespace, Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic,
		Dimensions: filled(in.Dimensions), Period: in.Period, Unit: in.Unit, EvaluationPeriods: in.EvaluationPeriods,
		DatapointsToAlarm: in.DatapointsToAlarm, Threshold: in.Threshold, ComparisonOperator: in.ComparisonOperator,
		TreatMissingData: in.TreatMissingData, EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile,
		Metrics: in.Metrics, ThresholdMetricId: in.ThresholdMetricId,
	}
}

func (a *Account) checkAlarm(in *cloudwatch.PutMetricAlarmInput) error {
	for _, check := range []func(*cloudwatch.PutMetricAlarmInput) error{checkAlarmShape, checkAlarmMetric, checkAlarmPeriods} {
		if err := check(in); err != nil {
			return err
		}
	}
	for _, list := range [][]string{in.AlarmActions, in.OKActions, in.InsufficientDataActions} {
		if err := a.checkAlarmActions(list); err != nil {
			return err
		}
	}
	return nil
}

// checkAlarmShape has the lengths and values of the API reference.
func checkAlarmShape(in *cloudwatch.PutMetricAlarmInput) error {
	name := str(in.AlarmName)
	switch {
	case name == "" || len(name) > 255 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return watchInvalid("1 validation error detected: Value '%s' at 'alarmName' failed to satisfy constraint", name)
	case in.EvaluationCriteria != nil:
		return watchInvalid("The simulator does not know alarms with EvaluationCriteria.")
	case in.ComparisonOperator == "":
		return watchMissing("ComparisonOperator")
	case !slices.Contains(in.ComparisonOperator.Values(), in.ComparisonOperator):
		return watchInvalid("1 validation error detected: Value '%s' at 'comparisonOperator' failed to satisfy constraint", in.ComparisonOperator)
	case len(str(in.AlarmDescription)) > 1024:
		return watchInvalid("1 validation error detected: Value at 'alarmDescription' failed to satisfy constraint: " +
			"Member must have length less than or equal to 1024")
	case len(in.Dimensions) > 30:
		return watchInvalid("1 validation error detected: Value at 'dimensions' failed to satisfy constraint: " +
			"Member must have length less than or equal to 30")
	case len(in.Tags) > mostTags:
		return watchInvalid("An alarm has at most %d tags.", mostTags)
	}
	if t := str(in.TreatMissingData); t != "" && !slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, t) {
		return watchInvalid("Invalid value for TreatMissingData: %s", t)
	}
	return nil
}

// checkAlarmMetric wants one metric or an array of them, and of one metric either
// kind of statistic.
func checkAlarmMetric(in *cloudwatch.PutMetricAlarmInput) error {
	single := in.MetricName != nil || in.Namespace != nil || in.Period != nil || in.Statistic != "" || in.ExtendedStatistic != nil || len(in.Dimensions) > 0
	switch {
	case len(in.Metrics) > 0 && single:
		return watchCombination("Parameters MetricName, Namespace, Dimensions, Period, Unit, Statistic, or ExtendedStatistic cannot be specified with Metrics.")
	case len(in.Metrics) > 0:
		return nil
	case in.MetricName == nil:
		return watchMissing("MetricName or Metrics")
	case in.Namespace == nil:
		return watchMissing("Namespace")
	case in.Period == nil:
		return watchMissing("Period")
	case (in.Statistic == "") == (in.ExtendedStatistic == nil):
		return watchCombination("Exactly one of the parameters Statistic and ExtendedStatistic must be specified.")
	case in.Threshold == nil && in.ThresholdMetricId == nil:
		return watchMissing("Threshold")
	}
	return nil
}

// checkAlarmPeriods has what the API reference says of Period, EvaluationPeriods
// and DatapointsToAlarm.
func checkAlarmPeriods(in *cloudwatch.PutMetricAlarmInput) error {
	if in.EvaluationPeriods == nil {
		return watchMissing("EvaluationPeriods")
	}
	periods := *in.EvaluationPeriods
	switch {
	case periods < 1:
		return watchInvalid("1 validation error detected: Value '%d' at 'evaluationPeriods' failed to satisfy constraint: "+
			"Member must have value greater than or equal to 1", periods)
	case in.DatapointsToAlarm != nil && (*in.DatapointsToAlarm < 1 || *in.DatapointsToAlarm > periods):
		return watchInvalid("DatapointsToAlarm must be between 1 and EvaluationPeriods.")
	case in.Period == nil:
		return nil
	}
	period := *in.Period
	if period < 1 || period != 10 && period != 20 && period != 30 && period%60 != 0 {
		return watchInvalid("Period must be 10, 20, 30 or a multiple of 60.")
	}
	limit := int32(86400)
	if period >= 3600 {
		limit = 604800
	}
	if int64(period)*int64(periods) > int64(limit) {
		return watchInvalid("Metrics cannot be checked across more than %d seconds (EvaluationPeriods * Period must be <= %d).", limit, limit)
	}
	return nil
}

// checkAlarmActions wants at most five ARNs; a scaling policy must be there.
func (a *Account) checkAlarmActions(actions []string) error {
	if len(actions) > 5 {
		return watchInvalid("1 validation error detected: Value at 'alarmActions' failed to satisfy constraint: " +
			"Member must have length less than or equal to 5")
	}
	for _, arn := range actions {
		service, resource := arnParts(arn)
		if service == "" {
			return watchInvalid("Invalid arn syntax: %s", arn)
		}
		if service == "autoscaling" && strings.Contains(resource, ":resource/ecs/") && !a.policies.Has("arn "+arn) {
			return watchInvalid("Invalid action: the scaling policy %s does not exist.", arn)
		}
	}
	return nil
}

func describeAlarms(a *Account, in *cloudwatch.DescribeAlarmsInput) (*cloudwatch.DescribeAlarmsOutput, error) {
	switch {
	case len(in.AlarmNames) > 100:
		return nil, watchInvalid("1 validation error detected: Value at 'alarmNames' failed to satisfy constraint: " +
			"Member must have length less than or equal to 100")
	case len(in.AlarmNames) > 0 && in.AlarmNamePrefix != nil:
		return nil, watchCombination("AlarmNamePrefix and AlarmNames cannot both be specified.")
	case in.ActionPrefix != nil && (len(in.AlarmNames) > 0 || in.AlarmNamePrefix != nil):
		return nil, watchCombination("ActionPrefix cannot be specified together with names.")
	}
	var all []types.MetricAlarm
	for name, alarm := range a.Alarms.All() {
		if len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, name) || !strings.HasPrefix(name, str(in.AlarmNamePrefix)) ||
			in.StateValue != "" && in.StateValue != alarm.StateValue ||
			in.ActionPrefix != nil && !slices.ContainsFunc(alarm.AlarmActions, func(arn string) bool { return strings.HasPrefix(arn, *in.ActionPrefix) }) {
			continue
		}
		all = append(all, alarm.MetricAlarm)
	}
	list, next, err := page(a, all, func(m types.MetricAlarm) string { return *m.AlarmName }, in.NextToken, in.MaxRecords, 50)
	if err != nil {
		return nil, &types.InvalidNextToken{Message: ptr("The next token specified is invalid.")}
	}
	return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: filled(list), CompositeAlarms: []types.CompositeAlarm{}, NextToken: next}, nil
}

// deleteAlarms deletes what is there: "If you specify any incorrect alarm names, the
// alarms you specify with correct names are still deleted" (API reference,
// DeleteAlarms). That it fails where all names are wrong is a guess: ResourceNotFound
// is among its errors.
func deleteAlarms(a *Account, in *cloudwatch.DeleteAlarmsInput) (*cloudwatch.DeleteAlarmsOutput, error) {
	if len(in.AlarmNames) > 100 {
		return nil, watchInvalid("At most 100 alarms are deleted in a call.")
	}
	deleted := false
	for _, name := range in.AlarmNames {
		if alarm := a.Alarms.Get(name); alarm != nil {
			deleted = true
			a.Tags.Delete(*alarm.AlarmArn)
			a.Alarms.Delete(name)
		}
	}
	if !deleted && len(in.AlarmNames) > 0 {
		return nil, noSuchAlarm(in.AlarmNames[0])
	}
	return &cloudwatch.DeleteAlarmsOutput{}, nil
}

func noSuchAlarm(name string) error {
	return &types.ResourceNotFound{Message: ptr("Alarm " + name + " does not exist")}
}

// setAlarmState moves an alarm by hand: "When the updated state differs from the
// previous value, the action configured for the appropriate state is invoked" (API
// reference, SetAlarmState). There an alarm returns to its actual state within
// seconds; here it does where a script measures its metric.
func setAlarmState(a *Account, in *cloudwatch.SetAlarmStateInput) (*cloudwatch.SetAlarmStateOutput, error) {
	alarm := a.Alarms.Get(*in.AlarmName)
	switch {
	case alarm == nil:
		return nil, noSuchAlarm(*in.AlarmName)
	case !slices.Contains(in.StateValue.Values(), in.StateValue):
		return nil, watchInvalid("1 validation error detected: Value '%s' at 'stateValue' failed to satisfy constraint", in.StateValue)
	case len(*in.StateReason) > 1023:
		return nil, watchInvalid("StateReason has at most 1023 characters.")
	case in.StateReasonData != nil && !json.Valid([]byte(*in.StateReasonData)):
		return nil, &types.InvalidFormatFault{
			Message: ptr("StateReasonData was not valid JSON."), ErrorCodeOverride: ptr("InvalidFormat"),
		}
	}
	if a.enterState(*in.AlarmName, in.StateValue, *in.StateReason, in.StateReasonData) {
		a.actOnAlarm(*in.AlarmName)
	}
	return &cloudwatch.SetAlarmStateOutput{}, nil
}

func enableAlarmActions(a *Account, in *cloudwatch.EnableAlarmActionsInput) (*cloudwatch.EnableAlarmActionsOutput, error) {
	a.switchActions(in.AlarmNames, true)
	return &cloudwatch.EnableAlarmActionsOutput{}, nil
}

func disableAlarmActions(a *Account, in *cloudwatch.DisableAlarmActionsInput) (*cloudwatch.DisableAlarmActionsOutput, error) {
	a.switchActions(in.AlarmNames, false)
	return &cloudwatch.DisableAlarmActionsOutput{}, nil
}

func (a *Account) switchActions(names []string, on bool) {
	for _, name := range names {
		if alarm := a.Alarms.Edit(name); alarm != nil {
			alarm.ActionsEnabled = &on
		}
	}
}

func (a *Account) taggedAlarm(arn *string) error {
	if arnService(str(arn)) == "cloudwatch" && a.Tags.Get(*arn) != nil {
		return nil
	}
	return &types.ResourceNotFoundException{Message: ptr("Resource " + str(arn) + " does not exist")}
}

func watchTagResource(a *Account, in *cloudwatch.TagResourceInput) (*cloudwatch.TagResourceOutput, error) {
	if err := a.taggedAlarm(in.ResourceARN); err != nil {
		return nil, err
	}
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if problem := tagProblem(a.tagsOf(*in.ResourceARN), tags); problem != "" || twice != "" {
		return nil, watchInvalid("Invalid tags: %s %s", problem, twice)
	}
	a.tag(*in.ResourceARN, tags)
	return &cloudwatch.TagResourceOutput{}, nil
}

func watchUntagResource(a *Account, in *cloudwatch.UntagResourceInput) (*cloudwatch.UntagResourceOutput, error) {
	if err := a.taggedAlarm(in.ResourceARN); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceARN, in.TagKeys)
	return &cloudwatch.UntagResourceOutput{}, nil
}

func watchListTags(a *Account, in *cloudwatch.ListTagsForResourceInput) (*cloudwatch.ListTagsForResourceOutput, error) {
	if err := a.taggedAlarm(in.ResourceARN); err != nil {
		return nil, err
	}
	return &cloudwatch.ListTagsForResourceOutput{
		Tags: tagList(a.tagsOf(*in.ResourceARN), func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }),
	}, nil
}
