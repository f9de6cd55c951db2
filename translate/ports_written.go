package translate

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// writtenPorts are those of a container that the files write: under ports, expose
// and x-fargate, each once, sorted. Errors in them are said, and the ports left out.
func writtenPorts(b *base, s container) []openPort {
	r := portReader{base: b, known: map[int]int{}}
	for i, p := range s.Ports {
		path := s.at("ports", strconv.Itoa(i))
		r.open(openPort{int(p.Target), cmp.Or(strings.ToLower(p.Protocol), "tcp"), r.appProtocol(p, path), path})
	}
	for i, text := range s.Expose {
		path := s.at("expose", strconv.Itoa(i))
		from, to, protocol, ok := parseExpose(text)
		if !ok {
			r.errorf(path, `write PORT, FROM-TO or PORT/udp`, "%q is not a port", text)
			continue
		}
		for port := from; port <= to; port++ {
			r.open(openPort{port: port, protocol: protocol, path: path})
		}
	}
	for i, port := range b.X.Service(s.Name).Discovery.Ports {
		path := s.at(xfargate.Key, "discovery", "ports", strconv.Itoa(i))
		r.open(openPort{port: port, protocol: "tcp", path: path})
	}
	slices.SortFunc(r.ports, func(a, b openPort) int {
		return cmp.Or(cmp.Compare(a.port, b.port), strings.Compare(a.protocol, b.protocol))
	})
	return r.ports
}

// portReader collects the ports of one container.
type portReader struct {
	*base
	ports []openPort
	known map[int]int // where in ports one is
}

// open adds a port, unless it is known.
func (r *portReader) open(p openPort) {
	if p.protocol != "tcp" && p.protocol != "udp" {
		r.errorf(p.path, "", "port %d/%s: Fargate supports tcp and udp only", p.port, p.protocol)
		return
	}
	i, ok := r.known[p.port]
	switch {
	case !ok:
		r.known[p.port] = len(r.ports)
		r.ports = append(r.ports, p)
	case r.ports[i].protocol != p.protocol:
		r.errorf(p.path, "open only one of the two, or use another port for one of them",
			"port %d is both tcp and udp: on Fargate a container port has one protocol", p.port)
	default:
		r.ports[i].appProtocol = cmp.Or(r.ports[i].appProtocol, p.appProtocol)
	}
}

// appProtocol is the ECS value for compose's app_protocol.
func (r *portReader) appProtocol(p types.ServicePortConfig, path diag.Path) string {
	switch name := strings.ToLower(p.AppProtocol); name {
	case "http", "http2", "grpc":
		return name
	case "", "tcp", "udp":
		return ""
	default:
		r.notef(path.Key("app_protocol"), "", "ECS supports http, http2 and grpc: %s is handled as plain %s", p.AppProtocol, cmp.Or(p.Protocol, "tcp"))
		return ""
	}
}

// parseExpose reads PORT, FROM-TO, either with /PROTOCOL behind it.
func parseExpose(text string) (from, to int, protocol string, ok bool) {
	ports, protocol, _ := strings.Cut(text, "/")
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, "", false
	}
	if to, err = strconv.Atoi(last); err != nil {
		return 0, 0, "", false
	}
	return from, to, cmp.Or(strings.ToLower(protocol), "tcp"), 0 < from && from <= to && to <= 65535
}

// loopback says whether a port is published only on the machine itself, so that
// on Fargate nothing could reach it.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost"
}
