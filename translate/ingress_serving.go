package translate

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

func (f publisher) serving(m container) serving {
	out, known := f.served[m.Name]
	if !known {
		out = f.servingOf(m)
		f.served[m.Name] = out
	}
	return out
}

// silent says why nobody listens at a TCP port; "" where somebody does, or may.
func (f publisher) silent(m container, port int) string {
	s := f.serving(m)
	if !s.whole {
		return f.silentByImage(m, port)
	}
	if len(s.at(port)) > 0 {
		return ""
	}
	return fmt.Sprintf("%s has %s listen at %s only", s.shown, s.program, listed(numbers(s.ports())))
}

// isHeard says whether a published port gets a load balancer: one at which nobody
// listens would never be healthy, so that ECS would end one task after the other.
func (f publisher) isHeard(m container, port openPort, items []publication) bool {
	if port.protocol != "tcp" {
		return true
	}
	why := f.silent(m, port.port)
	if why == "" {
		f.warnUnsure(m, port.port, items[0].path)
		return true
	}
	live := f.isLive(m, port.port)
	what := "so it gets no load balancer"
	if live {
		what = "so its load balancer finds no task healthy"
	}
	f.warnf(items[0].path, fmt.Sprintf("remove it from ports, or write %s; or, if somebody does listen there, {kind: tcp}", ingressLine(port.port, "kind: none")),
		"nobody listens at port %d of %q, %s: %s", port.port, m.Name, what, why)
	return live
}

// warnUnsure speaks of a port at which nobody listens unless the command of a container
// writes that first.
func (f publisher) warnUnsure(m container, port int, path diag.Path) {
	s := f.serving(m)
	if !s.written || len(s.at(port)) > 0 {
		return
	}
	f.warnf(path, fmt.Sprintf("if nobody does, remove it from ports, or write %s; if somebody does, write %s", ingressLine(port, "kind: none"), passBoth(m, port)),
		"ECS ends one task of %q after the other if nobody listens at port %d: %s has %s listen at %s, and what its command adds to that is not known",
		m.Name, port, s.shown, s.program, listed(numbers(s.ports())))
}

func numbers(ports []int) []string {
	var out []string
	for _, port := range ports {
		out = append(out, strconv.Itoa(port))
	}
	return out
}

// warnUnheard speaks of a rule for a port at which nobody listens. With a kind it says that
// somebody does.
func (f publisher) warnUnheard(c *candidate) {
	why := f.silent(c.member, c.port)
	if c.rule.Kind != "" || c.opened.protocol != "tcp" || why == "" {
		return
	}
	help := fmt.Sprintf("remove it; or, if somebody does listen at port %d, add kind: http", c.port)
	if s := f.serving(c.member); s.whole {
		own := described{way: way{c.rule.Hosts, c.rule.Paths}}
		help = fmt.Sprintf("write %s instead; or, if somebody does listen at port %d, add kind: http", own.line(s.ports()[0], ""), c.port)
	}
	f.warnf(c.rulePath(), help, "nobody listens at port %d of %q, so its load balancer finds no task healthy: %s", c.port, c.member.Name, why)
}

// warnServed speaks of what the program of a container does with requests that come from
// a load balancer which ends TLS.
func (f publisher) warnServed(c *candidate) {
	if c.kind != kindHTTP || !hasTLS(f.base, c.rule) {
		return
	}
	if c.speaksTLS() {
		f.warnACME(c)
		return
	}
	s := f.serving(c.member)
	loop, loops := s.loopAt(c.port)
	if !loops {
		return
	}
	help := fmt.Sprintf("let port %d answer, or redirect only where X-Forwarded-Proto is http", c.port)
	switch {
	case s.program == caddyName:
		help = fmt.Sprintf("write http:// before the address of the site, and port %d answers", c.port)
	case slices.Contains(s.ports(), 443):
		help = `add "443:443" to ports, and the load balancer asks there; or ` + help
	}
	f.warnAt(loop.pos, c.path, help, "%s redirects what comes to port %d to https://, where the load balancer ends TLS and asks at port %d again: a redirect loop", s.program, c.port, c.port)
}

// acmeOf is the program that gets a certificate for a port itself, and the place that
// tells; "" for none.
func (f publisher) acmeOf(c *candidate) (program string, at diag.Pos) {
	if program = getsCertificates(c.member); program != "" {
		return program, f.At(c.path...)
	}
	s := f.serving(c.member)
	if one, ok := s.acmeAt(c.port); ok {
		return s.program, one.pos
	}
	return "", diag.Pos{}
}

// warnACME speaks of a program that cannot get the certificate without which it answers
// nothing over TLS: an authority asks for TLS-ALPN-01 at port 443, where the load balancer
// ends TLS, and for HTTP-01 at port 80, which redirects there (RFC 8737, RFC 8555 8.3).
func (f publisher) warnACME(c *candidate) {
	program, at := f.acmeOf(c)
	if program == "" {
		return
	}
	help := fmt.Sprintf("write %s, and a network load balancer passes both through", passBoth(c.member, c.port))
	if program == caddyName {
		help = "write http:// before the address of the site, and the load balancer has the certificate; or " + help
	}
	f.warnAt(at, c.path, help, "%s cannot get its certificate: the load balancer ends TLS, so that no authority reaches port %d of %q", program, c.port, c.member.Name)
}

// passBoth is what to write so that the ports of a site are passed through with its TLS.
func passBoth(m container, port int) string {
	for _, p := range m.Ports {
		if p.Published == "80" && int(p.Target) != port {
			return fmt.Sprintf(`x-fargate: {ingress: {"%d": {kind: tcp}, "%d": {kind: tcp}}}`, p.Target, port)
		}
	}
	return ingressLine(port, "kind: tcp")
}

func (f publisher) warnAt(pos diag.Pos, path diag.Path, help, format string, args ...any) {
	f.ds.Warnf(pos, compose.Dotted(path), help, format, args...)
}
