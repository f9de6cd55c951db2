package plan

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Secrets by origin: values that whoever makes a stack knows to be secret are masked wherever
// they stand, whatever stands around them.

// anywhere is from how many bytes on a secret is looked for within other texts; a shorter one
// only where no letter or digit stands beside it, since chance would find it in words.
const anywhere = 8

// Hides says whether a text has one of the secrets of the stack in it.
func (s *Stack) Hides(text string) bool { return s.masker.hides(text) }

// Masked are the values of the stack that plans mask, whole, sorted: what somebody else says
// must not repeat them.
func (s *Stack) Masked() []string {
	if s.masker == nil {
		return nil
	}
	return s.masker.values()
}

func (m *Masker) hides(text string) bool {
	for _, secret := range m.hidden {
		if hasWithin(text, secret) {
			return true
		}
	}
	return false
}

// hasWithin says whether a text has a secret in it.
func hasWithin(text, secret string) bool {
	if len(secret) >= anywhere {
		return strings.Contains(text, secret)
	}
	for from := 0; secret != ""; {
		at := strings.Index(text[from:], secret)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(secret):])
		if !isWordRune(before) && !isWordRune(after) {
			return true
		}
		from = at + len(secret)
	}
	return false
}

// isWordRune is false for the error that stands for the beginning and the end of a text.
func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// below masks all texts of a node at a path.
func (m *Masker) below(address Address, node any, path diag.Path) any {
	switch node := node.(type) {
	case string:
		return m.mask(address, node)
	case []any:
		out := make([]any, len(node))
		for i, item := range node {
			out[i] = m.below(address, item, path)
		}
		return out
	case tree:
		out := maps.Clone(node)
		for name, child := range node {
			if len(path) == 0 {
				out[name] = m.below(address, child, nil)
			} else if name == path[0] {
				out[name] = m.below(address, child, path[1:])
			}
		}
		return out
	}
	return node
}

// beside masks what was where a secret of the stack is now: the one before it, most likely.
func (m *Masker) beside(address Address, from, to any) any {
	switch from := from.(type) {
	case string:
		if text, ok := to.(string); ok && (strings.HasPrefix(text, SecretPrefix) || m.hides(text)) {
			return m.mask(address, from)
		}
	case []any:
		if to, ok := to.([]any); ok {
			return m.listBeside(address, from, to)
		}
	}
	return from
}

// listBeside masks the texts that follow the same text as a secret does now, as the old value
// of an option follows its name; in lists of one length also those at its place.
func (m *Masker) listBeside(address Address, from, to []any) any {
	was, is := make([]any, 0, len(from)), append([]any{""}, to...)
	for i, item := range from {
		text, ok := item.(string)
		if !ok {
			return from
		}
		before := any("")
		if i > 0 {
			before = from[i-1]
		}
		for j, now := range is[1:] {
			if now, ok := now.(string); ok && m.hides(now) && (is[j] == before || i == j && len(from) == len(to)) {
				text = m.mask(address, text)
				break
			}
		}
		was = append(was, text)
	}
	return was
}
