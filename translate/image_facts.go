package translate

import (
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// imageFacts are what is known of the images that containers run.
type imageFacts struct {
	*base
	architectures map[*task]string
}

// published is what is known of the published image that a container runs or is
// made from; not ok where nobody looked, or where it is built here.
func (t *imageFacts) published(s *types.ServiceConfig) (plan.Image, bool) {
	if build, _ := t.buildOf(s); build != nil {
		return plan.Image{}, false
	}
	found, ok := t.facts.Images[s.Image]
	return found, ok
}

// architecture is the one that all containers of a task have, chosen once: what
// the files say, else x86 unless an image comes for ARM alone.
func (t *imageFacts) architecture(k *task) string {
	if chosen, ok := t.architectures[k]; ok {
		return chosen
	}
	chosen := writtenArchitecture(t.base, k)
	if chosen == "" {
		chosen = t.openArchitecture(k)
	}
	t.architectures[k] = chosen
	t.eachContainer(k, func(s *types.ServiceConfig) { t.refuseOtherPlatforms(s, chosen) })
	return chosen
}

// openArchitecture is that of a task whose services leave it open.
func (t *imageFacts) openArchitecture(k *task) string {
	var only *types.ServiceConfig
	every := true
	t.eachContainer(k, func(s *types.ServiceConfig) {
		has := t.has(s)
		if !slices.Contains(has, "X86_64") && slices.Contains(has, "ARM64") && only == nil && t.step == nil {
			only = s
		}
		every = every && slices.Contains(has, "ARM64")
	})
	if only == nil || !every {
		return "X86_64"
	}
	t.notef(t.imagePath(only), "write platform: linux/arm64 to say so", "the task runs on ARM: there is no linux/amd64 of this image")
	return "ARM64"
}

// has are the architectures that an image comes for; those of one that nobody
// looked at, and of one that is built for any platform, are both.
func (t *imageFacts) has(s *types.ServiceConfig) []string {
	listed := t.listedPlatforms(s)
	if listed == nil {
		return []string{"X86_64", "ARM64"}
	}
	var out []string
	for _, platform := range listed {
		if architecture, ok := architectures[strings.ToLower(platform)]; ok {
			out = append(out, architecture)
		}
	}
	return out
}

// listedPlatforms are those of a published image, or those that a build names;
// nil where none is known.
func (t *imageFacts) listedPlatforms(s *types.ServiceConfig) []string {
	if build, _ := t.buildOf(s); build != nil {
		return build.Platforms
	}
	return t.facts.Images[s.Image].Platforms
}

// refuseOtherPlatforms refuses an image that does not come for the architecture
// of its task.
func (t *imageFacts) refuseOtherPlatforms(s *types.ServiceConfig, architecture string) {
	listed := t.listedPlatforms(s)
	if len(listed) == 0 || slices.Contains(t.has(s), architecture) {
		return
	}
	if build, by := t.buildOf(s); build != nil {
		if s.Platform != "" && t.X.Service(s.Name).Platform == "" {
			return // Load refuses it
		}
		t.errorf(at(by, "build", "platforms"), "add it, or write platform: "+listed[0],
			"%s is not among the platforms of the build, and the task runs on it", platforms[architecture])
		return
	}
	t.errorf(t.imagePath(s), "write platform: to choose one of these, or name another image",
		"%s does not come for %s, only for %s", s.Image, platforms[architecture], strings.Join(listed, ", "))
}

// imagePath is where the files name the image of a service.
func (t *imageFacts) imagePath(s *types.ServiceConfig) []string {
	if path := at(s.Name, "image"); s.Image != "" {
		return path
	}
	return at(s.Name, "build")
}

// imageCheck is the health check of the image, which ECS does not look at; nil
// where the image has none, or nobody looked.
func (t *imageFacts) imageCheck(s *types.ServiceConfig) *types.HealthCheckConfig {
	image, _ := t.published(s)
	h := image.Healthcheck
	if h == nil || len(h.Test) < 2 || h.Test[0] == "NONE" {
		return nil
	}
	out := &types.HealthCheckConfig{Test: slices.Clone(h.Test)}
	out.Interval = healthInterval.clamped(h.Interval)
	out.Timeout = healthTimeout.clamped(h.Timeout)
	out.StartPeriod = healthStartPeriod.clamped(h.StartPeriod)
	if h.Retries > 0 {
		retries := uint64(min(h.Retries, healthRetries.max))
		out.Retries = &retries
	}
	return out
}

// clamped is a time in nanoseconds within bounds, in whole seconds; nil for none.
func (b bounds) clamped(nanoseconds int64) *types.Duration {
	if nanoseconds <= 0 {
		return nil
	}
	seconds := (nanoseconds + int64(time.Second) - 1) / int64(time.Second)
	seconds = min(max(seconds, int64(b.min)), int64(b.max))
	out := types.Duration(time.Duration(seconds) * time.Second)
	return &out
}

// carriedCheck is the health check of the image where the files have none, or
// adjust it only.
func (t *imageFacts) carriedCheck(s *types.ServiceConfig) *types.HealthCheckConfig {
	out := t.imageCheck(s)
	if out == nil {
		return nil
	}
	if h := s.HealthCheck; h != nil {
		for to, given := range map[**types.Duration]*types.Duration{&out.Interval: h.Interval, &out.Timeout: h.Timeout, &out.StartPeriod: h.StartPeriod} {
			if given != nil {
				*to = given
			}
		}
		if h.Retries != nil {
			out.Retries = h.Retries
		}
		return out
	}
	t.notef(t.imagePath(s), "write healthcheck: {disable: true} to do without",
		"the health check of the image is carried over, within the bounds of ECS: %s", strings.Join(out.Test[1:], " "))
	return out
}

// noteDeclared names the directories in which the image means to keep data and on
// which the service mounts nothing.
func (t *imageFacts) noteDeclared(s *types.ServiceConfig) {
	image, _ := t.published(s)
	var open []string
	for _, dir := range image.Volumes {
		mounted := slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return within(dir, v.Target) })
		inMemory := slices.ContainsFunc(s.Tmpfs, func(text string) bool {
			target, _, _ := strings.Cut(text, ":")
			return within(dir, target)
		})
		if !mounted && !inMemory {
			open = append(open, dir)
		}
	}
	if len(open) > 0 {
		t.notef(t.imagePath(s), "mount a volume there to keep it", "what is written to %s dies with the task: the image declares it a volume", strings.Join(open, ", "))
	}
}

