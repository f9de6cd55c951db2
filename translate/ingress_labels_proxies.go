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

// caddyKey is a label of caddy-docker-proxy: caddy, caddy_1, and below them directives,
// as caddy.reverse_proxy and caddy_1.1_encode.
var caddyKey = regexp.MustCompile(`^(caddy(?:_[0-9]+)?)(?:\.(?:[0-9]+_)?(.+))?$`)

// upstreams is the address of the container: {{upstreams}}, {{upstreams https 8443}}.
var upstreams = regexp.MustCompile(`^(?:(\S+)\s+)?\{\{\s*upstreams\s*(https?)?\s*([0-9]*)\s*\}\}$`)

// harmlessDirectives change nothing about who gets in, and where to.
var harmlessDirectives = []string{"encode", "header", "log", "tls", "request_header"}

// caddyRoutes reads labels of caddy-docker-proxy.
func caddyRoutes(_ types.ServiceConfig, labels []label, _ middlewares) []route {
	sites := map[string]*route{}
	var order []string
	for _, l := range labels { // sorted: a site comes before its directives
		m := caddyKey.FindStringSubmatch(l.name)
		switch {
		case m == nil:
		case m[2] == "":
			order = append(order, m[1])
			sites[m[1]] = caddySite(l)
		case sites[m[1]] != nil:
			sites[m[1]].directive(m[2], l.value)
		}
	}
	var out []route
	for _, name := range order {
		r := sites[name]
		if r.ways == nil && r.refused == "" {
			continue // options of the whole of Caddy, or a snippet
		}
		out = append(out, *r)
	}
	return out
}

// caddySite is a site by its addresses: a.example.org, http://b.example.org.
func caddySite(l label) *route {
	out := &route{path: l.path}
	var w way
	for _, address := range strings.FieldsFunc(l.value, func(c rune) bool { return c == ' ' || c == ',' }) {
		host, plain := strings.CutPrefix(address, "http://")
		host, _, _ = strings.Cut(strings.TrimPrefix(host, "https://"), ":")
		out.tls = out.tls || !plain && host != ""
		if host == "" { // :80
			continue
		}
		if err := w.addHost(host); err != nil {
			out.refused = err.Error()
		}
	}
	if l.value != "" && !strings.HasPrefix(l.value, "(") {
		out.ways = []way{w}
	}
	return out
}

func (r *route) directive(name, value string) {
	m := upstreams.FindStringSubmatch(strings.TrimSpace(value))
	block, inner, _ := strings.Cut(name, ".")
	switch {
	case slices.Contains(pathBlocks, block) && inner == "" && len(r.ways) == 1 && r.ways[0].paths == nil && r.port == 0 && strings.HasPrefix(value, "/"):
		r.block(block, value)
	case slices.Contains(pathBlocks, block) && inner != "" && r.inBlock:
		r.inside(orderPrefix.ReplaceAllString(inner, ""), value)
	case slices.Contains(passwords, block) && inner == "" && strings.HasPrefix(value, "/") && len(r.ways) == 1 && !r.inBlock:
		r.guardPath(value)
	case slices.Contains(passwords, block) && r.authPaths != nil && !r.inBlock:
	case name == "redir":
		r.moves, r.differs = true, "a load balancer does not redirect clients as the directive redir does"
	case name == "reverse_proxy" && m != nil && r.inBlock:
		r.refused = cmp.Or(r.refused, "a load balancer has one set of hosts and one of paths for a port")
	case name == "reverse_proxy" && m != nil:
		r.upstream(m)
		if path := m[1]; path != "" && len(r.ways) == 1 {
			if err := r.ways[0].addPath(path, false); err != nil {
				r.refused = err.Error()
			}
		}
	case strings.HasPrefix(name, "reverse_proxy.") || slices.Contains(harmlessDirectives, strings.Split(name, ".")[0]):
	default:
		if m != nil {
			r.upstream(m)
		}
		r.clients = "CIDR"
		r.refused = cmp.Or(r.refused, fmt.Sprintf("a load balancer has nothing like the directive %q, which may keep clients out or change paths", name))
	}
}

// passwords are directives that ask for one: caddy.basic_auth: /admin/*, and below that
// caddy.basic_auth.NAME; of no path, everywhere.
var passwords = []string{"basic_auth", "basicauth"}

func (r *route) guardPath(path string) {
	w := way{paths: r.authPaths}
	if err := w.addPath(path, false); err != nil {
		r.refused = err.Error()
	}
	r.authPaths = w.paths
}

// pathBlocks have directives for paths: caddy.handle_path: /api/*, and below that
// caddy.handle_path.0_reverse_proxy.
var (
	pathBlocks  = []string{"handle", "handle_path", "route"}
	orderPrefix = regexp.MustCompile(`^[0-9]+_`)
)

func (r *route) block(name, path string) {
	r.inBlock = true
	if err := r.ways[0].addPath(path, false); err != nil {
		r.refused = err.Error()
	}
	if name == "handle_path" {
		r.differs = "a load balancer passes paths on as they are, without the directive handle_path"
	}
}

// inside takes up a directive in a block.
func (r *route) inside(name, value string) {
	if m := upstreams.FindStringSubmatch(strings.TrimSpace(value)); name == "reverse_proxy" && m != nil && r.port == 0 {
		r.upstream(m)
		return
	}
	r.directive(name, value)
}

// upstream is the port of {{upstreams}}: that of its scheme where it has none.
func (r *route) upstream(m []string) {
	r.https = m[2] == "https"
	r.port, _ = strconv.Atoi(m[3])
	switch {
	case r.port == 0 && r.https:
		r.port = 443
	case r.port == 0:
		r.port = 80
	}
}

// nginxRoutes reads the variables of nginx-proxy.
func nginxRoutes(s types.ServiceConfig, _ []label, _ middlewares) []route {
	variable := func(name string) string {
		if value := s.Environment[name]; value != nil {
			return strings.TrimSpace(*value)
		}
		return ""
	}
	hosts := variable("VIRTUAL_HOST")
	if hosts == "" {
		return nil
	}
	out := route{path: at(s.Name, "environment", "VIRTUAL_HOST"), tls: variable("LETSENCRYPT_HOST") != "" || variable("ACME_HOST") != ""}
	out.port, _ = strconv.Atoi(variable("VIRTUAL_PORT"))
	out.usual = 80 // "Multiple Ports" of nginx-proxy's documentation
	var w way
	for _, host := range strings.Split(hosts, ",") {
		if err := w.addHost(host); err != nil {
			out.refused = err.Error()
		}
	}
	if err := w.addPath(variable("VIRTUAL_PATH"), true); err != nil {
		out.refused = err.Error()
	}
	switch proto := variable("VIRTUAL_PROTO"); proto {
	case "", "http", "https":
		out.https = proto == "https"
	default:
		out.refused = "a load balancer does not speak " + proto
	}
	if variable("VIRTUAL_DEST") != "" {
		out.differs = "a load balancer passes paths on as they are, without VIRTUAL_DEST"
	}
	if variable("NETWORK_ACCESS") == "internal" {
		out.refused, out.clients = "NETWORK_ACCESS keeps clients out", "CIDR"
	}
	out.ways = []way{w}
	return []route{out}
}
