package translate

import (
	"path"
	"slices"
	"strings"
)

// storageKeys are about files. What a volume becomes is said at its mounts by
// their mapping.
var storageKeys = []Key{
	framed("services.*.volumes", ""),
	mapped("services.*.volumes.[].source", ""),
	mapped("services.*.volumes.[].target", ""),
	mapped("services.*.volumes.[].read_only", ""),
	refused("services.*.volumes.[].type", "Fargate has no Docker to give out", "leave the service out with x-fargate: {skip: true}, "+
		"or replace what it does by what ECS offers").of("bind of docker.sock", bindOf(isDockerSocket)).ofItem(),
	refused("services.*.volumes.[].type", "a task has no host to look at", "leave the service out with x-fargate: {skip: true}").
		of("bind of /proc, /sys, /dev, /var/run, /run", bindOf(isSystem)).ofItem(),
	ignored("services.*.volumes.[].type", "a task's clock is UTC", "set TZ in the environment").
		of("bind of /etc/localtime, /etc/timezone", bindOf(isClock)).noted().ofItem(),
	notYet("services.*.volumes.[].type", "a task has no files of this machine",
		"put the file into the image, or use a named volume for what the service writes").of("bind", is("bind")).ofItem(),
	mapped("services.*.volumes.[].type", "a directory in memory; 64 MiB where no size is given").of("tmpfs", is("tmpfs")),
	mapped("services.*.volumes.[].type", "").of("volume", is("volume")),
	notYet("services.*.volumes.[].type", "the files of another image are not mounted", "copy them with COPY --from in a Dockerfile").
		of("image", is("image")).ofItem(),
	refused("services.*.volumes.[].type", "Fargate has no such mounts", "use a named volume").
		of("npipe, cluster", is("npipe", "cluster")).ofItem(),
	mapped("services.*.volumes.[].type", ""),
	mapped("services.*.volumes.[].bind", "spoken of with the mount"),
	mapped("services.*.volumes.[].tmpfs", "spoken of with the mount"),
	mapped("services.*.volumes.[].image", "spoken of with the mount"),
	ignored("services.*.volumes.[].consistency", "it is for Docker Desktop", "").noted(),
	framed("services.*.volumes.[].volume", ""),
	ignored("services.*.volumes.[].volume.nocopy", "scratch storage begins empty", "").noted(),
	later("services.*.volumes.[].volume.labels", "scratch storage has no labels", "").noted(),
	notYet("services.*.volumes.[].volume.subpath", "a mount is of a whole volume", "use a volume of its own"),
	mapped("services.*.volumes_from", "the services share a task").of("SERVICE, container:NAME of these files", volumesOfTheseFiles),
	refused("services.*.volumes_from", "the container is not of this stack", "name the volumes under volumes, at both services"),

	mapped("services.*.read_only", ""),
	mapped("services.*.tmpfs", "64 MiB where no size is given; counts against the memory of the container"),
	notYet("services.*.secrets", "the service would start without them", "give them in the environment, from outside the file"),
	notYet("services.*.configs", "the service would start without them", "put the files into the image"),
}

func bindOf(condition func(source string) bool) func(use) bool {
	return func(u use) bool { return u.text() == "bind" && condition(path.Clean(u.sibling("source"))) }
}

func isDockerSocket(source string) bool {
	return slices.Contains([]string{"docker.sock", "podman.sock", "containerd.sock"}, path.Base(source)) ||
		source == "/var/lib/docker" || strings.HasPrefix(source, "/var/lib/docker/")
}

func isSystem(source string) bool {
	if source == "/" {
		return true
	}
	return slices.ContainsFunc([]string{"/proc", "/sys", "/dev", "/var/run", "/run"}, func(dir string) bool {
		return source == dir || strings.HasPrefix(source, dir+"/")
	})
}

func isClock(source string) bool {
	return source == "/etc/localtime" || source == "/etc/timezone" || strings.HasPrefix(source, "/usr/share/zoneinfo")
}
