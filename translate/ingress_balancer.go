package translate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// balancer is a load balancer of the stack, or the one that exists.
type balancer struct {
	name   string // application, network, application.2, network.internal
	kind   string // application or network
	scheme string
	exists bool
	ports  []*publishedPort // by port of the load balancer, service and container port

	taken     map[int]bool // ports of its listeners
	rules     int          // of all its listeners
	redirects bool         // from port 80
	listening map[int]listener
}

// The types of load balancers.
const (
	typeApplication = "application"
	typeNetwork     = "network"
)

// What one load balancer has room for: 50 listeners, and of an application one
// 100 target groups and 100 rules (Quotas pages of the Application and Network
// Load Balancer user guides).
const (
	maxListeners      = 50
	maxBalancedGroups = 100
	maxRules          = 100
)

// String speaks of a load balancer to the user.
func (b *balancer) String() string {
	text := b.kind + " load balancer"
	if b.exists {
		text += " that exists"
	} else if b.scheme == xfargate.Internal {
		text = "internal " + text
	}
	return text
}

// balance gives each published port the load balancer that leads to it.
func (g *ingress) balance(published []*publishedPort) []*balancer {
	sorted := slices.Clone(published)
	slices.SortStableFunc(sorted, func(a, b *publishedPort) int {
		return cmp.Or(cmp.Compare(a.listens[0], b.listens[0]), strings.Compare(a.member.Name, b.member.Name), cmp.Compare(a.port, b.port))
	})
	families := map[string][]*balancer{}
	for _, e := range sorted {
		kind, scheme := typeNetwork, cmp.Or(e.rule.Scheme, g.scheme())
		if e.kind == kindHTTP {
			kind = typeApplication
		}
		family := kind
		if scheme != g.scheme() {
			family += "." + scheme
		}
		i := slices.IndexFunc(families[family], func(b *balancer) bool { return b.fits(e) })
		if i < 0 {
			i = len(families[family])
			families[family] = append(families[family], g.newBalancer(family, kind, scheme, i))
		}
		families[family][i].take(e)
	}
	var out []*balancer
	for _, family := range slices.Sorted(maps.Keys(families)) {
		out = append(out, families[family]...)
	}
	return out
}

func (g *ingress) newBalancer(family, kind, scheme string, earlier int) *balancer {
	b := &balancer{name: family, kind: kind, scheme: scheme, taken: map[int]bool{}, listening: map[int]listener{}}
	if earlier > 0 {
		b.name += "." + strconv.Itoa(earlier+1)
	}
	if earlier == 0 && family == kind && g.existingType() == kind {
		b.exists = true
		if found := g.facts.LoadBalancer; found != nil {
			for _, l := range found.Listeners {
				b.taken[l.Port] = true
			}
		}
	}
	return b
}

// fits says whether the load balancer has room for one more published port. Published ports
// of the same port share a listener if they can.
func (b *balancer) fits(e *publishedPort) bool {
	ports := maps.Clone(b.taken)
	for _, listen := range e.listens {
		ports[listen] = true
	}
	if e.redirect || b.redirects {
		ports[80] = true
	}
	return len(ports) <= maxListeners && len(b.ports) < maxBalancedGroups && (b.kind == typeNetwork || b.rules+rulesOf(e) <= maxRules)
}

func rulesOf(e *publishedPort) int { return len(e.listens) * len(conditionsOf(e)) }

func (b *balancer) take(e *publishedPort) {
	e.balancer = b
	b.ports = append(b.ports, e)
	b.rules += rulesOf(e)
	b.redirects = b.redirects || e.redirect
	for _, listen := range e.listens {
		b.taken[listen] = true
	}
	if e.redirect {
		b.taken[80] = true
	}
}

// scheme is that of load balancers whose ports do not set one: that of the
// existing load balancer, if there is one, so that nothing in an internal stack
// faces the internet unless the files say so.
func (g *ingress) scheme() string {
	if g.facts.LoadBalancer != nil {
		return g.facts.LoadBalancer.Scheme
	}
	return cmp.Or(g.X.Scheme, xfargate.InternetFacing)
}

// existingType is the type of the existing load balancer, "" if the files name
// none. Until it is looked up, its ARN tells the type; without an ARN it is
// assumed to be an application load balancer.
func (g *ingress) existingType() string {
	switch {
	case g.X.LoadBalancer == "":
		return ""
	case g.facts.LoadBalancer != nil:
		return g.facts.LoadBalancer.Type
	case strings.Contains(g.X.LoadBalancer, ":loadbalancer/net/"):
		return typeNetwork
	default:
		return typeApplication
	}
}

func balancerAddress(b *balancer) plan.Address {
	return plan.Address{Kind: spec.LoadBalancerKind, Name: b.name}
}

