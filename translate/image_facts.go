package translate

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// imageFacts are what is known of the images that containers run.
type imageFacts struct {
	*base
	architectures map[*task]string
}

// published is what is known about the published image that a container runs or
// is based on; not ok if it was not looked up, or if it is built here.
func (t *imageFacts) published(s container) (plan.Image, bool) {
	if build, _ := t.buildOf(s); build != nil {
		return plan.Image{}, false
	}
	found, ok := t.facts.Images[s.Image]
	return found, ok
}

// architecture is the one architecture of all containers of a task, chosen
// once: what the files say, else x86 unless an image is available only for ARM.
func (t *imageFacts) architecture(k *task) string {
	if chosen, ok := t.architectures[k]; ok {
		return chosen
	}
	chosen := writtenArchitecture(t.base, k)
	if chosen == "" {
		chosen = t.openArchitecture(k)
	}
	t.architectures[k] = chosen
	for _, s := range k.containers() {
		t.refuseOtherPlatforms(s, chosen)
	}
	return chosen
}

// openArchitecture is that of a task whose services leave it open.
func (t *imageFacts) openArchitecture(k *task) string {
	var only *container
	every := true
	for _, s := range k.containers() {
		has := t.has(s)
		if !slices.Contains(has, "X86_64") && slices.Contains(has, "ARM64") && only == nil && s.step == nil {
			only = &s
		}
		every = every && slices.Contains(has, "ARM64")
	}
	if only == nil || !every {
		return "X86_64"
	}
	t.notef(t.imagePath(*only), "write platform: linux/arm64 to make that explicit", "the task runs on ARM, because this image has no linux/amd64 variant")
	return "ARM64"
}

// has are the architectures that an image is available for; both if it was not
// looked up, or is built for any platform.
func (t *imageFacts) has(s container) []string {
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

// listedPlatforms are the platforms of a published image, or those in
// build.platforms; nil if they are not known.
func (t *imageFacts) listedPlatforms(s container) []string {
	if build, _ := t.buildOf(s); build != nil {
		return build.Platforms
	}
	return t.facts.Images[s.Image].Platforms
}

// refuseOtherPlatforms refuses an image that does not come for the architecture
// of its task.
func (t *imageFacts) refuseOtherPlatforms(s container, architecture string) {
	listed := t.listedPlatforms(s)
	if len(listed) == 0 || slices.Contains(t.has(s), architecture) {
		return
	}
	if build, by := t.buildOf(s); build != nil {
		if s.Platform != "" && t.X.Service(s.Name).Platform == "" {
			return // Load refuses it
		}
		t.errorf(at(by, "build", "platforms"), "add it, or write platform: "+listed[0],
			"the task runs on %s, which build.platforms does not include", platforms[architecture])
		return
	}
	t.errorf(t.imagePath(s), "write platform: to choose one of these, or name another image",
		"%s is not available for %s, only for %s", s.Image, platforms[architecture], strings.Join(listed, ", "))
}

// imagePath is where the files name the image of a service.
func (t *imageFacts) imagePath(s container) []string {
	if path := s.at("image"); s.Image != "" {
		return path
	}
	return s.at("build")
}

// noteDeclared names the directories in which the image means to keep data and on
// which the service mounts nothing.
func (t *imageFacts) noteDeclared(s container) {
	declared := slices.Clone(t.facts.Images[t.baseImage(s)].Volumes)
	if built := t.builtImageOf(s); built != nil {
		declared = append(declared, built.volumes()...)
	}
	if keepsRecords(t.kindOfImage(s)) && s.step == nil {
		return // see warnForgets
	}
	var open []string
	for _, dir := range declared {
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
		t.notef(t.imagePath(s), "mount a volume there to keep it", "data written to %s is lost when the task stops: the image declares it as a volume", strings.Join(open, ", "))
	}
}

// unpacking is how much larger an image is on the disk of a task: layers are
// downloaded compressed, and both forms are on the disk.
const unpacking = 3

// imageStorage is the disk, in GiB, that the images of a task need.
func (t *imageFacts) imageStorage(k *task) int {
	var bytes int64
	seen := map[string]bool{}
	for _, s := range k.containers() {
		if image, _ := t.published(s); !seen[s.Image] {
			bytes += image.SizeInBytes * unpacking
			seen[s.Image] = true
		}
	}
	return int((bytes + 1<<30 - 1) >> 30)
}

// grownStorage raises the disk of a task to what its images need.
func (t *imageFacts) grownStorage(k *task, asked spec.EphemeralStorage) spec.EphemeralStorage {
	need := t.imageStorage(k)
	if need <= max(asked.SizeInGiB, freeStorage) {
		return asked
	}
	if need > maxStorage {
		t.errorf(t.imagePath(k.main), "make the image smaller", "the images take about %d GiB unpacked: a Fargate task has at most %d GiB of disk", need, maxStorage)
		return asked
	}
	t.notef(t.imagePath(k.main), "write storage_opt: {size: SIZE} for another size", "%d GiB of disk: the images of the task take about that much unpacked", need)
	return spec.EphemeralStorage{SizeInGiB: need}
}

// pins are the tags by which the service of a task remembers at which digests the
// images of its containers are: later plans stay with them while the files name the
// same references.
func (t *imageFacts) pins(k *task) map[string]string {
	out := map[string]string{}
	for _, s := range k.containers() {
		found, _ := t.published(s)
		if found.Digest == "" || strings.Contains(s.Image, "@") {
			continue
		}
		key, value := plan.Pin(s.key(), s.Image, found.Digest)
		out[key] = value
	}
	return out
}

// architectures are the architectures of Fargate, by the platforms of compose.
var architectures = map[string]string{
	"linux/amd64":    "X86_64",
	"linux/x86_64":   "X86_64",
	"amd64":          "X86_64",
	"linux":          "X86_64",
	"linux/arm64":    "ARM64",
	"linux/arm64/v8": "ARM64",
	"linux/aarch64":  "ARM64",
	"arm64":          "ARM64",
}

// writtenArchitecture is the one that the files set for all containers of a
// task, "" if they leave it open.
func writtenArchitecture(b *base, k *task) string {
	var found string
	var first container
	for _, m := range k.members {
		architecture := writtenPlatform(b, m)
		switch {
		case architecture == "":
		case found != "" && architecture != found:
			b.errorf(at(m.Name, "platform"), "give it a task of its own, or both the same platform",
				"%s in one task with %s of %q", architecture, found, first.Name)
		default:
			found, first = architecture, m
		}
	}
	return found
}

// writtenPlatform is the architecture that the files give a service, "" where they
// leave it open.
func writtenPlatform(b *base, s container) string {
	if architecture := b.X.Service(s.Name).Platform; architecture != "" {
		return architecture
	}
	if s.Platform == "" {
		return ""
	}
	architecture, ok := architectures[strings.ToLower(s.Platform)]
	if !ok {
		b.errorf(s.at("platform"), "build the image for linux/amd64 or linux/arm64", "Fargate does not run %s", s.Platform)
	}
	return architecture
}

// platforms are what registries and builders call the architectures of ECS.
var platforms = map[string]string{"X86_64": "linux/amd64", "ARM64": "linux/arm64"}
