package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// certificatesOf are the ARNs of the certificates of a listener, that of the
// stack first; none if it uses plain HTTP.
func (g *ingress) certificatesOf(published []*publishedPort) []plan.Value {
	var out []plan.Value
	if common := g.certificate(); !common.IsZero() {
		out = append(out, common)
	}
	var more []string
	for _, e := range published {
		if c := e.rule.Certificate; c != "" && !slices.Contains(out, plan.Literal(c)) {
			more = append(more, c)
		}
	}
	slices.Sort(more)
	for _, c := range slices.Compact(more) {
		out = append(out, plan.Literal(c))
	}
	return out
}

// certificate is that of the stack: the one that the files name, or one for
// their domain, which exists or is requested. The zero Value is none.
func (g *ingress) certificate() plan.Value {
	switch {
	case g.X.Certificate != "":
		return plan.Literal(g.X.Certificate)
	case g.X.Domain == "":
		return plan.Value{}
	case !g.networkKnown || g.facts.Certificate != "":
		return plan.Fact("certificate", "arn", g.facts.Certificate)
	default:
		return plan.RefTo(g.certificateAddress(), "arn", "")
	}
}

func (g *ingress) certificateAddress() plan.Address {
	return plan.Address{Kind: spec.CertificateKind, Name: g.X.Domain}
}

// certificates requests a certificate for the domain if there is none, and
// refuses certificates that a load balancer cannot use.
func (g *ingress) certificates() {
	g.checkCertificate(g.X.Certificate, xfargate.Key, "certificate")
	served := false
	for _, e := range g.published {
		served = served || e.kind == kindHTTP
		g.checkCertificate(e.rule.Certificate, e.rulePath("certificate")...)
	}
	wanted := g.certificate()
	if !served || wanted.Ref == nil || wanted.Ref.Address != g.certificateAddress() {
		return
	}
	path := diag.Path{xfargate.Key, "domain"}
	if g.facts.HostedZone == "" {
		g.errorf(path, "create a public hosted zone for it in Route 53, or request a certificate in ACM and set x-fargate.certificate to its ARN",
			"there is neither an issued certificate for %s nor a hosted zone to validate a new one in", g.X.Domain)
		return
	}
	g.add(g.certificateAddress(), g.At(path...), &spec.Certificate{
		DomainName:              g.X.Domain,
		SubjectAlternativeNames: g.hostsOfDomain(),
		HostedZoneID:            g.facts.HostedZone,
		KeyAlgorithm:            "RSA_2048",
		Tags:                    g.tags(),
	}).Origins = from(diag.Path{"services"}, "/x-fargate.domain")
}

// hostsOfDomain are the hosts of published ports below the domain, sorted; those with ?
// have no place in a certificate or in DNS, and those with * only at the beginning.
func (g *ingress) hostsOfDomain() []string {
	var out []string
	for _, e := range g.published {
		for _, host := range e.rule.Hosts {
			label, _ := strings.CutPrefix(host, "*.")
			if strings.HasSuffix(host, "."+g.X.Domain) && !strings.ContainsAny(label, "*?") {
				out = append(out, host)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// records lead the domain, and the hosts below it, to the load balancers.
func (g *ingress) records() {
	if g.X.Domain == "" || g.networkKnown && g.facts.HostedZone == "" {
		g.noteNoZone()
		if g.X.Domain == "" {
			g.noteUnrecorded(nil)
		}
		return
	}
	hosts := g.hostsOfDomain()
	g.noteUnrecorded(append(hosts, g.X.Domain))
	for _, b := range g.balancers {
		if b.kind == typeApplication && b.answers(g.X.Domain) || len(g.balancers) == 1 && b.kind == typeNetwork {
			g.record(b, g.X.Domain)
			break
		}
	}
	for _, host := range hosts {
		i := slices.IndexFunc(g.balancers, func(b *balancer) bool {
			return slices.ContainsFunc(b.ports, func(e *publishedPort) bool { return slices.Contains(e.rule.Hosts, host) })
		})
		g.record(g.balancers[i], host)
	}
}

func (g *ingress) noteNoZone() {
	if g.X.Domain != "" && g.facts.Certificate+g.X.Certificate != "" && len(g.balancers) > 0 {
		g.notef(diag.Path{xfargate.Key, "domain"}, "create a CNAME record that points to the load balancer",
			"no hosted zone for %s in this account: its DNS is not changed", g.X.Domain)
	}
}

// answers says whether requests to a host are forwarded anywhere.
func (b *balancer) answers(host string) bool {
	return slices.ContainsFunc(b.ports, func(e *publishedPort) bool {
		return len(e.rule.Hosts) == 0 || slices.Contains(e.rule.Hosts, host)
	})
}

// record is an alias of a name for a load balancer.
func (g *ingress) record(b *balancer, name string) {
	out := &spec.Record{
		HostedZoneID: plan.Fact("hosted-zone", "id", g.facts.HostedZone).String(),
		Name:         name,
		Type:         "A",
	}
	if b.exists {
		out.DNSName = g.existing("dns-name", func(b plan.LoadBalancer) string { return b.DNSName })
		out.AliasHostedZone = g.existing("hosted-zone", func(b plan.LoadBalancer) string { return b.HostedZone })
	} else {
		out.DNSName = plan.RefTo(balancerAddress(b), "dns-name", "")
		out.AliasHostedZone = plan.RefTo(balancerAddress(b), "hosted-zone", "")
		out.LoadBalancer = g.balancerArn(b)
	}
	address := plan.Address{Kind: spec.RecordKind, Name: strings.ReplaceAll(name, "*", "_")}
	r := g.add(address, g.At(xfargate.Key, "domain"), out)
	r.Origins = from(diag.Path{"services"}, "/x-fargate.domain")
	// Nobody is led to a load balancer before something answers behind it.
	for _, e := range b.ports {
		r.After = append(r.After, serviceAddress(e.task.name()))
		r.Needs = append(r.Needs, e.leads...)
	}
	slices.SortFunc(r.After, plan.Address.Compare)
	r.After = slices.Compact(r.After)
	slices.SortFunc(r.Needs, plan.Address.Compare)
}

// hasTLS says whether there is, or will be, a certificate for a port.
func hasTLS(b *base, rule xfargate.Ingress) bool {
	return b.X.Certificate != "" || b.X.Domain != "" || rule.Certificate != ""
}

// knowsTLS says whether the load balancer that exists has an HTTPS listener.
func knowsTLS(b *base, ports ...int) bool {
	existing := b.facts.LoadBalancer
	return existing != nil && existing.Type == typeApplication && slices.ContainsFunc(existing.Listeners, func(l plan.Listener) bool {
		return slices.Contains(ports, l.Port) && l.Protocol == "HTTPS"
	})
}
