package translate

import (
	"regexp"
	"strings"
)

// quote makes a word of a shell of any text.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// plainWord is a word that a shell takes as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoteWord makes a word of a shell of any text, in quotes where it needs them.
func quoteWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return quote(text)
}
