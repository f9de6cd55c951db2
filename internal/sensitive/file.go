package sensitive

import (
	"path"
	"regexp"
	"strings"
)

// File says whether the text of a file has a secret in it, as configuration of any syntax,
// scripts and files of passwords have.
func File(name, text string) bool {
	if strings.TrimSpace(text) == "" {
		return false
	}
	if isAboutNames(name, text) {
		return hasForm(text) || hasSecretURL(text)
	}
	if isSecretFile(name) && hasContent(text) || isBareSecret(name, text) {
		return true
	}
	if sourceFile.MatchString(name) {
		return hasForm(text) || hasSecretURL(text) || hasQuotedSecret(text)
	}
	return hasSecretLine(text) || strings.Contains(text, "\n") && hasForm(text) || hasSecretBlock(text) || hasNamedValue(text)
}

// hasQuotedSecret looks through a program, without what it says of itself in comments.
func hasQuotedSecret(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if isComment(line) {
			continue
		}
		if hasSecretStatement(line) || hasSecretCall(line) || eachPair(line, func(p pair) bool { return p.quoted && p.isSecret() }) {
			return true
		}
	}
	return false
}

func hasSecretLine(text string) bool {
	certificate := strings.Contains(text, "-----BEGIN ") // whose body is as random as secrets
	var in section
	for line := range strings.Lines(text) {
		in.enter(line)
		line = strings.TrimSpace(line)
		if isComment(line) {
			if hasForm(line) {
				return true
			}
			continue
		}
		if Text(line) || isSecretLine(line) || !certificate && hasRandomField(line) || in.isSecret(line) {
			return true
		}
	}
	return false
}

var (
	// secretFile are files that hold nothing but secrets.
	secretFile = regexp.MustCompile(`(?i)^(?:\.?htpasswd|\.netrc|_netrc|\.pgpass|pgpass(?:\.conf)?|userlist\.txt|id_(?:rsa|dsa|ecdsa|ed25519)|\.git-credentials|\.vault-token|\.erlang\.cookie|sasl_passwd|passwd\.client|shadow|chap-secrets|credentials|\.?smbcredentials|\.my_login_path|.*_creds|.*\.(?:kdbx|keytab|p12|pfx|jks))$`)
	// namesFile are files about names and types: translations, schemas, packages, tokenizers.
	namesFile = regexp.MustCompile(`(?i)(?:^|/)(?:locales?|i18n|lang|langs|languages?|translations?)/|(?:^|/)(?:(?:ar|bg|bn|ca|cs|cy|da|de|el|en|es|et|eu|fa|fi|fr|gl|he|hi|hr|hu|id|it|ja|ka|ko|lt|lv|nb|nl|nn|no|pl|pt|ro|ru|sk|sl|sr|sv|th|tr|uk|ur|vi|zh)(?:[_-][a-z]{2,4})?\.(?:json|properties|ts|js|php|resx)|(?:messages|strings|labels|translations?|i18n)(?:[._-][a-z_-]+)?\.(?:properties|json|ya?ml|xml|po)|.*\.schema\.json|.*\.(?:proto|graphql|gql|d\.ts|po|pot|xlf|xliff|arb)|(?:openapi|swagger)[\w.-]*\.(?:ya?ml|json)|package(?:-lock)?\.json|composer\.(?:json|lock)|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|cargo\.(?:toml|lock)|go\.(?:mod|sum)|requirements[\w.-]*\.txt|(?:tokenizer|special_tokens|added_tokens|vocab|generation_config)[\w.-]*\.json)$`)
	// namesText begins a schema or the description of an API.
	namesText = regexp.MustCompile(`(?m)^\s*(?:\{\s*)?["']?(?:openapi|swagger|asyncapi)["']?\s*:\s*["']?\d|"\$schema"\s*:\s*"https?://json-schema\.org`)
	// language begins a translation in YAML, as Rails has it.
	language = regexp.MustCompile(`^(?:---\s*\n)?["']?(?:de|en|es|fr|it|ja|ko|nl|pl|pt|ru|sv|tr|zh)(?:[_-][A-Z]{2})?["']?:\s*\n\s`)
	// sourceFile is one of a program or a text for people, where only what stands in quotes
	// is a value.
	sourceFile = regexp.MustCompile(`(?i)\.(?:[cm]?[jt]sx?|vue|svelte|py|go|java|kts?|rs|cs|swift|c|cc|cpp|h|scala|groovy|ex|html?|css|scss|md|rst|adoc)$`)
)

