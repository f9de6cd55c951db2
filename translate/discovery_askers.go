package translate

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/table"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// dnsClients are the programs that ask DNS servers for names, of dns_clients.json.
type dnsClients struct {
	Comment  string `json:"comment"`
	Commands []struct {
		Programs []string `json:"programs"`
		Source   string   `json:"source"`
	} `json:"commands"`
	Blocks []dnsBlock `json:"blocks"`
	Selves []dnsSelf  `json:"selves"`
}

// dnsBlock is a list of names below a key of a file.
type dnsBlock struct {
	Key    string `json:"key"`
	Names  string `json:"names"`
	Who    string `json:"who"`
	Source string `json:"source"`
}

//go:embed dns_clients.json
var dnsClientsJSON []byte

var knownDNSClients = table.Of[dnsClients](dnsClientsJSON)

// dnsCommand is where a command begins that asks DNS servers: a word of another meaning is
// behind something else.
var dnsCommand = sync.OnceValue(func() *regexp.Regexp {
	var programs []string
	for _, c := range knownDNSClients().Commands {
		programs = append(programs, c.Programs...)
	}
	return regexp.MustCompile(`(?:^|[;&|(` + "`" + `!]|\b(?:until|while|if|then|do|exec|timeout \S+))\s*(?:/\S*/)?(` + strings.Join(programs, "|") + `)\s+(?:-(?:t|type|c)[= ]\S+\s+|[-+]\S+\s+)*` + waitTarget + `(?:[\s;&|)` + "`" + `]|$)`)
})

// dnsQuestion is a name that a program asks DNS servers for.
type dnsQuestion struct {
	path      diag.Path
	pos       diag.Pos
	who, name string
	command   bool
}

// sayQuestions warns where DNS servers are asked for names that are in /etc/hosts only, once for each
// service and the one it asks for.
func (d *discovery) sayQuestions(uses []nameUse) {
	dns := newDockerDNS(d.Project)
	for _, k := range d.tasks {
		for _, m := range k.members {
			said := map[string]bool{}
			for _, q := range d.questionsOf(m) {
				of, ok := dns.lookup(m.Name, q.name)
				if !ok || of.service == "" || said[of.service] || d.taskOf[of.service] == nil || d.isLost(m, q, uses) {
					continue
				}
				said[of.service] = true
				d.ds.Warnf(q.pos, compose.Dotted(q.path), d.insteadOfQuestion(q, of.service),
					"%s asks DNS servers for %q, and names of services are in /etc/hosts, which it does not read", q.who, q.name)
			}
		}
	}
}

// isLost says whether a name does not resolve at all, which is said where it is used.
func (d *discovery) isLost(m container, q dnsQuestion, uses []nameUse) bool {
	return slices.ContainsFunc(uses, func(u nameUse) bool {
		return u.user == m.Name && u.sure && u.name == q.name && slices.Equal(u.path, q.path) && d.resolve(u).why != ""
	})
}

// insteadOfQuestion says what to write: a program that reads /etc/hosts, or a name that DNS has.
func (d *discovery) insteadOfQuestion(q dnsQuestion, service string) string {
	help := ""
	if q.command {
		help = "write getent hosts " + strings.ToLower(service) + " in its place; or "
	}
	return help + d.giveDNS(service) + fmt.Sprintf("write %s here", d.nameInDNS(service))
}

// giveDNS is what to do so that DNS has the name of a service: nothing where it has.
func (d *discovery) giveDNS(service string) string {
	if d.dnsNames[d.taskOf[service]] != "" {
		return ""
	}
	return fmt.Sprintf("give %s x-fargate: {discovery: {mode: both}}, and ", service)
}

// nameInDNS is the name that a service has in private DNS, or would have there.
func (d *discovery) nameInDNS(service string) string {
	if name := d.dnsNames[d.taskOf[service]]; name != "" {
		return name
	}
	return dnsLabels(service, false) + "." + dnsZone(d.Name)
}

// questionsOf are the questions of a service: in its command lines, its health check and its files.
func (d *discovery) questionsOf(m container) []dnsQuestion {
	var out []dnsQuestion
	for _, s := range d.scriptsOf(m) {
		for _, found := range dnsCommand().FindAllStringSubmatch(s.text, -1) {
			out = append(out, dnsQuestion{s.path, s.pos, found[1], found[2], true})
		}
	}
	for _, f := range d.textsOf(m.Name) {
		if f.format() == anyFormat {
			for _, block := range knownDNSClients().Blocks {
				out = append(out, block.questionsIn(f)...)
			}
		}
	}
	return out
}

// questionsIn are the names in the lists of a block: those of a line, or one in each line below it.
func (b dnsBlock) questionsIn(f *textFile) []dnsQuestion {
	t := textSearch{textFile: f, format: anyFormat}
	var out []dnsQuestion
	depth, inNames := -1, false
	for i, line := range f.lines {
		line = t.uncommented(line)
		text := strings.TrimLeft(line, " \t-")
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		key, value, isKey := strings.Cut(text, ":")
		switch {
		case text == "":
			continue
		case isKey && strings.TrimSpace(key) == b.Key:
			depth, inNames = indent, false
			continue
		case depth < 0 || indent < depth || indent == depth && !strings.HasPrefix(line[indent:], "-"):
			depth = -1
			continue
		case isKey:
			inNames = strings.TrimSpace(key) == b.Names
		default:
			value = text
		}
		for _, w := range namesIn(value) {
			if inNames {
				column := len(line) - len(value) + len(w.before)
				out = append(out, dnsQuestion{f.path, f.at(i, column), b.Who, w.name, false})
			}
		}
	}
	return out
}
