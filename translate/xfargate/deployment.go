package xfargate

import (
	"cmp"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Deployment is how ECS replaces the tasks of a service, as far as x-fargate says so: nil
// is not given.
type Deployment struct {
	MinPercent     *int            `json:"min_percent"` // of the desired number of tasks, which run meanwhile
	MaxPercent     *int            `json:"max_percent"`
	Rollback       *bool           `json:"rollback"`
	EarlySuccess   *int            `json:"early_success_percent"` // of healthy new tasks at which a deployment is over
	CircuitBreaker *CircuitBreaker `json:"-"`
	Alarms         *Alarms         `json:"-"`
}

// IsGiven says whether x-fargate says anything.
func (d Deployment) IsGiven() bool { return d != Deployment{} }

// GivesPercents says whether it says how many tasks run meanwhile.
func (d Deployment) GivesPercents() bool { return d.MinPercent != nil || d.MaxPercent != nil }

// CircuitBreaker gives up on a deployment whose tasks fail.
type CircuitBreaker struct {
	Enable    bool       `json:"-"`
	Threshold *Threshold `json:"threshold"`             // nil: half of the tasks, at least 3
	Reset     *bool      `json:"reset_on_healthy_task"` // nil: ECS's default
}

// Threshold is at how many failed tasks it gives up.
type Threshold struct {
	Type  string `json:"type"`  // COUNT, BOUNDED_PERCENT or UNBOUNDED_PERCENT
	Value int    `json:"value"` // tasks, or percent of the desired number
}

// Alarms of CloudWatch that fail a deployment.
type Alarms struct {
	Names    []string `json:"names"`
	Enable   *bool    `json:"enable"`   // nil: they do
	Rollback *bool    `json:"rollback"` // nil: as of the deployment
}

// or fills in what the defaults say.
func (d Deployment) or(defaults Deployment) Deployment {
	d.MinPercent = cmp.Or(d.MinPercent, defaults.MinPercent)
	d.MaxPercent = cmp.Or(d.MaxPercent, defaults.MaxPercent)
	d.Rollback = cmp.Or(d.Rollback, defaults.Rollback)
	d.EarlySuccess = cmp.Or(d.EarlySuccess, defaults.EarlySuccess)
	d.CircuitBreaker = cmp.Or(d.CircuitBreaker, defaults.CircuitBreaker)
	d.Alarms = cmp.Or(d.Alarms, defaults.Alarms)
	return d
}

// deployment reads deployment, but for its grace period.
func (d decoder) deployment(m map[string]any, path diag.Path) Deployment {
	out := as[Deployment](m)
	switch v := m["circuit_breaker"].(type) {
	case bool:
		out.CircuitBreaker = &CircuitBreaker{Enable: v}
	case map[string]any:
		breaker := as[CircuitBreaker](v)
		breaker.Enable = true
		out.CircuitBreaker = &breaker
	}
	switch v := m["alarms"].(type) {
	case []any:
		out.Alarms = &Alarms{Names: Strings(v)}
	case map[string]any:
		alarms := as[Alarms](v)
		out.Alarms = &alarms
	}
	d.refuseStrategy(m, path)
	return out
}

// refuseStrategy takes rolling deployments alone. A bake time of one's own is for the others:
// of a rolling one ECS computes it from the alarms ("You can't set this value", ECS Developer
// Guide, "How CloudWatch alarms detect Amazon ECS deployment failures").
func (d decoder) refuseStrategy(m map[string]any, path diag.Path) {
	if name := laterStrategies[field[string](m, "strategy")]; name != "" {
		d.errorf(path.Key("strategy"), "leave it out, or write rolling",
			"%s deployments come later: they lead visitors from one target group to another, and a port has one here", name)
	}
	if _, ok := m["bake_time"]; ok {
		d.errorf(path.Key("bake_time"), "leave it out: with alarms, ECS waits as long as these need to see a failure",
			"ECS takes it for blue/green, linear and canary deployments only")
	}
}

var laterStrategies = map[string]string{"blue_green": "blue/green", "linear": "linear", "canary": "canary"}
