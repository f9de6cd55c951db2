package translate

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// middlewares are the types of Traefik's, by name, with their value where it matters:
// basicauth, headers, "chain one,two".
type middlewares map[string]string

// middlewares are those of all services: the one of a router is often at the router.
func (p *Project) middlewares() middlewares {
	out := middlewares{}
	for _, all := range []types.Services{p.Compose.Services, p.Compose.DisabledServices} {
		for _, s := range all {
			for _, l := range labelsOf(s) {
				rest, ok := strings.CutPrefix(l.name, "traefik.http.middlewares.")
				parts := strings.Split(rest, ".")
				switch {
				case !ok || len(parts) < 2 || out[parts[0]] == ipStrategy:
				case len(parts) > 2 && parts[2] == ipStrategy:
					out[parts[0]] = ipStrategy // it does not look at who connects
				case parts[1] == "chain" || parts[len(parts)-1] == "sourcerange":
					out[parts[0]] = parts[1] + " " + l.value
				default:
					out[parts[0]] = parts[1]
				}
			}
		}
	}
	return out
}

// ipStrategy is what an allow list has that reads addresses from headers.
const ipStrategy = "ipstrategy"

// What middlewares do, after "HTTP middlewares" of Traefik's documentation. The others
// keep somebody out, or may do so.
var (
	harmlessMiddlewares = strings.Fields(`buffering circuitbreaker compress contenttype errors grpcweb headers inflightreq
		passtlsclientcert ratelimit redirectscheme retry`)
	allowLists      = strings.Fields("ipallowlist ipwhitelist")
	pathMiddlewares = strings.Fields("addprefix replacepath replacepathregex stripprefix stripprefixregex")
)

// judge adds to a route what a load balancer lacks of the middlewares that its router
// names.
func (known middlewares) judge(out *route, names string, depth int) {
	for _, name := range strings.Split(names, ",") {
		name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), "@")
		kind, value, _ := strings.Cut(known[name], " ")
		switch {
		case name == "" || slices.Contains(harmlessMiddlewares, kind):
		case kind == "chain" && depth < 5:
			known.judge(out, value, depth+1)
		case kind == "redirectregex":
			out.moves, out.differs = true, cmp.Or(out.differs, fmt.Sprintf("a load balancer does not redirect clients as the middleware %q (%s) does", name, kind))
		case slices.Contains(pathMiddlewares, kind):
			out.differs = cmp.Or(out.differs, fmt.Sprintf("a load balancer passes paths on as they are, without the middleware %q (%s)", name, kind))
		case kind == "":
			out.guards = append(out.guards, guard{what: fmt.Sprintf("middleware %q", name)})
			out.clients = cmp.Or(out.clients, "CIDR")
			out.refused = cmp.Or(out.refused, fmt.Sprintf("the middleware %q, which may keep clients out, is not described here", name))
		default:
			out.guards = append(out.guards, guard{fmt.Sprintf("middleware %q (%s)", name, kind), allowedBlocks(kind, value)})
			out.clients = cmp.Or(out.clients, strings.Join(splitList(value), ", "), "CIDR")
			out.refused = cmp.Or(out.refused, fmt.Sprintf("a load balancer has nothing like the middleware %q (%s), which may keep clients out", name, kind))
		}
	}
}

// splitList are the parts of a list with commas.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}

// traefikRouter is one of its routers, or a frontend of its first version.
type traefikRouter struct {
	first, rule, service, middlewares label
	tls                               bool
	entrypoint                        string // of TCP or UDP
	auth                              bool   // of a frontend
}

// traefikLabels are the labels of a service for Traefik.
type traefikLabels struct {
	routers  map[string]*traefikRouter
	ports    map[string]int // by the name of a service of Traefik's
	https    map[string]bool
	enabled  *label
	raw      map[string]*traefikRouter // of TCP and UDP, by tcp.NAME
	rawPorts map[string]int
}

// traefikRoutes reads labels of Traefik: routers of versions 2 and 3, and frontends of
// version 1.
func traefikRoutes(_ types.ServiceConfig, labels []label, known middlewares) []route {
	t := traefikLabels{routers: map[string]*traefikRouter{}, ports: map[string]int{}, https: map[string]bool{}, raw: map[string]*traefikRouter{}, rawPorts: map[string]int{}}
	for _, l := range labels {
		parts := strings.Split(l.name, ".")
		switch {
		case parts[0] != "traefik" || len(parts) < 2:
		case l.name == "traefik.enable":
			t.enabled = &l
		case parts[1] == "tcp" || parts[1] == "udp":
			if len(parts) > 4 {
				t.readRaw(parts[1], parts[2], parts[3], strings.Join(parts[4:], "."), l)
			}
		case parts[1] == "http" && len(parts) > 4:
			t.read(parts[2], parts[3], strings.Join(parts[4:], "."), l)
		default:
			t.readFirst(parts[1:], l)
		}
	}
	if t.enabled != nil && !strings.EqualFold(t.enabled.value, "true") {
		return nil
	}
	var out []route
	for _, name := range sortedKeys(t.routers) {
		if r := t.routers[name]; !strings.HasSuffix(r.service.value, "@internal") {
			out = append(out, t.route(name, r, known))
		}
	}
	for _, name := range sortedKeys(t.raw) {
		out = append(out, t.rawRoute(name, t.raw[name]))
	}
	if out == nil && t.enabled != nil && len(t.routers) == 0 {
		out = []route{{path: t.enabled.path, port: t.portOf(""), refused: "its labels have no rule"}}
	}
	return out
}

