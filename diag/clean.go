package diag

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes foreign text safe to print on one line of a terminal: white space
// that breaks lines becomes a space, and everything else that does not print is
// escaped, so that no compose file can send control sequences.
func Clean(text string) string {
	return escapeWith(text, func(r rune) string {
		if unicode.IsSpace(r) {
			return " "
		}
		return escaped(r)
	})
}

// CleanLine is Clean for a line whose white space means something.
func CleanLine(text string) string { return escapeWith(text, escaped) }

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
