package content

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// The rights of the two classes of which a umask takes some.
const (
	group fs.FileMode = 0o070
	other fs.FileMode = 0o007
)

// UmaskOf are the classes from which a checkout took all rights. Its witness is what git
// made together with it, and nobody edits: a file that is closed while the repository is
// open was closed by somebody, and one that an editor wrote anew tells nothing. Without a
// repository they are the classes that nothing below the directory has rights for: the
// directory may have been there before, and compose files are what people edit. Files of
// passwords and keys are closed on every machine, and so tell nothing either.
func UmaskOf(dir string, composeFiles ...string) fs.FileMode {
	if info := repositoryAround(dir); info != nil {
		return closedIn([]fs.FileInfo{info})
	}
	w := witnesses{composeFiles: composeFiles, left: maxLooked}
	if w.look(dir, "."); len(w.found) > 0 {
		return closedIn(w.found)
	}
	for _, name := range append([]string{dir}, composeFiles...) {
		if info, err := os.Stat(name); err == nil {
			w.found = append(w.found, info)
		}
	}
	return closedIn(w.found)
}

// closedIn are the classes for which no file has rights.
func closedIn(files []fs.FileInfo) fs.FileMode {
	out := group | other
	if len(files) == 0 {
		return 0
	}
	for _, info := range files {
		for _, class := range []fs.FileMode{group, other} {
			if info.Mode()&class&0o555 != 0 {
				out &^= class
			}
		}
	}
	return out
}

// repositoryAround is a file that git made with the checkout that a directory is in, and
// does not write again: of a worktree or a submodule the link to its repository, else
// what the template has (git-init). nil: there is none.
func repositoryAround(dir string) fs.FileInfo {
	for ; ; dir = filepath.Dir(dir) {
		repository := filepath.Join(dir, gitName)
		for _, name := range []string{repository, filepath.Join(repository, "description"), filepath.Join(repository, "config")} {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				return info
			}
		}
		if filepath.Dir(dir) == dir {
			return nil
		}
	}
}

// witnesses are files and directories of a checkout with the rights that its umask left.
type witnesses struct {
	composeFiles []string
	left         int // of maxLooked
	found        []fs.FileInfo
}

// look collects those below a directory, until none can add to what they tell.
func (w *witnesses) look(dir, below string) {
	children, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, child := range children {
		name, file := path.Join(below, child.Name()), filepath.Join(dir, child.Name())
		if w.left--; w.left < 0 || len(w.found) > 0 && closedIn(w.found) == 0 {
			return
		}
		info, err := child.Info()
		if err != nil || !w.tells(info, name, file) {
			continue
		}
		w.found = append(w.found, info)
		if child.IsDir() {
			w.look(file, name)
		}
	}
}

func (w *witnesses) tells(info fs.FileInfo, name, file string) bool {
	switch {
	case ownName(info.Name()), info.Name() == gitName:
		return false
	case info.IsDir():
		return true
	case !info.Mode().IsRegular(), slices.Contains(w.composeFiles, file), Private(name, nil) != "":
		return false
	default:
		return closedIn([]fs.FileInfo{info}) == group|other || !isOwn(file, headOf(file, headBytes))
	}
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
