package translate

import (
	"path"
	"slices"
	"strings"
)

// bindKind is what a bind mount becomes.
type bindKind int

const (
	bindFiles      bindKind = iota + 1 // files of the project: they go where its configuration goes
	bindVolume                         // a directory that is written to: a volume, named after its path
	bindHostDir                        // the same, of a directory outside of the project
	bindSource                         // the source of an image that is built: the image has it
	bindLeftOut                        // x-fargate.files says so
	bindClock                          // the clock of a host
	bindOwn                            // what every container has itself: /dev/null
	bindShm                            // shared memory
	bindUsers                          // users, certificates and the like: the image has its own
	bindEngine                         // Docker itself
	bindKernel                         // kernel, devices and processes of a host
	bindRuntime                        // sockets of programs on a host
	bindLogs                           // logs of a host
	bindSystem                         // a whole system
	bindIdentity                       // credentials of the person at this machine
	bindMissing                        // a file that is not there
	bindOutside                        // a file outside of the project
	bindOddFile                        // a file, where a directory is needed
	bindUnreadable                     // it cannot be looked at
	bindLeaving                        // a symbolic link leads out of the project
)

// bind is a bind mount, looked at on this machine.
type bind struct {
	kind   bindKind
	volume string // of bindVolume and bindHostDir: its name
	filled bool   // of those: there is something in the directory today
	exists bool   // there is such a directory
	shown  string // the source, as messages name it
}

// bindKey is a bind mount of a service.
type bindKey struct {
	service, source, target string
	readOnly                bool
}

// hostKind decides about paths that mean something on every host; 0 for others.
func (l bindInspection) hostKind() bindKind {
	if f := socketKind(l.source); f != 0 {
		return f
	}
	if l.own {
		return 0
	}
	for _, h := range hostPaths {
		if slices.ContainsFunc(h.dirs, func(dir string) bool { return within(l.source, dir) }) || slices.Contains(h.whole, l.source) {
			return h.fate
		}
	}
	if slices.ContainsFunc(identities, func(dir string) bool { return strings.Contains(l.source+"/", "/"+dir+"/") }) {
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

// hostPaths are directories of the Filesystem Hierarchy Standard, with all in
// them or as a whole; the first that fits counts.
var hostPaths = []struct {
	fate  bindKind
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
