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
	if isSecretFile(name) && hasContent(text) {
		return true
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if isComment(line) && !hasForm(line) {
			continue
		}
		if Text(line) || isSecretLine(line) {
			return true
		}
	}
	return hasForm(text) || hasSecretBlock(text)
}

// secretFile are files that hold nothing but secrets.
var secretFile = regexp.MustCompile(`(?i)^(?:\.?htpasswd|\.netrc|_netrc|\.pgpass|pgpass(?:\.conf)?|userlist\.txt|id_(?:rsa|dsa|ecdsa|ed25519)|\.git-credentials|\.vault-token|\.erlang\.cookie|sasl_passwd|passwd\.client|shadow|chap-secrets|credentials|.*\.(?:kdbx|keytab|p12|pfx|jks))$`)

func isSecretFile(name string) bool { return secretFile.MatchString(path.Base(name)) }

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
	for _, mark := range []string{"#", "//", "--", ";", "/*", "* ", "<!--", "REM "} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	return false
}

var (
	// directive is NAME VALUE, as redis.conf, .netrc, my configuration of nginx and haproxy
	// write it.
	directive = regexp.MustCompile(`(?i)(?:^|[\s;{(])([a-z_][\w.-]*)\s+(?:"([^"]+)"|'([^']+)'|([^\s;"'{}=,()]+))\s*;?\s*(?:$|[;)}]|\s)`)
	// statement is what SQL and shells say about a password.
	statement = regexp.MustCompile(`(?i)\b(?:password|identified\s+(?:with\s+\S+\s+)?by|with\s+password\s*=?)\s+'((?:[^']|'')+)'|\bpassword\s*\(\s*'([^']+)'|\bpwd\s*:\s*"([^"]+)"`)
	// call is define('DB_PASSWORD', 'x') and setProperty("password", "x").
	call = regexp.MustCompile(`\(\s*["']([\w.-]+)["']\s*,\s*["']([^"']+)["']`)
	// element is <password>x</password>, <add key="Password" value="x"/> and password="x".
	element = regexp.MustCompile(`<([A-Za-z][\w.:-]*)[^<>]*>([^<>]+)</|(?i:(?:key|name|id)="([\w.:-]+)"[^<>]*\bvalue="([^"]+)")`)
	// userLine is "user" "password", as PgBouncer has them, and user:hash.
	userLine = regexp.MustCompile(`^"[^"]+"\s+"[^"]+"|^[\w.@-]+:(?:\{[A-Z0-9-]+\}|\$\w+\$)\S{8,}|^[\w.*-]+:\d+:[^:]*:[^:]*:\S+$`)
	// acl is a user of Redis with a password.
	acl = regexp.MustCompile(`^user\s+\S+\s.*\s[>#][^\s~]+`)
	// block is a key whose value is on the next lines.
	block = regexp.MustCompile(`(?m)^([ \t]*)(?:- )?["']?([A-Za-z_][\w.-]*)["']?:[ \t]*[|>][+-]?[ \t]*\n((?:\s*\n)*)[ \t]+(\S.*)$`)
)

func isSecretLine(line string) bool {
	for _, m := range directive.FindAllStringSubmatch(line, -1) {
		if isDirective(m[1]) && isWord(m[1], m[2]+m[3]+m[4]) {
			return true
		}
	}
	for _, m := range statement.FindAllStringSubmatch(line, -1) {
		if isWord("password", m[1]+m[2]+m[3]) {
			return true
		}
	}
	for _, found := range [][][]string{call.FindAllStringSubmatch(line, -1), element.FindAllStringSubmatch(line, -1)} {
		for _, m := range found {
			if isPairSecret(m[1], m[2]) || len(m) > 4 && isPairSecret(m[3], m[4]) {
				return true
			}
		}
	}
	return userLine.MatchString(line) || acl.MatchString(line) || isSecretCommand(line)
}

// directives are names before which nothing but a secret stands, apart from those that
// languages use for other things.
var directives = regexp.MustCompile(`(?i)^(?:requirepass|masterauth|password|passwd|insecure-password|secret|token|auth_?token|basicauth|api_?key|auth-pass|auth_pass|passphrase|bindpw|bind_?password|rootpw|user_?password|userpassword|password_?hash|sharedkey|psk|secret-key|secret_key|md5-key|shared-secret|sasl\.password|ssl_key_password|stats-password|static-auth-secret|cli-password|lt-cred)$`)

func isDirective(name string) bool { return directives.MatchString(name) }

// isWord says whether what stands behind a directive is a secret, and no word of a sentence.
func isWord(name, value string) bool {
	return value != "" && !isReference(value) && !isCode(value) && !isPlain(name, value) && !grammar[strings.ToLower(value)]
}

// grammar are words that stand behind "password" in sentences and languages.
var grammar = set{"for": true, "is": true, "of": true, "and": true, "or": true, "to": true, "from": true, "in": true, "with": true, "must": true, "should": true, "will": true, "can": true, "as": true, "the": true, "a": true, "not": true, "on": true, "by": true, "text": true, "varchar": true, "md5": true, "scram-sha-256": true, "trust": true, "required": true, "sufficient": true, "requisite": true, "include": true, "string": true, "file": true, "if": true, "authentication": true, "reset": true, "here": true, "then": true, "auth": true, "method": true, "!=": true, "==": true, "=>": true, "->": true, "+": true, "|": true, "&&": true, "||": true, "valid": true, "until": true, "null": true, "default": true, "unique": true, "char": true, "bytea": true}

func isSecretCommand(line string) bool {
	for _, words := range commandsOf(line) {
		for i, marked := range Command(words) {
			if marked && i > 0 {
				return true
			}
		}
	}
	return false
}

// hasSecretBlock looks for keys of YAML whose values are on the next lines.
func hasSecretBlock(text string) bool {
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		if isPairSecret(m[2], strings.TrimSpace(m[4])) {
			return true
		}
	}
	return false
}
