// Package diag holds what the tool has to say about a user's files: positions,
// diagnostics, and lists of them in a stable order. It reads no file and writes
// to nothing but the writer it is given.
package diag

import (
	"fmt"
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
		b.WriteString(d.Pos.String() + ": ")
	}
	b.WriteString(d.Severity.String() + ": ")
	if d.Path != "" {
		b.WriteString(d.Path + ": ")
	}
	b.WriteString(oneLine(d.Summary))
	if d.Help != "" {
		b.WriteString("\n  help: " + oneLine(d.Help))
	}
	return b.String()
}

// oneLine keeps a text that came from elsewhere from breaking the form.
func oneLine(text string) string {
	if !strings.ContainsAny(text, "\r\n") {
		return text
	}
	return strings.Join(strings.Fields(text), " ")
}
