package translate

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// openPort is a container port and where the files ask for it.
type openPort struct {
	port        int
	protocol    string
	appProtocol string
	path        diag.Path
	pos         diag.Pos // of what suggests it; zero: the port is certain
	both        bool     // of TCP and UDP, of which protocol is the one of its port mapping
}

// openPorts is the phase that finds out at which ports each container listens: by
// service. It needs the tasks alone, since a port belongs to one container of a
// task. The names and the load balancers of services go by it.
type openPorts map[string]containerPorts

// containerPorts are those of one container.
type containerPorts struct {
	written []openPort // by ports, expose and x-fargate, sorted
	implied []openPort // TCP ports that only its image tells of
	udp     []int      // what its image tells of UDP
	// suggested are TCP ports at which it is called, or seems to listen.
	suggested []openPort
}

// of are all ports of a container.
func (ports openPorts) of(service string) []openPort {
	return slices.Concat(ports[service].written, ports[service].implied, ports[service].suggested)
}

// listens says whether a service listens on a port with a protocol, as far as is
// known. Port 0 is any.
func (ports openPorts) listens(service string, port int, protocol string) bool {
	return slices.ContainsFunc(ports.of(service), func(p openPort) bool {
		return (p.protocol == protocol || p.both) && (port == 0 || p.port == port)
	}) || protocol == "udp" && slices.ContainsFunc(ports[service].udp, func(p int) bool { return port == 0 || p == port })
}

// mappings are the ports of a container as ECS has them.
func (ports openPorts) mappings(service string) []spec.PortMapping {
	var out []spec.PortMapping
	for _, p := range ports.of(service) {
		out = append(out, spec.PortMapping{
			ContainerPort: p.port,
			Protocol:      p.protocol,
			Name:          portName(p.protocol, p.port),
			AppProtocol:   p.appProtocol,
		})
	}
	return out
}

// imply adds the TCP ports of the images of a task which no container of it opens
// otherwise. A container port has one protocol and belongs to one container of the
// task.
func (ports openPorts) imply(b *base, k *task) {
	taken := map[int]bool{}
	for _, m := range k.members {
		for _, p := range ports[m.Name].written {
			taken[p.port] = true
		}
	}
	for _, m := range k.members {
		path := at(m.Name, "image")
		if m.Build != nil {
			path = at(m.Name, "build")
		}
		known := ports[m.Name]
		for _, port := range imageListens(b, m, "tcp") {
			if !taken[port] {
				taken[port] = true
				known.implied = append(known.implied, openPort{port: port, protocol: "tcp", path: path, pos: b.laterPort(m, port)})
			}
		}
		ports[m.Name] = known
	}
}

// refuseDouble looks for a port that two containers of a task open: they share
// one network interface.
func (ports openPorts) refuseDouble(b *base, k *task) {
	opened := map[string][]string{}
	for _, m := range k.members {
		for _, p := range ports[m.Name].written {
			name := portName(p.protocol, p.port)
			if first := opened[name]; first != nil {
				b.errorf(p.path, "let one of them listen on another port, or give it a task of its own",
					"port %d/%s is already used by %q in the same task, at %s", p.port, p.protocol, first[1], b.At(first...))
				continue
			}
			opened[name] = p.path
		}
	}
}

// imageListens are the ports at which a container listens as far as its image
// tells, or the Dockerfile that it is built from, or else those of the database that it is
// like. They are sorted.
func imageListens(b *base, s container, protocol string) []int {
	out := imagePorts(b.facts.Images, s.Image, protocol)
	if s.Build != nil {
		out = b.builtPorts(s.Build, protocol)
	}
	if kind := b.kindOfImage(s); out == nil && protocol == "tcp" && kind != b.baseImage(s) {
		return wellKnownPorts(kind)
	}
	return out
}

