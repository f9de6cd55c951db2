package compose

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
)

// expansion is what was found while the variables of a text were filled in.
// compose-go does not report at which place a variable is.
type expansion struct {
	env     types.Mapping
	blank   []string  // variables that are not set and have no default
	missing []missing // of the form ${NAME:?reason}
	filled  []became  // variables that became a text, in its order
	invalid bool      // a ${ that begins no variable
}

type missing struct{ name, reason string }

// became is a variable and what it became: a default where it is not set, never "".
type became struct{ name, value string }

// expand reads text as template.Substitute does.
func expand(text string, env types.Mapping) expansion {
	e := expansion{env: env}
	if strings.Contains(text, "$") {
		e.text(text)
	}
	return e
}

func (e *expansion) text(text string) {
	for _, ref := range template.DefaultPattern.FindAllString(text, -1) {
		switch {
		case strings.HasPrefix(ref, "$$"):
		case !strings.HasPrefix(ref, "${"):
			e.plain(ref[1:])
		default:
			e.braced(ref)
		}
	}
}

func (e *expansion) plain(name string) {
	value, ok := e.env[name]
	if e.fill(name, value); !ok && !slices.Contains(e.blank, name) {
		e.blank = append(e.blank, name)
	}
}

func (e *expansion) fill(name, value string) {
	if value != "" {
		e.filled = append(e.filled, became{name, value})
	}
}

// braced reads ${...} and, since the pattern takes all up to the last brace,
// what follows it.
func (e *expansion) braced(ref string) {
	if ref == "${" {
		e.invalid = true
		return
	}
	end := closingBrace(ref)
	if end < 0 {
		end = len(ref) - 1
	}
	e.conditional(ref[2:end])
	e.text(ref[end+1:])
}

func (e *expansion) conditional(inside string) {
	end := strings.IndexFunc(inside, func(r rune) bool { return !isNameRune(r) })
	if end < 0 {
		e.plain(inside)
		return
	}
	name, rest := inside[:end], inside[end:]
	value, set := e.env[name]
	if after, ok := strings.CutPrefix(rest, ":"); ok {
		set, rest = set && value != "", after
	}
	switch {
	case strings.HasPrefix(rest, "-") && !set:
		e.text(rest[1:])
		e.fill(name, substitute(rest[1:], e.env))
	case strings.HasPrefix(rest, "+") && set:
		e.text(rest[1:])
	case strings.HasPrefix(rest, "?") && !set:
		e.missing = append(e.missing, missing{name, substitute(rest[1:], e.env)})
	case strings.HasPrefix(rest, "-"), strings.HasPrefix(rest, "?"):
		e.fill(name, value)
	}
}

func isNameRune(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// closingBrace finds the end of the ${ that text begins with, -1 where there is
// none. It is as blind to what follows a { as the one of compose-go.
func closingBrace(text string) int {
	open := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			open++
			i++
		case '}':
			if open--; open == 0 {
				return i
			}
		}
	}
	return -1
}

// Filling is what a variable put into a text of the files.
type Filling struct {
	Path     []string // of the text
	Variable string
	Value    string // never ""
	Whole    string // the text, filled in
}

// fillings are those of all texts but those of the services that are skipped.
func (r *sources) fillings(skip func(d *document, service string) bool) []Filling {
	var out []Filling
	w := walk{sources: r, seen: map[*yaml.Node]bool{}, wants: hasVariable, skip: skip}
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

// blankWarnings warns about each variable that is not set and became blank,
// once for each place in active services and the rest of the project.
func (r *sources) blankWarnings(skip func(d *document, service string) bool) diag.List {
	w := walk{sources: r, seen: map[*yaml.Node]bool{}, skip: skip, wants: hasVariable}
	var ds diag.List
	w.visit = func(d *document, path []string, n *yaml.Node) {
		blank := expand(n.Value, d.env).blank
		if len(blank) > 0 && isImage(path) && !builds(d, path[1]) && !looksLikeImage(substitute(n.Value, d.env)) {
			ds.Errorf(d.pos(n), Dotted(path), SetHelp(blank[0]), "%q is not an image; %s",
				substitute(n.Value, d.env), blankText(blank))
			return
		}
		for _, name := range blank {
			if mayBelongToSecret(path, n.Value, name) {
				ds.Warnf(d.pos(n), Dotted(path), "write $$ for a dollar sign that belongs to the value, or set the variable",
					"a dollar sign in it begins the name of a variable, which is not set and became blank")
				continue
			}
			ds.Warnf(d.pos(n), Dotted(path), blankHelp(path, name), "%s", blankText([]string{name}))
		}
	}
	w.all()
	return ds
}

// mayBelongToSecret says whether $name in a text may be a part of a password in which nobody
// escaped the dollar sign, so that no message should repeat it.
func mayBelongToSecret(path []string, text, name string) bool {
	key, value := path[len(path)-1], text
	if isNumber(key) {
		key, value, _ = strings.Cut(text, "=")
	}
	return sensitive.MayBe(key) && value != "$"+name && !strings.Contains(value, "${"+name)
}

func isNumber(key string) bool { return strings.Trim(key, "0123456789") == "" }

func hasVariable(d *document, n *yaml.Node) bool {
	return d.variables && (n == nil || strings.Contains(n.Value, "$"))
}

func isImage(path []string) bool {
	return len(path) == 3 && path[0] == "services" && path[2] == "image"
}

// builds says whether a service in a document has a build, so that its image is
// no more than a name.
func builds(d *document, service string) bool {
	return lookup(target(d.services()[service].value), "build").value != nil
}

// looksLikeImage sees whether a part is left out of NAME, NAME:TAG, HOST/NAME or
// NAME@DIGEST.
func looksLikeImage(text string) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/:@", r) })
	separators := len(text) - len(strings.NewReplacer("/", "", ":", "", "@", "").Replace(text))
	return len(parts) == separators+1
}

