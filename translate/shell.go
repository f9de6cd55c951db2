package translate

import (
	"regexp"
	"slices"
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

// quoteAround makes one word of a shell of parts, with a variable between each two.
func quoteAround(parts []string, variable string) string {
	if !slices.ContainsFunc(parts, func(part string) bool { return strings.ContainsAny(part, "$`\"\\") }) {
		out := `"` + parts[0]
		for _, part := range parts[1:] {
			if part != "" && (part[0] == '_' || isAlphanumeric(part[0])) {
				out += "${" + variable + "}" + part
			} else {
				out += "$" + variable + part
			}
		}
		return out + `"`
	}
	quoted := make([]string, len(parts))
	for i, part := range parts {
		if part != "" {
			quoted[i] = quoteWord(part)
		}
	}
	return strings.Join(quoted, `"$`+variable+`"`)
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
