package translate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// endpoint is a port of a task under the name by which others call it.
type endpoint struct {
	task   *task
	member string // the container that listens
	owner  string // the compose service whose name it bears
	alias  string // that name, as ECS takes it
	openPort
}

// String is the endpoint as clients write it.
func (e endpoint) String() string { return fmt.Sprintf("%s:%d", e.alias, e.port) }

// aliasForm is the form that ECS requires of the DNS name of a client alias: up
// to 127 lower-case letters, digits, underscores, hyphens and periods, not
// beginning with a hyphen (ServiceConnectClientAlias, ecs v1.104.0).
var aliasForm = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)*$`)

const maxAlias = 127

// endpoints are those of the tasks that have some.
type endpoints map[*task][]endpoint

// findEndpoints goes through the ports of all tasks.
func findEndpoints(b *base, ports openPorts) endpoints {
	out := endpoints{}
	for _, k := range b.tasks {
		taken := map[int]bool{}
		for _, m := range k.members {
			out.add(b, k, m.Name, ports.of(m.Name), taken)
		}
	}
	return out
}

// add adds those at the TCP ports of a member of a task, but for those taken by
// another one.
func (all endpoints) add(b *base, k *task, member string, ports []openPort, taken map[int]bool) {
	owner := b.netOwner(member)
	alias := strings.ToLower(owner)
	if !b.X.Service(owner).Discovery.Connects() {
		return
	}
	if !aliasForm.MatchString(alias) || len(alias) > maxAlias {
		b.warnf(at(owner), "rename the service", "not reachable by name: %q is not a valid Service Connect name", owner)
		return
	}
	for _, p := range ports {
		if p.protocol == "tcp" && !taken[p.port] {
			taken[p.port] = true
			all[k] = append(all[k], endpoint{task: k, member: member, owner: owner, alias: alias, openPort: p})
		}
	}
}

// connected says whether a service of the stack is found through Service Connect,
// of which every service is a client then.
func (all endpoints) connected() bool { return len(all) > 0 }

// discovery is the phase of the names by which services find each other. It comes
// after the ports; what it knows goes into the ECS services. A service may have a
// name in Service Connect, one in private DNS, both or none.
type discovery struct {
	*base
	ports     openPorts
	endpoints endpoints
	named     map[string][]endpoint     // those with the name of a service
	dnsNames  map[*task]string          // in private DNS
	uses      map[*task]map[string]bool // services that the members of a task name
}

// newDiscovery makes what the names need beside the services: the namespaces, and
// the Cloud Map services of private DNS. And it says what becomes of the names that
// the files use.
func newDiscovery(b *base, ports openPorts, named nameUses) *discovery {
	d := &discovery{base: b, ports: ports, endpoints: findEndpoints(b, ports), named: map[string][]endpoint{}, dnsNames: map[*task]string{}}
	for _, k := range d.tasks {
		for _, e := range d.endpoints[k] {
			d.named[e.owner] = append(d.named[e.owner], e)
		}
	}
	d.refuseFolded()
	if d.endpoints.connected() {
		d.add(d.namespaceAddress(), d.At("name"), &spec.Namespace{
			Name: namespaceName(d.Name), Type: "HTTP", Description: "Service Connect of compose project " + d.Name + ".", Tags: d.tags(),
		}).Origins = from(d.firstPath(diag.Path{"name"}, diag.Path{"services"}))
	}
	d.privateDNS()
	d.sayUses(d.findUses(named))
	d.noteCallers()
	return d
}

// refuseFolded looks for services whose names are one to DNS.
func (d *discovery) refuseFolded() {
	first := map[string]string{}
	for _, k := range d.tasks {
		for _, e := range d.endpoints[k] {
			other, known := first[e.alias]
			if !known {
				first[e.alias] = e.owner
			}
			if known && other != e.owner {
				d.errorf(at(e.owner), "rename one of them, or give it x-fargate: {discovery: {mode: none}}",
					"in DNS its name is the same as that of %q, at %s", other, d.At(at(other)...))
				first[e.alias] = e.owner // once
			}
		}
	}
}

// discoveryName is the name of an endpoint in Cloud Map. It ends in a hash of what
// ECS cannot change, and of what an endpoint of the same name elsewhere would
// clash with while that goes.
func (d *discovery) discoveryName(e endpoint) string {
	port := strconv.Itoa(e.port)
	suffix := "-" + port + "-" + digest(6, d.Name, e.task.name(), e.owner, port, e.protocol, e.appProtocol, e.alias)
	name := strings.TrimLeft(discoveryRefused.ReplaceAllString(e.alias, "-"), "-")
	return name[:min(len(name), maxDiscovery-len(suffix))] + suffix
}

// ServiceConnectService of ecs v1.104.0: up to 64 lower-case letters, digits,
// underscores and hyphens, no hyphen first.
var discoveryRefused = regexp.MustCompile(`[^a-z0-9_-]`)

const maxDiscovery = 64

// serviceConnect is under which names the service of a task is found, nil where
// nobody has a name.
func (d *discovery) serviceConnect(k *task) *spec.ServiceConnect {
	if !d.endpoints.connected() {
		return nil
	}
	out := &spec.ServiceConnect{Enabled: true, Namespace: plan.RefTo(d.namespaceAddress(), "arn", "")}
	for _, e := range d.endpoints[k] {
		out.Services = append(out.Services, spec.ServiceConnectService{
			PortName:      portName(e.protocol, e.port),
			DiscoveryName: d.discoveryName(e),
			ClientAliases: []spec.ClientAlias{{DNSName: e.alias, Port: e.port}},
			Timeout:       d.connectTimeout(k, e),
		})
	}
	return out
}

// refuseLostPorts looks for endpoints whose port was patched away: ECS refuses a
// service that names a port which its task definition has not.
func (d *discovery) refuseLostPorts(k *task, definition *spec.TaskDefinition) {
	named := map[string]bool{}
	for _, c := range definition.ContainerDefinitions {
		for _, p := range c.PortMappings {
			named[p.Name] = true
		}
	}
	for _, e := range d.endpoints[k] {
		if name := portName(e.protocol, e.port); !named[name] {
			d.errorf(at(k.name(), xfargate.Key, "patch"), "keep it, or write x-fargate: {discovery: {mode: none}}",
				"removes port mapping %s, through which other services reach %s", name, e)
		}
	}
}

// namesUsed are the names of other services that the task uses.
func (d *discovery) namesUsed(k *task) []plan.Ref {
	var out []plan.Ref
	for service := range d.uses[k] {
		other := d.taskOf[service]
		for _, e := range d.endpoints[other] {
			if other != k && e.owner == service {
				out = append(out, plan.Ref{Address: serviceAddress(other.name()), Attr: "name." + d.discoveryName(e)})
			}
		}
	}
	slices.SortFunc(out, func(a, b plan.Ref) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func (d *discovery) namespaceAddress() plan.Address {
	return plan.Address{Kind: spec.NamespaceKind, Name: d.Name}
}

// namespaceAlphabet is from the Cloud Map API reference, CreateHttpNamespace:
// ^(?!arn:)[!-~]{1,1024}$. No project name has a colon.
var namespaceAlphabet = alphabet{more: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", max: 1024}

func namespaceName(project string) string { return namespaceAlphabet.fit(project) }
