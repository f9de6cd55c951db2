package sensitive

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

func decodeList(data []byte) (list []string, err error) {
	err = json.Unmarshal(data, &list)
	return list, err
}

var (
	// reference is a text that only says where a value is: ${X}, $X, {{ x }}, $(x), %(x)s,
	// <%= x %>, env(X), and what secret managers take.
	reference = regexp.MustCompile(`^(?:\$\{[^}]*\}|\$[A-Za-z_]\w*|\$\$?\([^)]*\)|\{\{.*\}\}|%\([^)]*\)s|%[A-Za-z_]+%|<%.*%>|<[A-Za-z _-]+>|\$__\w+\{[^}]*\}|\$\$\{?\w+\}?|arn:aws[\w-]*:(?:secretsmanager|ssm|kms):.*|(?:vault|op|ssm|secretsmanager|awssm|gcpsm|secret|env|ENC)[:(].*)$`)
	number    = regexp.MustCompile(`^[+-]?\d[\d_.,]*%?$`)
	duration  = regexp.MustCompile(`(?i)^(?:\d+(?:\.\d+)?\s*(?:ns|us|ms|s|m|h|d|w|y|min|mins|sec|secs|second|minute|hour|day|week|month|year)s?)+$`)
	sized     = regexp.MustCompile(`(?i)^\d+(?:\.\d+)?\s*(?:k|m|g|t)i?b?$`)
	pathLike  = regexp.MustCompile(`^(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?:[\w@.${}*-]+[/\\])*[\w@.${}*-]*$`)
	fileLike  = regexp.MustCompile(`(?i)^(?:file:|classpath:)|^[\w./-]+\.(?:pem|crt|cer|cert|key|pub|json|ya?ml|txt|env|p12|pfx|jks|keytab|asc|gpg|conf|ini|toml|js|ts|py|sh|log|html|sock)$`)
	word      = regexp.MustCompile(`^[a-z]+(?:[ _.-][a-z]+)*$|^[A-Z]+(?:_[A-Z]+)*$|^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$`)
	emailLike = regexp.MustCompile(`^[\w.+-]+@[\w-]+\.[\w.-]+$`)
	uuid      = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// isReference says whether a value is only the name of another one.
func isReference(value string) bool { return reference.MatchString(strings.TrimSpace(value)) }

// isPlain says whether a value under the name of a secret is none by what it is: a switch, a
// number, a duration, a file, an address.
func isPlain(name, value string) bool {
	value = strings.TrimSpace(value)
	numeric := mayBeNumber(name)
	switch {
	case isSwitch(value), isLocation(value):
		return true
	case number.MatchString(value), duration.MatchString(value), sized.MatchString(value):
		return !numeric || value == "0" || value == "1"
	}
	return false
}

// mayBeNumber says whether a secret of this name may consist of digits.
func mayBeNumber(name string) bool {
	for _, part := range split(name) {
		if words().Numeric[part] {
			return true
		}
	}
	return false
}

func isSwitch(value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "undefined", "enabled", "disabled", "optional", "required", "auto", "always", "never", "y", "n", "t", "f":
		return true
	}
	return false
}

// isLocation says whether a value is the path of a file or an address without a secret in it.
func isLocation(value string) bool {
	if pathLike.MatchString(value) && !isBase64(value) || fileLike.MatchString(value) {
		return true
	}
	scheme, rest, ok := strings.Cut(value, "://")
	return ok && scheme != "" && rest != "" && !hasForm(value) && !hasSecretURL(value)
}

// isBase64 says whether what may be a path is rather an encoded text: it is long and knows
// no directory that a path begins with.
func isBase64(value string) bool {
	return len(value) >= 24 && strings.Count(value, "/") < 3 && !strings.ContainsAny(value, ".-_~") && mixed(value)
}

// isOpaque says whether a value looks as if it were made to be a secret: it is no word, no
// list of words, no number and no address, and has letters and digits, or signs.
func isOpaque(value string) bool {
	value = strings.TrimSpace(value)
	switch {
	case isGibberish(value) && !strings.ContainsAny(value, " /:._-"):
		return true
	case len(value) < 6, number.MatchString(value), duration.MatchString(value), word.MatchString(value), emailLike.MatchString(value), uuid.MatchString(value):
		return false
	case strings.ContainsAny(value, " \t\n") && !strings.Contains(value, "  ") && !hasOpaqueWord(value):
		return false
	}
	return len(value) >= 8 && (mixed(value) || isGibberish(value))
}

// isGibberish says whether a long text has fewer vowels than words have.
func isGibberish(text string) bool {
	vowels := strings.Count(strings.ToLower(text), "a")
	for _, vowel := range []string{"e", "i", "o", "u", "y"} {
		vowels += strings.Count(strings.ToLower(text), vowel)
	}
	return len(text) >= 16 && vowels*4 < len(text)
}

func hasOpaqueWord(text string) bool {
	for field := range strings.FieldsSeq(text) {
		if len(field) >= 16 && mixed(field) && !strings.Contains(field, "://") {
			return true
		}
	}
	return false
}

// mixed says whether a text has letters and digits, or upper and lower case within words, as
// what is made by chance has.
func mixed(text string) bool {
	var lower, upper, digit, sign bool
	for _, r := range text {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		case strings.ContainsRune("!@#$%^&*+=~?", r):
			sign = true
		}
	}
	letters := lower || upper
	return digit && letters || lower && upper && len(text) >= 16 || sign && letters
}

// secretQuery says whether the address has a secret in its query.
func secretQuery(u *url.URL) bool {
	for name, values := range u.Query() {
		for _, value := range values {
			if judge(name) == secret && !isReference(value) && value != "" && !isPlain(name, value) {
				return true
			}
			if name == "sig" && len(value) >= 16 {
				return true
			}
		}
	}
	return false
}

// IsCommon says whether a value stands for many things, so that it is no secret where it
// stands beside another name: postgres, changeme, admin.
func IsCommon(value string) bool { return words().Common[strings.ToLower(value)] }
