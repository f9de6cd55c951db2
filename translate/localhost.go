package translate

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// localhostUses is the phase that finds values which name a port of the machine that the
// files were written for: localhost:4000 is what a browser on it sees. It comes after the
// ports are published.
type localhostUses struct {
	*base
	published publishedPorts
	hosts     map[int]hostPort // by the port of the machine
	found     map[int][]localhostUse
	listeners func() map[int][]string // findListeners, once
}

// hostPort is what answers at a port of the machine.
type hostPort struct {
	service string
	target  int
}

// localhostUse is a value that names a port of this machine.
type localhostUse struct {
	path    diag.Path
	pos     diag.Pos
	server  bool // the program itself connects there, and nobody else
	browser bool // browsers are sent there, or load from there
	written string
}

// sayLocalhost speaks of those values, once for each port.
func sayLocalhost(b *base, published publishedPorts) {
	u := &localhostUses{base: b, published: published, hosts: hostPorts(b), found: map[int][]localhostUse{}}
	u.listeners = sync.OnceValue(u.findListeners)
	for _, k := range b.tasks {
		for _, s := range k.containers() {
			u.environment(k, s)
			u.words(k, s)
			u.arguments(k, s)
			u.texts(k, s)
		}
	}
	for _, port := range slices.Sorted(maps.Keys(u.found)) {
		u.say(port, u.found[port])
	}
}

// hostPorts are the ports that the files publish, whose tasks are known.
func hostPorts(b *base) map[int]hostPort {
	out := map[int]hostPort{}
	for _, k := range b.tasks {
		for _, m := range k.members {
			for _, p := range m.Ports {
				port, err := strconv.Atoi(p.Published)
				if _, taken := out[port]; err == nil && !taken && p.Protocol != "udp" {
					out[port] = hostPort{m.Name, int(p.Target)}
				}
			}
		}
	}
	return out
}

var (
	localPort = regexp.MustCompile(`(?:([a-z][a-z0-9+.-]*)://)?(?:[^\s/@,;'"]*@)?\b(?:localhost|127\.0\.0\.1):(\d{2,5})\b`)
	// listensWord is what says that a program listens at an address.
	listensWord = regexp.MustCompile(`(?i)listen|bind`)
	localHost   = regexp.MustCompile(`^(?:localhost|127\.0\.0\.1)$`)
	// hostSuffix is what variables end in that name the host which a program connects to.
	hostSuffix = regexp.MustCompile(`(?i)^(.*?)_?(HOST|HOSTNAME|SERVER|ADDRESS|ADDR)$`)
)

// environment looks at the variables of a container that its service has not.
func (u *localhostUses) environment(k *task, s container) {
	for _, variable := range sortedKeys(s.Environment) {
		value := s.Environment[variable]
		if value == nil || !strings.Contains(*value, "localhost") && !strings.Contains(*value, "127.0.0.1") {
			continue
		}
		path := s.at("environment", variable)
		if u.inherited(path) {
			continue
		}
		use := localhostUse{path: path, pos: u.variablePos(s.Name, variable), written: s.Name + "." + variable}
		if localHost.MatchString(strings.TrimSpace(*value)) {
			u.pair(k, s, variable, use)
			continue
		}
		u.text(k, *value, use, isAddressForOthers(variable))
	}
}

// words looks at the command lines of a container.
func (u *localhostUses) words(k *task, s container) {
	for _, line := range []struct {
		attribute string
		words     []string
	}{{"entrypoint", s.Entrypoint}, {"command", s.Command}} {
		path := s.at(line.attribute)
		if !u.inherited(path) {
			u.text(k, strings.Join(line.words, " "), localhostUse{path: path, pos: u.At(path...), written: s.Name + "." + line.attribute}, false)
		}
	}
}

