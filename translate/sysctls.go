package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

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
