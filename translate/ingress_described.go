package translate

import (
	"cmp"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// described are the entrances to one container port that labels describe, taken together.
type described struct {
	way
	routes  []route
	guarded []guardedPart
}

// refusal is why no rule of a load balancer does what the routes do; "" if one does.
func (d *described) refusal() string {
	for _, r := range d.routes {
		if r.refused != "" {
			return r.refused
		}
	}
	if _, one := merged(d.ways()); !one {
		return "a load balancer has one set of hosts and one of paths for a port"
	}
	return ""
}

// ways are those of all routes.
func (d *described) ways() []way {
	var out []way
	for _, r := range d.routes {
		out = append(out, r.ways...)
	}
	return out
}

// guard is what keeps clients out at a router.
type guard struct {
	what   string   // as messages name it: middleware "auth" (basicauth)
	blocks []string // of addresses that it lets in, if it looks at nothing else; nil otherwise
}

// guardedPart is what a router lets only some clients to.
type guardedPart struct {
	ways []way
	guard
	path diag.Path // where it is described
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

// merged are the hosts and paths of all ways together, if one rule of x-fargate.ingress
// has words for them: of no host, all, and of no path, all.
func merged(ways []way) (way, bool) {
	if slices.ContainsFunc(ways, func(w way) bool { return w.hosts == nil && w.paths == nil }) {
		return way{}, true
	}
	sameHosts := !slices.ContainsFunc(ways, func(w way) bool { return !slices.Equal(w.hosts, ways[0].hosts) })
	samePaths := !slices.ContainsFunc(ways, func(w way) bool { return !slices.Equal(w.paths, ways[0].paths) })
	var out way
	for _, w := range ways {
		out.hosts, out.paths = append(out.hosts, w.hosts...), append(out.paths, w.paths...)
	}
	if slices.ContainsFunc(ways, func(w way) bool { return w.hosts == nil }) {
		out.hosts = nil
	}
	if slices.ContainsFunc(ways, func(w way) bool { return w.paths == nil }) {
		out.paths = nil
	}
	slices.Sort(out.hosts)
	slices.Sort(out.paths)
	out.hosts, out.paths = slices.Compact(out.hosts), slices.Compact(out.paths)
	return out, sameHosts || samePaths
}
