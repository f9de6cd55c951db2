package translate

import "slices"

// storageKeys are about files. What a volume becomes is reported at its mounts,
// by the code that maps them.
var storageKeys = []Key{
	framed("services.*.volumes", "").to("containerDefinitions.mountPoints, volumes"),
	mapped("services.*.volumes.[].source", "").to("containerDefinitions.mountPoints.sourceVolume, volumes"),
	mapped("services.*.volumes.[].target", "").to("containerDefinitions.mountPoints.containerPath"),
	mapped("services.*.volumes.[].read_only", "").to("containerDefinitions.mountPoints.readOnly"),
	refused("services.*.volumes.[].type", "Fargate has no Docker socket", "leave the service out with x-fargate: {skip: true}, "+
		"or use what ECS offers instead").of("bind of docker.sock", bindIs(bindEngine)).ofItem(),
	refused("services.*.volumes.[].type", "a task cannot see the kernel, devices or processes of a host", skipMount).
		of("bind of /proc, /sys, /dev, /lib/modules", bindIs(bindKernel)).ofItem(),
	refused("services.*.volumes.[].type", "a task has no host programs that listen there", "reach the program over the network; or "+skipMount).
		of("bind of /run, /var/run, a socket", bindIs(bindRuntime)).ofItem(),
	refused("services.*.volumes.[].type", "a task cannot see the logs of a host", "the logs of the stack are in its log group in CloudWatch Logs; "+skipMount).
		of("bind of /var/log", bindIs(bindLogs)).ofItem(),
	refused("services.*.volumes.[].type", "a task cannot see the files of a host", skipMount).
		of("bind of /, /etc, /usr and the like", bindIs(bindSystem)).ofItem(),
	refused("services.*.volumes.[].type", "personal credentials do not belong in a task",
		"give the service x-fargate.policies for AWS, and secrets for the rest; or leave the mount out with x-fargate.files: {TARGET: skip}").
		of("bind of ~/.aws, ~/.ssh and the like", bindIs(bindIdentity)).ofItem(),
	refused("services.*.volumes.[].type", "there is no such file, and docker would create a directory of that name",
		"make the file, or leave the mount out with x-fargate.files: {TARGET: skip}").
		of("bind of a missing file", bindIs(bindMissing)).about(bindSourceOf).ofItem(),
	refused("services.*.volumes.[].type", "there is no such file, and a database in a single file would be lost with each task",
		"mount the directory that it is in, or append :ro to a file that is only read").
		of("bind of a missing database file", bindIs(bindNoDatabase)).about(bindSourceOf).ofItem(),
	refused("services.*.volumes.[].type", "a file outside the project directory, and only files in it get into a task",
		"put it into the project directory and mount it from there").of("bind of a file elsewhere", bindIs(bindOutside)).about(bindSourceOf).ofItem(),
	refused("services.*.volumes.[].type", "a file, and a task can mount only directories from EFS", "mount the directory that it is in").
		of("bind of a file with x-fargate.files: efs", bindIs(bindOddFile)).about(bindSourceOf).ofItem(),
	refused("services.*.volumes.[].type", "cannot be read", "make it readable, or leave the mount out with x-fargate.files: {TARGET: skip}").
		of("bind of what cannot be read", bindIs(bindUnreadable)).about(bindSourceOf).ofItem(),
	refused("services.*.volumes.[].type", "outside of the repository, and where CI is set or with --untrusted only files in it are read",
		"put it into the repository, or allow it with --allow-path").
		of("bind of files outside of the repository, unread", bindIs(bindLeaving)).saying(bindOutsideText).ofItem(),
	approximated("services.*.volumes.[].type", "what is outside of the repository becomes part of what is planned",
		"put it into the repository; if it is meant, say so with --allow-path").
		to("containerDefinitions.mountPoints, volumes").of("bind of files outside of the repository", bindOfFilesOutside).into("image layer").saying(bindOutsideText).ofItem(),
	ignored("services.*.volumes.[].type", "the image is built from it and keeps its files as they were then", "").
		of("bind of a source tree over an image that is built", bindIs(bindSource)).noted().ofItem(),
	ignored("services.*.volumes.[].type", "x-fargate.files leaves it out", "").of("bind with x-fargate.files: skip", bindIs(bindLeftOut)).noted().ofItem(),
	ignored("services.*.volumes.[].type", "a task's clock is UTC", "set TZ in the environment").
		of("bind of /etc/localtime, /etc/timezone", bindIs(bindClock)).noted().ofItem(),
	ignored("services.*.volumes.[].type", "a container has its own", "").
		of("bind of /dev/null, /dev/urandom, /etc/hosts and the like", bindIs(bindOwn)).noted().ofItem(),
	ignored("services.*.volumes.[].type", "a container has shared memory of its own, 64 MiB", "write tmpfs: [\"/dev/shm:size=1g\"] for more").
		of("bind of /dev/shm", bindIs(bindShm)).ofItem(),
	ignored("services.*.volumes.[].type", "the image has its own users, certificates and the like", "add what it lacks in a Dockerfile, or mount files of the project").
		of("bind of /etc/passwd, /etc/ssl and the like", bindIs(bindUsers)).ofItem(),
	mapped("services.*.volumes.[].type", "files of the project").to("containerDefinitions.mountPoints, volumes").of("bind of files and directories in the project", bindIs(bindFiles)).into("image layer"),
	mapped("services.*.volumes.[].type", "a directory on EFS, named after the path").
		of("bind of a directory that is written to, missing, or elsewhere", bindIs(bindVolume, bindHostDir)).
		into("access point, containerDefinitions.mountPoints, volumes"),
	ignored("services.*.volumes.[].type", "it keeps a source tree from hiding the image's own directory, and nothing hides it here", "").
		of("volume of node_modules and the like in a source tree", volumeIsShield).noted().ofItem(),
	mapped("services.*.volumes.[].type", "a directory in memory; 64 MiB if no size is given").of("tmpfs", is("tmpfs")),
	mapped("services.*.volumes.[].type", "").of("volume", is("volume")),
	notYet("services.*.volumes.[].type", "Fargate cannot mount the files of another image", "copy them with COPY --from in a Dockerfile").
		of("image", is("image")).ofItem(),
	refused("services.*.volumes.[].type", "Fargate does not support mounts of this type", "use a named volume").
		of("npipe, cluster", is("npipe", "cluster")).ofItem(),
	mapped("services.*.volumes.[].type", ""),
	mapped("services.*.volumes.[].bind", "reported with the mount"),
	mapped("services.*.volumes.[].tmpfs", "reported with the mount").to("containerDefinitions.linuxParameters.tmpfs"),
	mapped("services.*.volumes.[].image", "reported with the mount"),
	ignored("services.*.volumes.[].consistency", "only for Docker Desktop", "").noted(),
	framed("services.*.volumes.[].volume", ""),
	mapped("services.*.volumes.[].volume.nocopy", "nothing is copied from the image into the volume"),
	ignored("services.*.volumes.[].volume.labels", "resources on EFS have only the tags of the stack", "").noted(),
	mapped("services.*.volumes.[].volume.subpath", "an access point of its own"),
	mapped("services.*.volumes_from", "the services share a task").to("containerDefinitions.volumesFrom").of("SERVICE, container:NAME in this stack", volumesOfTheseFiles),
	refused("services.*.volumes_from", "the container is not part of this stack", "list the volumes under volumes in both services"),

	mapped("services.*.read_only", "").to("containerDefinitions.readonlyRootFilesystem"),
	mapped("services.*.tmpfs", "64 MiB if no size is given; counts against the memory of the container").to("containerDefinitions.linuxParameters.tmpfs"),
	framed("services.*.secrets", "").to("containerDefinitions.mountPoints, containerDefinitions.secrets"),
	mapped("services.*.secrets.[].source", ""),
	mapped("services.*.secrets.[].target", "a file in scratch storage, mounted at its directory"),
	mapped("services.*.secrets.[].uid", ""),
	mapped("services.*.secrets.[].gid", ""),
	mapped("services.*.secrets.[].mode", ""),
	framed("services.*.configs", "").to("image: files"),
	mapped("services.*.configs.[].source", ""),
	mapped("services.*.configs.[].target", ""),
	mapped("services.*.configs.[].uid", ""),
	mapped("services.*.configs.[].gid", ""),
	mapped("services.*.configs.[].mode", ""),
}

