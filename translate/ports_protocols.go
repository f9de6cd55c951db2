package translate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// chooseProtocols gives ports that are of TCP and of UDP the protocol of their one port
// mapping: ECS refuses two for a container port (aws/amazon-ecs-agent issue 3428). Tasks
// have addresses of their own, where security groups let peers in with both; a mapping
// is for names, which are of TCP, and for load balancers.
func (r *portReader) chooseProtocols(s container) {
	for i, p := range r.ports {
		if p.both {
			r.ports[i].protocol = "tcp"
			if kind := r.X.Service(s.Name).Ingress[p.port].Kind; kind == kindUDP || kind == "" && onlyUDP(s, p.port) {
				r.ports[i].protocol = "udp"
			}
		}
	}
}

func protocolOf(text string) string { return cmp.Or(strings.ToLower(text), "tcp") }

// publishes says whether a service publishes a port of a protocol to clients.
func publishes(s container, port int, protocol string) bool {
	for _, p := range s.Ports {
		if int(p.Target) == port && protocolOf(p.Protocol) == protocol && p.Published != "" && !loopback(p.HostIP) && !isPrivateAddress(p.HostIP) {
			return true
		}
	}
	return false
}

func onlyUDP(s container, port int) bool {
	return publishes(s, port, "udp") && !publishes(s, port, "tcp")
}

// ofProtocol are the items of ports that are of the protocol of a port mapping.
func (p openPort) ofProtocol(items []publication) []publication {
	return slices.DeleteFunc(slices.Clone(items), func(item publication) bool { return protocolOf(item.Protocol) != p.protocol })
}

func (c *candidate) isPublishedAsBoth() bool {
	return c.opened.both && publishes(c.member, c.port, "tcp") && publishes(c.member, c.port, "udp")
}

// isOfBoth says whether a port is published as TCP and as UDP, and hardly for HTTP/3,
// which goes with TLS (RFC 9114): as many ports of media are, and of games.
func (c *candidate) isOfBoth() bool {
	return c.isPublishedAsBoth() && !c.speaksTLS() && !slices.Contains(c.published, 443) && !isOfImage(c.member.Image, c.port)
}

// refuseBothPublished looks for a port that clients shall reach by TCP and by UDP: what
// ECS does with a target group of both is not documented. HTTP/3 is one that browsers do
// without.
func (f publisher) refuseBothPublished(c *candidate) {
	if !c.isPublishedAsBoth() || c.rule.Kind != "" {
		return
	}
	if c.opened.protocol == "tcp" && (c.kind == kindHTTP || c.speaksTLS() || slices.Contains(c.published, 443)) {
		f.notef(c.path, "", "port %d/udp gets no load balancer: what would use HTTP/3 uses TCP", c.port)
		return
	}
	c.kind = ""
	f.errorf(c.path, "write "+ingressLine(c.port, "kind: tcp")+" or {kind: udp, health: {port: PORT}} with a TCP port that answers, or {kind: none} if only services of the stack need it",
		"port %s is published as TCP and as UDP: on ECS, load balancers lead to a container port with one protocol", strconv.Itoa(c.port))
}
