package translate

import (
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// The bounds that ECS sets (HealthCheck of the API reference), in seconds but for
// the retries, with the defaults that compose has. ECS would wait 5 seconds for
// an answer where compose waits 30.
var (
	healthInterval    = bounds{min: 5, max: 300, fallback: 30}
	healthTimeout     = bounds{min: 2, max: 60, fallback: 30}
	healthRetries     = bounds{min: 1, max: 10, fallback: 3}
	healthStartPeriod = bounds{min: 0, max: 300}
	stopTimeout       = bounds{min: 2, max: 120}
)

// bounds of a number; fallback stands for none, and where there is one for zero.
type bounds struct{ min, max, fallback int }

// healthCheck is nil where the service has none.
func (t *translation) healthCheck(s *types.ServiceConfig) *spec.HealthCheck {
	h := s.HealthCheck
	if h != nil && (h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE") {
		return nil
	}
	if h == nil || len(h.Test) == 0 {
		if carried := t.carriedCheck(s); carried != nil {
			with := *s
			with.HealthCheck = carried
			s, h = &with, carried
		}
	}
	if h == nil || !t.testable(s) {
		return nil
	}
	return &spec.HealthCheck{
		Command:     h.Test,
		Interval:    t.seconds(h.Interval, healthInterval, at(s.Name, "healthcheck", "interval")),
		Timeout:     t.seconds(h.Timeout, healthTimeout, at(s.Name, "healthcheck", "timeout")),
		Retries:     t.retries(s),
		StartPeriod: t.seconds(h.StartPeriod, healthStartPeriod, at(s.Name, "healthcheck", "start_period")),
	}
}

// testable says whether there is a command to run.
func (t *translation) testable(s *types.ServiceConfig) bool {
	switch test := s.HealthCheck.Test; {
	case len(test) == 0:
		t.warnf(at(s.Name, "healthcheck"), "repeat the image's command as healthcheck.test",
			"no health check: without a test this adjusts the one in the image, which ECS does not run")
		return false
	case len(test) == 1:
		t.errorf(at(s.Name, "healthcheck", "test"), "write the command after it, or NONE", "%q alone is no command", test[0])
		return false
	default:
		return true
	}
}

func (t *translation) retries(s *types.ServiceConfig) int {
	retries := 0
	if r := s.HealthCheck.Retries; r != nil {
		retries = int(min(*r, 1<<20))
	}
	if retries == 0 {
		return healthRetries.fallback
	}
	kept := min(max(retries, healthRetries.min), healthRetries.max)
	if kept != retries {
		t.warnf(at(s.Name, "healthcheck", "retries"), "", "%d retries, ECS takes %d to %d: %d used",
			retries, healthRetries.min, healthRetries.max, kept)
	}
	return kept
}

// seconds turns a duration into whole seconds within bounds and says where that
// changes it.
func (t *translation) seconds(d *types.Duration, b bounds, path []string) int {
	if d == nil || *d == 0 && b.fallback > 0 {
		return b.fallback
	}
	asked := time.Duration(*d)
	whole := int((asked + time.Second - 1) / time.Second)
	kept := min(max(whole, b.min), b.max)
	switch {
	case kept != whole:
		t.warnf(path, "", "%s is outside the %d to %d seconds that ECS takes: %d s used", durationText(asked), b.min, b.max, kept)
	case time.Duration(whole)*time.Second != asked:
		t.warnf(path, "", "ECS counts whole seconds: %s becomes %d s", durationText(asked), kept)
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
