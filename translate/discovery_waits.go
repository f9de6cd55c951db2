package translate

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// portWait is a wait for a port to be open.
type portWait struct {
	path diag.Path
	pos  diag.Pos
	with string // the program
	name string
	port int
}

const waitTarget = `["']?([A-Za-z0-9_][A-Za-z0-9_.-]*)["']?`

// waitForms are the programs that wait until somebody takes a connection, each with the
// name and the port. They end where a command does.
var waitForms = []struct {
	with string
	form *regexp.Regexp
}{
	{"nc -z", regexp.MustCompile(`\b(?:nc|ncat|netcat)\s+(?:-\S+\s+(?:[0-9]+\s+)?)*-[a-y]*z[a-z]*\s+(?:-\S+\s+(?:[0-9]+\s+)?)*` + waitTarget + `[\s:]+["']?([0-9]{1,5})`)},
	{"/dev/tcp", regexp.MustCompile(`/dev/tcp/` + waitTarget + `/["']?([0-9]{1,5})`)},
	{"wait-for-it", regexp.MustCompile(`\bwait[-_]?for[-_]?it(?:\.sh)?["']?\s+(?:-\S+\s+(?:[0-9]+\s+)?)*` + waitTarget + `:([0-9]{1,5})`)},
	{"wait-for-it", regexp.MustCompile(`\bwait[-_]?for[-_]?it(?:\.sh)?["']?\s+(?:-[^-h]\S*\s+(?:[0-9]+\s+)?)*(?:-h\s+|--host=)` + waitTarget + `\s+(?:-p\s+|--port=)([0-9]{1,5})`)},
	{"wait-for", regexp.MustCompile(`\bwait[-_]for(?:\.sh)?["']?\s+(?:-\S+\s+(?:[0-9]+\s+)?)*` + waitTarget + `:([0-9]{1,5})`)},
	{"wait-on", regexp.MustCompile(`\bwait-on\b[^;&|]*?\stcp:(?://)?` + waitTarget + `:([0-9]{1,5})`)},
	{"dockerize -wait", regexp.MustCompile(`-wait[ =]+["']?tcp://` + waitTarget + `:([0-9]{1,5})`)},
}

// waitVariables are those that name the ports which a program in an image waits for:
// docker-compose-wait (ufoscout), and the images of big-data-europe.
var waitVariables = []string{"WAIT_HOSTS", "WAIT_TARGETS", "WAIT_FOR_HOSTS", "SERVICE_PRECONDITION"}

var waitItem = regexp.MustCompile(waitTarget + `:([0-9]{1,5})`)

// waitsIn are the waits of a script or a command line.
func waitsIn(text string) []portWait {
	var out []portWait
	for _, f := range waitForms {
		for _, m := range f.form.FindAllStringSubmatch(text, -1) {
			port, _ := strconv.Atoi(m[2])
			out = append(out, portWait{with: f.with, name: m[1], port: port})
		}
	}
	return out
}

// sayWaits warns of waits for a port of a name in Service Connect, once for each service
// and the one it waits for: the proxy beside each task takes every connection at once,
// whether the other one runs or not.
func (d *discovery) sayWaits() {
	dns := newDockerDNS(d.Project)
	for _, k := range d.tasks {
		for _, m := range k.members {
			said := map[string]bool{}
			for _, w := range d.waitsOf(m) {
				of, ok := dns.lookup(m.Name, w.name)
				if !ok || said[of.service] || d.taskOf[of.service] == k || !d.hasEndpoint(of.service, w.port) {
					continue
				}
				said[of.service] = true
				d.ds.Warnf(w.pos, compose.Dotted(w.path), insteadOfWait(d.baseImage(d.member(of.service)), d.reach(of.service, 0), w.port),
					"%s waits only until somebody takes a connection to %s:%d, and the Service Connect proxy does so at once, whether %q is ready or not",
					w.with, w.name, w.port, of.service)
			}
		}
	}
}

// hasEndpoint says whether Service Connect has a port of a service.
func (d *discovery) hasEndpoint(service string, port int) bool {
	return slices.ContainsFunc(d.endpointsNamed(service), func(e endpoint) bool { return e.port == port })
}

// member is the container of an active service.
func (d *discovery) member(service string) container {
	s := d.Compose.Services[service]
	return container{ServiceConfig: &s}
}

// waitsOf are the waits of a service: in its command lines, its variables and its scripts.
func (d *discovery) waitsOf(m container) []portWait {
	var out []portWait
	for _, s := range d.scriptsOf(m) {
		if s.check {
			continue // nobody waits for it
		}
		for _, w := range waitsIn(s.text) {
			w.path, w.pos = s.path, s.pos
			out = append(out, w)
		}
	}
	for _, c := range m.with() {
		out = append(out, d.waitedByVariables(c)...)
	}
	return out
}

func (d *discovery) waitedByVariables(c container) []portWait {
	var out []portWait
	for _, variable := range waitVariables {
		path := c.at("environment", variable)
		if value := c.Environment[variable]; value != nil && !d.inherited(path) {
			for _, m := range waitItem.FindAllStringSubmatch(*value, -1) {
				port, _ := strconv.Atoi(m[2])
				out = append(out, portWait{path: path, pos: d.variablePos(c.Name, variable), with: variable, name: m[1], port: port})
			}
		}
	}
	return out
}

//go:embed ready_commands.json
var readyCommandsJSON []byte

// readyCommands are commands that end well once a server answers, by its image.
var readyCommands = sync.OnceValue(func() map[string]string {
	var table struct {
		Commands []struct {
			Images  []string `json:"images"`
			Command string   `json:"command"`
			Source  string   `json:"source"`
		} `json:"commands"`
	}
	if err := json.Unmarshal(readyCommandsJSON, &table); err != nil {
		panic(err) // the file is ours
	}
	out := map[string]string{}
	for _, c := range table.Commands {
		for _, image := range c.Images {
			out[image] = c.Command
		}
	}
	return out
})

// webPorts are those at which curl most likely gets an answer.
var webPorts = []int{80, 3000, 5000, 8000, 8080, 8081, 8888}

// insteadOfWait says what to write in place of a wait for a port.
func insteadOfWait(image, name string, port int) string {
	ask := readyCommands()[imageName(strings.ToLower(image))]
	switch {
	case ask != "":
		ask = strings.NewReplacer("{host}", name, "{port}", strconv.Itoa(port)).Replace(ask)
	case slices.Contains(webPorts, port):
		ask = fmt.Sprintf("curl -fsS http://%s:%d/", name, port)
	default:
		return "ask it for something that only it can answer, with a client of its protocol, until that works: until CLIENT; do sleep 1; done"
	}
	return "wait for an answer: until " + ask + "; do sleep 1; done"
}
