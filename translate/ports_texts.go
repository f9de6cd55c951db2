package translate

import "regexp"

// listenForms are the directives with which configuration says where its program listens, each with
// the port.
var listenForms = []struct {
	format textFormat
	form   *regexp.Regexp
}{
	{anyFormat, regexp.MustCompile(`^\s*listener\s+([0-9]{2,5})(?:\s|$)`)},                                    // mosquitto.conf(5)
	{anyFormat, regexp.MustCompile(`^\s*port\s+([0-9]{2,5})\s*$`)},                                            // redis.conf: "Accept connections on the specified port"
	{anyFormat, regexp.MustCompile(`^\s*https?_port\s+(?:\S+:)?([0-9]{2,5})(?:\s|$)`)},                        // squid.conf, http_port [hostname:]port
	{anyFormat, regexp.MustCompile(`^\s*listen_port\s*=\s*([0-9]{2,5})\s*$`)},                                 // pgbouncer.ini, [pgbouncer]
	{anyFormat, regexp.MustCompile(`^\s*listen\s*=\s*(?:[0-9.]+:)?([0-9]{2,5})\s*$`)},                         // www.conf of php-fpm: "ip.add.re.ss:port" or "port"
	{nginxFormat, regexp.MustCompile(`(?:^|[\s{;])listen\s+(?:[0-9.*]+:|\[::\]:)?([0-9]{2,5})(?:\s[^;]*)?;`)}, // nginx, ngx_http_core_module
	{haproxyFormat, regexp.MustCompile(`^\s*bind\s+(?:[0-9.*]+)?:([0-9]{2,5})(?:\s|$)`)},
	{anyFormat, anyAddress},
}

// listeningTexts are the ports at which a service listens by the configuration that it mounts.
func (b *base) listeningTexts(s container) []openPort {
	var out []openPort
	for _, f := range b.textsOf(s.Name) {
		t := textSearch{textFile: f, format: formatOf(f)}
		if f.program || t.format == shellFormat || t.format == envFormat {
			continue
		}
		for i, line := range f.lines {
			for _, l := range listenForms {
				if l.format != t.format || len(line) > maxLine {
					continue
				}
				for _, port := range allPorts(l.form, t.uncommented(line)) {
					out = append(out, openPort{port: port, protocol: "tcp", path: f.path, pos: f.at(i, 0)})
				}
			}
		}
	}
	return out
}
