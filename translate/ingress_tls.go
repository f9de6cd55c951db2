package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// certificatesOf are the ARNs of the certificates of a listener, that of the stack
// first; none where it speaks plain HTTP.
func (t *translation) certificatesOf(exposures []*exposure) []plan.Value {
	var out []plan.Value
	if common := t.certificate(); !common.IsZero() {
		out = append(out, common)
	}
	var more []string
	for _, e := range exposures {
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
func (t *translation) certificate() plan.Value {
	switch {
	case t.X.Certificate != "":
		return plan.Literal(t.X.Certificate)
	case t.X.Domain == "":
		return plan.Value{}
	case !t.networkKnown || t.facts.Certificate != "":
		return plan.Fact("certificate", "arn", t.facts.Certificate)
	default:
		return plan.RefTo(t.certificateAddress(), "arn", "")
	}
}

func (t *translation) certificateAddress() plan.Address {
	return plan.Address{Kind: spec.CertificateKind, Name: t.X.Domain}
}

// certificates requests one for the domain where there is none, and refuses those
// of other regions: a load balancer takes certificates of its own.
func (t *translation) certificates() {
	t.checkRegion(t.X.Certificate, xKey, "certificate")
	served := false
	for _, e := range t.exposures {
		served = served || e.kind == kindHTTP
		t.checkRegion(e.rule.Certificate, at(e.member.Name, xKey, "ingress", last(strings.Split(e.name(), ".")), "certificate")...)
	}
	wanted := t.certificate()
	if !served || wanted.Ref == nil || wanted.Ref.Address != t.certificateAddress() {
		return
	}
	path := []string{xKey, "domain"}
	if t.facts.HostedZone == "" {
		t.errorf(path, "make a public hosted zone for it in Route 53, or request a certificate in ACM and name it as x-fargate.certificate",
			"no issued certificate for %s, and no hosted zone in which one could be validated", t.X.Domain)
		return
	}
	t.add(t.certificateAddress(), t.At(path...), &spec.Certificate{
		DomainName:              t.X.Domain,
		SubjectAlternativeNames: t.hostsOfDomain(),
		HostedZoneID:            t.facts.HostedZone,
		KeyAlgorithm:            "RSA_2048",
		Tags:                    t.tags(),
	})
}

// checkRegion refuses the certificate of another region.
func (t *translation) checkRegion(arn string, path ...string) {
	parts := strings.Split(arn, ":")
	if len(parts) > 3 && t.facts.Region != "" && parts[3] != t.facts.Region {
		t.errorf(path, "request one in ACM of "+t.facts.Region, "a certificate of %s: load balancers in %s take those of their own region", parts[3], t.facts.Region)
	}
}

// hostsOfDomain are the hosts of exposures below the domain, sorted; those with ?
// have no place in a certificate or in DNS, and those with * only at the beginning.
func (t *translation) hostsOfDomain() []string {
	var out []string
	for _, e := range t.exposures {
		for _, host := range e.rule.Hosts {
			label, _ := strings.CutPrefix(host, "*.")
			if strings.HasSuffix(host, "."+t.X.Domain) && !strings.ContainsAny(label, "*?") {
				out = append(out, host)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// records lead the domain, and the hosts below it, to the load balancers.
func (t *translation) records() {
	if t.X.Domain == "" || t.networkKnown && t.facts.HostedZone == "" {
		t.noteNoZone()
		return
	}
	hosts := t.hostsOfDomain()
	for _, b := range t.balancers {
		if b.kind == typeApplication && b.answers(t.X.Domain) || len(t.balancers) == 1 && b.kind == typeNetwork {
			t.record(b, t.X.Domain)
			break
		}
	}
	for _, host := range hosts {
		i := slices.IndexFunc(t.balancers, func(b *balancer) bool {
			return slices.ContainsFunc(b.exposures, func(e *exposure) bool { return slices.Contains(e.rule.Hosts, host) })
		})
		t.record(t.balancers[i], host)
	}
}

func (t *translation) noteNoZone() {
	if t.X.Domain != "" && t.facts.Certificate+t.X.Certificate != "" && len(t.balancers) > 0 {
		t.notef([]string{xKey, "domain"}, "let a CNAME record lead to the load balancer",
			"no hosted zone for %s in this account: its DNS is not changed", t.X.Domain)
	}
}

// answers says whether requests to a host lead anywhere.
func (b *balancer) answers(host string) bool {
	return slices.ContainsFunc(b.exposures, func(e *exposure) bool {
		return len(e.rule.Hosts) == 0 || slices.Contains(e.rule.Hosts, host)
	})
}

// record is an alias of a name for a load balancer.
func (t *translation) record(b *balancer, name string) {
	out := &spec.Record{
		HostedZoneID: plan.Fact("hosted-zone", "id", t.facts.HostedZone).String(),
		Name:         name,
		Type:         "A",
	}
	if b.exists {
		out.DNSName = t.existing("dns-name", func(b plan.LoadBalancer) string { return b.DNSName })
		out.AliasHostedZone = t.existing("hosted-zone", func(b plan.LoadBalancer) string { return b.HostedZone })
	} else {
		out.DNSName = plan.RefTo(balancerAddress(b), "dns-name", "")
		out.AliasHostedZone = plan.RefTo(balancerAddress(b), "hosted-zone", "")
		out.LoadBalancer = t.balancerArn(b)
	}
	address := plan.Address{Kind: spec.RecordKind, Name: strings.ReplaceAll(name, "*", "_")}
	r := t.add(address, t.At(xKey, "domain"), out)
	// Nobody is led to a load balancer before something answers behind it.
	for _, e := range b.exposures {
		r.After = append(r.After, serviceAddress(e.task.name()))
		r.Needs = append(r.Needs, e.leads...)
	}
	slices.SortFunc(r.After, plan.Address.Compare)
	r.After = slices.Compact(r.After)
	slices.SortFunc(r.Needs, plan.Address.Compare)
}
