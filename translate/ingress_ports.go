package translate

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// httpPorts are taken for HTTP, as container port or published.
var httpPorts = []int{80, 443, 3000, 4200, 5000, 5173, 8000, 8080, 8081, 8888, 9000}

// privatePorts are the container ports of databases and brokers, after the
// service names of IANA and the documentation of each. Compose files publish them
// for a developer's client; in the account only their peers need them.
var privatePorts = map[int]string{
	1433: "SQL Server", 1521: "Oracle Database", 2181: "ZooKeeper", 2379: "etcd", 3306: "MySQL", 4222: "NATS", 5432: "PostgreSQL",
	5671: "AMQP", 5672: "AMQP", 5984: "CouchDB", 6379: "Redis", 6650: "Pulsar", 7687: "Neo4j", 8086: "InfluxDB", 8529: "ArangoDB",
	9042: "Cassandra", 9092: "Kafka", 9200: "Elasticsearch", 9300: "Elasticsearch", 11211: "memcached", 15672: "RabbitMQ's management",
	19530: "Milvus", 26257: "CockroachDB", 27017: "MongoDB", 28015: "RethinkDB", 33060: "MySQL", 50000: "Db2", 61616: "ActiveMQ",
}

// privateImages are databases and brokers by the last part of the name of their
// image: all their ports are private.
var privateImages = []string{
	"activemq", "arangodb", "cassandra", "clickhouse", "clickhouse-server", "cockroach", "couchdb", "cp-kafka", "cp-zookeeper", "dragonfly",
	"elasticsearch", "etcd", "influxdb", "kafka", "keydb", "mariadb", "memcached", "mongo", "mongodb", "mssql-server", "mysql",
	"mysql-server", "nats", "neo4j", "opensearch", "oracle-free", "oracle-xe", "percona", "percona-server", "pgvector", "postgis",
	"postgres", "postgresql", "rabbitmq", "redis", "redis-stack-server", "redpanda", "scylla", "timescaledb", "timescaledb-ha",
	"valkey", "zookeeper",
}

// publication is an item of ports.
type publication struct {
	types.ServicePortConfig
	path []string
}

// exposed are the container ports that load balancers lead to, by service and
// port.
func (t *translation) exposed() []*exposure {
	var out []*exposure
	for _, k := range t.tasks {
		for _, m := range k.members {
			out = append(out, t.exposedOf(k, m)...)
		}
	}
	return out
}

func (t *translation) exposedOf(k *task, m *types.ServiceConfig) []*exposure {
	rules := t.X.Service(m.Name).Ingress
	published := t.publications(m)
	t.refuseUnopened(m, rules)
	var out []*exposure
	for _, port := range t.ports.of(m.Name) {
		rule, named := rules[port.port]
		if named && rule.Kind == kindNone {
			continue
		}
		items := published[port.port]
		if !named {
			items = t.reachable(k, m, items)
			if len(items) == 0 || t.keepPrivate(m, port.port, items) {
				continue
			}
		}
		if e := t.expose(k, m, port, rule, items); e != nil {
			out = append(out, e)
		}
	}
	return out
}

// publications are the items of ports by container port.
func (t *translation) publications(m *types.ServiceConfig) map[int][]publication {
	out := map[int][]publication{}
	for i, p := range m.Ports {
		out[int(p.Target)] = append(out[int(p.Target)], publication{p, at(m.Name, "ports", strconv.Itoa(i))})
	}
	return out
}

// refuseUnopened looks for rules of ports that the service does not open.
func (t *translation) refuseUnopened(m *types.ServiceConfig, rules map[int]Ingress) {
	for _, port := range sortedPorts(rules) {
		opens := func(p openPort) bool { return p.port == port }
		if rules[port].Kind != kindNone && !slices.ContainsFunc(t.ports.of(m.Name), opens) {
			t.errorf(at(m.Name, xKey, "ingress", strconv.Itoa(port)), "write the port of the container, and list it under ports or expose",
				"%q opens no port %d", m.Name, port)
		}
	}
}

