package translate

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// dockerResolver is Docker's DNS server ("Networking overview", DNS services), and
// vpcResolver that of a VPC ("Understanding Amazon DNS" of the VPC User Guide).
const (
	dockerResolver = "127.0.0.11"
	vpcResolver    = "169.254.169.253"
)

var (
	dockerResolverForm = regexp.MustCompile(`(?:^|[^0-9.])` + regexp.QuoteMeta(dockerResolver) + `(?:[^0-9.]|$)`)
	// resolverForm is nginx's directive, and passesVariable a use of it: nginx asks the
	// resolver for what a variable holds, and reads /etc/hosts for nothing else than
	// names that it knows at its start.
	resolverForm   = regexp.MustCompile(`(?:^|[\s{;])resolver\s+[^;]*;`)
	passesVariable = regexp.MustCompile(`(?:^|[\s{;])(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass\s+[^;]*\$[^;]*;`)
	resolvesAgain  = regexp.MustCompile(`^\s*server\s[^;]*\sresolve[\s;]`) // nginx, ngx_http_upstream_module, server
	// serverResolvers and defaultResolvers are where haproxy has resolvers (haproxy/wiki, "Domain Name Resolution").
	serverResolvers  = regexp.MustCompile(`^\s*(?:server|server-template)\s.*\sresolvers\s+\S`)
	defaultResolvers = regexp.MustCompile(`^\s*default-server\s.*\bresolvers\s+\S`)
)

// sayResolvers warns where a service asks a DNS server for names that Service Connect has, at the first
// place in each of its texts.
func (d *discovery) sayResolvers(uses []nameUse) {
	said := map[diag.Pos]bool{}
	for _, k := range d.tasks {
		for _, m := range k.members {
			for _, r := range d.resolversOf(m, uses) {
				if !said[r.pos] {
					said[r.pos] = true
					d.ds.Warnf(r.pos, compose.Dotted(r.path), d.insteadOfResolver(r, m.Name, uses), "%s", r.why)
				}
			}
		}
	}
}

// resolverUse is a place at which a service names a DNS server.
type resolverUse struct {
	path   diag.Path
	pos    diag.Pos
	why    string
	format textFormat
	again  bool // nginx resolves its servers again
	lua    bool // of OpenResty, whose sockets find no name without a resolver
}

const whyDocker = dockerResolver + " is Docker's DNS server, which a task does not have: names of services are in /etc/hosts, which no resolver reads"

func (d *discovery) resolversOf(m container, uses []nameUse) []resolverUse {
	var out []resolverUse
	for _, c := range m.with() {
		for _, variable := range sortedKeys(c.Environment) {
			path := c.at("environment", variable)
			if value := c.Environment[variable]; value != nil && dockerResolverForm.MatchString(*value) && !d.inherited(path) {
				out = append(out, resolverUse{path: path, pos: d.variablePos(c.Name, variable), why: whyDocker})
			}
		}
		if path := c.at("command"); slices.ContainsFunc(c.Command, dockerResolverForm.MatchString) && !d.inherited(path) {
			out = append(out, resolverUse{path: path, pos: d.At(path...), why: whyDocker})
		}
		if path := c.at("entrypoint"); slices.ContainsFunc(c.Entrypoint, dockerResolverForm.MatchString) && !d.inherited(path) {
			out = append(out, resolverUse{path: path, pos: d.At(path...), why: whyDocker})
		}
	}
	for _, f := range d.textsOf(m.Name) {
		if r, ok := d.resolverIn(f, m.Name, uses); ok {
			out = append(out, r)
		}
	}
	return out
}

// resolverIn finds the resolver of a text: Docker's, or another one that is to find the
// name of a service.
func (d *discovery) resolverIn(f *textFile, service string, uses []nameUse) (resolverUse, bool) {
	t := textSearch{textFile: f, format: f.format()}
	docker, ok := dockerResolverIn(t)
	switch t.format {
	case nginxFormat:
		return d.nginxResolverIn(t, docker, service, uses)
	case haproxyFormat:
		if !ok {
			return d.haproxyResolverIn(t, service, uses)
		}
	}
	return docker, ok
}

// dockerResolverIn finds Docker's.
func dockerResolverIn(t textSearch) (resolverUse, bool) {
	for i, line := range t.lines {
		if line = t.uncommented(line); strings.Contains(line, dockerResolver) && dockerResolverForm.MatchString(line) {
			return resolverUse{path: t.path, pos: t.at(i, strings.Index(line, dockerResolver)), why: whyDocker, format: t.format}, true
		}
	}
	return resolverUse{}, false
}

