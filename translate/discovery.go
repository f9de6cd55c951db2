package translate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// endpoint is a port of a task under the name by which others call it.
type endpoint struct {
	task  *task
	owner string // the compose service whose name it bears
	alias string // that name, as ECS takes it
	openPort
}

// aliasForm is what ECS takes as the DNS name of a client alias: a DNS name of up to
// 127 lower-case letters, digits, underscores, hyphens and periods that does not
// begin with a hyphen (ServiceConnectClientAlias, ecs v1.104.0).
var aliasForm = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)*$`)

const maxAlias = 127

// discovery makes what the names of services need beside the services: the
// namespaces, and the Cloud Map services of private DNS. And it says what becomes
// of the names that the files use.
func (t *translation) discovery() {
	t.findEndpoints()
	t.refuseFolded()
	if t.connected() {
		t.add(t.namespaceAddress(), t.At("name"), &spec.Namespace{
			Name: namespaceName(t.Name), Type: "HTTP", Description: "Service Connect of compose project " + t.Name + ".", Tags: t.tags(),
		})
	}
	t.privateDNS()
	t.findUses()
	t.sayUses()
	t.noteCallers()
}

// findEndpoints goes through the ports of all tasks.
func (t *translation) findEndpoints() {
	t.implied = map[string][]openPort{}
	t.endpoints = map[*task][]endpoint{}
	for _, k := range t.tasks {
		t.implyPorts(k)
		taken := map[int]bool{}
		for _, m := range k.members {
			t.endpoints[k] = append(t.endpoints[k], t.endpointsOf(k, m, taken)...)
		}
	}
}

// endpointsOf are those at the TCP ports of a member of a task, but for those
// taken by another one.
func (t *translation) endpointsOf(k *task, m *types.ServiceConfig, taken map[int]bool) []endpoint {
	owner := t.netOwner(m.Name)
	alias := strings.ToLower(owner)
	if !t.X.Service(owner).Discovery.connects() {
		return nil
	}
	if !aliasForm.MatchString(alias) || len(alias) > maxAlias {
		t.warnf(at(owner), "name the service otherwise", "others do not find it by its name: ECS takes no name like %q", owner)
		return nil
	}
	var out []endpoint
	for _, p := range t.allPorts(m) {
		if p.protocol == "tcp" && !taken[p.port] {
			taken[p.port] = true
			out = append(out, endpoint{task: k, owner: owner, alias: alias, openPort: p})
		}
	}
	return out
}

// connected says whether a service of the stack is found through Service Connect,
// of which every service is a client then.
func (t *translation) connected() bool {
	for _, endpoints := range t.endpoints {
		if len(endpoints) > 0 {
			return true
		}
	}
	return false
}

// refuseFolded looks for services whose names are one to DNS.
func (t *translation) refuseFolded() {
	first := map[string]string{}
	for _, k := range t.tasks {
		for _, e := range t.endpoints[k] {
			other, known := first[e.alias]
			if !known {
				first[e.alias] = e.owner
			}
			if known && other != e.owner {
				t.errorf(at(e.owner), "rename one of them, or give it x-fargate: {discovery: {mode: none}}",
					"to DNS its name is that of %q, at %s", other, t.At(at(other)...))
				first[e.alias] = e.owner // once
			}
		}
	}
}

// discoveryName is the name of an endpoint in Cloud Map. It ends in a hash of what
// ECS cannot change, and of what an endpoint of the same name elsewhere would
// clash with while that goes.
func (t *translation) discoveryName(e endpoint) string {
	port := strconv.Itoa(e.port)
	suffix := "-" + port + "-" + digest(6, t.Name, e.task.name(), e.owner, port, e.protocol, e.appProtocol, e.alias)
	name := strings.TrimLeft(discoveryRefused.ReplaceAllString(e.alias, "-"), "-")
	return name[:min(len(name), maxDiscovery-len(suffix))] + suffix
}

// ServiceConnectService of ecs v1.104.0: up to 64 lower-case letters, digits,
// underscores and hyphens, no hyphen first.
var discoveryRefused = regexp.MustCompile(`[^a-z0-9_-]`)

const maxDiscovery = 64

// serviceConnect is under which names the service of a task is found, nil where
// nobody has a name.
func (t *translation) serviceConnect(k *task) *spec.ServiceConnect {
	if !t.connected() {
		return nil
	}
	out := &spec.ServiceConnect{Enabled: true, Namespace: plan.RefTo(t.namespaceAddress(), "arn", "")}
	for _, e := range t.endpoints[k] {
		out.Services = append(out.Services, spec.ServiceConnectService{
			PortName:      portName(e.protocol, e.port),
			DiscoveryName: t.discoveryName(e),
			ClientAliases: []spec.ClientAlias{{DNSName: e.alias, Port: e.port}},
		})
	}
	return out
}

// namesUsed are the names of other services that the task uses.
func (t *translation) namesUsed(k *task) []plan.Ref {
	var out []plan.Ref
	for _, other := range t.tasks {
		for _, e := range t.endpoints[other] {
			if other != k && t.uses[k][e.owner] {
				out = append(out, plan.Ref{Address: serviceAddress(other.name()), Attr: "name." + t.discoveryName(e)})
			}
		}
	}
	slices.SortFunc(out, func(a, b plan.Ref) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func (t *translation) namespaceAddress() plan.Address {
	return plan.Address{Kind: spec.NamespaceKind, Name: t.Name}
}

// namespaceAlphabet is from the Cloud Map API reference, CreateHttpNamespace:
// ^(?!arn:)[!-~]{1,1024}$. No project name has a colon.
var namespaceAlphabet = alphabet{refused: regexp.MustCompile(`[^!-~]`), max: 1024}

func namespaceName(project string) string { return namespaceAlphabet.fit(project) }

// noteCallers speaks of what a service sees of those that call it, where the
// files show that it looks.
func (t *translation) noteCallers() {
	for _, k := range t.tasks {
		for _, m := range k.members {
			i := slices.IndexFunc(t.endpoints[k], func(e endpoint) bool { return e.owner == m.Name })
			if i < 0 {
				continue
			}
			if c, ok := t.callerCheck(m); ok {
				t.notef(c.path, c.help, "%s: callers come through the Service Connect proxy, from 127.0.0.1", c.what)
			}
		}
	}
}

// callerCheck is a place that shows that a service looks at who calls it.
type callerCheck struct {
	path       []string
	what, help string
}

// callerVariables are those of images that decide by the caller's address.
var callerVariables = []string{
	"POSTGRES_HOST_AUTH_METHOD", "MYSQL_ROOT_HOST", "MARIADB_ROOT_HOST", "MARIADB_MYSQL_LOCALHOST_USER", "FORWARDED_ALLOW_IPS",
}

// callerOptions are the same in command lines and in the names of mounted files.
var callerOptions = []string{"pg_hba.conf", "hba_file", "--protected-mode", "skip-name-resolve"}

func (t *translation) callerCheck(s *types.ServiceConfig) (callerCheck, bool) {
	for _, name := range sortedKeys(s.Environment) {
		if slices.Contains(callerVariables, name) || strings.HasSuffix(name, "TRUSTED_PROXIES") {
			return callerCheck{at(s.Name, "environment", name), name + " is about who calls", ""}, true
		}
	}
	for _, option := range callerOptions {
		if slices.ContainsFunc(s.Command, func(word string) bool { return strings.Contains(word, option) }) {
			return callerCheck{at(s.Name, "command"), option + " is about who calls", ""}, true
		}
		for i, v := range s.Volumes {
			if strings.HasSuffix(v.Target, option) {
				return callerCheck{at(s.Name, "volumes", strconv.Itoa(i)), option + " is about who calls", ""}, true
			}
		}
	}
	return t.trusting(s)
}

// trusting sees PostgreSQL as its official image sets it up: initdb lets 127.0.0.1
// in without a password ("host all all 127.0.0.1/32 trust"), and the image asks
// the others only (its page: "sets up trust authentication locally").
func (t *translation) trusting(s *types.ServiceConfig) (callerCheck, bool) {
	arguments := s.Environment["POSTGRES_INITDB_ARGS"]
	if s.Environment["POSTGRES_PASSWORD"] == nil || arguments != nil && strings.Contains(*arguments, "auth") || !isPostgres(s.Image) {
		return callerCheck{}, false
	}
	return callerCheck{
		at(s.Name, "environment", "POSTGRES_PASSWORD"),
		"PostgreSQL's image asks nobody on 127.0.0.1 for the password",
		"set POSTGRES_INITDB_ARGS: --auth-host=scram-sha-256 before the database is made",
	}, true
}

// String is the endpoint as clients write it.
func (e endpoint) String() string { return fmt.Sprintf("%s:%d", e.alias, e.port) }
