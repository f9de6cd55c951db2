package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Where the images have the configuration of Apache: httpd as its authors do, and those
// with PHP as Debian does (github.com/docker-library/httpd, Dockerfile; and
// github.com/docker-library/php, apache-Dockerfile-block).
const (
	apacheName  = "Apache"
	httpdHome   = "/usr/local/apache2"
	httpdMain   = httpdHome + "/conf/httpd.conf"
	apacheHome  = "/etc/apache2"
	apachePorts = apacheHome + "/ports.conf"
)

// runsApache says whether an image of several programs has Apache, by its tag.
func runsApache(image string) bool {
	name := nameOf(image)
	if name.hub() == "php" {
		return strings.Contains(name.tag, "apache")
	}
	return !strings.Contains(name.tag, "fpm") && !strings.Contains(name.tag, "cli")
}

// apacheReader reads the files of one Apache.
type apacheReader struct {
	*servingReader
	listens []apacheListen
	hosts   []apacheHost
}

type apacheListen struct {
	file         *textFile
	line, column int
	ports        []int
}

// apacheHost is a <VirtualHost>; away is the line that sends all its requests to https://,
// -1 for none.
type apacheHost struct {
	file  *textFile
	ports []int // none: all
	away  int
	names []string
	asks  bool // a header of a load balancer how a request came
}

// read takes up a line that may send all requests to https:// at one of the names.
func (h *apacheHost) read(n int, line string) {
	words := strings.Fields(strings.ReplaceAll(line, `"`, ""))
	if len(words) < 2 {
		return
	}
	switch to := words[len(words)-1]; strings.ToLower(words[0]) {
	case "servername", "serveralias":
		h.names = append(h.names, words[1:]...)
	case "rewritecond", "setenvif":
		h.asks = h.asks || strings.Contains(strings.ToLower(line), "x-forwarded-proto")
	case "redirect":
		if words[len(words)-2] == "/" && isSameSite(to, h.names) {
			h.away = n
		}
	case "rewriterule":
		if len(words) > 2 && apacheSelf.MatchString(words[2]) {
			h.away = n
		}
	}
}

// readHTTPD reads httpd.conf. Of what it includes, the image has one file with a port
// (docs/conf/extra of github.com/apache/httpd: httpd-ssl.conf).
func readHTTPD(r *servingReader) {
	a := apacheReader{servingReader: r}
	if main := r.file(httpdMain); main != nil {
		a.read(main)
		a.finish()
	}
}

// readApache reads ports.conf, which in the image has port 80, and the sites.
func readApache(r *servingReader) {
	a := apacheReader{servingReader: r}
	if main := r.file(apacheHome + "/apache2.conf"); main != nil {
		r.unsure()
		return
	}
	if ports := r.file(apachePorts); ports != nil {
		a.read(ports)
	}
	for _, f := range r.files {
		for _, pattern := range []string{"/sites-enabled/*", "/sites-available/*", "/conf-enabled/*", "/mods-enabled/*"} {
			if ok, _ := path.Match(apacheHome+pattern, f.name); ok {
				a.read(f)
			}
		}
	}
	a.finish()
}

var (
	apacheListenLine = regexp.MustCompile(`(?i)^(\s*)Listen\s+(\S+)`)
	apacheHostLine   = regexp.MustCompile(`(?i)^\s*<VirtualHost\s+([^>]+)>`)
	apacheHostEnd    = regexp.MustCompile(`(?i)^\s*</VirtualHost>`)
	apacheInclude    = regexp.MustCompile(`(?i)^\s*Include(?:Optional)?\s+"?([^"\s]+)`)
	apacheIf         = regexp.MustCompile(`(?i)^\s*<(/?)(IfModule|IfDefine|If)\b\s*([^>]*)>`)
	apacheSSL        = regexp.MustCompile(`(?i)^!?(ssl_module|mod_ssl\.c|gnutls_module|mod_gnutls\.c)$`)
	apacheLoadsSSL   = regexp.MustCompile(`(?mi)^\s*LoadModule\s+ssl_module|\ba2enmod\b[^&;|]*\bssl\b`)
	apacheSelf       = regexp.MustCompile(`(?i)^https://%\{(HTTP_HOST|SERVER_NAME)\}`)
)

