// Package sensitive judges whether a text may be shown: values of variables, words of
// command lines, texts of files. It is the one judgement of this program, which translation,
// plans, images and messages share. It looks at a name and a value; where a value came from
// is for its callers to know (see translate's origins).
//
// It is measured on the labelled lists in testdata.
package sensitive

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Name says whether the name of a variable, an option or a file says by itself that what it
// holds is a secret: DB_PASSWORD, apiKey, splunk-token. Names such as SMTP_AUTH, whose
// values decide, say nothing by themselves.
func Name(name string) bool { return judge(name) == secret }

// MayBe says whether a value under this name can be a secret that only its value tells.
func MayBe(name string) bool { return judge(name) >= maybe }

// Is says whether a value must not be shown, because of the name under which it stands or
// because of its own form. "" and references to values, such as ${X}, are no secrets.
func Is(name, value string) bool {
	if strings.TrimSpace(value) == "" || isReference(value) {
		return false
	}
	return isNamed(name, value) || Text(value) || isSecretOptions(name, value) || isSecretHeaders(name, value) || isSecretConfig(value)
}

// isNamed says whether a value is a secret by the name under which it stands.
func isNamed(name, value string) bool {
	verdict := judge(name)
	if verdict == silent && hasRandomWord(value) {
		return true
	}
	if isWebhook(name, value) {
		return true
	}
	if value == "" || isPlain(name, value) {
		return false
	}
	switch verdict {
	case secret:
		return true
	case maybe:
		return isOpaque(value) || isPlaceholder(value) || isPairUnder(name, value) || isPIN(name, value) || isPairs(value) && hasRandomPair(value)
	}
	return isPairUnder(name, value)
}

// isWebhook says whether a value is the URL of a webhook, by its name, whose path was made by
// chance: whoever knows it may call it.
func isWebhook(name, value string) bool {
	if !slices.ContainsFunc(split(name), func(part string) bool { return part == "webhook" || part == "webhooks" }) {
		return false
	}
	u, err := url.Parse(strings.TrimSpace(value))
	if err != nil || u.Host == "" {
		return false
	}
	last := path.Base(u.Path)
	return isSurelyRandom(last) || uuid.MatchString(last) || len(last) >= 16 && isOpaque(last)
}

// hasRandomWord says whether the last of few words was made by chance, as that of
// "cloudflare TOKEN" was.
func hasRandomWord(value string) bool {
	if len(value) > 512 {
		return false
	}
	fields := strings.Fields(value)
	return len(fields) > 0 && len(fields) < 4 && isSurelyRandom(fields[len(fields)-1])
}

// hasRandomPair says whether one of the values of pairs was made by chance.
func hasRandomPair(value string) bool {
	return eachPair(value, func(p pair) bool { return isRandom(p.value) })
}

// isSecretOptions judges the options of a program that a variable adds to its own, as
// REDIS_ARGS and CURL_OPTS do, and commands in labels.
func isSecretOptions(name, value string) bool {
	if !strings.Contains(value, " ") {
		return false
	}
	parts := split(name)
	if len(parts) == 0 || !words().Options[parts[len(parts)-1]] {
		return false
	}
	if strings.HasPrefix(value, "-") {
		value = parts[0] + " " + value
	}
	return Script(value)
}

// isSecretHeaders judges the headers that a variable adds to requests: NAME=value,….
func isSecretHeaders(name, value string) bool {
	return strings.HasSuffix(strings.ToLower(name), "headers") && hasRandomPair(value)
}

// isSecretConfig judges a text of several lines, or of calls, as it does a file, and one in
// base64 as what it says.
func isSecretConfig(value string) bool {
	if plain, ok := decoded(value); ok {
		return File("", plain)
	}
	if strings.Contains(value, `\n`) {
		value = strings.ReplaceAll(value, `\n`, "\n")
	}
	return strings.Contains(value, "\n") && File("", value) || strings.Contains(value, "(") && hasSecretCall(value)
}
