package translate

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// httpCheck is a compose health check that asks the service over HTTP.
type httpCheck struct {
	port int
	path string
	line string
}

// localURL is an address of the container itself in a command line, its scheme
// left out where curl and wget fill it in.
var localURL = regexp.MustCompile(`(?:(https?)://)?(?:[^/@\s"']+@)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::([0-9]{1,5}))?(/[^\s"'|;&()<>\\` + "`" + `]*)?`)

// sentAlong matches what changes a request: options of curl and wget, a user in the URL,
// and what scripts of Python and Node give their clients. shortOptions are words of several
// options of curl, of which those up to the first with a value count.
var (
	sentAlong    = regexp.MustCompile(`\s(-u|--user|-H|--header|-d|--data\S*|-X|--request|--post-\S+|-k|--http-user)[\s=]|://[^/\s]*@|\bheaders\s*[=:]|\bauth\s*=|add_header\(|\.post\(`)
	shortOptions = regexp.MustCompile(`\s-([a-zA-Z]+)`)
)

const (
	curlValues  = "ACDEFHKPQTUXYbcdehmortuwxyz" // short options of curl that take a value (curl.se/docs/manpage.html)
	curlChanges = "FHTXbdku"
)

// curlSends says whether short options of curl, as -fsu or -XPOST, change the request.
func curlSends(line string) bool {
	for _, m := range shortOptions.FindAllStringSubmatch(line, -1) {
		if i := strings.IndexAny(m[1], curlValues+"k"); i >= 0 && strings.ContainsRune(curlChanges, rune(m[1][i])) {
			return true
		}
	}
	return false
}

// curlFails matches the options with which curl ends with an error for an HTTP error.
var curlFails = regexp.MustCompile(`\s(?:--fail\b|--fail-with-body\b|-[a-zA-Z]*f)`)

// isLenient says whether a health check passes where a load balancer that asks the same
// would see an error, up to the 499 that it can be told to take.
func isLenient(line string) bool {
	switch line += " "; {
	case sentAlong.MatchString(line):
		return true
	case strings.Contains(line, "curl"):
		return curlSends(line) || !curlFails.MatchString(line)
	case strings.Contains(line, "requests.get("):
		return !strings.Contains(line, "raise_for_status") && !strings.Contains(line, "status_code") && !strings.Contains(line, ".ok")
	default:
		return false
	}
}

// httpCheckOf finds the URL in the health check of a service.
func httpCheckOf(s container) (httpCheck, bool) {
	if s.HealthCheck == nil || s.HealthCheck.Disable {
		return httpCheck{}, false
	}
	line := checkLine(s.HealthCheck.Test)
	asks := slices.ContainsFunc([]string{"curl", "wget"}, func(tool string) bool { return strings.Contains(line, tool) })
	for _, m := range localURL.FindAllStringSubmatch(line, -1) {
		if m[1] == "" && !asks {
			continue // of pg_isready and the like
		}
		check := httpCheck{port: 80, path: m[3], line: line}
		if m[1] == "https" {
			check.port = 443
		}
		if m[2] != "" {
			check.port, _ = strconv.Atoi(m[2])
		}
		if strings.Contains(check.path, "$") || len(check.path) > 1024 {
			continue
		}
		check.path, _, _ = strings.Cut(strings.ReplaceAll(check.path, ampersand, "&"), "#")
		check.path = cmp.Or(check.path, "/")
		return check, true
	}
	return httpCheck{}, false
}

// ampersand stands for an & of a URL while URLs are looked for: for a shell it ends a
// command where it is in no quotes.
const ampersand = "\uE000"

// quotedText is what a shell takes for one word, inQuery an & between two parameters.
var (
	quotedText = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	inQuery    = regexp.MustCompile(`&(\w)`)
)

func guarded(word string) string { return inQuery.ReplaceAllString(word, ampersand+"$1") }

// checkLine is the test of a health check as one line, in which the & of URLs are
// guarded.
func checkLine(test []string) string {
	var words []string
	for i, word := range test {
		script := i == 1 && test[0] == "CMD-SHELL" || i > 0 && slices.Contains(test[:i], "-c")
		if script {
			words = append(words, quotedText.ReplaceAllStringFunc(word, guarded))
		} else {
			words = append(words, guarded(word))
		}
	}
	return strings.Join(words, " ")
}
