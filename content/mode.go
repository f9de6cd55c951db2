package content

import (
	"io/fs"
	"os"
)

// The rights of the two classes of which a umask takes some.
const (
	group fs.FileMode = 0o070
	other fs.FileMode = 0o007
)

// UmaskOf are the classes for which neither a directory nor a file of a checkout has
// rights, of which the file is no secret: the umask took them.
func UmaskOf(dir, file string) fs.FileMode {
	var out fs.FileMode
	for _, class := range []fs.FileMode{group, other} {
		if closed(dir, class) && closed(file, class) {
			out |= class
		}
	}
	return out
}

func closed(name string, class fs.FileMode) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode()&class&0o555 == 0
}

// Mode is that of a file as it counts: what git keeps, which is whether it can be
// executed, and what somebody must have meant: that nobody else may read it, and
// that it runs as its owner or group. Whether others may write is the umask's, and
// that directories hand on their group the file system's.
func (m Machine) Mode(mode fs.FileMode) fs.FileMode {
	if mode&fs.ModeType != 0 && !mode.IsDir() {
		return mode & fs.ModeType // permissions of links mean nothing
	}
	owner := fs.FileMode(0o600)
	if mode.IsDir() || mode&0o100 != 0 {
		owner = 0o700
	}
	out := owner
	for _, class := range []fs.FileMode{group, other} {
		if mode&class&0o555 != 0 || m.Umask&class != 0 {
			out |= (owner>>3 | owner>>6) & class & 0o555
		}
	}
	if mode.IsRegular() && mode&0o100 != 0 {
		out |= mode & (fs.ModeSetuid | fs.ModeSetgid)
	}
	return out | mode&fs.ModeDir
}

// Octal are the permission bits of a mode as Unix and archives number them.
func Octal(mode fs.FileMode) int64 {
	out := int64(mode.Perm())
	if mode&fs.ModeSetuid != 0 {
		out |= 0o4000
	}
	if mode&fs.ModeSetgid != 0 {
		out |= 0o2000
	}
	return out
}
