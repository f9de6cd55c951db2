package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate"
)

// print writes the report for a reader: counts, a table for the top level and one
// for each service, the sizes of tasks, then the diagnostics.
func (c *checked) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", c.Project, counted(c.Counts))
	for _, entries := range byService(c.Keys) {
		fmt.Fprintf(&b, "\n%s\n", cmp.Or(diag.Clean(entries[0].Service), "(top level)"))
		table(&b, "  ", keyRows(entries))
	}
	if len(c.Sizes) > 0 {
		b.WriteString("\ntask sizes\n")
		table(&b, "  ", sizeRows(c.Sizes))
	}
	if len(c.Diagnostics) > 0 {
		b.WriteByte('\n')
		c.Diagnostics.Print(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// severalItems of a list of which the same is said have one row, such as the ports of a
// range.
const severalItems = 4

// keyRows are the keys, what becomes of them, and why.
func keyRows(entries []translate.Entry) [][]string {
	said := func(e translate.Entry) string { return diag.WithoutNumbers(e.Name(), e.Verdict.String()+explained(e)) }
	counts := map[string]int{}
	for _, e := range entries {
		counts[said(e)]++
	}
	var rows [][]string
	for _, e := range entries {
		name, n := e.Name(), counts[said(e)]
		switch {
		case n == 0:
			continue
		case n >= severalItems:
			name += fmt.Sprintf(" and %d more", n-1)
			counts[said(e)] = 0
		}
		rows = append(rows, []string{name, e.Verdict.String(), explained(e)})
	}
	return rows
}

func counted(c translate.Counts) string {
	return fmt.Sprintf("%s: %d mapped, %d approximated, %d ignored, %d refused",
		plural(c.Keys, "key"), c.Mapped, c.Approximated, c.Ignored, c.Refused)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sizeRows are the task, its size, what its containers ask for, and why.
func sizeRows(sizes []translate.Sizing) [][]string {
	rows := make([][]string, 0, len(sizes))
	for _, s := range sizes {
		asked := ""
		if s.Asked != "" {
			asked = "requested " + s.Asked
		}
		rows = append(rows, []string{s.Service, cmp.Or(s.Chosen, "none"), asked, oneLine(s.Why)})
	}
	return rows
}

// byService splits sorted entries, the top level first.
func byService(entries []translate.Entry) [][]translate.Entry {
	var out [][]translate.Entry
	for i, e := range entries {
		if i == 0 || e.Service != entries[i-1].Service {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], e)
	}
	return out
}

// explained is what a key becomes, why, and what to write instead.
func explained(e translate.Entry) string {
	var parts []string
	if e.To != "" {
		parts = append(parts, "-> "+e.To)
	}
	if e.Reason != "" {
		parts = append(parts, oneLine(e.Reason))
	}
	text := strings.Join(parts, "; ")
	if e.Help != "" {
		text += " (help: " + oneLine(e.Help) + ")"
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// table writes rows with all columns but the last as wide as they need to be. Each row is
// one line, whatever a file has in its keys.
func table(b *strings.Builder, indent string, rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			cell = diag.Clean(cell)
			row[i] = cell
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			if line += cell; i < len(row)-1 {
				line += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
