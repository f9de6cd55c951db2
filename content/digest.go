package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Digest reads all files that count, on all processors: it sets their hashes, says
// which are private, and removes those of this tool.
func (l *Listing) Digest(ctx context.Context) error {
	own := make([]bool, len(l.Entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 256
	for from := 0; from < len(l.Entries); from += batch {
		g.Go(func() error {
			r := reader{sum: sha256.New(), buffer: make([]byte, 128<<10)}
			for i := from; i < min(from+batch, len(l.Entries)); i++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				if e := &l.Entries[i]; e.Mode.IsRegular() && !e.InGit {
					if err := r.read(e, l.File(*e)); err != nil {
						return err
					}
					own[i] = isOwn(r.head)
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

func (l *Listing) dropOwn(own []bool) {
	dropped := map[string]bool{}
	for i, e := range l.Entries {
		if own[i] {
			dropped[e.Path] = true
		}
	}
	if len(dropped) == 0 {
		return
	}
	l.Entries = slices.DeleteFunc(l.Entries, func(e Entry) bool { return dropped[e.Path] || beside(e, dropped) })
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
	n, err := io.ReadFull(opened, r.buffer[:headBytes])
	r.head = bytes.Clone(r.buffer[:n])
	r.sum.Reset()
	r.sum.Write(r.head) //nolint:errcheck // a hash takes all
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
	e.Size, e.Private = size, Private(e.Path, r.head)
	return nil
}
