package translate

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// listener is a port of a load balancer.
type listener struct {
	arn   plan.Value
	taken []int // priorities of the rules of others
}

// tlsPolicy is the policy that AWS recommends and its console proposes: only
// TLS 1.3 and 1.2 with forward secrecy, and post-quantum key exchange for
// clients that support it (Application Load Balancer user guide, "Security
// policies").
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

func addressOfListener(b *balancer, port int) plan.Address {
	return plan.Address{Kind: spec.ListenerKind, Name: fmt.Sprintf("%s.%d", b.name, port)}
}

// addListener adds a listener of a load balancer, which one of its published ports asks for.
func (g *ingress) addListener(b *balancer, e *publishedPort, l *spec.Listener) *plan.Resource {
	l.LoadBalancerArn, l.Tags = g.balancerArn(b), g.tags()
	r := g.add(addressOfListener(b, l.Port), g.At(e.path...), l)
	r.Origins = balancerOrigins()
	return r
}

// balancerOrigins are those of a load balancer and its listeners.
func balancerOrigins() []plan.Origin {
	return from(diag.Path{"services"}, "/x-fargate.load_balancer", "/x-fargate.certificate", "/x-fargate.domain")
}

// listeners creates the listeners of a load balancer, with the rules that
// forward from them to its published ports.
func (g *ingress) listeners(b *balancer) {
	ports := map[int][]*publishedPort{}
	for _, e := range b.ports {
		for _, listen := range e.listens {
			ports[listen] = append(ports[listen], e)
		}
	}
	for _, port := range slices.Sorted(maps.Keys(ports)) {
		if b.kind == typeNetwork {
			g.networkListener(b, port, ports[port][0])
		} else {
			g.webListener(b, port, ports[port])
		}
	}
	if b.redirects {
		g.redirect(b)
	}
	if b.kind == typeApplication {
		g.rules(b, ports)
	}
}

// existingListener finds a listener of others; nil where there is none.
func (g *ingress) existingListener(b *balancer, port int) *plan.Listener {
	if !b.exists || g.facts.LoadBalancer == nil {
		return nil
	}
	for i, l := range g.facts.LoadBalancer.Listeners {
		if l.Port == port {
			return &g.facts.LoadBalancer.Listeners[i]
		}
	}
	return nil
}

// networkListener forwards connections to the one published port that it can have.
func (g *ingress) networkListener(b *balancer, port int, e *publishedPort) {
	if found := g.existingListener(b, port); found != nil {
		g.errorf(e.path, "choose another port with x-fargate.ingress."+strconv.Itoa(e.port)+".listen",
			"load balancer %s already has a listener on port %d, and a listener of a network load balancer cannot be shared", g.X.LoadBalancer, port)
		return
	}
	e.leads = append(e.leads, g.addListener(b, e, &spec.Listener{
		Port: port, Protocol: strings.ToUpper(e.kind), DefaultActions: []spec.RuleAction{forwardTo(e)},
	}).Address)
}

func forwardTo(e *publishedPort) spec.RuleAction {
	return spec.RuleAction{Type: "forward", TargetGroupArn: plan.RefTo(targetGroupAddress(e), "arn", "")}
}

// webListener answers 404 but for what rules lead elsewhere.
func (g *ingress) webListener(b *balancer, port int, published []*publishedPort) {
	if found := g.existingListener(b, port); found != nil {
		b.listening[port] = listener{arn: plan.Literal(found.ARN), taken: found.Priorities}
		for _, e := range published {
			g.checkForeign(e, found)
		}
		return
	}
	if b.exists && g.facts.LoadBalancer == nil {
		b.listening[port] = listener{arn: plan.Fact("load-balancer", "listener-"+strconv.Itoa(port), "")}
		return
	}
	out := &spec.Listener{
		Port:     port,
		Protocol: "HTTP",
		DefaultActions: []spec.RuleAction{{Type: "fixed-response", FixedResponse: &spec.FixedResponse{
			StatusCode: "404", ContentType: "text/plain", MessageBody: "not found",
		}}},
	}
	if certificates := g.certificatesOf(published); len(certificates) > 0 {
		out.Protocol, out.SslPolicy, out.Certificates = "HTTPS", tlsPolicy, certificates
	}
	b.listening[port] = listener{arn: plan.RefTo(g.addListener(b, published[0], out).Address, "arn", "")}
}

