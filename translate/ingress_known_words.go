package translate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// portCommand is what a command line tells of a port, whatever the image: of some ports,
// or of those at which it has its program listen.
type portCommand struct {
	Form string `json:"form"` // of the command line
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
		if !regexp.MustCompile(k.Form).MatchString(line) {
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
	if nameOf(image).last() != "envoy" {
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