func (t *traefikLabels) router(name string, l label) *traefikRouter {
	if t.routers[name] == nil {
		t.routers[name] = &traefikRouter{first: l}
	}
	return t.routers[name]
}

// read takes up traefik.http.WHAT.NAME.FIELD.
func (t *traefikLabels) read(what, name, field string, l label) {
	switch {
	case what == "services" && strings.HasSuffix(field, "server.port"):
		t.ports[name], _ = strconv.Atoi(l.value)
	case what == "services" && strings.HasSuffix(field, "server.scheme"):
		t.https[name] = l.value == "https"
	case what != "routers":
	case field == "rule":
		t.router(name, l).rule = l
	case field == "service":
		t.router(name, l).service = l
	case field == "middlewares":
		t.router(name, l).middlewares = l
	case field == "tls" && l.value != "false", strings.HasPrefix(field, "tls."):
		t.router(name, l).tls = true
	case field == "entrypoints":
		r := t.router(name, l)
		r.tls = r.tls || strings.Contains(strings.ToLower(l.value), "secure") || strings.Contains(strings.ToLower(l.value), "https")
	}
}

// readFirst takes up labels of version 1: traefik.FIELD and traefik.SEGMENT.FIELD.
func (t *traefikLabels) readFirst(parts []string, l label) {
	segment := ""
	if len(parts) > 1 && parts[0] != "frontend" && parts[0] != "backend" {
		segment, parts = parts[0], parts[1:]
	}
	switch field := strings.Join(parts, "."); {
	case field == "frontend.rule":
		t.router(segment, l).rule = l
	case field == "port":
		t.ports[segment], _ = strconv.Atoi(l.value)
	case field == "protocol":
		t.https[segment] = l.value == "https"
	case strings.HasPrefix(field, "frontend.auth."), strings.HasPrefix(field, "frontend.whitelist"):
		t.router(segment, l).auth = true
	}
}

// portOf is the port of a service of Traefik's: that of its name, or the only one.
func (t *traefikLabels) portOf(name string) int {
	name, _, _ = strings.Cut(strings.ToLower(name), "@")
	if port := cmp.Or(t.ports[name], t.ports[""]); port > 0 || len(t.ports) != 1 {
		return port
	}
	return sortedValues(t.ports)[0]
}

func (t *traefikLabels) route(name string, r *traefikRouter, known middlewares) route {
	service := cmp.Or(r.service.value, name)
	out := route{path: r.first.path, port: t.portOf(service), tls: r.tls, https: t.https[service]}
	if r.rule.path != nil {
		out.path = r.rule.path
	}
	known.judge(&out, r.middlewares.value, 0)
	if r.auth {
		out.refused, out.clients = "a load balancer asks for no password", "CIDR"
		out.guards = append(out.guards, guard{what: "password of its frontend"})
	}
	var err error
	switch text := r.rule.value; {
	case text == "":
		err = fmt.Errorf("its labels have no rule")
	case strings.HasSuffix(r.rule.name, "frontend.rule"):
		out.ways, out.differs, err = frontendRule(text)
	default:
		out.ways, err = traefikRule(text)
	}
	if err != nil {
		out.refused = cmp.Or(out.refused, err.Error())
	}
	return out
}

// frontendRule reads a rule of Traefik 1: Host:a,b;PathPrefix:/x, all of which match.
func frontendRule(text string) (ways []way, differs string, err error) {
	ways = []way{{}}
	for _, part := range strings.Split(text, ";") {
		name, values, _ := strings.Cut(strings.TrimSpace(part), ":")
		plain := strings.TrimSuffix(name, "Strip")
		if plain != name {
			differs = fmt.Sprintf("a load balancer passes paths on as they are, without %s", name)
		}
		more, err := matched(plain, strings.Split(values, ","))
		if err != nil {
			return nil, "", err
		}
		if ways, err = crossed(ways, more); err != nil {
			return nil, "", err
		}
	}
	return ways, differs, nil
}

// allowedBlocks are those that a middleware of Traefik lets in; nil of one that asks for
// something else.
func allowedBlocks(kind, value string) []string {
	var out []string
	if !slices.Contains(allowLists, kind) {
		return nil
	}
	for _, text := range splitList(value) {
		block, err := netip.ParsePrefix(text)
		if address, failed := netip.ParseAddr(text); failed == nil {
			block, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil
		}
		out = append(out, block.Masked().String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}
