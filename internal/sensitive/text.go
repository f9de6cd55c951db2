package sensitive

import (
	_ "embed"
	"net/url"
	"regexp"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed forms.json
var formsFile []byte

// forms are the forms of secrets that can be told anywhere.
var forms = table.Of[struct {
	Sources []string `json:"sources"`
	Forms   []struct {
		ID    string        `json:"id"`
		Match table.Pattern `json:"match"`
	} `json:"forms"`
}](formsFile)

// Text says whether a text has a secret in it that its form tells: a private key, a token of
// a known issuer, an address with a password, a pair such as password=… or "apiKey": "…".
var Text = table.ByText(func(text string) bool {
	return len(text) >= 4 && (hasForm(text) || hasSecretURL(text) || hasSecretPair(text))
})

func hasForm(text string) bool {
	for _, form := range forms().Forms {
		if form.Match.MatchString(text) && !isExample(form.Match.FindString(text)) {
			return true
		}
	}
	return false
}

// isExample says whether a match only names where a secret would be: user:${PASSWORD}@host.
func isExample(found string) bool { return strings.ContainsAny(found, "${}<>") && !crypted(found) }

func crypted(found string) bool {
	return strings.HasPrefix(found, "$") || strings.HasPrefix(found, "{S") || strings.Contains(found, "SHA") || strings.Contains(found, "pbkdf2")
}

// address finds URLs within a text.
var address = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*:(?:[a-z0-9]+:)?//[^\s"'<>|;\x60]+`)

func hasSecretURL(text string) bool {
	if !strings.Contains(text, "://") {
		return false
	}
	for _, found := range address.FindAllString(text, -1) {
		if isSecretURL(found) {
			return true
		}
	}
	return false
}

// userinfo is what stands before the host of an address, also where url.Parse takes it for none.
var userinfo = regexp.MustCompile(`^[^:]+:(?:[a-z0-9]+:)?//([^/\s@]*(?:@[^/\s@]*)*)@`)

func isSecretURL(text string) bool {
	if m := userinfo.FindStringSubmatch(text); m != nil {
		_, password, ok := strings.Cut(m[1], ":")
		if ok && password != "" && !isReference(password) && !strings.HasPrefix(password, "$") && strings.Trim(password, "*x.") != "" {
			return true
		}
	}
	u, err := url.Parse(strings.TrimPrefix(text, "jdbc:"))
	return err == nil && secretQuery(u)
}

// pair is NAME=value and its like within a text: -DNAME=value, "name": "value", name => 'value'.
var pair = regexp.MustCompile(`(?:^|[\s,;&?{(\[<"'|:]|--?D?)["'\\]{0,2}([A-Za-z_][\w.-]*(?: (?:Id|Key|Password))?)["'\\]{0,2}\s*(?:=>|:=|[=:])\s*(?:\\?"((?:[^"\\]|\\[^"])*)\\?"|'([^']*)'|([^\s,;&"'}\])]+))`)

// hasSecretPair looks for pairs whose name says that the value is a secret.
func hasSecretPair(text string) bool {
	if !strings.ContainsAny(text, "=:") {
		return false
	}
	for _, m := range pair.FindAllStringSubmatch(text, -1) {
		value := m[2] + m[3] + m[4]
		if isPairSecret(m[1], value) {
			return true
		}
	}
	return false
}

// isPairSecret judges a pair within a larger text, where names that leave it to the value
// count for little: much of what stands there is code.
func isPairSecret(name, value string) bool {
	if value == "" || isReference(value) || isCode(value) {
		return false
	}
	return judge(name) == secret && !isPlain(name, value)
}

// code is what reads a value from elsewhere, or is no value at all.
var code = regexp.MustCompile(`^(?:os\.|process\.|env[.(\[]|getenv|ENV[.\[]|\w+(?:::|->)?\w*\(|\w+\[|\$|%|\{\{|<%|!(?:env|secret|ENV|include|Ref|Sub)|(?:str|string|int|bool|boolean|object|any|text|varchar|String|null|nil|None|true|false|undefined)\b[;,)]?$|[*x.#_-]+$)`)

func isCode(value string) bool { return code.MatchString(value) }
