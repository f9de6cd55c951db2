package translate

import (
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

const traefikName = "Traefik"

// traefikMain are the files that Traefik looks for where nothing names one
// (doc.traefik.io, "Configuration Introduction").
var traefikMain = []string{
	"/etc/traefik/traefik.yml", "/etc/traefik/traefik.yaml", "/etc/traefik/traefik.toml",
	"/traefik.yml", "/traefik.yaml", "/traefik.toml",
}

var (
	traefikFile = regexp.MustCompile(`(?i)^(?:--|TRAEFIK_)configfile=(.+)$`)
	// traefikAddress is the address of an entry point in a command line or the environment.
	traefikAddress = regexp.MustCompile(`(?i)^(?:--entrypoints\.\w[\w-]*\.|TRAEFIK_ENTRYPOINTS_\w+_)address=(.*)$`)
	traefikSection = regexp.MustCompile(`(?i)^\s*\[entrypoints\.[\w-]+\]`)
	traefikLine    = regexp.MustCompile(`(?i)^\s*address\s*=\s*["']([^"']+)["']`)
	// traefikOwn is what opens port 8080 (pkg/config/static, SetEffectiveConfiguration).
	traefikOwn = regexp.MustCompile(`(?i)(?:^|[^a-z])(insecure|ping|metrics)(?:[^a-z]|$)`)
)

// readTraefik reads the entry points of a file, or else of the command line, or else of the
// environment: one of them counts, in this order (doc.traefik.io, "Configuration
// Introduction"). The first version has another syntax.
func readTraefik(r *servingReader) {
	command := slices.Concat(r.container.Entrypoint, r.container.Command)
	var variables []string
	for _, name := range sortedKeys(r.container.Environment) {
		if value := r.container.Environment[name]; value != nil && strings.HasPrefix(strings.ToUpper(name), "TRAEFIK_") {
			variables = append(variables, name+"="+*value)
		}
	}
	if strings.HasPrefix(strings.TrimPrefix(r.tag, "v"), "1") {
		r.unsure()
		return
	}
	switch f, named := r.traefikFile(slices.Concat(command, variables)); {
	case f != nil:
		r.add(f, 0, 0, nil, socket{})
		r.traefikEntryPoints(addressesIn(f), f.lines)
	case named:
		r.unsure()
	case slices.ContainsFunc(command, func(word string) bool { return strings.HasPrefix(word, "--") }):
		r.out.shown = "its command"
		r.traefikEntryPoints(addressesOf(command), command)
	case variables != nil:
		r.out.shown = "its environment"
		r.traefikEntryPoints(addressesOf(variables), variables)
	}
}

// traefikFile is the file of configuration; named says that one is named.
func (r *servingReader) traefikFile(words []string) (f *textFile, named bool) {
	for _, word := range words {
		if m := traefikFile.FindStringSubmatch(word); m != nil {
			return r.file(m[1]), true
		}
	}
	for _, name := range traefikMain {
		if f := r.file(name); f != nil {
			return f, true
		}
	}
	return nil, false
}

// traefikEntryPoints takes up the addresses of entry points. Without any there is one at
// port 80, and what the API and others use has port 8080 (SetEffectiveConfiguration).
func (r *servingReader) traefikEntryPoints(addresses, lines []string) {
	if addresses == nil {
		addresses = []string{":80"}
	}
	for _, address := range addresses {
		address, protocol, _ := strings.Cut(address, "/")
		if protocol == "udp" {
			continue
		}
		ports, ok := listenPorts(address)
		if !ok {
			r.unsure()
		}
		for _, port := range ports {
			r.out.sockets = append(r.out.sockets, socket{port: port})
		}
	}
	if slices.ContainsFunc(lines, traefikOwn.MatchString) {
		r.out.sockets = append(r.out.sockets, socket{port: 8080, own: true})
	}
}

func addressesOf(words []string) []string {
	var out []string
	for _, word := range words {
		if m := traefikAddress.FindStringSubmatch(word); m != nil {
			out = append(out, strings.Trim(m[1], `"'`))
		}
	}
	return out
}

// addressesIn are those of a file, of YAML or TOML; one that cannot be read has an address
// that cannot either.
func addressesIn(f *textFile) []string {
	if strings.HasSuffix(f.name, ".toml") {
		return addressesInTOML(f.lines)
	}
	var all map[string]yaml.Node
	if yaml.Unmarshal([]byte(strings.Join(f.lines, "\n")), &all) != nil {
		return []string{""}
	}
	var out []string
	for key, node := range all {
		var points map[string]struct{ Address string }
		if !strings.EqualFold(key, "entryPoints") {
			continue
		}
		if node.Decode(&points) != nil {
			return []string{""}
		}
		for _, name := range sortedKeys(points) {
			out = append(out, points[name].Address)
		}
	}
	return out
}

func addressesInTOML(lines []string) []string {
	var out []string
	inside := false
	for _, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			inside = traefikSection.MatchString(line)
		}
		if m := traefikLine.FindStringSubmatch(line); m != nil && inside {
			out = append(out, m[1])
		}
	}
	if out == nil && slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(strings.ToLower(line), "entrypoints") }) {
		return []string{""}
	}
	return out
}
