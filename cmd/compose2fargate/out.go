package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan"
)

// destination is where --out has a plan written.
type destination struct {
	given string // as the user names it; "": nowhere
	file  string
	whole bool // it is replaced as a whole, which a pipe or a device cannot be: others have its name, too
}

// destinationOf follows links to where a file is or will be. It refuses what is there and
// was not made for a plan.
func destinationOf(given string) (destination, error) {
	d := destination{given: given, file: given}
	info, err := os.Stat(given)
	switch {
	case given == "":
		return d, nil
	case given == "-":
		return d, errors.New("--out - is no file: --format json writes the plan to stdout, and --out ./- to a file of that name")
	case errors.Is(err, fs.ErrNotExist):
		d.file, d.whole = content.Resolve(absolute(given)), true
		if _, err := os.Stat(filepath.Dir(d.file)); err != nil {
			return d, fmt.Errorf("--out %s: there is no directory %s", given, filepath.Dir(given))
		}
		return d, nil
	case err != nil:
		return d, fmt.Errorf("--out %s: %w", given, reason(err))
	case info.IsDir():
		return d, fmt.Errorf("--out %s is a directory, name a file in it", given)
	case !info.Mode().IsRegular() || strings.HasPrefix(given, "/dev/") || strings.HasPrefix(given, "/proc/"):
		return d, nil // also a link of /dev/fd, which leads to no file
	case info.Size() > 0 && !isPlan(given):
		return d, fmt.Errorf("--out %s: the file is there and is no plan: remove it, or name another one", given)
	}
	d.whole = true
	d.file, err = filepath.EvalSymlinks(given)
	return d, err
}

// isPlan says whether a file begins as plans do.
func isPlan(file string) bool {
	opened, err := os.Open(file)
	if err != nil {
		return false
	}
	defer opened.Close()
	begin, err := io.ReadAll(io.LimitReader(opened, 200))
	return err == nil && bytes.Contains(begin, []byte(plan.FileKind))
}

func absolute(file string) string {
	if dir, err := os.Getwd(); err == nil && !filepath.IsAbs(file) {
		return filepath.Join(dir, file)
	}
	return file
}

// reason is what a file system says, without the name.
func reason(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// save writes a plan file that only its owner may read: it holds no secret, but
// names everything that a stack is made of.
func (d destination) save(ctx context.Context, p *plan.Plan) error {
	write := d.replace
	switch {
	case d.given == "":
		return nil
	case !d.whole:
		write = d.through
	}
	if err := write(ctx, p); err != nil {
		return fmt.Errorf("save the plan to %s: %w", d.given, reason(err))
	}
	return nil
}

func (d destination) replace(_ context.Context, p *plan.Plan) error {
	temporary, err := os.CreateTemp(filepath.Dir(d.file), content.Directory+"-plan-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if err := errors.Join(p.Encode(temporary), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), d.file)
}

// through writes to what is there. A pipe may have nobody who reads, now or ever.
func (d destination) through(ctx context.Context, p *plan.Plan) error {
	failed, err := untilInterrupted(ctx, func() error {
		opened, err := os.OpenFile(d.file, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		return errors.Join(p.Encode(opened), opened.Close())
	})
	return cmp.Or(err, failed)
}
