package translate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// localFiles is how phases read what the compose files name on this machine. It
// knows the project alone and comes before every other phase.
type localFiles struct{ *base }

// localFile checks a file that the compose files name and returns its name
// without symbolic links. It is not ok, with an error at path, if the file does
// not exist or cannot be used; most is the maximum size in bytes.
func (l *localFiles) localFile(file string, path diag.Path, most int64, help string) (resolved string, info fs.FileInfo, ok bool) {
	resolved, info, ok = l.local(file, path)
	switch {
	case !ok:
		return "", nil, false
	case info.IsDir():
		l.errorf(path, "name a file in it", "%s is a directory, not a file", l.Display(file))
	case !info.Mode().IsRegular():
		l.errorf(path, "name a file", "%s is not a file", l.Display(file))
	case info.Size() > most:
		l.errorf(path, help, "%s has %s: the limit is %s", l.Display(file), bytesText(info.Size()), bytesText(most))
	default:
		return resolved, info, true
	}
	return "", nil, false
}

// local follows symbolic links. What a repository holds must not reach for the rest of
// the machine: the gate has its word.
func (l *localFiles) local(file string, path diag.Path) (resolved string, info fs.FileInfo, ok bool) {
	file = compose.Absolute(l.Directory, file)
	if !l.admit(path, file) {
		return "", nil, false
	}
	resolved, err := filepath.EvalSymlinks(file)
	if err == nil {
		info, err = os.Stat(resolved)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.errorf(path, "make the file, or correct the path", "no such file: %s", l.Display(file))
		return "", nil, false
	case err != nil:
		l.unreadable(path, file, err)
		return "", nil, false
	}
	return resolved, info, true
}

// admit reports what speaks against reading a file or directory of this machine, and
// returns whether it may be read.
func (b *base) admit(path diag.Path, file string) bool {
	text, help := b.OutsideText(path, file)
	switch {
	case text == "":
		return true
	case b.Gate.Admits(file):
		b.warnf(path, help, "%s", text)
		return true
	default:
		b.errorf(path, help, "%s", text)
		return false
	}
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// reason is the text of a system error without the path, which the message
// already has.
func reason(err error) string {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err.Error()
	}
	return err.Error()
}

// unreadable is the error about a file that is there and cannot be read.
func (l *localFiles) unreadable(path diag.Path, file string, err error) {
	l.errorf(path, "make it readable", "%s cannot be read: %s", l.Display(file), reason(err))
}

// readLocal returns the content of a file; see localFile.
func (l *localFiles) readLocal(file string, path diag.Path, most int64, help string) ([]byte, bool) {
	resolved, _, ok := l.localFile(file, path, most, help)
	if !ok {
		return nil, false
	}
	content, err := l.Gate.ReadFile(resolved, most)
	if err != nil {
		l.unreadable(path, file, err)
	}
	return content, err == nil
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

// fromEnvironment is the value of a variable of the environment or of .env.
func (l *localFiles) fromEnvironment(variable string, path diag.Path) ([]byte, bool) {
	value, ok := l.Compose.Environment[variable]
	if !ok {
		text, help, _ := l.UnsetText(variable)
		l.errorf(path, help, "%s", text)
	}
	return []byte(value), ok
}

// owner reads a numeric uid or gid; "" is root's.
func (l *localFiles) owner(text, what string, path diag.Path) int {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		l.errorf(path, "write its numeric id", "%s %q is not a number", what, text)
		return 0
	}
	return int(n)
}
