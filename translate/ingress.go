package translate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// publishedPort is a container port that a load balancer leads to.
type publishedPort struct {
	task     *task
	member   container
	port     int    // of the container
	kind     string // http, tcp or udp
	app      string // https, http2, grpc, or ""
	listens  []int  // ports of the load balancer, sorted
	redirect bool   // from port 80 of the load balancer
	rule     xfargate.Ingress
	named    bool // x-fargate.ingress has a rule for it
	raw      bool // taken for TCP only because nothing is known of it
	guarded  []guardedPart
	apart    bool      // from others at its port of the load balancer, which other clients may use
	path     diag.Path // where the files ask for it

	healthPort int // of the task, where the load balancer asks for its health

	balancer *balancer
	leads    []plan.Address // the listeners or rules that lead to it
}

// name is that of the published port in addresses.
func (e *publishedPort) name() string { return publishedName(e.member.Name, e.port) }

func publishedName(service string, port int) string { return service + "." + strconv.Itoa(port) }

// rulePath is that of keys of the rule that x-fargate.ingress has for it.
func (e *publishedPort) rulePath(keys ...string) diag.Path {
	return at(e.member.Name, xfargate.Key, "ingress", strconv.Itoa(e.port)).Key(keys...)
}

// speaksTLS says whether the container itself does.
func (e *publishedPort) speaksTLS() bool {
	if known := knownPortOf(e.member.Image, e.port).TLS; known != nil && e.app == "" {
		return *known
	}
	return e.app == "https" || isTLSPort(e.port)
}

// protocol is the one below: that of security groups, and of other listeners than
// those of HTTP.
func (e *publishedPort) protocol() string {
	if e.kind == kindUDP {
		return "udp"
	}
	return "tcp"
}

func isTLSPort(port int) bool { return port == 443 || port == 8443 }

// publishedPorts are by service and container port.
type publishedPorts []*publishedPort

// of are the published ports of the members of a task.
func (all publishedPorts) of(k *task) publishedPorts {
	var out publishedPorts
	for _, e := range all {
		if e.task == k {
			out = append(out, e)
		}
	}
	return out
}

// ingress is the phase of the load balancers in front of published ports. It comes
// after the published ports and the groups of networks; ECS services refer to its target
// groups.
type ingress struct {
	*base
	network   *network
	published publishedPorts
	balancers []*balancer // by name
}

func newIngress(b *base, n *network, found publishedPorts) *ingress {
	g := &ingress{base: b, network: n, published: found}
	g.balancers = g.balance(g.published)
	for _, b := range g.balancers {
		g.refuseShared(b)
		g.loadBalancer(b)
		for _, e := range b.ports {
			g.targetGroup(e)
		}
		g.listeners(b)
	}
	g.certificates()
	g.sayUncovered()
	g.records()
	for _, task := range g.tasks {
		g.publishedGroup(task)
		g.sayExposed(task)
	}
	return g
}

// serviceLoadBalancers are the target groups of a task.
func (g *ingress) serviceLoadBalancers(k *task) []spec.ServiceLoadBalancer {
	var out []spec.ServiceLoadBalancer
	for _, e := range g.published.of(k) {
		out = append(out, spec.ServiceLoadBalancer{
			TargetGroupArn: plan.RefTo(targetGroupAddress(e), "arn", ""),
			ContainerName:  ecsName(e.member.Name),
			ContainerPort:  e.port,
		})
	}
	return out
}

// serviceNeeds are the listeners and rules that forward to a service, because
// ECS refuses a target group that no load balancer forwards to, and the security
// groups of load balancers, which let them out to its tasks.
func (g *ingress) serviceNeeds(k *task) []plan.Address {
	var out []plan.Address
	for _, e := range g.published.of(k) {
		out = append(out, e.leads...)
		if !e.balancer.exists {
			out = append(out, balancerGroupAddress(e.balancer))
		}
	}
	slices.SortFunc(out, plan.Address.Compare)
	return slices.Compact(out)
}

// sayExposed tells who may connect to the published ports of a task, and where.
func (g *ingress) sayExposed(k *task) {
	for _, b := range g.balancers {
		mine := slices.DeleteFunc(slices.Clone(b.ports), func(e *publishedPort) bool { return e.task != k }) // sorted by port
		if len(mine) == 0 {
			continue
		}
		out := g.exposures(b, mine)
		if slices.ContainsFunc(mine, func(e *publishedPort) bool { return e.redirect && !b.exists }) {
			out = append(out, "port 80 redirects to 443")
		}
		g.notef(at(mine[0].member.Name, mine[0].path[2]), helpRaw(mine), "on the %s: %s", b, strings.Join(out, "; "))
	}
}

// exposures are who may connect to which ports, in the order of ports.
func (g *ingress) exposures(b *balancer, mine []*publishedPort) []string {
	var peers, out []string
	ports := map[string][]string{}
	for _, e := range mine {
		who := g.exposedTo(b, e)
		if ports[who] == nil {
			peers = append(peers, who)
		}
		for _, listen := range e.listens {
			if text := portWithProtocol(listen, e.kind); !slices.Contains(ports[who], text) {
				ports[who] = append(ports[who], text)
			}
		}
	}
	for _, who := range peers {
		word := "port"
		if len(ports[who]) > 1 {
			word = "ports"
		}
		out = append(out, word+" "+listed(ports[who])+" exposed to "+who)
	}
	return out
}

// helpRaw is what to write of ports that are taken for TCP because nothing is known of
// them, so that nothing asks for their pages, hosts and paths.
func helpRaw(ports []*publishedPort) string {
	var rules []string
	service := ""
	for _, e := range ports {
		if e.raw && (service == "" || service == e.member.Name) {
			service = e.member.Name
			rules = append(rules, fmt.Sprintf("\"%d\": {kind: http}", e.port))
		}
	}
	if rules == nil {
		return ""
	}
	return "if they speak HTTP, write x-fargate: {ingress: {" + strings.Join(rules, ", ") + "}}"
}

func (g *ingress) exposedTo(b *balancer, e *publishedPort) string {
	switch {
	case b.exists:
		return "clients that its security groups allow"
	case e.rule.Allow == nil && b.scheme == xfargate.Internal:
		return "all clients that can reach the VPC"
	case e.rule.Allow == nil:
		return spec.AnyIpv4
	default:
		return listed(e.rule.Allow)
	}
}

// portWithProtocol writes 53/udp, and 80 of TCP.
func portWithProtocol(port int, kind string) string {
	text := strconv.Itoa(port)
	if kind == kindUDP {
		text += "/udp"
	}
	return text
}
