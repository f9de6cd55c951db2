package sensitive

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed words.json
var wordsFile []byte

// words are those of which names consist, in lower case.
var words = table.Of[struct {
	Sources []string `json:"sources"`
	// Secret say by themselves that a value is secret.
	Secret set `json:"secret"`
	// Numeric are those of them whose value may be a number: a PIN is, a number of tokens is
	// none.
	Numeric set `json:"numeric"`
	// Maybe leave it to the value.
	Maybe set `json:"maybe"`
	// Keys stand before "key" where it is a secret; PlainKeys where it is none.
	Keys      set `json:"keys"`
	PlainKeys set `json:"plainKeys"`
	// Pass stand before "pass" or "pw", apart or as one word.
	Pass set `json:"pass"`
	// Heads begin names of settings: MAX_TOKENS, ENABLE_PASSWORD_LOGIN.
	Heads set `json:"heads"`
	// Harmless end names of what is about a secret and none: TOKEN_URL, PASSWORD_FILE. Still
	// are those of them that leave it to the value.
	Harmless set `json:"harmless"`
	Still    set `json:"still"`
	// Common are values that stand for other things too, so that nothing is a secret because
	// it equals one of them.
	Common set `json:"common"`
}](wordsFile)

type set map[string]bool

// UnmarshalJSON reads a list.
func (s *set) UnmarshalJSON(data []byte) error {
	list, err := decodeList(data)
	if err != nil {
		return err
	}
	*s = set{}
	for _, word := range list {
		(*s)[word] = true
	}
	return nil
}

// verdict is what a name says of its value.
type verdict int

const (
	harmless verdict = iota
	maybe            // its value tells
	secret
)

// judge is the verdict on a name, which names of variables, options and keys have alike.
var judge = table.ByText(func(name string) verdict {
	parts := split(name)
	at, found := nucleus(parts)
	if found == harmless {
		return harmless
	}
	after := parts[at+1:]
	if len(after) > 0 {
		last := after[len(after)-1]
		switch {
		case last == "id" && at > 0 && parts[at] == "key" && parts[at-1] == "access": // one half of the pair
			return secret
		case words().Still[last]:
			return min(found, maybe)
		case words().Harmless[last]:
			return harmless
		}
	}
	if at > 0 && words().Heads[parts[0]] && (len(after) > 0 || isCounted(parts)) {
		return harmless
	}
	return found
})

// isCounted says whether a name is about how many there are, or about whether there is one.
func isCounted(parts []string) bool { return len(parts) > 1 }

// nucleus is the last word of a name that tells what its value is.
func nucleus(parts []string) (at int, found verdict) {
	for i, part := range slices.Backward(parts) {
		before := ""
		if i > 0 {
			before = parts[i-1]
		}
		switch {
		case words().Secret[part]:
			return i, secret
		case part == "key" || part == "keys":
			if v := judgeKey(before, i); v != harmless {
				return i, v
			}
		case part == "pass" || part == "pw":
			if words().Pass[before] || i == 0 && len(parts) == 1 {
				return i, secret
			}
			if at, found = i, maybe; i == len(parts)-1 {
				return i, maybe
			}
		case words().Maybe[part]:
			if found == harmless {
				at, found = i, maybe
			}
		}
	}
	return at, found
}

func judgeKey(before string, at int) verdict {
	switch {
	case words().Keys[before]:
		return secret
	case words().PlainKeys[before]:
		return harmless
	default:
		return maybe
	}
}

// split cuts a name into its words in lower case: at what is neither a letter nor a digit,
// where the case changes, and behind known words that are written as one.
func split(name string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		for _, word := range humps(part) {
			out = append(out, unglue(strings.ToLower(word))...)
		}
	}
	return out
}

// humps cuts apiKey, APIKey and Key2.
func humps(text string) []string {
	var out []string
	runes, from := []rune(text), 0
	for i := 1; i < len(runes); i++ {
		before, here := runes[i-1], runes[i]
		next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		switch {
		case unicode.IsLower(before) && unicode.IsUpper(here),
			unicode.IsUpper(before) && unicode.IsUpper(here) && next && i-from > 1:
			out, from = append(out, string(runes[from:i])), i
		}
	}
	return append(out, string(runes[from:]))
}

// unglue cuts a word that is written as one, as dbpassword is, and takes its number off.
func unglue(word string) []string {
	word = strings.TrimRight(word, "0123456789")
	if word == "" || words().Secret[word] || words().Maybe[word] {
		return []string{word}
	}
	for _, end := range ends {
		start, ok := strings.CutSuffix(word, end)
		if ok && start != "" && (len(end) > 4 || words().Pass[start]) {
			return append(unglue(start), end)
		}
	}
	return []string{word}
}

// ends are words at which others are cut; the short ones behind words that are known.
var ends = []string{"passwords", "password", "passphrase", "passwd", "secrets", "secret", "tokens", "token", "apikey", "secretkey", "accesskey", "privatekey", "authkey", "pass", "pwd", "pw"}

// IsNaming says whether the value of a variable is the name of something, such as of a user
// or a database.
func IsNaming(name string) bool {
	parts := split(name)
	return len(parts) > 0 && naming[parts[len(parts)-1]]
}

var naming = set{"user": true, "username": true, "db": true, "database": true, "dbname": true, "name": true, "host": true, "hostname": true, "schema": true, "bucket": true, "region": true, "domain": true}
