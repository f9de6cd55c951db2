package translate

import "strings"

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
	later("services.*.ulimits", "the container has Fargate's limits, 65535 open files among them", ""),
	later("services.*.sysctls", "the container has the kernel's defaults", ""),

	mapped("services.*.shm_size", "").of("up to 64 MiB", isDefaultShm),
	ignored("services.*.shm_size", "Fargate cannot change the size of /dev/shm", "point the program at a directory of a volume"),
	later("services.*.storage_opt", "a task has 20 GiB of disk", ""),

	mapped("services.*.cap_add", "Fargate gives it without asking").
		of("of Docker's default set", only(isDefaultCapability)),
	later("services.*.cap_add", "the container runs without it", "").
		of("SYS_PTRACE", only(either(isDefaultCapability, isCapability("SYS_PTRACE")))),
	ignored("services.*.cap_add", "Fargate gives no capability but SYS_PTRACE; the program runs at normal priority", "").
		of("SYS_NICE", only(either(isDefaultCapability, isCapability("SYS_PTRACE", "SYS_NICE")))),
	refused("services.*.cap_add", "Fargate gives no capability but SYS_PTRACE", elsewhereOnAWS),
	later("services.*.cap_drop", "the container keeps the capability", ""),

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

// isDefaultCapability knows Docker's default set, which a Fargate container has
// too: docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
var isDefaultCapability = isCapability("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
	"NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT")

func isCapability(names ...string) func(string) bool {
	return func(item string) bool {
		item = strings.TrimPrefix(strings.ToUpper(item), "CAP_")
		for _, name := range names {
			if item == name {
				return true
			}
		}
		return false
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

func isDefaultShm(u use) bool { return u.config.ShmSize <= 64<<20 }
