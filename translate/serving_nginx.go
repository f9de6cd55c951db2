package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Where nginx's images have its configuration, and make it from templates
// (hub.docker.com/_/nginx, "Using environment variables in nginx configuration").
const (
	nginxHome      = "/etc/nginx"
	nginxMain      = nginxHome + "/nginx.conf"
	nginxParts     = nginxHome + "/conf.d"
	nginxTemplates = nginxHome + "/templates"
	nginxDefault   = nginxParts + "/default.conf"
)

// readNginx reads the servers that nginx.conf leads to; that of the image includes
// conf.d/*.conf.
func readNginx(r *servingReader) {
	if r.container.Environment["NGINX_ENVSUBST_OUTPUT_DIR"] != nil {
		r.unsure()
	}
	if main := r.file(nginxMain); main != nil {
		r.nginxBlock(main, statementsOf(main.lines, false))
		return
	}
	r.nginxInclude(nginxParts + "/*.conf")
}

// nginxBlock reads what is in a file, or in http or stream.
func (r *servingReader) nginxBlock(f *textFile, statements []statement) {
	for _, s := range statements {
		switch name := s.name(); {
		case name == "http" || name == "stream" || name == "mail":
			r.nginxBlock(f, s.block)
		case name == "server" && s.isBlock:
			r.nginxServer(f, s)
		case name == "include" && len(s.words) == 2:
			r.nginxInclude(s.words[1])
		}
	}
}

// nginxAside are files that are included and have no servers.
var nginxAside = regexp.MustCompile(`(mime\.types|_params|modules[^/]*/.*|\.map)$`)

// nginxInclude reads the files of an include; those of the image are in conf.d.
func (r *servingReader) nginxInclude(pattern string) {
	if !path.IsAbs(pattern) {
		pattern = path.Join(nginxHome, pattern)
	}
	found := false
	for _, f := range r.files {
		name := f.name
		switch {
		case within(name, nginxTemplates):
			name = path.Join(nginxParts, path.Base(withoutTemplate(name)))
		case !r.usual: // its command makes files of templates beside them
			name = withoutTemplate(name)
		}
		if ok, _ := path.Match(pattern, name); ok {
			found = true
			r.nginxBlock(f, statementsOf(f.lines, false))
		}
	}
	isDefault, _ := path.Match(pattern, nginxDefault)
	switch {
	case isDefault && r.removes(nginxDefault):
	case isDefault && !r.hidesDefault():
		port := 80
		if r.image != "nginx" {
			port = 8080 // hub.docker.com/r/nginxinc/nginx-unprivileged
		}
		r.out.sockets = append(r.out.sockets, socket{port: port, own: true})
	case !found && !isDefault && !nginxAside.MatchString(pattern):
		r.unsure()
	}
}

// hidesDefault says whether what is mounted takes the place of default.conf.
func (r *servingReader) hidesDefault() bool {
	places := []string{nginxDefault, nginxTemplates + "/default.conf.template"}
	if !r.usual {
		places = append(places, nginxDefault+".template")
	}
	return slices.ContainsFunc(places, func(place string) bool { return r.file(place) != nil })
}

// nginxVariable is one of a template.
var nginxVariable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// nginxServer reads one server. Without listen it is port 80 (nginx.org, "listen").
func (r *servingReader) nginxServer(f *textFile, server statement) {
	var names []string
	for _, s := range server.block {
		if s.name() == "server_name" {
			names = append(names, s.words[1:]...)
		}
	}
	away, loops := awayOf(server.block, names)
	listens := false
	for _, s := range server.block {
		if s.name() != "listen" || len(s.words) < 2 {
			continue
		}
		listens = true
		options := s.words[2:]
		ports, ok := r.nginxPorts(f, s.words[1])
		if !ok {
			r.unsure()
		}
		if slices.Contains(options, "udp") || slices.Contains(options, "quic") {
			continue
		}
		if loops && !slices.Contains(options, "ssl") {
			r.add(f, away.line, away.column, ports, socket{loops: true})
		} else {
			r.add(f, s.line, s.column, ports, socket{})
		}
	}
	switch {
	case listens:
	case loops:
		r.add(f, away.line, away.column, []int{80}, socket{loops: true})
	default:
		r.add(f, server.line, server.column, []int{80}, socket{})
	}
}

// nginxPorts are the ports of an address of listen, where an address alone is port 80.
func (r *servingReader) nginxPorts(f *textFile, address string) (ports []int, ok bool) {
	if isTemplate(f.name) {
		address, _ = r.filledIn(nginxVariable, address, f.env)
	}
	if strings.HasPrefix(address, "unix:") {
		return nil, true
	}
	if ports, ok = listenPorts(address); !ok {
		ports, ok = listenPorts(address + ":80")
	}
	return ports, ok
}

// onlyWithoutTLS is the condition of an if that a load balancer in front, which ends TLS,
// does not change.
var onlyWithoutTLS = regexp.MustCompile(`^\(?\$(scheme|https|host|server_port|ssl_protocol)\b`)

// awayOf finds what sends each request of a server to https:// at one of its names.
func awayOf(block []statement, names []string) (away statement, found bool) {
	for _, s := range block {
		name := s.name()
		switch {
		case name == "location" && len(s.words) > 1 && slices.Contains([]string{"/", ".*", "^.*$"}, s.words[len(s.words)-1]),
			name == "if" && onlyWithoutTLS.MatchString(s.words[1]):
			away, found = awayOf(s.block, names)
		case name == "return" && len(s.words) == 3 && strings.HasPrefix(s.words[1], "30"),
			name == "rewrite" && len(s.words) > 2:
			away, found = s, isSameSite(s.words[2], names)
		}
		if found {
			return away, true
		}
	}
	return statement{}, false
}

var httpsHost = regexp.MustCompile(`^https://([^/:?$]+|\$\{?[a-z_]+\}?)`)

// isSameSite says whether a URL is the same site over TLS.
func isSameSite(url string, names []string) bool {
	m := httpsHost.FindStringSubmatch(url)
	if m == nil {
		return false
	}
	host := strings.NewReplacer("{", "", "}", "").Replace(m[1])
	return slices.Contains([]string{"$host", "$http_host", "$server_name"}, host) || slices.Contains(names, host)
}