// nginxResolverIn finds Docker's, or one of nginx that is asked for the name of a service: for what a
// variable holds, for servers to resolve again, and for what a program in Lua connects to.
func (d *discovery) nginxResolverIn(t textSearch, docker resolverUse, service string, uses []nameUse) (resolverUse, bool) {
	r := resolverUse{path: t.path, format: nginxFormat, lua: d.connectsByLua(service, uses)}
	found, passes := false, false
	for i, line := range t.lines {
		line = t.uncommented(line)
		if at := resolverForm.FindStringIndex(line); at != nil && !found && !strings.Contains(line[at[0]:], vpcResolver) {
			found, r.pos = true, t.at(i, strings.Index(line, "resolver"))
		}
		passes = passes || passesVariable.MatchString(line)
		r.again = r.again || resolvesAgain.MatchString(line)
	}
	names := "names that a variable holds"
	switch {
	case docker.why != "":
		docker.lua, docker.again = r.lua, r.again
		return docker, true
	case !found || !r.lua && !(passes || r.again) || !r.lua && !d.names(t.textFile, service, uses):
		return r, false
	case r.lua:
		names = "names that programs in Lua connect to"
	case r.again:
		names = "servers with the parameter resolve"
	}
	r.why = "nginx asks this resolver for " + names + ", and names of services are in /etc/hosts only"
	return r, true
}

// names says whether a text has the name of a service that Service Connect has.
func (d *discovery) names(f *textFile, service string, uses []nameUse) bool {
	return slices.ContainsFunc(uses, func(u nameUse) bool {
		return u.user == service && u.inFile && u.pos.File == f.shown && d.connects(u)
	})
}

// connectsByLua says whether a program in Lua beside the configuration of OpenResty names a service. Its
// sockets ask the resolver of nginx for every name (openresty/resty-cli pull request 10).
func (d *discovery) connectsByLua(service string, uses []nameUse) bool {
	return slices.ContainsFunc(uses, func(u nameUse) bool {
		return u.user == service && u.inFile && path.Ext(u.pos.File) == ".lua" && d.connects(u)
	})
}

// haproxyResolverIn finds the first server with a service's name whose addresses come from a section of
// resolvers: what libc told at the start is taken back once DNS has no such name.
func (d *discovery) haproxyResolverIn(t textSearch, service string, uses []nameUse) (resolverUse, bool) {
	forAll := slices.ContainsFunc(t.lines, func(line string) bool { return defaultResolvers.MatchString(t.uncommented(line)) })
	for i, line := range t.lines {
		line = t.uncommented(line)
		at := serverResolvers.FindStringIndex(line)
		if at == nil && !(forAll && haproxyLabel.MatchString(line)) {
			continue
		}
		here := func(u nameUse) bool {
			return u.user == service && u.inFile && u.pos.File == t.shown && u.pos.Line == t.at(i, 0).Line && d.connects(u)
		}
		if slices.ContainsFunc(uses, here) {
			column := strings.Index(line, strings.TrimSpace(line))
			return resolverUse{path: t.path, pos: t.at(i, column), format: haproxyFormat,
				why: "haproxy asks DNS servers for servers with resolvers, and names of services are in /etc/hosts only"}, true
		}
	}
	return resolverUse{}, false
}

// connects says whether a use is of a name that Service Connect has, of another task.
func (d *discovery) connects(u nameUse) bool {
	return u.sure && u.of.service != "" && d.taskOf[u.of.service] != nil && d.taskOf[u.user] != d.taskOf[u.of.service] &&
		d.dnsNames[d.taskOf[u.of.service]] == ""
}

// insteadOfResolver says what to write: a name that stands there itself is found, once; names in
// private DNS are found by the resolver of the VPC.
func (d *discovery) insteadOfResolver(r resolverUse, service string, uses []nameUse) string {
	name, give, dns := "NAME:PORT", "give that service x-fargate: {discovery: {mode: both}}, and ", "NAME."+dnsZone(d.Name)
	if i := slices.IndexFunc(uses, func(u nameUse) bool { return u.user == service && u.inFile && d.connects(u) }); i >= 0 {
		u := uses[i]
		name, give, dns = strings.ToLower(u.of.service), d.giveDNS(u.of.service), d.nameInDNS(u.of.service)
		if u.port > 0 {
			name += ":" + strconv.Itoa(u.port)
		}
	}
	switch {
	case r.lua:
		return fmt.Sprintf("%swrite resolver %s valid=10s; here, and %s as the name", give, vpcResolver, dns)
	case r.again:
		return fmt.Sprintf("remove the resolver and the parameter resolve (server %s;); or %swrite resolver %s valid=10s; and %s",
			name, give, vpcResolver, dns)
	case r.format == nginxFormat:
		return fmt.Sprintf("remove the resolver and write the name without a variable (proxy_pass http://%s;); or %swrite resolver %s valid=10s; and %s",
			name, give, vpcResolver, dns)
	case r.format == haproxyFormat:
		return fmt.Sprintf("remove the resolvers section, and \"resolvers NAME\" and \"init-addr METHODS\" wherever else they stand (server NAME %s check), so that names are looked up in /etc/hosts; or %swrite nameserver vpc %s:53 in the section, and %s as the name",
			name, give, vpcResolver, dns)
	default:
		return fmt.Sprintf("leave it out, so that names are looked up in /etc/hosts; or %swrite %s here, and %s as the name", give, vpcResolver, dns)
	}
}
