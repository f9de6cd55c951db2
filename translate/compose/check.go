package compose

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// check finds what is wrong with one document by itself. compose-go stops at
// the first mistake; this does not, and is made only once compose-go has
// refused the files.
type check struct {
	*faults
	doc   *document
	path  []string
	visit int // how many nodes were looked at
}

// document checks all of a document, or, where services are given, these alone.
func (f *faults) document(d *document, services ...string) {
	c := check{faults: f, doc: d}
	value := c.value(d.root)
	c.schema(value, services)
	for name, service := range d.services() {
		if len(services) == 0 || slices.Contains(services, name) {
			c.extends(name, service)
		}
	}
}

// fault adds an error in the document.
func (c *check) fault(path []string, at, value *yaml.Node, help, format string, args ...any) {
	c.faults.fault(c.doc, path, at, value, help, format, args...)
}

// value returns a node as compose-go sees it, variables filled in and texts
// turned into numbers, without the parts that it finds wrong.
func (c *check) value(n *yaml.Node) any {
	n = target(n)
	c.visit++
	if n == nil || n.Tag == "!reset" || len(c.path) > maxDepth || c.visit > maxNodeVisits {
		return nil // aliases may go around in circles, or multiply
	}
	switch n.Kind {
	case yaml.MappingNode:
		return c.mapping(n)
	case yaml.SequenceNode:
		return c.list(n)
	default:
		return c.scalar(n)
	}
}

// maxDepth bounds how deep values nest.
const maxDepth = 64

func (c *check) mapping(n *yaml.Node) any {
	c.duplicates(n)
	out := map[string]any{}
	for key, value := range entries(n) {
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			c.fault(c.path, key, nil, "put it in quotes", "key %s is not a string", key.Value)
			continue
		}
		if _, ok := out[key.Value]; ok || value.Tag == "!reset" {
			continue
		}
		if v, ok := c.at(key.Value, key, value); ok {
			out[key.Value] = v
		}
	}
	return out
}

// at goes one step down; it is not ok if the node there was found wrong.
func (c *check) at(name string, key, value *yaml.Node) (any, bool) {
	c.path = append(c.path, name)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	before := len(c.ds)
	v := c.value(value)
	if scalar := target(value); len(c.ds) > before && scalar != nil && scalar.Kind == yaml.ScalarNode {
		c.broken = append(c.broken, broken{c.doc, key})
		return nil, false
	}
	return v, true
}

func (c *check) duplicates(n *yaml.Node) {
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		line, seen := lines[key.Value]
		if !seen {
			lines[key.Value] = key.Line
			continue
		}
		path := append(slices.Clone(c.path), key.Value)
		c.fault(path, key, nil, "remove one of the two keys", "is a duplicate key, first at line %d", line)
		c.broken = append(c.broken, broken{c.doc, key})
	}
}

// omitted begins what stands for an item that is wrong in itself.
const omitted = "\x00omitted "

func (c *check) list(n *yaml.Node) any {
	out := []any{}
	for i, item := range n.Content {
		if v, ok := c.at(strconv.Itoa(i), item, item); ok {
			out = append(out, v)
		} else {
			out = append(out, omitted+strconv.Itoa(i)) // keeps the index of the others
		}
	}
	return out
}

func (c *check) scalar(n *yaml.Node) any {
	if n.ShortTag() != "!!str" {
		var v any
		if err := n.Decode(&v); err != nil {
			return n.Value
		}
		if port, ok := v.(int); ok && c.isItemOf("ports") {
			c.port(n, strconv.Itoa(port))
		}
		return v
	}
	e := expand(n.Value, c.doc.env)
	for _, m := range e.missing {
		reason := ""
		if m.reason != "" {
			reason = ": " + m.reason
		}
		c.fault(c.path, n, nil, "set it in the environment or in .env", "variable %q is not set, and the file requires it%s", m.name, reason)
	}
	if e.invalid {
		c.fault(c.path, n, nil, "write $$ for a dollar sign, or ${NAME} for a variable", "%q is not valid variable syntax", n.Value)
	}
	if e.invalid || len(e.missing) > 0 {
		return nil
	}
	text := substitute(n.Value, c.doc.env)
	switch {
	case c.isItemOf("ports"):
		c.port(n, text)
	case c.isItemOf("volumes"):
		c.mount(n, text)
	default:
		return c.cast(n, text)
	}
	return text
}

func (c *check) isItemOf(list string) bool {
	if len(c.path) != 4 || c.path[0] != "services" || c.path[2] != list {
		return false
	}
	_, err := strconv.Atoi(c.path[3])
	return err == nil
}

func (c *check) port(n *yaml.Node, text string) {
	if _, err := types.ParsePortConfig(text); err != nil {
		c.fault(c.path, n, n, "write CONTAINER, HOST:CONTAINER or IP:HOST:CONTAINER, with /udp where needed",
			"%q is not a port: %s", text, portText(err))
	}
}

func (c *check) mount(n *yaml.Node, text string) {
	if _, err := format.ParseVolume(text); err != nil {
		c.fault(c.path, n, n, "write VOLUME:PATH or VOLUME:PATH:ro", "%q is not a mount: %s", text, mountText(err))
	}
}

func (c *check) cast(n *yaml.Node, text string) any {
	v, err := castAt(c.path, text)
	if err != nil {
		c.fault(c.path, n, n, "", "%s", castText(text, err))
		return nil
	}
	return v
}

// castAt turns a text into what compose-go makes of it at a path.
func castAt(elements []string, text string) (any, error) {
	path := tree.NewPath()
	for i, part := range elements {
		if _, err := strconv.Atoi(part); err == nil && i > 2 {
			part = tree.PathMatchList
		}
		path = path.Next(part)
	}
	for pattern, cast := range castsOfLength()[len(elements)] {
		if path.Matches(pattern) {
			return cast(text)
		}
	}
	return text, nil
}

