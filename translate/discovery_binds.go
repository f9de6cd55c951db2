package translate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

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
		row := bindingOf(variable, b.image, byVariable, nil)
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
	as := row.Variable.ReplaceAllString(variable, row.Advertised)
	if row.Advertised == "" || b.member.Environment[as] != nil {
		return ""
	}
	var without []string
	if names := b.member.Environment[row.Variable.ReplaceAllString(variable, row.Without)]; names != nil {
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
		programs := programsIn(command)
		for i, word := range command {
			name, value, joined := strings.Cut(word, "=")
			if !joined && i+1 < len(command) {
				value = command[i+1]
			}
			if !strings.HasPrefix(name, "-") {
				continue
			}
			row := bindingOf(strings.TrimLeft(name, "-"), b.image, byOption, programs)
			if row == nil {
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
		t := textSearch{textFile: f, format: f.format()}
		if t.format != anyFormat {
			continue
		}
		for i, line := range f.lines {
			text := t.uncommented(line)
			if len(line) > maxLine {
				continue
			}
			row := bindingOf(keyIn(text), b.image, byLine, nil)
			if row == nil {
				continue
			}
			if m := settingLine.FindStringSubmatch(text); m != nil {
				b.say(*row, m[2], f.path, f.at(i, len(line)-len(strings.TrimLeft(line, " \t"))), func(fixed string) string {
					return "write " + strings.TrimSpace(strings.Replace(line, m[2], fixed, 1)) + " there"
				})
			}
		}
	}
}

// keyIn is what a line begins with, as far as it may be the key of a settingLine.
func keyIn(line string) string {
	line = strings.TrimLeft(line, " \t\f\r")
	for i := range len(line) {
		if !isNameByte(line[i]) && line[i] != '.' && line[i] != '-' {
			return line[:i]
		}
	}
	return line
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
