package content

import (
	"io/fs"
	"os"
	"slices"
	"time"
)

// A log that this process wrote is known by its text. What is written at the moment is
// not: it is empty, or has some messages only. So it has to be told by who writes it,
// whatever its name, its size and its time are: an empty file that nobody writes is
// content, and two checkouts agree on it.

// mayWrite says whether it is worth while to ask who writes a file: nobody does, if it has
// something in it and is old.
func (m Machine) mayWrite(info fs.FileInfo) bool {
	const old = 24 * time.Hour
	return m.Writing != nil && (info.Size() == 0 || time.Since(info.ModTime()) < old)
}

// writes says whether this process, or one that records what it says, writes a file now.
func (m Machine) writes(child fs.DirEntry) bool {
	info, err := child.Info()
	if err != nil || !info.Mode().IsRegular() || !m.mayWrite(info) {
		return false
	}
	return slices.ContainsFunc(m.Writing(), func(open fs.FileInfo) bool { return os.SameFile(open, info) })
}

func (l *lister) keepYoung(name string, info fs.FileInfo) {
	if l.young == nil {
		l.young = map[string]fs.FileInfo{}
	}
	l.young[name] = info
}

// dropWritten removes the files of Machine.Writing. It asks for them when all files are
// found: what another program opened before it was found is open now.
func (l *lister) dropWritten() {
	if len(l.young) == 0 {
		return
	}
	writing := l.Machine.Writing()
	l.out.Entries = slices.DeleteFunc(l.out.Entries, func(e Entry) bool {
		info, young := l.young[e.Path]
		return young && slices.ContainsFunc(writing, func(open fs.FileInfo) bool { return os.SameFile(open, info) })
	})
}