// isAboutNames says whether a file only speaks of passwords and tokens.
func isAboutNames(name, text string) bool {
	if namesFile.MatchString(name) || language.MatchString(text) {
		return true
	}
	return (strings.Contains(text, "openapi") || strings.Contains(text, "swagger") || strings.Contains(text, "$schema") || strings.Contains(text, "asyncapi")) && namesText.MatchString(text[:min(len(text), 4096)])
}

func isSecretFile(name string) bool { return secretFile.MatchString(path.Base(name)) }

// isBareSecret says whether a file that is named as a secret is has nothing but that in it:
// db_password, master.key, auth.txt.
func isBareSecret(name, text string) bool {
	base := path.Base(name)
	ext := path.Ext(base)
	if ext != "" && ext != ".txt" && ext != ".key" && ext != ".secret" && ext != ".token" && ext != ".pass" && ext != ".password" && ext != ".pw" && ext != ".psk" && ext != base {
		return false
	}
	lines := strings.Fields(text)
	if len(lines) == 0 || len(lines) > 64 || strings.ContainsAny(text[:min(len(text), 4096)], "{}<>[]") || isPublic(lines[0]) || strings.HasPrefix(text, "-----BEGIN") || strings.HasPrefix(text, "ssh-") {
		return false
	}
	return isBareUnder(strings.TrimSuffix(base, ext), ext, lines)
}

func isBareUnder(name, ext string, lines []string) bool {
	value := lines[len(lines)-1]
	if isReference(value) {
		return false
	}
	if ext == ".key" || ext == ".psk" || strings.HasSuffix(strings.ToLower(name), "keyfile") {
		return len(value) >= 16 && !isLocation(value) || isRandom(value)
	}
	switch v := judge(name + ext); {
	case v == secret || ext == ".secret":
		return len(lines) == 1 && !isPlain("password", value)
	case v == maybe:
		return len(lines) == 1 && isOpaque(value) || len(lines) == 2 && !isLocation(value) && words().Users[strings.ToLower(name)] // user and password
	case v == silent:
		return len(lines) == 1 && isSurelyRandom(value)
	}
	return judge(name) == secret && len(lines) == 1 && !isPlain("password", value)
}

// hasContent says whether a file has more than comments and references.
func hasContent(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !isComment(line) && !strings.Contains(line, "${") && !strings.Contains(line, "{{") {
			return true
		}
	}
	return false
}

func isComment(line string) bool {
	if strings.HasPrefix(line, "//") {
		return !strings.Contains(line, ":_") // .npmrc begins its lines with //HOST/:
	}
	for _, mark := range []string{"#", "--", ";", "/*", "* ", "<!--", "REM "} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	return false
}

var (
	// statement is what SQL and shells say about a password.
	statement = regexp.MustCompile(`(?i)\b(?:password|identified\s+(?:with\s+\S+\s+)?by|with\s+password\s*=?)\s+N?'((?:[^']|'')+)'|\bpassword\s*\(\s*'([^']+)'|\bpwd\s*:\s*"([^"]+)"`)
	// call is define('DB_PASSWORD', 'x') and setProperty("password", "x").
	call = regexp.MustCompile(`\(\s*["']([\w.-]+)["']\s*,\s*["']([^"']+)["']`)
	// element is <password>x</password> and <add key="Password" value="x"/>.
	element = regexp.MustCompile(`<([A-Za-z][\w.:-]*)[^<>]*>([^<>]+)</|(?i:(?:key|name|id)="([\w.:-]+)"[^<>]*\bvalue="([^"]+)")`)
	// userLine is "user" "password", as PgBouncer has them, and user:hash.
	userLine = regexp.MustCompile(`^"[^"]+"\s+"[^"/]+"$|^[\w.@-]+:(?:\{[A-Z0-9-]+\}|\$\w+\$)\S{8,}|^[\w.*-]+:\d+:[^:]*:[^:]*:\S+$`)
	// acl is a user of Redis with a password.
	acl = regexp.MustCompile(`^user\s+\S+\s.*\s[>#][^\s~]+`)
	// signingKey is a line of the file of Synapse's signing keys.
	signingKey = regexp.MustCompile(`^ed25519 \w+ [A-Za-z0-9+/]{43}$`)
	// block is a key whose value is on the next lines.
	block = regexp.MustCompile(`(?m)^([ \t]*)(?:- )?["']?([A-Za-z_][\w.-]*)["']?:[ \t]*[|>][+-]?[ \t]*\n((?:\s*\n)*)[ \t]+(\S.*)$`)
)

