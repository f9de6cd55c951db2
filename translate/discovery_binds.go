package translate

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// binding is a setting that tells a program at which address to listen: by a variable, an
// option without its dashes, or a key in a file.
type binding struct {
	Variable   string `json:"variable"`
	Option     string `json:"option"`
	Line       string `json:"line"`
	Image      string `json:"image"`      // a part of the images that have it; "": all
	Peers      bool   `json:"peers"`      // only others of its kind connect there
	Write      string `json:"write"`      // in place of a name; "": 0.0.0.0
	Beside     string `json:"beside"`     // a variable that does it, where the address has to stay
	Advertised string `json:"advertised"` // the variable for the address that others use, which is the same by default,
	Without    string `json:"without"`    // but for what this one names
	Source     string `json:"source"`
	variable   *regexp.Regexp
	option     *regexp.Regexp
	line       *regexp.Regexp
}

//go:embed bind_addresses.json
var bindAddressesJSON []byte

var bindings = sync.OnceValue(func() []binding {
	var table struct{ Bindings []binding }
	if err := json.Unmarshal(bindAddressesJSON, &table); err != nil {
		panic(err) // the file is ours
	}
	for i, b := range table.Bindings {
		table.Bindings[i].variable = optionalForm(b.Variable)
		table.Bindings[i].option = optionalForm(b.Option)
		table.Bindings[i].line = optionalForm(b.Line)
	}
	return table.Bindings
})

// optionalForm never matches where it is "".
func optionalForm(text string) *regexp.Regexp {
	if text == "" {
		text = `$^`
	}
	return regexp.MustCompile(text)
}

// advertises is what is said to others, and not listened at.
var advertises = regexp.MustCompile(`(?i)advertise|[-_]adv[-_]|publish`)

// bindingOf is the row of a name that one of the forms of the table matches; nil for none.
func bindingOf(name, image string, form func(binding) *regexp.Regexp) *binding {
	if advertises.MatchString(name) {
		return nil
	}
	for _, b := range bindings() {
		if form(b).MatchString(name) && strings.Contains(image, b.Image) {
			return &b
		}
	}
	return nil
}

func byVariable(b binding) *regexp.Regexp { return b.variable }
func byOption(b binding) *regexp.Regexp   { return b.option }
func byLine(b binding) *regexp.Regexp     { return b.line }

// boundAddress is an address of a list: SCHEME://HOST:PORT, or server.1=HOST:PORT:PORT.
var boundAddress = regexp.MustCompile(`(^|[\s,;"'\[])((?:[A-Za-z][A-Za-z0-9_+.-]*://|server\.\d+=)?)([A-Za-z0-9_.*-]*|\[[0-9a-fA-F:]*\]|::)((?::\d{1,5})*)(?:[/\s,;"'\]]|$)`)

// wildAddresses are those with which a program listens where the proxy of its task
// connects to it, too.
var wildAddresses = []string{"", "*", "0.0.0.0", "::", "[::]", "localhost", "127.0.0.1", "[::1]"}

// boundToName is a list of addresses in which those with a name of the service itself
// have another host instead; ok if that changes something.
func boundToName(value, instead string, isOwn func(host string) bool) (fixed, name string, ok bool) {
	type address struct {
		from, to   int
		host, port string
	}
	var all []address
	wild := map[string]bool{}
	for at := 0; at < len(value); {
		m := boundAddress.FindStringSubmatchIndex(value[at:])
		if m == nil {
			break
		}
		a := address{at + m[6], at + m[7], value[at+m[6] : at+m[7]], value[at+m[8] : at+m[9]]}
		if slices.Contains(wildAddresses, a.host) && a.host+a.port != "" {
			wild[a.port] = true
		}
		all = append(all, a)
		at += max(m[9], m[1]-1, 1) // what ends one may be before the next
	}
	fixed = value
	for _, a := range slices.Backward(all) {
		if !wild[a.port] && isOwn(a.host) {
			fixed, name, ok = fixed[:a.from]+instead+fixed[a.to:], a.host, true
		}
	}
	return fixed, name, ok
}

// listenSearch looks for what tells the program of a container to listen at its own name.
type listenSearch struct {
	*discovery
	dns    *dockerDNS
	member container
	image  string
}

// sayBinds warns of programs that are told to listen at a name of their own service, which
// is an address of their container under docker compose alone.
func (d *discovery) sayBinds() {
	dns := newDockerDNS(d.Project)
	for _, k := range d.tasks {
		for _, m := range k.members {
			b := listenSearch{d, dns, m, strings.ToLower(d.baseImage(m))}
			b.variables()
			b.options(m.at("entrypoint"), m.Entrypoint)
			b.options(m.at("command"), m.Command)
			b.files()
		}
	}
}

