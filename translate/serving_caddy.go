package translate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	caddyName = "Caddy"
	caddyMain = "/etc/caddy/Caddyfile"
)

var (
	// caddyVariable is {$NAME} or {$NAME:default} (caddyserver.com, "Environment variables").
	caddyVariable = regexp.MustCompile(`\{\$([A-Za-z_][A-Za-z0-9_]*)(:[^{}]*)?\}`)
	// caddyAddress is the address of a site (caddyserver.com, "Addresses").
	caddyAddress = regexp.MustCompile(`^(?:(https?)://)?([^:/\s]*|\[[0-9A-Fa-f:]+\])(?::([0-9]{1,5}))?(?:/\S*)?$`)
)

// caddyfile is what is read of one.
type caddyfile struct {
	*servingReader
	file              *textFile
	snippets          map[string][]statement
	plain, tls        int // http_port and https_port
	redirects, manage bool
}

// readCaddy reads the sites of a Caddyfile. A site with a host is one of TLS, beside which
// port 80 redirects; its certificate comes from an ACME authority unless the host is none
// of public DNS (caddyserver.com, "Automatic HTTPS").
func readCaddy(r *servingReader) {
	f := r.file(caddyMain)
	if f == nil || slices.ContainsFunc(r.container.Command, func(word string) bool {
		return slices.Contains([]string{"file-server", "reverse-proxy", "respond"}, word)
	}) {
		return
	}
	var lines []string
	for _, line := range f.lines {
		filled, _ := r.filledIn(caddyVariable, line, f.env)
		lines = append(lines, filled)
	}
	c := caddyfile{servingReader: r, file: f, snippets: map[string][]statement{}, plain: 80, tls: 443, redirects: true, manage: true}
	list := statementsOf(lines, true)
	if len(list) > 0 && list[0].isBlock && len(list[0].words) == 0 {
		c.options(list[0].block)
		list = list[1:]
	}
	if len(list) > 0 && !list[0].isBlock && list[0].name() != "import" { // one site, without braces
		c.site(list[0], list[1:])
		return
	}
	for _, s := range list {
		if strings.HasPrefix(s.name(), "(") {
			c.snippets[strings.Trim(s.name(), "()")] = s.block
		}
	}
	for _, s := range list {
		switch {
		case s.name() == "import":
			r.unsure()
		case s.isBlock && !strings.HasPrefix(strings.TrimPrefix(s.name(), "&"), "("):
			c.site(s, s.block)
		}
	}
}

// options reads the global ones that matter here.
func (c *caddyfile) options(list []statement) {
	for _, s := range list {
		value := ""
		if len(s.words) > 1 {
			value = s.words[1]
		}
		switch s.name() {
		case "http_port":
			c.plain = c.portOf(value)
		case "https_port":
			c.tls = c.portOf(value)
		case "auto_https":
			c.redirects = value != "off" && value != "disable_redirects"
			c.manage = value != "off" && value != "disable_certs"
		case "local_certs", "acme_dns":
			c.manage = false
		case "admin":
			if ports, ok := listenPorts(value); ok {
				c.add(c.file, s.line, s.column, ports, socket{})
			}
		case "layer4", "import":
			c.unsure()
		}
	}
}

func (c *caddyfile) portOf(text string) int {
	port, err := strconv.Atoi(text)
	if err != nil {
		c.unsure()
	}
	return port
}

// site reads one with its addresses.
func (c *caddyfile) site(s statement, body []statement) {
	acme := c.getsCertificate(body)
	for _, word := range s.words {
		m := caddyAddress.FindStringSubmatch(strings.TrimSuffix(word, ","))
		if m == nil || strings.Contains(word, "{$") {
			c.unsure()
			continue
		}
		scheme, host := m[1], m[2]
		port, _ := strconv.Atoi(m[3])
		isTLS := scheme == "https" || scheme == "" && port != c.plain && (host != "" || port == c.tls)
		switch {
		case port > 0:
		case isTLS:
			port = c.tls
		default:
			port = c.plain
		}
		of := socket{}
		if isTLS && acme && isPublicName(host) {
			of.acme = host
		}
		c.add(c.file, s.line, s.column, []int{port}, of)
		if isTLS && host != "" && c.redirects {
			c.add(c.file, s.line, s.column, []int{c.plain}, socket{loops: true})
		}
	}
}

// getsCertificate says whether the certificates of a site come from an ACME authority
// which has to reach it, as far as its tls directives tell (caddyserver.com, "tls").
func (c *caddyfile) getsCertificate(body []statement) bool {
	if !c.manage {
		return false
	}
	for _, s := range body {
		switch {
		case s.name() == "import" && len(s.words) > 1:
			if snippet, known := c.snippets[s.words[1]]; !known || !c.getsCertificate(snippet) {
				return false
			}
		case s.name() != "tls":
		case len(s.words) > 2, slices.Contains(s.words, "internal"):
			return false
		case slices.ContainsFunc(s.block, func(option statement) bool {
			return slices.Contains([]string{"dns", "issuer", "get_certificate", "load"}, option.name())
		}):
			return false
		}
	}
	return true
}