func isSecretLine(line string) bool {
	return hasSecretDirective(line) || hasSecretStatement(line) || hasSecretCall(line) || userLine.MatchString(line) || acl.MatchString(line) || signingKey.MatchString(line) || strings.Contains(line, " ") && hasSecretProgram(line)
}

// hasSecretProgram judges a line as one of a script; echo's words would be judged as lines.
func hasSecretProgram(line string) bool {
	for _, words := range commandsOf(line) {
		if isSecretCommand(words) {
			return true
		}
	}
	return false
}

func hasSecretStatement(line string) bool {
	if !strings.ContainsAny(line, `'"`) {
		return false
	}
	for _, m := range statement.FindAllStringSubmatch(line, -1) {
		if isWord("password", m[1]+m[2]+m[3]) {
			return true
		}
	}
	return false
}

func hasSecretCall(line string) bool {
	if strings.Contains(line, "(") {
		for _, m := range call.FindAllStringSubmatch(line, -1) {
			if (pair{name: m[1], value: m[2], quoted: true}).isSecret() {
				return true
			}
		}
	}
	if !strings.Contains(line, "<") {
		return false
	}
	for _, m := range element.FindAllStringSubmatch(line, -1) {
		if (pair{name: m[1] + m[3], value: m[2] + m[4], quoted: true}).isSecret() {
			return true
		}
	}
	return hasSecretAttribute(line)
}

// attribute is <property name="password">x</property>.
var attribute = regexp.MustCompile(`(?i:\b(?:key|name|id)="([\w.:-]+)")[^<>]*>([^<>]+)<`)

func hasSecretAttribute(line string) bool {
	for _, m := range attribute.FindAllStringSubmatch(line, -1) {
		if (pair{name: m[1], value: m[2], quoted: true}).isSecret() {
			return true
		}
	}
	return false
}

// directives are names before which nothing but a secret stands, apart from those that
// languages use for other things.
var directives = regexp.MustCompile(`(?i)^(?:requirepass|masterauth|masterpass|password|passwd|insecure-password|secret|token|auth_?token|basicauth|basic_auth|api_?key|auth-pass|auth_pass|primaryauth|passphrase|bindpw|bind_?password|rootpw|user_?password|userpassword|password_?hash|sharedkey|psk|secret-key|secret_key|md5-key|shared-secret|sasl\.password|ssl_key_password|stats-password|static-auth-secret|cli-password|lt-cred|credentials|rocommunity|rwcommunity|olcrootpw)$`)

// afterTwo are directives whose secret stands behind another word.
var afterTwo = set{"auth-pass": true, "auth_pass": true}

// hasSecretDirective looks for NAME VALUE, as redis.conf, .netrc and the configurations of
// nginx and haproxy write it.
func hasSecretDirective(line string) bool {
	fields := strings.Fields(line)
	for i := 0; i+1 < len(fields); i++ {
		if i+2 < len(fields) && (fields[i+2] == "=" || fields[i+2] == ":") { // a name of several words
			continue
		}
		name, value := strings.Trim(fields[i], "({;"), unquoted(fields[i+1])
		switch {
		case len(name) > mostName || len(fields[i+1]) > 4096:
		case directives.MatchString(name) && isWord(name, value):
			return true
		case afterTwo[name] && i+2 < len(fields) && isWord(name, unquoted(fields[i+2])):
			return true
		case isNamedField(name) && judge(name) == secret && isOpaque(value) && isWord(name, value):
			return true
		case isNamedField(name) && judge(name) == maybe && isOpaque(value) && strings.ContainsAny(value, "!@#%") && isWord(name, value):
			return true
		case name == "auth" && isPairUnder(name, value):
			return true
		}
	}
	return false
}

