package render

import (
	"strings"
)

// Longest pieces of a comment, in bytes, so that one hostile or huge resource
// leaves room for the others.
const (
	longTitle = 300
	longCell  = 160
	longRow   = 600
	fewRows   = 3 // a block that has to be cut to fewer is not worth it
)

// block is a folded part of a comment.
type block struct {
	summary string // escaped
	lang    string // of the fence
	rows    []string
	unit    [2]string // what a row is, one and many
}

// fit writes the block in at most room bytes. Rows are left out from the end and
// counted; where hardly any fits, it is "".
func (b block) fit(room int) string {
	rows := make([]string, len(b.rows))
	for i, row := range b.rows {
		rows[i] = cut(row, longRow)
	}
	fence := fence(rows)
	if whole := b.render(fence, rows, 0); len(whole) <= room {
		return whole
	}
	left := room - len(b.render(fence, nil, len(rows)))
	kept := 0
	for kept < len(rows) && len(rows[kept])+1 <= left {
		left -= len(rows[kept]) + 1
		kept++
	}
	if kept < fewRows {
		return ""
	}
	return b.render(fence, rows[:kept], len(rows)-kept)
}

func (b block) render(fence string, rows []string, left int) string {
	var out strings.Builder
	out.WriteString("<details><summary>" + b.summary + "</summary>\n\n" + fence + b.lang + "\n")
	for _, row := range rows {
		out.WriteString(row + "\n")
	}
	if left > 0 {
		out.WriteString("# " + plural(left, b.unit[0], b.unit[1]) + " left out\n")
	}
	out.WriteString(fence + "\n\n</details>\n\n")
	return out.String()
}

// fitRows writes as many rows between head and tail as fit into room bytes,
// those of the lowest tier first, in their order. It returns the number of rows
// that were left out.
func fitRows(rows []tableRow, room int) (string, int) {
	keep := make([]bool, len(rows))
	left := len(rows)
	for tier := range tiers {
		for i, row := range rows {
			if row.tier == tier && len(row.text) <= room {
				keep[i] = true
				room -= len(row.text)
				left--
			}
		}
	}
	var out strings.Builder
	for i, row := range rows {
		if keep[i] {
			out.WriteString(row.text)
		}
	}
	return out.String(), left
}

// tableRow is a row of the table of resources, with its line break.
type tableRow struct {
	tier int
	text string
}
