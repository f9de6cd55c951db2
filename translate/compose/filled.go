package compose

import "go.yaml.in/yaml/v4"

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
	return p.files.fillings(func(_ *document, service string) bool {
		_, disabled := p.Compose.DisabledServices[service]
		return disabled
	})
}
