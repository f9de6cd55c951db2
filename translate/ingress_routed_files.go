package translate

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	yaml "go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// fileRouter is a router in a file of Traefik's file provider.
type fileRouter struct {
	Rule    string
	Service string
	name    string
	file    *textFile
}

// fileServers are the servers of a service there.
type fileServers struct {
	LoadBalancer struct {
		Servers []struct{ URL string }
	} `yaml:"loadBalancer"`
}

// sayFileRoutes speaks of the routes that a Traefik which is left out had in files, unlike
// those of labels: no load balancer stands in for them.
func (f publisher) sayFileRoutes() {
	if slices.ContainsFunc(sortedKeys(f.Compose.Services), func(name string) bool { return routers[0].is(f.Compose.Services[name]) }) {
		return
	}
	for _, name := range sortedKeys(f.Compose.DisabledServices) {
		s := f.Compose.DisabledServices[name]
		if !routers[0].is(s) || !f.X.Service(name).Skip {
			continue
		}
		found, servers := fileRoutes(f.routerTexts(container{ServiceConfig: &s}))
		said := map[string]bool{}
		for _, r := range found {
			for _, server := range servers[strings.TrimSuffix(r.Service, "@file")].LoadBalancer.Servers {
				key := r.Rule + " " + server.URL
				if !said[key] {
					f.sayFileRoute(r, server.URL)
				}
				said[key] = true
			}
		}
	}
}

// routerTexts are the texts of the project that a router mounts which is left out.
func (f publisher) routerTexts(m container) []*textFile {
	c := textCollector{textReader: newTextReader(f.Project), container: m, seen: map[string]bool{}}
	for i, v := range m.Volumes {
		if v.Type != types.VolumeTypeBind || !inside(f.Directory, v.Source) {
			continue
		}
		place, target := m.at("volumes", strconv.Itoa(i)), path.Clean(v.Target)
		if !isDirectory(v.Source) {
			c.file(v.Source, &textFile{path: place, name: target})
			continue
		}
		enters := func(dir string) bool { return !isShieldOrHidden(dir) }
		c.walk(textTree{v.Source, place, enters, nil}, func(file, below string) {
			c.member(file, &textFile{path: place, name: path.Join(target, below)})
		})
	}
	return c.out
}

// fileRoutes are the routers and services of HTTP in texts of YAML.
func fileRoutes(texts []*textFile) (found []fileRouter, servers map[string]fileServers) {
	servers = map[string]fileServers{}
	for _, t := range texts {
		var dynamic struct {
			HTTP struct {
				Routers  map[string]fileRouter
				Services map[string]fileServers
			}
		}
		if yaml.Unmarshal([]byte(strings.Join(t.lines, "\n")), &dynamic) != nil {
			continue
		}
		for _, name := range sortedKeys(dynamic.HTTP.Routers) {
			r := dynamic.HTTP.Routers[name]
			r.name, r.file = name, t
			found = append(found, r)
		}
		for name, s := range dynamic.HTTP.Services {
			servers[name] = s
		}
	}
	return found, servers
}

// sayFileRoute speaks of a route to a service to which nothing else leads.
func (f publisher) sayFileRoute(r fileRouter, server string) {
	to, err := url.Parse(server)
	if err != nil {
		return
	}
	service, known := f.Compose.Services[to.Hostname()]
	if !known {
		return
	}
	port, _ := strconv.Atoi(cmp.Or(to.Port(), map[string]string{"https": "443"}[to.Scheme], "80"))
	m := container{ServiceConfig: &service}
	if _, ruled := f.X.Service(m.Name).Ingress[port]; ruled || publishes(m, port, "tcp") || f.routesOf(m.Name) != nil {
		return
	}
	var d described
	if ways, err := traefikRule(r.Rule); err == nil {
		d.way, _ = merged(ways)
	}
	line := d.line(port, "")
	if !slices.ContainsFunc(f.ports.of(m.Name), func(p openPort) bool { return p.port == port && p.protocol == "tcp" }) {
		line = fmt.Sprintf("expose: [%q] and %s", strconv.Itoa(port), line)
	}
	f.warnAt(r.pos(), r.file.path, fmt.Sprintf("in the service %q, write %s", m.Name, line),
		"nothing leads to port %d of %q in place of the router %q, which Traefik read from this file: Traefik is left out, and load balancers do what labels describe", port, m.Name, r.name)
}

// pos is the place of a router in its file.
func (r fileRouter) pos() diag.Pos {
	for n, line := range r.file.lines {
		if key := strings.TrimLeft(line, " \t"); strings.HasPrefix(key, r.name+":") && strings.HasPrefix(line, " ") {
			return r.file.at(n, len(line)-len(key))
		}
	}
	return r.file.at(0, 0)
}
