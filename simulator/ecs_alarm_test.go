package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// watched is a service that runs and whose deployments an alarm "errors" fails.
func watched(t *testing.T, o simulator.Options, rollback bool) (w *world, alarms *cloudwatch.Client) {
	t.Helper()
	w = newWorld(t, o)
	w.prepare()
	w.create("web")
	w.settle("web")
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DeploymentConfiguration: &types.DeploymentConfiguration{
		Alarms: &types.DeploymentAlarms{AlarmNames: []string{"errors"}, Enable: true, Rollback: rollback},
	}})
	return w, cloudwatch.NewFromConfig(w.Config())
}

func alarmIs(t *testing.T, alarms *cloudwatch.Client, state cwtypes.StateValue) {
	t.Helper()
	must(alarms.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("errors"), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, EvaluationPeriods: aws.Int32(1),
		MetricName: aws.String("Errors"), Namespace: aws.String("App"), Period: aws.Int32(60), Statistic: cwtypes.StatisticSum, Threshold: aws.Float64(1),
	}))(t)
	must(alarms.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("errors"), StateReason: aws.String("test"), StateValue: state,
	}))(t)
}

func TestAnAlarmFailsADeployment(t *testing.T) {
	for name, c := range map[string]struct {
		script        *simulator.Script
		before, while cwtypes.StateValue
		rollback      bool
		want          types.ServiceDeploymentStatus
		says          string
	}{
		"unknown":                {want: types.ServiceDeploymentStatusSuccessful},
		"all is well":            {before: cwtypes.StateValueOk, want: types.ServiceDeploymentStatusSuccessful},
		"it goes off":            {while: cwtypes.StateValueAlarm, want: types.ServiceDeploymentStatusStopped, says: "the alarm errors"},
		"it rolls back":          {while: cwtypes.StateValueAlarm, rollback: true, want: types.ServiceDeploymentStatusRollbackSuccessful, says: "the alarm errors"},
		"it was off before":      {before: cwtypes.StateValueAlarm, rollback: true, want: types.ServiceDeploymentStatusSuccessful},
		"a script lets it":       {script: &simulator.Script{Alarms: []simulator.Alarmed{{Alarm: "err*"}}}, rollback: true, want: types.ServiceDeploymentStatusRollbackSuccessful, says: "the alarm errors"},
		"a script means another": {script: &simulator.Script{Alarms: []simulator.Alarmed{{Service: "db"}}}, rollback: true, want: types.ServiceDeploymentStatusSuccessful},
		"a script lets it after": {script: &simulator.Script{Alarms: []simulator.Alarmed{{Service: "web", After: 3}}}, rollback: true, want: types.ServiceDeploymentStatusRollbackSuccessful, says: "the alarm errors"},
	} {
		w, alarms := watched(t, simulator.Options{Progress: 2, Script: c.script}, c.rollback)
		if c.before != "" {
			alarmIs(t, alarms, c.before)
		}
		before := w.describe("web")
		s := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: aws.String(w.register(definition("web")))})
		if c.while != "" {
			w.describe("web")
			alarmIs(t, alarms, c.while)
		}
		after := w.settle("web")
		d := w.deployment(*s.CurrentServiceDeployment)
		if d.Status != c.want || !strings.Contains(aws.ToString(d.StatusReason), c.says) {
			t.Errorf("%s: %s", name, text(d))
		}
		back := *after.TaskDefinition == *before.TaskDefinition
		if want := c.want == types.ServiceDeploymentStatusRollbackSuccessful; back != want {
			t.Errorf("%s: it runs %s", name, *after.TaskDefinition)
		}
	}
}

func TestADeploymentTellsOfItsAlarms(t *testing.T) {
	w, alarms := watched(t, simulator.Options{Progress: 2}, true)
	s := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	w.describe("web")
	alarmIs(t, alarms, cwtypes.StateValueAlarm)
	w.settle("web")
	out := must(w.ecs.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*s.CurrentServiceDeployment}}))(t)
	got := out.ServiceDeployments[0].Alarms
	if got.Status != types.ServiceDeploymentRollbackMonitorsStatusTriggered || !slices.Equal(got.TriggeredAlarmNames, []string{"errors"}) {
		t.Error(text(got))
	}
}

func TestDeploymentConfigurationsThatECSRefuses(t *testing.T) {
	w, _ := watched(t, simulator.Options{}, true)
	breaker := func(typ types.ThresholdType, value int32) *types.DeploymentConfiguration {
		return &types.DeploymentConfiguration{DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{
			Enable: true, ThresholdConfiguration: &types.ThresholdConfiguration{Type: typ, Value: value},
		}}
	}
	early := func(percent *int32, cleanup types.ServiceRevisionCleanup) *types.DeploymentConfiguration {
		return &types.DeploymentConfiguration{EarlySuccessCriteria: &types.DeploymentEarlySuccessCriteria{
			Enable: true, HealthyPercent: percent, SourceServiceRevisionCleanup: cleanup,
		}}
	}
	alarms := func(a types.DeploymentAlarms) *types.DeploymentConfiguration {
		return &types.DeploymentConfiguration{Alarms: &a}
	}
	for name, c := range map[string]*types.DeploymentConfiguration{
		"a threshold of 0":          breaker(types.ThresholdTypeCount, 0),
		"an unknown threshold":      breaker("SOME", 3),
		"less than the minimum":     early(aws.Int32(99), types.ServiceRevisionCleanupBlocking),
		"more than all":             early(aws.Int32(101), types.ServiceRevisionCleanupBlocking),
		"no cleanup":                early(aws.Int32(100), ""),
		"no percent":                early(nil, types.ServiceRevisionCleanupBlocking),
		"no alarms":                 alarms(types.DeploymentAlarms{AlarmNames: []string{}, Enable: true}),
		"rollback without alarms":   alarms(types.DeploymentAlarms{AlarmNames: []string{"a"}, Rollback: true}),
		"an alarm twice":            alarms(types.DeploymentAlarms{AlarmNames: []string{"a", "a"}, Enable: true}),
		"a bake time of one's own":  {BakeTimeInMinutes: aws.Int32(5)},
		"a strategy of other ports": {Strategy: types.DeploymentStrategyCanary},
	} {
		_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), DeploymentConfiguration: c})
		if code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]*types.DeploymentConfiguration{
		"a threshold":  breaker(types.ThresholdTypeUnboundedPercent, 300),
		"early":        early(aws.Int32(100), types.ServiceRevisionCleanupBlocking),
		"no alarms":    alarms(types.DeploymentAlarms{AlarmNames: []string{}}),
		"other alarms": alarms(types.DeploymentAlarms{AlarmNames: []string{"nobody has it"}, Enable: true}),
	} {
		if _, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), DeploymentConfiguration: c}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
