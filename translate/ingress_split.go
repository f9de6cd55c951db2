package translate

import "slices"

// A site has one address as long as its ports are at one load balancer: which one that is
// must not be decided port by port, and a change of it is said.

// warnTwoAddresses speaks of a port of HTTP whose site passes its TLS through elsewhere;
// ends says that a load balancer might end it.
func (f publisher) warnTwoAddresses(plain, passed *candidate, ends bool) {
	help := "write " + ingressLine(plain.port, "kind: tcp") + ", and both are at the network load balancer"
	if ends {
		remove := ""
		if plain.rule.Kind != "" {
			remove = "remove kind: http and "
		}
		help = remove + "write x-fargate.domain or x-fargate.certificate, and both are at the application load balancer; or, without a certificate, " + help
	}
	f.warnf(plain.path, help,
		"port %d is at an application load balancer and port %d at a network one, which have two addresses: what one redirects to is not at the other",
		plain.port, passed.port)
}

// warnSplit looks for a site that x-fargate.ingress leads to two load balancers.
func (f publisher) warnSplit(candidates []*candidate) {
	at := func(port int) *candidate {
		i := slices.IndexFunc(candidates, func(c *candidate) bool {
			return slices.Contains(c.published, port) && (c.kind == kindHTTP || c.kind == kindTCP)
		})
		if i < 0 {
			return nil
		}
		return candidates[i]
	}
	plain, tls := at(80), at(443)
	switch {
	case plain == nil || tls == nil || plain.kind == tls.kind || !plain.named && !tls.named:
	case tls.kind == kindTCP:
		f.warnTwoAddresses(plain, tls, tls.rule.Kind == "" && !hasTLS(f.base, tls.rule))
	default:
		f.warnf(plain.rulePath("kind"), "remove kind: tcp, and port 80 redirects to 443; or write "+passBoth(tls.member, tls.port)+", and TLS is passed through",
			"port %d is at a network load balancer and port %d at an application one, which have two addresses: who writes http:// does not find the site",
			plain.port, tls.port)
	}
}

// sayMoved speaks of a port that goes to a load balancer of another type than leads to it
// now. The records of a domain follow by themselves.
func (f publisher) sayMoved(c *candidate) {
	live := f.liveKind(c.member, c.port)
	if live == "" || live == kindUDP || (live == kindHTTP) == (c.kind == kindHTTP) {
		return
	}
	from, to, say := "a network", "an application", f.warnf
	if live == kindHTTP {
		from, to = to, from
	}
	if f.X.Domain != "" {
		say = f.notef
	}
	say(c.path, "point DNS records of your own to the new load balancer once it is there",
		"port %d of %q moves from %s load balancer to %s one, which has another address", c.port, c.member.Name, from, to)
}