func balancerGroupAddress(b *balancer) plan.Address {
	return plan.Address{Kind: spec.SecurityGroupKind, Name: "load-balancer." + b.name}
}

// existing is an attribute of the load balancer that exists.
func (g *ingress) existing(attr string, of func(plan.LoadBalancer) string) plan.Value {
	if g.facts.LoadBalancer == nil {
		return plan.Fact("load-balancer", attr, "")
	}
	return plan.Literal(of(*g.facts.LoadBalancer))
}

func (g *ingress) balancerArn(b *balancer) plan.Value {
	if b.exists {
		return g.existing("arn", func(b plan.LoadBalancer) string { return b.ARN })
	}
	return plan.RefTo(balancerAddress(b), "arn", "")
}

// balancerIdentity changes when a load balancer is replaced.
func (g *ingress) balancerIdentity(b *balancer) string {
	if b.exists {
		return g.balancerArn(b).String()
	}
	return g.balancerName(b)
}

func (g *ingress) balancerName(b *balancer) string {
	return elbName(g.Name+"-"+b.name, g.Name, b.name, b.kind, b.scheme, plan.Fact("vpc", "id", g.facts.VPC).String())
}

// groupsOf are the security groups of a load balancer.
func (g *ingress) groupsOf(b *balancer) []plan.Value {
	switch {
	case !b.exists:
		return []plan.Value{plan.RefTo(balancerGroupAddress(b), "id", "")}
	case g.facts.LoadBalancer == nil:
		return []plan.Value{plan.Fact("load-balancer", "security-group", "")}
	}
	var out []plan.Value
	for _, id := range g.facts.LoadBalancer.SecurityGroups {
		out = append(out, plan.Literal(id))
	}
	return out
}

// loadBalancer makes one with its security group, or looks at the one that
// exists.
func (g *ingress) loadBalancer(b *balancer) {
	if b.exists {
		g.checkExisting(b)
		return
	}
	g.balancerGroup(b)
	g.add(balancerAddress(b), g.balancerPos(b), &spec.LoadBalancer{
		Name:           g.balancerName(b),
		Type:           b.kind,
		Scheme:         b.scheme,
		Subnets:        g.balancerSubnets(b),
		SecurityGroups: g.groupsOf(b),
		IPAddressType:  "ipv4",
		Attributes:     b.attributes(),
		Tags:           g.tags(),
	}).Origins = balancerOrigins()
	if b.kind == typeApplication && b.idleTimeout() == 0 {
		g.formerly(balancerAddress(b), "attributes.*", "60")
	}
	if b.kind == typeApplication {
		g.formerly(balancerAddress(b), "attributes."+dropInvalidHeaders, "false") // the default of ELB
	}
}

func (g *ingress) balancerPos(b *balancer) diag.Pos { return g.At(b.ports[0].path...) }

// attributes are always sent, so that an attribute that is removed from the
// files is reset. Cross-zone load balancing is on, because a network load
// balancer fails if one of its target groups has no target in a zone (Network
// Load Balancer user guide, "Target groups", health).
func (b *balancer) attributes() map[string]string {
	if b.kind == typeNetwork {
		return map[string]string{"load_balancing.cross_zone.enabled": "true"}
	}
	return map[string]string{
		"idle_timeout.timeout_seconds": strconv.Itoa(cmp.Or(b.idleTimeout(), xfargate.IdleTimeout.Fallback)),
		dropInvalidHeaders:             "true",
	}
}

// dropInvalidHeaders has an application load balancer leave out header fields whose names are
// none, with which requests are smuggled past those who check them; nginx leaves them out as
// well (ELB API reference, LoadBalancerAttribute; nginx, ignore_invalid_headers).
const dropInvalidHeaders = "routing.http.drop_invalid_header_fields.enabled"

// idleTimeout is what the files say of quiet connections; 0: nothing. They are then
// kept for an hour, as nothing ends them in docker: ELB's default of 60 seconds cuts
// websockets and requests that take long.
func (b *balancer) idleTimeout() int {
	idle := 0
	for _, e := range b.ports {
		idle = max(idle, e.rule.IdleTimeout)
	}
	return idle
}

// balancerSubnets are one in each zone: public ones for the internet.
func (g *ingress) balancerSubnets(b *balancer) []plan.Value {
	subnets, fact, help := g.facts.BalancerSubnets.Public, "public-subnets",
		"add subnets with a route to an internet gateway, or write x-fargate.load_balancer: {scheme: internal}"
	what := "public subnets"
	if b.scheme == xfargate.Internal {
		subnets, fact, help = g.facts.BalancerSubnets.Private, "private-subnets", "add subnets in another zone"
		what = "subnets"
	}
	least := 1
	if b.kind == typeApplication {
		least = 2 // CreateLoadBalancerInput, elbv2 v1.63.7
	}
	switch {
	case !g.networkKnown:
		return []plan.Value{plan.Fact("vpc", fact, "")}
	case len(subnets) < least:
		g.errorf(b.ports[0].path, help+", or keep the ports private with x-fargate.ingress.PORT.kind: none",
			"the %s needs %s in %s, but VPC %s has them in %d", b, what, zones(least), g.facts.VPC, len(subnets))
	}
	var out []plan.Value
	for _, id := range subnets {
		out = append(out, plan.Literal(id))
	}
	return out
}

