package translate

import (
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// givenPath is where x-fargate says something of deployments: at the service, or in the
// defaults.
func givenPath(b *base, service string, key ...string) diag.Path {
	own := at(service, append([]string{xfargate.Key, "deployment"}, key...)...)
	return b.firstPath(own, append(diag.Path{xfargate.Key, "defaults", "deployment"}, key...))
}

// given lets x-fargate.deployment have the last word.
func (d deployments) given(k *task, c spec.DeploymentConfiguration) spec.DeploymentConfiguration {
	g := d.X.Service(k.name()).Deployment
	c = d.givenRoom(k, g, c)
	c.DeploymentCircuitBreaker = givenBreaker(g, c.DeploymentCircuitBreaker)
	c.Alarms = givenAlarms(g, c.DeploymentCircuitBreaker)
	if g.Rollback != nil && *g.Rollback && !c.RollsBack() {
		d.warnf(givenPath(d.base, k.name(), "rollback"), "remove it, or the circuit_breaker: false or failure_action: continue",
			"not used: without the circuit breaker and alarms no deployment fails")
	}
	c.EarlySuccessCriteria = d.earlySuccess(k, g, c.MinimumHealthyPercent)
	return c
}

// givenRoom takes the percents. Those of the defaults are not for a service of which two
// tasks at a time would be one too many.
func (d deployments) givenRoom(k *task, g xfargate.Deployment, c spec.DeploymentConfiguration) spec.DeploymentConfiguration {
	if d.writesAlone(k) || d.schedulesAlone(k) {
		g = d.X.Services[k.name()].Deployment
	}
	if !g.GivesPercents() {
		return c
	}
	if g.MinPercent != nil {
		c.MinimumHealthyPercent = *g.MinPercent
	}
	if g.MaxPercent != nil {
		c.MaximumPercent = *g.MaxPercent
		c.MinimumHealthyPercent, c.MaximumPercent = d.neverTwice(k, givenPath(d.base, k.name(), "max_percent"), c.MinimumHealthyPercent, c.MaximumPercent)
	}
	refuseNoRoom(d.base, d.firstPath(givenPath(d.base, k.name(), "min_percent"), givenPath(d.base, k.name(), "max_percent")),
		k, c.MinimumHealthyPercent, c.MaximumPercent)
	return c
}

// givenBreaker is the circuit breaker; b is what update_config says.
func givenBreaker(g xfargate.Deployment, b spec.DeploymentCircuitBreaker) spec.DeploymentCircuitBreaker {
	if breaker := g.CircuitBreaker; breaker != nil {
		b = spec.DeploymentCircuitBreaker{
			Enable: breaker.Enable, Rollback: breaker.Enable && (b.Rollback || !b.Enable), ResetOnHealthyTask: breaker.Reset,
		}
		if t := breaker.Threshold; t != nil {
			b.ThresholdConfiguration = &spec.Threshold{Type: t.Type, Value: t.Value}
		}
	}
	if g.Rollback != nil {
		b.Rollback = b.Enable && *g.Rollback
	}
	return b
}

// givenAlarms are the alarms that fail a deployment; they roll back what the circuit breaker
// would.
func givenAlarms(g xfargate.Deployment, b spec.DeploymentCircuitBreaker) *spec.DeploymentAlarms {
	if g.Alarms == nil {
		return nil
	}
	out := &spec.DeploymentAlarms{
		AlarmNames: g.Alarms.Names,
		Enable:     g.Alarms.Enable == nil || *g.Alarms.Enable,
		Rollback:   b.Rollback || !b.Enable,
	}
	if g.Rollback != nil {
		out.Rollback = *g.Rollback
	}
	if g.Alarms.Rollback != nil {
		out.Rollback = *g.Alarms.Rollback
	}
	out.Rollback = out.Rollback && out.Enable
	return out
}

// earlySuccess ends deployments before all new tasks are healthy. The old ones are removed
// before that (BLOCKING): what they need is let go when a deployment is over.
func (d deployments) earlySuccess(k *task, g xfargate.Deployment, least int) *spec.EarlySuccessCriteria {
	if g.EarlySuccess == nil {
		return nil
	}
	if *g.EarlySuccess < least {
		d.errorf(givenPath(d.base, k.name(), "early_success_percent"), "raise it, or lower min_percent",
			"must not be less than the minimum of %d percent of tasks that run during a deployment", least)
	}
	return &spec.EarlySuccessCriteria{Enable: true, HealthyPercent: *g.EarlySuccess, SourceServiceRevisionCleanup: "BLOCKING"}
}

// warnGivenNotItsOwn reports what x-fargate says of a sidecar that is about its task.
func (d deployments) warnGivenNotItsOwn(k *task, sidecar string) {
	x := d.X.Services[sidecar]
	if x.Deployment.IsGiven() {
		d.warnf(at(sidecar, xfargate.Key, "deployment"), "write it at "+k.name(), "not used: a sidecar is replaced together with the task of %q", k.name())
	}
	if x.Capacity != nil {
		d.warnf(at(sidecar, xfargate.Key, "capacity"), "write it at "+k.name(), "not used: a sidecar runs in the task of %q", k.name())
	}
}

// givenOrigins are those of what x-fargate says of deployments and capacity.
func (t *translation) givenOrigins(service string) []plan.Origin {
	var out []plan.Origin
	origin := func(given bool, path diag.Path, field ...string) {
		if given {
			out = append(out, plan.Origin{Field: field, From: path})
		}
	}
	x := t.X.Service(service)
	deployment := func(given bool, key string, field ...string) {
		origin(given, givenPath(t.base, service, key), append([]string{"deploymentConfiguration"}, field...)...)
	}
	deployment(x.Deployment.MinPercent != nil, "min_percent", "minimumHealthyPercent")
	deployment(x.Deployment.MaxPercent != nil, "max_percent", "maximumPercent")
	deployment(x.Deployment.EarlySuccess != nil, "early_success_percent", "earlySuccessCriteria")
	deployment(x.Deployment.Alarms != nil, "alarms", "alarms")
	deployment(x.Deployment.Rollback != nil, "rollback", "deploymentCircuitBreaker", "rollback")
	deployment(x.Deployment.CircuitBreaker != nil, "circuit_breaker", "deploymentCircuitBreaker")
	origin(x.Capacity != nil, capacityPath(t.base, service), "capacityProviderStrategy")
	return out
}
