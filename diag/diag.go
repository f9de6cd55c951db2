// Package diag holds what the tool has to say about a user's files: positions,
// diagnostics, and lists of them in a stable order. It reads no file and writes
// to nothing but the writer it is given.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Severity says what a diagnostic does to the run.
type Severity int

const (
	Error   Severity = iota // the run stops
	Warning                 // something behaves otherwise than the file says
	Note                    // worth knowing, nothing to do
)

// String returns the word that is printed: error, warning or note.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Note:
		return "note"
	default:
		return fmt.Sprintf("severity(%d)", int(s))
	}
}

// MarshalText writes the word of s.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (s *Severity) UnmarshalText(text []byte) error {
	for known := Error; known <= Note; known++ {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q", text)
}

// Diagnostic is one thing to tell the user. Summary and Help are lower-case
// sentences without a full stop.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Pos      Pos      `json:"position,omitzero"`
	Path     string   `json:"path,omitempty"` // dotted compose path; "" where there is none
	Summary  string   `json:"summary"`        // what is wrong
	Help     string   `json:"help,omitempty"` // what to do instead; "" where there is nothing
}

// String returns the diagnostic as it is printed, without a final newline.
func (d Diagnostic) String() string {
	var b strings.Builder
	if !d.Pos.IsZero() {
		b.WriteString(Clean(d.Pos.String()) + ": ")
	}
	b.WriteString(d.Severity.String() + ": ")
	if d.Path != "" {
		b.WriteString(Clean(d.Path) + ": ")
	}
	b.WriteString(oneLine(d.Summary))
	if d.Help != "" {
		b.WriteString("\n  help: " + oneLine(d.Help))
	}
	return b.String()
}

// oneLine keeps a text that came from elsewhere from breaking the form.
func oneLine(text string) string {
	if strings.ContainsAny(text, "\r\n") {
		text = strings.Join(strings.Fields(text), " ")
	}
	return Clean(text)
}

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
	summary := WithoutPasswords(fmt.Sprintf(format, args...))
	*l = append(*l, Diagnostic{Severity: s, Pos: at, Path: path, Summary: summary, Help: WithoutPasswords(help)})
}

// HasErrors says whether the list stops the run.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Err returns the errors of the list as one error, nil where there is none.
func (l List) Err() error {
	var lines []string
	for _, f := range l.Folded() {
		if f.Severity == Error {
			lines = append(lines, f.String())
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

// Without returns a copy of the list whose paths and texts have *** where they had one of the
// given texts, of which the first that fits counts.
func (l List) Without(texts []string) List {
	if len(texts) == 0 {
		return l
	}
	var pairs []string
	for _, text := range texts {
		pairs = append(pairs, text, "***")
	}
	hide := strings.NewReplacer(pairs...)
	out := slices.Clone(l)
	for i := range out {
		out[i].Path, out[i].Summary, out[i].Help = hide.Replace(out[i].Path), hide.Replace(out[i].Summary), hide.Replace(out[i].Help)
	}
	return out
}

// Print writes the folded list, one diagnostic a line and its help on a second.
// What goes wrong in writing is the writer's to report.
func (l List) Print(w io.Writer) {
	var b strings.Builder
	for _, f := range l.Folded() {
		b.WriteString(f.String() + "\n")
	}
	_, _ = io.WriteString(w, b.String())
}
