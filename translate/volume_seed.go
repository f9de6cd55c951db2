package translate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// seedsLong says whether it may take more than the three minutes that ECS waits for a
// container on which another one depends (ContainerDefinition of the API reference,
// startTimeout: 3 minutes on Fargate, 2 at most where it is set) to copy what an image has
// in a directory: what package managers fill has ten thousands of files.
func (t *storage) seedsLong(m *mount) bool {
	target, image := path.Clean(m.target), t.builtImageOf(m.service)
	return slices.Contains(packageNames, path.Base(target)) || slices.Contains(knownOf(t.baseImage(m.service)).Large, target) ||
		image != nil && image.putsMany(target)
}

// maySeedLong says whether seedsLong may be true, though nothing shows it: a program as a
// whole, or what the files ask to be copied.
func (t *storage) maySeedLong(m *mount) bool {
	asked, image := t.X.Volumes[m.volume].Seed, t.builtImageOf(m.service)
	return t.seedsLong(m) || asked != nil && *asked || image != nil && image.putsTrees(path.Clean(m.target))
}

// fillsAtStart is what a service starts with that waits for its volumes itself, without
// a bound of ECS, because it may take long to fill them. Not ok: there is no such volume,
// it is not known with what the service starts, or something else needs the files before.
func (t *storage) fillsAtStart(s container) (command []string, ok bool) {
	if len(stepsOf(s.ServiceConfig)) > 0 || !slices.ContainsFunc(t.seededMounts(s), t.maySeedLong) {
		return nil, false
	}
	return t.startCommand(s)
}

// seededMounts are the mounts of a service that are filled from its image.
func (t *storage) seededMounts(s container) []*mount {
	return slices.DeleteFunc(t.mountsOf(s), func(m *mount) bool { return !t.seeded(m) })
}

// addSeed puts a container before that of a service which fills its empty volumes
// from the image, as root, whose files they may be. The service starts when it has
// ended, however it ended: without a shell in the image, or with an error, it has
// the empty volume that it would have without. Where that may take long, the service
// starts at once, and waits itself. Links to the files that are nested in these volumes
// follow, so that they are empty before.
func (t *storage) addSeed(k *task, s container, nested []nestedFile, d *spec.TaskDefinition) {
	mounts := t.seededMounts(s)
	if len(mounts) == 0 {
		return
	}
	container := &d.ContainerDefinitions[slices.Index(k.members, s)]
	seed := spec.Container{
		Name:                  t.seedName(s),
		Image:                 container.Image,
		RepositoryCredentials: container.RepositoryCredentials,
		User:                  "0",
		EntryPoint:            []string{"sh", "-c"},
		LogConfiguration:      toLogGroup(t.base, s.Name),
	}
	var lines []string
	for i, m := range mounts {
		to := fmt.Sprint(spec.HelperPlace, i+1)
		seed.MountPoints = append(seed.MountPoints, spec.MountPoint{SourceVolume: m.name, ContainerPath: to})
		lines = append(lines, seedScript(path.Clean(m.target), to))
	}
	lines = append(lines, linkLines(nested, seed.Name, func(volume string) string {
		i := slices.IndexFunc(mounts, func(m *mount) bool { return m.name == volume })
		return fmt.Sprint(spec.HelperPlace, i+1)
	}, func(string) bool { return false })...)
	seed.Command = []string{strings.Join(lines, "\n")}
	condition := "COMPLETE"
	if command, ok := t.fillsAtStart(s); ok {
		condition = "START"
		d.Volumes = append(d.Volumes, t.awaitSeed(k, s, container, &seed, command))
	}
	container.DependsOn = append(slices.Clone(container.DependsOn), spec.ContainerDependsOn{ContainerName: seed.Name, Condition: condition})
	d.ContainerDefinitions = append(d.ContainerDefinitions, seed)
	t.formerlyEmpty(k, s, mounts, seed.Name)
}

