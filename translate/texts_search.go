package translate

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// textUses are the hosts that the texts of a service name, as far as known is true for
// them: those of files, of which each name and port has the first place in each text.
// A word beside a scheme or a port is one, and one where a format has hosts.
func (p *Project) textUses(s container, known func(name string) bool) []hostUse {
	var out []hostUse
	files := p.textsOf(s.Name)
	upstreams := upstreamsIn(files)
	for _, f := range files {
		t := textSearch{textFile: f, hostSearch: hostSearch{Project: p, service: s.Name, known: known}, format: f.format(), upstreams: upstreams}
		t.search()
		out = append(out, t.found...)
	}
	return append(out, p.dockerfileUses(s, known)...)
}

// textMark is what a line of a format begins with.
type textMark struct {
	starts []string // one of which is there
	form   *regexp.Regexp
}

var (
	nginxMark = textMark{
		[]string{"proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "upstream", "server", "location", "events"},
		regexp.MustCompile(`\A(proxy_pass|fastcgi_pass|uwsgi_pass|grpc_pass|upstream\s+\S+\s*\{|server\s*\{|location\s+\S|events\s*\{)`),
	}
	haproxyMark = textMark{[]string{"frontend", "backend", "listen"}, regexp.MustCompile(`(?m)\A(frontend|backend|listen)\s+\S+\s*$`)}
)

// isIn says whether a line of a text begins with the mark, behind blanks where it may be.
// Most lines begin with something else, for which no pattern is asked.
func (m textMark) isIn(text, blanks string) bool {
	for rest, more := text, true; more; _, rest, more = strings.Cut(rest, "\n") {
		start := strings.TrimLeft(rest[:min(len(rest), maxLine)], blanks)
		begins := func(word string) bool { return strings.HasPrefix(start, word) }
		if slices.ContainsFunc(m.starts, begins) && m.form.MatchString(start) {
			return true
		}
	}
	return false
}

// format is formatOf, for which each reader of the text asks.
func (f *textFile) format() textFormat {
	if f.is == nil {
		f.is = new(formatOf(f))
	}
	return *f.is
}

// formatOf goes by the name of a file, and by what is in it.
func formatOf(f *textFile) textFormat {
	name := strings.ToLower(withoutTemplate(f.name))
	text := strings.Join(f.lines, "\n")
	switch ending := path.Ext(name); {
	case f.program:
		return programFormat
	case isDotEnv(name), ending == ".env":
		return envFormat
	case slices.Contains(codeEndings, ending):
		return settingsFormat
	case ending == ".sh", ending == ".bash", ending == ".ash", strings.HasPrefix(text, "#!") && strings.Contains(f.lines[0], "sh"):
		return shellFormat
	case ending == ".json":
		return jsonFormat
	case ending == ".xml":
		return xmlFormat
	case ending == ".caddy", strings.HasPrefix(path.Base(name), "caddyfile"):
		return caddyFormat
	case ending == ".yml", ending == ".yaml", ending == ".toml", ending == ".properties", ending == ".ini":
		return anyFormat
	case haproxyMark.isIn(text, ""):
		return haproxyFormat
	case nginxMark.isIn(text, " \t\r\f"):
		return nginxFormat
	default:
		return anyFormat
	}
}

// textSearch searches one text.
type textSearch struct {
	*textFile
	hostSearch
	format    textFormat
	upstreams map[string]bool   // of nginx, which are no hosts
	variables map[string]string // that nginx has set so far
	inComment bool              // of XML
	pairs     []pair
}

func (t *textSearch) search() {
	t.variables = map[string]string{}
	if t.format == shellFormat {
		for _, l := range shellLines(t.joinedLines(), t.env) {
			t.command(l)
		}
		return
	}
	for i, line := range t.lines {
		if len(line) <= maxLine {
			t.line(i, t.uncommented(line))
		}
	}
	t.hostsAndPorts()
}

// maxLine is how long a line is that somebody wrote.
const maxLine = 4 << 10

// line searches one line without its comment.
func (t *textSearch) line(number int, line string) {
	if strings.TrimSpace(line) == "" || t.isOverruled(line) {
		return
	}
	filled := t.filledIn(line)
	l := textLine{textSearch: t, number: number, text: filled, moved: filled != line, taken: map[int]bool{}}
	if t.format == programFormat {
		l.addresses()
		return
	}
	l.directives()
	l.words()
	l.keepPairs()
}

// textLine is a line in which variables have their values.
type textLine struct {
	*textSearch
	number int
	text   string
	moved  bool         // it is not as it is written
	taken  map[int]bool // columns of words that are decided about
}

func (l textLine) add(u hostUse, column int) {
	if l.moved {
		column = len(l.text) - len(strings.TrimLeft(l.text, " \t"))
	}
	u.path, u.pos, u.inFile, u.built = l.path, l.at(l.number, column), true, l.built
	l.hostSearch.add(u)
}

// command searches a line of a script as a command line; what may be a name or not is none.
func (t *textSearch) command(line shellLine) {
	l := textLine{textSearch: t, number: line.number, text: line.text, moved: line.moved}
	h := hostSearch{Project: t.Project, service: t.service, known: t.known}
	h.line(nil, []string{l.text}, nil)
	for _, u := range h.found {
		if u.sure {
			l.add(u, max(0, strings.Index(l.text, u.name)))
		}
	}
}

// words finds names beside a scheme or a port.
func (l textLine) words() {
	for _, w := range namesIn(l.text) {
		if l.taken[len(w.before)] || !l.known(w.name) {
			continue
		}
		if port, sure := w.inText(); sure {
			l.add(hostUse{name: w.name, port: port, udp: w.udp(), sure: true}, len(w.before))
			for _, more := range w.morePorts() {
				l.add(hostUse{name: w.name, port: more, sure: true}, len(w.before))
			}
		}
	}
}

// leastPort is the least that a number behind a name is a port: redis:7 is an image.
const leastPort = 22

// inText says whether a word of a text certainly is a host, and which port is next to it.
func (w wordIn) inText() (port int, sure bool) {
	port = w.port()
	if inAuthority, isHost := inURL(w.before, w.after); inAuthority {
		return port, isHost && !strings.HasSuffix(w.before, "$")
	}
	if strings.HasSuffix(w.before, "/dev/tcp/") || strings.HasSuffix(w.before, "/dev/udp/") || isTarget(w.before) {
		return port, port > 0
	}
	if m := argumentForm.FindStringSubmatch(w.after); m != nil && argumentStart.MatchString(w.before) {
		port, _ = strconv.Atoi(m[1])
		return port, port >= leastPort
	}
	behind := portBehind(w.after)
	if port < leastPort || strings.HasPrefix(w.after[len(behind):], "@") || isVersionKey(w.before) {
		return 0, false
	}
	return port, w.before == "" || strings.ContainsAny(w.before[len(w.before)-1:], " ,;|@=([{>\"'`\t")
}

// argumentStart and argumentForm are around the host in connect("NAME", PORT).
var (
	argumentStart = regexp.MustCompile(`\(\s*["']$`)
	argumentForm  = regexp.MustCompile(`^["']\s*,\s*([0-9]{2,5})\s*[,)]`)
)

var keyOfLine = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.-]*)["']?\s*[:=]>?\s*["']?[^\s:=]*$`)

// isVersionKey says whether what stands before a word is the key of an image.
func isVersionKey(before string) bool {
	m := keyOfLine.FindStringSubmatch(before)
	return m != nil && meaningOf(m[1]) == isVersion
}

// directive is a place where a format has a host.
type directive struct {
	format textFormat
	form   *regexp.Regexp // with the host, and with its port
	port   int            // where none is written; 0: none
}

const hostAndPort = `["']?([A-Za-z0-9_][A-Za-z0-9_.-]*)(?::([0-9]{1,5}))?`

var textDirectives = []directive{
	// "If a port is not specified, the port 80 is used" (nginx, ngx_http_upstream_module, server)
	{nginxFormat, regexp.MustCompile(`^\s*server\s+` + hostAndPort + `(?:\s[^{]*)?;`), 80},
	{nginxFormat, regexp.MustCompile(`(?:^|[\s{;])(?:proxy_pass|grpc_pass)\s+["']?(?:http|grpc)://` + hostAndPort + `["'/;\s]`), 80},
	{nginxFormat, regexp.MustCompile(`(?:^|[\s{;])(?:proxy_pass|grpc_pass)\s+["']?(?:https|grpcs)://` + hostAndPort + `["'/;\s]`), 443},
	{nginxFormat, regexp.MustCompile(`(?:^|[\s{;])(?:proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass\s+` + hostAndPort + `["']?\s*;`), 0},
	// "reverse_proxy", "Upstream addresses" of Caddy: without a scheme and a port it is 80
	{caddyFormat, regexp.MustCompile(`^\s*(?:reverse_proxy|forward_auth|to)\s+(?:[/*@]\S*\s+)?` + hostAndPort + `(?:[\s/]|$)`), 80},
	{caddyFormat, regexp.MustCompile(`^\s*php_fastcgi\s+(?:[/*@]\S*\s+)?` + hostAndPort + `(?:\s|$)`), 0},
	// the first word is a label
	{haproxyFormat, regexp.MustCompile(`^\s*(?:server|server-template)\s+\S+\s+(?:[0-9-]+\s+)?` + hostAndPort + `(?:\s|$)`), 0},
	{anyFormat, regexp.MustCompile(`^\s*(?:sentinel\s+monitor\s+\S+|replicaof|slaveof)\s+([A-Za-z0-9_][A-Za-z0-9_.-]*)\s+([0-9]{1,5})(?:\s|$)`), 0},
}

// haproxyLabel is the name that haproxy gives a server.
var haproxyLabel = regexp.MustCompile(`^\s*(?:server|server-template)\s+(\S+)\s`)

// directives finds the hosts of the format of the text.
func (l textLine) directives() {
	if l.format == haproxyFormat {
		if m := haproxyLabel.FindStringSubmatchIndex(l.text); m != nil {
			l.taken[m[2]] = true
		}
	}
	for _, d := range textDirectives {
		if d.format != l.format {
			continue
		}
		m := d.form.FindStringSubmatchIndex(l.text)
		if m == nil || l.taken[m[2]] {
			continue
		}
		name, port := strings.TrimRight(l.text[m[2]:m[3]], ".-"), d.port
		if m[4] >= 0 {
			port, _ = strconv.Atoi(l.text[m[4]:m[5]])
		}
		isUpstream := l.format == nginxFormat && l.upstreams[name] && m[4] < 0 && !strings.HasPrefix(strings.TrimSpace(l.text), "server")
		if l.taken[m[2]] = true; l.known(name) && !isUpstream {
			l.add(hostUse{name: name, port: port, sure: true}, m[2])
		}
	}
}

var (
	upstreamForm = regexp.MustCompile(`^\s*upstream\s+["']?([^\s"'{]+)`)
	setForm      = regexp.MustCompile(`(?:^|[\s{;])set\s+\$([A-Za-z0-9_]+)\s+["']?([^\s"';]*)["']?\s*;`)
	variableForm = regexp.MustCompile(`\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(:?-[^}]*)?\}|([A-Za-z_][A-Za-z0-9_]*))`)
)

// upstreamsIn are the names of nginx's upstreams: what is passed to one goes to its servers.
func upstreamsIn(files []*textFile) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		for _, line := range f.lines {
			if !strings.Contains(line, "upstream") {
				continue
			}
			if m := upstreamForm.FindStringSubmatch(line); m != nil {
				out[m[1]] = true
			}
		}
	}
	return out
}

// filledIn is a line with the values of the variables that nginx, or what makes a file of a template,
// fills in.
func (t *textSearch) filledIn(line string) string {
	if !strings.Contains(line, "$") || t.format != nginxFormat && !isTemplate(t.name) {
		return line
	}
	if m := setForm.FindStringSubmatch(line); m != nil {
		t.variables[m[1]] = m[2]
		return line
	}
	return variableForm.ReplaceAllStringFunc(line, func(found string) string {
		m := variableForm.FindStringSubmatch(found)
		name := m[1] + m[3]
		switch value := t.env[name]; {
		case t.variables[name] != "":
			return t.variables[name]
		case value != nil && isTemplate(t.name) && hostOrPort.MatchString(*value):
			return *value
		default:
			return found
		}
	})
}

// hostOrPort is the form of the values that are filled in: nothing else is looked for.
var hostOrPort = regexp.MustCompile(`^[A-Za-z0-9_.:/-]{1,255}$`)
