package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/internal/fault"
)

// Digest reads all files that count, on all processors: it sets their hashes, says
// which are private, and removes those of this tool.
func (l *Listing) Digest(ctx context.Context) error {
	own := make([]owned, len(l.Entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 256
	for from := 0; from < len(l.Entries); from += batch {
		g.Go(func() (err error) {
			defer fault.Catch(&err)
			r := reader{sum: sha256.New(), buffer: make([]byte, beginBytes)}
			for i := from; i < min(from+batch, len(l.Entries)); i++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				if e := &l.Entries[i]; e.Mode.IsRegular() && !e.InGit {
					if err := r.read(e, l.File(*e)); err != nil {
						return err
					}
					own[i] = owned{file: isOwn(l.File(*e), r.head), state: isState(r.head)}
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	l.dropOwn(own)
	return nil
}

// owned says what of this tool a file is.
type owned struct{ file, state bool }

// dropOwn removes the files of this tool, and the directories that it made for them.
func (l *Listing) dropOwn(own []owned) {
	dropped, made := map[string]bool{}, map[string]bool{}
	for i, e := range l.Entries {
		if own[i].file {
			dropped[e.Path] = true
		}
		if own[i].state {
			made[path.Dir(e.Path)] = true
		}
	}
	if len(dropped) == 0 {
		return
	}
	l.Entries = slices.DeleteFunc(l.Entries, func(e Entry) bool { return dropped[e.Path] || beside(e, dropped) })
	l.dropMade(made)
}

// dropMade removes directories in which nothing is left, and those around them in
// which nothing is left then.
func (l *Listing) dropMade(made map[string]bool) {
	if len(made) == 0 {
		return
	}
	left := map[string]int{} // in each directory
	for _, e := range l.Entries {
		left[path.Dir(e.Path)]++
	}
	gone := map[string]bool{}
	for dir := range made {
		for ; dir != "." && left[dir] == 0 && !gone[dir]; dir = path.Dir(dir) {
			gone[dir] = true
			left[path.Dir(dir)]--
		}
	}
	l.Entries = slices.DeleteFunc(l.Entries, func(e Entry) bool { return gone[e.Path] && e.Mode.IsDir() })
}

// reader reads file after file through one buffer: memory does not grow with them.
type reader struct {
	sum interface {
		io.Writer
		Reset()
		Sum([]byte) []byte
	}
	buffer []byte
	head   []byte // of the last file
}

func (r *reader) read(e *Entry, file string) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	n, err := io.ReadFull(opened, r.buffer)
	begin := r.buffer[:n]
	r.head, e.Private = bytes.Clone(begin[:min(n, headBytes)]), Private(e.Path, begin)
	r.sum.Reset()
	r.sum.Write(begin) //nolint:errcheck // a hash takes all
	size := int64(n)
	if err == nil {
		var rest int64
		rest, err = io.CopyBuffer(struct{ io.Writer }{r.sum}, struct{ io.Reader }{opened}, r.buffer)
		size += rest
	}
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	r.sum.Sum(e.SHA256[:0])
	e.Size = size
	return nil
}
