// Package content says what of a directory on this machine is the project's: the
// files that are hashed, compared and shipped, and the modes that they have there.
// It is the one rule for build contexts, mounted directories and mounted files.
// What a machine adds does not count: the files of this tool, what a umask took
// from modes, times, owners. It reads local files and knows no compose file and no
// registry.
package content

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Machine is what there is to know about a machine for it to see the same content
// as any other. The zero Machine is a usual one.
type Machine struct {
	// Umask are the classes, 0o070 and 0o007, from which the checkout took all rights:
	// that a file has none for them was nobody's decision.
	Umask fs.FileMode
	// Writing finds the files that get what this process says, such as its log: as of
	// now, because another program may have opened one only just. nil: there are none.
	Writing func() []fs.FileInfo
}

// Tree is a directory whose content is wanted.
type Tree struct {
	Root    string
	Machine Machine
	Ignored *Ignored               // what .dockerignore leaves out; nil: nothing
	Hidden  func(name string) bool // what another mount hides, by path below Root; nil: nothing
	// Git says whether repositories belong to it: they do to a build context, as docker
	// has it, and then count by the commit that is checked out. Else they are left out.
	Git bool
	// Most is the number of entries above which List gives up; 0: no limit.
	Most int
}

// Entry is a file, a directory or a symbolic link.
type Entry struct {
	Path   string      // with slashes, below the root
	Mode   fs.FileMode // as it counts, see Machine.Mode
	Link   string      // where a symbolic link leads
	Size   int64       // of a file, in bytes
	SHA256 [sha256.Size]byte
	// Private says why nobody but the service should read the file: "a private key".
	// "": nothing about it says so.
	Private string
	// InGit: it is in the directory of a repository, which counts by its commit alone.
	InGit bool
}

// Listing is the content of a tree, sorted by path elements.
type Listing struct {
	Root    string
	Entries []Entry
	Odd     []string // pipes and devices, which are never part of it
	Sockets []string // neither are these, which docker leaves out as well (fsutil, walker)
	Git     []string // repositories that belong to it, or that were left out
}

// TooManyError is returned by List for a tree with more entries than Tree.Most.
type TooManyError struct {
	Most    int
	Largest string // the directory below the root with most of them
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("more than %d files, most of them in %s", e.Most, e.Largest)
}

// List finds the entries of a tree. Their hashes are left to Digest, which also
// removes the files that only their first bytes show to be this tool's.
func List(ctx context.Context, t Tree) (*Listing, error) {
	l := lister{Tree: t, ctx: ctx, out: &Listing{Root: t.Root}}
	if err := l.directory("", Match{}, false, false); err != nil {
		return nil, err
	}
	l.dropWritten()
	return l.out, nil
}

type lister struct {
	Tree
	ctx   context.Context //nolint:containedctx // lives as long as the call of List
	out   *Listing
	young map[string]fs.FileInfo // files that may be among those of Machine.Writing
}

// directory lists one directory. os.ReadDir sorts by name, which makes the whole
// list sorted by path elements. One that is left out itself need not be readable, as
// BuildKit has it (fsutil, Walk in filter.go): it is the data of a database, say.
func (l *lister) directory(below string, parent Match, out, inGit bool) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	children, err := os.ReadDir(l.file(below))
	switch {
	case out && errors.Is(err, fs.ErrPermission):
		return nil
	case err != nil:
		return err
	}
	for _, child := range children {
		name := path.Join(below, child.Name())
		out, match, err := l.Ignored.match(name, parent)
		if err != nil {
			return err
		}
		if err := l.child(name, child, out, match, inGit); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) file(name string) string { return filepath.Join(l.Root, filepath.FromSlash(name)) }

// child adds one entry. An ignored directory is looked into only where a pattern
// with an exclamation mark may let something in again.
func (l *lister) child(name string, child fs.DirEntry, out bool, match Match, inGit bool) error {
	if ownName(child.Name()) || l.Hidden != nil && l.Hidden(name) {
		return nil
	}
	if out && !(child.IsDir() && l.Ignored.exceptions()) {
		return nil
	}
	if child.Name() == gitName && !out && !inGit {
		if l.out.Git = append(l.out.Git, name); !l.Git {
			return nil
		}
		return l.repository(name, child, match)
	}
	if !out {
		if err := l.add(name, child, inGit); err != nil {
			return err
		}
	}
	if child.IsDir() {
		return l.directory(name, match, out, inGit)
	}
	return nil
}

// repository adds one entry that counts, and all the others for who ships them.
func (l *lister) repository(name string, child fs.DirEntry, match Match) error {
	if err := l.count(Entry{Path: name, Mode: fs.ModeDir | 0o755, SHA256: sha256.Sum256([]byte(commitOf(l.file(name))))}); err != nil {
		return err
	}
	if child.IsDir() {
		return l.directory(name, match, false, true)
	}
	return l.add(name, child, true)
}

func (l *lister) add(name string, child fs.DirEntry, inGit bool) error {
	info, err := child.Info()
	if err != nil {
		return err
	}
	e := Entry{Path: name, Mode: l.Machine.Mode(info.Mode()), InGit: inGit}
	switch {
	case e.Mode&fs.ModeSymlink != 0:
		if e.Link, err = os.Readlink(l.file(name)); err != nil {
			return err
		}
	case e.Mode.IsRegular():
		if e.Size = info.Size(); l.Machine.mayWrite(info) {
			l.keepYoung(name, info)
		}
	case e.Mode&fs.ModeSocket != 0:
		l.out.Sockets = append(l.out.Sockets, name)
		return nil
	case !e.Mode.IsDir():
		l.out.Odd = append(l.out.Odd, name)
		return nil
	}
	return l.count(e)
}

func (l *lister) count(e Entry) error {
	if l.out.Entries = append(l.out.Entries, e); l.Most == 0 || len(l.out.Entries) <= l.Most {
		return nil
	}
	return &TooManyError{Most: l.Most, Largest: l.out.largest()}
}

// largest is the directory right below the root with most entries.
func (l *Listing) largest() string {
	count := map[string]int{}
	for _, e := range l.Entries {
		top, _, below := strings.Cut(e.Path, "/")
		if !below {
			top = "."
		}
		count[top]++
	}
	out := "."
	for top, n := range count {
		if n > count[out] || n == count[out] && top < out {
			out = top
		}
	}
	return out
}

// Size is that of all files, in bytes.
func (l *Listing) Size() int64 {
	var out int64
	for _, e := range l.Entries {
		out += e.Size
	}
	return out
}

// Counted are the entries that are hashed and compared. A directory with nothing in it is
// none of them: git does not keep it, so that another checkout has none. A builder gets
// it all the same, as from docker, which refuses to copy what is not there.
func (l *Listing) Counted() []Entry {
	filled := map[string]bool{}
	var out []Entry
	for _, e := range slices.Backward(l.Entries) { // what is in a directory comes after it
		isCommit := e.SHA256 != [sha256.Size]byte{}
		if e.InGit || e.Mode.IsDir() && !filled[e.Path] && !isCommit {
			continue
		}
		filled[path.Dir(e.Path)] = true
		out = append(out, e)
	}
	slices.Reverse(out)
	return out
}

// File is an entry on this machine.
func (l *Listing) File(e Entry) string { return filepath.Join(l.Root, filepath.FromSlash(e.Path)) }
