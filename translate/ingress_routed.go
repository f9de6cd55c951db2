package translate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// described are the entrances to one container port that labels describe, taken together.
type described struct {
	way
	routes []route
}

// routed is what is said once of all routes.
type routed struct {
	plain, local []string  // hosts without the TLS that their router had, and such that nobody finds
	plainAt      diag.Path // of the first
	localAt      diag.Path
}

// described are the entrances of a container by port. What a load balancer cannot do in
// place of the router is said, unless x-fargate.ingress speaks of the service.
func (f publisher) described(m container) map[int]*described {
	byPort := map[int]*described{}
	for _, r := range f.routesOf(m.Name) {
		port := cmp.Or(r.port, f.firstPort(m.Name))
		if byPort[port] == nil {
			byPort[port] = &described{}
		}
		byPort[port].routes = append(byPort[port].routes, r)
	}
	rules := f.X.Service(m.Name).Ingress
	for port, d := range byPort {
		if _, named := rules[port]; named || !f.expressed(m, port, d) {
			delete(byPort, port)
		}
	}
	return byPort
}

// firstPort is the port that routers choose where nothing names one ("Port Detection" of
// Traefik's Docker provider: the lowest one); 0: none is known.
func (f publisher) firstPort(service string) int {
	least := 0
	for _, p := range f.ports.of(service) {
		if p.protocol == "tcp" && (least == 0 || p.port < least) {
			least = p.port
		}
	}
	return least
}

// expressed says whether one rule of a load balancer does what the routes to a port do.
func (f publisher) expressed(m container, port int, d *described) bool {
	var ways []way
	refused, differs := "", ""
	for _, r := range d.routes {
		ways = append(ways, r.ways...)
		refused, differs = cmp.Or(refused, r.refused), cmp.Or(differs, r.differs)
	}
	var one bool
	d.way, one = merged(ways)
	path := d.routes[0].path
	switch {
	case refused != "":
	case port == 0:
		refused = "no port of it is known"
	case !one:
		refused = "a load balancer has one set of hosts and one of paths for a port"
	case f.staysClosed(m.Name, port):
		refused = "it runs without an entrance now, and only x-fargate.ingress opens one"
	}
	switch {
	case refused == "" && differs == "":
		return true
	case f.X.Service(m.Name).Ingress != nil:
		return refused == ""
	case refused == "":
		f.warnf(path, "let the program serve the whole path, or give it a host of its own: write "+d.line(port, ""), "%s", differs)
		return true
	default:
		f.warnf(path, "write "+d.line(port, d.guard()), "%q gets no load balancer in place of its router, which is not in the stack: %s", m.Name, refused)
		return false
	}
}

// guard is what to write where a router keeps clients out.
func (d *described) guard() string {
	for _, r := range d.routes {
		if r.clients != "" {
			return "allow: [" + r.clients + "]"
		}
	}
	return ""
}

// line is what to write for the entrance.
func (d *described) line(port int, more string) string {
	host := "app.example.org"
	if len(d.hosts) > 0 {
		host = strings.Join(d.hosts, ", ")
	}
	if len(d.hosts) > 1 || strings.HasPrefix(host, "*") {
		host = "[" + quoted(d.hosts) + "]"
	}
	settings := "host: " + host
	if len(d.paths) > 0 {
		settings += ", path: [" + quoted(d.paths) + "]"
	}
	settings += ", listen: 80" // and at 443 where there is a certificate, as at its router
	if more != "" {
		settings += ", " + more
	}
	if port == 0 {
		return fmt.Sprintf("x-fargate: {discovery: {ports: [PORT]}, ingress: {\"PORT\": {%s}}}", settings)
	}
	return ingressLine(port, settings)
}

func quoted(list []string) string {
	var out []string
	for _, text := range list {
		out = append(out, fmt.Sprintf("%q", text))
	}
	return strings.Join(out, ", ")
}

// standIn is a port to which a load balancer leads in place of a router: at port 80, and
// with a certificate at 443.
func (f publisher) standIn(k *task, m container, port openPort, d *described) *candidate {
	rule := xfargate.Ingress{Kind: kindHTTP, Hosts: d.hosts, Paths: d.paths}
	c := f.candidate(k, m, port, rule, nil)
	c.path, c.published = d.routes[0].path, []int{80}
	if slices.ContainsFunc(d.routes, func(r route) bool { return r.https }) {
		c.app = "https"
	}
	line, known := d.line(port.port, "allow: [CIDR]"), knownPortOf(m.Image, port.port)
	if known.Private != "" {
		f.warnOpenAs(line, m, port.port, c.path, fmt.Sprintf("the port of %s (%s)", known.Private, known.What))
	}
	if known.Open != "" {
		f.warnOpenAs(line, m, port.port, c.path, known.What+" "+known.Open)
	}
	tls := slices.ContainsFunc(d.routes, func(r route) bool { return r.tls })
	if tls && !hasTLS(f.base, rule) && !knowsTLS(f.base, 443) {
		f.routed.plain = append(f.routed.plain, cmp.Or(strings.Join(d.hosts, ", "), m.Name))
		f.routed.plainAt = earlier(f.routed.plainAt, c.path)
	}
	for _, host := range d.hosts {
		if isLocalHost(host) {
			f.routed.local = append(f.routed.local, host)
			f.routed.localAt = earlier(f.routed.localAt, c.path)
		}
	}
	return c
}

func earlier(path, later diag.Path) diag.Path {
	if path != nil {
		return path
	}
	return later
}

// noteHosts says that a port which is published to everyone is not bound to hosts.
func (f publisher) noteHosts(d *described, items []publication) {
	if d != nil && d.hosts != nil {
		f.notef(d.routes[0].path, "write "+d.line(int(items[0].Target), ""),
			"port %d is published for every host, and not for %s alone", items[0].Target, listed(d.hosts))
	}
}

// sayRouted says once of all routes what they lack.
func (f publisher) sayRouted() {
	if len(f.routed.plain) > 0 {
		f.warnf(f.routed.plainAt, "write x-fargate: {domain: example.org} with the domain of these hosts, or x-fargate: {certificate: ARN}, at the top of the file",
			"there is no certificate for %s: plain HTTP is served until there is one", listed(f.routed.plain))
	}
	if len(f.routed.local) > 0 {
		f.warnf(f.routed.localAt, "write hosts that clients find by DNS",
			"clients do not find %s in the account: such names lead to their own machine", listed(f.routed.local))
	}
}
