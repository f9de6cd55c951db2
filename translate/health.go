package translate

import (
	"cmp"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// The bounds that ECS sets (HealthCheck of the API reference), in seconds but for
// the retries, with the defaults that compose has. ECS would wait 5 seconds for
// an answer where compose waits 30.
var (
	healthInterval    = xfargate.Bounds{Min: 5, Max: 300, Fallback: 30}
	healthTimeout     = xfargate.Bounds{Min: 2, Max: 60, Fallback: 30}
	healthRetries     = xfargate.Bounds{Min: 1, Max: 10, Fallback: 3}
	healthStartPeriod = xfargate.Bounds{Min: 0, Max: startPeriod}
	stopTimeout       = xfargate.Bounds{Min: 2, Max: 120}
)

// startPeriod is the longest that ECS has. Docker only marks a container that fails its
// health check, ECS ends it: in the middle of a first initialisation, or of a slow start
// on a small size. A success in that time counts at once, so that it costs nothing
// (HealthCheck of the API reference, startPeriod).
const startPeriod = 300

// healthCheck is nil where the service has none.
func healthCheck(b *base, s container, chosen size) *spec.HealthCheck {
	h := s.HealthCheck
	if h == nil || isOff(h) || !testable(b, s) {
		return nil
	}
	seconds(b, atMost(h.Interval, healthInterval), healthInterval, s.at("healthcheck", "interval"))
	out := timed(h)
	out.Command = h.Test
	out.Timeout = seconds(b, h.Timeout, healthTimeout, s.at("healthcheck", "timeout"))
	formerTimeout := out.Timeout
	if chosen.cpu <= slowCheckCPU && isSlowCheck(h.Test) {
		out.Timeout = healthTimeout.Max
	}
	if kept, asked := patience(out), forgiven(h); kept < asked {
		b.warnf(s.at("healthcheck"), "let the command of the check wait itself, or write healthcheck: {disable: true}",
			"a container that is not healthy after %s is ended: the file gives it %s, which is more than ECS has room for", secondsText(kept), secondsText(asked))
	}
	b.warnOfPrograms(s)
	b.warnOfHostPort(s)
	b.warnOfFixedAddress(s)
	formerlyTimed(b, s, out, formerTimeout)
	return &out
}

// timed is when ECS asks, and how often it may fail: what it has no room for, retries
// beyond ten and longer intervals or start periods, the others make up for.
func timed(h *types.HealthCheckConfig) spec.HealthCheck {
	rest := forgiven(h) - startPeriod
	interval := clamp(askedInterval(h), healthInterval)
	retries := clamp(max(askedRetries(h), ceilDiv(rest, interval)), healthRetries)
	return spec.HealthCheck{
		Interval: clamp(max(interval, ceilDiv(rest, retries)), healthInterval), Retries: retries, StartPeriod: startPeriod,
	}
}

// patience is how long ECS waits for the first success of a container, in seconds.
func patience(h spec.HealthCheck) int { return h.StartPeriod + h.Interval*h.Retries }

// forgiven is how long a container may fail its health check by the files before docker
// calls it unhealthy, in seconds.
func forgiven(h *types.HealthCheckConfig) int {
	return wholeSeconds(h.StartPeriod) + askedInterval(h)*askedRetries(h)
}

func askedInterval(h *types.HealthCheckConfig) int {
	return cmp.Or(wholeSeconds(h.Interval), healthInterval.Fallback)
}

func askedRetries(h *types.HealthCheckConfig) int {
	if h.Retries == nil || *h.Retries == 0 {
		return healthRetries.Fallback
	}
	return int(min(*h.Retries, 1<<20))
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func clamp(n int, bounds xfargate.Bounds) int { return min(max(n, bounds.Min), bounds.Max) }

// atMost cuts off what is above the bounds of ECS, without a word.
func atMost(d *types.Duration, bounds xfargate.Bounds) *types.Duration {
	most := types.Duration(time.Duration(bounds.Max) * time.Second)
	if d == nil || *d <= most {
		return d
	}
	return &most
}

// formerlyTimed tells what the releases sent that took the numbers of the files.
func formerlyTimed(b *base, s container, sent spec.HealthCheck, timeout int) {
	h, name := s.HealthCheck, ecsName(s.Name)
	if s.step != nil {
		name = b.stepName(*s.step)
	}
	for _, field := range []struct {
		name      string
		was, sent int
	}{
		{"timeout", timeout, sent.Timeout},
		{"interval", clamp(askedInterval(h), healthInterval), sent.Interval},
		{"retries", clamp(askedRetries(h), healthRetries), sent.Retries},
		{"startPeriod", clamp(wholeSeconds(h.StartPeriod), healthStartPeriod), sent.StartPeriod},
	} {
		if field.was != field.sent {
			b.formerly(taskDefinitionAddress(b.taskOf[s.Name].name()), "containerDefinitions."+name+".healthCheck."+field.name, field.was)
		}
	}
}

// leavesTest says whether the files leave to the image what its health check runs.
func leavesTest(s container) bool {
	h := s.HealthCheck
	return h == nil || !isOff(h) && len(h.Test) == 0
}

// testable says whether there is a command to run.
func testable(b *base, s container) bool {
	switch test := s.HealthCheck.Test; {
	case len(test) == 0 && !adjusts(s.HealthCheck): // disable: false, say
		return false
	case len(test) == 0:
		b.warnf(s.at("healthcheck"), "repeat the image's command as healthcheck.test",
			"no health check: without a test, these settings adjust the HEALTHCHECK of the image, which ECS ignores")
		return false
	case len(test) == 1:
		b.errorf(s.at("healthcheck", "test"), "write the command after it, or NONE", "%q needs a command after it", test[0])
		return false
	default:
		return true
	}
}

// seconds rounds a duration to whole seconds within bounds. Less than is asked for is
// worth a warning, more is not.
func seconds(b *base, d *types.Duration, bounds xfargate.Bounds, path diag.Path) int {
	if d == nil || *d == 0 && bounds.Fallback > 0 {
		return bounds.Fallback
	}
	asked := time.Duration(*d)
	whole := int((asked + time.Second - 1) / time.Second)
	kept := clamp(whole, bounds)
	switch {
	case kept < whole:
		b.warnf(path, "", "%s is outside the %d to %d seconds that ECS allows: %d s is used", durationText(asked), bounds.Min, bounds.Max, kept)
	case kept != whole:
		b.notef(path, "", "%s is outside the %d to %d seconds that ECS allows: %d s is used", durationText(asked), bounds.Min, bounds.Max, kept)
	case time.Duration(whole)*time.Second != asked:
		b.notef(path, "", "ECS counts whole seconds: %s becomes %d s", durationText(asked), kept)
	}
	return kept
}

// durationText writes 5m where Go writes 5m0s.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func secondsText(n int) string { return durationText(time.Duration(n) * time.Second) }
