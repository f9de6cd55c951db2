package translate

import (
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

func TestDurationsBecomeWholeSecondsWithinBounds(t *testing.T) {
	b := newBase(&Project{Project: &compose.Project{}}, plan.Facts{})
	if got := seconds(b, nil, stopTimeout, nil); got != 0 || len(b.ds) > 0 {
		t.Errorf("nothing asked: %d s", got)
	}
	for _, c := range []struct {
		name   string
		asked  time.Duration
		bounds xfargate.Bounds
		want   int
		says   bool
	}{
		{"none is the default", 0, healthInterval, 30, false},
		{"compose's default is not that of ECS", 0, healthTimeout, 30, false},
		{"the least", 5 * time.Second, healthInterval, 5, false},
		{"below the least", 4999 * time.Millisecond, healthInterval, 5, true},
		{"far below", time.Millisecond, healthInterval, 5, true},
		{"the most", 5 * time.Minute, healthInterval, 300, false},
		{"above the most", 5*time.Minute + 1, healthInterval, 300, true},
		{"fractions round up", 5001 * time.Millisecond, healthInterval, 6, true},
		{"minutes are whole", 90 * time.Second, healthInterval, 90, false},
		{"timeout", time.Second, healthTimeout, 2, true},
		{"timeout at most", 61 * time.Second, healthTimeout, 60, true},
		{"no start period", 0, healthStartPeriod, 0, false},
		{"a start period", time.Nanosecond, healthStartPeriod, 1, true},
		{"grace", 121 * time.Second, stopTimeout, 120, true},
		{"little grace", time.Second, stopTimeout, 2, true},
		{"no grace at all", 0, stopTimeout, 2, true},
		{"less than nothing", -time.Second, healthInterval, 5, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBase(&Project{Project: &compose.Project{}}, plan.Facts{})
			d := types.Duration(c.asked)
			got := seconds(b, &d, c.bounds, []string{"services", "web", "healthcheck", "interval"})
			if got != c.want || (len(b.ds) > 0) != c.says {
				t.Errorf("%d s and %q, want %d s", got, printed(b.ds), c.want)
			}
		})
	}
}

// TestWhatDockerForgivesIsForgiven tries the numbers that people write, and a start that
// is healthy only after 280 seconds.
func TestWhatDockerForgivesIsForgiven(t *testing.T) {
	for _, interval := range []int{0, 1, 2, 5, 10, 15, 30, 60, 300, 600} {
		for _, retries := range []uint64{0, 1, 2, 3, 5, 10, 12, 30, 60, 120} {
			for _, start := range []int{0, 5, 40, 120, 300, 301, 900} {
				h := &types.HealthCheckConfig{Retries: &retries, Interval: secondsOf(interval), StartPeriod: secondsOf(start)}
				got := timed(h)
				room := healthStartPeriod.Max + healthInterval.Max*healthRetries.Max
				if patience(got) < min(forgiven(h), room) || patience(got)-got.Interval < 280 && got.Retries > 1 || got.StartPeriod < 280 {
					t.Errorf("%d s × %d after %d s: %+v", interval, retries, start, got)
				}
				if got.Interval != clamp(askedInterval(h), healthInterval) && forgiven(h) <= startPeriod {
					t.Errorf("%d s × %d after %d s: asked every %d s without need", interval, retries, start, got.Interval)
				}
			}
		}
	}
}

func secondsOf(n int) *types.Duration {
	d := types.Duration(time.Duration(n) * time.Second)
	return &d
}
