package translate

import (
	"cmp"
	"fmt"
	"net"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
)

// hostUses are the words of a service for which known is true, in its
// environment, its command lines and its health check, and in those of its
// pre_start steps. Each name appears once for each place and port.
func (p *Project) hostUses(s container, known func(name string) bool) []hostUse {
	h := hostSearch{Project: p, service: s.Name, known: known, shell: s.Environment}
	h.environment(s, nil)
	h.words(s.at("command"), s.Command)
	h.words(s.at("entrypoint"), s.Entrypoint)
	if s.HealthCheck != nil && !s.HealthCheck.Disable && len(s.HealthCheck.Test) > 1 {
		h.words(s.at("healthcheck", "test"), s.HealthCheck.Test[1:]) // behind CMD or CMD-SHELL
	}
	for _, step := range stepsOf(s.ServiceConfig) {
		c := step.container()
		h.environment(c, s.Environment)
		h.shell = c.Environment
		h.words(c.at("command"), c.Command)
		h.words(c.at("entrypoint"), c.Entrypoint)
	}
	return h.found
}

// isTold are names of variables and options with an address that peers and clients are told to call:
// advertised.listeners and controller.quorum.voters of Kafka, --advertise-kafka-addr of Redpanda.
var isTold = regexp.MustCompile(`(?i)advertise|quorum[._]voters`)

type hostSearch struct {
	*Project
	service string
	shell   types.MappingWithEquals // the variables of what runs the command lines
	known   func(name string) bool
	found   []hostUse
	index   map[string]int // of found, by all that tells one from another
}

// environment leaves out what is inherited, which the service has itself.
func (h *hostSearch) environment(s container, inherited types.MappingWithEquals) {
	for _, variable := range sortedKeys(s.Environment) {
		value := s.Environment[variable]
		if h.full() || value == nil || inherited[variable] != nil && *inherited[variable] == *value {
			continue
		}
		if names := slices.DeleteFunc(namesIn(*value), func(w wordIn) bool { return !h.known(w.name) }); len(names) > 0 {
			h.variable(s, variable, *value, names[:min(len(names), maxNames)])
		}
	}
}

// variable looks at the known names in the value of a variable.
func (h *hostSearch) variable(s container, variable, value string, names []wordIn) {
	path, pos := s.at("environment", variable), h.variablePos(s.Name, variable)
	pairs := h.pairsIn(value)
	binds := bindingOf(variable, strings.ToLower(h.baseImage(s)), byVariable, nil) != nil
	told := isTold.MatchString(variable)
	for _, w := range names {
		port, sure := w.inValue(variable)
		if port == 0 && w.isAll() {
			port = portBeside(s, variable)
			sure = sure || port > 0 && isOpen(variable)
		}
		if port == 0 {
			port = pairs[w.name]
		}
		other := w.name != s.Name && w.isAll() && isOpen(variable) && net.ParseIP(w.name) == nil
		sure = sure || other && (compound(w.name) || h.isAfterImage(variable, w.name))
		h.add(hostUse{path: path, pos: pos, name: w.name, port: port, udp: w.udp(), told: told, sure: sure || pairs[w.name] > 0, binds: binds})
		for _, more := range w.morePorts() {
			h.add(hostUse{path: path, pos: pos, name: w.name, port: more, sure: true})
		}
	}
}

// isAfterImage says whether a variable is called after the program in the image of a
// service: CLAMAV of clamav/clamav. Then the name of that service is no other word.
func (h *hostSearch) isAfterImage(variable, service string) bool {
	const enough = 5
	letters := strings.NewReplacer("-", "", "_", "", "/", "", ".", "")
	image := letters.Replace(nameOf(h.Compose.Services[service].Image).lastTwo)
	return slices.ContainsFunc(strings.Split(strings.ToLower(variable), "_"), func(word string) bool {
		return len(word) >= enough && strings.Contains(image, word)
	})
}

