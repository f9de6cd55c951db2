package translate

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// defaultTmpfs is the size, in MiB, of a tmpfs for which the files give none.
// Docker sets no bound to it then; ECS wants one.
const defaultTmpfs = 64

// memoryMount is a directory in memory, and where the files ask for it.
type memoryMount struct {
	target  string
	size    int // MiB; 0: not given
	options []string
	path    diag.Path

	ofVolume bool // one of the top level
}

// memoryVolumes tells the mount options of a volume of the top level that docker's
// local driver keeps in memory; not ok for another one, and where more services
// mount it: memory is a container's own.
type memoryVolumes func(volume string) (options string, ok bool)

// memoryMounts are the mounts of tmpfs and of volumes of this type.
func memoryMounts(b *base, s container, inMemory memoryVolumes) []memoryMount {
	var out []memoryMount
	for i, text := range s.Tmpfs {
		if dir, _, _ := strings.Cut(text, ":"); b.nestsFiles(s, dir) {
			continue
		}
		out = append(out, parseTmpfs(b, text, s.at("tmpfs", strconv.Itoa(i))))
	}
	for i, v := range s.Volumes {
		if b.inMemory(v) && b.nestsFiles(s, v.Target) {
			continue
		}
		if m, ok := volumeInMemory(b, v, inMemory, s.at("volumes", strconv.Itoa(i))); ok {
			out = append(out, m)
		}
		if v.Type != types.VolumeTypeTmpfs {
			continue
		}
		m := memoryMount{target: v.Target, path: s.at("volumes", strconv.Itoa(i))}
		if v.ReadOnly {
			m.options = append(m.options, "ro")
		}
		if v.Tmpfs != nil {
			m.size = ceilMiB(v.Tmpfs.Size)
			if v.Tmpfs.Mode != 0 {
				m.options = append(m.options, fmt.Sprintf("mode=%o", v.Tmpfs.Mode))
			}
		}
		out = append(out, m)
	}
	return out
}

// volumeInMemory is a mount of a volume that is kept in memory.
func volumeInMemory(b *base, v types.ServiceVolumeConfig, inMemory memoryVolumes, place diag.Path) (memoryMount, bool) {
	if v.Type != types.VolumeTypeVolume || v.Source == "" {
		return memoryMount{}, false
	}
	options, ok := inMemory(v.Source)
	if !ok {
		return memoryMount{}, false
	}
	m := parseTmpfs(b, v.Target+":"+options, place)
	m.ofVolume = true
	if v.ReadOnly {
		m.options = append(m.options, "ro")
	}
	return m, true
}

// tmpfsOptions are the mount options that ECS supports (Tmpfs of the API
// reference), some of them with a value.
var tmpfsOptions = strings.Fields(`defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand
	atime noatime diratime nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave
	relatime norelatime strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol`)

// parseTmpfs reads PATH:OPTION,OPTION=VALUE.
func parseTmpfs(b *base, text string, place diag.Path) memoryMount {
	target, options, _ := strings.Cut(text, ":")
	m := memoryMount{target: path.Clean(target), path: place}
	for _, option := range strings.FieldsFunc(options, func(r rune) bool { return r == ',' }) {
		name, value, _ := strings.Cut(option, "=")
		switch {
		case name == "size":
			m.size = tmpfsSize(b, value, place)
		case slices.Contains(tmpfsOptions, name):
			m.options = append(m.options, option)
		default:
			b.warnf(place, "", "ECS does not support mount option %s: left out", name)
		}
	}
	return m
}

// tmpfsSize reads a size such as 64m, in MiB; 0 if it is not a size that ECS
// supports.
func tmpfsSize(b *base, text string, place diag.Path) int {
	var bytes types.UnitBytes
	if err := bytes.DecodeMapstructure(text); err != nil || bytes < 0 {
		b.warnf(place, "write size=64m", "ECS requires a size in bytes: size=%s is left out", text)
		return 0
	}
	return ceilMiB(bytes)
}

// tmpfs are the directories in memory that a container has beside its mounts.
func tmpfs(b *base, s container, others []mounted, inMemory memoryVolumes) []spec.Tmpfs {
	var out []spec.Tmpfs
	total := 0
	mounts := memoryMounts(b, s, inMemory)
	for i, m := range mounts {
		if !path.IsAbs(m.target) {
			b.errorf(m.path, "begin it with /", "%q is not an absolute path", m.target)
			continue
		}
		if mountedTwice(b, mounts[:i], others, m) {
			continue
		}
		if m.size == 0 {
			m.size = defaultTmpfs
			b.notef(m.path, sizeHelp(m), "%s, because ECS requires a size and none is given", memoryText(m.size))
		}
		total += m.size
		out = append(out, spec.Tmpfs{ContainerPath: m.target, Size: m.size, MountOptions: slices.Clone(m.options)})
	}
	if limit := asked(s).memory; limit > 0 && len(out) > 0 {
		sayTmpfsMemory(b, mounts[0].path, total, limit)
	}
	return out
}

// mountedTwice complains of a second mount at one path.
func mountedTwice(b *base, before []memoryMount, others []mounted, m memoryMount) bool {
	for _, other := range before {
		if other.target == m.target {
			b.errorf(m.path, "remove one of the two mounts", "%s is mounted twice, first at %s", m.target, b.At(other.path...))
			return true
		}
	}
	for _, other := range others {
		if path.Clean(other.target) == m.target {
			b.errorf(m.path, "remove one of the two mounts", "%s is mounted twice, also at %s", m.target, b.At(other.path...))
			return true
		}
	}
	return false
}

func sizeHelp(m memoryMount) string {
	if m.path[2] == "tmpfs" {
		return fmt.Sprintf("write %s:size=SIZE", m.target)
	}
	if m.ofVolume {
		return "write o: size=SIZE in driver_opts of the volume"
	}
	return "write tmpfs: {size: SIZE} next to its type"
}

// sayTmpfsMemory reports how much of a memory limit the directories in memory
// can use.
func sayTmpfsMemory(b *base, place diag.Path, total, limit int) {
	if total >= limit {
		b.warnf(place, "make it smaller, or raise the memory of the container",
			"tmpfs (%s) counts against the container's memory limit of %s, and filling it would get the container killed", memoryText(total), memoryText(limit))
		return
	}
	b.notef(place, "", "tmpfs (up to %s) counts against the container's memory limit of %s", memoryText(total), memoryText(limit))
}
