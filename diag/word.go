package diag

import "strings"

// plainWord has the characters that a POSIX shell takes for themselves in every place.
const plainWord = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-"

// Word is a text as one word of a command line that a message tells to run: what is in a file
// may be meant to be more than one.
func Word(text string) string {
	if text != "" && strings.Trim(text, plainWord) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
