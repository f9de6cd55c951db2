package translate

import (
	"slices"
	"strconv"
	"strings"
)

// awsProtocol is the x-aws-protocol of the first item that has one.
func awsProtocol(items []publication) string {
	for _, p := range items {
		if text, ok := p.Extensions["x-aws-protocol"].(string); ok {
			return strings.ToLower(text)
		}
	}
	return ""
}

// appOf is what is carried over HTTP, or instead of its plain form: https,
// http2 or grpc.
func appOf(items []publication) string {
	for _, p := range items {
		if name := strings.ToLower(p.AppProtocol); slices.Contains([]string{"https", "http2", "grpc"}, name) {
			return name
		}
	}
	if awsProtocol(items) == "https" {
		return "https"
	}
	return ""
}

// kindOf decides on the load balancer in front of a port as far as the port alone
// tells; "" where it was refused.
func (f publisher) kindOf(c *candidate) string {
	kind, protocol := c.rule.Kind, c.opened.protocol
	switch {
	case kind == "" && protocol == "udp":
		return kindUDP
	case kind == "":
		return f.guessKind(c)
	case (kind == kindUDP) != (protocol == "udp"):
		f.errorf(c.rulePath("kind"), "write the protocol under ports, as "+strconv.Quote(strconv.Itoa(c.port)+":"+strconv.Itoa(c.port)+"/udp"),
			"port %d is %s, not %s", c.port, protocol, kind)
		return ""
	case kind == kindHTTP && c.needsTLS() && !f.endsTLS(c):
		f.errorf(c.path, "write x-fargate.domain or x-fargate.certificate, or kind: tcp",
			"an application load balancer serves %s only over TLS, and there is no certificate", c.app)
		return ""
	default:
		return kind
	}
}

// needsTLS says whether the load balancer must use TLS: target groups of HTTP/2
// and gRPC accept only HTTPS listeners (Elastic Load Balancing user guide,
// "Target groups for your Application Load Balancers", protocol version).
func (e *publishedPort) needsTLS() bool { return e.app == "http2" || e.app == "grpc" }

// endsTLS says whether a load balancer has a certificate for a port.
func (f publisher) endsTLS(c *candidate) bool {
	return hasTLS(f.base, c.rule) || knowsTLS(f.base, c.published...)
}

// guessKind tells HTTP from other TCP. What is live stays of its kind where the files
// say nothing else, so that no release moves a port to another load balancer; what is of
// a kind that the files gave, and do not give any more, is what it would be without.
func (f publisher) guessKind(c *candidate) string {
	live := f.liveKind(c.member, c.port)
	switch {
	case c.needsTLS() && !f.endsTLS(c):
		f.notef(c.path, "write x-fargate.domain or x-fargate.certificate for an application load balancer",
			"a network load balancer passes port %d through: an application load balancer serves %s only over TLS, and there is no certificate",
			c.port, c.app)
		return kindTCP
	case c.rule.Hosts != nil || c.rule.Paths != nil:
		return kindHTTP
	case f.passesTLS(c):
		return kindTCP
	case slices.Contains([]string{"http", "https"}, awsProtocol(c.items)):
		return kindHTTP
	}
	c.guessed = true
	switch {
	case (live == kindHTTP || live == kindTCP) && !f.isGiven(c.member, c.port) && !(c.isTLSSite() && f.endsTLS(c)):
		c.frozen = true
		return live
	case c.app != "", hasAppHTTP(c.items), f.speaksHTTP(c.member, c.port, c.published) && !c.isOfBoth():
		return kindHTTP
	}
	if check, ok := httpCheckOf(c.member); ok && check.port == c.port {
		return kindHTTP
	}
	return kindTCP
}

// passesTLS says whether TLS is passed through a port at which clients expect
// it, because there is no certificate: the container has its own, or the only
// published port is 443.
func (f publisher) passesTLS(c *candidate) bool {
	if len(c.published) == 0 || f.endsTLS(c) {
		return false
	}
	if known := knownPortOf(c.member.Image, c.port).TLS; known != nil && f.liveKind(c.member, c.port) == kindHTTP {
		return false // earlier releases did not know it
	}
	return c.speaksTLS() || len(c.published) == 1 && c.published[0] == 443
}

func hasAppHTTP(items []publication) bool {
	return slices.ContainsFunc(items, func(p publication) bool { return strings.EqualFold(p.AppProtocol, "http") })
}
