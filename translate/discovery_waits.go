package translate

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/table"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// portWait is a wait for a port to be open.
type portWait struct {
	path diag.Path
	pos  diag.Pos
	with string // the program
	on   string // what it runs on, "" where nothing is known of it
	name string
	port int
}

const (
	waitTarget  = `["']?([A-Za-z0-9_][A-Za-z0-9_.-]*)["']?`
	waitOptions = `(?:-\S+\s+(?:[0-9]+[smh]?\s+)?)*`
	waitPort    = `["']?([0-9]{1,5})\b`
	// waitEnd is where a command ends that nobody reads the answer of.
	waitEnd = `["']?\s*(?:[0-9]?[<>]\s*&?\S+\s*)*(?:[;&)]|\|\||$)`
)

// waitForms are the programs that wait until somebody takes a connection, each with the
// name and the port, and with what it runs on (askForms). They end where a command does.
var waitForms = []struct {
	with, on string
	form     table.Pattern
}{
	{"nc -z", "nc", table.MustCompile(`\b(?:nc|ncat|netcat)\s+` + waitOptions + `-[a-y]*z[a-z]*\s+` + waitOptions + waitTarget + `[\s:]+` + waitPort)},
	{"nc", "nc", table.MustCompile(`\b(?:until|while)\s+(?:!\s*)?(?:timeout\s+\S+\s+)?(?:nc|ncat|netcat)\s+` + waitOptions + waitTarget + `\s+` + waitPort + waitEnd)},
	{"telnet", "", table.MustCompile(`\btelnet\s+` + waitTarget + `\s+` + waitPort + waitEnd)},
	{"curl telnet://", "", table.MustCompile(`\bcurl\b[^;&|]*?\stelnet://` + waitTarget + `:` + waitPort)},
	{"/dev/tcp", "bash", table.MustCompile(`/dev/tcp/` + waitTarget + `/` + waitPort)},
	{"wait-for-it", "bash", table.MustCompile(`\bwait[-_]?for[-_]?it(?:\.sh)?["']?\s+` + waitOptions + waitTarget + `:` + waitPort)},
	{"wait-for-it", "bash", table.MustCompile(`\bwait[-_]?for[-_]?it(?:\.sh)?["']?\s+(?:-[^-h]\S*\s+(?:[0-9]+\s+)?)*(?:-h\s+|--host=)` + waitTarget + `\s+(?:-p\s+|--port=)` + waitPort)},
	{"wait-for", "nc", table.MustCompile(`\bwait[-_]for(?:\.sh)?["']?\s+` + waitOptions + waitTarget + `:` + waitPort)},
	// functions that are called so, wherever they are
	{"wait_for", "", table.MustCompile(`\bwait[-_]for(?:[-_](?:service|port|host|tcp|db|database|connection))?\s+` + waitTarget + `\s+` + waitPort)},
	{"wait-on", "node", table.MustCompile(`\bwait-on\b[^;&|]*?\stcp:(?://)?` + waitTarget + `:` + waitPort)},
	// npmjs.com, wait-port: a target without a path is only connected to
	{"wait-port", "node", table.MustCompile(`\bwait-port\s+` + waitOptions + waitTarget + `:` + waitPort + `(?:[^/0-9]|$)`)},
	{"dockerize -wait", "", table.MustCompile(`-wait[ =]+["']?tcp://` + waitTarget + `:` + waitPort)},
	// github.com/wait4x/wait4x, and github.com/maxcnunes/waitforit
	{"wait4x tcp", "", table.MustCompile(`\bwait4x\s+tcp\s+` + waitOptions + waitTarget + `:` + waitPort)},
	{"waitforit", "", table.MustCompile(`\bwaitforit\b[^;&|]*?\s-address=tcp://` + waitTarget + `:` + waitPort)},
	{"waitforit", "", table.MustCompile(`\bwaitforit\b[^;&|]*?\s-host=` + waitTarget + `\s+-port=` + waitPort)},
	// socket of Python
	{"socket.connect", "python", table.MustCompile(`\b(?:create_connection|connect|connect_ex)\(\(\s*[\\"']*([A-Za-z0-9_][A-Za-z0-9_.-]*)[\\"']*\s*,\s*([0-9]{1,5})`)},
	{"fsockopen", "", table.MustCompile(`\bfsockopen\(\s*[\\"']*([A-Za-z0-9_][A-Za-z0-9_.-]*)[\\"']*\s*,\s*([0-9]{1,5})`)},
}

// asksItself sees a connection of which somebody reads what comes.
var asksItself = regexp.MustCompile(`/dev/tcp/.*\b(?:read|cat|head|grep)\b.*<\s*&|\b(?:create_connection|connect)\b.*\brecv\(`)

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
			out = append(out, portWait{with: f.with, on: f.on, name: m[1], port: port})
		}
	}
	if out != nil && asksItself.MatchString(text) {
		return nil
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
				d.ds.Warnf(w.pos, compose.Dotted(w.path), d.insteadOfWait(m, w, of.service),
					"%s waits only until somebody takes a connection to %s:%d, and the Service Connect proxy does so at once, whether %q is ready or not",
					w.with, w.name, w.port, of.service)
			}
		}
	}
}

// hasEndpoint says whether Service Connect has a port of a service.
func (d *discovery) hasEndpoint(service string, port int) bool {
	return slices.ContainsFunc(d.named[service], func(e endpoint) bool { return e.port == port })
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
