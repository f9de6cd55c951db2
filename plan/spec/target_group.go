package spec

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// TargetGroupKind is the kind of target-group/SERVICE.PORT, by container port.
const TargetGroupKind = "target-group"

// TargetGroup is a target group of tasks, by their IP address. Attrs: arn.
type TargetGroup struct {
	// Name ends in a hash of what cannot be changed and of the load balancer, since
	// a target group belongs to one; up to 32 letters, digits and hyphens.
	Name            string            `json:"name"`
	Protocol        string            `json:"protocol"`                  // HTTP, HTTPS, TCP, UDP, TCP_UDP
	Port            int               `json:"port"`                      // of the containers
	ProtocolVersion string            `json:"protocolVersion,omitempty"` // HTTP1, HTTP2, GRPC; "" where the protocol has none
	VpcID           plan.Value        `json:"vpcId"`
	TargetType      string            `json:"targetType"`    // ip
	IPAddressType   string            `json:"ipAddressType"` // ipv4
	HealthCheck     TargetHealthCheck `json:"healthCheck"`
	// Attributes are those attributes of DescribeTargetGroupAttributes that we
	// set, for example deregistration_delay.timeout_seconds; others stay as they
	// are.
	Attributes map[string]string `json:"attributes,omitempty"`
	Tags       []Tag             `json:"tags,omitempty"`
}

// TargetHealthCheck is how a load balancer looks after its targets.
type TargetHealthCheck struct {
	Protocol           string `json:"protocol"`          // HTTP, HTTPS or TCP
	Port               string `json:"port"`              // traffic-port or a number
	Path               string `json:"path,omitempty"`    // of HTTP and HTTPS only
	Matcher            string `json:"matcher,omitempty"` // of HTTP and HTTPS only: 200, 200-399; gRPC codes with GRPC
	IntervalSeconds    int    `json:"intervalSeconds"`
	TimeoutSeconds     int    `json:"timeoutSeconds"`
	HealthyThreshold   int    `json:"healthyThreshold"`
	UnhealthyThreshold int    `json:"unhealthyThreshold"`
}

func targetGroupRules() plan.Rules {
	return plan.Rules{
		Kind:      TargetGroupKind,
		New:       func() any { return &TargetGroup{} },
		Normalize: func(s any) { s.(*TargetGroup).normalize() },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		// ModifyTargetGroup changes the health check alone.
		Immutable: []string{"name", "protocol", "port", "protocolVersion", "vpcId", "targetType", "ipAddressType"},
		Brief:     []string{"protocol", "port", "healthCheck"},
		Owner:     beforeDot,
		Optional:  []string{"tags.*", "attributes.*"},
	}
}

// normalize fills what AWS fills, but for the times and thresholds, which depend
// on more than one field: they are always sent (CreateTargetGroupInput, elbv2
// v1.63.7).
func (g *TargetGroup) normalize() {
	fill(&g.TargetType, "ip")
	fill(&g.IPAddressType, "ipv4")
	if strings.HasPrefix(g.Protocol, "HTTP") {
		fill(&g.ProtocolVersion, "HTTP1")
	}
	h := &g.HealthCheck
	fill(&h.Port, "traffic-port")
	if h.Protocol != "TCP" {
		fill(&h.Path, "/")
		fill(&h.Matcher, "200")
	}
	sortBy(g.Tags, func(t Tag) string { return t.Key })
}
