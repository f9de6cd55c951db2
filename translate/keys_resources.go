package translate

import (
	"slices"
	"strings"
)

// resourceKeys are about what a container may use, and what it may do.
var resourceKeys = []Key{
	mapped("services.*.cpus", "counts towards the task size; the container may also use CPU that its sidecars leave idle").to("containerDefinitions.cpu, cpu"),
	mapped("services.*.mem_limit", "the memory of the container").to("containerDefinitions.memory, memory"),
	mapped("services.*.mem_reservation", "the soft limit of the container").to("containerDefinitions.memoryReservation, memory"),
	ignored("services.*.cpu_count", "only for Windows hosts", "use cpus"),
	ignored("services.*.cpu_percent", "only for Windows hosts", "use cpus"),
	ignored("services.*.cpu_period", "the task size determines the CPU", "use cpus"),
	ignored("services.*.cpu_quota", "the task size determines the CPU", "use cpus"),
	ignored("services.*.cpu_rt_period", "Fargate has no real-time scheduling", ""),
	ignored("services.*.cpu_rt_runtime", "Fargate has no real-time scheduling", ""),
	ignored("services.*.cpu_shares", "containers in a task are weighted by cpus, and tasks do not share CPUs", "use cpus"),
	ignored("services.*.cpuset", "a task cannot choose its CPUs", "use cpus"),
	ignored("services.*.mem_swappiness", "Fargate has no swap", "").noted(),
	ignored("services.*.memswap_limit", "Fargate has no swap", "").noted(),
	ignored("services.*.oom_kill_disable", "a container that exceeds its memory limit is always killed", "raise the memory"),
	ignored("services.*.oom_score_adj", "Fargate cannot set it", ""),
	ignored("services.*.pids_limit", "Fargate cannot set it", ""),
	ignored("services.*.blkio_config", "Fargate does not support block I/O limits", ""),
	framed("services.*.ulimits", "").to("containerDefinitions.ulimits"),
	mapped("services.*.ulimits.*", "up to 1048576 open files").of("nofile", called("nofile")),
	approximated("services.*.ulimits.*", "passed on to ECS, whose documentation mentions only nofile for Fargate", "").
		of("the other Linux limits", named(isUlimit)),
	ignored("services.*.ulimits.*", "ECS does not support this limit", ""),
	framed("services.*.sysctls", "").to("containerDefinitions.systemControls"),
	mapped("services.*.sysctls.*", "network parameters apply to the whole task").
		of("net.*, fs.mqueue.*, kernel.msg*, kernel.sem, kernel.shm*", named(isSystemControl)),
	ignored("services.*.sysctls.*", "Fargate cannot set it and uses its own value; programs that map much memory may need more",
		"for Elasticsearch or OpenSearch, set node.store.allow_mmap to false").
		of("vm.max_map_count", called("vm.max_map_count")),
	ignored("services.*.sysctls.*", "Fargate supports only network and IPC parameters: the container has the kernel's default", ""),

	mapped("services.*.shm_size", "").of("up to 64 MiB", isDefaultShm),
	ignored("services.*.shm_size", "Fargate cannot change the size of /dev/shm: it stays at the default, 64 MiB with Docker",
		"let the program use another directory, a tmpfs if it must be in memory; browsers have --disable-dev-shm-usage"),
	mapped("services.*.storage_opt", "the disk of the task: 20 GiB by default, up to 200").to("ephemeralStorage.sizeInGiB").of("size", hasSize),
	ignored("services.*.storage_opt", "Fargate supports only the size of the disk", ""),

	mapped("services.*.cap_add", "Fargate grants it by default").to("containerDefinitions.linuxParameters.capabilities.add").
		of("in Docker's default set", only(isCapability())),
	mapped("services.*.cap_add", "").
		of("SYS_PTRACE", only(isCapability(addedCapability))),
	ignored("services.*.cap_add", "Fargate grants no capability except SYS_PTRACE; the program runs at normal priority", "").
		of("SYS_NICE", only(isCapability(addedCapability, "SYS_NICE"))),
	refused("services.*.cap_add", "Fargate grants no capability except SYS_PTRACE", elsewhereOnAWS),
	mapped("services.*.cap_drop", "if cap_add adds some back, the others are dropped one by one").to("containerDefinitions.linuxParameters.capabilities.drop"),

	refused("services.*.privileged", "Fargate does not run privileged containers", elsewhereOnAWS),
	ignored("services.*.security_opt", "Fargate does not use SELinux", "").of("label", only(isSecurity("label"))).noted(),
	ignored("services.*.security_opt", "Fargate cannot set it: a program may gain privileges with a set-uid file",
		"remove set-uid files from the image").
		of("no-new-privileges", only(isSecurity("label", "no-new-privileges"))),
	refused("services.*.security_opt", "Fargate's own security profile cannot be turned off", elsewhereOnAWS).
		of("unconfined", some(func(item string) bool { return strings.HasSuffix(item, "unconfined") })),
	ignored("services.*.security_opt", "the container runs with Fargate's own security profile", ""),
	later("services.*.credential_spec", "the container has no Active Directory identity", ""),
	mapped("services.*.runtime", "").of("runc", is("runc", "io.containerd.runc.v2")),
	refused("services.*.runtime", "Fargate uses its own runtime", elsewhereOnAWS),
	mapped("services.*.isolation", "").of("default", is("default")),
	ignored("services.*.isolation", "only for Windows hosts", ""),
}

