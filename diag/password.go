package diag

import (
	"net/url"
	"strings"
)

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
