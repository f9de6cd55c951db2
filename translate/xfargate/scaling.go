package xfargate

import (
	"maps"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Scaling says how many tasks of a service run.
type Scaling struct {
	Path   diag.Path // where the files have it
	ForAll bool      // it is that of the defaults

	Min *int // nil: not given
	Max int

	CPU, Memory float64 // the targets, in percent; 0: none
	Requests    float64 // the target, per minute and task; 0: none
	Port        int     // whose requests count; 0: not given

	ScaleInCooldown, ScaleOutCooldown int // seconds
	DisableScaleIn                    bool

	Steps     []ScalingStep     // by name
	Schedules []ScalingSchedule // by name
}

// ScalingStep is what an alarm changes.
type ScalingStep struct {
	Name string
	Path diag.Path

	Alarm string // one that exists; "": the one that is described

	Namespace, Metric string
	Dimensions        map[string]string // nil: not given
	Statistic         string
	Comparison        string // >, >=, < or <=
	Threshold         *float64
	Period            int // seconds
	Periods           int
	Datapoints        int
	MissingData       string

	Type     string // tasks, percent or exact
	Changes  []ScalingChange
	Cooldown int // seconds
}

// ScalingChange is what is changed where the metric is at a value, or further beyond the
// threshold.
type ScalingChange struct {
	From *float64 // nil: from the threshold on
	By   int
}

// ScalingSchedule is when bounds change.
type ScalingSchedule struct {
	Name string
	Path diag.Path

	Expression, Timezone string
	Min, Max             *int // nil: as before
}

// Cooldown is the range of cooldown periods and their default for ECS services (Application
// Auto Scaling API reference, TargetTrackingScalingPolicyConfiguration), in seconds.
var Cooldown = Bounds{Min: 0, Max: 1<<31 - 1, Fallback: 300}

var alarmPeriod = Bounds{Min: 10, Max: 86400, Fallback: 60}

// scaling reads scaling, nil where there is none.
func (d decoder) scaling(value any, path diag.Path) *Scaling {
	m, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	s := &Scaling{
		Path: path, Min: numberOf(m["min"]), CPU: decimalOf(m["cpu"]), Memory: decimalOf(m["memory"]), Requests: decimalOf(m["requests"]),
		DisableScaleIn:   field[bool](m, "disable_scale_in"),
		ScaleInCooldown:  d.durationOr(m, path, "scale_in_cooldown", Cooldown),
		ScaleOutCooldown: d.durationOr(m, path, "scale_out_cooldown", Cooldown),
	}
	s.Max, s.Port = orNone(numberOf(m["max"])), orNone(numberOf(m["requests_port"]))
	d.eachNamed(m, "steps", path, func(name string, m map[string]any, at diag.Path) {
		s.Steps = append(s.Steps, d.scalingStep(name, m, at))
	})
	d.eachNamed(m, "schedules", path, func(name string, m map[string]any, at diag.Path) {
		s.Schedules = append(s.Schedules, ScalingSchedule{
			Name: name, Path: at, Expression: field[string](m, "expression"), Timezone: field[string](m, "timezone"),
			Min: numberOf(m["min"]), Max: numberOf(m["max"]),
		})
	})
	return s
}

// eachNamed takes the mappings under a key by their names.
func (d decoder) eachNamed(m map[string]any, key string, path diag.Path, take func(name string, m map[string]any, at diag.Path)) {
	all := field[map[string]any](m, key)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if one, ok := all[name].(map[string]any); ok {
			take(name, one, path.Key(key, name))
		}
	}
}

func (d decoder) scalingStep(name string, m map[string]any, path diag.Path) ScalingStep {
	s := ScalingStep{
		Name: name, Path: path, Alarm: field[string](m, "alarm"), Namespace: field[string](m, "namespace"), Metric: field[string](m, "metric"),
		Statistic: field[string](m, "statistic"), Comparison: field[string](m, "comparison"), MissingData: field[string](m, "missing_data"),
		Type: field[string](m, "type"), Period: d.durationOr(m, path, "period", alarmPeriod), Cooldown: d.durationOr(m, path, "cooldown", Cooldown),
		Periods: orNone(numberOf(m["periods"])), Datapoints: orNone(numberOf(m["datapoints"])),
	}
	if m["dimensions"] != nil {
		s.Dimensions = textsOf(m["dimensions"])
	}
	if m["threshold"] != nil {
		threshold := decimalOf(m["threshold"])
		s.Threshold = &threshold
	}
	if by := numberOf(m["change"]); by != nil {
		s.Changes = []ScalingChange{{By: *by}}
	}
	list, _ := m["change"].([]any)
	for _, item := range list {
		change, _ := item.(map[string]any)
		c := ScalingChange{By: orNone(numberOf(change["by"]))}
		if change["from"] != nil {
			from := decimalOf(change["from"])
			c.From = &from
		}
		s.Changes = append(s.Changes, c)
	}
	return s
}

// durationOr is a duration, or what is used where none is given.
func (d decoder) durationOr(m map[string]any, path diag.Path, key string, b Bounds) int {
	if seconds, ok := d.duration(m, path, key, b); ok {
		return seconds
	}
	return b.Fallback
}

// decimalOf is 0 where there is no number.
func decimalOf(value any) float64 {
	switch v := value.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	default:
		return 0
	}
}

func orNone(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
