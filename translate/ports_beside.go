package translate

import (
	"slices"
	"strconv"
	"strings"
)

// portBeside is the port that a variable beside that of a host gives: MYSQL_HOST, or MYSQL, and
// MYSQL_PORT. 0: none.
func portBeside(s container, variable string) int {
	for _, other := range sortedKeys(s.Environment) {
		value := s.Environment[other]
		bare := strings.TrimSuffix(strings.TrimSuffix(other, "PORT"), "_")
		if value == nil || !slices.Contains(hostsBeside(other), variable) && (bare == other || bare != variable) {
			continue
		}
		if ports := portsOf(strings.TrimSpace(*value)); len(ports) == 1 {
			return ports[0]
		}
	}
	return 0
}

// hostsBeside are the variables that may name the host of a port.
func hostsBeside(variable string) []string {
	upper := strings.ToUpper(variable)
	at := strings.LastIndex(upper, "PORT")
	if at < 0 || variable != upper {
		return nil
	}
	var out []string
	for _, word := range []string{"HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS"} {
		out = append(out, variable[:at]+word+variable[at+len("PORT"):])
	}
	return out
}

// portsOf is the port that a text is, nil where it is none; or several, as in
// ASPNETCORE_HTTP_PORTS: 8080;8081.
func portsOf(text string) []int {
	var out []int
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == ',' }) {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(part), "/tcp"))
		if err != nil || n < 1 || n > 65535 {
			return nil
		}
		out = append(out, n)
	}
	return out
}
