package translate

import (
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
	healthStartPeriod = xfargate.Bounds{Min: 0, Max: 300}
	stopTimeout       = xfargate.Bounds{Min: 2, Max: 120}
)

// healthCheck is nil where the service has none.
func healthCheck(b *base, s container) *spec.HealthCheck {
	h := s.HealthCheck
	if h == nil || isOff(h) || !testable(b, s) {
		return nil
	}
	return &spec.HealthCheck{
		Command:     h.Test,
		Interval:    seconds(b, h.Interval, healthInterval, s.at("healthcheck", "interval")),
		Timeout:     seconds(b, h.Timeout, healthTimeout, s.at("healthcheck", "timeout")),
		Retries:     retries(b, s),
		StartPeriod: seconds(b, h.StartPeriod, healthStartPeriod, s.at("healthcheck", "start_period")),
	}
}

// isOff says whether a health check takes that of the image away.
func isOff(h *types.HealthCheckConfig) bool {
	return h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE"
}

// leavesTest says whether the files leave to the image what its health check runs.
func leavesTest(s container) bool {
	h := s.HealthCheck
	return h == nil || !isOff(h) && len(h.Test) == 0
}

// isChecked says whether ECS checks the health of a service; ofImage is the health
// check of its image, nil for none.
func isChecked(s container, ofImage *types.HealthCheckConfig) bool {
	if leavesTest(s) {
		return ofImage != nil
	}
	return !isOff(s.HealthCheck) && len(s.HealthCheck.Test) > 1
}

// testable says whether there is a command to run.
func testable(b *base, s container) bool {
	switch test := s.HealthCheck.Test; {
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

func retries(b *base, s container) int {
	given := s.HealthCheck.Retries
	if given == nil || *given == 0 {
		return healthRetries.Fallback
	}
	retries := int(min(*given, 1<<20))
	kept := min(max(retries, healthRetries.Min), healthRetries.Max)
	if kept != retries {
		b.warnf(s.at("healthcheck", "retries"), "", "%d retries: ECS allows %d to %d, %d is used",
			retries, healthRetries.Min, healthRetries.Max, kept)
	}
	return kept
}

// seconds rounds a duration to whole seconds within bounds, and reports if that
// changes it.
func seconds(b *base, d *types.Duration, within xfargate.Bounds, path diag.Path) int {
	if d == nil || *d == 0 && within.Fallback > 0 {
		return within.Fallback
	}
	asked := time.Duration(*d)
	whole := int((asked + time.Second - 1) / time.Second)
	kept := min(max(whole, within.Min), within.Max)
	switch {
	case kept != whole:
		b.warnf(path, "", "%s is outside the %d to %d seconds that ECS allows: %d s is used", durationText(asked), within.Min, within.Max, kept)
	case time.Duration(whole)*time.Second != asked:
		b.warnf(path, "", "ECS counts whole seconds: %s becomes %d s", durationText(asked), kept)
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
