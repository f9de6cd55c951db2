package translate

import (
	"fmt"
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
	path  diag.Path
	pos   diag.Pos
	why   string
	nginx bool
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
	t := textSearch{textFile: f, format: formatOf(f)}
	var other resolverUse
	passes := false
	for i, line := range f.lines {
		line = t.uncommented(line)
		if at := dockerResolverForm.FindStringIndex(line); at != nil {
			return resolverUse{f.path, f.at(i, strings.Index(line, dockerResolver)), whyDocker, t.format == nginxFormat}, true
		}
		if at := resolverForm.FindStringIndex(line); at != nil && t.format == nginxFormat && other.why == "" && !strings.Contains(line[at[0]:], vpcResolver) {
			other = resolverUse{f.path, f.at(i, strings.Index(line, "resolver")),
				"nginx asks this resolver for names that a variable holds, and names of services are in /etc/hosts only", true}
		}
		passes = passes || t.format == nginxFormat && passesVariable.MatchString(line)
	}
	named := slices.ContainsFunc(uses, func(u nameUse) bool {
		return u.user == service && u.inFile && u.pos.File == f.shown && d.connects(u)
	})
	return other, other.why != "" && passes && named
}

// connects says whether a use is of a name that Service Connect has, of another task.
func (d *discovery) connects(u nameUse) bool {
	return u.sure && u.of.service != "" && d.taskOf[u.of.service] != nil && d.taskOf[u.user] != d.taskOf[u.of.service] &&
		d.dnsNames[d.taskOf[u.of.service]] == ""
}

// insteadOfResolver says what to write: a name that stands there itself is found, once; names in
// private DNS are found by the resolver of the VPC.
func (d *discovery) insteadOfResolver(r resolverUse, service string, uses []nameUse) string {
	name, owner := "NAME:PORT", "that service"
	dns := "NAME." + dnsZone(d.Name)
	if i := slices.IndexFunc(uses, func(u nameUse) bool { return u.user == service && u.inFile && d.connects(u) }); i >= 0 {
		u := uses[i]
		name, owner, dns = strings.ToLower(u.of.service), u.of.service, dnsLabels(u.of.service, false)+"."+dnsZone(d.Name)
		if u.port > 0 {
			name += ":" + strconv.Itoa(u.port)
		}
	}
	fargate := fmt.Sprintf("or give %s x-fargate: {discovery: {mode: dns}}, and write ", owner)
	if r.nginx {
		return fmt.Sprintf("remove the resolver and write the name without a variable (proxy_pass http://%s;); %sresolver %s valid=10s; and %s",
			name, fargate, vpcResolver, dns)
	}
	return fmt.Sprintf("leave it out, so that names are looked up in /etc/hosts; %s%s here, and %s as the name", fargate, vpcResolver, dns)
}