// pairsIn are the hosts of a value that has a key for a port beside that of the host: JSON, or
// the "host=db port=5432" of libpq.
func (h *hostSearch) pairsIn(value string) map[string]int {
	out := map[string]int{}
	if !strings.ContainsAny(value, "=:") {
		return out
	}
	t := textSearch{textFile: &textFile{lines: linesOf(value)}, hostSearch: hostSearch{known: h.known}}
	for i, line := range t.lines {
		textLine{textSearch: &t, number: i, text: line}.keepPairs()
	}
	t.hostsAndPorts()
	for _, u := range t.found {
		out[u.name] = u.port
	}
	return out
}

// full says whether there are more uses than any service has.
func (h *hostSearch) full() bool { return len(h.found) >= maxUses }

func (h *hostSearch) add(u hostUse) {
	if h.full() {
		return
	}
	key := fmt.Sprintf("%q %q %d %t", u.path, u.name, u.port, u.udp)
	if i, ok := h.index[key]; ok {
		h.found[i].sure = h.found[i].sure || u.sure
		return
	}
	if h.index == nil {
		h.index = map[string]int{}
	}
	h.index[key] = len(h.found)
	h.found = append(h.found, u)
}

// What is beyond these has no part in what a word means, and nobody writes it.
const (
	nearWord = 256   // bytes before and after a word
	maxNames = 500   // of services, in one value
	maxUses  = 1_000 // of names, in one service
)

// wordIn is a word between what stands before and after it, as far as that is near.
type wordIn struct{ name, before, after string }