// formerlyEmpty tells what the releases sent that did not know of the files of an image. It
// is the files' own word where they ask for a seed.
func (t *storage) formerlyEmpty(k *task, s container, mounts []*mount, seed string) {
	if slices.ContainsFunc(mounts, func(m *mount) bool { return t.X.Volumes[m.volume].Seed != nil }) {
		return
	}
	address := taskDefinitionAddress(k.name())
	t.formerly(address, "containerDefinitions."+seed, nil)
	t.formerly(address, t.containerField(s)+".dependsOn."+seed, nil)
}

// seedDone is the directory, on a volume of the task, in which a file says that the
// volumes of a service are filled.
const seedDone = spec.HelperPlace + "seed"

// awaitSeed lets a container wait for its volumes when it starts, and then become what it
// would have started with. It returns the volume over which it is told.
func (t *storage) awaitSeed(k *task, s container, c, seed *spec.Container, command []string) spec.Volume {
	out := spec.Volume{Name: ecsName(s.Name + ":seed")} // no name of a volume has a colon
	address, field, helper := taskDefinitionAddress(k.name()), t.containerField(s), "containerDefinitions."+seed.Name
	former := map[string]any{
		field + ".entryPoint": c.EntryPoint, field + ".command": c.Command, helper + ".command": seed.Command,
		field + ".dependsOn." + seed.Name + ".condition": "COMPLETE", "volumes." + out.Name: nil,
		field + ".mountPoints." + seedDone: nil, helper + ".mountPoints." + seedDone: nil,
	}
	for _, path := range sortedKeys(former) {
		t.formerly(address, path, former[path])
	}
	seed.MountPoints = append(seed.MountPoints, spec.MountPoint{SourceVolume: out.Name, ContainerPath: seedDone})
	seed.Command = []string{beatScript(seedDone) + "\n" + seed.Command[0] + "\n: > " + seedDone + "/done"}
	c.MountPoints = append(slices.Clone(c.MountPoints), spec.MountPoint{SourceVolume: out.Name, ContainerPath: seedDone, ReadOnly: true})
	if len(c.EntryPoint) > 0 {
		command = slices.Concat(c.EntryPoint, c.Command)
	}
	c.EntryPoint = []string{"sh", "-c", awaitScript(seedDone, seed.Name, maxSilence), "sh"}
	c.Command = command
	return out
}

// maxSilence, in seconds, is how long a container that fills volumes may give no sign of
// life. It gives one every five, on the task's own disk.
const maxSilence = 60

// beatScript counts up in a file for as long as the container lives that runs it: one that
// was killed, for want of memory for example, can say nothing.
func beatScript(dir string) string {
	return fmt.Sprintf(`(n=0; while n=$((n+1)); do echo "$n" > %s/alive; sleep 5; done) &`, dir)
}

// awaitScript waits for a file in a directory, and runs its arguments in its own place. It
// fails, so that the task begins again, where the container that should make the file
// has ended without it.
func awaitScript(dir, seed string, silence int) string {
	return fmt.Sprintf(`last= silent=0
until [ -e %[1]s/done ]; do
  n=; { read -r n < %[1]s/alive; } 2>/dev/null
  if [ "$n" = "$last" ]; then silent=$((silent+1)); else last=$n silent=0; fi
  if [ "$silent" -gt %[3]d ]; then echo "compose2fargate: container %[2]s ended before it had filled the volumes" >&2; exit 1; fi
  sleep 1
done
exec "$@"`, dir, seed, silence)
}

func seedScript(from, to string) string {
	mark := to + "/" + unfinishedSeed
	return fmt.Sprintf(`if [ -d %s ] && { [ -z "$(ls -A %s)" ] || [ -e %s ]; }; then : > %s && cp -a %s %s && rm %s; fi`,
		quote(from), to, mark, mark, quote(strings.TrimSuffix(from, "/")+"/."), to, mark)
}

// seedName is the name of the container that fills the volumes of a service.
func (p *Project) seedName(s container) string {
	name := s.Name + "-seed"
	if p.HasService(name) {
		name = s.Name + ":seed" // no service has a colon
	}
	return ecsName(name)
}
