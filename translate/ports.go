package translate

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// openPort is a container port and where the files ask for it.
type openPort struct {
	port        int
	protocol    string
	appProtocol string
	path        []string
}

// portMappings are the ports that a container opens: those of ports, expose and
// x-fargate, and those that its image is known to listen on, each once.
func (t *translation) portMappings(s *types.ServiceConfig) []spec.PortMapping {
	var out []spec.PortMapping
	ports := t.openPorts(s)
	if t.step == nil { // which shares the name and maybe the image
		ports = append(ports, t.implied[s.Name]...)
	}
	for _, p := range ports {
		out = append(out, spec.PortMapping{
			ContainerPort: p.port,
			Protocol:      p.protocol,
			Name:          portName(p.protocol, p.port),
			AppProtocol:   p.appProtocol,
		})
	}
	return out
}

// openPorts are sorted; errors in them are said, and the ports left out.
func (t *translation) openPorts(s *types.ServiceConfig) []openPort {
	var out []openPort
	known := map[int]int{} // where in out a port is
	for i, p := range s.Ports {
		path := at(s.Name, "ports", strconv.Itoa(i))
		out = t.open(out, known, openPort{int(p.Target), cmp.Or(strings.ToLower(p.Protocol), "tcp"), t.appProtocol(p, path), path})
	}
	for i, text := range s.Expose {
		path := at(s.Name, "expose", strconv.Itoa(i))
		from, to, protocol, ok := parseExpose(text)
		if !ok {
			t.errorf(path, `write PORT, FROM-TO or PORT/udp`, "%q is no port", text)
			continue
		}
		for port := from; port <= to; port++ {
			out = t.open(out, known, openPort{port: port, protocol: protocol, path: path})
		}
	}
	for i, port := range t.extraPorts(s) {
		path := at(s.Name, xKey, "discovery", "ports", strconv.Itoa(i))
		out = t.open(out, known, openPort{port: port, protocol: "tcp", path: path})
	}
	slices.SortFunc(out, func(a, b openPort) int {
		return cmp.Or(cmp.Compare(a.port, b.port), strings.Compare(a.protocol, b.protocol))
	})
	return out
}

// open adds a port to those of one container, unless it is known.
func (t *translation) open(ports []openPort, known map[int]int, p openPort) []openPort {
	if p.protocol != "tcp" && p.protocol != "udp" {
		t.errorf(p.path, "", "port %d/%s: Fargate has tcp and udp only", p.port, p.protocol)
		return ports
	}
	i, ok := known[p.port]
	switch {
	case !ok:
		known[p.port] = len(ports)
		return append(ports, p)
	case ports[i].protocol != p.protocol:
		t.errorf(p.path, "open one of the two, or use another port for one",
			"port %d as tcp and as udp: on Fargate a container port has one protocol", p.port)
	default:
		ports[i].appProtocol = cmp.Or(ports[i].appProtocol, p.appProtocol)
	}
	return ports
}

// appProtocol is what ECS knows of compose's app_protocol.
func (t *translation) appProtocol(p types.ServicePortConfig, path []string) string {
	switch name := strings.ToLower(p.AppProtocol); name {
	case "http", "http2", "grpc":
		return name
	case "", "tcp", "udp":
		return ""
	default:
		t.notef(append(path, "app_protocol"), "", "ECS knows http, http2 and grpc: %s is carried as plain %s", p.AppProtocol, cmp.Or(p.Protocol, "tcp"))
		return ""
	}
}

// parseExpose reads PORT, FROM-TO, either with /PROTOCOL behind it.
func parseExpose(text string) (from, to int, protocol string, ok bool) {
	ports, protocol, _ := strings.Cut(text, "/")
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, "", false
	}
	if to, err = strconv.Atoi(last); err != nil {
		return 0, 0, "", false
	}
	return from, to, cmp.Or(strings.ToLower(protocol), "tcp"), 0 < from && from <= to && to <= 65535
}

// refuseDoublePorts looks for a port that two containers of a task open: they
// share one network interface.
func (t *translation) refuseDoublePorts(k *task) {
	if len(k.members) == 1 {
		return
	}
	quiet := translation{base: newBase(t.Project, plan.Facts{})} // what is wrong within a container has been said
	opened := map[string][]string{}
	for _, m := range k.members {
		for _, p := range quiet.openPorts(m) {
			name := portName(p.protocol, p.port)
			if first := opened[name]; first != nil {
				t.errorf(p.path, "let one of them listen on another port, or give it a task of its own",
					"port %d/%s is that of %q in the same task already, at %s", p.port, p.protocol, first[1], t.At(first...))
				continue
			}
			opened[name] = p.path
		}
	}
}

// loopback says whether a port is published for the machine itself only, which
// on Fargate is nobody.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost"
}
