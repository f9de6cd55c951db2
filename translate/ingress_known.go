package translate

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// The kinds of published ports.
const (
	kindHTTP = "http"
	kindTCP  = "tcp"
	kindUDP  = "udp"
	kindNone = "none"
)

// knownPort is what is known of a port, of any image or of some: whether HTTP is spoken
// there, and for whom it is. The first entry that is about a port and an image counts;
// those of images come first.
type knownPort struct {
	Images []string    `json:"images"` // the last element of their names, or the last two; none: all
	Ports  []portRange `json:"ports"`  // 80, 3000-3010; none: all
	// Kind is http, or tcp for another protocol; "": an entry further down tells.
	Kind string `json:"kind"`
	// TLS says whether the image speaks TLS there by default; nil: as its number tells.
	TLS *bool `json:"tls"`
	// Private is what the port is for where it is not for everyone: a database or broker,
	// administration, debugging. Compose files publish it on a developer's own machine.
	Private string `json:"private"`
	What    string `json:"what"` // listens there; "": the image
	// Guard is how the variables begin that set a password, with which it is for everyone.
	Guard string `json:"guard"`
	// Open is what makes a port of an image worth a warning that everyone may use.
	Open   string `json:"open"`
	Source string `json:"source"`
}

// portRange is a port, or some from one to another.
type portRange struct{ from, to int }

// UnmarshalText reads what EXPOSE takes, without a protocol.
func (r *portRange) UnmarshalText(text []byte) error {
	var ok bool
	if r.from, r.to, _, ok = parseExpose(string(text)); !ok {
		return fmt.Errorf("%q is no port", text)
	}
	return nil
}

//go:embed ports.json
var portsJSON []byte

var knownPorts = table.Of[struct {
	Commands []portCommand `json:"commands"`
	Images   []knownPort   `json:"images"`
	Ports    []knownPort   `json:"ports"`
	Former   []knownPort   `json:"former"` // what earlier releases took for private by the number
}](portsJSON)

// knownPortOf is what is known of a container port of an image; "" is an image of which
// nothing is known.
func knownPortOf(image string, port int) knownPort {
	byPort, _ := firstKnown(knownPorts().Ports, image, port)
	if image == "" {
		return byPort
	}
	out, ok := firstKnown(knownPorts().Images, image, port)
	if !ok {
		return byPort
	}
	out.Kind = cmp.Or(out.Kind, byPort.Kind)
	if out.What == "" && byPort.Private != "" {
		out.What = byPort.What
	}
	out.What = cmp.Or(out.What, nameOf(image).last())
	return out
}

// isOfImage says whether something is known of a port of this image, and not only of its
// number.
func isOfImage(image string, port int) bool {
	_, ok := firstKnown(knownPorts().Images, image, port)
	return ok
}

func firstKnown(list []knownPort, image string, port int) (knownPort, bool) {
	naming := nameOf(image)
	i := slices.IndexFunc(list, func(k knownPort) bool {
		return k.has(port) && (k.Images == nil || slices.Contains(k.Images, naming.last()) || slices.Contains(k.Images, naming.lastTwo()))
	})
	if i < 0 {
		return knownPort{}, false
	}
	return list[i], true
}

func (k knownPort) has(port int) bool {
	return k.Ports == nil || slices.ContainsFunc(k.Ports, func(r portRange) bool { return r.from <= port && port <= r.to })
}

func (k knownPort) isGuarded(m container) bool {
	return k.Guard != "" && slices.ContainsFunc(sortedKeys(m.Environment), func(name string) bool { return strings.HasPrefix(name, k.Guard) })
}

// speaksHTTP says whether HTTP is known to be spoken at a container port, or at one
// that it is published as, where nothing else is known of the container port.
func (p *Project) speaksHTTP(m container, port int, published []int) bool {
	if known := p.knownPortOf(m, port); known.Kind != "" {
		return known.Kind == kindHTTP
	}
	return slices.ContainsFunc(published, func(p int) bool { return knownPortOf("", p).Kind == kindHTTP })
}

// wasPrivate is what earlier releases took a port for that they kept private by its number.
func wasPrivate(port int) (known knownPort, was bool) {
	for _, list := range [][]knownPort{knownPorts().Ports, knownPorts().Former} {
		if k, ok := firstKnown(list, "", port); ok && k.Private != "" {
			return k, true
		}
	}
	return knownPort{}, false
}
