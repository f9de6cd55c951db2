package translate

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

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
	out.What = cmp.Or(out.What, nameOf(image).last)
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
		return k.has(port) && (k.Images == nil || slices.Contains(k.Images, naming.last) || slices.Contains(k.Images, naming.lastTwo))
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

// portCommand is what a command line tells of a port, whatever the image: of some ports,
// or of those at which it has its program listen.
type portCommand struct {
	Form table.Pattern `json:"form"` // of the command line
	knownPort
}

// knownPortOf is what is known of a container port: by the command line, by the image or
// the one that it is built from, by its configuration, and by the number alone.
func (p *Project) knownPortOf(m container, port int) knownPort {
	words := p.commandWords(m)
	if known, ok := knownByCommand(m, words, port); ok {
		return known
	}
	image := m.Image
	if built := p.builtImageOf(m); built != nil && !isOfImage(image, port) {
		image = built.base()
	}
	known := knownPortOf(image, port)
	switch {
	case p.isEnvoyAdmin(m, image, port):
		return knownPort{Kind: kindHTTP, Private: "administration", What: "Envoy"}
	case !isOfImage(image, port) && saysTCP(m, words, port):
		known.Kind = kindTCP
	}
	return known
}

// commandWords are the command line of a container, that of its Dockerfile included.
func (p *Project) commandWords(m container) []string {
	words := slices.Concat(m.Entrypoint, m.Command)
	if built := p.builtImageOf(m); built != nil {
		for _, c := range built.commandsOf(m) {
			words = append(words, c.words...)
		}
	}
	return words
}

func knownByCommand(m container, words []string, port int) (knownPort, bool) {
	line := strings.Join(words, " ")
	for _, k := range knownPorts().Commands {
		if !k.Form.MatchString(line) {
			continue
		}
		if k.Ports != nil && k.has(port) || slices.Contains(listeningWords(m, words), port) {
			return k.knownPort, true
		}
	}
	return knownPort{}, false
}

// listensTCP is an address of the program itself: tcp://0.0.0.0:8888, tcp://:8888.
var listensTCP = regexp.MustCompile(`\btcp://(?:0\.0\.0\.0|\*|\[::\])?:([0-9]{1,5})\b`)

// saysTCP says whether a container is told to listen at tcp:// of a port. What it is told
// to bind to is not meant: so Puma and Gunicorn are told, which speak HTTP (puma.io,
// "Binding TCP / UNIX Sockets"; gunicorn, util.parse_address).
func saysTCP(m container, words []string, port int) bool {
	texts := strings.Fields(strings.Join(words, " "))
	for i, word := range texts {
		if i > 0 && (texts[i-1] == "-b" || strings.HasSuffix(texts[i-1], "bind")) {
			continue
		}
		if isTCPAt(word, port) {
			return true
		}
	}
	return slices.ContainsFunc(sortedKeys(m.Environment), func(name string) bool {
		value := m.Environment[name]
		return value != nil && strings.Contains(strings.ToLower(name), "listen") && isTCPAt(*value, port)
	})
}

func isTCPAt(word string, port int) bool {
	return !strings.Contains(word, "bind") && slices.Contains(allPorts(listensTCP, word), port)
}

// isEnvoyAdmin says whether the configuration of an Envoy has its administration at a port.
func (p *Project) isEnvoyAdmin(m container, image string, port int) bool {
	if nameOf(image).last != "envoy" {
		return false
	}
	return slices.ContainsFunc(p.textsOf(m.Name), func(f *textFile) bool {
		var config struct {
			Admin struct {
				Address struct {
					Socket struct {
						Port int `yaml:"port_value"`
					} `yaml:"socket_address"`
				}
			}
		}
		text := strings.Join(f.lines, "\n")
		return strings.Contains(text, strconv.Itoa(port)) && yaml.Unmarshal([]byte(text), &config) == nil && config.Admin.Address.Socket.Port == port
	})
}
