package translate

import (
	"regexp"
	"strings"
)

// listenForms are the directives with which configuration says where its program listens, each with
// the port.
var listenForms = []struct {
	format textFormat
	word   string // which is there
	form   *regexp.Regexp
}{
	{anyFormat, "listener", regexp.MustCompile(`^\s*listener\s+([0-9]{2,5})(?:\s|$)`)},                                  // mosquitto.conf(5)
	{anyFormat, "port", regexp.MustCompile(`^\s*port\s+([0-9]{2,5})\s*$`)},                                              // redis.conf: "Accept connections on the specified port"
	{anyFormat, "http", regexp.MustCompile(`^\s*https?_port\s+(?:\S+:)?([0-9]{2,5})(?:\s|$)`)},                          // squid.conf, http_port [hostname:]port
	{anyFormat, "listen_port", regexp.MustCompile(`^\s*listen_port\s*=\s*([0-9]{2,5})\s*$`)},                            // pgbouncer.ini, [pgbouncer]
	{anyFormat, "listen", regexp.MustCompile(`^\s*listen\s*=\s*(?:[0-9.]+:)?([0-9]{2,5})\s*$`)},                         // www.conf of php-fpm: "ip.add.re.ss:port" or "port"
	{nginxFormat, "listen", regexp.MustCompile(`(?:^|[\s{;])listen\s+(?:[0-9.*]+:|\[::\]:)?([0-9]{2,5})(?:\s[^;]*)?;`)}, // nginx, ngx_http_core_module
	{haproxyFormat, "bind", regexp.MustCompile(`^\s*bind\s+(?:[0-9.*]+)?:([0-9]{2,5})(?:\s|$)`)},
	{anyFormat, ":", anyAddress},
}

// listeningTexts are the ports at which a service listens by the configuration that it mounts.
func (b *base) listeningTexts(s container) []openPort {
	var out []openPort
	for _, f := range b.textsOf(s.Name) {
		t := textSearch{textFile: f, format: f.format()}
		if f.program || t.format == shellFormat || t.format == envFormat {
			continue
		}
		for i, line := range f.lines {
			if len(line) > maxLine {
				continue
			}
			text := t.uncommented(line)
			for _, l := range listenForms {
				if l.format != t.format || !strings.Contains(text, l.word) {
					continue
				}
				for _, port := range allPorts(l.form, text) {
					out = append(out, openPort{port: port, protocol: "tcp", path: f.path, pos: f.at(i, 0)})
				}
			}
		}
	}
	return out
}
