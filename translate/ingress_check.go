package translate

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
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

// The codes of healthy responses. A path that the compose health check requests
// with curl or wget must not return an error. If no path is given, "/" is
// requested, and any response of a working server is accepted: many an API
// returns 404 or 401 there. ELB accepts codes up to 499 for an application load
// balancer (Matcher, elbv2 v1.63.7).
const (
	goodCodes  = "200-399"
	aliveCodes = "200-499"
)

// The path and codes by which ELB asks a gRPC server: without a path any answer
// will do, since few have that method (Matcher and HealthCheckPath, elbv2
// v1.63.7; 12 is UNIMPLEMENTED).
const (
	grpcPath  = "/AWS.ALB/healthcheck"
	grpcAlive = "0-99"
	grpcGood  = "0"
)

// targetHealth is how the load balancer checks the targets of a port. New tasks
// get their first request after two successful checks: with ELB's default of
// five, 30 seconds apart, that would take minutes.
func (g *ingress) targetHealth(e *publishedPort) spec.TargetHealthCheck {
	out := spec.TargetHealthCheck{Protocol: "TCP", Port: "traffic-port", IntervalSeconds: 10, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 3}
	check, found := httpCheckOf(e.member)
	found = found && check.port == e.port
	given := e.rule.Health
	switch {
	case e.kind == kindHTTP:
		out.Protocol = e.targetProtocol()
		out.Path, out.Matcher = "/", aliveCodes
		if e.app == "grpc" {
			out.Path, out.Matcher = grpcPath, grpcAlive
		} else if found {
			out.Path, out.Matcher = check.path, goodCodes
			if isLenient(check.line) {
				out.Matcher = aliveCodes
				g.formerly(targetGroupAddress(e), "healthCheck.matcher", goodCodes)
			}
		}
	case given.Path != "" || given.Codes != "":
		out.Protocol, out.Path, out.Matcher = "HTTP", "/", goodCodes
	}
	if found && e.kind == kindHTTP {
		intervalsOf(e.member, &out)
		if was := out.TimeoutSeconds; was > out.IntervalSeconds && given.Interval == 0 {
			g.formerly(targetGroupAddress(e), "healthCheck.intervalSeconds", out.IntervalSeconds)
			g.formerly(targetGroupAddress(e), "healthCheck.timeoutSeconds", out.IntervalSeconds-1)
			out.IntervalSeconds = was + 1
		}
	}
	g.given(e, &out)
	return out
}

// intervalsOf takes over how often the compose health check asks, and how long it waits, as
// far as ELB can.
func intervalsOf(s container, out *spec.TargetHealthCheck) {
	h := s.HealthCheck
	if n := wholeSeconds(h.Interval); n > 0 {
		out.IntervalSeconds = min(max(n, xfargate.TargetInterval.Min), xfargate.TargetInterval.Max)
	}
	if n := wholeSeconds(h.Timeout); n > 0 {
		out.TimeoutSeconds = min(max(n, xfargate.TargetTimeout.Min), xfargate.TargetTimeout.Max)
	}
	if h.Retries != nil && *h.Retries > 0 {
		out.UnhealthyThreshold = int(min(max(*h.Retries, 2), 10))
	}
}

func wholeSeconds(d *types.Duration) int {
	if d == nil {
		return 0
	}
	return int((time.Duration(*d) + time.Second - 1) / time.Second)
}

// given lays what x-fargate.ingress says over a health check.
func (g *ingress) given(e *publishedPort, out *spec.TargetHealthCheck) {
	h := e.rule.Health
	if h.Path != "" {
		out.Path = h.Path
		if out.Matcher == aliveCodes {
			out.Matcher = goodCodes
		}
		if e.app == "grpc" {
			out.Matcher = grpcGood
		}
	}
	if h.Codes != "" {
		out.Matcher = h.Codes
		g.checkCodes(e, h.Codes)
	}
	out.IntervalSeconds, out.TimeoutSeconds = cmp.Or(h.Interval, out.IntervalSeconds), cmp.Or(h.Timeout, out.TimeoutSeconds)
	out.HealthyThreshold, out.UnhealthyThreshold = cmp.Or(h.Healthy, out.HealthyThreshold), cmp.Or(h.Unhealthy, out.UnhealthyThreshold)
	if h.Timeout > 0 { // the interval is ours to raise
		out.IntervalSeconds = max(out.IntervalSeconds, h.Timeout+1)
	} else {
		out.TimeoutSeconds = min(out.TimeoutSeconds, out.IntervalSeconds-1)
	}
	if e.healthPort != e.port {
		out.Port = strconv.Itoa(e.healthPort)
	}
}

var codesForm = regexp.MustCompile(`^[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*$`)

// checkCodes refuses codes that ELB does: 200 to 499 of HTTP, to 599 of a network
// load balancer, 0 to 99 of gRPC (Matcher, elbv2 v1.63.7).
func (g *ingress) checkCodes(e *publishedPort, codes string) {
	least, most := 200, 499
	switch {
	case e.app == "grpc" && e.kind == kindHTTP:
		least, most = 0, 99
	case e.kind != kindHTTP:
		most = 599
	}
	ok := codesForm.MatchString(codes)
	for _, code := range strings.FieldsFunc(codes, func(c rune) bool { return c == '-' || c == ',' }) {
		n, err := strconv.Atoi(code)
		ok = ok && err == nil && least <= n && n <= most
	}
	if !ok {
		g.errorf(e.rulePath("health", "codes"), "write them as 200, 200-399 or 200,302",
			"%q is not a list of codes from %d to %d", codes, least, most)
	}
}
