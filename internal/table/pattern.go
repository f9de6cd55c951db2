package table

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Pattern is a regular expression in a table. One that is not given, or "", matches nothing.
// It knows words of which each match has one, since most rows of a table have nothing to do
// with a text, and the search for a word is the cheaper one.
type Pattern struct {
	*regexp.Regexp
	words []string // nil: none are known
}

// MustCompile is the pattern of an expression. It panics where that is none.
func MustCompile(expr string) Pattern {
	p := Pattern{Regexp: regexp.MustCompile(expr)}
	if parsed, err := syntax.Parse(expr, syntax.Perl); err == nil {
		p.words = wordsOf(parsed.Simplify())
	}
	return p
}

// UnmarshalText compiles a pattern.
func (p *Pattern) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if _, err := regexp.Compile(string(text)); err != nil {
		return err
	}
	*p = MustCompile(string(text))
	return nil
}

// MatchString says whether a text matches.
func (p Pattern) MatchString(text string) bool { return p.may(text) && p.Regexp.MatchString(text) }

// FindStringSubmatch is the first match in a text, as that of regexp; nil is none.
func (p Pattern) FindStringSubmatch(text string) []string {
	if !p.may(text) {
		return nil
	}
	return p.Regexp.FindStringSubmatch(text)
}

// FindAllStringSubmatch are at most n matches in a text, as those of regexp.
func (p Pattern) FindAllStringSubmatch(text string, n int) [][]string {
	if !p.may(text) {
		return nil
	}
	return p.Regexp.FindAllStringSubmatch(text, n)
}

// may says whether a text may match: it has one of the words.
func (p Pattern) may(text string) bool {
	if p.Regexp == nil {
		return false
	}
	return p.words == nil || slices.ContainsFunc(p.words, func(word string) bool { return strings.Contains(text, word) })
}

// mostWords is up to how many words a search for them is worth it.
const mostWords = 8

// wordsOf are words of which each match of an expression has one; nil where none are known.
func wordsOf(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if word := string(re.Rune); re.Flags&syntax.FoldCase == 0 && len(word) > 1 {
			return []string{word}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return wordsOf(re.Sub[0])
	case syntax.OpConcat:
		return wordsOfOne(re.Sub)
	case syntax.OpAlternate:
		return wordsOfAll(re.Sub)
	}
	return nil
}

// wordsOfOne are those of the part with the longest words: all parts match.
func wordsOfOne(parts []*syntax.Regexp) []string {
	var best []string
	for _, part := range parts {
		if words := wordsOf(part); words != nil && (best == nil || shortest(words) > shortest(best)) {
			best = words
		}
	}
	return best
}

// wordsOfAll are those of all parts, of which one matches.
func wordsOfAll(parts []*syntax.Regexp) []string {
	var all []string
	for _, part := range parts {
		words := wordsOf(part)
		if words == nil || len(all)+len(words) > mostWords {
			return nil
		}
		all = append(all, words...)
	}
	return all
}

func shortest(words []string) int {
	n := len(words[0])
	for _, word := range words {
		n = min(n, len(word))
	}
	return n
}
