package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func alarm(name string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, MetricName: aws.String("CPUUtilization"), Namespace: aws.String("AWS/ECS"), Statistic: types.StatisticAverage,
		Period: aws.Int32(60), EvaluationPeriods: aws.Int32(3), Threshold: aws.Float64(80),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		Dimensions:         []types.Dimension{{Name: aws.String("ClusterName"), Value: aws.String("shop")}},
	}
}

func TestTheLifeOfAnAlarm(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	api, ctx := cloudwatch.NewFromConfig(w.Config()), t.Context()
	in := alarm("hot")
	in.Tags = []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}}
	must(api.PutMetricAlarm(ctx, in))(t)
	describe := func() types.MetricAlarm {
		t.Helper()
		found := must(api.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"hot"}}))(t).MetricAlarms
		if len(found) != 1 {
			t.Fatal(text(found))
		}
		return found[0]
	}
	if got := describe(); got.StateValue != types.StateValueInsufficientData || !*got.ActionsEnabled {
		t.Error(text(got))
	}
	must(api.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("hot"), StateValue: types.StateValueAlarm, StateReason: aws.String("a test"),
	}))(t)
	must(api.PutMetricAlarm(ctx, alarm("hot")))(t)
	if got := describe(); got.StateValue != types.StateValueAlarm {
		t.Error("a changed alarm forgets its state:", text(got))
	}
	arn := describe().AlarmArn
	must(api.TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}))(t)
	must(api.UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"project"}}))(t)
	if tags := must(api.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: arn}))(t).Tags; len(tags) != 1 || *tags[0].Key != "a" {
		t.Error(text(tags))
	}
	if _, err := api.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"none"}}); code(err) != "ResourceNotFound" {
		t.Error("one that is not there:", err)
	}
	if _, err := api.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("hot"), StateValue: types.StateValueOk, StateReason: aws.String("x"), StateReasonData: aws.String("{"),
	}); code(err) != "InvalidFormat" {
		t.Error("data that are no JSON:", err)
	}
	must(api.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"none", "hot"}}))(t) // those that are there go
	if _, err := api.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("hot"), StateValue: types.StateValueOk, StateReason: aws.String("x"),
	}); code(err) != "ResourceNotFound" {
		t.Error(err)
	}
}

func TestAlarmsAreRefused(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	api := cloudwatch.NewFromConfig(w.Config())
	type input = cloudwatch.PutMetricAlarmInput
	for what, c := range map[string]struct {
		edit func(*input)
		want string
	}{
		"a period of 45 s":         {func(in *input) { in.Period = aws.Int32(45) }, "ValidationError"},
		"more than a day":          {func(in *input) { in.Period, in.EvaluationPeriods = aws.Int32(300), aws.Int32(300) }, "ValidationError"},
		"more than a week":         {func(in *input) { in.Period, in.EvaluationPeriods = aws.Int32(86400), aws.Int32(8) }, "ValidationError"},
		"no evaluation":            {func(in *input) { in.EvaluationPeriods = aws.Int32(0) }, "ValidationError"},
		"more points than looks":   {func(in *input) { in.DatapointsToAlarm = aws.Int32(4) }, "ValidationError"},
		"an unknown operator":      {func(in *input) { in.ComparisonOperator = "Above" }, "ValidationError"},
		"an unknown word":          {func(in *input) { in.TreatMissingData = aws.String("panic") }, "ValidationError"},
		"both statistics":          {func(in *input) { in.ExtendedStatistic = aws.String("p99") }, "InvalidParameterCombination"},
		"no statistic":             {func(in *input) { in.Statistic = "" }, "InvalidParameterCombination"},
		"no threshold":             {func(in *input) { in.Threshold = nil }, "MissingParameter"},
		"no namespace":             {func(in *input) { in.Namespace = nil }, "MissingParameter"},
		"a metric and an array":    {func(in *input) { in.Metrics = []types.MetricDataQuery{{Id: aws.String("m1")}} }, "InvalidParameterCombination"},
		"six actions":              {func(in *input) { in.AlarmActions = make([]string, 6) }, "ValidationError"},
		"an action that is no ARN": {func(in *input) { in.AlarmActions = []string{"page-me"} }, "ValidationError"},
		"a policy that is not there": {func(in *input) {
			in.AlarmActions = []string{"arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/ecs/service/shop/web:policyName/x"}
		}, "ValidationError"},
	} {
		in := alarm("hot")
		c.edit(in)
		if _, err := api.PutMetricAlarm(t.Context(), in); code(err) != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
	both := &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"a"}, AlarmNamePrefix: aws.String("a")}
	if _, err := api.DescribeAlarms(t.Context(), both); code(err) != "InvalidParameterCombination" {
		t.Error("names and a prefix:", err)
	}
}
