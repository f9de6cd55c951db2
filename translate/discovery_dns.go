package translate

import (
	"regexp"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// recordTTL, in seconds, is how long a client may go on using the address of a
// task that is gone: as short as peers have it for tasks that move.
const recordTTL = 10

func (d *discovery) dnsNamespaceAddress() plan.Address {
	return plan.Address{Kind: spec.NamespaceKind, Name: d.Name + ".dns"}
}

func discoveryServiceAddress(service string) plan.Address {
	return plan.Address{Kind: spec.DiscoveryServiceKind, Name: service}
}

// dnsZone is the zone of the names in private DNS.
func dnsZone(project string) string {
	return dnsLabels(project, true) + ".internal"
}

// dnsForm is the form, in lower case, that Cloud Map requires of the name of a
// service with DNS records (API reference, CreateService, Name): labels of up
// to 63 letters, digits, underscores and hyphens.
var dnsForm = regexp.MustCompile(`^([a-z0-9_][a-z0-9_-]{0,61}[a-z0-9_]|[a-z0-9])(\.([a-z0-9_][a-z0-9_-]{0,61}[a-z0-9_]|[a-z0-9]))*$`)

var dnsRefused = regexp.MustCompile(`[^a-z0-9-]`)

// dnsLabels makes a name one for DNS. What does not fit becomes one label that
// ends in a hash of the whole, as in alphabet.fit.
func dnsLabels(name string, single bool) string {
	folded := strings.ToLower(name)
	fits := dnsForm.MatchString(folded) && len(folded) <= 127 && !hashed(folded)
	if fits && !(single && strings.Contains(folded, ".")) {
		return folded
	}
	clean := strings.Trim(dnsRefused.ReplaceAllString(folded, "-"), "-")
	return strings.TrimLeft(clean[:min(len(clean), 54)]+"-"+digest(8, name), "-")
}

// privateDNS makes the names of the tasks that are to be found by DNS.
func (d *discovery) privateDNS() {
	for _, k := range d.tasks {
		for _, m := range k.members {
			if d.X.Service(m.Name).Discovery.Registers() {
				d.dnsName(k, m.Name)
			}
		}
	}
	if len(d.dnsNames) == 0 {
		return
	}
	d.add(d.dnsNamespaceAddress(), d.At("name"), &spec.Namespace{
		Name: dnsZone(d.Name), Type: "DNS_PRIVATE", Vpc: plan.Fact("vpc", "id", d.facts.VPC),
		Description: "Private DNS of compose project " + d.Name + ".", Tags: d.tags(),
	}).Origins = from(d.firstPath(diag.Path{"name"}, diag.Path{"services"}))
}

// dnsName registers a task under the name of a member. It has one name: an ECS
// service takes one service registry.
func (d *discovery) dnsName(k *task, member string) {
	path := d.discoveryPath(member)
	name := dnsLabels(member, false)
	if other, ok := d.dnsNames[k]; ok {
		d.warnf(path, "use the name "+other, "its task already has a name in private DNS, and a task can have only one")
		return
	}
	d.dnsNames[k] = name + "." + dnsZone(d.Name)
	d.add(discoveryServiceAddress(k.name()), d.At(path...), &spec.DiscoveryService{
		Name: name, NamespaceID: plan.RefTo(d.dnsNamespaceAddress(), "id", ""), RoutingPolicy: "MULTIVALUE",
		Description: "Service " + member + " of compose project " + d.Name + ".",
		DnsRecords:  []spec.DnsRecord{{Type: "A", TTL: recordTTL}}, Tags: d.tags(),
	}).Origins = from(at(k.name()), "x-fargate.discovery")
	also := ""
	if !d.X.Service(member).Discovery.Connects() {
		also = ", not as " + member
	}
	d.notef(path, "", "other services reach it as %s%s", d.dnsNames[k], also)
}

// discoveryPath is where the files say how a service is found.
func (d *discovery) discoveryPath(service string) []string {
	path := at(service, xfargate.Key, "discovery")
	if !d.Written(path...) && d.Written(xfargate.Key, "defaults", "discovery") {
		return at(service)
	}
	return path
}

// serviceRegistries are the registries for private DNS.
func (d *discovery) serviceRegistries(k *task) []spec.ServiceRegistry {
	if d.dnsNames[k] == "" {
		return nil
	}
	return []spec.ServiceRegistry{{RegistryArn: plan.RefTo(discoveryServiceAddress(k.name()), "arn", "")}}
}
