package translate

import (
	"slices"
	"strings"
)

// resourceKeys are about what a container may use, and what it may do.
var resourceKeys = []Key{
	mapped("services.*.cpus", "counts for the size of the task; beside others in it, the container may use what they leave"),
	mapped("services.*.mem_limit", "the memory of the container"),
	mapped("services.*.mem_reservation", "the soft limit of the container"),
	ignored("services.*.cpu_count", "it is for Windows hosts", "use cpus"),
	ignored("services.*.cpu_percent", "it is for Windows hosts", "use cpus"),
	ignored("services.*.cpu_period", "a task has the CPU of its size", "use cpus"),
	ignored("services.*.cpu_quota", "a task has the CPU of its size", "use cpus"),
	ignored("services.*.cpu_rt_period", "Fargate has no real-time scheduling", ""),
	ignored("services.*.cpu_rt_runtime", "Fargate has no real-time scheduling", ""),
	ignored("services.*.cpu_shares", "the weights of containers that share a task follow from cpus, and no two tasks share a CPU", "use cpus"),
	ignored("services.*.cpuset", "a task cannot choose its CPUs", "use cpus"),
	ignored("services.*.mem_swappiness", "Fargate has no swap", "").noted(),
	ignored("services.*.memswap_limit", "Fargate has no swap", "").noted(),
	ignored("services.*.oom_kill_disable", "a container over its memory is always killed", "raise the memory"),
	ignored("services.*.oom_score_adj", "Fargate cannot set it", ""),
	ignored("services.*.pids_limit", "Fargate cannot set it", ""),
	ignored("services.*.blkio_config", "Fargate has no limits on block I/O", ""),
	framed("services.*.ulimits", ""),
	mapped("services.*.ulimits.*", "up to 1048576 open files").of("nofile", named(isOpenFiles)),
	approximated("services.*.ulimits.*", "passed on to ECS, whose documentation promises nofile only", "").
		of("the others of Linux", named(isUlimit)),
	ignored("services.*.ulimits.*", "ECS knows no such limit", ""),
	framed("services.*.sysctls", ""),
	mapped("services.*.sysctls.*", "those of the network hold for the whole task").
		of("net.*, fs.mqueue.*, kernel.msg*, kernel.sem, kernel.shm*", named(isSystemControl)),
	ignored("services.*.sysctls.*", "Fargate cannot set it, and has its own value; programs that map much memory may want more",
		"set node.store.allow_mmap to false, where the program is Elasticsearch or OpenSearch").
		of("vm.max_map_count", named(isMapCount)),
	ignored("services.*.sysctls.*", "Fargate sets those of the network and of IPC only: the container has the kernel's default", ""),

	mapped("services.*.shm_size", "").of("up to 64 MiB", isDefaultShm),
	ignored("services.*.shm_size", "Fargate cannot change the size of /dev/shm: it stays at the default, 64 MiB with Docker",
		"have the program use another directory, of tmpfs where it must be in memory: browsers take --disable-dev-shm-usage"),
	mapped("services.*.storage_opt", "the disk of the task: 20 GiB without it, up to 200").of("size", hasSize),
	ignored("services.*.storage_opt", "Fargate has the size of the disk and no other option", ""),

	mapped("services.*.cap_add", "Fargate gives it without asking").
		of("of Docker's default set", only(isDefaultCapability)),
	mapped("services.*.cap_add", "").
		of("SYS_PTRACE", only(either(isDefaultCapability, isCapability(addedCapability)))),
	ignored("services.*.cap_add", "Fargate gives no capability but SYS_PTRACE; the program runs at normal priority", "").
		of("SYS_NICE", only(either(isDefaultCapability, isCapability(addedCapability, "SYS_NICE")))),
	refused("services.*.cap_add", "Fargate gives no capability but SYS_PTRACE", elsewhereOnAWS),
	mapped("services.*.cap_drop", "where cap_add gives some of them back, the others one by one"),

	refused("services.*.privileged", "Fargate runs no privileged containers", elsewhereOnAWS),
	ignored("services.*.security_opt", "Fargate has no SELinux", "").of("label", only(isSecurity("label"))).noted(),
	ignored("services.*.security_opt", "Fargate cannot set it: a program may gain privileges with a set-uid file",
		"take set-uid files out of the image").
		of("no-new-privileges", only(either(isSecurity("label"), isSecurity("no-new-privileges")))),
	refused("services.*.security_opt", "Fargate's own profile cannot be lifted", elsewhereOnAWS).
		of("unconfined", some(func(item string) bool { return strings.HasSuffix(item, "unconfined") })),
	ignored("services.*.security_opt", "the container runs with Fargate's own profile", ""),
	later("services.*.credential_spec", "the container has no Active Directory identity", ""),
	mapped("services.*.runtime", "").of("runc", is("runc", "io.containerd.runc.v2")),
	refused("services.*.runtime", "Fargate has a runtime of its own", elsewhereOnAWS),
	mapped("services.*.isolation", "").of("default", is("default")),
	ignored("services.*.isolation", "it is for Windows hosts", ""),
}

func either(conditions ...func(string) bool) func(string) bool {
	return func(item string) bool {
		for _, condition := range conditions {
			if condition(item) {
				return true
			}
		}
		return false
	}
}

var isDefaultCapability = isCapability(defaultCapabilities...)

func isCapability(names ...string) func(string) bool {
	return func(item string) bool {
		return slices.Contains(names, capabilityName(item))
	}
}

// isSecurity sees a security option by its name: NAME, NAME:value or NAME=value.
func isSecurity(name string) func(string) bool {
	return func(item string) bool {
		end := strings.IndexAny(item, ":=")
		if end < 0 {
			end = len(item)
		}
		return item[:end] == name
	}
}

func isOpenFiles(name string) bool { return name == "nofile" }

func isMapCount(name string) bool { return name == "vm.max_map_count" }

// hasSize holds for options one of which is the size.
func hasSize(u use) bool {
	options, _ := u.value.(map[string]any)
	return use{value: options["size"]}.asks()
}

func isDefaultShm(u use) bool { return u.config.ShmSize <= 64<<20 }
