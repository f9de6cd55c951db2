package translate

import (
	"fmt"
	"strconv"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

func targetGroupAddress(e *publishedPort) plan.Address {
	return plan.Address{Kind: spec.TargetGroupKind, Name: e.name()}
}

// targetProtocol is the protocol between the load balancer and the container.
func (e *publishedPort) targetProtocol() string {
	switch {
	case e.kind == kindTCP:
		return "TCP"
	case e.kind == kindUDP:
		return "UDP"
	case e.speaksTLS():
		return "HTTPS"
	default:
		return "HTTP"
	}
}

func (e *publishedPort) protocolVersion() string {
	switch {
	case e.kind != kindHTTP:
		return ""
	case e.app == "grpc":
		return "GRPC"
	case e.app == "http2":
		return "HTTP2"
	default:
		return "HTTP1"
	}
}

// targetGroup holds the tasks behind a port.
func (g *ingress) targetGroup(e *publishedPort) {
	vpc := plan.Fact("vpc", "id", g.facts.VPC)
	protocol, version := e.targetProtocol(), e.protocolVersion()
	r := g.add(targetGroupAddress(e), g.At(e.path...), &spec.TargetGroup{
		Name: elbName(g.Name+"-"+e.member.Name+"-"+strconv.Itoa(e.port),
			g.Name, e.member.Name, strconv.Itoa(e.port), protocol, version, vpc.String(), g.balancerIdentity(e.balancer)),
		Protocol:        protocol,
		Port:            e.port,
		ProtocolVersion: version,
		VpcID:           vpc,
		TargetType:      "ip",
		IPAddressType:   "ipv4",
		HealthCheck:     g.targetHealth(e),
		Attributes:      targetAttributes(e),
		Tags:            g.tags(),
	})
	r.Origins = publishedOrigins(e.member.Name, e.port)
	if e.rule.Kind != "" {
		r.Tags = map[string]string{plan.TagKind: e.kind}
	}
}

// targetAttributes are always sent, so that an attribute that is removed from
// the files is reset. ELB's default delay of 300 seconds would slow down every
// deployment, because ECS waits for it before it stops a task.
func targetAttributes(e *publishedPort) map[string]string {
	delay := xfargate.DeregistrationDelay.Fallback
	if e.rule.DeregistrationDelay != nil {
		delay = *e.rule.DeregistrationDelay
	}
	out := map[string]string{
		"deregistration_delay.timeout_seconds": strconv.Itoa(delay),
		"stickiness.enabled":                   strconv.FormatBool(e.rule.Stickiness > 0),
	}
	switch {
	case e.rule.Stickiness == 0:
	case e.kind == kindHTTP:
		out["stickiness.type"] = "lb_cookie"
		out["stickiness.lb_cookie.duration_seconds"] = strconv.Itoa(e.rule.Stickiness)
	default:
		out["stickiness.type"] = "source_ip"
	}
	return out
}

// publishedGroup is the security group that lets only the load balancers reach
// the published ports of a task. It allows no outgoing traffic: the groups of
// the networks do.
func (g *ingress) publishedGroup(k *task) {
	var rules []spec.SecurityGroupRule
	seen := map[string]bool{}
	for _, e := range g.published.of(k) {
		for _, from := range g.groupsOf(e.balancer) {
			for _, open := range e.opened() {
				rule := spec.SecurityGroupRule{Protocol: open.protocol, FromPort: open.port, ToPort: open.port, GroupID: from, Description: "from the load balancer"}
				if !seen[rule.Key()] {
					seen[rule.Key()] = true
					rules = append(rules, rule)
				}
			}
		}
	}
	if len(rules) == 0 {
		return
	}
	description := fmt.Sprintf("Service %s of compose project %s. Its load balancers reach its published ports.", k.name(), g.Name)
	g.addGroup(publishedGroupAddress(k.name()), g.At(at(k.name(), "ports")...), k.name(), description, rules, nil).
		Origins = from(at(k.name()), "x-fargate.ingress", "ports")
}

// opened are the ports that load balancers reach: that of the published port, and the
// one that is asked for its health.
func (e *publishedPort) opened() []openPort {
	out := []openPort{{port: e.port, protocol: e.protocol()}}
	if e.healthPort != e.port || e.kind == kindUDP {
		out = append(out, openPort{port: e.healthPort, protocol: "tcp"})
	}
	return out
}
