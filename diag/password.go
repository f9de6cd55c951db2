package diag

import (
	"net/url"
	"regexp"
	"strings"
)

// userinfo is what stands before the host of a URL, or of what looks like one.
var userinfo = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/"'@]+@|(^|[\s"'])([^\s/"'@:]+:[^\s/"'@]+)@([^\s/"']+/)`)

// WithoutPasswords is a text in which nobody can read the user and the password of a URL,
// or of an image that somebody took for one.
func WithoutPasswords(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return userinfo.ReplaceAllStringFunc(text, func(found string) string {
		if scheme, _, ok := strings.Cut(found, "://"); ok {
			return scheme + "://***@"
		}
		m := userinfo.FindStringSubmatch(found)
		return m[2] + "***@" + m[4]
	})
}

// HasPassword says whether a text is a URL with a password in it, so that no
// message may show it.
func HasPassword(text string) bool {
	if !strings.Contains(text, "://") || !strings.Contains(text, "@") {
		return false
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return true // looks like a URL with credentials and can't be told: hide
	}
	_, has := parsed.User.Password()
	return has
}