// reachable leaves out what is not published to everyone, and says so where
// docker compose would let in somebody.
func (t *translation) reachable(k *task, m *types.ServiceConfig, items []publication) []publication {
	var out []publication
	for _, p := range items {
		switch {
		case loopback(p.HostIP):
		case isPrivateAddress(p.HostIP):
			t.warnf(append(p.path, "host_ip"), "say who may connect: x-fargate: {ingress: {"+strconv.Quote(strconv.Itoa(int(p.Target)))+": {scheme: internal}}}, or {allow: [CIDR]} in its place",
				"%s is an address of a local network: no load balancer leads to port %d", p.HostIP, p.Target)
		case p.Published == "":
			t.notef(p.path, "publish it at a port of its own, as "+strconv.Quote(strconv.Itoa(int(p.Target))+":"+strconv.Itoa(int(p.Target)))+", if others need it",
				"no load balancer leads to port %d: docker compose would publish it at a random port", p.Target)
		case t.allInternal(k):
			t.notef(p.path, "let the service join another network, or write x-fargate: {ingress: {"+strconv.Quote(strconv.Itoa(int(p.Target)))+": {scheme: internal}}}",
				"no load balancer leads to port %d: docker publishes no port of a container that is in internal networks only", p.Target)
		default:
			if ip := net.ParseIP(p.HostIP); ip != nil && !ip.IsUnspecified() {
				t.warnf(append(p.path, "host_ip"), "", "port %d is published at the addresses of a load balancer, not at %s", p.Target, p.HostIP)
			}
			out = append(out, p)
		}
	}
	return out
}

// allInternal says whether every network of a task is internal. Docker maps no
// port then: the container has no gateway through which it would.
func (t *translation) allInternal(k *task) bool {
	for _, network := range k.networks() {
		if !t.Compose.Networks[network].Internal {
			return false
		}
	}
	return true
}

// isPrivateAddress says whether a port is published to a local network.
func isPrivateAddress(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast())
}

// keepPrivate says whether a published port is that of a database or a broker,
// unless Docker's x-aws-protocol asks for a load balancer.
func (t *translation) keepPrivate(m *types.ServiceConfig, port int, items []publication) bool {
	if awsProtocol(items) != "" {
		return false
	}
	what, known := privatePorts[port]
	if image := imageName(m.Image); !known && slices.Contains(privateImages, image) {
		what, known = image, true
	}
	if known {
		t.notef(items[0].path, "if clients outside the stack need it, write x-fargate: {ingress: {"+strconv.Quote(strconv.Itoa(port))+": {allow: [CIDR]}}}",
			"no load balancer leads to port %d, which is that of a database or broker (%s): services reach it by name", port, what)
	}
	return known
}

// imageName is the last part of the name of an image, without tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndexByte(image, '/')+1:]
	image, _, _ = strings.Cut(image, ":")
	return image
}

