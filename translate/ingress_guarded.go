package translate

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// A router often keeps clients out of one path of a site that is open to all. A load
// balancer has rules for both: the path answers 403, but to the addresses that a list of
// the router lets in.

// guard is what keeps clients out at a router.
type guard struct {
	what   string   // as messages name it: middleware "auth" (basicauth)
	blocks []string // of addresses that it lets in, if it looks at nothing else; nil otherwise
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

// guardedPart is what a router lets only some clients to.
type guardedPart struct {
	ways []way
	guard
	path diag.Path // where it is described
}

// conditions are those of the rules for those who are let in, and of the rules that bar
// all others.
func (g guardedPart) conditions() []condition {
	var in, out []condition
	for _, w := range g.ways {
		if g.blocks != nil {
			in = append(in, conditionsFor(w, g.blocks)...)
		}
		for _, c := range conditionsFor(w, nil) {
			c.barred = true
			out = append(out, c)
		}
	}
	return append(in, out...)
}

// keepGuarded takes what keeps clients out for guarded parts, where others to the same
// port are open and rules can tell the two apart. Elsewhere none of it is open.
func (d *described) keepGuarded() {
	var open []route
	var kept []guardedPart
	for _, r := range d.routes {
		if r.guards == nil {
			open = append(open, r)
		} else {
			kept = append(kept, guardedPart{r.ways, r.strictest(), r.path})
		}
		if r.authPaths != nil {
			kept = append(kept, guardedPart{[]way{{r.ways[0].hosts, r.authPaths}}, guard{what: "directive basic_auth"}, r.path})
		}
	}
	if len(open) > 0 && d.areApart(open, kept) {
		d.routes, d.guarded = open, kept
		return
	}
	for i, r := range d.routes {
		if r.authPaths != nil {
			d.routes[i].refused = cmp.Or(r.refused, "a load balancer has nothing like the directive basic_auth")
			d.routes[i].clients = cmp.Or(r.clients, "CIDR")
		}
	}
}

// areApart says whether rules tell all open routes from all guarded parts.
func (d *described) areApart(open []route, kept []guardedPart) bool {
	if slices.ContainsFunc(d.routes, func(r route) bool { return r.guards != nil && (r.ways == nil || r.differs != "") }) {
		return false
	}
	for _, g := range kept {
		for _, o := range open {
			if !all(g.ways, func(w way) bool { return all(o.ways, func(o way) bool { return areApart(o, w) }) }) {
				return false
			}
		}
	}
	return true
}

// strictest is the guard of a route that a load balancer cannot stand in for, if there is
// one: a list of addresses beside it lets nobody in.
func (r route) strictest() guard {
	i := slices.IndexFunc(r.guards, func(g guard) bool { return g.blocks == nil })
	if i < 0 && len(r.guards) > 1 {
		return guard{what: r.guards[0].what}
	}
	return r.guards[max(i, 0)]
}

func all(ways []way, is func(way) bool) bool {
	return !slices.ContainsFunc(ways, func(w way) bool { return !is(w) })
}

// onlyBlocks are the addresses that a route lets in, if that is all it looks at.
func (r route) onlyBlocks() []string {
	if len(r.guards) != 1 {
		return nil
	}
	return r.guards[0].blocks
}

// areApart says whether the rules of a load balancer tell an open way from a guarded one:
// longer paths go first, but hosts before none, and a host before one with wildcards.
func areApart(open, guarded way) bool {
	shared := func(a, b []string) bool {
		return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
	}
	sameHosts := slices.Equal(open.hosts, guarded.hosts) || shared(open.hosts, guarded.hosts)
	samePaths := open.paths == nil && guarded.paths == nil || shared(open.paths, guarded.paths)
	switch {
	case sameHosts:
		return !samePaths
	case open.hosts == nil || guarded.hosts == nil:
		return false
	default:
		return !slices.ContainsFunc(slices.Concat(open.hosts, guarded.hosts), isPattern)
	}
}

// sayGuarded says what becomes of guarded routes.
func (f publisher) sayGuarded(port int, d *described) {
	ways := slices.Clone(d.ways())
	for _, g := range d.guarded {
		ways = append(ways, g.ways...)
	}
	var whole described
	whole.way, _ = merged(ways)
	help := "if the program itself keeps clients out there, write " + whole.line(port, "")
	for _, g := range d.guarded {
		where, blocks := listed(g.addresses()), listed(g.blocks)
		switch {
		case g.blocks == nil:
			f.warnf(g.path, help, "the load balancer answers 403 at %s: it has nothing like the %s, which may keep clients out", where, g.what)
		case f.X.Scheme != xfargate.Internal && slices.ContainsFunc(g.blocks, isPrivateBlock):
			f.warnf(g.path, help, "the load balancer answers 403 at %s but to %s, as the %s does: clients on the internet have no such addresses", where, blocks, g.what)
		default:
			f.notef(g.path, "", "the load balancer answers 403 at %s but to %s, as the %s does", where, blocks, g.what)
		}
	}
}

// ways are those of all routes.
func (d *described) ways() []way {
	var out []way
	for _, r := range d.routes {
		out = append(out, r.ways...)
	}
	return out
}

func isPrivateBlock(block string) bool {
	address, _, _ := strings.Cut(block, "/")
	return isPrivateAddress(address)
}

// addresses are guarded ways as a reader of messages knows them: a.example.org/admin*.
func (g guardedPart) addresses() []string {
	var out []string
	for _, w := range g.ways {
		e := publishedPort{rule: xfargate.Ingress{Paths: w.paths}}
		for _, path := range e.pathsOrAll() {
			for _, host := range w.hosts {
				out = append(out, host+path)
			}
			if w.hosts == nil {
				out = append(out, path)
			}
		}
	}
	return out
}

// action is what a rule does with requests.
func (r wantedRule) action() spec.RuleAction {
	if r.barred {
		return spec.RuleAction{Type: "fixed-response", FixedResponse: &spec.FixedResponse{
			StatusCode: "403", ContentType: "text/plain", MessageBody: "forbidden",
		}}
	}
	return forwardTo(r.exposure)
}

// barringRules are those that bar clients from a published port, sorted: before they are
// there, no other rule leads to it.
func barringRules(e *publishedPort, rules []wantedRule) []plan.Address {
	var out []plan.Address
	for _, r := range rules {
		if r.exposure == e && r.barred {
			out = append(out, r.address)
		}
	}
	slices.SortFunc(out, plan.Address.Compare)
	return out
}
