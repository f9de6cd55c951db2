package translate

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	yaml "go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// routed is what is said once of all routes.
type routed struct {
	plain, local []string  // hosts without the TLS that their router had, and such that nobody finds
	plainAt      diag.Path // of the first
	localAt      diag.Path
}

// addPlain adds hosts, each once; of none the service.
func (r *routed) addPlain(hosts []string, service string) {
	if hosts == nil {
		hosts = []string{service}
	}
	for _, host := range hosts {
		if !slices.Contains(r.plain, host) {
			r.plain = append(r.plain, host)
		}
	}
}

// described are the entrances of a container by port. What a load balancer cannot do in
// place of the router is said, unless x-fargate.ingress speaks of the service.
func (f publisher) described(m container) map[int]*described {
	byPort := map[int]*described{}
	routes := f.routesOf(m.Name)
	for _, r := range routes {
		port := cmp.Or(f.routePort(m, r), onlyPort(r, routes), f.firstPort(m.Name))
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

// onlyPort is, for a route that redirects clients alone, the port of the others.
func onlyPort(r route, routes []route) int {
	i := slices.IndexFunc(routes, func(other route) bool { return r.moves && other.port > 0 })
	if i < 0 {
		return 0
	}
	return routes[i].port
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
	d.keepGuarded()
	refused, differs := d.refusal(), ""
	who := strconv.Quote(m.Name)
	path := d.routes[0].path
	if i := slices.IndexFunc(d.routes, func(r route) bool { return r.refused+r.differs != "" }); i >= 0 {
		path = d.routes[i].path
	}
	for _, r := range d.routes {
		differs = cmp.Or(differs, r.differs)
		if r.raw != "" && port > 0 {
			who = fmt.Sprintf("port %d of %q", port, m.Name)
		}
	}
	d.way, _ = merged(d.ways())
	switch {
	case refused != "":
	case port == 0:
		refused = "no port of it is known"
	case f.staysClosed(m.Name, port):
		refused = "it runs without an entrance now, and only x-fargate.ingress opens one"
	}
	switch {
	case refused == "" && differs == "":
		f.sayGuarded(port, d)
		return true
	case f.X.Service(m.Name).Ingress != nil:
		return refused == ""
	case refused == "":
		f.sayGuarded(port, d)
		f.warnf(path, d.instead(m.Name, port), "%s", differs)
		return true
	default:
		f.warnf(path, "write "+d.line(port, d.guard())+d.unguarded(), "%s gets no load balancer in place of its router, which is not in the stack: %s", who, refused)
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

// instead is what to do where a load balancer does not change requests as the router did.
func (d *described) instead(service string, port int) string {
	moves := slices.ContainsFunc(d.routes, func(r route) bool { return r.moves })
	switch {
	case moves:
		return "let the program redirect them, and write " + d.line(port, "")
	case d.paths == nil || len(d.hosts) != 1:
		return "let the program take whole paths, and write " + d.line(port, "")
	}
	own := described{way: way{hosts: []string{ownHost(service, d.hosts[0])}}}
	return "give it a host of its own: write " + own.line(port, "") + "; or let the program take whole paths, and write " + d.line(port, "")
}

// ownHost is a host for a service beside another one, or below a domain.
func ownHost(service, host string) string {
	name := strings.ToLower(strings.ReplaceAll(service, "_", "-"))
	if first, domain, _ := strings.Cut(host, "."); strings.Contains(domain, ".") && first != name {
		host = domain
	}
	return name + "." + host
}

// unguarded speaks of routes to the same port at which the router kept nobody out.
func (d *described) unguarded() string {
	open := slices.ContainsFunc(d.routes, func(r route) bool { return r.refused == "" })
	if d.guard() == "" || !open {
		return ""
	}
	return "; or without allow, if the program itself keeps clients from what its router did"
}

// line is what to write for the entrance.
func (d *described) line(port int, more string) string {
	if i := slices.IndexFunc(d.routes, func(r route) bool { return r.raw != "" }); i >= 0 {
		return d.routes[i].rawLine(port)
	}
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
	c.path, c.published, c.guarded = d.routes[0].path, []int{80}, d.guarded
	if slices.ContainsFunc(d.routes, func(r route) bool { return r.https }) {
		c.app = "https"
	}
	line := d.line(port.port, "allow: [CIDR]")
	known, _ := firstKnown(knownPorts().Images, m.Image, port.port) // the port alone tells less than a host does
	known.What = cmp.Or(known.What, f.knownPortOf(m, port.port).What)
	if known.Private != "" {
		f.warnOpenAs(line, m, port.port, c.path, fmt.Sprintf("the port of %s (%s)", known.Private, known.What))
	}
	if known.Open != "" {
		f.warnOpenAs(line, m, port.port, c.path, known.What+" "+known.Open)
	}
	tls := slices.ContainsFunc(d.routes, func(r route) bool { return r.tls })
	if tls && !hasTLS(f.base, rule) && !knowsTLS(f.base, 443) {
		f.routed.addPlain(d.hosts, m.Name)
		f.routed.plainAt = f.earliest(f.routed.plainAt, c.path)
	}
	for _, host := range d.hosts {
		if isLocalHost(host) {
			f.routed.local = append(f.routed.local, host)
			f.routed.localAt = f.earliest(f.routed.localAt, c.path)
		}
	}
	return c
}

// sayHosts says that a port which is published to everyone is not bound to hosts, and
// where these do not lead to it.
func (f publisher) sayHosts(d *described, items []publication) {
	if d == nil || d.hosts == nil {
		return
	}
	port, published := int(items[0].Target), f.publishedPorts(items)
	path, help := d.routes[0].path, "write "+d.line(port, "")
	if slices.Contains(published, 80) || slices.Contains(published, 443) {
		f.notef(path, help, "port %d is published for every host, and not for %s alone", port, listed(d.hosts))
		return
	}
	f.warnf(path, help, "the address of %s without a port leads nowhere: its router is not in the stack, and the service is published at port %s, for every host",
		listed(d.hosts), listed(texts(published)))
}

func texts(ports []int) []string {
	var out []string
	for _, port := range ports {
		out = append(out, strconv.Itoa(port))
	}
	return out
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

// labelledTLS says whether a port is open for a router alone, which speaks TLS to it.
func (f publisher) labelledTLS(m container, port openPort) bool {
	return slices.ContainsFunc(f.routesOf(m.Name), func(r route) bool {
		return r.https && r.port == port.port && slices.Equal(r.path, port.path)
	})
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

// fileRouter is a router in a file of Traefik's file provider.
type fileRouter struct {
	Rule    string
	Service string
	name    string
	file    *textFile
}

// fileServers are the servers of a service there.
type fileServers struct {
	LoadBalancer struct {
		Servers []struct{ URL string }
	} `yaml:"loadBalancer"`
}

// sayFileRoutes speaks of the routes that a Traefik which is left out had in files, unlike
// those of labels: no load balancer stands in for them.
func (f publisher) sayFileRoutes() {
	if slices.ContainsFunc(sortedKeys(f.Compose.Services), func(name string) bool { return routers[0].is(f.Compose.Services[name]) }) {
		return
	}
	for _, name := range sortedKeys(f.Compose.DisabledServices) {
		s := f.Compose.DisabledServices[name]
		if !routers[0].is(s) || !f.X.Service(name).Skip {
			continue
		}
		found, servers := fileRoutes(f.routerTexts(container{ServiceConfig: &s}))
		said := map[string]bool{}
		for _, r := range found {
			for _, server := range servers[strings.TrimSuffix(r.Service, "@file")].LoadBalancer.Servers {
				key := r.Rule + " " + server.URL
				if !said[key] {
					f.sayFileRoute(r, server.URL)
				}
				said[key] = true
			}
		}
	}
}

// routerTexts are the texts of the project that a router mounts which is left out.
func (f publisher) routerTexts(m container) []*textFile {
	c := textCollector{textReader: newTextReader(f.Project), container: m, seen: map[string]bool{}}
	for i, v := range m.Volumes {
		if v.Type != types.VolumeTypeBind || !inside(f.Directory, v.Source) {
			continue
		}
		place, target := m.at("volumes", strconv.Itoa(i)), path.Clean(v.Target)
		if !isDirectory(v.Source) {
			c.file(v.Source, &textFile{path: place, name: target})
			continue
		}
		enters := func(dir string) bool { return !isShieldOrHidden(dir) }
		c.walk(textTree{v.Source, place, enters, nil}, func(file, below string) {
			c.member(file, &textFile{path: place, name: path.Join(target, below)})
		})
	}
	return c.out
}

// fileRoutes are the routers and services of HTTP in texts of YAML.
func fileRoutes(texts []*textFile) (found []fileRouter, servers map[string]fileServers) {
	servers = map[string]fileServers{}
	for _, t := range texts {
		var dynamic struct {
			HTTP struct {
				Routers  map[string]fileRouter
				Services map[string]fileServers
			}
		}
		if yaml.Unmarshal([]byte(strings.Join(t.lines, "\n")), &dynamic) != nil {
			continue
		}
		for _, name := range sortedKeys(dynamic.HTTP.Routers) {
			r := dynamic.HTTP.Routers[name]
			r.name, r.file = name, t
			found = append(found, r)
		}
		for name, s := range dynamic.HTTP.Services {
			servers[name] = s
		}
	}
	return found, servers
}

// sayFileRoute speaks of a route to a service to which nothing else leads.
func (f publisher) sayFileRoute(r fileRouter, server string) {
	to, err := url.Parse(server)
	if err != nil {
		return
	}
	service, known := f.Compose.Services[to.Hostname()]
	if !known {
		return
	}
	port, _ := strconv.Atoi(cmp.Or(to.Port(), map[string]string{"https": "443"}[to.Scheme], "80"))
	m := container{ServiceConfig: &service}
	if _, ruled := f.X.Service(m.Name).Ingress[port]; ruled || publishes(m, port, "tcp") || f.routesOf(m.Name) != nil {
		return
	}
	var d described
	if ways, err := traefikRule(r.Rule); err == nil {
		d.way, _ = merged(ways)
	}
	line := d.line(port, "")
	if !slices.ContainsFunc(f.ports.of(m.Name), func(p openPort) bool { return p.port == port && p.protocol == "tcp" }) {
		line = fmt.Sprintf("expose: [%q] and %s", strconv.Itoa(port), line)
	}
	f.warnAt(r.pos(), r.file.path, fmt.Sprintf("in the service %q, write %s", m.Name, line),
		"nothing leads to port %d of %q in place of the router %q, which Traefik read from this file: Traefik is left out, and load balancers do what labels describe", port, m.Name, r.name)
}

// pos is the place of a router in its file.
func (r fileRouter) pos() diag.Pos {
	for n, line := range r.file.lines {
		if key := strings.TrimLeft(line, " \t"); strings.HasPrefix(key, r.name+":") && strings.HasPrefix(line, " ") {
			return r.file.at(n, len(line)-len(key))
		}
	}
	return r.file.at(0, 0)
}
