package translate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// writtenPlaces begin the paths of directories in which images have nothing, and
// services put what they write.
var writtenPlaces = strings.Fields(`/var/lib /var/log /var/cache /var/backups /data /config /backup /backups /storage /uploads /media /cache /logs
	/tmp /mnt /srv /home /root /export /bitnami /library /downloads /shared`)

// seeded says whether an empty volume is filled once with the image's files at
// its mount point, as docker does for each named volume. By default it happens
// only for images that are known to need it, because it takes a container with
// a shell.
func (t *storage) seeded(m *mount) bool {
	x := t.X.Volumes[m.volume]
	switch {
	case m.store.kind != ownStore, m.bound, m.readOnly, m.noCopy, m.subpath != "", m.service.step != nil:
		return false
	case x.Seed != nil:
		return *x.Seed
	default:
		return t.isFilled(m.service, path.Clean(m.target)) && t.mayHaveShell(m.service)
	}
}

// noteUnseeded reports a volume that starts empty if that may matter.
func (t *storage) noteUnseeded(m *mount) {
	if t.seeded(m) && t.seedsLong(m) {
		t.warnf(m.path, "remove the mount if the image's own files will do; else write nocopy: true in the volume, and fill it once by a service of its own",
			"a container that runs first copies the image's files in %s into the volume: so many files may take longer than the 3 minutes for which ECS waits, after which the task begins again", m.target)
		return
	}
	if t.seeded(m) {
		t.notef(m.path, "write nocopy: true in its volume, or x-fargate: {seed: false} at the volume, to keep it empty",
			"while the volume is empty, a container that runs first copies the image's files in %s into it", m.target)
		return
	}
	image := t.kindOfImage(m.service)
	managed, _ := managedFor(image)
	usual := !t.isFilled(m.service, path.Clean(m.target)) && (slices.Contains(dataNames, strings.ToLower(path.Base(m.target))) ||
		slices.ContainsFunc(writtenPlaces, func(place string) bool { return within(m.target, place) }))
	if m.bound || m.readOnly || m.noCopy || m.subpath != "" || t.X.Volumes[m.volume].Seed != nil || usual || managed != "" || knownOf(image).FillsItself {
		return
	}
	t.notef(m.path, "write x-fargate: {seed: true} at the volume to have it copied once; the image needs a shell for that",
		"the volume starts empty: unlike docker, ECS does not copy the image's files in %s into it", m.target)
}

// seedsLong says whether it may take more than the three minutes that ECS waits for a
// container on which another one depends (ContainerDefinition of the API reference,
// startTimeout: 3 minutes on Fargate, 2 at most where it is set) to copy what an image has
// in a directory: what package managers fill has ten thousands of files.
func (t *storage) seedsLong(m *mount) bool {
	target := path.Clean(m.target)
	return slices.Contains(packageNames, path.Base(target)) || slices.Contains(knownOf(t.baseImage(m.service)).Large, target)
}

// packageNames are directories that package managers fill.
var packageNames = strings.Fields("node_modules bower_components vendor .venv venv site-packages bundle .m2 .gradle .cargo .pnpm-store")

// seededMounts are the mounts of a service that are filled from its image.
func (t *storage) seededMounts(s container) []*mount {
	return slices.DeleteFunc(t.mountsOf(s), func(m *mount) bool { return !t.seeded(m) })
}

// unfinishedSeed is a file in a volume for as long as it is filled: a copy that
// was broken off begins again.
const unfinishedSeed = ".compose2fargate-unfinished"

// addSeed puts a container before that of a service which fills its empty volumes
// from the image, as root, whose files they may be. The service starts when it has
// ended, however it ended: without a shell in the image, or with an error, it has
// the empty volume that it would have without.
func (t *storage) addSeed(k *task, s container, d *spec.TaskDefinition) {
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
	seed.Command = []string{strings.Join(lines, "\n")}
	container.DependsOn = append(slices.Clone(container.DependsOn), spec.ContainerDependsOn{ContainerName: seed.Name, Condition: "COMPLETE"})
	d.ContainerDefinitions = append(d.ContainerDefinitions, seed)
}

func seedScript(from, to string) string {
	mark := to + "/" + unfinishedSeed
	return fmt.Sprintf(`if [ -d %s ] && { [ -z "$(ls -A %s)" ] || [ -e %s ]; }; then : > %s && cp -a %s %s && rm %s; fi`,
		shellQuoted(from), to, mark, mark, shellQuoted(strings.TrimSuffix(from, "/")+"/."), to, mark)
}

func shellQuoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// seedName is the name of the container that fills the volumes of a service.
func (p *Project) seedName(s container) string {
	name := s.Name + "-seed"
	if p.HasService(name) {
		name = s.Name + ":seed" // no service has a colon
	}
	return ecsName(name)
}

// isFilled says whether the image of a container is known to have files in a directory: a
// published one, or one that is built here from it, or puts files into the directory or
// one in it, or declares it as a volume, as far as its Dockerfile tells.
func (p *Project) isFilled(s container, target string) bool {
	image := p.builtImageOf(s)
	if image == nil {
		return slices.Contains(knownOf(s.Image).Filled, target)
	}
	return image.worksIn(target) || slices.Contains(knownOf(image.base()).Filled, target) ||
		slices.ContainsFunc(image.volumes(), func(dir string) bool { return within(target, dir) })
}

// mayHaveShell says whether nothing is known against a shell in the image of a container.
func (p *Project) mayHaveShell(s container) bool {
	image := p.builtImageOf(s)
	return image == nil || image.hasShell()
}
