package sensitive

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

func decodeList(data []byte) (list []string, err error) {
	err = json.Unmarshal(data, &list)
	return list, err
}

var (
	// reference is a text that only says where a value is: ${X}, $X, {{ x }}, $(x), %(x)s,
	// <%= x %>, {x}, env(X), and what secret managers take.
	reference = regexp.MustCompile(`^(?:\$\{[^}]*\}|\$[A-Za-z_]\w*|\$\$?\([^)]*\)|\{\{.*\}\}|\{[A-Za-z$][\w.$:-]*\}|%\([^)]*\)s|%%?[\w()]+%%?|<%.*%>|</?[A-Za-z|][A-Za-z |_-]*>|\$__\w+\{[^}]*\}|\$\$\{?\w+\}?|os\.environ/\w+|arn:aws[\w-]*:(?:secretsmanager|ssm|kms):.*|(?:vault|op|ssm|secretsmanager|awssm|gcpsm|secret|env|ENC)[:(].*|!(?:secret|env|env_var|vault)\b.*|!secret\.yaml .*)$`)
	number    = regexp.MustCompile(`^[+-]?\d[\d_.,]*%?$`)
	duration  = regexp.MustCompile(`(?i)^(?:\d+(?:\.\d+)?\s*(?:ns|us|ms|s|m|h|d|w|y|min|mins|sec|secs|second|minute|hour|day|week|month|year)s?)+$|^P\d+[DWMY]$|^PT\d+[HMS]$`)
	sized     = regexp.MustCompile(`(?i)^\d+(?:\.\d+)?\s*(?:k|m|g|t)i?b?$`)
	rate      = regexp.MustCompile(`(?i)^\d+ ?(?:/|per )\s*\d*\s?(?:s|sec|second|m|min|minute|h|hour|d|day)s?\b`)
	pathLike  = regexp.MustCompile(`^(?:(?:~|\.{1,2}|[A-Za-z]:)?[/\\]|(?:hash|lmdb|texthash|file|dir|path):/|%[\w.]+%/)(?:[\w@.${}*-]+[/\\])*[\w@.${}*-]*$`)
	fileLike  = regexp.MustCompile(`(?i)^(?:file:|classpath:)|^[\w./-]+\.(?:pem|crt|cer|cert|key|pub|json|ya?ml|txt|env|p12|pfx|jks|keytab|asc|gpg|conf|ini|toml|js|ts|py|sh|log|html|sock|kdbx|tar|gz|tgz|zip|sql|bak|csv|parquet|dump|xml|properties|db)$|^[\w.-]+_(?:creds|credentials)$`)
	word      = regexp.MustCompile(`^[a-z]+(?:[ _./-][a-z]+)*$|^[A-Z]+(?:[_-][A-Z]+)*$|^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$|^[A-Za-z]+(?:-[A-Za-z]+)+$|^[a-z]+(?::[a-z]+\d?)+$`)
	emailLike = regexp.MustCompile(`^[\w.+-]+@[\w-]+\.[\w.-]+$`)
	uuid      = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	// className is a class or module with its package: org.apache.kafka.X, django.contrib.X.
	className = regexp.MustCompile(`^[a-z][\w$]*(?:\.[a-z][\w$]*)*\.[A-Z][A-Za-z]+$`)
	// publicKey is what asymmetric keys and providers give away.
	publicKey = regexp.MustCompile(`^(?:-----BEGIN (?:[A-Z0-9]+ )*(?:PUBLIC KEY|CERTIFICATE|CERTIFICATE REQUEST)-----|LS0tLS1CRUdJTiBDRVJU|LS0tLS1CRUdJTiBQVUJM|(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-ssh-\S+) AAAA|pk_(?:live|test)_|pk-lf-|phc_|sb_publishable_|age1[a-z0-9]+$|v=DKIM1|sha(?:256|384|512)[-:]|data:[a-z]+/)`)
	// fingerprint is the id of an OpenPGP key.
	fingerprint = regexp.MustCompile(`^(?:0x)?(?:[0-9A-F]{8}|[0-9A-F]{16}|[0-9A-F]{40})$`)
	// algorithm is how passwords and tokens are made or checked.
	algorithm = regexp.MustCompile(`(?i)^(?:bcrypt|scrypt|argon2(?:id|i|d)?|pbkdf2|md5|sha-?(?:1|256|384|512)|scram-sha-(?:1|256|512)(?:-plus)?|[hrep]s(?:256|384|512)|eddsa|aes-\d+-\w+|plain|login|cram-md5|hmacsha\d+)$`)
)

