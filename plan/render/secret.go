package render

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// marker is a text that replaces a value, printed without quotes.
type marker string

const (
	later  marker = "(known after apply)"
	hidden marker = "(sensitive)"
)

// secretHash matches a hashed secret (see masker), alone or inside other text;
// unresolved is a ref in place of its value (see Ref).
var (
	secretHash = regexp.MustCompile(regexp.QuoteMeta(plan.SecretPrefix) + `[A-Za-z0-9_-]*`)
	unresolved = regexp.MustCompile(`^\$\{ref:[^}]*\}$`)
)

// secrets numbers hashes in the order in which they are first seen, so that a
// reader sees which values are the same and which changed, and nothing else.
type secrets map[string]int

func (s secrets) number(hash string) string {
	if s[hash] == 0 {
		s[hash] = len(s) + 1
	}
	return "#" + strconv.Itoa(s[hash])
}

// mask removes the hashes from any text.
func (s secrets) mask(text string) string {
	if !strings.Contains(text, plan.SecretPrefix) {
		return text
	}
	return secretHash.ReplaceAllStringFunc(text, func(hash string) string {
		return string(s.marker(hash))
	})
}

func (s secrets) marker(hash string) marker { return marker("(sensitive " + s.number(hash) + ")") }

// shown returns a string of a spec as it is shown: a string, or a marker.
func (s secrets) shown(text string) any {
	switch {
	case strings.HasPrefix(text, plan.SecretPrefix):
		return s.marker(text)
	case unresolved.MatchString(text):
		return later
	default:
		return s.mask(text)
	}
}

// change writes a changed secret in one term: (sensitive #1 -> #2).
func (m marker) change(to marker) string {
	from, ok := strings.CutSuffix(string(m), ")")
	number, both := strings.CutPrefix(string(to), "(sensitive ")
	if !ok || !both || !strings.HasPrefix(from, "(sensitive #") {
		return string(m) + " -> " + string(to)
	}
	return from + " -> " + number
}