// castsOfLength are the types that compose-go turns texts into, by path, and those
// by the number of elements in the path: a file may have a million scalars.
var castsOfLength = sync.OnceValue(func() map[int]map[tree.Path]interpolation.Cast {
	out := map[int]map[tree.Path]interpolation.Cast{}
	for pattern, cast := range loader.ToOptions(&types.ConfigDetails{}, nil).Interpolate.TypeCastMapping {
		n := len(pattern.Parts())
		if out[n] == nil {
			out[n] = map[tree.Path]interpolation.Cast{}
		}
		out[n][pattern] = cast
	}
	return out
})

// composeSchema is the schema of compose files, compiled.
var composeSchema = sync.OnceValue(func() *jsonschema.Schema { return CompileSchema([]byte(schema.Schema), "") })

// schema reports what a document has and the Compose Specification does not. It
// leaves out what is missing: another file may have it.
func (c *check) schema(value any, services []string) {
	for _, v := range Violations(composeSchema().Validate(jsonValue(value)), nil) {
		elsewhere := len(services) > 0 && (len(v.Path) < 2 || v.Path[0] != "services" || !slices.Contains(services, v.Path[1]))
		if v.Missing || elsewhere || v.Unknown && isAttribute(v.Path) || c.reportedAt(Dotted(v.Path)) {
			continue
		}
		c.violation(v)
	}
}

func (c *check) violation(v Violation) {
	found, _ := c.doc.reach(v.Path)
	value := target(found.value)
	if found.depth < len(v.Path) || len(v.Path) == 0 {
		value = nil
	}
	if v.Unknown {
		v.Summary, v.Help = unknownText(v.Path)
	}
	c.fault(v.Path, found.key, value, v.Help, "%s", v.Summary)
	c.broken = append(c.broken, broken{c.doc, found.key})
}

// jsonValue turns numbers and keys into what the schema package takes.
func jsonValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = jsonValue(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = jsonValue(e)
		}
		return out
	case nil, bool, string, int, int64, float32, float64, uint64:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// attribute is a name in the tree of all compose attributes.
type attribute map[string]attribute

var attributes = sync.OnceValue(func() attribute {
	root := attribute{}
	for _, path := range schema.AttributePaths() {
		node := root
		for _, part := range path.Parts() {
			if node[part] == nil {
				node[part] = attribute{}
			}
			node = node[part]
		}
	}
	return root
})

func (a attribute) child(name string) attribute {
	if next, ok := a[name]; ok {
		return next
	}
	if _, err := strconv.Atoi(name); err == nil && a[tree.PathMatchList] != nil {
		return a[tree.PathMatchList]
	}
	return a[tree.PathMatchAll]
}

// isAttribute says whether compose has an attribute at path. The schema also
// rejects the valid attributes next to an invalid one.
func isAttribute(path []string) bool {
	node := attributes()
	for i, name := range path {
		next := node.child(name)
		if next == nil || i == len(path)-1 && node[name] == nil {
			return false
		}
		node = next
	}
	return true
}

// siblings are the attributes that could stand in the place of the last one.
func siblings(path []string) []string {
	node := attributes()
	for _, name := range path[:len(path)-1] {
		node = node.child(name)
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(node)), func(name string) bool {
		return name == tree.PathMatchAll || name == tree.PathMatchList
	})
}

// extends complains of a service that extends one which is not there.
func (c *check) extends(name string, service pair) {
	ref, file := c.doc.extends(name)
	if ref == "" {
		return
	}
	path := []string{"services", name, "extends"}
	place := lookup(service.value, "extends")
	switch {
	case file != "" && remote(file):
		c.fault(path, place.key, nil, "download it and name the local file", "%s is remote: only local files are read", file)
	case file != "":
		before := len(c.ds)
		c.extendsFile(path, place, ref, file)
		if len(c.ds) == before && !c.reportedBelow([]string{"services", ref}) { // nor for another that extends it
			return
		}
		c.withoutBase[name] = true
	case c.find([]string{"services", ref}).depth < 2 && !c.partial:
		c.fault(path, place.key, target(place.value), DidYouMean(ref, c.serviceNames(c.layers)), "there is no service %q", ref)
	case c.beginsCircle(name):
		c.fault(path, place.key, nil, "remove one extends", "services extend each other in a circle, through %q", ref)
	default:
		return
	}
	c.broken = append(c.broken, broken{c.doc, place.key})
}

// beginsCircle says whether a service extends itself through others, and is the
// first of them in the alphabet.
func (c *check) beginsCircle(name string) bool {
	seen := map[string]bool{}
	for next := name; !seen[next]; {
		seen[next] = true
		ref, file := c.doc.extends(next)
		if ref == "" || file != "" || ref < name {
			return false
		}
		if ref == name {
			return true
		}
		next = ref
	}
	return false
}

func (c *check) extendsFile(path []string, place pair, ref, file string) {
	name := Absolute(c.doc.base, file)
	content, err := readFile(name)
	if err != nil {
		c.fault(path, place.key, nil, "", "%s", fileText(c.display(name), err))
		return
	}
	documents := c.base(c.doc, file)
	if len(documents) == 0 {
		parse(name, c.display(name), content, c.doc.env, "", &c.ds)
		return
	}
	for _, d := range documents {
		if _, ok := d.services()[ref]; ok {
			c.document(d, ref)
			return
		}
	}
	c.fault(path, place.key, nil, DidYouMean(ref, c.serviceNames(documents)), "there is no service %q in %s", ref, c.display(name))
}

func (f *faults) serviceNames(documents []*document) []string {
	names := map[string]bool{}
	for _, d := range documents {
		for name := range d.services() {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
