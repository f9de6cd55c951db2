package translate

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
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
	path diag.Path
}

// publisher is the phase that decides which container ports load balancers lead
// to, and of which kind these are. It comes after the ports.
type publisher struct {
	*base
	ports openPorts
}

// findPublished goes through the ports of all tasks.
func findPublished(b *base, ports openPorts) publishedPorts {
	f := publisher{b, ports}
	var out publishedPorts
	for _, k := range b.tasks {
		var ofTask publishedPorts
		for _, m := range k.members {
			ofTask = append(ofTask, f.publishedOf(k, m)...)
		}
		out = append(out, f.atMost(ofTask)...)
	}
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
	rules := f.X.Service(m.Name).Ingress
	published := f.publications(m)
	f.refuseUnopened(m, rules)
	var out publishedPorts
	for _, port := range f.ports.of(m.Name) {
		rule, named := rules[port.port]
		if named && rule.Kind == kindNone {
			continue
		}
		items := published[port.port]
		if !named {
			items = f.reachable(k, m, items)
			if len(items) == 0 || f.keepPrivate(m, port.port, items) {
				continue
			}
		}
		if e := f.publish(k, m, port, rule, items); e != nil {
			out = append(out, e)
		}
	}
	return out
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
func (f publisher) refuseUnopened(m container, rules map[int]xfargate.Ingress) {
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

// isPrivateAddress says whether a port is published to a local network.
func isPrivateAddress(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast())
}

// keepPrivate says whether a published port is that of a database or a broker,
// unless Docker's x-aws-protocol asks for a load balancer.
func (f publisher) keepPrivate(m container, port int, items []publication) bool {
	if awsProtocol(items) != "" {
		return false
	}
	what, known := privatePorts[port]
	if image := imageName(m.Image); !known && slices.Contains(privateImages, image) {
		what, known = image, true
	}
	if known {
		f.notef(items[0].path, "if clients outside the stack need it, write x-fargate: {ingress: {"+strconv.Quote(strconv.Itoa(port))+": {allow: [CIDR]}}}",
			"port %d stays private, as the port of a database or broker (%s): other services reach it by name", port, what)
	}
	return known
}

// publish decides how a container port is reached; nil where that was refused.
func (f publisher) publish(k *task, m container, port openPort, rule xfargate.Ingress, items []publication) *publishedPort {
	_, named := f.X.Service(m.Name).Ingress[port.port]
	e := &publishedPort{task: k, member: m, port: port.port, rule: rule, named: named, path: m.at(xfargate.Key, "ingress", strconv.Itoa(port.port))}
	if len(items) > 0 {
		e.path = items[0].path
	}
	published := f.publishedPorts(items)
	if rule.Listen > 0 {
		published = []int{rule.Listen}
	}
	e.app = appOf(items)
	e.kind = f.kindOf(e, port, published, items)
	if e.kind == "" {
		return nil
	}
	if e.healthPort = f.healthPort(e); !f.checkable(e) {
		return nil
	}
	e.listens = published
	switch {
	case e.kind != kindHTTP && len(published) == 0:
		e.listens = []int{e.port}
	case e.kind == kindHTTP && hasTLS(f.base, rule):
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
			if p.protocol == "tcp" {
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