// texts looks at the files that a container mounts, and at its configs.
func (u *localhostUses) texts(k *task, s container) {
	if s.step != nil {
		return
	}
	for _, f := range u.textsOf(s.Name) {
		for number, line := range f.lines {
			if !f.built && (strings.Contains(line, "localhost:") || strings.Contains(line, "127.0.0.1:")) {
				u.text(k, line, localhostUse{path: f.path, pos: f.at(number, 0), written: cmp.Or(f.shown, compose.Dotted(f.path))}, false)
			}
		}
	}
}

// arguments looks at those of a build, which end up in what a browser loads.
func (u *localhostUses) arguments(k *task, s container) {
	if s.step != nil || s.Build == nil {
		return
	}
	for _, name := range sortedKeys(s.Build.Args) {
		if value := s.Build.Args[name]; value != nil {
			path := s.at("build", "args", name)
			u.text(k, *value, localhostUse{path: path, pos: u.At(path...), written: s.Name + ".build.args." + name}, true)
		}
	}
}

// text looks at one text. A program reaches its own ports at localhost, and those of other
// tasks nowhere there.
func (u *localhostUses) text(k *task, text string, use localhostUse, forOthers bool) {
	for _, found := range localPort.FindAllStringSubmatchIndex(text, -1) {
		port, err := strconv.Atoi(text[found[4]:found[5]])
		answers, known := u.hosts[port]
		before := wordBefore(text[:found[0]])
		if err != nil || !known || listensWord.MatchString(before+last(use.path)) {
			continue
		}
		web := found[2] >= 0 && slices.Contains([]string{"http", "https", "ws", "wss"}, text[found[2]:found[3]])
		public := forOthers || isAddressForOthers(variableOf(before))
		outside := u.taskOf[answers.service] == k && answers.target != port && !u.listens(k, port) // only clients of the machine find it there
		own := u.taskOf[answers.service] == k || u.listens(k, port)
		if own && !outside && (!public || !web) {
			continue
		}
		use.server, use.browser = !web && !public && !outside, web && public && !answersBrowsers.MatchString(variableOf(before)+last(use.path))
		u.found[port] = append(u.found[port], use)
	}
}

// variableOf is the name of a flag or a setting before its value, written as that of a
// variable: EXTERNAL_URL for --external-url=.
func variableOf(word string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.Trim(word, "-=:\"'"), "-", "_"))
}

