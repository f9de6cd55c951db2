package translate

import (
	"path"
	"slices"
	"strings"
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
	case x.Seed != nil && !*x.Seed, x.Seed == nil && !t.isFilled(m.service, path.Clean(m.target)):
		return false
	default:
		return t.mayHaveShell(m.service)
	}
}

// noteUnseeded reports a volume that starts empty if that may matter.
func (t *storage) noteUnseeded(m *mount) {
	if _, atStart := t.fillsAtStart(m.service); atStart && t.seeded(m) {
		t.notef(m.path, "write nocopy: true in its volume, or x-fargate: {seed: false} at the volume, to keep it empty",
			"while the volume is empty, a second container copies the image's files in %s into it; the service waits for that when it starts, however long it takes", m.target)
		return
	}
	if t.seeded(m) && t.seedsLong(m) {
		t.warnf(m.path, "repeat the ENTRYPOINT and the CMD of the image as entrypoint: and command: of "+m.service.Name+", which then waits for the files itself; or remove the mount if the image's own files will do",
			"a container that runs first copies the image's files in %s into the volume: so many files may take longer than the 3 minutes for which ECS waits, after which the task begins again", m.target)
		return
	}
	if t.seeded(m) {
		t.notef(m.path, "write nocopy: true in its volume, or x-fargate: {seed: false} at the volume, to keep it empty",
			"while the volume is empty, a container that runs first copies the image's files in %s into it", m.target)
		return
	}
	if asked := t.X.Volumes[m.volume].Seed; asked != nil && *asked && m.store.kind == ownStore && !t.mayHaveShell(m.service) {
		t.warnf(m.path, "remove x-fargate.seed, and let a service with a shell put the files there, or build the image from one that has a shell",
			"the volume starts empty: the image is known to have no shell, with which the files in %s would be copied", m.target)
		return
	}
	image := t.kindOfImage(m.service)
	managed, _ := managedFor(image)
	isData := managed != "" && t.isDatabaseMount(m.service, path.Clean(m.target))
	usual := !t.isFilled(m.service, path.Clean(m.target)) && (slices.Contains(dataNames, strings.ToLower(path.Base(m.target))) ||
		slices.ContainsFunc(writtenPlaces, func(place string) bool { return within(m.target, place) }))
	if m.bound || m.readOnly || m.noCopy || m.subpath != "" || t.X.Volumes[m.volume].Seed != nil || usual || isData || knownOf(image).FillsItself {
		return
	}
	t.notef(m.path, "write x-fargate: {seed: true} at the volume to have it copied once; the image needs a shell for that",
		"the volume starts empty: unlike docker, ECS does not copy the image's files in %s into it", m.target)
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
	if image := p.builtImageOf(s); image != nil && !image.hasShell() {
		return false
	}
	lacks := func(known lackingImage) bool { return slices.Contains(known.Programs, "sh") }
	return !slices.ContainsFunc(lackingOf(p.baseImage(s), "sh"), lacks) || p.addsProgram(s, "sh")
}
