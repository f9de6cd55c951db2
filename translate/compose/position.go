package compose

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// place is what a search for a path found.
type place struct {
	doc *document
	pair
	depth int // how many elements of the path it covers
}

func (p place) pos() diag.Pos {
	if p.doc == nil {
		return diag.Pos{}
	}
	return p.doc.pos(p.key)
}

func (d *document) pos(n *yaml.Node) diag.Pos {
	return diag.Pos{File: d.file, Line: n.Line, Column: n.Column}
}

// find returns the deepest place on the way to path; of equally deep ones that
// of the latest layer.
func (r *sources) find(path []string) place {
	return r.search(path, &trail{})
}

// trail records which services a search went on to from which, following
// extends: to follow one a second time would find nothing, or never end.
type trail []extension

type extension struct {
	doc     *document
	service string
}

func (t *trail) add(doc *document, service string) bool {
	e := extension{doc, service}
	if slices.Contains(*t, e) {
		return false
	}
	*t = append(*t, e)
	return true
}

func (r *sources) search(path []string, t *trail) place {
	var best place
	for _, d := range slices.Backward(r.layers) {
		found, final := r.findIn(d, path, t)
		if found.doc != nil && (best.doc == nil || found.depth > best.depth) {
			best = found
		}
		if final || best.depth == len(path) {
			break
		}
	}
	if best.depth < len(path) && best.doc != nil {
		return r.derived(best, path)
	}
	return best
}

// findIn searches one document and what its services extend. It is final if a
// !reset or !override hides earlier layers.
func (r *sources) findIn(d *document, path []string, t *trail) (_ place, final bool) {
	found, final := d.reach(path)
	if found.depth == len(path) || final || len(path) < 3 || found.depth < 2 || path[0] != "services" {
		return found, final
	}
	base := r.findBase(d, path, t)
	if base.doc != nil && base.depth > found.depth && base.depth > 2 {
		return base, false
	}
	return found, false
}

// findBase looks for path in the service that the one at path extends.
func (r *sources) findBase(d *document, path []string, t *trail) place {
	ref, file := d.extends(path[1])
	if ref == "" || !t.add(d, path[1]) {
		return place{}
	}
	path = append([]string{path[0], ref}, path[2:]...)
	if file == "" && d.extended {
		found, _ := r.findIn(d, path, t)
		return found
	}
	if file == "" {
		return r.search(path, t)
	}
	var best place
	for _, base := range slices.Backward(r.base(d, file)) {
		if found, _ := r.findIn(base, path, t); found.depth > best.depth {
			best = found
		}
	}
	return best
}

// base returns the documents of a file that extends.file in d names. For a file
// that cannot be read there are none; compose-go has refused it then.
func (r *sources) base(d *document, file string) []*document {
	r.mu.Lock()
	defer r.mu.Unlock()
	path := d.extendsPath(file)
	if documents, ok := r.bases[path]; ok {
		return documents
	}
	var documents []*document
	display := diag.Relative(r.cwd, path)
	content, err := r.gate.ReadFile(path, longestFile)
	if err == nil && r.spent.file(diag.Pos{File: display, Line: 1, Column: 1}, int64(len(content)), &r.inBases) {
		documents = parse(path, display, content, d.env, filepath.Dir(path), &r.inBases)
	}
	for _, base := range documents {
		base.extended = true
	}
	r.bases[path] = documents
	return documents
}

// derived finds the attribute from which compose-go derived the one at path,
// and returns found if there is none.
func (r *sources) derived(found place, path []string) place {
	if len(path) < 4 || path[0] != "services" || path[2] != "depends_on" || found.depth > 3 {
		return found
	}
	for _, source := range []string{"links", "volumes_from", "network_mode", "ipc", "pid"} {
		if p := r.find([]string{path[0], path[1], source}); p.depth == 3 && mentions(p.value, path[3]) {
			return p
		}
	}
	return found
}

// mentions says whether a scalar, or one of a list, names a service.
func mentions(n *yaml.Node, service string) bool {
	for _, text := range texts(n, nil) {
		if slices.Contains(strings.Split(text, ":"), service) {
			return true
		}
	}
	return false
}

