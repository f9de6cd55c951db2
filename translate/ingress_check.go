package translate

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

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
