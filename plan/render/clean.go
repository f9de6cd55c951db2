package render

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/compose2fargate/compose2fargate/diag"
)

// clean and cleanLine are those of diag.
func clean(text string) string     { return diag.Clean(text) }
func cleanLine(text string) string { return diag.CleanLine(text) }

// atoms cuts cleaned text into the pieces that must not be torn apart: a rune,
// or an escape sequence.
func atoms(text string) []string {
	var out []string
	for len(text) > 0 {
		n := atomLength(text)
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

// escapeDigits are the hexadecimal digits of an escape by the letter after its
// backslash.
var escapeDigits = map[byte]int{'x': 2, 'u': 4, 'U': 8}

func atomLength(text string) int {
	if text[0] != '\\' || len(text) < 2 {
		_, size := utf8.DecodeRuneInString(text)
		return size
	}
	if end := 2 + escapeDigits[text[1]]; end > 2 && end <= len(text) && strings.Trim(text[2:end], "0123456789abcdef") == "" {
		return end
	}
	_, size := utf8.DecodeRuneInString(text[1:])
	return 1 + size
}

// cut shortens cleaned text to at most n bytes, ending in three dots.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	kept := 0
	for kept < len(text) {
		size := atomLength(text[kept:])
		if kept+size > n-len("...") {
			break
		}
		kept += size
	}
	return text[:kept] + "..."
}

// plural is "1 task" or "3 tasks".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