// isReference says whether a value is only the name of another one. One with a value of its
// own for want of that is none.
func isReference(value string) bool {
	if len(value) > mostForm {
		return false
	}
	value = strings.TrimSpace(value)
	if m := defaulted.FindStringSubmatch(value); m != nil && !isPlain("password", m[1]) {
		return false
	}
	return reference.MatchString(value)
}

// defaulted is ${NAME:-VALUE} of a shell.
var defaulted = regexp.MustCompile(`^"?\$\{[A-Za-z_]\w*:?-([^}$]+)\}"?$`)

// mostForm is how long a value may be of which a form tells that it is none, and as much of
// one as tells that it is a secret.
const mostForm = 4096

// isPlain says whether a value under the name of a secret is none by what it is: a switch, a
// number, a duration, a file, an address, a public key, a list of which each is one.
func isPlain(name, value string) bool {
	value = strings.TrimSpace(value)
	if len(value) > mostForm {
		return isPublic(value[:mostForm])
	}
	switch {
	case isSwitch(value), isLocation(value), isPublic(value), isStructure(value):
		return true
	case algorithm.MatchString(value), className.MatchString(value), rate.MatchString(value):
		return true
	case number.MatchString(value), duration.MatchString(value), sized.MatchString(value):
		return !mayBeNumber(name, value)
	}
	return isNameOfKey(name, value)
}

// isPublic says whether a value is a public key or one that browsers are given.
func isPublic(value string) bool {
	return publicKey.MatchString(value) || fingerprint.MatchString(value) && strings.ContainsAny(value, "ABCDEF")
}

// isStructure says whether a value is JSON or code, whose pairs tell.
func isStructure(value string) bool {
	switch {
	case strings.HasPrefix(value, "{"):
		return value == "{" || value == "{}" || strings.Contains(value, ":") || strings.HasSuffix(value, "}")
	case strings.HasPrefix(value, "["):
		return value == "[" || strings.HasSuffix(value, "]") || strings.HasPrefix(value, `["`) || strings.HasPrefix(value, "['")
	}
	return strings.HasPrefix(value, "/^") || strings.HasPrefix(value, "input[") || strings.HasPrefix(value, "<?xml")
}

// isNameOfKey says whether a value is rather the name of a column, or the one under which
// Kubernetes keeps a secret: secretKey: db-password.
func isNameOfKey(name, value string) bool {
	if len(value) < 3 {
		return strings.HasSuffix(strings.ToLower(name), "key")
	}
	return strings.HasSuffix(name, "Key") && unicode.IsLower(rune(name[0])) && word.MatchString(value) && judge(value) == secret
}

// mayBeNumber says whether a number may be a secret of this name: a number of tokens is
// none, and 0 and 1 are switches.
func mayBeNumber(name, value string) bool {
	return len(value) > 1 && slices.ContainsFunc(split(name), func(part string) bool { return words().Numeric[part] }) && (len(value) >= 4 || !isPIN(name, "0000"))
}

func isSwitch(value string) bool {
	return value == "~" || len(value) <= 10 && words().Switches[strings.ToLower(value)]
}