// wordBefore is the word that a text ends with.
func wordBefore(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// pair looks for the port beside the name of a host: DB_PORT beside DB_HOST.
func (u *localhostUses) pair(k *task, s container, variable string, use localhostUse) {
	prefix := hostSuffix.FindStringSubmatch(variable)
	if prefix == nil {
		return
	}
	port := 0
	for _, name := range []string{prefix[1] + "_PORT", prefix[1] + "PORT"} {
		if value := s.Environment[name]; value != nil && port == 0 {
			port, _ = strconv.Atoi(strings.TrimSpace(*value))
		}
	}
	if port == 0 || u.listens(k, port) {
		return
	}
	answers, known := u.hosts[port]
	if !known {
		answers, known = u.listener(port)
	}
	if !known || u.taskOf[answers.service] == k {
		return
	}
	use.server = true
	u.hosts[port] = answers
	u.found[port] = append(u.found[port], use)
}

// listens says whether a program of a task listens at a port.
func (u *localhostUses) listens(k *task, port int) bool {
	return slices.ContainsFunc(u.listeners()[port], func(service string) bool { return u.taskOf[service] == k })
}

// listener is the one service of which is known that it listens at a port.
func (u *localhostUses) listener(port int) (hostPort, bool) {
	found := u.listeners()[port]
	if len(found) != 1 {
		return hostPort{}, false
	}
	return hostPort{found[0], port}, true
}

// findListeners are the services that listen at a port, as far as that is known.
func (u *localhostUses) findListeners() map[int][]string {
	out := map[int][]string{}
	for _, k := range u.tasks {
		for _, m := range k.members {
			for _, port := range u.listensAt(m) {
				if !slices.Contains(out[port], m.Name) {
					out[port] = append(out[port], m.Name)
				}
			}
		}
	}
	return out
}

func (u *localhostUses) listensAt(s container) []int {
	var out []int
	for _, p := range s.Ports {
		out = append(out, int(p.Target))
	}
	for _, text := range s.Expose {
		if port, err := strconv.Atoi(strings.TrimSuffix(text, "/tcp")); err == nil {
			out = append(out, port)
		}
	}
	return append(out, knownOf(u.kindOfImage(s)).Ports...)
}

// otherClients are parts of names of variables whose address browsers or other clients use,
// whatever the program itself does.
var otherClients = regexp.MustCompile(`(?i)ORIGIN|CORS|CALLBACK|REDIRECT|NEXTAUTH_URL|PUBLIC|EXTERNAL|BROWSER|FRONTEND|^VITE_|^REACT_APP_|^VUE_APP_|^GATSBY_|^NG_APP_|^EXPO_|` +
	`(^|_)(SITE|ROOT|BASE|APP|WEB|HOST|SERVER|DASHBOARD|CONSOLE|CLIENT|DOMAIN|WEBHOOK|ADMIN|LOGIN|AUTH)_?UR[LI]$|^URL$|ISSUER|CSRF|ALLOWED_HOSTS|TRUSTED`)

// answersBrowsers are parts of names of settings for whom a server lets in: where a site
// has another address it is let in by that.
var answersBrowsers = regexp.MustCompile(`(?i)CORS|CSRF|ALLOWED|TRUSTED`)

func isAddressForOthers(variable string) bool { return otherClients.MatchString(variable) }

// say has one line for a port, or two where some of the values cannot work at all.
func (u *localhostUses) say(port int, uses []localhostUse) {
	answers := u.hosts[port]
	slices.SortStableFunc(uses, func(a, b localhostUse) int { return a.pos.Compare(b.pos) })
	at := fmt.Sprintf("%s:%d", answers.service, answers.target)
	var dead, seen []localhostUse
	for _, use := range uses {
		if use.server {
			dead = append(dead, use)
		} else {
			seen = append(seen, use)
		}
	}
	if len(dead) > 0 {
		first := dead[0]
		u.ds.Warnf(first.pos, compose.Dotted(first.path), "write "+at+", which is how other services reach it",
			"localhost is the task itself, and port %d of it is not %q, which has a task of its own%s", port, answers.service, alsoIn(dead))
	}
	if len(seen) > 0 {
		first := seen[0]
		say := u.ds.Notef
		if slices.ContainsFunc(seen, func(use localhostUse) bool { return use.browser }) {
			say = u.ds.Warnf
		}
		say(first.pos, compose.Dotted(first.path), u.addressHelp(answers, at),
			"localhost:%d is %q on this machine, and nothing in the account%s", port, answers.service, alsoIn(seen))
	}
}

// addressHelp is what takes the place of localhost:PORT.
func (u *localhostUses) addressHelp(answers hostPort, at string) string {
	public := slices.IndexFunc(u.published, func(p *publishedPort) bool {
		return p.member.Name == answers.service && p.port == answers.target
	})
	switch {
	case public >= 0 && len(u.published[public].rule.Hosts) > 0:
		return fmt.Sprintf("write https://%s where browsers use it, and http://%s where services do", u.published[public].rule.Hosts[0], at)
	case public < 0:
		return fmt.Sprintf("write http://%s where services use it; browsers do not reach it, since no load balancer leads there", at)
	case u.X.Domain != "":
		return fmt.Sprintf("write the address below %s that x-fargate.ingress gives it where browsers use it, and http://%s where services do", u.X.Domain, at)
	default:
		return fmt.Sprintf("write the address of its load balancer, or https://HOST with x-fargate: {domain: DOMAIN}, where browsers use it, and http://%s where services do", at)
	}
}

// alsoIn lists the other values.
func alsoIn(uses []localhostUse) string {
	var others []string
	for _, use := range uses[1:] {
		if use.written != uses[0].written && !slices.Contains(others, use.written) {
			others = append(others, use.written)
		}
	}
	if len(others) == 0 {
		return ""
	}
	return "; so in " + listed(others)
}