// skipMount is what to do about a mount of what only a host has.
const skipMount = "leave the service out with x-fargate: {skip: true}, or the mount with x-fargate.files: {TARGET: skip}"

// bind is the bind mount that a use is about.
func (u use) bind() bind {
	return u.project.bindOf(u.service, u.sibling("source"), u.sibling("target"), u.sibling("read_only") == "true")
}

func bindIs(fates ...bindKind) func(use) bool {
	return func(u use) bool { return u.text() == "bind" && slices.Contains(fates, u.bind().kind) }
}

func bindSourceOf(u use) string { return u.bind().shown }

func bindOutsideText(u use) (reason, help string) { return u.bind().outside, u.bind().allow }

func bindOfFilesOutside(u use) bool { return bindIs(bindFiles)(u) && u.bind().outside != "" }

func volumeIsShield(u use) bool {
	return u.text() == "volume" && u.project.isShield(u.container(), u.sibling("target"))
}

func isRefused(why ...string) func(use) bool {
	return func(u use) bool {
		return u.asks() && slices.Contains(why, u.project.storeOf(u.path[1]).why)
	}
}

func isStored(kinds ...storeKind) func(use) bool {
	return func(u use) bool { return u.asks() && slices.Contains(kinds, u.project.storeOf(u.path[1]).kind) }
}
