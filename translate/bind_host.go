package translate

import (
	"path"
	"slices"
	"strings"
)

// hostKind decides about paths that mean something on every host; 0 for others.
func (m *bindMount) hostKind() bindKind {
	if f := socketKind(m.source); f != 0 {
		return f
	}
	if m.own {
		return 0
	}
	for _, h := range systemPaths {
		if slices.ContainsFunc(h.dirs, func(dir string) bool { return within(m.source, dir) }) || slices.Contains(h.whole, m.source) {
			return h.kind
		}
	}
	if slices.ContainsFunc(identities, func(dir string) bool { return strings.Contains(m.source+"/", "/"+dir+"/") }) {
		return bindIdentity
	}
	return 0
}

func socketKind(source string) bindKind {
	base := path.Base(source)
	switch {
	case slices.Contains([]string{"docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock"}, base):
		return bindEngine
	case strings.HasSuffix(base, ".sock"):
		return bindRuntime
	default:
		return 0
	}
}

// systemPaths are directories of the Filesystem Hierarchy Standard, with all in
// them or as a whole; the first that fits counts.
var systemPaths = []struct {
	kind  bindKind
	dirs  []string
	whole []string
}{
	{bindClock, []string{"/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"}, nil},
	{bindOwn, []string{"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/tty", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname"}, nil},
	{bindShm, []string{"/dev/shm"}, nil},
	{bindUsers, []string{
		"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/sudoers", "/etc/machine-id", "/etc/os-release", "/etc/ssl", "/etc/pki",
		"/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/var/lib/dbus/machine-id",
	}, nil},
	{bindEngine, []string{"/var/lib/docker", "/var/lib/containers", "/var/lib/containerd", "/etc/docker"}, nil},
	{bindRuntime, []string{"/run", "/var/run", "/tmp/.X11-unix"}, nil},
	{bindKernel, []string{"/proc", "/sys", "/dev", "/cgroup", "/boot", "/lib/modules", "/usr/lib/modules", "/usr/src"}, nil},
	{bindLogs, []string{"/var/log"}, nil},
	{bindSystem, []string{"/bin", "/sbin", "/lib", "/lib64", "/usr/bin", "/usr/sbin", "/usr/lib"}, []string{
		"/", "/etc", "/usr", "/usr/local", "/var", "/var/lib", "/home", "/root", "/opt",
	}},
}

// identities are where people keep credentials, below their home.
var identities = []string{".aws", ".ssh", ".gnupg", ".kube", ".docker", ".config/gcloud", ".azure"}
