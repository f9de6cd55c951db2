package diag

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// Pos is a place in a file, 1-based. The zero Pos is unknown; a Line of zero
// stands for the file as a whole.
type Pos struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// IsZero says whether the place is unknown.
func (p Pos) IsZero() bool { return p == Pos{} }

// Compare orders places by file, line and column.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// String returns FILE:LINE:COLUMN, and "" for the zero Pos.
func (p Pos) String() string {
	switch {
	case p.IsZero():
		return ""
	case p.Line == 0:
		return p.File
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// RelativeTo returns p with its file named relative to the directory dir, an
// absolute path, where that name is shorter.
func (p Pos) RelativeTo(dir string) Pos {
	p.File = Relative(dir, p.File)
	return p
}

// Relative names the file relative to the directory dir where that is shorter.
// A file that is not an absolute path stays as it is.
func Relative(dir, file string) string {
	if !filepath.IsAbs(file) {
		return file
	}
	relative, err := filepath.Rel(dir, file)
	if err != nil || len(relative) >= len(file) {
		return file
	}
	return relative
}