// blankHelp knows that a command may mean a variable of the container.
func blankHelp(path []string, name string) string {
	if len(path) > 2 && slices.Contains([]string{"command", "entrypoint", "healthcheck"}, path[2]) {
		return "write $$" + name + " for a variable of the container, or " + SetHelp(name)
	}
	return SetHelp(name)
}

// SetHelp tells how to give a variable a value.
func SetHelp(name string) string {
	return "set it in the environment or in .env, or write ${" + name + ":-default}"
}

// walk visits the scalars that files use, each once, in the order in which they
// are written.
type walk struct {
	*sources
	skip  func(d *document, service string) bool
	wants func(d *document, n *yaml.Node) bool // n is a scalar, or nil for all those of the document
	visit func(d *document, path []string, n *yaml.Node)
	seen  map[*yaml.Node]bool // of what can be come upon twice
	path  []string
	trail trail
}

func (w *walk) all() {
	for _, d := range w.layers {
		for key, value := range entries(d.root) {
			w.path = append(w.path[:0], key.Value)
			if key.Value == "services" {
				w.services(d, value)
			} else {
				w.value(d, value)
			}
		}
	}
}

func (w *walk) services(d *document, services *yaml.Node) {
	for key, value := range entries(services) {
		if !w.skip(d, key.Value) {
			w.path = append(w.path[:0], "services", key.Value)
			w.service(d, key.Value, value)
		}
	}
}

// service visits a service and what it extends, which may be of no use itself.
func (w *walk) service(d *document, name string, value *yaml.Node) {
	w.value(d, value)
	ref, file := d.extends(name)
	if ref == "" || !w.trail.add(d, name) {
		return
	}
	documents := []*document{d}
	if file != "" {
		documents = w.base(d, file)
	}
	for _, base := range documents {
		if found := base.services()[ref]; found.value != nil {
			w.service(base, ref, found.value)
		}
	}
}

func (w *walk) value(d *document, n *yaml.Node) {
	n = target(n)
	if n == nil || w.seen[n] || !w.wants(d, nil) {
		return
	}
	if n.Anchor != "" || len(w.path) == 2 { // what aliases and extends come back to
		w.seen[n] = true
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if w.wants(d, n) {
			w.seen[n] = true
			w.visit(d, w.path, n)
		}
	case yaml.MappingNode:
		for key, value := range entries(n) {
			w.below(d, key.Value, value)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			w.below(d, w.itemName(i, item), item)
		}
	}
}

func (w *walk) below(d *document, name string, n *yaml.Node) {
	w.path = append(w.path, name)
	w.value(d, n)
	w.path = w.path[:len(w.path)-1]
}

// itemName is the KEY of an item of a mapping in its KEY=value form, else the
// index of the item.
func (w *walk) itemName(i int, item *yaml.Node) string {
	index := strconv.Itoa(i)
	if key, ok := pairKey(append(w.path, index), item); ok {
		return key
	}
	return index
}

// pairKey is the KEY of the item at path, where it is a KEY=value.
func pairKey(path []string, item *yaml.Node) (string, bool) {
	if item = target(item); item == nil || item.Kind != yaml.ScalarNode || len(path) < 2 {
		return "", false
	}
	if _, err := strconv.Atoi(path[len(path)-1]); err != nil {
		return "", false
	}
	switch path[len(path)-2] {
	case "environment", "labels", "annotations", "args", "sysctls", "extra_hosts", "additional_contexts":
		return itemKey(item), true
	default:
		return "", false
	}
}

// Gap stands where a variable that is not set became blank. No YAML text has it.
const Gap = "\x00"

// Gaps is the value at path with a Gap for each variable that Blank has, and those.
func (p *Project) Gaps(path ...string) (text string, blank []string) {
	blank = p.Blank(path...)
	if len(blank) == 0 {
		return "", nil
	}
	found := p.find(path)
	env := maps.Clone(found.doc.env)
	if env == nil {
		env = types.Mapping{}
	}
	for _, name := range blank {
		env[name] = Gap
	}
	return substitute(target(found.value).Value, env), blank
}

// Blank are the variables that are not set and became blank in the value at path, sorted.
// One that the files give a default, and be it none, is not blank.
func (p *Project) Blank(path ...string) []string {
	found := p.find(path)
	n := target(found.value)
	if found.doc == nil || found.depth < len(path) || !found.doc.variables || n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	return slices.Sorted(slices.Values(expand(n.Value, found.doc.env).blank))
}
