package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes foreign text safe to print on one line of a terminal: white space
// that breaks lines becomes a space, and everything else that does not print is
// escaped, so that no compose file can send control sequences.
func clean(text string) string {
	return escapeWith(text, func(r rune) string {
		if unicode.IsSpace(r) {
			return " "
		}
		return escaped(r)
	})
}

// cleanLine is clean for a line whose white space means something.
func cleanLine(text string) string { return escapeWith(text, escaped) }

// escaped returns \t, \x1b, \u202e and the like.
func escaped(r rune) string {
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}

func escapeWith(text string, escape func(rune) string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[0])|0x100, 16)[1:])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
		text = text[size:]
	}
	return b.String()
}

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