// read takes up the lines of a file that Apache listens by (httpd.apache.org, "Listen" and
// "<VirtualHost>"). Where a module has to be there, it is that of TLS or taken for there.
func (a *apacheReader) read(f *textFile) {
	var skipped []bool // by section that asks for something
	host := apacheHost{away: -1}
	for n, line := range f.lines {
		if m := apacheIf.FindStringSubmatch(line); m != nil {
			if m[1] == "" {
				skipped = append(skipped, apacheSSL.MatchString(strings.TrimSpace(m[3])) && !a.loadsSSL())
			} else if len(skipped) > 0 {
				skipped = skipped[:len(skipped)-1]
			}
			continue
		}
		if slices.Contains(skipped, true) {
			continue
		}
		switch {
		case apacheListenLine.MatchString(line):
			a.listen(f, n, line)
		case apacheHostLine.MatchString(line):
			host = apacheHost{file: f, ports: a.hostPorts(apacheHostLine.FindStringSubmatch(line)[1]), away: -1}
		case apacheHostEnd.MatchString(line):
			a.hosts = append(a.hosts, host)
		case apacheInclude.MatchString(line):
			a.include(apacheInclude.FindStringSubmatch(line)[1])
		default:
			host.read(n, line)
		}
	}
}

func (a *apacheReader) listen(f *textFile, n int, line string) {
	m := apacheListenLine.FindStringSubmatch(line)
	ports, ok := listenPorts(strings.Trim(m[2], `"`))
	if !ok {
		a.unsure()
	}
	a.listens = append(a.listens, apacheListen{f, n, len(m[1]), ports})
}

// hostPorts are those of the addresses of a <VirtualHost>; none: all.
func (a *apacheReader) hostPorts(addresses string) []int {
	var out []int
	for _, address := range strings.Fields(addresses) {
		ports, ok := listenPorts(address)
		if !ok {
			return nil
		}
		out = append(out, ports...)
	}
	return out
}

// include reads a file of the project. Of those of the image, one has a port.
func (a *apacheReader) include(name string) {
	if !path.IsAbs(name) {
		name = path.Join(httpdHome, name)
	}
	found := false
	for _, f := range a.files {
		if ok, _ := path.Match(name, f.name); ok {
			found = true
			a.read(f)
		}
	}
	switch {
	case found:
	case name == httpdHome+"/conf/extra/httpd-ssl.conf":
		a.out.sockets = append(a.out.sockets, socket{port: 443, own: true})
	case !within(name, httpdHome+"/conf/extra"):
		a.unsure()
	}
}

func (a *apacheReader) loadsSSL() bool {
	loads := func(line string) bool { return apacheLoadsSSL.MatchString(line) }
	if slices.ContainsFunc(a.files, func(f *textFile) bool { return slices.ContainsFunc(f.lines, loads) }) {
		return true
	}
	return a.built != nil && slices.ContainsFunc(a.built.chain(), func(s dockerStage) bool { return slices.ContainsFunc(s.lines, loads) })
}

// finish adds what is known of the ports: one where each site redirects does nothing else.
func (a *apacheReader) finish() {
	switch isOwn := a.file(apachePorts) == nil && a.image != "httpd"; { // which has Listen 80
	case isOwn && len(a.hosts) > 0:
		a.listens = append(a.listens, apacheListen{file: a.hosts[0].file, ports: []int{80}})
	case isOwn:
		a.out.sockets = append(a.out.sockets, socket{port: 80, own: true})
	}
	for _, l := range a.listens {
		for _, port := range l.ports {
			a.port(l, port)
		}
	}
}

func (a *apacheReader) port(l apacheListen, port int) {
	there := slices.DeleteFunc(slices.Clone(a.hosts), func(h apacheHost) bool { return len(h.ports) > 0 && !slices.Contains(h.ports, port) })
	for _, h := range there {
		if h.away >= 0 && !h.asks {
			line := h.file.lines[h.away]
			a.add(h.file, h.away, len(line)-len(strings.TrimLeft(line, " \t")), []int{port}, socket{loops: true})
		} else {
			a.add(l.file, l.line, l.column, []int{port}, socket{})
		}
	}
	if len(there) == 0 {
		a.add(l.file, l.line, l.column, []int{port}, socket{})
	}
}