// index makes the services, volumes and so on of a document findable without a search:
// there may be a thousand, and each is looked up many times.
func (d *document) index() {
	d.sections = map[string]map[string]pair{}
	for section, value := range entries(d.root) {
		if _, known := d.sections[section.Value]; known {
			continue
		}
		if members := target(value); members != nil && members.Kind == yaml.MappingNode {
			d.sections[section.Value] = membersOf(members)
		}
	}
	d.large = map[*yaml.Node]map[string]pair{}
	d.indexLarge(d.root)
}

// manyKeys is how many make a search for each of them slow.
const manyKeys = 50

// indexLarge indexes mappings with many keys, of which each is looked up, too.
func (d *document) indexLarge(n *yaml.Node) {
	if n.Kind == yaml.MappingNode && (len(n.Content)/2 > manyKeys || slices.ContainsFunc(n.Content, isMerge)) {
		if members := membersOf(n); len(members) > manyKeys {
			d.large[n] = members
		}
	}
	for _, child := range n.Content {
		d.indexLarge(child)
	}
}

func (d *document) services() map[string]pair { return d.sections["services"] }

// scalar returns the text of a top-level scalar, "" where there is none.
func (d *document) scalar(key string) string {
	if n := target(lookup(d.root, key).value); n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return n.Value
	}
	return ""
}

// extends returns what a service extends, and the file it is in where that is
// another one.
func (d *document) extends(service string) (ref, file string) { return d.baseOf("services", service) }

// baseOf is what a member of a section extends.
func (d *document) baseOf(section, name string) (ref, file string) {
	extends := target(lookup(d.sections[section][name].value, "extends").value)
	switch {
	case extends == nil:
		return "", ""
	case extends.Kind == yaml.ScalarNode:
		return substitute(extends.Value, d.env), ""
	}
	return lastText(lookup(extends, "service").value, d.env), lastText(lookup(extends, "file").value, d.env)
}

// reach follows path from the top of the document as far as it goes.
func (d *document) reach(path []string) (_ place, final bool) {
	found := place{doc: d, pair: pair{d.root, d.root}}
	for found.depth < len(path) {
		next := d.step(found, path)
		if next.key == nil {
			break
		}
		found.pair = next
		found.depth++
		if tag := next.value.Tag; tag == "!reset" || tag == "!override" {
			final = true
		}
	}
	return found, final
}

func (d *document) step(at place, path []string) pair {
	name := path[at.depth]
	if members, ok := d.sections[path[0]]; ok && at.depth == 1 {
		return members[name]
	}
	value := target(at.value)
	if value != nil && value.Kind == yaml.SequenceNode && path[at.depth-1] == "ports" {
		return port(value, name, d.env)
	}
	if members, ok := d.large[value]; ok {
		return members[name]
	}
	return child(value, name)
}

// port finds a published port by its index after compose-go has made one port
// of each member of a range.
func port(list *yaml.Node, name string, env types.Mapping) pair {
	index, err := strconv.Atoi(name)
	if err != nil {
		return pair{}
	}
	for _, item := range list.Content {
		n := 1
		if v := target(item); v != nil && v.Kind == yaml.ScalarNode && strings.Contains(v.Value, "-") {
			n = portCount(substitute(v.Value, env))
		}
		if index < n {
			return pair{item, item}
		}
		index -= n
	}
	return pair{}
}

// portCount is the number of container ports in the short form of a port.
func portCount(text string) int {
	container := text[strings.LastIndexByte(text, ':')+1:]
	container, _, _ = strings.Cut(container, "/")
	begin, end, _ := strings.Cut(container, "-")
	first, err1 := strconv.ParseUint(begin, 10, 16)
	last, err2 := strconv.ParseUint(end, 10, 16)
	if err1 != nil || err2 != nil || last < first {
		return 1
	}
	return int(last-first) + 1
}

// Dotted writes a path as messages do: services.web.ports[0].
func Dotted(path []string) string { return diag.Path(path).String() }