// maxGroupRules is the quota of rules in one direction of a security group (VPC
// quotas page).
const maxGroupRules = 60

// balancerGroup lets clients in at the listeners and lets the load balancer out to the ports
// of its targets, as members of a network of theirs: the group of their own refers to this
// one, and two cannot refer to each other.
func (g *ingress) balancerGroup(b *balancer) {
	in, out := map[string]spec.SecurityGroupRule{}, map[string]spec.SecurityGroupRule{}
	for _, e := range b.ports {
		for _, rule := range g.letIn(e) {
			in[rule.Key()] = rule
		}
		for _, rule := range g.letOut(e) {
			out[rule.Key()] = rule
		}
	}
	if len(out) > maxGroupRules {
		out = onAllPorts(out)
	}
	if len(in) > maxGroupRules {
		g.errorf(b.ports[0].path, "name fewer blocks, or a prefix list, in x-fargate.ingress.PORT.allow",
			"%d rules for ports and allowed clients: a security group allows at most %d", len(in), maxGroupRules)
	}
	description := fmt.Sprintf("Load balancer %s of compose project %s.", b.name, g.Name)
	g.addGroup(balancerGroupAddress(b), g.balancerPos(b), "load-balancer-"+b.name, description, sortedValues(in), sortedValues(out)).
		Origins = from(diag.Path{"services"}, "/x-fargate.load_balancer")
}

// letOut are the rules for the targets of a published port.
func (g *ingress) letOut(e *publishedPort) []spec.SecurityGroupRule {
	network := g.taskOf[e.member.Name].networks()[0]
	var out []spec.SecurityGroupRule
	for _, open := range e.opened() {
		out = append(out, spec.SecurityGroupRule{
			Protocol: open.protocol, FromPort: open.port, ToPort: open.port,
			GroupID: g.network.networkGroup(network), Description: "to members of network " + network,
		})
	}
	return out
}

// onAllPorts are rules for the same peers on whatever port.
func onAllPorts(rules map[string]spec.SecurityGroupRule) map[string]spec.SecurityGroupRule {
	out := map[string]spec.SecurityGroupRule{}
	for _, rule := range rules {
		rule.Protocol, rule.FromPort, rule.ToPort = "-1", 0, 0
		out[rule.Key()] = rule
	}
	return out
}

// letIn are the rules for the clients of a published port.
func (g *ingress) letIn(e *publishedPort) []spec.SecurityGroupRule {
	listens := slices.Clone(e.listens)
	if e.redirect {
		listens = append(listens, 80)
	}
	var out []spec.SecurityGroupRule
	for _, listen := range listens {
		for _, who := range g.allowed(e) {
			who.Protocol, who.FromPort, who.ToPort = e.protocol(), listen, listen
			out = append(out, who)
		}
	}
	return out
}

// allowedClients describes the rules of x-fargate.ingress.PORT.allow.
const allowedClients = "allowed clients"

// allowed are the peers of rules, which have no ports yet.
func (g *ingress) allowed(e *publishedPort) []spec.SecurityGroupRule {
	if e.rule.Allow == nil {
		return []spec.SecurityGroupRule{{CidrIpv4: spec.AnyIpv4, Description: "exposed to " + spec.AnyIpv4}}
	}
	var out []spec.SecurityGroupRule
	for i, who := range e.rule.Allow {
		path := e.rulePath("allow", strconv.Itoa(i))
		switch {
		case strings.Contains(who, "/") && strings.Contains(who, ":"):
			out = append(out, spec.SecurityGroupRule{CidrIpv6: who, Description: allowedClients})
		case strings.Contains(who, "/"):
			out = append(out, spec.SecurityGroupRule{CidrIpv4: who, Description: allowedClients})
		case strings.HasPrefix(who, "pl-"):
			out = append(out, spec.SecurityGroupRule{PrefixListID: who, Description: allowedClients})
		default:
			group := g.network.existingGroup(who)
			g.network.wantGroup(path, group)
			out = append(out, spec.SecurityGroupRule{GroupID: group, Description: allowedClients})
		}
	}
	return out
}