// isNamedField says whether a field of a line is written as names of settings and headers are.
func isNamedField(field string) bool {
	return strings.ContainsAny(field, "_-") && option.MatchString("-"+field)
}

func unquoted(field string) string {
	field = strings.TrimRight(field, ";,)}")
	if len(field) > 1 && (field[0] == '"' || field[0] == '\'') {
		return strings.TrimRight(field[1:], `"'`)
	}
	return field
}

// address is HOST:PORT or a socket, which follow the fastcgi_pass and uwsgi_pass of nginx.
var address = regexp.MustCompile(`^(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{2,5}$|^unix:/`)

func isAddress(value string) bool { return address.MatchString(value) }

// isWord says whether what stands behind a directive is a secret, and no word of a sentence.
func isWord(name, value string) bool {
	if value == "" || strings.ContainsAny(value[:1], ":=|(}") || strings.HasSuffix(value, ".") {
		return false
	}
	before, _, _ := strings.Cut(strings.ToLower(value), "(")
	return !isAddress(value) && !isReference(value) && !isCode(value) && !isPlain(name, value) && !words().Grammar[before]
}

// hasRandomField looks for a field that was made by chance beyond doubt, whatever stands
// before it.
func hasRandomField(line string) bool {
	if eachPair(line, func(p pair) bool { return judge(p.name) >= silent && isSurelyRandom(p.value) }) {
		return true
	}
	if len(line) > 4096 || strings.ContainsAny(line, "=:") || isPublic(line) || strings.Contains(line, " AAAA") {
		return false
	}
	fields := strings.Fields(line)
	for i, field := range fields {
		if i > 0 && i == len(fields)-1 && isSurelyRandom(unquoted(field)) {
			return true
		}
	}
	return false
}

// hasSecretBlock looks for keys of YAML whose values are on the next lines.
func hasSecretBlock(text string) bool {
	if !strings.Contains(text, "|") && !strings.Contains(text, ">") {
		return false
	}
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		if (pair{name: m[2], value: strings.TrimSpace(m[4]), quoted: true}).isSecret() {
			return true
		}
	}
	return false
}

// namedValue is a name and a value that stand side by side under these words: variables of
// Kubernetes and ECS in YAML and JSON, properties of Hadoop in XML.
var namedValue = regexp.MustCompile(`(?i)["']?\b(?:name|key)["']?[ \t]*:[ \t]*["']?([\w.-]+)["']?[ \t]*,?\s*["']?value["']?[ \t]*:[ \t]*["']?([^"'\s,{}]+)|<name>\s*([\w.-]+)\s*</name>\s*<value>\s*([^<>\s]+)\s*</value>`)

func hasNamedValue(text string) bool {
	if !strings.Contains(text, "alue") {
		return false
	}
	for _, m := range namedValue.FindAllStringSubmatch(text, -1) {
		if (pair{name: m[1] + m[3], value: m[2] + m[4], quoted: true}).isSecret() {
			return true
		}
	}
	return false
}

// section is a part of a file whose name says that the values in it are secrets: tokens { … },
// secrets: with lines behind it that are indented, [admins].
type section struct {
	inside bool
	indent int // of its head; -1 for one in brackets, which the next one ends
}

var sectionHead = regexp.MustCompile(`^\s*(?:-\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*(?:[:=]?\s*\{|:)$`)

// enter takes a line that may begin or end a section.
func (s *section) enter(line string) {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || len(line) > mostNameParts {
		return
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	switch {
	case strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]"):
		*s = section{inside: strings.EqualFold(trimmed, "[admins]"), indent: -1}
	case s.inside && indent > s.indent:
	default:
		m := sectionHead.FindStringSubmatch(strings.TrimRight(line, " \t\r\n"))
		*s = section{inside: m != nil && judge(m[1]) >= maybe && strings.HasSuffix(m[1], "s"), indent: indent}
	}
}

// isSecret judges a line of a section.
func (s *section) isSecret(line string) bool {
	return s.inside && eachPair(line, func(p pair) bool {
		if s.indent < 0 {
			return p.isValue()
		}
		return judge(p.name) >= silent && p.isValue() && (isRandom(p.value) || p.quoted && uuid.MatchString(p.value))
	})
}
