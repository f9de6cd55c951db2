package diag

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// List holds the messages of a step in the order in which it found them. The
// nil List is empty and ready to use.
type List []Diagnostic

// Errorf adds an error. Help may be "".
func (l *List) Errorf(at Pos, path, help, format string, args ...any) {
	l.add(Error, at, path, help, format, args)
}

// Warnf adds a warning. Help may be "".
func (l *List) Warnf(at Pos, path, help, format string, args ...any) {
	l.add(Warning, at, path, help, format, args)
}

// Notef adds a note. Help may be "".
func (l *List) Notef(at Pos, path, help, format string, args ...any) {
	l.add(Note, at, path, help, format, args)
}

func (l *List) add(s Severity, at Pos, path, help, format string, args []any) {
	*l = append(*l, Diagnostic{Severity: s, Pos: at, Path: path, Summary: fmt.Sprintf(format, args...), Help: help})
}

// HasErrors says whether the list stops the run.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Err returns the errors of the list as one error, nil where there is none.
func (l List) Err() error {
	var lines []string
	for _, d := range l.Sorted() {
		if d.Severity == Error {
			lines = append(lines, d.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// Sorted returns the list by file, line, column, severity, path and summary,
// each diagnostic once.
func (l List) Sorted() List {
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, compare)
	return slices.Compact(sorted)
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		a.Pos.Compare(b.Pos),
		cmp.Compare(a.Severity, b.Severity),
		strings.Compare(a.Path, b.Path),
		strings.Compare(a.Summary, b.Summary),
		strings.Compare(a.Help, b.Help),
	)
}

// RelativeTo returns a copy of the list in which files are named relative to
// the directory dir, an absolute path, where that is shorter.
func (l List) RelativeTo(dir string) List {
	out := slices.Clone(l)
	for i := range out {
		out[i].Pos = out[i].Pos.RelativeTo(dir)
	}
	return out
}

// Print writes the sorted list, one diagnostic a line and its help on a second.
// What goes wrong in writing is the writer's to report.
func (l List) Print(w io.Writer) {
	var b strings.Builder
	for _, d := range l.Sorted() {
		b.WriteString(d.String() + "\n")
	}
	_, _ = io.WriteString(w, b.String())
}
