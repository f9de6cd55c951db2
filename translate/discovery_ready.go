package translate

import (
	"cmp"
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed ready_commands.json
var readyCommandsJSON []byte

// readyCommand is a command that ends well once a server answers, and the same for who has no client: what
// to say to the server, and what its answer begins with.
type readyCommand struct {
	Images  []string `json:"images"`
	Command string   `json:"command"`
	Say     *string  `json:"say"`     // as printf has it; nil: there is no short way
	Answer  string   `json:"answer"`  // "": anything
	Package string   `json:"package"` // that brings the client: a regular expression
	Source  string   `json:"source"`
}

var readyCommands = table.Of[struct {
	Comment  string         `json:"comment"`
	Commands []readyCommand `json:"commands"`
}](readyCommandsJSON)

// readyCommandOf is that of an image; one that answers at a port of the web is asked as curl does.
func readyCommandOf(image string, port int) readyCommand {
	name := nameOf(image).last
	if !slices.ContainsFunc(readyCommands().Commands, func(c readyCommand) bool { return slices.Contains(c.Images, name) }) && slices.Contains(webPorts, port) {
		name = "http"
	}
	for _, c := range readyCommands().Commands {
		if slices.Contains(c.Images, name) {
			return c
		}
	}
	return readyCommand{}
}

// webPorts are those at which curl most likely gets an answer.
var webPorts = []int{80, 3000, 5000, 8000, 8080, 8081, 8888}

// askForms say something to a server and read its answer, with what a wait for its port runs on. What
// has {answer} is for answers of which the beginning counts, which end with their line. No $ is in them, which
// means something else in a compose file.
var askForms = map[string]struct{ any, begins string }{
	"nc": {
		`printf '{say}' | nc -w 3 {host} {port} | grep -q .`,
		`printf '{say}' | nc -w 3 {host} {port} | grep -q '{answer}'`,
	},
	"bash": {
		`bash -c "exec 3<>/dev/tcp/{host}/{port} && printf '{say}' >&3 && read -r -t 3 -n 1 <&3"`,
		`bash -c "exec 3<>/dev/tcp/{host}/{port} && printf '{say}' >&3 && timeout 3 head -n 1 <&3" | grep -q '{answer}'`,
	},
	"python": {
		`python -c "import socket; s = socket.create_connection(('{host}', {port}), 3); s.sendall(b'{say}'); exit(not s.recv(1))"`,
		`python -c "import socket; s = socket.create_connection(('{host}', {port}), 3); s.sendall(b'{say}'); print(s.recv(12))" | grep -q '{answer}'`,
	},
	"node": {
		`node -e "setTimeout(process.exit, 3000, 1); require('net').connect({port}, '{host}').on('data', () => process.exit()).on('close', () => process.exit(1)).on('error', () => {}).write('{say}', 'latin1')"`,
		`node -e "setTimeout(process.exit, 3000, 1); require('net').connect({port}, '{host}').on('data', d => { console.log(String(d)); process.exit() }).on('error', () => {}).write('{say}', 'latin1')" | grep -q '{answer}'`,
	},
}

// insteadOfWait says what to write in place of a wait for a port: with a client that the image has, or with
// what the wait itself runs on.
func (d *discovery) insteadOfWait(m container, w portWait, service string) string {
	ready := readyCommandOf(d.baseImage(d.member(service)), w.port)
	name := d.reach(service, 0)
	if ready.Command == "" && ready.Say == nil {
		return "ask it for something that only it can answer, with a client of its protocol, until that works: until CLIENT; do sleep 1; done"
	}
	client, _, _ := strings.Cut(ready.Command, " ")
	ask := ready.said(w.on)
	switch {
	case d.hasClient(m, ready, client) || client == "echo" && w.on == "nc":
		ask = ready.Command
	case ask == "" && ready.Command == "":
		return "add nc to the image, and wait for an answer: " + loopUntil(ready.said("nc"), name, w.port)
	case ask == "":
		return "add " + client + " to the image, and wait for an answer: " + loopUntil(ready.Command, name, w.port)
	}
	return "wait for an answer: " + loopUntil(ask, name, w.port)
}

func loopUntil(ask, host string, port int) string {
	return "until " + strings.NewReplacer("{host}", host, "{port}", strconv.Itoa(port)).Replace(ask) + "; do sleep 1; done"
}

// said is the command without a client; "" where there is none.
func (r readyCommand) said(on string) string {
	if r.Say == nil {
		return ""
	}
	form := askForms[on].any
	if r.Answer != "" {
		form = askForms[on].begins
	}
	return strings.NewReplacer("{say}", *r.Say, "{answer}", r.Answer).Replace(form)
}

// hasClient says whether the image of a container has a client: it is that of the server, or its Dockerfile
// speaks of the client or its package.
func (d *discovery) hasClient(m container, ready readyCommand, client string) bool {
	built := d.builtImageOf(m)
	switch {
	case client == "":
		return false
	case slices.Contains(ready.Images, nameOf(d.baseImage(m)).last):
		return true
	case built == nil:
		return false
	}
	brings := regexp.MustCompile(cmp.Or(ready.Package, regexp.QuoteMeta(client)) + `|\b` + regexp.QuoteMeta(client) + `\b`)
	return slices.ContainsFunc(built.chain(), func(s dockerStage) bool { return slices.ContainsFunc(s.lines, brings.MatchString) })
}