// shellDefault is ${NAME:- as a shell has it, before its default.
var shellDefault = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*:?[-=]$`)

// namesIn are all words of a text that could be names of hosts.
func namesIn(text string) []wordIn {
	var out []wordIn
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && (isNameByte(text[end]) || end > at && (text[end] == '.' || text[end] == '-')) {
			end++
		}
		if end > at {
			out = append(out, wordBetween(text, at, end))
		}
		at = end + 1
	}
	return out
}

// isNameByte says whether the name of a host may begin with a byte.
func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// wordBetween is the word between two places of a text, without the dots behind it.
func wordBetween(text string, from, to int) wordIn {
	name := strings.TrimRight(text[from:to], ".-")
	end := from + len(name)
	before, after := text[max(0, from-nearWord):from], text[end:min(len(text), end+nearWord)]
	if strings.HasSuffix(before, "-") || strings.HasSuffix(before, "=") {
		if cut := shellDefault.FindStringIndex(before); cut != nil {
			before, after = before[:cut[0]], strings.TrimPrefix(after, "}")
		}
	}
	return wordIn{name, before, after}
}

// inValue says whether a word in the value of a variable certainly is a host,
// and which port is next to it.
func (w wordIn) inValue(variable string) (port int, sure bool) {
	port = w.port()
	switch {
	case w.isAll():
		return port, meaningOf(variable) == isHost
	case strings.HasSuffix(w.before, "@") && w.after == "": // of an Erlang node, say, or of a mail address
		return port, meaningOf(variable) == isHost || isNodeLabel(wordsOf(variable))
	case strings.HasSuffix(w.before, "@") && strings.HasPrefix(w.after, "/"), isTarget(w.before):
		return port, true
	case port > 0 && strings.Contains(w.before, "=") && serverKey.MatchString(w.before), port > 0 && udpTransport.MatchString(w.after):
		return port, true
	default:
		return port, namesHost(variable, w.before, w.after)
	}
}

// targetForm is what stands before a host in forms that are no URLs: jdbc:oracle:thin:@//HOST:PORT/NAME,
// and dns:///HOST:PORT of gRPC ("gRPC Name Resolution").
var targetForm = regexp.MustCompile(`(?:thin:(?:[^@\s]*)@(?://)?|\b(?:dns|passthrough):///)$`)

// isTarget is asked for each word, and the pattern goes through all that stands before it.
func isTarget(before string) bool {
	return (strings.HasSuffix(before, "@") || strings.HasSuffix(before, "//")) && targetForm.MatchString(before)
}

// isAll says whether the word is the whole text.
func (w wordIn) isAll() bool {
	return strings.TrimSpace(w.before) == "" && strings.TrimSpace(w.after) == ""
}

// compound says whether a name is hardly a word of another meaning.
func compound(name string) bool { return strings.ContainsAny(name, "-_.0123456789") }

// isOpen says whether the value of a variable may be anything.
func isOpen(variable string) bool {
	return meaningOf(variable) == isUnknown && !sensitive.MayBe(variable)
}

// port is the one behind the name: NAME:PORT, NAME/PORT in /dev/tcp/NAME/PORT, or NAME,PORT
// behind Server= of ADO.NET.
func (w wordIn) port() int {
	text := portBehind(w.after)
	switch {
	case (strings.HasSuffix(w.before, "/dev/tcp/") || strings.HasSuffix(w.before, "/dev/udp/")) && strings.HasPrefix(w.after, "/"):
		text = ":" + firstNumber.FindString(w.after[1:])
	case text == "" && strings.HasPrefix(w.after, ",") && strings.Contains(w.before, "=") && serverKey.MatchString(w.before):
		text = ":" + firstNumber.FindString(w.after[1:])
	}
	if text == "" {
		return w.scheme().Port
	}
	port, _ := strconv.Atoi(strings.TrimPrefix(text, ":"))
	return port
}

var (
	udpScheme    = regexp.MustCompile(`\b(?:[a-z0-9]+\+)?udp[46]?://(?:[^/@\s"']*@)?$`)
	udpTransport = regexp.MustCompile(`^(?::[0-9]+)?[?;]transport=udp\b`) // of sip: and turn:
)

// udp says whether the name is called over UDP.
func (w wordIn) udp() bool {
	return strings.Contains(w.before, "udp") && udpScheme.MatchString(w.before) || udpTransport.MatchString(w.after) || strings.HasSuffix(w.before, "/dev/udp/")
}

// serverKey is what a connection string of ADO.NET has before a host (SqlConnectionStringBuilder.DataSource:
// "server=tcp:servername, portnumber", and what else Data Source may be called).
var serverKey = regexp.MustCompile(`(?i)(?:^|[;"'\s])(?:server|data source|addr|address|network address)\s*=\s*(?:tcp:)?$`)

// nodePorts is what is behind the name of a node of ZooKeeper: server.1=NAME:2888:3888, for its peers
// and for elections (ZooKeeper Administrator's Guide, "server.x=[hostname]:nnnnn[:nnnnn]").
var nodePorts = regexp.MustCompile(`^:[1-9][0-9]{3,4}:([1-9][0-9]{3,4})(?:[^0-9A-Za-z._-]|$)`)

// morePorts are those that a name has beside the first one.
func (w wordIn) morePorts() []int {
	if m := nodePorts.FindStringSubmatch(w.after); m != nil {
		return portsOf(m[1])
	}
	if portBehind(w.after) == "" {
		return w.scheme().More
	}
	return nil
}

var firstNumber = regexp.MustCompile(`^[0-9]+`)

// hostTakers are programs that take hosts as plain words.
var hostTakers = []string{
	"ping", "ping6", "nc", "ncat", "netcat", "telnet", "curl", "wget", "nslookup", "dig", "host", "getent", "ssh", "nmap",
	"wait-for", "wait-for.sh", "wait-for-it", "wait-for-it.sh", "wait-on", "waitforit",
}

// words searches a command line. Each of its words may contain a script.
func (h *hostSearch) words(where diag.Path, words []string) {
	h.line(where, words, func(i int) diag.Pos {
		if indexed := where.Item(i); h.Written(indexed...) {
			return h.At(indexed...)
		}
		return h.At(where...)
	})
}

// line searches the words of a command line, which are at some places; nil: at none.
func (h *hostSearch) line(where diag.Path, words []string, at func(i int) diag.Pos) {
	for _, command := range h.commandsIn(words) {
		program, previous, client := "", "", clientPort(command.words())
		for j, piece := range command {
			var pos diag.Pos
			if at != nil {
				pos = at(piece.word)
			}
			if slices.Contains(hostTakers, path.Base(piece.text)) {
				program = path.Base(piece.text)
			}
			next := ""
			if j+1 < len(command) {
				next = command[j+1].text
			}
			first := piece.word == 0 && piece.number == 0
			filled := !strings.Contains(words[piece.word], piece.text)
			h.piece(where, pos, shellWord{piece.text, previous, program, next, client, first, filled})
			previous = piece.text
		}
	}
}

// shellCommand is a command of a command line, in pieces of its words.
type shellCommand []shellPiece

type shellPiece struct {
	text         string
	word, number int // which word it is of, and which of its pieces
}

func (c shellCommand) words() []string {
	var out []string
	for _, piece := range c {
		out = append(out, piece.text)
	}
	return out
}

// commandsIn takes a command line apart. A word of several words is a script, which knows the variables.
func (h *hostSearch) commandsIn(words []string) []shellCommand {
	out := []shellCommand{nil}
	for i, word := range words {
		if strings.ContainsAny(word, " \n") {
			word = filledScript(word, h.shell)
		}
		number := 0
		for c, command := range commandEnd.Split(word, -1) {
			if c > 0 {
				out = append(out, nil)
			}
			for _, text := range strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\"'", r) }) {
				out[len(out)-1] = append(out[len(out)-1], shellPiece{text, i, number})
				number++
			}
			number++ // what follows ; or | is not the first
		}
	}
	return out
}

