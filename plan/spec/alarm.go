package spec

import "github.com/compose2fargate/compose2fargate/plan"

// AlarmKind is the kind of alarm/SERVICE.NAME.
const AlarmKind = "alarm"

// Alarm is a CloudWatch alarm on one metric. Attrs: arn, name.
type Alarm struct {
	AlarmName          string           `json:"alarmName"` // PROJECT/SERVICE/NAME
	AlarmDescription   string           `json:"alarmDescription,omitempty"`
	Namespace          string           `json:"namespace"`
	MetricName         string           `json:"metricName"`
	Dimensions         []AlarmDimension `json:"dimensions,omitempty"`
	Statistic          string           `json:"statistic"` // Average, Sum and so on, or p99: an extended statistic
	Period             int              `json:"period"`    // seconds
	EvaluationPeriods  int              `json:"evaluationPeriods"`
	DatapointsToAlarm  int              `json:"datapointsToAlarm"`
	Threshold          float64          `json:"threshold"`
	ComparisonOperator string           `json:"comparisonOperator"`
	TreatMissingData   string           `json:"treatMissingData"` // missing, ignore, breaching, notBreaching
	AlarmActions       []plan.Value     `json:"alarmActions"`     // ARNs, a set, at most 5
	Tags               []Tag            `json:"tags,omitempty"`
}

// AlarmDimension says of what the metric is.
type AlarmDimension struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func alarmRules() plan.Rules {
	return plan.Rules{
		Kind:      AlarmKind,
		New:       func() any { return &Alarm{} },
		Normalize: func(s any) { s.(*Alarm).normalize() },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}, "dimensions": {"name"}},
		Owner:     beforeDot,
		Immutable: []string{"alarmName"},
		Replace:   plan.Beside,
		Optional:  []string{"tags.*"},
		Brief:     []string{"namespace", "metricName", "comparisonOperator", "threshold"},
	}
}

// normalize fills what an alarm goes by that does not say it (API reference,
// PutMetricAlarm: all periods, and "missing").
func (a *Alarm) normalize() {
	fill(&a.TreatMissingData, "missing")
	fill(&a.DatapointsToAlarm, a.EvaluationPeriods)
	a.AlarmActions = valueSet(a.AlarmActions)
	sortBy(a.Dimensions, func(d AlarmDimension) string { return d.Name })
	sortBy(a.Tags, func(t Tag) string { return t.Key })
}
