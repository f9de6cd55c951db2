package translate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// imageCheck is the HEALTHCHECK of the image of a container, of which ECS knows nothing;
// nil where it has none. Not known: neither its Dockerfile nor a registry tells.
func (t *imageFacts) imageCheck(s container) (check *types.HealthCheckConfig, known bool) {
	if build, _ := t.buildOf(s); build != nil {
		built := t.builtImageOf(s)
		if built == nil {
			return nil, false
		}
		if check := built.healthcheck(); check != nil || built.base() == "scratch" {
			return checkOfImage(check), true
		}
	}
	image, known := t.facts.Images[t.baseImage(s)]
	return checkOfImage(image.Healthcheck), known
}

// healthcheck is that of the Dockerfile, nil where that of its base counts.
func (i *builtImage) healthcheck() *plan.ImageCheck {
	for _, s := range i.chain() {
		if s.healthcheck != nil {
			return s.healthcheck
		}
	}
	return nil
}

// longest, in seconds, is more than an image asks for: timed makes up for what ECS has
// no room for.
const longest = 1 << 16

// checkOfImage is the health check of an image as the files would have it, nil for none.
func checkOfImage(h *plan.ImageCheck) *types.HealthCheckConfig {
	if h == nil || len(h.Test) < 2 || h.Test[0] == "NONE" {
		return nil
	}
	out := &types.HealthCheckConfig{Test: slices.Clone(h.Test)}
	out.Interval = clamped(h.Interval, xfargate.Bounds{Min: healthInterval.Min, Max: longest})
	out.Timeout = clamped(h.Timeout, healthTimeout)
	out.StartPeriod = clamped(h.StartPeriod, xfargate.Bounds{Max: longest})
	if h.Retries > 0 {
		retries := uint64(h.Retries)
		out.Retries = &retries
	}
	return out
}

// clamped is a time in nanoseconds within bounds, in whole seconds; nil for none.
func clamped(nanoseconds int64, b xfargate.Bounds) *types.Duration {
	if nanoseconds <= 0 {
		return nil
	}
	seconds := (nanoseconds + int64(time.Second) - 1) / int64(time.Second)
	seconds = min(max(seconds, int64(b.Min)), int64(b.Max))
	out := types.Duration(time.Duration(seconds) * time.Second)
	return &out
}

// carriedCheck is the health check of the image where the files have none, or adjust it
// only; nil where there is none, or it stays in the image. That of an image which is built
// here is carried where somebody waits for it or adjusts it: elsewhere docker only marks
// the container, and ECS would end it.
func (t *imageFacts) carriedCheck(s container) *types.HealthCheckConfig {
	out, _ := t.imageCheck(s)
	h := s.HealthCheck
	if build, _ := t.buildOf(s); out == nil || build != nil && (s.step != nil || !t.awaited[s.Name] && !adjusts(h)) {
		return nil
	}
	if h != nil {
		out.Interval, out.Timeout = cmp.Or(h.Interval, out.Interval), cmp.Or(h.Timeout, out.Timeout)
		out.StartPeriod, out.Retries = cmp.Or(h.StartPeriod, out.StartPeriod), cmp.Or(h.Retries, out.Retries)
	}
	return out
}

// adjusts says whether a health check sets anything besides its test.
func adjusts(h *types.HealthCheckConfig) bool {
	return h != nil && (h.Interval != nil || h.Timeout != nil || h.StartPeriod != nil || h.StartInterval != nil || h.Retries != nil)
}

// noteCarried says of a service without a health check which one it has.
func (t *imageFacts) noteCarried(s container, check *types.HealthCheckConfig) {
	if build, _ := t.buildOf(s); build != nil {
		t.formerly(taskDefinitionAddress(t.taskOf[s.Name].name()), t.containerField(s)+".healthCheck", nil)
	}
	if s.HealthCheck == nil {
		t.notef(t.imagePath(s), "write healthcheck: {disable: true} to turn it off",
			"the health check of the image is used, within the limits of ECS: %s", strings.Join(check.Test[1:], " "))
	}
}

// readAwaited are the services for whose health another one waits.
func (p *Project) readAwaited() map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Compose.Services {
		for name, d := range s.DependsOn {
			if d.Condition == types.ServiceConditionHealthy {
				out[name] = true
			}
		}
	}
	return out
}

// warnUnawaited warns of a wait for the health of a service in another task which nothing
// checks: docker compose breaks off there (compose, isServiceHealthy: "has no healthcheck
// configured"), and here the service counts as healthy once it runs.
func (t *translation) warnUnawaited() {
	for _, k := range t.tasks {
		for _, m := range k.members {
			for _, name := range sortedKeys(m.DependsOn) {
				holder := t.taskOf[name]
				if d := m.DependsOn[name]; holder == nil || holder == k || d.Condition != types.ServiceConditionHealthy || !d.Required {
					continue
				}
				if other, ok := holder.member(name); ok && !t.isChecked(other) {
					t.warnUnchecked(m, other)
				}
			}
		}
	}
}

func (t *translation) warnUnchecked(s, other container) {
	path := s.at("depends_on", other.Name)
	_, known := t.imageCheck(other)
	switch {
	case !leavesTest(other):
		t.warnf(path, "wait for service_started, or remove what disables the health check of "+other.Name,
			"nothing waits for the health of %q: its health check is disabled, for which docker compose refuses to start", other.Name)
	case known:
		t.warnf(path, "wait for service_started, or give "+other.Name+" a healthcheck",
			"nothing waits for the health of %q: neither the files nor its image have a health check, for which docker compose refuses to start", other.Name)
	default:
		t.warnf(path, "repeat the test of the image under services."+other.Name+".healthcheck: docker inspect --format '{{json .Config.Healthcheck}}' "+
			cmp.Or(other.Image, "IMAGE")+" shows it", "nothing waits for the health of %q: the files have no health check, and whether the image has one is not known here", other.Name)
	}
}
