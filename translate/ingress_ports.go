package translate

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// publication is an item of ports.
type publication struct {
	types.ServicePortConfig
	path diag.Path
}

// publisher is the phase that decides which container ports load balancers lead
// to, and of which kind these are. It comes after the ports.
type publisher struct {
	*base
	ports  openPorts
	routed *routed
	served map[string]serving // by service
}

// findPublished goes through the ports of all tasks.
func findPublished(b *base, ports openPorts) publishedPorts {
	f := publisher{b, ports, &routed{}, map[string]serving{}}
	var out publishedPorts
	for _, k := range b.tasks {
		if b.isRun(k) {
			continue // see sayRuns
		}
		var ofTask publishedPorts
		for _, m := range k.members {
			ofTask = append(ofTask, f.publishedOf(k, m)...)
		}
		out = append(out, f.atMost(ofTask)...)
	}
	f.sayRouted()
	f.sayFileRoutes()
	return out
}

// maxTargetGroups is ECS's limit per service (ECS developer guide, "Register
// multiple target groups with a service").
const maxTargetGroups = 5

// atMost refuses what is beyond the limit, which gets no load balancer.
func (f publisher) atMost(ofTask publishedPorts) publishedPorts {
	if len(ofTask) <= maxTargetGroups {
		return ofTask
	}
	var ports []string
	for _, e := range ofTask {
		ports = append(ports, portWithProtocol(e.port, e.kind))
	}
	f.errorf(ofTask[maxTargetGroups].path, "publish fewer: bind some to 127.0.0.1, give them x-fargate.ingress.PORT.kind: none, or split the service",
		"%d published container ports, but load balancers can forward to only %d per ECS service: %s",
		len(ofTask), maxTargetGroups, listed(ports))
	return ofTask[:maxTargetGroups]
}

func (f publisher) publishedOf(k *task, m container) publishedPorts {
	f.refuseUnopened(m)
	candidates := f.candidates(k, m)
	f.decide(candidates)
	var out publishedPorts
	for _, c := range candidates {
		if c.kind != "" && f.complete(c) {
			f.warnServed(c)
			f.sayMoved(c)
			out = append(out, c.publishedPort)
		}
	}
	return out
}

// candidate is a container port that shall be reached, while it is decided how.
type candidate struct {
	*publishedPort
	opened    openPort
	published []int         // sorted
	items     []publication // of it that are published to clients
	guessed   bool          // its kind, which the files leave open
	frozen    bool          // its kind is what is live
	passed    bool          // with the TLS of its site
}

// candidates are the ports of a container that clients shall reach.
func (f publisher) candidates(k *task, m container) []*candidate {
	published := f.publications(m)
	described := f.described(m)
	rules := f.X.Service(m.Name).Ingress
	var out []*candidate
	for _, port := range f.ports.of(m.Name) {
		rule, named := rules[port.port]
		items := port.ofProtocol(published[port.port])
		if named && rule.Kind == kindNone {
			continue
		}
		if !named {
			items = f.reachable(k, m, items)
		}
		d := described[port.port]
		switch {
		case named:
			c := f.candidate(k, m, port, rule, items)
			f.warnUnheard(c)
			if c.app == "" && f.labelledTLS(m, port) {
				c.app = "https"
			}
			out = append(out, c)
		case len(items) > 0:
			if !f.keepPrivate(m, port.port, items) && f.isHeard(m, port, items) {
				f.sayOpen(m, port.port, items[0].path)
				f.sayHosts(d, items)
				out = append(out, f.candidate(k, m, port, rule, items))
			}
		case d != nil && port.protocol == "tcp":
			out = append(out, f.standIn(k, m, port, d))
		}
	}
	return out
}

func (f publisher) candidate(k *task, m container, port openPort, rule xfargate.Ingress, items []publication) *candidate {
	_, named := f.X.Service(m.Name).Ingress[port.port]
	e := &publishedPort{task: k, member: m, port: port.port, rule: rule, named: named, path: m.at(xfargate.Key, "ingress", strconv.Itoa(port.port))}
	if len(items) > 0 {
		e.path = items[0].path
	}
	e.app = appOf(items)
	published := f.publishedPorts(items)
	if rule.Listen > 0 {
		published = []int{rule.Listen}
	}
	return &candidate{publishedPort: e, opened: port, published: published, items: items}
}

// sayOpen warns of a port of an image that hardly is for everyone.
func (f publisher) sayOpen(m container, port int, path diag.Path) {
	if known := f.knownPortOf(m, port); known.Open != "" {
		f.warnOpen(m, port, path, known.What+" "+known.Open)
	}
}

