package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// linuxParameters are nil where the service asks for none.
func linuxParameters(b *base, s container, mounts []mounted, inMemory memoryVolumes) *spec.LinuxParameters {
	out := spec.LinuxParameters{
		Capabilities:       capabilities(b, s),
		InitProcessEnabled: s.Init != nil && *s.Init,
		Tmpfs:              tmpfs(b, s, mounts, inMemory),
	}
	if out.Capabilities == nil && !out.InitProcessEnabled && len(out.Tmpfs) == 0 {
		return nil
	}
	return &out
}

// defaultCapabilities are Docker's default set, which a Fargate container has
// too: docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
var defaultCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
	"NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// addedCapability is the only one that Fargate adds to them.
const addedCapability = "SYS_PTRACE"

// allCapabilities stands for each.
const allCapabilities = "ALL"

// otherCapabilities are the Linux capabilities that no container has by default.
var otherCapabilities = []string{
	"AUDIT_CONTROL", "AUDIT_READ", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "DAC_READ_SEARCH", "IPC_LOCK", "IPC_OWNER",
	"LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "NET_ADMIN", "NET_BROADCAST", "PERFMON", "SYSLOG", "SYS_ADMIN",
	"SYS_BOOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", addedCapability, "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
	"SYS_TTY_CONFIG", "WAKE_ALARM",
}

// capabilityName writes CAP_net_raw as NET_RAW.
func capabilityName(item string) string { return strings.TrimPrefix(strings.ToUpper(item), "CAP_") }

// capabilities are those of the default set that cap_drop removes, and those
// that cap_add adds; if a capability is in both, cap_add wins, as with Docker.
func capabilities(b *base, s container) *spec.Capabilities {
	var out spec.Capabilities
	var add []string
	for _, item := range s.CapAdd {
		add = append(add, capabilityName(item))
	}
	if slices.Contains(add, addedCapability) {
		out.Add = []string{addedCapability}
	}
	for i, item := range s.CapDrop {
		switch name := capabilityName(item); {
		case name == allCapabilities:
			out.Drop = allBut(add)
		case slices.Contains(out.Drop, allCapabilities), slices.Contains(otherCapabilities, name), slices.Contains(add, name):
		case !slices.Contains(defaultCapabilities, name):
			b.warnf(s.at("cap_drop", strconv.Itoa(i)), compose.DidYouMean(name, defaultCapabilities), "ignored: there is no capability %s", name)
		default:
			out.Drop = append(out.Drop, name)
		}
	}
	if len(out.Add) == 0 && len(out.Drop) == 0 {
		return nil
	}
	slices.Sort(out.Drop)
	out.Drop = slices.Compact(out.Drop)
	return &out
}

// allBut drops all capabilities but those that are added again. Fargate cannot
// add them, so that the rest of the default set is dropped one by one.
func allBut(add []string) []string {
	dropped := slices.DeleteFunc(slices.Clone(defaultCapabilities), func(name string) bool { return slices.Contains(add, name) })
	if len(dropped) == len(defaultCapabilities) {
		return []string{allCapabilities}
	}
	return dropped
}

// ulimitNames are the limits that ECS supports (Ulimit of the API reference).
var ulimitNames = []string{
	"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice",
	"nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
}

func isUlimit(name string) bool { return slices.Contains(ulimitNames, name) }

// maxOpenFiles is the most that Fargate takes for nofile (task definition
// parameters for Fargate, "ulimits").
const maxOpenFiles = 1 << 20

// unlimited is the word of compose for no limit.
const unlimited = -1

// ulimits are the limits in the files that ECS supports.
func ulimits(b *base, s container) []spec.Ulimit {
	var out []spec.Ulimit
	for _, name := range sortedKeys(s.Ulimits) {
		asked := s.Ulimits[name]
		if asked == nil || !isUlimit(name) {
			continue // the key table says so
		}
		limit := spec.Ulimit{Name: name, SoftLimit: asked.Soft, HardLimit: asked.Hard}
		if asked.Single != 0 {
			limit.SoftLimit, limit.HardLimit = asked.Single, asked.Single
		}
		path := s.at("ulimits", name)
		switch {
		case !ordered(limit.SoftLimit, limit.HardLimit):
			b.errorf(path, "lower the soft limit or raise the hard one", "the soft limit of %d is above the hard one of %d", limit.SoftLimit, limit.HardLimit)
			continue
		case name == "nofile":
			limit.SoftLimit, limit.HardLimit = openFiles(b, limit.SoftLimit, path), openFiles(b, limit.HardLimit, path)
		case limit.HardLimit == unlimited && limit.SoftLimit != unlimited:
			limit.SoftLimit = unlimited // ECS compares them as numbers
			b.warnf(path, "", "ECS requires a hard limit beside the soft one: the soft limit of %d is left out", asked.Soft)
		}
		out = append(out, limit)
	}
	return out
}

// ordered says whether a soft limit is within a hard one.
func ordered(soft, hard int) bool {
	return hard == unlimited || soft != unlimited && soft <= hard
}

func openFiles(b *base, n int, path diag.Path) int {
	switch {
	case n == unlimited:
		b.warnf(path, "", "Fargate allows at most %d open files: that limit is used instead of none", maxOpenFiles)
	case n > maxOpenFiles:
		b.warnf(path, "", "%d open files: Fargate allows at most %d, which is used", n, maxOpenFiles)
	default:
		return n
	}
	return maxOpenFiles
}

// ipcControls are the kernel parameters of the IPC namespace (SystemControl of
// the API reference).
var ipcControls = []string{
	"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
	"kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
}

// isSystemControl knows the sysctls that Fargate can set.
func isSystemControl(name string) bool {
	return isNetworkControl(name) || strings.HasPrefix(name, "fs.mqueue.") || slices.Contains(ipcControls, name)
}

// isNetworkControl sees those of the network, which all containers of a task
// share.
func isNetworkControl(name string) bool { return strings.HasPrefix(name, "net.") }

// systemControls are the sysctls of a service that Fargate can set; the key
// table speaks of the others.
func systemControls(b *base, k *task, s container) []spec.SystemControl {
	var out []spec.SystemControl
	for _, name := range sortedKeys(s.Sysctls) {
		if !isSystemControl(name) || s.Sysctls[name] == "" {
			continue
		}
		out = append(out, spec.SystemControl{Namespace: name, Value: s.Sysctls[name]})
		if isNetworkControl(name) {
			shareControl(b, k, s, name)
		}
	}
	return out
}

// shareControl says of a network sysctl what it does to the other containers of
// the task. Of two values that of the container which starts last would win.
func shareControl(b *base, k *task, s container, name string) {
	path := s.at("sysctls", name)
	for _, m := range k.members {
		if m.Name == s.Name {
			break
		}
		if value, ok := m.Sysctls[name]; ok && value != s.Sysctls[name] {
			b.errorf(path, "give both the same value, or give one a task of its own", "%s here and %s for %q in the same task, at %s: they share one network",
				s.Sysctls[name], value, m.Name, b.At(at(m.Name, "sysctls", name)...))
			return
		}
	}
	if len(k.members) > 1 {
		b.notef(path, "", "applies to all containers of the task of %q: they share one network", k.name())
	}
}
