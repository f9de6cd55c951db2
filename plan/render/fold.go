package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// The fields of a container that say what it is. The rest, and the values of its
// environment, are in the full text.
var containerFields = []string{"image", "cpu", "memory", "entryPoint", "command", "portMappings", "environment"}

const containersField = "containerDefinitions"

// values returns what is shown of the two sides of a change.
func (s secrets) values(c plan.Change) (from, to any) {
	mask := c.Sensitive && !holdsHash(c.From) && !holdsHash(c.To)
	from, to = s.shownValue(c.From, mask), s.shownValue(c.To, mask)
	if c.Unknown && isScalar(to) {
		to = later
	}
	return from, to
}

func holdsHash(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), holdsHash)
	case []any:
		return slices.ContainsFunc(value, holdsHash)
	case string:
		return strings.HasPrefix(value, plan.SecretPrefix)
	default:
		return false
	}
}

// whole writes a resource that is created or deleted, from the tree that its
// changes form.
func (l liner) whole(op string) []line {
	root := map[string]any{}
	for _, c := range l.resource.Changes {
		if c.Minor && !l.full {
			continue
		}
		from, to := l.secrets.values(c)
		if c.Op == plan.OpDelete {
			to = from
		}
		l.graft(root, shortPath(c.Path), to)
	}
	maps.DeleteFunc(root, func(_ string, value any) bool { return value == nil })
	for name, value := range root {
		root[name] = listify(value)
	}
	if !l.full {
		return l.fold(op, root)
	}
	var out []line
	for _, field := range names(root) {
		out = append(out, l.value(line{text: field.label}, op, field.value)...)
	}
	return out
}

// graft puts value into a tree, making the objects on the way.
func (l liner) graft(tree map[string]any, path diag.Path, value any) {
	if len(path) == 0 {
		object, _ := value.(map[string]any)
		maps.Copy(tree, object)
		return
	}
	name := l.secrets.mask(path[0])
	if len(path) == 1 {
		tree[name] = value
		return
	}
	below, ok := tree[name].(map[string]any)
	if !ok {
		below = map[string]any{}
		tree[name] = below
	}
	l.graft(below, path[1:], value)
}

// listify turns objects whose keys are 0, 1, 2 … back into the lists that paths
// took apart.
func listify(value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	for name, child := range object {
		object[name] = listify(child)
	}
	list := make([]any, 0, len(object))
	for i := range len(object) {
		item, ok := object[strconv.Itoa(i)]
		if !ok {
			return object
		}
		list = append(list, item)
	}
	if len(list) == 0 {
		return object
	}
	return list
}

// fold reduces a tree to what identifies the resource: plain fields, the names
// of named items, and a few fields of each container.
func (l liner) fold(op string, tree map[string]any) []line {
	var out []line
	left := 0
	for _, field := range names(tree) {
		containers, ok := field.value.(map[string]any)
		switch {
		case field.label == containersField && ok:
			folded, more := l.foldContainers(op, containers)
			out, left = append(out, folded...), left+more
		case l.folds(field.value):
			out = append(out, line{op: op, text: field.label + ": " + l.foldValue(field.value)})
		default:
			left++
		}
	}
	return appendLeft(out, 0, left)
}

func (l liner) foldContainers(op string, containers map[string]any) (out []line, left int) {
	for _, container := range names(containers) {
		fields, ok := container.value.(map[string]any)
		if !ok {
			left++
			continue
		}
		out = append(out, line{op: op, text: containersField + "." + container.label + ":"})
		rest := len(fields)
		for _, name := range containerFields {
			value, ok := fields[name]
			if !ok {
				continue
			}
			text := l.foldValue(value)
			if _, isObject := value.(map[string]any); isObject && name == "environment" {
				text = nameList(value)
			}
			out = append(out, line{op: op, depth: 1, text: name + ": " + text})
			rest--
		}
		out = appendLeft(out, 1, rest)
	}
	return out, left
}

func appendLeft(out []line, depth, left int) []line {
	if left == 0 {
		return out
	}
	return append(out, line{op: " ", depth: depth, note: plural(left, "more field", "more fields")})
}

func (l liner) folds(value any) bool {
	return fitsLine(value) || isCollection(value) || len(inline(value)) <= objectLine
}

func (l liner) foldValue(value any) string {
	if isCollection(value) {
		return nameList(value)
	}
	return l.short(value)
}

// isCollection says whether value is an object that holds nothing but objects: a
// list whose items have names.
func isCollection(value any) bool {
	object, ok := value.(map[string]any)
	for _, item := range object {
		if _, isObject := item.(map[string]any); !isObject {
			return false
		}
	}
	return ok && len(object) > 0
}

// maxNames is how many names are listed before the rest is counted.
const maxNames = 24

func nameList(value any) string {
	object, _ := value.(map[string]any)
	all := slices.Sorted(maps.Keys(object))
	var parts []string
	for _, name := range all[:min(len(all), maxNames)] {
		if bareName.MatchString(squeeze(name)) {
			parts = append(parts, squeeze(name))
		} else {
			parts = append(parts, key(name))
		}
	}
	if len(all) > maxNames {
		parts = append(parts, fmt.Sprintf("and %d more", len(all)-maxNames))
	}
	return strings.Join(parts, ", ")
}
