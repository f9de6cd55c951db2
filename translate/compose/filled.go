package compose

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// Filling is what a variable put into a text of the files.
type Filling struct {
	Path     []string // of the text
	Variable string
	Value    string // never ""
}

// Filled are the fillings of the text at path, in the order of the text. Of ${NAME:-text}
// the text is the value where NAME is not set.
func (p *Project) Filled(path ...string) []Filling {
	found := p.find(path)
	n := target(found.value)
	if found.doc == nil || found.depth < len(path) || !found.doc.variables || n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	return fillingsOf(path, n.Value, found.doc.env)
}

// Fillings are those of all texts of active services and of what they share.
func (p *Project) Fillings() []Filling {
	if p.files == nil {
		return nil
	}
	var out []Filling
	w := walk{sources: p.files, seen: map[*yaml.Node]bool{}, wants: hasVariable}
	w.skip = func(_ *document, service string) bool {
		_, disabled := p.Compose.DisabledServices[service]
		return disabled
	}
	w.visit = func(d *document, path []string, n *yaml.Node) {
		out = append(out, fillingsOf(append([]string(nil), path...), n.Value, d.env)...)
	}
	w.all()
	return out
}

// fillingsOf finds the variables of a text, those of defaults too, with what each became.
func fillingsOf(path []string, text string, env types.Mapping) []Filling {
	if !strings.Contains(text, "$") {
		return nil
	}
	var out []Filling
	lookup := func(variable string) (string, bool) {
		value, ok := env[variable]
		if ok && value != "" {
			out = append(out, Filling{path, variable, value})
		}
		return value, ok
	}
	_, _ = template.SubstituteWithOptions(text, lookup, template.WithoutLogging) // what is wrong is said elsewhere
	return append(out, defaultsOf(path, text, env)...)
}

// defaultsOf are the fillings by ${NAME:-text} of variables that are not set.
func defaultsOf(path []string, text string, env types.Mapping) []Filling {
	var out []Filling
	for _, ref := range template.DefaultPattern.FindAllString(text, -1) {
		for strings.HasPrefix(ref, "${") {
			end := closingBrace(ref)
			if end < 0 {
				end = len(ref) - 1
			}
			inside, rest := ref[2:end], ref[min(end+1, len(ref)):]
			out = append(out, defaultOf(path, inside, env)...)
			_, rest, _ = strings.Cut(rest, "${")
			if ref = ""; rest != "" {
				ref = "${" + rest
			}
		}
	}
	return out
}

func defaultOf(path []string, inside string, env types.Mapping) []Filling {
	end := strings.IndexFunc(inside, func(r rune) bool { return !isNameRune(r) })
	if end < 0 {
		return nil
	}
	name, rest := inside[:end], inside[end:]
	value, set := env[name]
	if after, ok := strings.CutPrefix(rest, ":"); ok {
		set, rest = set && value != "", after
	}
	text, ok := strings.CutPrefix(rest, "-")
	if set || !ok || text == "" {
		return nil
	}
	out := defaultsOf(path, text, env)
	if became := substitute(text, env); became != "" {
		out = append(out, Filling{path, name, became})
	}
	return out
}
