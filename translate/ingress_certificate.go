package translate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// certificateArns are those of the certificates that the files name, sorted.
func (p *Project) certificateArns() []string {
	found := map[string]bool{p.X.Certificate: true}
	for name := range p.Compose.Services {
		for _, rule := range p.X.Service(name).Ingress {
			found[rule.Certificate] = true
		}
	}
	delete(found, "")
	if len(found) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(found))
}

// checkCertificate refuses a certificate that no load balancer here can use.
func (g *ingress) checkCertificate(arn string, path ...string) {
	parts := strings.Split(arn, ":")
	if len(parts) > 3 && g.facts.Region != "" && parts[3] != g.facts.Region {
		g.errorf(path, "request one in ACM in "+g.facts.Region, "the certificate is in %s: load balancers in %s can use only certificates of their own region", parts[3], g.facts.Region)
		return
	}
	found, exists := g.facts.Certificates[arn]
	switch {
	case arn == "" || g.facts.Certificates == nil || found.Status == plan.Usable:
	case !exists:
		g.errorf(path, "write the ARN of one that \"aws acm list-certificates\" shows", "there is no certificate %s in this account", arn)
	default:
		g.errorf(path, "add the DNS records that \"aws acm describe-certificate\" shows and wait until it is ISSUED, or name another one",
			"the certificate for %s is %s: a load balancer accepts only issued ones", listed(found.Names), found.Status)
	}
}

// sayUncovered speaks of hosts for which the listeners that lead to them have no
// certificate.
func (g *ingress) sayUncovered() {
	for _, b := range g.balancers {
		for _, e := range b.ports {
			if e.kind == kindHTTP && hasTLS(g.base, e.rule) && !b.exists { // a listener that exists has others
				g.warnUncovered(b, e)
			}
		}
	}
}

func (g *ingress) warnUncovered(b *balancer, e *publishedPort) {
	names, known := g.servedNames(b, e)
	hosts := slices.DeleteFunc(slices.Clone(e.rule.Hosts), func(host string) bool { return !isName(host) || covers(names, host) })
	if !known || len(hosts) == 0 {
		return
	}
	own := described{way: way{e.rule.Hosts, e.rule.Paths}}
	path, help := e.path, "write "+own.line(e.port, "certificate: ARN")+", with the ARN of a certificate in ACM for "
	if e.named {
		path, help = e.rulePath("host"), fmt.Sprintf("set x-fargate.ingress.%d.certificate to the ARN of a certificate in ACM for ", e.port)
	}
	g.warnf(path, help+listed(hosts), "clients refuse the connection to %s: the certificates of the load balancer are for %s", listed(hosts), listed(names))
}

// isName says whether a certificate can be for a host.
func isName(host string) bool { return !isPattern(strings.TrimPrefix(host, "*.")) }

// servedNames are the names, sorted, of the certificates at the listeners that lead to a
// published port, and whether they are known.
func (g *ingress) servedNames(b *balancer, e *publishedPort) (names []string, known bool) {
	var there []*publishedPort
	for _, other := range b.ports {
		if slices.ContainsFunc(other.listens, func(port int) bool { return slices.Contains(e.listens, port) }) {
			there = append(there, other)
		}
	}
	for _, c := range g.certificatesOf(there) {
		some, known := g.namesOf(c)
		if !known {
			return nil, false
		}
		names = append(names, some...)
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// namesOf are the names of a certificate, and whether they are known. Before anything is
// looked up, one for the domain is taken for one that is requested.
func (g *ingress) namesOf(certificate plan.Value) (names []string, known bool) {
	if found, ok := g.facts.Certificates[certificate.Text]; ok {
		return found.Names, true
	}
	if certificate.Ref == nil {
		return nil, false
	}
	return append(g.hostsOfDomain(), g.X.Domain), true
}

// covers says whether a host is among the names of a certificate, or one label below a
// wildcard (RFC 6125, section 6.4.3).
func covers(names []string, host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	return slices.Contains(names, host) || slices.Contains(names, "*."+parent)
}

// noteUnrecorded says to which hosts nothing leads by the DNS of the stack, which has
// records for some.
func (g *ingress) noteUnrecorded(recorded []string) {
	var hosts []string
	var first diag.Path
	for _, e := range g.published {
		for _, host := range e.rule.Hosts {
			if !slices.Contains(recorded, host) && !slices.Contains(hosts, host) && !isLocalHost(host) && isName(host) {
				hosts, first = append(hosts, host), g.earliest(first, e.path)
			}
		}
	}
	if len(hosts) == 0 {
		return
	}
	slices.Sort(hosts)
	why := "the files have no x-fargate.domain"
	if g.X.Domain != "" {
		why = "x-fargate.domain is " + g.X.Domain
	}
	g.notef(first, "create CNAME records that point to the load balancer", "no DNS record is made for %s: %s", listed(hosts), why)
}
