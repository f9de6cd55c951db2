package translate

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// decide chooses the kinds of the ports of one container. Which load balancer is one
// decision for a site, and for a range of ports, as for their user they are one thing.
func (f publisher) decide(candidates []*candidate) {
	assumeTLS(candidates)
	for _, c := range candidates {
		c.kind = f.kindOf(c)
	}
	f.alikeInRanges(candidates)
	f.passThrough(candidates)
	f.endAtBalancer(candidates)
	f.warnSplit(candidates)
	for _, c := range candidates {
		f.refuseBothPublished(c)
	}
}

// assumeTLS takes the port that is published as 443 for one that speaks TLS where
// another one is published as 80.
func assumeTLS(candidates []*candidate) {
	for _, c := range candidates {
		other := slices.ContainsFunc(c.member.Ports, func(p types.ServicePortConfig) bool {
			return int(p.Target) != c.port && p.Published == "80"
		})
		if c.app == "" && c.opened.protocol == "tcp" && other && slices.Equal(c.published, []int{443}) {
			c.app = "https"
		}
	}
}

// alikeInRanges gives the ports of a range the kind of its first one.
func (f publisher) alikeInRanges(candidates []*candidate) {
	first := map[diag.Pos]string{}
	for _, c := range candidates {
		if !c.guessed || c.frozen || len(c.items) == 0 {
			continue
		}
		pos := f.At(c.items[0].path...)
		if kind, ok := first[pos]; ok {
			c.kind = kind
		} else {
			first[pos] = c.kind
		}
	}
}

// isTLSSite says whether browsers find a port by https:// alone, and the container
// itself speaks TLS there.
func (c *candidate) isTLSSite() bool { return c.speaksTLS() && slices.Contains(c.published, 443) }

// passThrough leads the ports of a site to one load balancer where its TLS is passed
// through, because nothing but a network one can do that: at another address nothing
// would answer what port 80 redirects to.
func (f publisher) passThrough(candidates []*candidate) {
	i := slices.IndexFunc(candidates, func(c *candidate) bool { return c.kind == kindTCP && f.isPassed(c) })
	if i < 0 {
		return
	}
	passed := candidates[i]
	program, _ := f.acmeOf(passed)
	why, help := "there is no certificate", "write x-fargate.domain or x-fargate.certificate to terminate TLS at a load balancer"
	if program != "" {
		why, help = program+" gets its certificates itself through them", ""
	}
	var ports []string
	for _, c := range candidates {
		switch {
		case c.guessed && c.kind == kindHTTP && c.frozen:
			f.warnTwoAddresses(c, passed, program == "")
			help = "" // the warning has it
			continue
		case c.guessed && c.kind == kindHTTP:
			c.kind = kindTCP
			c.passed = true
		case c.kind != kindTCP || !f.isPassed(c):
			continue
		}
		for _, n := range c.published {
			ports = append(ports, strconv.Itoa(n))
		}
	}
	word, them := "port", ""
	if len(ports) > 1 {
		word, them = "ports", ", at one address"
	}
	f.notef(passed.path, help, "a network load balancer passes %s %s through unchanged%s, because %s", word, listed(ports), them, why)
}

// isPassed says whether a port is passed through for its TLS, and not because the files
// say so.
func (f publisher) isPassed(c *candidate) bool {
	return c.rule.Kind == "" && !c.needsTLS() && f.passesTLS(c)
}

// endAtBalancer leaves port 80 of a site to the load balancer where that ends its TLS:
// it redirects to 443, and asks the container at its port of TLS. If it asked at port
// 80, many a server would redirect it again, without end.
func (f publisher) endAtBalancer(candidates []*candidate) {
	for _, c := range candidates {
		stayed := c.kind == kindTCP && c.frozen // where its TLS was passed through, and moves now
		if c.kind != kindHTTP && !stayed || c.speaksTLS() || c.rule.Kind != "" || !slices.Contains(c.published, 80) || !hasTLS(f.base, c.rule) {
			continue
		}
		i := slices.IndexFunc(candidates, func(tls *candidate) bool {
			return tls.kind == kindHTTP && tls.isTLSSite() && hasTLS(f.base, tls.rule)
		})
		switch {
		case i < 0 && stayed:
		case i < 0:
			f.refuseLoop(c)
		case c.named && candidates[i].named:
			f.errorf(c.rulePath(), fmt.Sprintf("remove it, and write what is meant for both under %q", strconv.Itoa(candidates[i].port)),
				"the load balancer redirects port 80 to 443, which leads to port %d of the container, so nothing leads to port %d", candidates[i].port, c.port)
			c.kind = ""
		default:
			f.redirectTo(candidates[i], c)
		}
	}
}

// redirectTo leaves port 80 of plain to a redirect to that of TLS.
func (f publisher) redirectTo(tls, plain *candidate) {
	tls.redirect = true
	if plain.named { // what is said of the site
		tls.rule, tls.named = plain.rule, true
	}
	plain.published = slices.DeleteFunc(plain.published, func(port int) bool { return port == 80 })
	if len(plain.published) == 0 {
		plain.kind = ""
	}
}

// refuseLoop looks for a service whose own TLS at port 443 the files leave out, so that
// the load balancer asks at port 80 what clients want from 443. Only the files can tell
// that the container answers there itself.
func (f publisher) refuseLoop(plain *candidate) {
	for _, p := range plain.member.Ports {
		port := int(p.Target)
		left := f.X.Service(plain.member.Name).Ingress[port].Kind == kindNone
		if !left || f.silent(plain.member, port) != "" || p.Published != "443" || port == plain.port || loopback(p.HostIP) || isPrivateAddress(p.HostIP) {
			continue
		}
		say := f.errorf
		if f.isLive(plain.member, plain.port) {
			say = f.warnf
		}
		say(at(plain.member.Name, "x-fargate", "ingress", strconv.Itoa(port)),
			fmt.Sprintf("remove {\"%d\": {kind: none}}: port 80 then redirects to 443, and that leads to port %d of the container; or, if port %d answers without redirecting, write x-fargate: {ingress: {\"%d\": {kind: http}, \"%d\": {kind: none}}}",
				port, port, plain.port, plain.port, port),
			"the load balancer ends TLS and asks at port %d, where a server that has port %d for TLS usually redirects to https: that would be a redirect loop",
			plain.port, port)
		return
	}
}