// imagePorts are the ports that the image exposes, sorted; if it was not looked
// up, those of well-known images with its name.
func imagePorts(images map[string]plan.Image, image, protocol string) []int {
	known, looked := images[image]
	if !looked {
		if protocol != "tcp" {
			return nil
		}
		return wellKnownPorts(image)
	}
	var out []int
	for _, text := range known.Ports {
		number, of, _ := strings.Cut(text, "/")
		if port, err := strconv.Atoi(number); err == nil && (of == protocol || of == "" && protocol == "tcp") {
			out = append(out, port)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// wellKnownPorts are the ports of well-known images with the same name as
// image, whoever publishes it; nil if none is known.
func wellKnownPorts(image string) []int {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(knownOf(image).Ports, portsByTag(image)))))
}

// builtPorts are the ports that the Dockerfile of a service and its base image
// expose; nil if the Dockerfile cannot be read here.
func (b *base) builtPorts(build *types.BuildConfig, protocol string) []int {
	stages := stagesOfTarget(b.dockerfiles[build].stages, build.Target)
	if len(stages) == 0 {
		return nil
	}
	var out []int
	for _, s := range stages {
		out = append(out, exposedPorts(s, protocol)...)
	}
	out = append(out, imagePorts(b.facts.Images, stages[len(stages)-1].from, protocol)...)
	slices.Sort(out)
	return slices.Compact(out)
}

// exposedPorts are those of one stage; a range of a hundred ports is hardly meant
// so.
func exposedPorts(s dockerStage, protocol string) []int {
	var out []int
	for _, text := range s.exposes {
		from, to, of, ok := parseExpose(text)
		if !ok || of != protocol || to-from >= 100 {
			continue
		}
		for port := from; port <= to; port++ {
			out = append(out, port)
		}
	}
	return out
}

// writtenPorts are those of a container that the files write: under ports, expose
// and x-fargate, each once, sorted. Errors in them are said, and the ports left out.
func writtenPorts(b *base, s container) []openPort {
	r := portReader{base: b, known: map[int]int{}}
	for i, p := range s.Ports {
		path := s.at("ports", strconv.Itoa(i))
		r.open(openPort{port: int(p.Target), protocol: cmp.Or(strings.ToLower(p.Protocol), "tcp"), appProtocol: r.appProtocol(p, path), path: path})
	}
	for i, text := range s.Expose {
		path := s.at("expose", strconv.Itoa(i))
		from, to, protocol, ok := parseExpose(text)
		if !ok {
			r.errorf(path, `write PORT, FROM-TO or PORT/udp`, "%q is not a port", text)
			continue
		}
		for port := from; port <= to; port++ {
			r.open(openPort{port: port, protocol: protocol, path: path})
		}
	}
	for i, port := range b.X.Service(s.Name).Discovery.Ports {
		path := s.at(xfargate.Key, "discovery", "ports", strconv.Itoa(i))
		r.open(openPort{port: port, protocol: "tcp", path: path})
	}
	r.openLabelled(s)
	r.chooseProtocols(s)
	slices.SortFunc(r.ports, func(a, b openPort) int {
		return cmp.Or(cmp.Compare(a.port, b.port), strings.Compare(a.protocol, b.protocol))
	})
	return r.ports
}

// portReader collects the ports of one container.
type portReader struct {
	*base
	ports []openPort
	known map[int]int // where in ports one is
}

// open adds a port, unless it is known.
func (r *portReader) open(p openPort) {
	if p.protocol != "tcp" && p.protocol != "udp" {
		r.errorf(p.path, "", "port %d/%s: Fargate supports tcp and udp only", p.port, p.protocol)
		return
	}
	i, ok := r.known[p.port]
	switch {
	case !ok:
		r.known[p.port] = len(r.ports)
		r.ports = append(r.ports, p)
	case r.ports[i].protocol != p.protocol:
		r.ports[i].both = true
	default:
		r.ports[i].appProtocol = cmp.Or(r.ports[i].appProtocol, p.appProtocol)
	}
}

