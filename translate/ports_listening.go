package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	nameForm = regexp.MustCompile(`[A-Za-z0-9_][A-Za-z0-9_.-]*`)
	// anyAddress is a port of all interfaces: 0.0.0.0:8080, [::]:8080, *:8080, http://+:8080.
	anyAddress = regexp.MustCompile(`(?:^|[/,;=@\s])(?:0\.0\.0\.0|\[::\]|\*|\+):([0-9]{2,5})\b`)
	// bareAddress is one without an address: :8080.
	bareAddress = regexp.MustCompile(`^:([0-9]{2,5})$`)
	// listenerAddress is an item of Kafka's listeners: INTERNAL://kafka:29092.
	listenerAddress = regexp.MustCompile(`://[^:/,\s]*:([0-9]{2,5})\b`)
	// localAddress is a port of the container itself.
	localAddress = regexp.MustCompile(`(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::|/|\s+)([0-9]{2,5})\b`)
)

// ownPorts are the words before PORT, in names of variables and options, of a port at
// which the program itself listens. Of others, such as DB_PORT, it is that of a peer.
var ownPorts = []string{
	"", "admin", "api", "app", "application", "bind", "console", "container", "grpc", "http", "https", "internal", "listen", "listener",
	"local", "metrics", "nginx", "node", "pg", "rest", "server", "service", "virtual", "web", "ws",
}

// listeningVariable reads one variable.
func listeningVariable(s container, variable, value string) []int {
	name := strings.ToLower(variable)
	switch {
	case strings.HasSuffix(name, "listeners"): // KAFKA_LISTENERS, KAFKA_ADVERTISED_LISTENERS
		return append(allPorts(listenerAddress, value), allPorts(anyAddress, value)...)
	case isOwnPort(name) && !isPeerPort(s, variable):
		return portsOf(value)
	case strings.Contains(name, "listen"), strings.Contains(name, "bind"), strings.Contains(name, "address"), strings.HasSuffix(name, "addr"):
		return append(allPorts(anyAddress, value), allPorts(bareAddress, value)...)
	default:
		return allPorts(anyAddress, value)
	}
}

// isOwnPort says whether a name, in lower case, is of a port of the program itself.
func isOwnPort(name string) bool {
	words := strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune("_-.", c) })
	if len(words) == 0 || !strings.HasSuffix(words[len(words)-1], "port") && words[len(words)-1] != "ports" {
		return false
	}
	before := strings.TrimSuffix(strings.TrimSuffix(words[len(words)-1], "s"), "port")
	if before == "" && len(words) > 1 {
		before = words[len(words)-2]
	}
	return slices.Contains(ownPorts, before)
}

// isPeerPort says whether a variable is the port of a host that another variable names:
// PGPORT beside PGHOST.
func isPeerPort(s container, variable string) bool {
	for _, host := range hostsBeside(variable) {
		if value := s.Environment[host]; value != nil && nameForm.FindString(*value) == *value && *value != s.Name && *value != "localhost" {
			return true
		}
	}
	return false
}

// peerTools are programs whose -p is the port of somebody else.
var peerTools = []string{"ssh", "scp", "mysql", "mysqldump", "mariadb", "psql", "pg_dump", "pg_isready", "redis-cli", "nc", "docker", "mkdir", "cp", "tar", "unzip"}

// listeningWords reads a command line, of which each word may be a script.
func listeningWords(s container, words []string) []int {
	var out []int
	for _, command := range commandsOf(words) {
		program := path.Base(command[0])
		for i, word := range command {
			next := ""
			if i+1 < len(command) {
				next = command[i+1]
			}
			out = append(out, listeningWord(program, word, next)...)
		}
	}
	return out
}

// commandsOf takes a command line apart into commands of words.
func commandsOf(words []string) [][]string {
	var out [][]string
	var current []string
	for _, word := range words {
		for i, command := range commandEnd.Split(word, -1) {
			if i > 0 && len(current) > 0 {
				out, current = append(out, current), nil
			}
			current = append(current, strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\"'", r) })...)
		}
	}
	if len(current) > 0 {
		out = append(out, current)
	}
	return out
}

// listeningWord reads one word of a command, and the next where that is its value.
func listeningWord(program, word, next string) []int {
	name, value, given := strings.Cut(word, "=")
	if !given {
		value = next
	}
	option := strings.HasPrefix(word, "-")
	name = strings.ToLower(strings.TrimLeft(strings.TrimPrefix(name, "-D"), "-"))
	switch {
	case option && isOwnPort(name):
		return portsOf(value)
	case option && word == "-p" && !slices.Contains(peerTools, program):
		return portsOf(next)
	case option && given:
		return append(allPorts(anyAddress, value), allPorts(bareAddress, value)...)
	default:
		return append(allPorts(anyAddress, word), allPorts(bareAddress, word)...)
	}
}

// checkedPorts are the ports at which a health check asks the container itself.
func checkedPorts(s container) []int {
	line := strings.Join(s.HealthCheck.Test[1:], " ")
	var out []int
	if check, ok := httpCheckOf(s); ok {
		out = append(out, check.port)
	}
	out = append(out, allPorts(localAddress, line)...)
	for _, command := range commandsOf(s.HealthCheck.Test[1:]) {
		for i := range len(command) - 1 {
			if slices.Contains([]string{"-p", "-P", "--port"}, command[i]) {
				out = append(out, portsOf(command[i+1])...)
			}
		}
		for _, word := range command {
			_, value, _ := strings.Cut(word, "=") // grpc_health_probe -addr=:50051
			out = append(append(out, allPorts(bareAddress, word)...), allPorts(bareAddress, value)...)
		}
	}
	return out
}

// allPorts are the ports that a form finds in a text.
func allPorts(form *regexp.Regexp, text string) []int {
	var out []int
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		out = append(out, portsOf(m[1])...)
	}
	return out
}
