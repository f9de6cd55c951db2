package translate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
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

// entrypoint matches the address of an entry point of Traefik: --entrypoints.ssh.address=:2222.
var entrypoint = regexp.MustCompile(`(?i)^(?:--entrypoints\.|TRAEFIK_ENTRYPOINTS_)(\w[\w-]*?)[._]address=\S*:([0-9]{1,5})(?:/(?:tcp|udp))?$`)

// entrypointPorts are the ports of the host at which a Traefik that is left out let
// clients in, by the names of its entry points in lower case.
func (p *Project) entrypointPorts() map[string]int {
	out := map[string]int{}
	for _, s := range p.Compose.DisabledServices {
		words := slices.Concat(s.Entrypoint, s.Command)
		for name, value := range s.Environment {
			if value != nil {
				words = append(words, name+"="+*value)
			}
		}
		for _, word := range words {
			if m := entrypoint.FindStringSubmatch(word); m != nil {
				out[strings.ToLower(m[1])] = publishedAs(s, portsOf(m[2]))
			}
		}
	}
	return out
}

// publishedAs is the port of the host for a port of a container, as which it counts where
// it is not published.
func publishedAs(s types.ServiceConfig, ports []int) int {
	if len(ports) != 1 {
		return 0
	}
	for _, p := range s.Ports {
		if published := portsOf(p.Published); int(p.Target) == ports[0] && len(published) == 1 {
			return published[0]
		}
	}
	return ports[0]
}
