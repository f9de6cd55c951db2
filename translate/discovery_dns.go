package translate

import (
	"regexp"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// recordTTL, in seconds, is how long a client may go on using the address of a
// task that is gone: as short as peers have it for tasks that move.
const recordTTL = 10

func (t *translation) dnsNamespaceAddress() plan.Address {
	return plan.Address{Kind: spec.NamespaceKind, Name: t.Name + ".dns"}
}

func discoveryServiceAddress(service string) plan.Address {
	return plan.Address{Kind: spec.DiscoveryServiceKind, Name: service}
}

// dnsZone is the zone of the names in private DNS.
func dnsZone(project string) string {
	return dnsLabels(project, true) + ".internal"
}

// dnsForm is what Cloud Map takes as the name of a service that DNS knows, in
// lower case (API reference, CreateService, Name): labels of up to 63 letters,
// digits, underscores and hyphens.
var dnsForm = regexp.MustCompile(`^([a-z0-9_][a-z0-9_-]{0,61}[a-z0-9_]|[a-z0-9])(\.([a-z0-9_][a-z0-9_-]{0,61}[a-z0-9_]|[a-z0-9]))*$`)

var dnsRefused = regexp.MustCompile(`[^a-z0-9-]`)

// dnsLabels makes a name one for DNS. What does not fit becomes one label that
// ends in a hash of the whole, as in alphabet.fit.
func dnsLabels(name string, single bool) string {
	folded := strings.ToLower(name)
	fits := dnsForm.MatchString(folded) && len(folded) <= 127 && !hashed.MatchString(folded)
	if fits && !(single && strings.Contains(folded, ".")) {
		return folded
	}
	clean := strings.Trim(dnsRefused.ReplaceAllString(folded, "-"), "-")
	return strings.TrimLeft(clean[:min(len(clean), 54)]+"-"+digest(8, name), "-")
}

// privateDNS makes the names of the tasks that are to be found by DNS.
func (t *translation) privateDNS() {
	t.dnsNames = map[*task]string{}
	for _, k := range t.tasks {
		for _, m := range k.members {
			if t.X.Service(m.Name).Discovery.registers() {
				t.dnsName(k, m.Name)
			}
		}
	}
	if len(t.dnsNames) == 0 {
		return
	}
	t.add(t.dnsNamespaceAddress(), t.At("name"), &spec.Namespace{
		Name: dnsZone(t.Name), Type: "DNS_PRIVATE", Vpc: plan.Fact("vpc", "id", t.facts.VPC),
		Description: "Private DNS of compose project " + t.Name + ".", Tags: t.tags(),
	})
}

// dnsName registers a task under the name of a member. It has one name: an ECS
// service takes one service registry.
func (t *translation) dnsName(k *task, member string) {
	path := t.discoveryPath(member)
	name := dnsLabels(member, false)
	if other, ok := t.dnsNames[k]; ok {
		t.warnf(path, "call it "+other, "its task has a name in private DNS already, and takes one")
		return
	}
	t.dnsNames[k] = name + "." + dnsZone(t.Name)
	t.add(discoveryServiceAddress(k.name()), t.At(path...), &spec.DiscoveryService{
		Name: name, NamespaceID: plan.RefTo(t.dnsNamespaceAddress(), "id", ""), RoutingPolicy: "MULTIVALUE",
		Description: "Service " + member + " of compose project " + t.Name + ".",
		DnsRecords:  []spec.DnsRecord{{Type: "A", TTL: recordTTL}}, Tags: t.tags(),
	})
	also := ""
	if !t.X.Service(member).Discovery.connects() {
		also = ", not as " + member
	}
	t.notef(path, "", "others find it as %s%s", t.dnsNames[k], also)
}

// discoveryPath is where the files say how a service is found.
func (t *translation) discoveryPath(service string) []string {
	path := at(service, xKey, "discovery")
	if !t.Written(path...) && t.Written(xKey, "defaults", "discovery") {
		return at(service)
	}
	return path
}

// serviceRegistries are those of private DNS.
func (t *translation) serviceRegistries(k *task) []spec.ServiceRegistry {
	if t.dnsNames[k] == "" {
		return nil
	}
	return []spec.ServiceRegistry{{RegistryArn: plan.RefTo(discoveryServiceAddress(k.name()), "arn", "")}}
}
