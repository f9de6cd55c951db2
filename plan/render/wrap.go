package render

import (
	"strings"
	"unicode/utf8"
)

// minWidth is where a terminal is too narrow to care.
const minWidth = 40

// wrap breaks text into lines of at most width runes, at spaces where there are
// any, and never inside an escape sequence. No width is no limit.
func wrap(text string, width int) []string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var out []string
	var row strings.Builder
	length := 0
	flush := func() {
		out = append(out, strings.TrimRight(row.String(), " "))
		row.Reset()
		length = 0
	}
	for _, word := range words(text) {
		size := utf8.RuneCountInString(strings.TrimRight(word, " "))
		// A word that fits in no row begins in this one.
		if length > 0 && length+size > width && size <= width {
			flush()
		}
		for _, atom := range atoms(word) {
			if n := utf8.RuneCountInString(atom); atom != " " && length > 0 && length+n > width {
				flush()
			}
			row.WriteString(atom)
			length += utf8.RuneCountInString(atom)
		}
	}
	flush()
	return out
}

// wrapParts is wrap for parts that stay in one piece.
func wrapParts(parts []string, gap string, width int) []string {
	var out []string
	for _, part := range parts {
		last := len(out) - 1
		if last < 0 || width > 0 && utf8.RuneCountInString(out[last]+gap+part) > width {
			out = append(out, part)
			continue
		}
		out[last] += gap + part
	}
	return out
}

// words cuts text after its spaces.
func words(text string) []string {
	var out []string
	start := 0
	for i := 1; i < len(text); i++ {
		if text[i-1] == ' ' && text[i] != ' ' {
			out = append(out, text[start:i])
			start = i
		}
	}
	return append(out, text[start:])
}