// refuseShared looks for ports of a load balancer that several published ports share
// and that it cannot tell apart.
func (g *ingress) refuseShared(b *balancer) {
	byPort := map[int][]*publishedPort{}
	for _, e := range b.ports {
		for _, listen := range e.listens {
			for _, other := range byPort[listen] {
				if g.refuseBoth(b, listen, other, e) {
					break
				}
			}
			byPort[listen] = append(byPort[listen], e)
		}
	}
	for _, e := range b.ports {
		if e.redirect && len(byPort[80]) > 0 {
			g.errorf(byPort[80][0].path, "give it another port with x-fargate.ingress."+strconv.Itoa(byPort[80][0].port)+".listen",
				"port 80 of the %s already redirects to 443", b)
		}
	}
	g.refuseRules(b)
}

// refuseBoth says what is wrong with two published ports on one port of a load balancer,
// and whether there is anything.
func (g *ingress) refuseBoth(b *balancer, listen int, first, second *publishedPort) bool {
	who := fmt.Sprintf("port %s of the %s already forwards to port %d of %q", portWithProtocol(listen, first.kind), b, first.port, first.member.Name)
	help := "give one of them another port with x-fargate.ingress.PORT.listen"
	switch {
	case b.kind == typeNetwork:
		g.errorf(second.path, help, "%s: a network load balancer has one listener per port, whether TCP or UDP", who)
	case overlap(first, second) && first.member == second.member && first.speaksTLS() != second.speaksTLS():
		plain, tls := first.port, second.port
		if first.speaksTLS() {
			plain, tls = tls, plain
		}
		g.errorf(second.path, fmt.Sprintf("remove x-fargate.ingress.%d, and port 80 redirects to 443; or, if port %d answers without redirecting, write x-fargate: {ingress: {\"%d\": {kind: http}, \"%d\": {kind: none}}}",
			plain, plain, plain, tls), "%s, for the same hosts and paths", who)
	case overlap(first, second):
		g.errorf(second.path, "give each a host or a path with x-fargate.ingress.PORT, or "+strings.TrimPrefix(help, "give "), "%s, for the same hosts and paths", who)
	case !b.exists && !sameClients(first, second) && !(first.hasBlocks() && second.hasBlocks()):
		g.errorf(second.path, "write CIDR blocks in allow, or "+help,
			"%s, with a different allow: only CIDR blocks can be told apart there by host or path, and not security groups and prefix lists", who)
	case !b.exists && !sameClients(first, second):
		first.apart, second.apart = true, true
		return false
	default:
		return false
	}
	return true
}

// overlap says whether a request could match both of two published ports, without
// anything that decides between them.
func overlap(a, b *publishedPort) bool {
	same := func(one, other []string) bool {
		return len(one) == 0 && len(other) == 0 || slices.ContainsFunc(one, func(s string) bool { return slices.Contains(other, s) })
	}
	return same(a.rule.Hosts, b.rule.Hosts) && same(a.pathsOrAll(), b.pathsOrAll())
}

// pathsOrAll are path patterns, never none.
func (e *publishedPort) pathsOrAll() []string {
	if len(e.rule.Paths) == 0 {
		return []string{"/*"}
	}
	return e.rule.Paths
}

// checkExisting says what cannot be done with the load balancer that exists.
func (g *ingress) checkExisting(b *balancer) {
	found := g.facts.LoadBalancer
	if found == nil {
		return // refused before, or offline
	}
	path := g.loadBalancerPath()
	if len(found.SecurityGroups) == 0 {
		g.errorf(path, "name one that has security groups, or remove the key and let the stack create one",
			"load balancer %s has no security group: tasks could allow it only by allowing everyone", g.X.LoadBalancer)
	}
	if g.facts.VPC != "" && found.VPC != g.facts.VPC {
		g.errorf(path, "name one of that VPC, or write x-fargate.vpc: "+found.VPC,
			"load balancer %s is in %s, the tasks are in %s", g.X.LoadBalancer, found.VPC, g.facts.VPC)
	}
	for _, e := range b.ports {
		if e.rule.Allow != nil {
			g.errorf(e.rulePath("allow"), "change the security groups of the load balancer, or leave load_balancer out so that the stack creates its own",
				"allow has no effect: the security groups of an existing load balancer are not changed")
		}
		if e.rule.IdleTimeout > 0 {
			g.errorf(e.rulePath("idle_timeout"), "change it on the load balancer, and remove it here",
				"the settings of an existing load balancer are not changed")
		}
	}
}

// loadBalancerPath is where the files name the one that exists.
func (g *ingress) loadBalancerPath() []string {
	if g.Written("x-aws-loadbalancer") && !g.Written(xfargate.Key, "load_balancer") {
		return diag.Path{"x-aws-loadbalancer"}
	}
	return diag.Path{xfargate.Key, "load_balancer"}
}

func zones(n int) string {
	if n == 1 {
		return "one zone"
	}
	return strconv.Itoa(n) + " zones"
}