// publications are the items of ports by container port.
func (f publisher) publications(m container) map[int][]publication {
	out := map[int][]publication{}
	for i, p := range m.Ports {
		out[int(p.Target)] = append(out[int(p.Target)], publication{p, m.at("ports", strconv.Itoa(i))})
	}
	return out
}

// refuseUnopened looks for rules of ports that the service does not open.
func (f publisher) refuseUnopened(m container) {
	rules := f.X.Service(m.Name).Ingress
	for _, port := range slices.Sorted(maps.Keys(rules)) {
		opens := func(p openPort) bool { return p.port == port }
		if rules[port].Kind != kindNone && !slices.ContainsFunc(f.ports.of(m.Name), opens) {
			f.errorf(m.at(xfargate.Key, "ingress", strconv.Itoa(port)), "use the container port, and list it under ports or expose",
				"%q does not open port %d", m.Name, port)
		}
	}
}

// reachable leaves out ports that are not published to everyone, and reports
// them if docker compose would let some clients in.
func (f publisher) reachable(k *task, m container, items []publication) []publication {
	var out []publication
	for _, p := range items {
		switch {
		case loopback(p.HostIP):
		case isPrivateAddress(p.HostIP) && f.isLive(m, int(p.Target)):
			f.warnOpen(m, int(p.Target), append(p.path, "host_ip"), p.HostIP+" is an address in a local network")
			out = append(out, p)
		case isPrivateAddress(p.HostIP):
			f.warnf(append(p.path, "host_ip"), "set who may connect: x-fargate: {ingress: {"+strconv.Quote(strconv.Itoa(int(p.Target)))+": {scheme: internal}}}, or {allow: [CIDR]} instead",
				"%s is an address in a local network, so port %d gets no load balancer", p.HostIP, p.Target)
		case p.Published == "":
			f.notef(p.path, "publish it on a fixed port, as "+strconv.Quote(strconv.Itoa(int(p.Target))+":"+strconv.Itoa(int(p.Target)))+", if clients outside the stack need it",
				"port %d stays private: docker compose would publish it on a random port", p.Target)
		case f.allInternal(k):
			f.notef(p.path, "let the service join another network, or write x-fargate: {ingress: {"+strconv.Quote(strconv.Itoa(int(p.Target)))+": {scheme: internal}}}",
				"port %d stays private: docker does not publish ports of a container that is only in internal networks", p.Target)
		default:
			if ip := net.ParseIP(p.HostIP); ip != nil && !ip.IsUnspecified() {
				f.warnf(append(p.path, "host_ip"), "", "port %d is published on the load balancer; the host address %s is ignored", p.Target, p.HostIP)
			}
			out = append(out, p)
		}
	}
	return out
}

// allInternal says whether every network of a task is internal. Docker
// publishes no port then, because the container has no gateway.
func (f publisher) allInternal(k *task) bool {
	return !slices.ContainsFunc(k.networks(), func(network string) bool { return !f.Compose.Networks[network].Internal })
}

// privateBlocks are of no host on the internet, beside those of RFC 1918 and RFC 4193:
// addresses that providers share, as Tailscale gives them (RFC 6598).
var privateBlocks = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10")}

// isPrivateAddress says whether a port is published to a local network.
func isPrivateAddress(host string) bool {
	ip, err := netip.ParseAddr(host)
	ip = ip.Unmap()
	return err == nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast() ||
		slices.ContainsFunc(privateBlocks, func(block netip.Prefix) bool { return block.Contains(ip) }))
}

// keepPrivate says whether a published port is one that is not for everyone, unless
// Docker's x-aws-protocol asks for a load balancer.
func (f publisher) keepPrivate(m container, port int, items []publication) bool {
	known := f.knownPortOf(m, port)
	if what := debugs(m, port); what != "" {
		known.Private, known.What = "debugging", what
	}
	if known.Private == "" && f.staysPrivate(m, port, items) {
		return true
	}
	if known.Private == "" || known.isGuarded(m) || awsProtocol(items) != "" {
		return false
	}
	if f.isLive(m, port) {
		f.warnOpen(m, port, items[0].path, fmt.Sprintf("the port of %s (%s)", known.Private, known.What))
		return false
	}
	f.notef(items[0].path, "if clients outside the stack need it, write "+ingressLine(port, "allow: [CIDR]"),
		"%s stays private, as the port of %s (%s): other services reach it by name", allProtocols(m, port), known.Private, known.What)
	return true
}

