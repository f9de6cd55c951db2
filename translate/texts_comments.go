package translate

import (
	"slices"
	"strings"
)

// uncommented is a line without what is a comment in its format.
func (t *textSearch) uncommented(line string) string {
	switch t.format {
	case jsonFormat:
		return line
	case xmlFormat:
		return t.outsideXMLComments(line)
	}
	trimmed := strings.TrimLeft(line, " \t")
	starts := []string{"#", "//", ";", "/*", "!", "--"}
	if t.format == shellFormat {
		starts = []string{"#"}
	}
	isComment := func(start string) bool {
		return strings.HasPrefix(trimmed, start) && !(start == "--" && strings.HasPrefix(trimmed, "---"))
	}
	if slices.ContainsFunc(starts, isComment) {
		return ""
	}
	return line[:commentAt(line, t.format == shellFormat)]
}

// commentAt is where a comment begins behind something else: at a # or, but in scripts, at // or ; that
// a space is before, outside of quotes.
func commentAt(line string, shell bool) int {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case i == 0 || line[i-1] != ' ' && line[i-1] != '\t':
		case c == '#', !shell && (strings.HasPrefix(line[i:], "// ") || strings.HasPrefix(line[i:], "; ")):
			return i
		}
	}
	return len(line)
}

// outsideXMLComments is what of a line is in no <!-- -->.
func (t *textSearch) outsideXMLComments(line string) string {
	var out strings.Builder
	for line != "" {
		mark := "<!--"
		if t.inComment {
			mark = "-->"
		}
		before, after, found := strings.Cut(line, mark)
		if !t.inComment {
			out.WriteString(before)
		}
		if line = after; found {
			t.inComment = !t.inComment
		}
	}
	return out.String()
}
