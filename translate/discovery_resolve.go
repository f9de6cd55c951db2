package translate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// findUses finds the names that the members of tasks use, and notes down which
// services each task uses by name: those that its members depend on, link to, or
// name. A word that may be a name counts.
func (d *discovery) findUses(named nameUses) []nameUse {
	d.uses = map[*task]map[string]bool{}
	var out []nameUse
	for _, k := range d.tasks {
		d.uses[k] = map[string]bool{}
		for _, m := range k.members {
			for service := range m.DependsOn {
				d.uses[k][d.netOwner(service)] = true
			}
			for i, link := range m.Links {
				service, _, _ := strings.Cut(link, ":")
				d.uses[k][d.netOwner(service)] = true
				out = append(out, d.linkUse(m.Name, service, at(m.Name, "links", strconv.Itoa(i))))
			}
			for _, use := range named[m.Name] {
				if use.of.service != "" {
					d.uses[k][use.of.service] = true
				}
				out = append(out, use)
			}
		}
	}
	return out
}

// linkUse is a link, which names a service as it is: the alias has a row in the
// key table.
func (d *discovery) linkUse(user, service string, path diag.Path) nameUse {
	name := service
	if alias := strings.ToLower(service); d.reach(service, 0) == alias {
		name = alias
	}
	return nameUse{hostUse{path: path, pos: d.At(path...), name: name, sure: true}, user, dockerName{service: service, kind: byService}}
}

// sayUses warns where a name is used that is none on Fargate, and at the services
// that nobody finds.
func (d *discovery) sayUses(uses []nameUse) {
	said, named := usesSaid{inFile: map[resolution]*useSaid{}}, map[string]bool{}
	for _, use := range uses {
		if !use.sure || use.filled {
			continue
		}
		f := d.resolve(use)
		if f.why == "" || d.saidAtLoad(use) || use.built && f.otherPort {
			continue
		}
		said.add(use, f)
		named[use.of.service] = named[use.of.service] || use.user != use.of.service
	}
	for _, s := range said.list {
		d.ds.Warnf(s.use.pos, compose.Dotted(s.use.path), s.help, "%s%s", s.why, s.elsewhere())
	}
	for _, k := range d.tasks {
		for _, m := range k.members {
			if !named[m.Name] {
				d.sayUnreachable(k, m)
			}
		}
	}
	d.sayResolvers(uses)
	d.sayQuestions(uses)
	d.saySelves()
	d.sayWaits()
	d.sayBinds()
	d.sayUnread()
}

// usesSaid are the uses to be warned of. What several files say in the same way is one, where it
// is the same that is to be written.
type usesSaid struct {
	list   []*useSaid
	inFile map[resolution]*useSaid // the first in a file
}

type useSaid struct {
	use nameUse
	resolution
	also []string // the other files and lines, with who reads them where that is another service
}

func (all *usesSaid) add(use nameUse, f resolution) {
	first := all.inFile[f]
	switch {
	case !use.inFile:
		all.list = append(all.list, &useSaid{use: use, resolution: f})
	case first == nil:
		first = &useSaid{use: use, resolution: f}
		all.list, all.inFile[f] = append(all.list, first), first
	default:
		first.addPlace(use)
	}
}

// addPlace adds where the same is said again.
func (s *useSaid) addPlace(use nameUse) {
	place := fmt.Sprintf("%s:%d", use.pos.File, use.pos.Line)
	if place == fmt.Sprintf("%s:%d", s.use.pos.File, s.use.pos.Line) {
		return
	}
	if use.user != s.use.user {
		place = compose.Dotted(use.path) + ", " + place
	}
	if !slices.Contains(s.also, place) {
		s.also = append(s.also, place)
	}
}

// elsewhere names the other places.
func (s *useSaid) elsewhere() string {
	if len(s.also) == 0 {
		return ""
	}
	return " (also at " + listed(s.also) + ")"
}

// sayUnreachable reports a service that others start after and cannot reach, because none of its
// ports is known. Where one of them names it, that is said there.
func (d *discovery) sayUnreachable(k *task, m container) {
	x := d.X.Service(m.Name).Discovery
	if !x.Connects() || x.Registers() || d.netOwner(m.Name) != m.Name || len(d.named[m.Name]) > 0 || isCalledByNobody(m) || d.endingOf(m.Name) != keepsOn {
		return
	}
	if dependants := d.dependants(k, m); len(dependants) > 0 {
		d.warnf(m.at(), "list its ports under expose or x-fargate: {discovery: {ports: [PORT]}}, or write x-fargate: {discovery: {mode: dns}}",
			"not reachable by name, because none of its ports is known; depended on by %s", listed(dependants))
	}
}

