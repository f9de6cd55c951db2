package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// allPorts are the ports of a container: those that the files open and those
// that are known of its image.
func (t *translation) allPorts(s *types.ServiceConfig) []openPort {
	quiet := translation{base: newBase(t.Project, plan.Facts{})} // what is wrong with them is said with the container
	return append(quiet.openPorts(s), t.implied[s.Name]...)
}

// extraPorts are those of x-fargate.discovery. A step before the start is not the
// service, though it bears its name.
func (t *translation) extraPorts(s *types.ServiceConfig) []int {
	if t.step != nil {
		return nil
	}
	return t.X.Service(s.Name).Discovery.Ports
}

// implyPorts notes down the TCP ports of the images of a task which no container
// of it opens otherwise. A container port has one protocol and belongs to one
// container of the task.
func (t *translation) implyPorts(k *task) {
	quiet := translation{base: newBase(t.Project, plan.Facts{})}
	taken := map[int]bool{}
	for _, m := range k.members {
		for _, p := range quiet.openPorts(m) {
			taken[p.port] = true
		}
	}
	for _, m := range k.members {
		path := at(m.Name, "image")
		if m.Build != nil {
			path = at(m.Name, "build")
		}
		for _, port := range t.listens(m, "tcp") {
			if !taken[port] {
				taken[port] = true
				t.implied[m.Name] = append(t.implied[m.Name], openPort{port: port, protocol: "tcp", path: path})
			}
		}
	}
}

// listens are the ports at which a container listens as far as its image tells, or
// the Dockerfile that it is built from. They are sorted.
func (t *translation) listens(s *types.ServiceConfig, protocol string) []int {
	if s.Build != nil {
		return t.builtPorts(s.Build, protocol)
	}
	return t.imagePorts(s.Image, protocol)
}

// imagePorts are those that an image says it listens on, sorted; where nobody
// looked at it, those that are known of images of its name.
func (t *translation) imagePorts(image, protocol string) []int {
	known, looked := t.facts.Images[image]
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

// refuseLostPorts looks for endpoints whose port was patched away: ECS refuses a
// service that names a port which its task definition has not.
func (t *translation) refuseLostPorts(k *task, d *spec.TaskDefinition) {
	named := map[string]bool{}
	for _, c := range d.ContainerDefinitions {
		for _, p := range c.PortMappings {
			named[p.Name] = true
		}
	}
	for _, e := range t.endpoints[k] {
		if name := portName(e.protocol, e.port); !named[name] {
			t.errorf(at(k.name(), xKey, "patch"), "keep it, or write x-fargate: {discovery: {mode: none}}",
				"takes away port mapping %s, by which others find %s", name, e)
		}
	}
}

// opens says whether a service listens on a port with a protocol, as far as is
// known. Port 0 is any.
func (t *translation) opens(s *types.ServiceConfig, port int, protocol string) bool {
	return slices.ContainsFunc(t.allPorts(s), func(p openPort) bool {
		return p.protocol == protocol && (port == 0 || p.port == port)
	}) || protocol == "udp" && slices.ContainsFunc(t.listens(s, "udp"), func(p int) bool { return port == 0 || p == port })
}
