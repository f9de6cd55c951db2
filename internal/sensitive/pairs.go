package sensitive

import (
	"regexp"
	"strings"
)

// pair is a name and what is written behind it: NAME=value, "name": "value", name => 'value',
// x['name'] = "value".
type pair struct {
	name, value string
	quoted      bool // the value stands in quotes
	tight       bool // name:value, which is how much else is written
}

const (
	mostName  = 100 // longer than names are
	mostValue = 256 // as much of a value as tells what it is
	mostGap   = 40  // blanks between a name and its sign
)

// eachPair calls f for the pairs of a text until f is content. It looks at the signs, not at
// the quotes around them, so that it finds pairs within values of others.
func eachPair(text string, f func(pair) bool) bool {
	for at := 0; at < len(text); at++ {
		next := strings.IndexAny(text[at:], "=:")
		if next < 0 {
			return false
		}
		at += next
		if isComparison(text, at) {
			continue
		}
		name, bare := nameBefore(text, at)
		if name == "" {
			continue
		}
		value, quoted := valueAfter(text, at)
		if isProgram(text, at, value, quoted) {
			continue
		}
		tight := text[at] == ':' && bare && !quoted && at+1 < len(text) && !isBlank(text[at+1])
		if value != "" && f(pair{name, value, quoted, tight}) {
			return true
		}
	}
	return false
}

// isComparison says whether a sign is part of ==, !=, <=, >=, :// or of a variable of psql.
func isComparison(text string, at int) bool {
	rest := text[at+1:]
	if text[at] == ':' { // psql reads :'name'
		return strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "'") && at > 0 && isBlank(text[at-1])
	}
	return strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, "~") || at > 0 && strings.IndexByte("=!<>", text[at-1]) >= 0
}

// nameBefore is the name that a sign stands behind; bare is one without quotes around it.
func nameBefore(text string, at int) (name string, bare bool) {
	for at > 0 && text[at-1] == ':' {
		at--
	}
	for n := 0; n < mostGap && at > 0 && isBlank(text[at-1]); n++ {
		at--
	}
	end := at
	for n := 0; n < 4 && end > 0 && strings.IndexByte(`"'\])`, text[end-1]) >= 0; n++ {
		end--
	}
	begin := end
	for begin > 0 && end-begin < mostName && isNameByte(text[begin-1]) {
		begin--
	}
	if begin >= 2 && text[begin-2:begin] == "${" { // ${NAME:-x} reads it
		return "", false
	}
	return withWordBefore(text, begin, end), end == at
}

// withWordBefore takes the word before "Key" and "Id" along, as connection strings write
// "Account Key".
func withWordBefore(text string, begin, end int) string {
	name := text[begin:end]
	if name != "Key" || begin < 2 || text[begin-1] != ' ' {
		return name
	}
	from := begin - 1
	for from > 0 && begin-from < mostName && isNameByte(text[from-1]) {
		from--
	}
	return text[from:end]
}

// isProgram says whether what looks like a value is a part of a program: "NAME=" + x, and
// f({ name: someVariable }).
func isProgram(text string, at int, value string, quoted bool) bool {
	if quoted {
		return value != "" && strings.IndexByte("+,)", value[0]) >= 0
	}
	return text[at] == ':' && variable.MatchString(value) && strings.Contains(text[max(0, at-mostName):at], "({")
}

// variable is the name of one in a program.
var variable = regexp.MustCompile(`^[a-z]+(?:[A-Z][a-z]+)+$`)

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c >= 0x80
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// valueAfter is the value that a sign stands before.
func valueAfter(text string, at int) (value string, quoted bool) {
	rest := text[at+1:]
	if rest != "" && (rest[0] == '>' || rest[0] == '=') {
		rest = rest[1:]
	}
	for n := 0; n < mostGap && rest != "" && (rest[0] == ' ' || rest[0] == '\t'); n++ {
		rest = rest[1:]
	}
	if len(rest) > 1 && (rest[0] == 'N' || rest[0] == 'b' || rest[0] == 'r') && (rest[1] == '\'' || rest[1] == '"') {
		rest = rest[1:]
	}
	rest = strings.TrimPrefix(rest, `\`)
	if rest == "" {
		return "", false
	}
	if rest[0] == '"' || rest[0] == '\'' {
		return untilQuote(rest[1:], rest[0]), true
	}
	return untilEnd(rest), false
}

// untilQuote is a text up to the quote that ends it; one with a backslash does so too, since
// the whole may stand in quotes.
func untilQuote(text string, quote byte) string {
	text = text[:min(len(text), mostValue)]
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case quote:
			return strings.TrimSuffix(text[:i], `\`)
		case '\\':
			if i+1 < len(text) && text[i+1] != quote {
				i++
			}
		case '\n':
			return text[:i]
		}
	}
	return text
}

// untilEnd is a text without quotes up to what ends it; a bracket does that which was not
// opened in it.
func untilEnd(text string) string {
	text = text[:min(len(text), mostValue)]
	open := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '(':
			open++
		case c == ')':
			if open--; open < 0 {
				return text[:i]
			}
		case strings.IndexByte(" \t\r\n,;&\"'`<", c) >= 0 && i > 0, isBlank(c):
			return text[:i]
		case (c == '}' || c == ']') && !strings.ContainsAny(text[:i], "{["):
			return text[:i]
		}
	}
	return text
}

// hasSecretPair looks for pairs whose name says that the value is a secret.
func hasSecretPair(text string) bool {
	return eachPair(text, func(p pair) bool { return p.isSecret() })
}

// isSecret judges a pair within a larger text, where names that leave it to the value count
// for little: much of what stands there is code.
func (p pair) isSecret() bool {
	switch judge(p.name) {
	case secret:
		return p.isValue() && (!p.tight || isOpaque(p.value))
	case maybe:
		return p.isValue() && (isRandom(p.value) || isBasic(p.value) || isPairUnder(p.name, p.value))
	}
	return !p.tight && isPairUnder(p.name, p.value) && p.isValue()
}

func (p pair) isValue() bool {
	if isReference(p.value) || isPlain(p.name, p.value) || isBlanked(p.value) {
		return false
	}
	return p.quoted || !isCode(p.value) && !words().Grammar[p.value]
}
