package translate

import (
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// shellLine is a line of a script with the values of variables in it.
type shellLine struct {
	number int // where it stands, or where the function is called that it is in
	text   string
	moved  bool // it is not as it is written
}

// shellLines are the lines of a script as it runs them, as far as the text tells: variables have their
// values, a call of a function stands for the lines of the function, and a loop over words for its lines
// with each of them.
func shellLines(lines []shellLine, env types.MappingWithEquals) []shellLine {
	s := shell{env: env, values: map[string][]string{}, functions: map[string][]shellLine{}}
	s.run(s.definitions(lines), 0)
	return s.out
}

// joinedLines are the lines of a text without comments, of which one that ends in \ goes on in the next.
func (t *textSearch) joinedLines() []shellLine {
	var out []shellLine
	for i := 0; i < len(t.lines); i++ {
		line, first := t.lines[i], i
		for strings.HasSuffix(line, `\`) && i+1 < len(t.lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + t.lines[i]
		}
		if len(line) <= maxLine {
			out = append(out, shellLine{number: first, text: t.uncommented(line)})
		}
	}
	return out
}

// filledScript is a script in one word of a command line, run as shellLines does.
func filledScript(text string, env types.MappingWithEquals) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var lines []shellLine
	for line := range strings.SplitSeq(text, "\n") {
		for statement := range strings.SplitSeq(line, ";") {
			lines = append(lines, shellLine{text: statement})
		}
	}
	var out []string
	for _, l := range shellLines(lines, env) {
		out = append(out, l.text)
	}
	return strings.Join(out, ";")
}

// The bounds of what is followed: a script that needs more is no wait for a port.
const (
	maxShellDepth = 3
	maxShellLines = 2_000
)

type shell struct {
	env       types.MappingWithEquals
	values    map[string][]string // of variables; several in a loop, none where the text does not tell
	functions map[string][]shellLine
	arguments []string // of the function that runs
	out       []shellLine
}

var (
	functionForm = regexp.MustCompile(`^\s*(?:function\s+([A-Za-z_][A-Za-z0-9_-]*)\s*(?:\(\s*\))?|([A-Za-z_][A-Za-z0-9_-]*)\s*\(\s*\))\s*\{?(.*)$`)
	assignForm   = regexp.MustCompile(`(?:^|[;&|{]|\b(?:do|then|else|export|local|readonly|declare)\b|[A-Za-z_][A-Za-z0-9_]*=\S*)\s*([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|[^\s;&|]*)`)
	forForm      = regexp.MustCompile(`\bfor\s+([A-Za-z_][A-Za-z0-9_]*)\s+in\s+([^;]*)`)
	callForm     = regexp.MustCompile(`(?:^|[;&|!{]|\b(?:do|then|else)\b)\s*(?:(?:do|then|else|if|while|until|!)\s+)*([A-Za-z_][A-Za-z0-9_-]*)((?:\s+[^\s;&|<>()]+)*)`)
	valueForm    = regexp.MustCompile(`\$(?:\{([A-Za-z_][A-Za-z0-9_]*|[1-9])(?:(:?[-=])([^}]*)|(%%?|##?)(:\*|\*:))?\}|([A-Za-z_][A-Za-z0-9_]*|[1-9]))`)
)

// definitions keeps the functions of a script, and returns what is in none.
func (s *shell) definitions(lines []shellLine) []shellLine {
	var out []shellLine
	name := ""
	for _, l := range lines {
		m := functionForm.FindStringSubmatch(l.text)
		switch {
		case name == "" && m != nil:
			name = m[1] + m[2]
			body, closed := strings.CutSuffix(strings.TrimSpace(m[3]), "}")
			s.functions[name] = []shellLine{{number: l.number, text: body}}
			if closed {
				name = ""
			}
		case name != "" && strings.HasPrefix(l.text, "}"), name != "" && strings.TrimSpace(l.text) == "}":
			name = ""
		case name != "":
			s.functions[name] = append(s.functions[name], l)
		default:
			out = append(out, l)
		}
	}
	return out
}

func (s *shell) run(lines []shellLine, depth int) {
	for _, l := range lines {
		if len(s.out) >= maxShellLines {
			return
		}
		s.assign(l.text)
		for _, text := range s.filled(l.text) {
			s.calls(l.number, text, depth)
			s.out = append(s.out, shellLine{l.number, text, l.moved || text != l.text})
		}
	}
}

// assign keeps the values of the variables that a line sets.
func (s *shell) assign(line string) {
	if m := forForm.FindStringSubmatch(line); m != nil {
		s.values[m[1]] = nil
		for _, word := range strings.Fields(m[2]) {
			s.values[m[1]] = append(s.values[m[1]], s.known(s.filled(unquoted(word)))...)
		}
	}
	for rest := line; ; {
		m := assignForm.FindStringSubmatchIndex(rest)
		if m == nil {
			return
		}
		s.values[rest[m[2]:m[3]]] = s.known(s.filled(unquoted(rest[m[4]:m[5]])))
		rest = "export " + rest[m[5]:] // one more may follow
	}
}

// known are the values in which nothing is left to be filled in.
func (s *shell) known(values []string) []string {
	var out []string
	for _, v := range values {
		if hostOrPort.MatchString(v) {
			out = append(out, v)
		}
	}
	return out
}

// calls runs the functions that a line calls.
func (s *shell) calls(number int, line string, depth int) {
	if depth >= maxShellDepth {
		return
	}
	for _, m := range callForm.FindAllStringSubmatch(line, -1) {
		body, ok := s.functions[m[1]]
		if !ok {
			continue
		}
		caller := s.arguments
		s.arguments = nil
		for _, word := range strings.Fields(m[2]) {
			s.arguments = append(s.arguments, unquoted(word))
		}
		moved := make([]shellLine, len(body))
		for i, l := range body {
			moved[i] = shellLine{number, l.text, true}
		}
		s.run(moved, depth+1)
		s.arguments = caller
	}
}

// filled is a line with the values of its variables: once, or in a loop for each value.
func (s *shell) filled(line string) []string {
	times := 1
	for _, m := range valueForm.FindAllStringSubmatch(line, -1) {
		times = max(times, len(s.valuesOf(m[1]+m[6])))
	}
	var out []string
	for i := range times {
		out = append(out, valueForm.ReplaceAllStringFunc(line, func(found string) string { return s.value(found, i) }))
	}
	return out
}

// value is what a variable stands for, in one turn of a loop.
func (s *shell) value(found string, turn int) string {
	m := valueForm.FindStringSubmatch(found)
	values := s.valuesOf(m[1] + m[6])
	switch {
	case len(values) > 0:
		return cutAt(values[turn%len(values)], m[4], m[5])
	case m[2] != "" && !s.isSet(m[1]):
		return m[3]
	default:
		return found
	}
}

// valuesOf are those of a variable, or of an argument; none where it is not known.
func (s *shell) valuesOf(name string) []string {
	if number := int(name[0] - '0'); number >= 1 && number <= 9 {
		if number <= len(s.arguments) {
			return s.arguments[number-1 : number]
		}
		return nil
	}
	if values, ok := s.values[name]; ok {
		return values
	}
	if value := s.env[name]; value != nil && hostOrPort.MatchString(*value) {
		return []string{*value}
	}
	return nil
}

// isSet says whether a variable has a value, which need not be known.
func (s *shell) isSet(name string) bool {
	_, assigned := s.values[name]
	return assigned || s.env[name] != nil && *s.env[name] != ""
}

// cutAt is NAME or PORT of NAME:PORT, as ${X%%:*} and ${X##*:} have it.
func cutAt(value, operator, pattern string) string {
	switch {
	case strings.HasPrefix(operator, "%") && pattern == ":*":
		before, _, _ := strings.Cut(value, ":")
		return before
	case strings.HasPrefix(operator, "#") && pattern == "*:":
		return value[strings.LastIndex(value, ":")+1:]
	default:
		return value
	}
}
