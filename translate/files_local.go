package translate

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// localFile looks at a file that the compose files name and returns its name
// without symbolic links. It is not ok, with an error at path, where there is no
// such file, or it cannot be used; most is its greatest size in bytes.
func (t *translation) localFile(file string, path []string, most int64, help string) (resolved string, info fs.FileInfo, ok bool) {
	resolved, info, ok = t.local(file, path)
	switch {
	case !ok:
		return "", nil, false
	case info.IsDir():
		t.errorf(path, "name a file in it", "%s is a directory, and a file is meant", t.shown(file))
	case !info.Mode().IsRegular():
		t.errorf(path, "name a file", "%s is no file", t.shown(file))
	case info.Size() > most:
		t.errorf(path, help, "%s has %s, at most %s can be taken", t.shown(file), bytesText(info.Size()), bytesText(most))
	default:
		return resolved, info, true
	}
	return "", nil, false
}

// local follows symbolic links, but none that leads out of the project
// directory: what a repository holds must not reach for the rest of the machine.
func (t *translation) local(file string, path []string) (resolved string, info fs.FileInfo, ok bool) {
	file = absolute(t.Directory, file)
	resolved, err := filepath.EvalSymlinks(file)
	if err == nil {
		info, err = os.Stat(resolved)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.errorf(path, "make the file, or correct the path", "no such file: %s", t.shown(file))
		return "", nil, false
	case err != nil:
		t.errorf(path, "make it readable", "%s cannot be read: %s", t.shown(file), reason(err))
		return "", nil, false
	case inside(t.Directory, file) && !inside(realPath(t.Directory), resolved):
		t.errorf(path, "put the file itself into the project directory, or name the path that the link leads to",
			"%s leaves the project directory by a symbolic link", t.shown(file))
		return "", nil, false
	}
	return resolved, info, true
}

// realPath is a path without symbolic links, as it is where that fails.
func realPath(name string) string {
	resolved, err := filepath.EvalSymlinks(name)
	if err != nil {
		return name
	}
	return resolved
}

// inside says whether a path of this machine is a directory or in it.
func inside(dir, name string) bool {
	relative, err := filepath.Rel(dir, name)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// readLocal returns the content of a file; see localFile.
func (t *translation) readLocal(file string, path []string, most int64, help string) ([]byte, bool) {
	resolved, _, ok := t.localFile(file, path, most, help)
	if !ok {
		return nil, false
	}
	opened, err := os.Open(resolved)
	if err != nil {
		t.errorf(path, "make it readable", "%s cannot be read: %s", t.shown(file), reason(err))
		return nil, false
	}
	defer opened.Close()
	content, err := io.ReadAll(io.LimitReader(opened, most))
	if err != nil {
		t.errorf(path, "make it readable", "%s cannot be read: %s", t.shown(file), reason(err))
		return nil, false
	}
	return content, true
}

// bytesText writes a size as people do.
func bytesText(n int64) string {
	switch {
	case n >= 1<<20:
		return memoryText(int((n + 1<<20 - 1) >> 20))
	case n >= 1<<10:
		return strconv.FormatInt((n+1<<10-1)>>10, 10) + " KiB"
	default:
		return strconv.FormatInt(n, 10) + " bytes"
	}
}