func (b listenSearch) isOwn(host string) bool {
	of, ok := b.dns.lookup(b.member.Name, host)
	return ok && of.service != "" && b.netOwner(of.service) == b.netOwner(b.member.Name)
}

func (b listenSearch) variables() {
	for _, variable := range sortedKeys(b.member.Environment) {
		value := b.member.Environment[variable]
		row := bindingOf(variable, b.image, byVariable)
		if value == nil || row == nil || row.Beside != "" && b.member.Environment[strings.Split(row.Beside, ":")[0]] != nil {
			continue
		}
		b.say(*row, *value, b.member.at("environment", variable), b.variablePos(b.member.Name, variable), func(fixed string) string {
			if row.Beside != "" {
				return "add " + row.Beside
			}
			return "write " + variable + ": " + fixed + b.advertised(*row, variable, *value)
		})
	}
}

// advertised is what has to be said to others once the address is none that they can use.
func (b listenSearch) advertised(row binding, variable, value string) string {
	as := row.variable.ReplaceAllString(variable, row.Advertised)
	if row.Advertised == "" || b.member.Environment[as] != nil {
		return ""
	}
	var without []string
	if names := b.member.Environment[row.variable.ReplaceAllString(variable, row.Without)]; names != nil {
		without = strings.Split(*names, ",")
	}
	items := slices.DeleteFunc(strings.Split(value, ","), func(item string) bool {
		name, _, _ := strings.Cut(strings.TrimSpace(item), "://")
		return slices.Contains(without, name)
	})
	if len(items) == 0 {
		return ""
	}
	reached, _, _ := boundToName(strings.Join(items, ","), strings.ToLower(b.netOwner(b.member.Name)), b.isOwn)
	return ", and " + as + ": " + reached + " beside it"
}

func (b listenSearch) options(where diag.Path, words []string) {
	for _, command := range commandsOf(words) {
		for i, word := range command {
			name, value, joined := strings.Cut(word, "=")
			if !joined && i+1 < len(command) {
				value = command[i+1]
			}
			row := bindingOf(strings.TrimLeft(name, "-"), b.image, byOption)
			if row == nil || !strings.HasPrefix(name, "-") {
				continue
			}
			b.say(*row, value, where, b.At(where...), func(fixed string) string {
				if joined {
					return "write " + name + "=" + fixed
				}
				return "write " + name + " " + fixed
			})
		}
	}
}

// settingLine is a setting in a file: bind redis, bind-address = db, listeners=….
var settingLine = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9_.-]*)\s*[=:\s]\s*(\S.*?)\s*$`)

func (b listenSearch) files() {
	for _, f := range b.textsOf(b.member.Name) {
		t := textSearch{textFile: f, format: formatOf(f)}
		if t.format != anyFormat {
			continue
		}
		for i, line := range f.lines {
			m := settingLine.FindStringSubmatch(t.uncommented(line))
			if m == nil || len(line) > maxLine {
				continue
			}
			if row := bindingOf(m[1], b.image, byLine); row != nil {
				b.say(*row, m[2], f.path, f.at(i, len(line)-len(strings.TrimLeft(line, " \t"))), func(fixed string) string {
					return "write " + strings.TrimSpace(strings.Replace(line, m[2], fixed, 1)) + " there"
				})
			}
		}
	}
}

// say warns of a setting whose value names the service itself.
func (b listenSearch) say(row binding, value string, path diag.Path, pos diag.Pos, help func(fixed string) string) {
	instead := row.Write
	if instead == "" {
		instead = "0.0.0.0"
	}
	fixed, name, ok := boundToName(value, instead, b.isOwn)
	if !ok || row.Peers && !b.hasPeers(row, value) {
		return
	}
	b.ds.Warnf(pos, compose.Dotted(path), help(fixed),
		"the program is told to listen at %q, a name of its own service: in a task that is no address of the container, and nobody reaches what listens there alone", name)
}

// hasPeers says whether there are others of its kind: the value lists them, or a service of
// another task has the same option.
func (b listenSearch) hasPeers(row binding, value string) bool {
	isOther := func(host string) bool {
		return !b.isOwn(host) && !isNumber(host) && !slices.Contains(wildAddresses, host)
	}
	if _, _, listed := boundToName(value, "", isOther); listed {
		return true
	}
	return slices.ContainsFunc(b.tasks, func(k *task) bool {
		return k != b.taskOf[b.member.Name] && slices.ContainsFunc(k.members, row.isOption)
	})
}

// isOption says whether a container has the option, whatever its value is.
func (row binding) isOption(m container) bool {
	return slices.ContainsFunc(strings.Fields(strings.Join(m.Command, " ")), func(word string) bool {
		name, _, _ := strings.Cut(word, "=")
		return row.option.MatchString(strings.TrimLeft(name, "-"))
	})
}