// unpacking is by how much an image grows on the disk of a task: layers travel
// compressed, and lie there beside what they become.
const unpacking = 3

// imageStorage is the disk, in GiB, that the images of a task need.
func (t *imageFacts) imageStorage(k *task) int {
	var bytes int64
	seen := map[string]bool{}
	t.eachContainer(k, func(s *types.ServiceConfig) {
		if image, _ := t.published(s); !seen[s.Image] {
			bytes += image.SizeInBytes * unpacking
			seen[s.Image] = true
		}
	})
	return int((bytes + 1<<30 - 1) >> 30)
}

// grownStorage raises the disk of a task to what its images need.
func (t *imageFacts) grownStorage(k *task, asked spec.EphemeralStorage) spec.EphemeralStorage {
	need := t.imageStorage(k)
	if need <= max(asked.SizeInGiB, freeStorage) {
		return asked
	}
	if need > maxStorage {
		t.errorf(t.imagePath(k.lead), "make the image smaller", "images of about %d GiB unpacked, a Fargate task has %d GiB of disk at most", need, maxStorage)
		return asked
	}
	t.notef(t.imagePath(k.lead), "write storage_opt: {size: SIZE} for another size", "%d GiB of disk: the images of the task take about that much unpacked", need)
	return spec.EphemeralStorage{SizeInGiB: need}
}