// saidAtLoad says whether Load has already reported this place, for a service
// that is skipped or replaced.
func (d *discovery) saidAtLoad(use nameUse) bool {
	if use.of.kind != byService || !d.X.Services[use.of.service].Gone() {
		return false
	}
	s := d.Compose.Services[use.user]
	return slices.ContainsFunc(d.mentionsIn(&s, use.of.service), func(path diag.Path) bool { return slices.Equal(path, use.path) })
}

// resolution is what a name resolves to on Fargate.
type resolution struct {
	why, help string // "" where it resolves
	otherPort bool   // the service is known to listen, at other ports
}

func (d *discovery) resolve(use nameUse) resolution {
	of := use.of
	switch x := d.X.Services[of.service]; {
	case of.kind == byDocker:
		return resolution{why: fmt.Sprintf("%q is the Docker host, and a task has none", use.name),
			help: cmp.Or(d.publisher(use.port), "run it somewhere tasks can reach, and write its address")}
	case of.kind == byExtraHost:
		return resolution{why: fmt.Sprintf("%q is a name from extra_hosts, and Fargate cannot add to /etc/hosts", use.name), help: "write " + of.address}
	case x.ReplacedBy != nil:
		return resolution{why: fmt.Sprintf("%q names service %q, which x-fargate.replaced_by replaces with %s", use.name, of.service, x.ReplacedBy), help: x.ReplacedBy.Help()}
	case x.Skip:
		return resolution{why: fmt.Sprintf("%q names service %q, which is skipped with x-fargate.skip", use.name, of.service), help: "name another host here"}
	}
	user, owner := d.taskOf[use.user], d.taskOf[of.service]
	switch {
	case owner == nil || user == nil: // Load has refused one of them
		return resolution{}
	case user == owner && d.netOwner(use.user) != d.netOwner(of.service):
		return resolution{why: fmt.Sprintf("%q runs in the same task", use.name), help: "write localhost"}
	case user == owner:
		return d.resolveOwn(use)
	case use.udp:
		return d.resolveUDP(use)
	default:
		return d.resolveOther(use)
	}
}

// publisher says what to write in place of a port of Docker's machine at which a
// service is published; "" where none is.
func (d *discovery) publisher(port int) string {
	for _, k := range d.tasks {
		for _, m := range k.members {
			for _, p := range m.Ports {
				if name := d.reach(d.netOwner(m.Name), int(p.Target)); port > 0 && p.Published == strconv.Itoa(port) && name != "" {
					return fmt.Sprintf("write %s:%d", name, p.Target)
				}
			}
		}
	}
	return ""
}

// resolveOwn is that of a name of the service itself. An endpoint is there before
// the tasks that bear it are, so that they should find it as others do.
func (d *discovery) resolveOwn(use nameUse) resolution {
	e := d.named[use.of.service]
	alias := ""
	if i := slices.IndexFunc(e, func(e endpoint) bool { return use.port == 0 || e.port == use.port }); i >= 0 {
		alias = e[i].alias
	}
	switch {
	case use.udp:
		return resolution{why: fmt.Sprintf("%q is the service itself, whose name is of TCP ports only", use.name), help: "write localhost"}
	case alias == use.name, use.binds: // sayBinds
		return resolution{}
	case alias != "" && use.of.kind == byService:
		return resolution{why: use.caseWhy(), help: "write " + alias}
	case use.of.kind == byService && use.port > 0 && len(e) > 0:
		return resolution{why: fmt.Sprintf("the service is not known to listen on port %d, at which it names itself here", use.port),
			help: use.orLocalhost(fmt.Sprintf("give the service x-fargate: {discovery: {ports: [%d]}}", use.port))}
	case use.of.kind == byService:
		return resolution{why: fmt.Sprintf("%q is the service itself, which has no name on Fargate because none of its ports is known", use.name),
			help: use.orLocalhost("list its ports under x-fargate: {discovery: {ports: [PORT]}}")}
	case use.of.kind == byHostname && isPublicName(use.name): // which clients call, and which leads to the service from everywhere
		return resolution{}
	default:
		help := "write localhost"
		switch {
		case alias != "" && use.told:
			help = "write " + alias
		case alias != "":
			help += ", or " + alias
		case use.told:
			help = "write " + strings.ToLower(use.of.service) + ", and list its ports under x-fargate: {discovery: {ports: [PORT]}}"
		}
		return resolution{why: fmt.Sprintf("%q is %s of this service, which does not resolve on Fargate", use.name, kindText[use.of.kind]), help: help}
	}
}

