package translate

import (
	"fmt"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// deployments is the phase of how ECS replaces the tasks of services. It comes after
// the volumes: a task that alone writes to one is never doubled.
type deployments struct {
	*base
	writes func(*task) bool     // to a volume that outlives the task
	locks  func(*task) []string // the directories in which only one of its tasks at a time may write
}

// ofRun is that of a service that ends by itself: never two tasks at a time, and nothing that
// would bring back an older task to run once more.
var ofRun = spec.DeploymentConfiguration{
	Strategy: "ROLLING", MinimumHealthyPercent: 0, MaximumPercent: 100,
	DeploymentCircuitBreaker: spec.DeploymentCircuitBreaker{Enable: true},
}

// planDeployments plans those of all tasks: as update_config says, or else new tasks
// first.
func planDeployments(b *base, writes func(*task) bool, locks func(*task) []string) map[*task]spec.DeploymentConfiguration {
	d := deployments{b, writes, locks}
	out := map[*task]spec.DeploymentConfiguration{}
	var writers, alone []string
	for _, k := range b.tasks {
		d.warnNotItsOwn(k)
		switch {
		case b.isRun(k):
			out[k] = ofRun
			continue
		case updateConfig(k.main) != nil, d.X.Services[k.name()].Deployment.GivesPercents():
		case d.writesAlone(k):
			writers = append(writers, k.name())
		case d.schedulesAlone(k):
			alone = append(alone, k.name())
			d.formerlyDoubled(k)
		}
		out[k] = d.deployment(k)
	}
	d.noteSchedulers(alone)
	if len(writers) > 0 { // once for all of them
		b.notef(diag.Path{"services"}, "write deploy.update_config: {order: start-first} for a service whose old and new task may write to its volumes at the same time",
			"because they write to volumes, the old task of %s stops before the new one starts: a short interruption", compose.Quoted(writers))
	}
	return out
}

func (d deployments) deployment(k *task) spec.DeploymentConfiguration {
	u := updateConfig(k.main)
	least, most := percents(k.main.GetScale(), u)
	switch {
	case u != nil:
		d.noteStopFirst(k, least)
		least, most = d.givenPercents(k, least, most)
		least, most = d.neverTwice(k, at(k.name(), "deploy", "update_config"), least, most)
	case d.writesAlone(k), d.schedulesAlone(k):
		least, most = 0, 100
	}
	return d.given(k, spec.DeploymentConfiguration{
		Strategy:                 "ROLLING",
		MinimumHealthyPercent:    least,
		MaximumPercent:           most,
		DeploymentCircuitBreaker: d.circuitBreaker(k, u),
	})
}

// neverTwice stops the old task of a database first: docker compose, which ignores
// update_config, never has two of them either. path is where more is asked for.
func (d deployments) neverTwice(k *task, path diag.Path, least, most int) (int, int) {
	if most <= 100 || !d.writesAlone(k) || len(d.locks(k)) == 0 {
		return least, most
	}
	d.warnf(path, "remove it, or give it no volume",
		"ignored: two tasks of it at a time would destroy what is in %s: the old one stops before the new one starts", d.locks(k)[0])
	return 0, 100
}

// writesAlone says whether one task at a time writes to a volume that lasts, so
// that the old one must end before the new one starts (decision 11 of the
// design). More than one task, or an overlay with percents, are the user's word
// that they may be doubled.
func (d deployments) writesAlone(k *task) bool {
	return k.main.GetScale() <= 1 && !d.X.Overlays[k.name()].Gives() && d.writes(k)
}

// zoneRebalancing starts a task in another zone before it stops one, for which
// ECS wants room (CreateService of the API reference).
func zoneRebalancing(d spec.DeploymentConfiguration) string {
	if d.MaximumPercent <= 100 {
		return "DISABLED"
	}
	return "ENABLED"
}

// updateConfig is nil where the files leave it to ECS.
func updateConfig(s container) *types.UpdateConfig {
	if s.Deploy == nil {
		return nil
	}
	return s.Deploy.UpdateConfig
}

// percents are the least and the most tasks that run while n of them are
// replaced, in percent of n. ECS rounds the least up and the most down, so that
// up to 100 tasks it never replaces more at a time than the files say.
func percents(n int, u *types.UpdateConfig) (least, most int) {
	n = max(n, 1)
	switch {
	case u == nil || u.Order == "" && u.Parallelism == nil && givesPercents(u):
		return 100, 200
	case u.Order == "start-first":
		return 100, (100*(n+parallelism(n, u)) + n - 1) / n
	default: // stop-first is compose's word where there is none
		return 100 * (n - parallelism(n, u)) / n, 100
	}
}

// parallelism is how many of n tasks are replaced at a time: 1 if the files do
// not say, all if they say 0.
func parallelism(n int, u *types.UpdateConfig) int {
	switch {
	case u.Parallelism == nil:
		return 1
	case *u.Parallelism == 0 || *u.Parallelism > uint64(n):
		return n
	default:
		return int(*u.Parallelism)
	}
}

// noteStopFirst tells what the default of compose means, unless it was asked
// for.
func (d deployments) noteStopFirst(k *task, least int) {
	if least == 0 && k.main.Deploy.UpdateConfig.Order == "" && k.main.GetScale() > 0 {
		d.notef(at(k.name(), "deploy", "update_config"), "write order: start-first if old and new tasks may run side by side",
			"all tasks stop before new ones start, because update_config without order means stop-first")
	}
}

// Docker's names for the percents of its retired ECS integration.
const (
	minPercent = "x-aws-min_percent"
	maxPercent = "x-aws-max_percent"
)

func givesPercents(u *types.UpdateConfig) bool {
	return u.Extensions[minPercent] != nil || u.Extensions[maxPercent] != nil
}

// givenPercents lets the percents of Docker's ECS integration win, where ECS
// takes them and can replace a task with them.
func (d deployments) givenPercents(k *task, least, most int) (int, int) {
	least, ok := d.percent(k, minPercent, least, xfargate.Bounds{Min: 0, Max: 100})
	most, okToo := d.percent(k, maxPercent, most, xfargate.Bounds{Min: 100, Max: 1000})
	if ok && okToo {
		refuseNoRoom(d.base, at(k.name(), "deploy", "update_config"), k, least, most)
	}
	return least, most
}

// refuseNoRoom looks for percents with which ECS can replace no task.
func refuseNoRoom(b *base, path diag.Path, k *task, least, most int) {
	if n := max(k.main.GetScale(), 1); (n*least+99)/100 >= n && n*most/100 <= n {
		b.errorf(path, "lower the minimum or raise the maximum",
			"at a scale of %d, a minimum of %d and a maximum of %d percent leave no room to replace a task", n, least, most)
	}
}

// percent reads one of them, or returns fallback.
func (d deployments) percent(k *task, key string, fallback int, b xfargate.Bounds) (_ int, ok bool) {
	value := updateConfig(k.main).Extensions[key]
	if value == nil {
		return fallback, true
	}
	n, err := strconv.Atoi(fmt.Sprint(value))
	if err != nil || n < b.Min || n > b.Max {
		d.errorf(at(k.name(), "deploy", "update_config", key), "", "must be a number from %d to %d, not %s", b.Min, b.Max, compose.Shown(value))
		return fallback, false
	}
	return n, true
}

// circuitBreaker says what happens to a deployment whose tasks keep failing:
// ECS rolls it back, unless the files say otherwise.
func (d deployments) circuitBreaker(k *task, u *types.UpdateConfig) spec.DeploymentCircuitBreaker {
	action := ""
	if u != nil {
		action = u.FailureAction
	}
	switch action {
	case "", "rollback":
		return spec.DeploymentCircuitBreaker{Enable: true, Rollback: true}
	case "pause":
		return spec.DeploymentCircuitBreaker{Enable: true}
	case "continue":
	default:
		d.errorf(at(k.name(), "deploy", "update_config", "failure_action"), "", "must be continue, pause or rollback, not %q", action)
	}
	return spec.DeploymentCircuitBreaker{}
}

// warnNotItsOwn reports settings of sidecars that have no effect, because only
// the main service of a task has an ECS service.
func (d deployments) warnNotItsOwn(k *task) {
	for _, m := range k.members[1:] {
		if updateConfig(m) != nil {
			d.warnf(at(m.Name, "deploy", "update_config"), "", "not used: a sidecar is replaced together with the task of %q", k.name())
		}
		d.warnGivenNotItsOwn(k, m.Name)
		if m.Deploy != nil && len(m.Deploy.Labels) > 0 {
			d.warnf(at(m.Name, "deploy", "labels"), "", "not used: a sidecar has no ECS service of its own, and the one of %q has the labels of that service", k.name())
		}
	}
}

// overlaidDeployment lets the percents of an overlay win, as they did.
func (t *translation) overlaidDeployment(k *task, c spec.DeploymentConfiguration) spec.DeploymentConfiguration {
	for _, m := range k.members[1:] {
		if o, ok := t.X.Overlays[m.Name]; ok {
			t.warnf(o.Path, "", "not used: sidecar %q is replaced together with the task of %q", m.Name, k.name())
		}
	}
	o, ok := t.X.Overlays[k.name()]
	if !ok {
		return c
	}
	if t.X.Service(k.name()).Deployment.GivesPercents() {
		t.warnf(o.Path, "remove one of the two", "ignored: %s.deployment says how many tasks run meanwhile as well", xfargate.Key)
		return c
	}
	if o.MinimumHealthyPercent != nil {
		c.MinimumHealthyPercent = *o.MinimumHealthyPercent
	}
	if o.MaximumPercent != nil {
		c.MaximumPercent = *o.MaximumPercent
	}
	refuseNoRoom(t.base, o.Path, k, c.MinimumHealthyPercent, c.MaximumPercent)
	return c
}
