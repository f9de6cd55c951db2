package translate

import (
	"time"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// fillingGrace is the grace period, in seconds, of a service behind a load balancer that
// writes to a volume that lasts: on its first start some images copy ten thousand files
// there before they listen (nextcloud, moodle, wordpress), and a service that is healthy
// earlier loses nothing.
const fillingGrace = 900

// grace is how long failing health checks are ignored for a new task: as long as the
// health checks of its containers take to fail, and at least as long as servers take to
// start with the size that the task has. Without a load balancer the start periods of the
// containers say it.
func (t *translation) grace(k *task) int {
	balanced := len(t.ingress.published.of(k)) > 0
	patience := t.patience(k)
	if given := t.X.Service(k.name()).GracePeriod; given != nil {
		if balanced || patience > 0 {
			return *given
		}
		t.warnf(at(k.name(), xfargate.Key, "deployment", "grace_period"), "remove it", "not used: nothing checks the health of the service")
		return 0
	}
	if !balanced {
		return 0
	}
	out := max(xfargate.GracePeriod.Fallback, min(patience, xfargate.GracePeriod.Max), t.slowGraceOf(k, t.sizes[k]))
	if t.writesToVolumes(k) {
		out = max(out, fillingGrace)
	}
	if was := t.formerGrace(k); was != out {
		t.formerly(serviceAddress(k.name()), "healthCheckGracePeriodSeconds", was)
	}
	return out
}

// formerGrace is the grace period that the first releases gave a service behind a load
// balancer: by the health checks of the files alone.
func (t *translation) formerGrace(k *task) int {
	out := xfargate.GracePeriod.Fallback
	for _, m := range k.members {
		if h := m.HealthCheck; h != nil && !h.Disable {
			out = max(out, min(forgiven(h), xfargate.GracePeriod.Max))
		}
	}
	return out
}

// patience is how long ECS waits, in seconds, until the last container of a task has
// been healthy once; 0 where none is checked.
func (t *translation) patience(k *task) int {
	out := 0
	for _, m := range k.members {
		if h := t.checkOf(m); h != nil && !isOff(h) && len(h.Test) > 1 {
			out = max(out, patience(timed(h)))
		}
	}
	return out
}

// Until ECS gives up on a deployment, three tasks in a row have failed, and what ran
// before is brought back (ECS developer guide, "How the Amazon ECS deployment circuit
// breaker detects failures": a threshold of at least 3). startup, in seconds, is what a
// task needs besides: its network interface, its images.
const (
	attempts = 3 + 1
	startup  = 120
)

// givesUp is after what time ECS gives up on a deployment of a service whose tasks run
// but are never healthy; 0 where nothing checks them.
func (t *translation) givesUp(k *task, s *spec.Service) time.Duration {
	wait := max(t.patience(k), s.HealthCheckGracePeriodSeconds)
	if wait == 0 {
		return 0
	}
	return time.Duration(max(attempts, rounds(s)+1)*(wait+startup)) * time.Second
}

// rounds is how often all tasks of a service have to fail until the circuit breaker has
// counted as many as the files say.
func rounds(s *spec.Service) int {
	n, threshold := max(s.DesiredCount, 1), s.DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration
	if threshold == nil {
		return 0
	}
	tasks := threshold.Value
	if threshold.Type != "COUNT" {
		tasks = (threshold.Value*n + 99) / 100
	}
	if threshold.Type == "BOUNDED_PERCENT" {
		tasks = min(max(tasks, 3), 200)
	}
	return (tasks + n - 1) / n
}

// graces are the grace periods of the services, in seconds.
func (t *translation) graces() map[plan.Address]int {
	out := map[plan.Address]int{}
	for _, r := range t.resources {
		if s, ok := r.Spec.(*spec.Service); ok {
			out[r.Address] = s.HealthCheckGracePeriodSeconds
		}
	}
	return out
}

// noteChecks says once what ECS makes of the health checks, and when a failure is seen.
func (t *translation) noteChecks() {
	var names []string
	least, most := 0, 0
	graces := t.graces()
	for _, k := range t.tasks {
		n := t.patience(k)
		if grace := graces[serviceAddress(k.name())]; grace > xfargate.GracePeriod.Fallback {
			n = max(n, grace)
		}
		if n == 0 || t.isRun(k) { // nobody checks what ends
			continue
		}
		names = append(names, k.name())
		if most = max(most, n); least == 0 || n < least {
			least = n
		}
	}
	if len(names) == 0 {
		return
	}
	after := secondsText(least)
	if most > least {
		after += " to " + secondsText(most)
	}
	t.notef(diag.Path{"services"}, "",
		"docker only marks a container that fails its health check, ECS replaces it: each has 5 minutes to start, and one that never becomes healthy is seen after %s: %s",
		after, compose.Quoted(names))
}
