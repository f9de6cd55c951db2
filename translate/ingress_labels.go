package translate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// routers are the images of routers that read labels or variables, and what reads those.
var routers = []router{
	{[]string{"traefik"}, traefikRoutes},
	{[]string{"caddy-docker-proxy"}, caddyRoutes},
	{[]string{"nginx-proxy"}, nginxRoutes},
}

type router struct {
	images []string
	read   func(s types.ServiceConfig, labels []label, guards middlewares) []route
}

func (r router) is(s types.ServiceConfig) bool {
	return slices.Contains(r.images, nameOf(cmp.Or(s.Image, s.Name)).last)
}

// routesOf are the routes of a service whose router is not in the stack.
func (p *Project) routesOf(service string) []route {
	p.routesOnce.Do(func() { p.routes = p.findRoutes() })
	return p.routes[service]
}

func (p *Project) findRoutes() map[string][]route {
	out := map[string][]route{}
	known, entrypoints := p.middlewares(), p.entrypointPorts()
	services := slices.Collect(maps.Values(p.Compose.Services))
	for _, router := range routers {
		if slices.ContainsFunc(services, router.is) {
			continue
		}
		for name, s := range p.Compose.Services {
			for _, r := range router.read(s, labelsOf(s), known) {
				r.listen = entrypoints[r.entrypoint]
				out[name] = append(out[name], r)
			}
		}
	}
	return out
}

// labelPorts are the ports that a service opens only for a router whose part a load
// balancer takes, or of which x-fargate.ingress speaks. A service that is live without
// that stays as it is.
func labelPorts(b *base, s container) []int {
	rules := b.X.Service(s.Name).Ingress
	byPort := map[int]*described{}
	for _, r := range b.routesOf(s.Name) {
		port := b.routePort(s, r)
		if byPort[port] == nil {
			byPort[port] = &described{}
		}
		byPort[port].routes = append(byPort[port].routes, r)
	}
	var out []int
	for port, d := range byPort {
		d.keepGuarded()
		rule, named := rules[port]
		asked := named && rule.Kind != kindNone
		if port > 0 && (asked || d.refusal() == "" && !b.staysClosed(s.Name, port)) {
			out = append(out, port)
		}
	}
	slices.Sort(out)
	return out
}

// routePort is the port to which a router leads where its labels say it, or where its
// usual one is not that of the service; 0: the files and the image have it.
func (b *base) routePort(s container, r route) int {
	if r.port > 0 || r.usual == 0 {
		return r.port
	}
	known := imageListens(b, s, "tcp")
	for _, p := range s.Ports {
		known = append(known, int(p.Target))
	}
	for _, text := range s.Expose {
		from, to, _, _ := parseExpose(text)
		known = append(known, from, to)
	}
	slices.Sort(known)
	if len(slices.Compact(known)) == 1 {
		return 0
	}
	return r.usual
}

// openLabelled opens the ports that labels name.
func (r *portReader) openLabelled(s container) {
	ports := labelPorts(r.base, s)
	for _, route := range r.routesOf(s.Name) {
		if port := r.routePort(s, route); slices.Contains(ports, port) {
			r.open(openPort{port: port, protocol: cmp.Or(route.raw, "tcp"), path: route.path})
		}
	}
}

// staysClosed says whether a service is live and nothing leads to a port of it: labels
// that nobody read before open nothing to the internet behind anyone's back.
func (b *base) staysClosed(service string, port int) bool {
	_, published := b.facts.Published[publishedName(service, port)]
	return !published && slices.Contains(b.facts.Services, service)
}