// expose decides how a container port is reached; nil where that was refused.
func (t *translation) expose(k *task, m *types.ServiceConfig, port openPort, rule Ingress, items []publication) *exposure {
	_, named := t.X.Service(m.Name).Ingress[port.port]
	e := &exposure{task: k, member: m, port: port.port, rule: rule, named: named, path: at(m.Name, xKey, "ingress", strconv.Itoa(port.port))}
	if len(items) > 0 {
		e.path = items[0].path
	}
	published := t.publishedPorts(items)
	if rule.Listen > 0 {
		published = []int{rule.Listen}
	}
	e.app = appOf(items)
	e.kind = t.kindOf(e, port, published, items)
	if e.kind == "" {
		return nil
	}
	if !t.checkable(e) {
		return nil
	}
	e.listens = published
	switch {
	case e.kind != kindHTTP && len(published) == 0:
		e.listens = []int{e.port}
	case e.kind == kindHTTP && t.hasTLS(rule):
		e.listens, e.redirect = secured(published)
	case e.kind == kindHTTP && len(published) == 0:
		e.listens = []int{80}
	}
	return e
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
func (t *translation) publishedPorts(items []publication) []int {
	var out []int
	for _, p := range items {
		first, _, isRange := strings.Cut(p.Published, "-")
		n, err := strconv.Atoi(first)
		if err != nil || n < 1 || n > 65535 {
			continue // not published, or refused by compose-go
		}
		if isRange {
			t.notef(append(p.path, "published"), "", "docker compose would take any port of %s: it is %d here", p.Published, n)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

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
func (t *translation) kindOf(e *exposure, port openPort, published []int, items []publication) string {
	kind := e.rule.Kind
	switch {
	case kind == "" && port.protocol == "udp":
		return kindUDP
	case kind == "":
		return t.guessKind(e, published, items)
	case (kind == kindUDP) != (port.protocol == "udp"):
		t.errorf(at(e.member.Name, xKey, "ingress", strconv.Itoa(e.port), "kind"), "write the protocol under ports, as "+strconv.Quote(strconv.Itoa(e.port)+":"+strconv.Itoa(e.port)+"/udp"),
			"port %d is %s, not %s", e.port, port.protocol, kind)
		return ""
	case kind == kindHTTP && e.needsTLS() && !t.hasTLS(e.rule) && !t.knowsTLS(published...):
		t.errorf(e.path, "write x-fargate.domain or x-fargate.certificate, or kind: tcp",
			"an application load balancer carries %s only to clients that use TLS, and there is no certificate", e.app)
		return ""
	default:
		return kind
	}
}

// needsTLS says whether the load balancer must speak TLS: target groups of HTTP/2
// and gRPC take HTTPS listeners only (Elastic Load Balancing user guide, "Target
// groups for your Application Load Balancers", protocol version).
func (e *exposure) needsTLS() bool { return e.app == "http2" || e.app == "grpc" }

// guessKind tells HTTP from other TCP.
func (t *translation) guessKind(e *exposure, published []int, items []publication) string {
	isHTTP := slices.Contains(httpPorts, e.port) || slices.ContainsFunc(published, func(p int) bool { return slices.Contains(httpPorts, p) })
	switch {
	case e.needsTLS() && !t.hasTLS(e.rule) && !t.knowsTLS(published...):
		t.notef(e.path, "write x-fargate.domain or x-fargate.certificate for an application load balancer",
			"a network load balancer passes port %d through: an application load balancer carries %s only to clients that use TLS, and there is no certificate",
			e.port, e.app)
		return kindTCP
	case e.rule.Hosts != nil || e.rule.Paths != nil:
		return kindHTTP
	case t.passesTLS(e, published):
		t.notef(e.path, "write x-fargate.domain or x-fargate.certificate to end TLS at a load balancer",
			"a network load balancer passes port %d through as it is: there is no certificate", published[0])
		return kindTCP
	case e.app != "", slices.Contains([]string{"http", "https"}, awsProtocol(items)), isHTTP, hasAppHTTP(items):
		return kindHTTP
	}
	if check, ok := httpCheckOf(e.member); ok && check.port == e.port {
		return kindHTTP
	}
	return kindTCP
}

// passesTLS says whether there is no certificate for a port at which clients
// expect TLS: the container has its own, or the port is 443 alone.
func (t *translation) passesTLS(e *exposure, published []int) bool {
	if len(published) == 0 || t.hasTLS(e.rule) || t.knowsTLS(published...) {
		return false
	}
	return e.speaksTLS() || len(published) == 1 && published[0] == 443
}

func hasAppHTTP(items []publication) bool {
	return slices.ContainsFunc(items, func(p publication) bool { return strings.EqualFold(p.AppProtocol, "http") })
}

// hasTLS says whether there is, or will be, a certificate for a port.
func (t *translation) hasTLS(rule Ingress) bool {
	return t.X.Certificate != "" || t.X.Domain != "" || rule.Certificate != ""
}

// knowsTLS says whether the load balancer that exists has an HTTPS listener.
func (t *translation) knowsTLS(ports ...int) bool {
	b := t.facts.LoadBalancer
	if b == nil || b.Type != typeApplication {
		return false
	}
	for _, l := range b.Listeners {
		if slices.Contains(ports, l.Port) && l.Protocol == "HTTPS" {
			return true
		}
	}
	return false
}

func sortedPorts(rules map[int]Ingress) []int {
	var out []int
	for port := range rules {
		out = append(out, port)
	}
	slices.Sort(out)
	return out
}

// portText writes 53/udp, and 80 of TCP.
func portWithProtocol(port int, kind string) string {
	text := strconv.Itoa(port)
	if kind == kindUDP {
		text += "/udp"
	}
	return text
}

func joinPort(name string, port int) string { return name + "." + strconv.Itoa(port) }