// checkForeign speaks of what a listener of others means for a published port.
func (g *ingress) checkForeign(e *publishedPort, found *plan.Listener) {
	if len(e.rule.Hosts) == 0 {
		g.warnf(e.path, "write the host as x-fargate.ingress."+strconv.Itoa(e.port)+".host",
			"without a host, on a shared load balancer, it gets every request to port %d that no other rule matches", found.Port)
	}
	if hasTLS(g.base, e.rule) && found.Protocol == "HTTPS" {
		g.notef(e.path, "", "the listener on port %d already exists: its certificates and its TLS policy are not changed", found.Port)
	}
	if hasTLS(g.base, e.rule) && found.Protocol == "HTTP" {
		g.errorf(e.path, "choose another port with x-fargate.ingress."+strconv.Itoa(e.port)+".listen, or remove the certificate",
			"the existing listener on port %d speaks plain HTTP", found.Port)
	}
	if e.needsTLS() && found.Protocol != "HTTPS" {
		g.errorf(e.path, "choose another port with x-fargate.ingress."+strconv.Itoa(e.port)+".listen",
			"the existing listener on port %d speaks plain HTTP, but %s needs HTTPS", found.Port, e.app)
	}
}

// redirect sends plain HTTP on to port 443.
func (g *ingress) redirect(b *balancer) {
	i := slices.IndexFunc(b.ports, func(e *publishedPort) bool { return e.redirect })
	e := b.ports[i]
	if found := g.existingListener(b, 80); found != nil {
		g.notef(e.path, "", "the listener on port 80 already exists: whether it redirects to 443 is not changed")
		return
	}
	if b.exists && g.facts.LoadBalancer == nil {
		return
	}
	r := g.addListener(b, e, &spec.Listener{
		Port: 80, Protocol: "HTTP",
		DefaultActions: []spec.RuleAction{{Type: "redirect", Redirect: &spec.Redirect{Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301"}}},
	})
	if g.existingListener(b, 443) == nil { // nobody is sent to where nothing answers
		r.After = []plan.Address{addressOfListener(b, 443)}
	}
}

// condition is what one rule matches; barred: to answer it itself.
type condition struct {
	hosts, paths, sources []string
	barred                bool
}

// maxConditions and maxWildcards are quotas of a rule, and cannot be raised
// (Quotas for your Application Load Balancers, "Condition values per rule" and
// "Condition wildcards per rule").
const (
	maxConditions = 5
	maxWildcards  = 5
)

// conditionsOf are the conditions of a published port, split so that each rule keeps
// to the quotas and more exact rules come first. Without a host the rule
// matches all paths, because a rule must have a condition.
func conditionsOf(e *publishedPort) []condition {
	out := conditionsFor(way{e.rule.Hosts, e.rule.Paths}, e.sources())
	for _, g := range e.guarded {
		out = append(out, g.conditions()...)
	}
	return out
}

func conditionsFor(w way, sources []string) []condition {
	paths := byExactness(w.paths)
	if len(w.hosts) == 0 && len(w.paths) == 0 {
		paths = [][]string{{"/*"}}
	}
	var out []condition
	for _, hosts := range plainFirst(w.hosts) {
		for _, group := range paths {
			out = append(out, chunked(hosts, group, sources)...)
		}
	}
	return out
}

// chunked are the conditions for hosts, paths and sources, each of which leaves the
// others room for one value.
func chunked(hosts, paths, sources []string) []condition {
	var out []condition
	for _, s := range chunks(sources, maxConditions-min(len(hosts), 1)-min(len(paths), 1)) {
		for _, h := range chunks(hosts, maxConditions-len(s)-min(len(paths), 1)) {
			for _, p := range chunks(paths, maxConditions-len(s)-len(h)) {
				out = append(out, condition{hosts: h, paths: p, sources: s})
			}
		}
	}
	return out
}

// plainFirst parts hosts without wildcards from those with some; of none there is
// one part.
func plainFirst(hosts []string) [][]string {
	var plain, wild []string
	for _, host := range hosts {
		if isPattern(host) {
			wild = append(wild, host)
		} else {
			plain = append(plain, host)
		}
	}
	if plain != nil && wild != nil {
		return [][]string{plain, wild}
	}
	return [][]string{hosts}
}

// byExactness parts patterns by their length, the longest first, with the paths
// that are none among those: a rule has one priority, and a short pattern must not
// take with it what longer ones of other services are for.
func byExactness(paths []string) [][]string {
	byLength := map[int][]string{}
	longest := 0
	for _, path := range paths {
		if isPattern(path) {
			byLength[len(path)] = append(byLength[len(path)], path)
			longest = max(longest, len(path))
		}
	}
	for _, path := range paths {
		if !isPattern(path) {
			byLength[longest] = append(byLength[longest], path)
		}
	}
	if len(byLength) == 0 {
		return [][]string{nil}
	}
	var out [][]string
	for _, length := range slices.Backward(slices.Sorted(maps.Keys(byLength))) {
		slices.Sort(byLength[length])
		out = append(out, byLength[length])
	}
	return out
}

// chunks cuts a list into parts of n at most; of an empty one there is one part.
func chunks(list []string, n int) [][]string {
	if len(list) == 0 {
		return [][]string{nil}
	}
	return slices.Collect(slices.Chunk(list, n))
}

func (c condition) wildcards() int {
	n := 0
	for _, text := range append(slices.Clone(c.hosts), c.paths...) {
		n += strings.Count(text, "*") + strings.Count(text, "?")
	}
	return n
}

// wantedRule is a rule before it has its priority.
type wantedRule struct {
	address plan.Address
	condition
	exposure *publishedPort
}

// rules lead from the listeners of an application load balancer to its published ports.
func (g *ingress) rules(b *balancer, ports map[int][]*publishedPort) {
	made := map[*publishedPort]int{}
	byPort := map[int][]wantedRule{}
	for _, e := range b.ports {
		for _, port := range e.listens {
			for _, c := range conditionsOf(e) {
				name := e.name()
				if made[e]++; made[e] > 1 {
					name += "." + strconv.Itoa(made[e])
				}
				if c.wildcards() > maxWildcards {
					g.errorf(e.rulePath(), "use fewer * and ? in host and path",
						"%d wildcards in one rule: an application load balancer allows at most %d", c.wildcards(), maxWildcards)
				}
				byPort[port] = append(byPort[port], wantedRule{plan.Address{Kind: spec.ListenerRuleKind, Name: name}, c, e})
			}
		}
	}
	for _, port := range slices.Sorted(maps.Keys(byPort)) {
		on, ok := b.listening[port]
		if !ok {
			continue // refused
		}
		g.rulesOf(on, byPort[port])
	}
}

// rulesOf gives the rules of one listener their priorities.
func (g *ingress) rulesOf(on listener, rules []wantedRule) {
	slices.SortFunc(rules, func(a, b wantedRule) int {
		return cmp.Or(cmp.Compare(a.priority(), b.priority()), a.address.Compare(b.address))
	})
	taken := map[int]bool{}
	for _, n := range on.taken {
		taken[n] = true
	}
	for _, r := range rules {
		priority := r.priority()
		for taken[priority] {
			priority++
		}
		taken[priority] = true
		made := g.add(r.address, g.At(r.exposure.path...), &spec.ListenerRule{
			ListenerArn: on.arn,
			Priority:    priority,
			Hosts:       r.hosts,
			Paths:       r.paths,
			Sources:     r.sources,
			Actions:     []spec.RuleAction{r.action()},
			Tags:        g.tags(),
		})
		made.Origins = publishedOrigins(r.exposure.member.Name, r.exposure.port)
		if r.sources != nil && !r.exposure.apart {
			g.formerly(r.address, "sources", nil)
		}
		if r.barred {
			continue
		}
		made.After = barringRules(r.exposure, rules)
		r.exposure.leads = append(r.exposure.leads, r.address)
	}
}

// Priorities go from 1 to 50,000, the lowest first. They are spread by the
// address of the rule, so that a new rule does not move the others: first the
// rules for plain hosts, then those for hosts with wildcards, then those for
// all hosts, and in each group longer paths before shorter ones.
const (
	longestPath   = 128 // of a condition (RuleCondition, elbv2 v1.63.7)
	pathSlots     = 127
	priorityClass = (longestPath + 1) * pathSlots
)

// priority is the priority that a rule gets if it is free.
func (r wantedRule) priority() int {
	class := 0
	switch {
	case len(r.hosts) == 0:
		class = 2
	case slices.ContainsFunc(r.hosts, isPattern):
		class = 1
	}
	length := 0
	for _, path := range r.paths {
		length = max(length, min(len(path), longestPath))
	}
	if r.sources != nil && r.exposure.guarded != nil {
		length = min(length+1, longestPath) // before the rule that bars all others
	}
	h := fnv.New32a()
	h.Write([]byte(r.address.String()))
	return 1 + class*priorityClass + (longestPath-length)*pathSlots + int(h.Sum32()%pathSlots)
}
