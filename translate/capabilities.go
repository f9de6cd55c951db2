package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

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

// otherCapabilities are the Linux capabilities that no container has by
// default.
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
	var dropped []string
	for _, name := range defaultCapabilities {
		if !slices.Contains(add, name) {
			dropped = append(dropped, name)
		}
	}
	if len(dropped) == len(defaultCapabilities) {
		return []string{allCapabilities}
	}
	return dropped
}