// isLocation says whether a value is the path of a file or an address without a secret in it.
func isLocation(value string) bool {
	if len(value) > mostForm {
		return false
	}
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
	value = value[:min(len(value), mostForm)]
	switch {
	case isStructure(value), isPublic(value), className.MatchString(value):
		return false
	case isPairs(value): // which tell
		return false
	case strings.Contains(value, ",") && !strings.ContainsAny(value, " !@#$%^&*"):
		return isOpaqueList(value)
	case isGibberish(value) && !strings.ContainsAny(value, " /:._-"):
		return true
	case len(value) < 6, number.MatchString(value), duration.MatchString(value), word.MatchString(value), emailLike.MatchString(value), uuid.MatchString(value):
		return false
	case strings.ContainsAny(value, " \t\n") && !strings.Contains(value, "  ") && !hasOpaqueWord(value):
		return false
	}
	return len(value) >= 8 && (mixed(value) || isGibberish(value))
}

// isPairs says whether a value is NAME=value;…, as connection strings and cookies are.
func isPairs(value string) bool {
	name, rest, ok := strings.Cut(value, "=")
	return ok && strings.Contains(rest, ";") && settingName.MatchString(name)
}

var settingName = regexp.MustCompile(`^[A-Za-z][\w .-]*$`)

func isOpaqueList(value string) bool {
	for part := range strings.SplitSeq(value, ",") {
		if part != value && isOpaque(part) && !isLocation(part) {
			return true
		}
	}
	return false
}

// isGibberish says whether a long text has fewer vowels than words have.
func isGibberish(text string) bool {
	vowels := 0
	for i := range len(text) {
		if strings.IndexByte("aeiouyAEIOUY", text[i]) >= 0 {
			vowels++
		}
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

// kinds are which kinds of characters a text has, and how often one follows another kind.
type kinds struct {
	lower, upper, digit, other bool
	signs, changes             int
}

func kindsOf(text string) kinds {
	var k kinds
	var before byte
	for _, r := range text {
		var kind byte
		switch {
		case unicode.IsLower(r):
			k.lower, kind = true, 'a'
		case unicode.IsUpper(r):
			k.upper, kind = true, 'A'
		case unicode.IsDigit(r):
			k.digit, kind = true, '0'
		case strings.ContainsRune("!@#$%^&*+=~?", r):
			kind = '!'
			k.signs++
		default:
			k.other, kind = true, '-'
		}
		if before != 0 && kind != before {
			k.changes++
		}
		before = kind
	}
	return k
}

// mixed says whether a text has letters and digits, or upper and lower case within words, as
// what is made by chance has.
func mixed(text string) bool {
	k := kindsOf(text)
	letters := k.lower || k.upper
	return k.digit && letters || k.lower && k.upper && len(text) >= 16 || k.signs > 0 && letters
}

// isRandom says whether a value was made by chance beyond doubt: its characters change their
// kind as often as they do then, and it is neither a path nor an id of a known form.
func isRandom(value string) bool {
	if len(value) < 16 || len(value) > 4096 || strings.ContainsAny(value, " \t\n,;:<>(){}|\"'") || strings.Contains(value, "://") {
		return false
	}
	if uuid.MatchString(value) || isPublic(value) || isLocation(value) || emailLike.MatchString(value) {
		return false
	}
	k := kindsOf(value)
	return k.digit && (k.lower || k.upper) && k.changes*4 >= len(value)
}

// isSurelyRandom is isRandom for a value of which no name says anything: ids, digests and
// versions are no secrets, so it is long and knows both cases, or signs.
func isSurelyRandom(value string) bool {
	if ethereumKey.MatchString(value) {
		return true
	}
	if len(value) < 32 || strings.Count(value, ".") > 1 || strings.Count(value, "/")*8 > len(value) || !isRandom(value) {
		return false
	}
	if _, ok := decoded(value); ok {
		return false
	}
	k := kindsOf(value)
	return k.lower && k.upper && k.digit || k.signs > 3 && k.changes*2 >= len(value)
}

// ethereumKey is a private key of 32 bytes.
var ethereumKey = table.MustCompile(`^0x[0-9a-f]{64}$`)

// decoded is the text that a value in base64 says, where it says one.
func decoded(value string) (plain string, ok bool) {
	if len(value) < 8 || len(value)%4 != 0 || strings.ContainsAny(value[:8], " .-_:") {
		return "", false
	}
	data, err := base64.StdEncoding.DecodeString(value)
	if err != nil || !isPrintable(string(data)) {
		return "", false
	}
	return string(data), true
}

// isBasic says whether a value is user:password in base64, as Authorization: Basic,
// .npmrc and Docker's config.json have it.
func isBasic(value string) bool {
	plain, ok := decoded(value)
	user, password, cut := strings.Cut(plain, ":")
	return ok && cut && user != "" && password != "" && !strings.ContainsAny(plain, " \n")
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r > '~' })
}