// commandEnd is what separates the commands of a script.
var commandEnd = regexp.MustCompile("[;|&()\n`]+")

// shellWord is a word of a command line.
type shellWord struct {
	text, previous string
	program        string // of hostTakers, before it
	next           string
	client         int  // the port that the client before it calls
	first          bool // it is what runs
	filled         bool // it is the value of a variable
}

func (h *hostSearch) piece(where diag.Path, pos diag.Pos, word shellWord) {
	for _, w := range namesIn(word.text) {
		if w.name != word.text && strings.HasSuffix(w.before, "-") && strings.HasPrefix(w.name, "h") && h.known(w.name[1:]) && !h.known(w.name) {
			w = wordIn{w.name[1:], "", w.after} // mysql -hNAME
			h.add(hostUse{path: where, pos: pos, name: w.name, port: cmp.Or(w.port(), word.client), sure: true, filled: word.filled})
			continue
		}
		if !h.known(w.name) || word.first && w.name == word.text {
			continue
		}
		port, sure := w.inWord(word)
		told := isTold.MatchString(word.previous) || isTold.MatchString(w.before)
		h.add(hostUse{path: where, pos: pos, name: w.name, port: port, udp: w.udp(), told: told, sure: sure, filled: word.filled})
	}
}

// inWord says whether a name in a word of a command line certainly is a host,
// and which port is next to it.
func (w wordIn) inWord(word shellWord) (port int, sure bool) {
	port = w.port()
	flag := strings.HasPrefix(word.previous, "-")
	switch {
	case strings.HasSuffix(w.before, "/dev/tcp/"), strings.HasSuffix(w.before, "/dev/udp/"):
		return port, true
	case word.client > 0 && w.after == "" && (w.before == "--host=" || w.before == "" && (word.previous == "-h" || word.previous == "--host")):
		return cmp.Or(port, word.client), true
	case w.before == "" && word.program != "" && (w.after == "" || w.after[0] == '/' || w.after[0] == ':'):
		if number, err := strconv.Atoi(word.next); port == 0 && err == nil {
			port = number
		}
		return port, true
	case w.before == "" && w.after == "":
		return port, flag && (strings.EqualFold(word.previous, "-h") || meaningOf(strings.TrimLeft(word.previous, "-")) == isHost)
	default:
		_, sure = w.inValue("")
		return port, sure
	}
}
