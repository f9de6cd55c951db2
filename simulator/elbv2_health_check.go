package simulator

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// healthCheck is what a call says of a target group's health check: nil and
// empty fields keep what there is, or take AWS's default.
type healthCheck struct {
	enabled                               *bool
	protocol                              types.ProtocolEnum
	port, path                            *string
	matcher                               *types.Matcher
	interval, timeout, healthy, unhealthy *int32
}

// check lays what a call says over what the group has, and that over AWS's
// defaults (CreateTargetGroupInput, elbv2 v1.63.7), and refuses what AWS refuses.
func (g *TargetGroup) check(asked healthCheck) error {
	before := g.HealthCheckProtocol
	g.HealthCheckProtocol = firstOf(asked.protocol, before, defaultCheck(g.Protocol))
	g.HealthCheckEnabled = orElse(asked.enabled, true)
	g.HealthCheckPort = either(asked.port, g.HealthCheckPort, "traffic-port")
	g.HealthCheckIntervalSeconds = either(asked.interval, g.HealthCheckIntervalSeconds, 30)
	g.HealthCheckTimeoutSeconds = either(asked.timeout, g.HealthCheckTimeoutSeconds, g.defaultTimeout())
	g.HealthyThresholdCount = either(asked.healthy, g.HealthyThresholdCount, 5)
	g.UnhealthyThresholdCount = either(asked.unhealthy, g.UnhealthyThresholdCount, 2)
	if err := g.checkTimes(); err != nil {
		return err
	}
	if isHTTP(g.HealthCheckProtocol) {
		return g.checkAnswers(asked)
	}
	if asked.path != nil || asked.matcher != nil {
		return elbInvalid("A health check path or matcher cannot be specified for health checks with the %s protocol", g.HealthCheckProtocol)
	}
	g.HealthCheckPath, g.Matcher = nil, nil
	return nil
}

func firstOf(protocols ...types.ProtocolEnum) types.ProtocolEnum {
	for _, p := range protocols {
		if p != "" {
			return p
		}
	}
	return ""
}

// either is what was asked, else what is there, else the default.
func either[T any](asked, have *T, fallback T) *T {
	if asked != nil {
		return asked
	}
	return orElse(have, fallback)
}

// defaultCheck is HTTP for both protocols of Application Load Balancers.
func defaultCheck(group types.ProtocolEnum) types.ProtocolEnum {
	if isHTTP(group) {
		return types.ProtocolEnumHttp
	}
	return types.ProtocolEnumTcp
}

// defaultTimeout is in seconds. The guides are more exact than the API reference,
// which has 6 for HTTP and 10 for HTTPS: 5 for the targets of Application Load
// Balancers (Application Load Balancers, "Health checks for your target groups"),
// and by the protocol of the check for those of Network Load Balancers, "6 seconds
// for HTTP and 10 seconds for TCP and HTTPS health checks" (Network Load Balancers,
// the same page).
func (g *TargetGroup) defaultTimeout() int32 {
	switch {
	case isHTTP(g.Protocol):
		return 5
	case g.HealthCheckProtocol == types.ProtocolEnumHttp:
		return 6
	}
	return 10
}

// checkTimes refuses protocols, ports, times and thresholds.
func (g *TargetGroup) checkTimes() error {
	protocols := []types.ProtocolEnum{types.ProtocolEnumHttp, types.ProtocolEnumHttps}
	if !isHTTP(g.Protocol) {
		protocols = append(protocols, types.ProtocolEnumTcp)
	}
	port, err := strconv.Atoi(*g.HealthCheckPort)
	switch {
	case !slices.Contains(protocols, g.HealthCheckProtocol):
		return elbInvalid("Health check protocol '%s' is not supported for target groups with the %s protocol",
			g.HealthCheckProtocol, g.Protocol)
	case !*g.HealthCheckEnabled:
		return elbInvalid("Health check enabled must be true for target groups with target type '%s'", g.TargetType)
	case *g.HealthCheckPort != "traffic-port" && (err != nil || port < 1 || port > 65535):
		return elbInvalid("Health check port '%s' must be 'traffic-port' or in the range 1-65535", *g.HealthCheckPort)
	case outside(g.HealthCheckIntervalSeconds, 5, 300):
		return elbInvalid("Health check interval '%d' must be in the range 5-300", *g.HealthCheckIntervalSeconds)
	case outside(g.HealthCheckTimeoutSeconds, 2, 120):
		return elbInvalid("Health check timeout '%d' must be in the range 2-120", *g.HealthCheckTimeoutSeconds)
	case *g.HealthCheckTimeoutSeconds >= *g.HealthCheckIntervalSeconds:
		return elbInvalid("Health check timeout '%d' must be smaller than the interval '%d'",
			*g.HealthCheckTimeoutSeconds, *g.HealthCheckIntervalSeconds)
	case outside(g.HealthyThresholdCount, 2, 10):
		return elbInvalid("Healthy threshold count '%d' must be in the range 2-10", *g.HealthyThresholdCount)
	case outside(g.UnhealthyThresholdCount, 2, 10):
		return elbInvalid("Unhealthy threshold count '%d' must be in the range 2-10", *g.UnhealthyThresholdCount)
	}
	return nil
}

// checkAnswers fills and refuses the path and the codes of HTTP checks.
func (g *TargetGroup) checkAnswers(asked healthCheck) error {
	grpc := str(g.ProtocolVersion) == "GRPC"
	path := "/"
	if grpc {
		path = "/AWS.ALB/healthcheck"
	}
	g.HealthCheckPath = either(asked.path, g.HealthCheckPath, path)
	if len(*g.HealthCheckPath) > 1024 || !strings.HasPrefix(*g.HealthCheckPath, "/") {
		return elbInvalid("Health check path '%s' must begin with a '/' and have at most 1024 characters", *g.HealthCheckPath)
	}
	if grpc {
		return g.checkCodes(asked.matcher, "12", 0, 99)
	}
	if isHTTP(g.Protocol) {
		return g.checkCodes(asked.matcher, "200", 200, 499)
	}
	return g.checkCodes(asked.matcher, "200-399", 200, 599)
}

// checkCodes fills and refuses the codes that mean health.
func (g *TargetGroup) checkCodes(asked *types.Matcher, usual string, low, high int) error {
	m := val(either(asked, g.Matcher, types.Matcher{}))
	grpc := str(g.ProtocolVersion) == "GRPC"
	if grpc && m.HttpCode != nil || !grpc && m.GrpcCode != nil {
		return elbInvalid("The matcher does not fit the protocol version '%s'", str(g.ProtocolVersion))
	}
	codes := orElse(m.HttpCode, usual)
	if grpc {
		codes = orElse(m.GrpcCode, usual)
	}
	if !validCodes(*codes, low, high) {
		return elbInvalid("Health check matcher codes '%s' must be in the range %d-%d", *codes, low, high)
	}
	g.Matcher = &types.Matcher{HttpCode: codes}
	if grpc {
		g.Matcher = &types.Matcher{GrpcCode: codes}
	}
	return nil
}

// codeRange is one item of a matcher: a code or two of them.
var codeRange = regexp.MustCompile(`^(\d{1,3})(?:-(\d{1,3}))?$`)

func validCodes(list string, low, high int) bool {
	for item := range strings.SplitSeq(list, ",") {
		m := codeRange.FindStringSubmatch(item)
		if m == nil {
			return false
		}
		from, _ := strconv.Atoi(m[1])
		to := from
		if m[2] != "" {
			to, _ = strconv.Atoi(m[2])
		}
		if from < low || to > high || from > to {
			return false
		}
	}
	return true
}
