package translate

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// readRaw takes up traefik.tcp.WHAT.NAME.FIELD, and the same of UDP.
func (t *traefikLabels) readRaw(protocol, what, name, field string, l label) {
	name = protocol + "." + name
	if what == "services" && strings.HasSuffix(field, "server.port") {
		t.rawPorts[name], _ = strconv.Atoi(l.value)
	}
	if what != "routers" {
		return
	}
	if t.raw[name] == nil {
		t.raw[name] = &traefikRouter{first: l}
	}
	r := t.raw[name]
	switch {
	case field == "rule":
		r.first = l
	case field == "service":
		r.service = l
	case field == "entrypoints":
		r.entrypoint, _, _ = strings.Cut(strings.ToLower(l.value), ",")
	case field == "tls" && l.value != "false", strings.HasPrefix(field, "tls.") && field != "tls.passthrough":
		r.tls = true
	}
}

// rawRoute is a router of TCP or UDP. A load balancer has nothing that tells by the
// labels alone that a port of it is meant, so it is only said.
func (t *traefikLabels) rawRoute(name string, r *traefikRouter) route {
	protocol, own, _ := strings.Cut(name, ".")
	service, _, _ := strings.Cut(strings.ToLower(cmp.Or(r.service.value, own)), "@")
	out := route{path: r.first.path, raw: protocol, port: t.rawPorts[protocol+"."+service], entrypoint: r.entrypoint}
	for key, port := range t.rawPorts {
		if out.port == 0 && len(t.rawPorts) == 1 && strings.HasPrefix(key, protocol+".") {
			out.port = port
		}
	}
	out.refused = fmt.Sprintf("that passed on %s, which needs a port of a network load balancer", strings.ToUpper(protocol))
	if r.tls {
		out.refused += ", and that does not end its TLS"
	}
	return out
}

// rawLine is what to write for a router of TCP or UDP.
func (r route) rawLine(port int) string {
	settings := "kind: " + r.raw
	if r.listen > 0 && r.listen != port {
		settings += fmt.Sprintf(", listen: %d", r.listen)
	}
	if port == 0 {
		return fmt.Sprintf("x-fargate: {discovery: {ports: [PORT]}, ingress: {\"PORT\": {%s}}}", settings)
	}
	return ingressLine(port, settings)
}
