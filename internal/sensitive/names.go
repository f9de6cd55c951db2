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
	// SecretPhrases are words that together say what Secret says, and HarmlessPhrases end
	// names of what is none: "root token id", "site key". A blank parts their words.
	SecretPhrases   set `json:"secretPhrases"`
	HarmlessPhrases set `json:"harmlessPhrases"`
	// Keys stand before "key" where it is a secret; PlainKeys where it is none.
	Keys      set `json:"keys"`
	PlainKeys set `json:"plainKeys"`
	// NoPass stand before "pass" or "pw" where that is no password; Glued are words that only
	// end as passwords do: bypass, oldpwd.
	NoPass set `json:"noPass"`
	Glued  set `json:"glued"`
	// Heads begin names of settings: MAX_TOKENS, ENABLE_PASSWORD_LOGIN.
	Heads set `json:"heads"`
	// Public say anywhere in a name that everyone may see the value.
	Public set `json:"public"`
	// Harmless end names of what is about a secret and none: TOKEN_URL, PASSWORD_FILE. Still
	// are those of them that leave it to the value.
	Harmless set `json:"harmless"`
	Still    set `json:"still"`
	// Ids end names of what only looks as if it were made by chance: ids, digests, versions.
	Ids set `json:"ids"`
	// Users end names whose values may be USER:PASSWORD; Options those of options of a program.
	Users   set `json:"users"`
	Options set `json:"options"`
	// Naming end names of what is the name of something.
	Naming set `json:"naming"`
	// Placeholders are words of values that someone is to change: change-me, your-secret-key.
	Placeholders set `json:"placeholders"`
	// Switches are values that turn something on or off.
	Switches set `json:"switches"`
	// Grammar are words that stand behind "password" in sentences and languages.
	Grammar set `json:"grammar"`
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
	silent           // nothing: no word of the name is known
	maybe            // its value tells
	secret
)

// judge is the verdict on a name, which names of variables, options and keys have alike.
var judge = table.ByText(func(name string) verdict {
	if len(name) > mostNameParts { // so long is no name
		return silent
	}
	parts := split(name)
	if isPhrase(parts, words().HarmlessPhrases) && !isPhrase(parts, words().SecretPhrases) {
		return harmless
	}
	at, found := nucleus(parts)
	if found == harmless {
		return judgeUnknown(parts)
	}
	if slices.ContainsFunc(parts, func(part string) bool { return words().Public[part] }) {
		return harmless
	}
	return judgeAround(parts, at, found)
})

// mostNameParts is how long a name may be, such as those of labels.
const mostNameParts = 300

// isPhrase says whether the last of some words are one of the phrases.
func isPhrase(parts []string, phrases set) bool {
	for from := max(0, len(parts)-4); from < len(parts); from++ {
		if phrases[strings.Join(parts[from:], " ")] {
			return true
		}
	}
	return false
}

// judgeUnknown tells names that say what they are from those that say nothing.
func judgeUnknown(parts []string) verdict {
	for i, part := range parts {
		if words().Public[part] || words().Ids[part] || i == len(parts)-1 && words().Harmless[part] {
			return harmless
		}
	}
	return silent
}

// judgeAround weighs the words before and behind the one that tells.
func judgeAround(parts []string, at int, found verdict) verdict {
	after := parts[at+1:]
	if len(after) > 0 {
		switch last := after[len(after)-1]; {
		case words().Still[last]:
			found = min(found, maybe)
		case words().Harmless[last]:
			return harmless
		}
	}
	if at > 0 && words().Heads[parts[0]] {
		return harmless
	}
	return found
}

// nucleus is the last word of a name that tells what its value is.
func nucleus(parts []string) (at int, found verdict) {
	for i, part := range slices.Backward(parts) {
		if isPhrase(parts[:i+1], words().SecretPhrases) {
			return i, secret
		}
		v := judgeWord(parts, i, part)
		if v == secret {
			return i, secret
		}
		if v > found {
			at, found = i, v
		}
	}
	return at, found
}

func judgeWord(parts []string, i int, part string) verdict {
	before := ""
	if i > 0 {
		before = parts[i-1]
	}
	switch {
	case words().Secret[part]:
		return secret
	case part == "key" || part == "keys":
		return judgeKey(before)
	case part == "pass" || part == "pw":
		return judgePass(before, i == len(parts)-1)
	case words().Maybe[part]:
		return maybe
	}
	return harmless
}

func judgeKey(before string) verdict {
	switch {
	case words().Keys[before]:
		return secret
	case words().PlainKeys[before]:
		return harmless
	}
	return maybe
}

// judgePass judges "pass", which is a password where it ends a name.
func judgePass(before string, last bool) verdict {
	switch {
	case words().NoPass[before]:
		return harmless
	case last:
		return secret
	}
	return maybe
}

// IsNaming says whether the name of a variable says that its value is the name of something:
// a user, a database, a host. Who looks for a secret in other texts does not look for one
// that equals such a name, since it stands there for what it names.
func IsNaming(name string) bool {
	parts := split(name)
	return len(parts) > 0 && words().Naming[parts[len(parts)-1]] && judge(name) != secret
}

// split cuts a name into its words in lower case: at what is neither a letter nor a digit,
// where the case changes, and behind known words that are written as one.
func split(name string) []string {
	if len(name) > mostNameParts {
		return nil
	}
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
	if bare := strings.TrimRight(word, "0123456789"); bare != "" {
		word = bare
	}
	if isKnown(word) {
		return []string{word}
	}
	for _, end := range ends {
		if start, ok := strings.CutSuffix(word, end); ok && (len(start) > 1 || len(end) > 4 && start != "") {
			return append(unglue(start), end)
		}
	}
	for _, begin := range begins {
		if end, ok := strings.CutPrefix(word, begin); ok && len(end) > 2 && (words().Harmless[end] || words().Ids[end]) {
			return []string{begin, end}
		}
	}
	return []string{word}
}

func isKnown(word string) bool {
	return words().Secret[word] || words().Maybe[word] || words().Harmless[word] || words().Glued[word]
}

// ends are words at which others are cut, and begins those behind which they are, where what
// follows is known: dbpassword, passwordfile.
var (
	ends   = []string{"passwords", "password", "passphrase", "passwd", "secrets", "secret", "tokens", "token", "apikey", "secretkey", "accesskey", "privatekey", "authkey", "encryptionkey", "pass", "pwd", "psk", "pw"}
	begins = []string{"password", "passwd", "passphrase", "secret", "token", "key", "auth", "pass", "rate"}
)