// orLocalhost is what to do about a name of the service itself. It may call itself localhost, unless it
// is what others are told to call.
func (use nameUse) orLocalhost(help string) string {
	if use.told {
		return help
	}
	return "write localhost, or " + help
}

// resolveOther is that of a name of a service in another task.
func (d *discovery) resolveOther(use nameUse) resolution {
	owner := use.of.service
	name := d.reach(owner, use.port)
	switch {
	case name == "":
		return d.resolveLost(use)
	case name == use.name:
		return resolution{}
	case strings.EqualFold(name, use.name):
		return resolution{why: use.caseWhy(), help: "write " + name}
	case use.of.kind == byService:
		return resolution{why: fmt.Sprintf("%q resolves through private DNS%s", use.name, d.only(owner, use.port)), help: "write " + name}
	default:
		return resolution{why: fmt.Sprintf("%q is %s of service %q, which does not resolve on Fargate", use.name, kindText[use.of.kind], owner), help: "write " + name}
	}
}

// caseWhy explains a name with upper-case letters. The names of Service Connect
// are in /etc/hosts, which musl, the C library of Alpine, searches
// case-sensitively (its name_from_hosts compares with strstr).
func (use nameUse) caseWhy() string {
	return fmt.Sprintf("%q is published in lower case only, and Alpine's C library distinguishes case", use.name)
}

// only says where a service is found through private DNS alone.
func (d *discovery) only(service string, port int) string {
	if port > 0 && len(d.named[service]) > 0 {
		return fmt.Sprintf(" for port %d", port)
	}
	return " only"
}

// resolveLost is the result for a name that has no known port.
func (d *discovery) resolveLost(use nameUse) resolution {
	owner := use.of.service
	dns := dnsLabels(owner, false) + "." + dnsZone(d.Name)
	also := ""
	if alias := strings.ToLower(owner); alias != use.name {
		also = ", and write " + alias + " here"
	}
	switch x := d.X.Service(owner).Discovery; {
	case !x.Connects():
		return resolution{why: fmt.Sprintf("%q names service %q, which has x-fargate.discovery.mode: none", use.name, owner),
			help: "remove that mode, or name another host here"}
	case d.ports.listens(owner, use.port, "udp"):
		return resolution{why: fmt.Sprintf("%q listens on%s UDP, and Service Connect carries TCP only", owner, udpText(use.port)),
			help: fmt.Sprintf("give %s x-fargate: {discovery: {mode: both}}, and write %s here", owner, dns)}
	case use.port > 0:
		known := len(d.named[owner]) > 0
		return resolution{otherPort: known,
			why:  fmt.Sprintf("%q is not known to listen on port %d, so this name does not reach that port", owner, use.port),
			help: fmt.Sprintf("give %s x-fargate: {discovery: {ports: [%d]}}%s", owner, use.port, also)}
	default:
		return resolution{why: fmt.Sprintf("no port of %q is known, so this name does not resolve", owner),
			help: fmt.Sprintf("give %s x-fargate: {discovery: {ports: [PORT]}}%s; or {mode: dns}, and write %s here", owner, also, dns)}
	}
}

// resolveUDP is the result for a name that is called over UDP: private DNS alone has it.
func (d *discovery) resolveUDP(use nameUse) resolution {
	owner := use.of.service
	r := resolution{why: fmt.Sprintf("%q is called over UDP, and Service Connect carries TCP only", use.name), help: "write " + d.dnsNames[d.taskOf[owner]]}
	switch x := d.X.Service(owner).Discovery; {
	case !x.Connects() && !x.Registers():
		return d.resolveLost(use)
	case d.dnsNames[d.taskOf[owner]] == "":
		r.help = fmt.Sprintf("give %s x-fargate: {discovery: {mode: both}}, and write %s.%s here", owner, dnsLabels(owner, false), dnsZone(d.Name))
	}
	return r
}

func udpText(port int) string {
	if port == 0 {
		return ""
	}
	return fmt.Sprintf(" port %d over", port)
}

// reach is the name by which others reach a port of a service, "" for none. Port
// 0 is any.
func (d *discovery) reach(service string, port int) string {
	named := d.named[service]
	if i := slices.IndexFunc(named, func(e endpoint) bool { return port == 0 || e.port == port }); i >= 0 {
		return named[i].alias
	}
	return d.dnsNames[d.taskOf[service]]
}