// allProtocols is a port as messages name it, of which UDP may be published as well.
func allProtocols(m container, port int) string {
	if publishes(m, port, "tcp") && publishes(m, port, "udp") {
		return fmt.Sprintf("port %d, by TCP and by UDP,", port)
	}
	return fmt.Sprintf("port %d", port)
}

// staysPrivate says whether a port of a live service is private as an earlier release took
// it for another one by its number: no release opens it behind anyone's back.
func (f publisher) staysPrivate(m container, port int, items []publication) bool {
	known, was := wasPrivate(port)
	if !was || !f.staysClosed(m.Name, port) || awsProtocol(items) != "" {
		return false
	}
	f.notef(items[0].path, "to open it, write "+ingressLine(port, "listen: "+strconv.Itoa(port)),
		"port %d stays private, as an earlier release took it for the port of %s (%s)", port, known.Private, known.What)
	return true
}

// warnOpen speaks of a port that everyone may use and hardly should.
func (f publisher) warnOpen(m container, port int, path diag.Path, why string) {
	f.warnOpenAs(ingressLine(port, "allow: [CIDR]"), m, port, path, why)
}

// warnOpenAs has the line that limits who may use the port.
func (f publisher) warnOpenAs(line string, m container, port int, path diag.Path, why string) {
	f.warnf(path, fmt.Sprintf("write %s for those who may connect, or {kind: none} to close it", line),
		"port %d of %q is open to clients outside the stack: %s", port, m.Name, why)
}

// complete says how a port is reached whose kind is known, unless nothing can ask for
// its health.
func (f publisher) complete(c *candidate) bool {
	e := c.publishedPort
	if e.healthPort = f.healthPort(e); !f.checkable(e) {
		return false
	}
	e.listens = c.published
	e.raw = c.guessed && e.kind == kindTCP && !c.passed && f.knownPortOf(c.member, e.port).Kind == ""
	switch {
	case e.kind != kindHTTP && len(c.published) == 0:
		e.listens = []int{e.port}
	case e.kind == kindHTTP && hasTLS(f.base, e.rule):
		listens, redirect := secured(c.published)
		e.listens, e.redirect = listens, redirect || e.redirect
	case e.kind == kindHTTP && len(c.published) == 0:
		e.listens = []int{80}
	}
	return true
}

// secured are the ports of HTTPS listeners in the place of published ones: port
// 80 only redirects to 443.
func secured(published []int) (listens []int, redirect bool) {
	if len(published) == 0 {
		return []int{443}, false
	}
	for _, port := range published {
		if port == 80 {
			port, redirect = 443, true
		}
		listens = append(listens, port)
	}
	slices.Sort(listens)
	return slices.Compact(listens), redirect
}

// publishedPorts are sorted. Of a range docker takes any, we the first.
func (f publisher) publishedPorts(items []publication) []int {
	var out []int
	for _, p := range items {
		first, _, isRange := strings.Cut(p.Published, "-")
		n, err := strconv.Atoi(first)
		if err != nil || n < 1 || n > 65535 {
			continue // not published, or refused by compose-go
		}
		if isRange {
			f.notef(append(p.path, "published"), "", "docker compose would choose any port of %s: here it is %d", p.Published, n)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// healthPort is the port that is asked. That of UDP is one of TCP, since ELB has no
// health check over UDP; 0 where the task opens none.
func (f publisher) healthPort(e *publishedPort) int {
	if e.rule.Health.Port > 0 {
		return e.rule.Health.Port
	}
	if e.kind != kindUDP {
		return e.port
	}
	if check, ok := httpCheckOf(e.member); ok {
		return check.port
	}
	for _, m := range append([]container{e.member}, e.task.members...) {
		for _, p := range f.ports.of(m.Name) {
			if p.protocol == "tcp" || p.both {
				return p.port
			}
		}
	}
	return 0
}

// checkable says whether there is a port for the load balancer's health check.
// Without one the port gets no load balancer, which is an error only if
// x-fargate asks for one.
func (f publisher) checkable(e *publishedPort) bool {
	if e.healthPort > 0 {
		return true
	}
	say := f.warnf
	if e.named {
		say = f.errorf
	}
	say(e.path, "open a TCP port with expose, name one as x-fargate.ingress."+strconv.Itoa(e.port)+".health.port, or write kind: none",
		"port %d/udp gets no load balancer: its health check needs a TCP port, and %q opens none", e.port, e.member.Name)
	return false
}
