package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// scriptRun follows what a script runs with its arguments and variables: of a case or an if
// that compares one of them with words, the branch that fits. What depends on anything else
// is left out, and what comes after it too where it may end the script.
type scriptRun struct {
	arguments []string
	env       types.MappingWithEquals
	open      []branch // the statements around a line, the innermost last
	ended     bool
	out       []string
}

// branch is one of the branches of a case or an if.
type branch struct {
	loops bool   // it is an if
	value string // what is compared with the words of a case
	known bool
	runs  bool // this one
	ran   bool // this one, or one before it
}

var (
	caseForm    = regexp.MustCompile(`^case\s+(\S+)\s+in\b(.*)$`)
	patternForm = regexp.MustCompile(`^\(?([^()]*[^()\s])\s*\)(.*)$`)
	ifForm      = regexp.MustCompile(`^(?:el)?if\s+(?:\[\[?|test)\s+(\S+)\s+==?\s+(\S+?)(?:\s+\]\]?)?\s*(?:;\s*then\b(.*))?$`)
	wordForm    = regexp.MustCompile(`^\$\{?(\w+|[@*])(?::?-([^}]*))?\}?$`)
	endsForm    = regexp.MustCompile(`\b(?:exec|exit)\b`)
	mayForm     = regexp.MustCompile(`^(?:\[|test\s).*(?:&&|\|\|)`)
	thenForm    = regexp.MustCompile(`\bthen\b.*\bfi\s*$`)
)

// scriptLinesRun are the lines that a script runs, as far as its text tells.
func scriptLinesRun(lines, arguments []string, env types.MappingWithEquals) []string {
	r := scriptRun{arguments: arguments, env: env}
	for _, line := range lines {
		if r.line(strings.TrimSpace(line)); r.ended {
			break
		}
	}
	return r.out
}

func (r *scriptRun) line(line string) {
	word, _, _ := strings.Cut(line, " ")
	switch c := caseForm.FindStringSubmatch(line); {
	case c != nil:
		value, known := r.value(c[1])
		r.open = append(r.open, branch{value: value, known: known})
		r.line(strings.TrimSpace(c[2]))
	case word == "if":
		r.open = append(r.open, branch{loops: true, known: true})
		r.condition(line)
	case len(r.open) > 0 && r.inner().loops && word == "elif":
		r.condition(line)
	case len(r.open) > 0 && r.inner().loops && word == "else":
		r.inner().runs = !r.inner().ran
	case len(r.open) > 0 && (strings.TrimRight(word, ";") == "fi" || strings.TrimRight(word, ";") == "esac"):
		r.open = r.open[:len(r.open)-1]
	case len(r.open) > 0 && !r.inner().loops && !r.inner().runs && patternForm.MatchString(line):
		r.pattern(patternForm.FindStringSubmatch(line))
	default:
		r.command(line)
	}
}

func (r *scriptRun) inner() *branch { return &r.open[len(r.open)-1] }

// condition is that of an if or elif.
func (r *scriptRun) condition(line string) {
	b := r.inner()
	m := ifForm.FindStringSubmatch(line)
	b.runs = false
	if m == nil {
		b.known = false
		if thenForm.MatchString(line) { // all of it in one line
			r.open = r.open[:len(r.open)-1]
			r.ended = r.ended || endsForm.MatchString(line)
		}
		return
	}
	value, known := r.value(m[1])
	b.known = b.known && known
	wanted := strings.Trim(m[2], `"'`)
	if strings.HasPrefix(strings.Trim(m[1], `"'`), "x$") { // [ "x$1" = xbeat ]
		wanted = strings.TrimPrefix(wanted, "x")
	}
	b.runs = !b.ran && value == wanted
	b.ran = b.ran || b.runs
	rest, closed := strings.CutSuffix(strings.TrimSpace(m[3]), "fi")
	r.command(strings.TrimRight(rest, "; "))
	if closed {
		r.open = r.open[:len(r.open)-1]
	}
}

// pattern is the beginning of a branch of a case.
func (r *scriptRun) pattern(m []string) {
	b := r.inner()
	for one := range strings.SplitSeq(m[1], "|") {
		fits, err := path.Match(strings.Trim(strings.TrimSpace(one), `"'`), b.value)
		b.runs = b.runs || fits && err == nil && !b.ran
	}
	b.ran = b.ran || b.runs
	rest, closed := strings.CutSuffix(strings.TrimSpace(m[2]), ";;")
	r.command(strings.TrimSpace(rest))
	b.runs = b.runs && !closed
}

func (r *scriptRun) command(line string) {
	line, closes := strings.CutSuffix(line, ";;")
	unknown := slices.ContainsFunc(r.open, func(b branch) bool { return !b.known }) || mayForm.MatchString(line)
	switch runs := !slices.ContainsFunc(r.open, func(b branch) bool { return !b.runs }); {
	case unknown:
		r.ended = endsForm.MatchString(line)
	case runs && strings.TrimSpace(line) != "":
		r.out = append(r.out, strings.TrimSpace(line))
		r.ended = strings.HasPrefix(line, "exec ") || line == "exit" || strings.HasPrefix(line, "exit ")
	}
	if closes && len(r.open) > 0 {
		r.inner().runs = false
	}
}

// value is that of a word of a script, without an x before it; not known where it is anything but an argument or a
// variable of the container.
func (r *scriptRun) value(word string) (value string, known bool) {
	m := wordForm.FindStringSubmatch(strings.TrimPrefix(strings.Trim(word, `"'`), "x"))
	if m == nil {
		return "", false
	}
	given := ""
	switch name := m[1]; {
	case name == "@", name == "*":
		given = strings.Join(r.arguments, " ")
	case len(name) == 1 && name >= "1" && name <= "9":
		if n := int(name[0] - '1'); n < len(r.arguments) {
			given = r.arguments[n]
		}
	default:
		variable := r.env[name]
		if variable == nil && m[2] == "" {
			return "", false
		}
		if variable != nil {
			given = *variable
		}
	}
	if given == "" {
		given = strings.Trim(m[2], `"'`)
	}
	return given, true
}

// makeLines are those of the recipe of a target of a Makefile, and of the targets before it.
func makeLines(lines []string, target string, depth int) []string {
	var out []string
	inside := false
	for _, line := range lines {
		if recipe, ok := strings.CutPrefix(line, "\t"); ok {
			if inside {
				out = append(out, strings.TrimLeft(strings.TrimSpace(recipe), "@-+"))
			}
			continue
		}
		names, before, ok := strings.Cut(line, ":")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if inside = ok && !strings.HasPrefix(before, "=") && slices.Contains(strings.Fields(names), target); inside && depth > 0 {
			for _, one := range strings.Fields(before) {
				out = append(out, makeLines(lines, one, depth-1)...)
			}
		}
	}
	return out
}