// isCapability holds for a capability of Docker's default set, and for some more.
func isCapability(more ...string) func(string) bool {
	return func(item string) bool {
		name := capabilityName(item)
		return slices.Contains(defaultCapabilities, name) || slices.Contains(more, name)
	}
}

// isSecurity sees a security option by its name: NAME, NAME:value or NAME=value.
func isSecurity(names ...string) func(string) bool {
	return func(item string) bool { return slices.Contains(names, item[:strings.IndexAny(item+":", ":=")]) }
}

// hasSize holds for options one of which is the size.
func hasSize(u use) bool {
	options, _ := u.value.(map[string]any)
	return use{value: options["size"]}.asks()
}

func isDefaultShm(u use) bool { return u.config.ShmSize <= 64<<20 }

// hostKeys ask for a host, which a Fargate task does not have.
var hostKeys = []Key{
	refused("services.*.devices", "Fargate does not give tasks access to host devices", elsewhereOnAWS),
	refused("services.*.device_cgroup_rules", "Fargate does not give tasks access to host devices", elsewhereOnAWS),
	refused("services.*.gpus", "Fargate has no GPUs", elsewhereOnAWS),
	refused("services.*.use_api_socket", "Fargate has no Docker socket", "leave the service out with x-fargate: {skip: true}"),

	mapped("services.*.pid", "the services share a task, whose containers see each other's processes").to("pidMode").
		of("service:NAME, container:NAME in this stack", ofTheseFiles),
	refused("services.*.pid", "the container is not part of this stack", "leave pid out, or name a service in this stack").
		of("container:NAME", hasPrefix("container:")),
	refused("services.*.pid", "Fargate does not share the host's process namespace", elsewhereOnAWS),
	mapped("services.*.ipc", "").of("private, none, shareable", is("private", "none", "shareable")),
	refused("services.*.ipc", "Fargate does not share IPC namespaces", elsewhereOnAWS),
	mapped("services.*.cgroup", "").of("private", is("private")),
	refused("services.*.cgroup", "Fargate does not share the host's cgroup namespace", elsewhereOnAWS),
	ignored("services.*.cgroup_parent", "Fargate does not let a task choose its parent cgroup", "").noted(),
	refused("services.*.userns_mode", "Fargate does not share the host's user namespace", elsewhereOnAWS),
	refused("services.*.uts", "Fargate does not share the host's UTS namespace", elsewhereOnAWS),
}