// appProtocol is the ECS value for compose's app_protocol.
func (r *portReader) appProtocol(p types.ServicePortConfig, path diag.Path) string {
	switch name := strings.ToLower(p.AppProtocol); name {
	case "http":
		if len(r.Compose.Services) > 1 {
			// Envoy answers 426 to HTTP/1.0 (api/envoy/config/core/v3/protocol.proto: accept_http_10)
			help := "remove it, unless"
			if p.Published != "" {
				help = "write " + ingressLine(int(p.Target), "kind: http") + " instead of it, unless"
			}
			r.warnf(path.Key("app_protocol"), help+" all other services use HTTP/1.1: nginx does with proxy_http_version 1.1",
				"Service Connect refuses HTTP/1.0 at port %d with app_protocol: http, where docker passes on anything", p.Target)
		}
		return name
	case "http2", "grpc":
		return name
	case "", "tcp", "udp":
		return ""
	default:
		r.notef(path.Key("app_protocol"), "", "ECS supports http, http2 and grpc: %s is handled as plain %s", p.AppProtocol, cmp.Or(p.Protocol, "tcp"))
		return ""
	}
}

// loopback says whether a port is published only on the machine itself, so that
// on Fargate nothing could reach it.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost"
}

// laterPort is the place of what tells of a port that the releases before the third did not
// know: the base image of a Dockerfile, which they did not look up, or a tag. It is the zero
// value for a port that they knew.
func (b *base) laterPort(s container, port int) diag.Pos {
	if slices.Contains(b.formerPorts(s), port) {
		return diag.Pos{}
	}
	return b.At(b.portPath(s)...)
}

// portPath is where the files say what image a service runs.
func (b *base) portPath(s container) diag.Path {
	if s.Build != nil {
		return at(s.Name, "build")
	}
	return at(s.Name, "image")
}

// formerPorts are the TCP ports of images that the releases before the third knew.
func (b *base) formerPorts(s container) []int {
	if s.Build == nil {
		return b.formerImagePorts(s.Image)
	}
	var out []int
	stages := stagesOfTarget(b.dockerfiles[s.Build].stages, s.Build.Target)
	for _, stage := range stages {
		out = append(out, exposedPorts(stage, "tcp")...)
	}
	if len(stages) == 0 {
		return nil
	}
	return append(out, b.formerImagePorts(stages[len(stages)-1].from)...)
}

// formerImagePorts are those of an image that a service runs as it is, or that is known
// by its name. One that was looked up only because a Dockerfile begins with it has no digest.
func (b *base) formerImagePorts(image string) []int {
	if known, looked := b.facts.Images[image]; looked && known.Digest != "" {
		return imagePorts(b.facts.Images, image, "tcp")
	}
	return knownOf(image).Ports
}

// listening are the ports at which a service listens by its own words: its environment,
// its command line, its health check and its labels for Traefik, in this order.
func listening(s container) []openPort {
	var out []openPort
	add := func(where []string, numbers ...int) {
		for _, port := range numbers {
			out = append(out, openPort{port: port, protocol: "tcp", path: where})
		}
	}
	for _, variable := range sortedKeys(s.Environment) {
		if value := s.Environment[variable]; value != nil {
			add(s.at("environment", variable), listeningVariable(s, variable, strings.TrimSpace(*value))...)
		}
	}
	add(s.at("entrypoint"), listeningWords(s, s.Entrypoint)...)
	add(s.at("command"), listeningWords(s, s.Command)...)
	if s.HealthCheck != nil && !s.HealthCheck.Disable && len(s.HealthCheck.Test) > 1 {
		add(s.at("healthcheck", "test"), checkedPorts(s)...)
	}
	for _, l := range labelsOf(*s.ServiceConfig) {
		if strings.HasPrefix(l.name, "traefik.") && strings.HasSuffix(l.name, ".server.port") {
			add(l.path, portsOf(l.value)...)
		}
	}
	return out
}
