package content

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// ErrOdd is the reason of CheckFile for a pipe, a socket or a device.
var ErrOdd = errors.New("it is a pipe or a device, which may never end")

// ReadFile reads a file that somebody names, of at most so many bytes; see CheckFile.
func ReadFile(name string, most int64) ([]byte, error) {
	if err := CheckFile(name, most); err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1)) // a pipe has no size to check
	if err == nil && int64(len(data)) > most {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it has more than %d bytes", most)}
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// CheckFile says why a file is not to be read, as an fs.PathError: it has more bytes
// than anybody writes, or whoever reads it might wait for ever. What a shell made for
// this very command, such as <(COMMAND), ends with that, and /dev/null has an end.
func CheckFile(name string, most int64) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir(): // which says so when it is read
		return nil
	case isNull(info), info.Mode()&fs.ModeNamedPipe != 0 && isDescriptor(name):
		return nil
	case !info.Mode().IsRegular():
		err = ErrOdd
	case info.Size() > most:
		err = fmt.Errorf("it has %d bytes, and at most %d are read", info.Size(), most)
	default:
		return nil
	}
	return &fs.PathError{Op: "read", Path: name, Err: err}
}

func isNull(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(null, info)
}

func isDescriptor(name string) bool {
	return name == "/dev/stdin" || strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/self/fd/")
}
