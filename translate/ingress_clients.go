package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Security groups tell clients apart by port alone. Where published ports share one and
// are for different clients, the group lets in all of them, and the rules of each port
// look at the address that a request comes from.

// isForAll says whether any client that reaches the load balancer may connect.
func (e *publishedPort) isForAll() bool {
	return e.rule.Allow == nil || slices.Contains(e.rule.Allow, spec.AnyIpv4)
}

// hasBlocks says whether the clients are such that a rule of a listener can tell: by
// CIDR blocks ("Source IP address conditions" of the Application Load Balancer user
// guide).
func (e *publishedPort) hasBlocks() bool {
	return !slices.ContainsFunc(e.rule.Allow, func(who string) bool { return !strings.Contains(who, "/") })
}

func sameClients(a, b *publishedPort) bool {
	if a.isForAll() || b.isForAll() {
		return a.isForAll() && b.isForAll()
	}
	return slices.Equal(slices.Sorted(slices.Values(a.rule.Allow)), slices.Sorted(slices.Values(b.rule.Allow)))
}

// sources are the blocks that rules of a listener let in; none: all. They are there
// before another port with more clients comes to the listener, which opens the security
// group, as far as they need no more rules for it.
func (e *publishedPort) sources() []string {
	if e.isForAll() || !e.hasBlocks() {
		return nil
	}
	blocks, w := slices.Sorted(slices.Values(e.rule.Allow)), way{e.rule.Hosts, e.rule.Paths}
	if !e.apart && len(conditionsFor(w, blocks)) > len(conditionsFor(w, nil)) {
		return nil
	}
	return blocks
}

// refuseRules counts again the rules of a load balancer, which are more where they look
// at addresses.
func (g *ingress) refuseRules(b *balancer) {
	rules := 0
	for _, e := range b.ports {
		rules += rulesOf(e)
	}
	i := slices.IndexFunc(b.ports, func(e *publishedPort) bool { return e.sources() != nil })
	if i >= 0 && rules > maxRules {
		g.errorf(b.ports[i].rulePath("allow"), "name fewer blocks, hosts and paths",
			"%d rules of the %s for hosts, paths and allowed clients: there is room for %d", rules, b, maxRules)
	}
}