// isPlaceholder says whether a value under a name that leaves it to the value says itself
// that it is a secret, which someone forgot to change: change-me, my-secret-key.
func isPlaceholder(value string) bool {
	if len(value) > mostName {
		return false
	}
	parts := split(value)
	if len(parts) == 0 {
		return false
	}
	said, asked := false, false
	for _, part := range parts {
		said = said || words().Secret[part] || part == "key"
		asked = asked || part == "secret" || words().Placeholders[part]
	}
	return len(parts) == 1 && strings.HasSuffix(parts[0], "key") && words().Secret[parts[0]] || asked && (said || parts[0] == "change" || parts[0] == "changeme") && (len(parts) > 1 || parts[0] == "changeme") && !strings.ContainsAny(value, "/.: ")
}

// isPairUnder says whether a value is USER:PASSWORD, or USER;PASSWORD, under a name that may
// hold that: BASIC_AUTH, SFTP_USERS, --user.
func isPairUnder(name, value string) bool {
	parts := split(name)
	if len(parts) == 0 || !words().Users[parts[len(parts)-1]] {
		return false
	}
	at := strings.IndexAny(value, ":;/|")
	if at <= 0 || at == len(value)-1 || value[at] == '/' && parts[len(parts)-1] != "auth" {
		return false
	}
	user, password := value[:at], value[at+1:]
	if user == password || value[at] == ':' && number.MatchString(password) { // a user and its group, a host and its port
		return false
	}
	if len(parts) == 1 && !strings.ContainsAny(password, "0123456789") { // so may a group be called
		return false
	}
	return isUser(user) && isValue("password", password) && !isUpperWord(password)
}

// isPIN says whether a value is a PIN of digits, not the pin of a plug.
func isPIN(name, value string) bool {
	parts := split(name)
	digits := strings.ReplaceAll(value, "-", "")
	return len(parts) > 0 && pins[parts[len(parts)-1]] && len(digits) >= 4 && strings.Trim(digits, "0123456789") == ""
}

var pins = set{"pin": true, "pincode": true, "otp": true}

var userName = regexp.MustCompile(`^[A-Za-z_][\w.@-]*$`)

// isUser says whether a text may be the name of a user.
func isUser(text string) bool { return userName.MatchString(text) && text != "http" && text != "https" }

// isUpperWord says whether a text is written as variables are.
func isUpperWord(text string) bool {
	return strings.ToUpper(text) == text && strings.Contains(text, "_")
}

// isBlanked says whether a value only shows where one would be: ****, xxx, ....
func isBlanked(value string) bool { return strings.Trim(value, "*xX.#_-") == "" }

// code is what reads a value from elsewhere, or is no value at all.
var code = regexp.MustCompile(`^(?:os\.|process\.|(?:var|local|data|module|self|this|req|request|params|props)\.[a-z]|env[.(\[]|getenv|ENV[.\[]|System\.|[A-Za-z_][\w.:>!?-]*\((?:["'$A-Za-z_)]|$)|\w+\[|\$|%|\{|\[|<%|@|!(?:env|secret|ENV|include|Ref|Sub)|(?:str|string|int|bool|boolean|object|any|text|varchar|String|null|nil|None|true|false|undefined)\b[;,)?]?$|[?:&|>+]+|[*x.#_-]+$)`)

func isCode(value string) bool { return code.MatchString(value) }

// IsCommon says whether a value stands for many things, so that it is no secret where it
// stands beside another name: postgres, changeme, admin.
func IsCommon(value string) bool { return words().Common[strings.ToLower(value)] }
