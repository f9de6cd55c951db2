package compose

import (
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// Filling is what a variable put into a text of the files.
type Filling struct {
	Path     []string // of the text
	Variable string
	Value    string // never ""
	Whole    string // the text, filled in
}

// Filled are the fillings of the text at path, in the order of the text. Of ${NAME:-text}
// the text is the value where NAME is not set.
func (p *Project) Filled(path ...string) []Filling {
	defer silence()()
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
	defer silence()()
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
	found := expand(text, env).filled
	if len(found) == 0 {
		return nil
	}
	var out []Filling
	whole := substitute(text, env)
	for _, f := range found {
		out = append(out, Filling{path, f.name, f.value, whole})
	}
	return out
}
