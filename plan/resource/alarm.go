package resource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func (a *session) cloudWatch() *cloudwatch.Client { return client(a, cloudwatch.NewFromConfig) }

// alarmKind defines the CloudWatch alarms of step scaling. Those which target tracking makes
// are AWS's own: they bear no tags of ours.
var alarmKind = kind[spec.Alarm]{
	row: row{
		kind: spec.AlarmKind, noun: "alarm", tagged: "cloudwatch:alarm", seldom: true,
		reads: []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"},
		writes: []string{
			"cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource",
		},
	},
	id:   "name",
	name: func(s *spec.Alarm) string { return s.AlarmName },
	tags: func(s *spec.Alarm) *[]spec.Tag { return &s.Tags },

	find: findAlarms,
	list: func(ctx context.Context, r *reading) ([]candidate, error) {
		wanted := r.wanted(spec.AlarmKind)
		names := r.tagged.of("cloudwatch", "alarm:")
		for _, want := range wanted {
			names = append(names, want.Spec.(*spec.Alarm).AlarmName)
		}
		found, err := findAlarms(ctx, r.session, unique(names))
		return found, unlessUnasked(err, wanted)
	},

	// PutMetricAlarm overwrites an alarm, whoever owns it.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		return findAlarms(ctx, a, []string{want.Spec.(*spec.Alarm).AlarmName})
	},
	create: func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
		s := want.Spec.(*spec.Alarm)
		input := alarmInput(s)
		input.Tags = pairList[types.Tag](tags)
		return s.AlarmName, onlyError(a.cloudWatch().PutMetricAlarm(ctx, input))
	},
	// PutMetricAlarm leaves the tags of an alarm that exists alone.
	update: func(ctx context.Context, a *session, c change[spec.Alarm]) error {
		from, to := *c.from, *c.to
		from.Tags, to.Tags = nil, nil
		if same(from, to) {
			return nil
		}
		return onlyError(a.cloudWatch().PutMetricAlarm(ctx, alarmInput(c.to)))
	},
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.cloudWatch().TagResource(ctx, &cloudwatch.TagResourceInput{
			ResourceARN: pointer(at["arn"]), Tags: pairList[types.Tag](tags),
		}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.cloudWatch().UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: pointer(at["arn"]), TagKeys: keys}))
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.cloudWatch().DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{live.Attrs["name"]}}))
	},
	gone: []string{"ResourceNotFound"},
}

// findAlarms asks for a hundred names at a time, which is all that DescribeAlarms takes.
func findAlarms(ctx context.Context, a *session, names []string) ([]candidate, error) {
	var found []types.MetricAlarm
	for batch := range slices.Chunk(names, 100) {
		alarms, err := allPages(ctx, cloudwatch.NewDescribeAlarmsPaginator(a.cloudWatch(), &cloudwatch.DescribeAlarmsInput{
			AlarmNames: batch, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm},
		}), func(page *cloudwatch.DescribeAlarmsOutput) []types.MetricAlarm { return page.MetricAlarms })
		if err != nil {
			return nil, err
		}
		found = append(found, alarms...)
	}
	return readEach(ctx, found, with(a, alarmCandidate), "ResourceNotFound")
}

func alarmCandidate(ctx context.Context, a *session, m types.MetricAlarm) (candidate, error) {
	got, err := a.cloudWatch().ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: m.AlarmArn})
	if err != nil {
		return candidate{}, err
	}
	tags, name := pairs(got.Tags), text(m.AlarmName)
	s := alarmSpec(m)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.AlarmKind, s, plan.Attrs{"arn": text(m.AlarmArn), "name": name}, tags, unmanaged(m)),
		id:       name, name: name,
	}, nil
}

func alarmSpec(m types.MetricAlarm) *spec.Alarm {
	s := &spec.Alarm{
		AlarmName: text(m.AlarmName), AlarmDescription: text(m.AlarmDescription), Namespace: text(m.Namespace), MetricName: text(m.MetricName),
		Statistic: string(m.Statistic), Period: number(m.Period), EvaluationPeriods: number(m.EvaluationPeriods),
		DatapointsToAlarm: number(m.DatapointsToAlarm), Threshold: orZero(m.Threshold), ComparisonOperator: string(m.ComparisonOperator),
		TreatMissingData: text(m.TreatMissingData), AlarmActions: literals(m.AlarmActions),
	}
	if m.ExtendedStatistic != nil {
		s.Statistic = *m.ExtendedStatistic
	}
	for _, d := range m.Dimensions {
		s.Dimensions = append(s.Dimensions, spec.AlarmDimension{Name: text(d.Name), Value: text(d.Value)})
	}
	return s
}

func alarmInput(s *spec.Alarm) *cloudwatch.PutMetricAlarmInput {
	input := &cloudwatch.PutMetricAlarmInput{
		AlarmName: &s.AlarmName, AlarmDescription: optional(s.AlarmDescription), Namespace: &s.Namespace, MetricName: &s.MetricName,
		Period: number32(s.Period), EvaluationPeriods: number32(s.EvaluationPeriods), DatapointsToAlarm: number32(s.DatapointsToAlarm),
		Threshold: &s.Threshold, ComparisonOperator: types.ComparisonOperator(s.ComparisonOperator), TreatMissingData: &s.TreatMissingData,
		AlarmActions: texts(s.AlarmActions), ActionsEnabled: pointer(true),
	}
	for _, d := range s.Dimensions {
		input.Dimensions = append(input.Dimensions, types.Dimension{Name: &d.Name, Value: &d.Value})
	}
	if statistic := types.Statistic(s.Statistic); slices.Contains(statistic.Values(), statistic) {
		input.Statistic = statistic
	} else {
		input.ExtendedStatistic = &s.Statistic
	}
	return input
}
