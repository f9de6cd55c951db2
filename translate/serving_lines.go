package translate

import (
	"regexp"
	"slices"
	"strings"
)

const (
	haproxyMain   = "/usr/local/etc/haproxy/haproxy.cfg"
	mosquittoMain = "/mosquitto/config/mosquitto.conf"
)

var (
	// haproxyVariable is "$NAME", "${NAME}" or "${NAME-default}" (HAProxy configuration manual, 2.3).
	haproxyVariable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)(?:-([^}]*))?\}?`)
	// haproxyFamily is what may stand before an address.
	haproxyFamily = regexp.MustCompile(`^(ipv4|ipv6)@`)
	// haproxyToTLS redirects what did not reach it over TLS.
	haproxyToTLS = regexp.MustCompile(`^(?:http-request\s+)?redirect\s+scheme\s+https(?:\s+code\s+30[0-9])?(?:\s+(?:if\s+!\s*|unless\s+)\{\s*ssl_fc\s*\})?$`)
)

// haproxySection is a frontend or a listen with its ports.
type haproxySection struct {
	binds []haproxyBind
	away  int // the line that redirects; -1: none
}

type haproxyBind struct {
	line, column int
	ports        []int
	tls          bool
}

// readHAProxy reads the bind lines of all sections (HAProxy configuration manual, "bind",
// "peers", "stats socket").
func readHAProxy(r *servingReader) {
	f := r.file(haproxyMain)
	if f == nil {
		return
	}
	current := haproxySection{away: -1}
	for n, line := range f.lines {
		words := strings.Fields(strings.ReplaceAll(line[:commentAt(line, true)], `"`, ""))
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case slices.Contains([]string{"global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "program", "cache", "ring", "log-forward"}, words[0]):
			r.haproxySection(f, current)
			current = haproxySection{away: -1}
			if len(words) > 2 && (words[0] == "frontend" || words[0] == "listen") && words[2] != "from" {
				r.haproxyBind(f, &current, n, line, words[2:])
			}
		case words[0] == "bind" && len(words) > 1:
			r.haproxyBind(f, &current, n, line, words[1:])
		case len(words) > 2 && (words[0] == "stats" && words[1] == "socket" || words[0] == "peer"):
			r.haproxyBind(f, &current, n, line, words[2:])
		case haproxyToTLS.MatchString(strings.Join(words, " ")):
			current.away = n
		}
	}
	r.haproxySection(f, current)
}

// haproxyBind reads the addresses of one bind.
func (r *servingReader) haproxyBind(f *textFile, section *haproxySection, n int, line string, words []string) {
	b := haproxyBind{line: n, column: len(line) - len(strings.TrimLeft(line, " \t")), tls: slices.Contains(words, "ssl")}
	filled, ok := r.filledIn(haproxyVariable, words[0], f.env)
	if !ok {
		r.unsure()
		return
	}
	for address := range strings.SplitSeq(filled, ",") {
		address = haproxyFamily.ReplaceAllString(address, "")
		if strings.HasPrefix(address, "/") || strings.Contains(address, "@") {
			continue // a Unix socket, or QUIC
		}
		ports, ok := listenPorts(address)
		if !ok {
			r.unsure()
		}
		b.ports = append(b.ports, ports...)
	}
	section.binds = append(section.binds, b)
}

func (r *servingReader) haproxySection(f *textFile, section haproxySection) {
	for _, b := range section.binds {
		if section.away >= 0 && !b.tls {
			line := f.lines[section.away]
			r.add(f, section.away, len(line)-len(strings.TrimLeft(line, " \t")), b.ports, socket{loops: true})
		} else {
			r.add(f, b.line, b.column, b.ports, socket{})
		}
	}
}

// readMosquitto reads the listeners; without one it is port 1883 (mosquitto.conf(5)).
func readMosquitto(r *servingReader) {
	f := r.file(mosquittoMain)
	if f == nil {
		return
	}
	listens := false
	for n, line := range f.lines {
		words := strings.Fields(line)
		switch {
		case len(words) < 2:
		case words[0] == "include_dir":
			r.unsure()
		case words[0] == "listener" || words[0] == "port":
			listens = true
			address := words[1]
			if len(words) > 2 && !strings.HasPrefix(words[2], "/") && !strings.HasPrefix(words[2], "#") {
				address = words[2] + ":" + address
			}
			if ports, ok := listenPorts(address); ok {
				r.add(f, n, 0, ports, socket{})
			} else if words[1] != "0" { // a Unix socket
				r.unsure()
			}
		}
	}
	if !listens {
		r.add(f, 0, 0, []int{1883}, socket{})
	}
}
