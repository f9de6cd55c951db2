package translate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// dnsSelf is a program that looks for its own address among those of its peers.
type dnsSelf struct {
	Images    []string `json:"images"`
	Who       string   `json:"who"`
	Variables []string `json:"variables"`
	Words     bool     `json:"words"` // the names are words between commas, and in URLs otherwise
	Alone     string   `json:"alone"` // what to do where it names itself alone; "": that works
	Source    string   `json:"source"`
}

// saySelves warns of programs that look for themselves under a name of Service Connect: in /etc/hosts it has
// an address of the proxy, 127.255.0.1 (aws/copilot-cli, "Service Connect"), which is not that of the task.
func (d *discovery) saySelves() {
	for _, k := range d.tasks {
		for _, m := range k.members {
			for _, self := range knownDNSClients().Selves {
				if slices.Contains(self.Images, nameOf(d.baseImage(m)).last) {
					d.saySelf(self, m)
				}
			}
		}
	}
}

func (d *discovery) saySelf(self dnsSelf, m container) {
	say := func(path diag.Path, pos diag.Pos, text string) {
		services, written := d.peersIn(m, text, self.Words)
		if !slices.Contains(services, m.Name) || len(services) < 2 && self.Alone == "" {
			return
		}
		help, has := self.Alone, "its name has an address"
		if len(services) > 1 {
			has = "the names of services have addresses"
			help = fmt.Sprintf("give %s x-fargate: {discovery: {mode: both}} each, and write %s.%s here for %s%s",
				strings.Join(services, ", "), written[0], dnsZone(d.Name), written[0], likewise(written))
		}
		d.ds.Warnf(pos, compose.Dotted(path), help,
			"%s looks for its own address among those of its peers, and %s of the Service Connect proxy, so that it never starts", self.Who, has)
	}
	say(m.at("command"), d.At(m.at("command")...), strings.Join(m.Command, " "))
	for _, variable := range self.Variables {
		if value := m.Environment[variable]; value != nil {
			say(m.at("environment", variable), d.variablePos(m.Name, variable), *value)
		}
	}
}

// peerForm is the host of a URL, which may stand for several: http://node{1...4}/data.
var peerForm = regexp.MustCompile(`https?://([A-Za-z0-9_.-]*)(?:\{([0-9]+)\.\.\.([0-9]+)\}([A-Za-z0-9_.-]*))?`)

// peerWord is a name between commas.
var peerWord = regexp.MustCompile(`([A-Za-z0-9_][A-Za-z0-9_.-]*)`)

// maxPeers is how many nodes a form may stand for.
const maxPeers = 64

// peersIn are the services that a text has in URLs by the names of Service Connect, and how they are
// written.
func (d *discovery) peersIn(m container, text string, words bool) (services, written []string) {
	dns := newDockerDNS(d.Project)
	form := peerForm
	if words {
		form = peerWord
	}
	for _, found := range form.FindAllStringSubmatch(text, -1) {
		for _, name := range peerNames(found) {
			if of, ok := dns.lookup(m.Name, name); ok && d.taskOf[of.service] != nil && !slices.Contains(services, of.service) {
				services = append(services, of.service)
			}
		}
		written = append(written, found[0])
	}
	return services, written
}

func likewise(written []string) string {
	if len(written) > 1 {
		return ", and the others likewise"
	}
	return ""
}

// peerNames are the names that a form stands for.
func peerNames(form []string) []string {
	if len(form) < 3 || form[2] == "" {
		return []string{form[1]}
	}
	first, _ := strconv.Atoi(form[2])
	end, _ := strconv.Atoi(form[3])
	var out []string
	for i := first; i <= end && len(out) < maxPeers; i++ {
		out = append(out, fmt.Sprintf("%s%0*d%s", form[1], len(form[2]), i, form[4]))
	}
	return out
}
