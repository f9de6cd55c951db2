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

// kindOf decides on the load balancer in front of a port; "" where it was
// refused.
func (f publisher) kindOf(e *publishedPort, port openPort, published []int, items []publication) string {
	kind := e.rule.Kind
	switch {
	case kind == "" && port.protocol == "udp":
		return kindUDP
	case kind == "":
		return f.guessKind(e, published, items)
	case (kind == kindUDP) != (port.protocol == "udp"):
		f.errorf(e.rulePath("kind"), "write the protocol under ports, as "+strconv.Quote(strconv.Itoa(e.port)+":"+strconv.Itoa(e.port)+"/udp"),
			"port %d is %s, not %s", e.port, port.protocol, kind)
		return ""
	case kind == kindHTTP && e.needsTLS() && !hasTLS(f.base, e.rule) && !knowsTLS(f.base, published...):
		f.errorf(e.path, "write x-fargate.domain or x-fargate.certificate, or kind: tcp",
			"an application load balancer serves %s only over TLS, and there is no certificate", e.app)
		return ""
	default:
		return kind
	}
}

// needsTLS says whether the load balancer must use TLS: target groups of HTTP/2
// and gRPC accept only HTTPS listeners (Elastic Load Balancing user guide,
// "Target groups for your Application Load Balancers", protocol version).
func (e *publishedPort) needsTLS() bool { return e.app == "http2" || e.app == "grpc" }

// guessKind tells HTTP from other TCP.
func (f publisher) guessKind(e *publishedPort, published []int, items []publication) string {
	isHTTP := slices.Contains(httpPorts, e.port) || slices.ContainsFunc(published, func(p int) bool { return slices.Contains(httpPorts, p) })
	switch {
	case e.needsTLS() && !hasTLS(f.base, e.rule) && !knowsTLS(f.base, published...):
		f.notef(e.path, "write x-fargate.domain or x-fargate.certificate for an application load balancer",
			"a network load balancer passes port %d through: an application load balancer serves %s only over TLS, and there is no certificate",
			e.port, e.app)
		return kindTCP
	case e.rule.Hosts != nil || e.rule.Paths != nil:
		return kindHTTP
	case f.passesTLS(e, published):
		f.notef(e.path, "write x-fargate.domain or x-fargate.certificate to terminate TLS at a load balancer",
			"a network load balancer passes port %d through unchanged, because there is no certificate", published[0])
		return kindTCP
	case e.app != "", slices.Contains([]string{"http", "https"}, awsProtocol(items)), isHTTP, hasAppHTTP(items):
		return kindHTTP
	}
	if check, ok := httpCheckOf(e.member); ok && check.port == e.port {
		return kindHTTP
	}
	return kindTCP
}

// passesTLS says whether TLS is passed through a port at which clients expect
// it, because there is no certificate: the container has its own, or the only
// published port is 443.
func (f publisher) passesTLS(e *publishedPort, published []int) bool {
	if len(published) == 0 || hasTLS(f.base, e.rule) || knowsTLS(f.base, published...) {
		return false
	}
	return e.speaksTLS() || len(published) == 1 && published[0] == 443
}

func hasAppHTTP(items []publication) bool {
	return slices.ContainsFunc(items, func(p publication) bool { return strings.EqualFold(p.AppProtocol, "http") })
}
