package sensitive

import (
	_ "embed"
	"net/url"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed forms.json
var formsFile []byte

// form is the form of a secret that can be told anywhere.
type form struct {
	ID string `json:"id"`
	// Has are texts of which each match has one, where Match itself does not tell them.
	Has   []string      `json:"has"`
	Match table.Pattern `json:"match"`
}

var forms = table.Of[struct {
	Sources []string `json:"sources"`
	Forms   []form   `json:"forms"`
}](formsFile)

// Text says whether a text has a secret in it that its form tells: a private key, a token of
// a known issuer, an address with a password, a pair such as password=… or "apiKey": "…".
var Text = table.ByText(func(text string) bool {
	return len(text) >= 4 && (hasForm(text) || hasSecretURL(text) || hasSecretPair(text))
})

// Forms are looked for in windows of a long text, so that one that may be somewhere does not
// cost a search of all of it. No form is longer than what two windows share.
const (
	window = 8192
	shared = 1024
)

func hasForm(text string) bool {
	for len(text) > window {
		if hasFormIn(text[:window]) {
			return true
		}
		text = text[window-shared:]
	}
	return hasFormIn(text)
}

func hasFormIn(text string) bool {
	return slices.ContainsFunc(forms().Forms, func(f form) bool { return f.isIn(text) })
}

func (f form) isIn(text string) bool {
	if len(f.Has) > 0 && !slices.ContainsFunc(f.Has, func(has string) bool { return strings.Contains(text, has) }) {
		return false
	}
	m := f.Match.FindStringSubmatch(text)
	return m != nil && !isExample(m[0])
}

// isExample says whether a match only names where a secret would be: user:${PASSWORD}@host,
// or is an image or a mailbox: redis:7@sha256, mailto:me@host.
func isExample(found string) bool {
	return strings.ContainsAny(found, "${}<>") && !crypted(found) || strings.HasSuffix(found, "@sha256") || strings.Contains(found, "mailto:")
}

func crypted(found string) bool {
	return strings.HasPrefix(found, "$") || strings.HasPrefix(found, "{S") || strings.Contains(found, "SHA") || strings.Contains(found, "pbkdf2")
}

// hasSecretURL looks for addresses with a secret in them.
func hasSecretURL(text string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], "://")
		if at < 0 {
			return false
		}
		at += from
		if isSecretURL(schemeBefore(text, at), restOfURL(text[at+3:])) {
			return true
		}
		from = at + 3
	}
}

func schemeBefore(text string, at int) string {
	from := at
	for from > 0 && at-from < 20 && (isNameByte(text[from-1]) || text[from-1] == '+') {
		from--
	}
	return strings.ToLower(text[from:at])
}

func restOfURL(text string) string {
	text = text[:min(len(text), 1024)]
	if end := strings.IndexAny(text, " \t\r\n\"'<>|;`"); end >= 0 {
		return text[:end]
	}
	return text
}

// isSecretURL judges what stands behind SCHEME://.
func isSecretURL(scheme, rest string) bool {
	host := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host = rest[:end]
	}
	at := strings.LastIndexByte(host, '@')
	if at < 0 { // a password may have a slash in it
		at = atBehindSlash(rest)
	}
	if at > 0 && isSecretUser(rest[:at]) {
		return true
	}
	_, query, ok := strings.Cut(rest, "?")
	return ok && isSecretQuery(query)
}

// atBehindSlash is where the host begins behind a password with a slash; -1 is nowhere.
func atBehindSlash(rest string) int {
	user, password, ok := strings.Cut(rest, ":")
	at := strings.IndexByte(password, '@')
	if !ok || at < 0 || strings.ContainsAny(user, "/?") || strings.Contains(password[:at], "/") && number.MatchString(password[:strings.IndexByte(password, '/')]) {
		return -1
	}
	return len(user) + 1 + at
}

// isSecretUser judges what stands before the @ of an address: a user with a password, or a
// token alone, as discord://token@id has it.
func isSecretUser(text string) bool {
	user, password, ok := strings.Cut(withoutBraces(text), ":")
	if !ok || password == "" {
		return isRandom(user) || isOpaque(user) && len(user) >= 20
	}
	return !isReference(password) && !strings.HasPrefix(password, "$") && !strings.HasPrefix(password, "{") && !strings.HasPrefix(password, "<") && !isBlanked(password)
}

// withoutBraces is a text with $ in place of each ${…}, in which a colon may be.
func withoutBraces(text string) string {
	for {
		begin := strings.Index(text, "${")
		end := strings.IndexByte(text[max(begin, 0):], '}')
		if begin < 0 || end < 0 {
			return text
		}
		text = text[:begin] + "$" + text[begin+end+1:]
	}
}

// isSecretQuery says whether a secret is among the parameters of an address.
func isSecretQuery(query string) bool {
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	for name, all := range values {
		for _, value := range all {
			if isSecretParameter(name, value, values.Has("u") || values.Has("user")) {
				return true
			}
		}
	}
	return false
}

func isSecretParameter(name, value string, hasUser bool) bool {
	if name == "sig" || name == "code" {
		return len(value) >= 16 && !isReference(value)
	}
	if name == "p" && hasUser {
		name = "password"
	}
	return isNamed(name, value) && !isReference(value) && !isCode(value)
}
