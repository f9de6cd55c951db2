package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// A router often keeps clients out of one path of a site that is open to all. A load
// balancer has rules for both: the path answers 403, but to the addresses that a list of
// the router lets in.

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
