package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/r3labs/diff/v3"

	"github.com/compose2fargate/compose2fargate/diag"
)

// fieldDiff lists the fields in which two canonical trees differ, sorted by path.
// A list that has an order is one field: its items have no names of their own.
//
// Of r3labs/diff only the paths are used. Its values would be those of single
// items of a list; both sides are read from the trees instead.
func fieldDiff(rules Rules, from, to tree) ([]Change, error) {
	from, to = withParents(rules, from), withParents(rules, to)
	// Without SliceOrdering it calls two lists of the same items equal, and a swapped
	// command would be missed. Without AllowTypeMismatch a field that was a text and
	// becomes a number or a list is an error, not a change.
	log, err := diff.Diff(from, to, diff.SliceOrdering(true), diff.AllowTypeMismatch(true))
	if err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	changes := map[string]Change{}
	for _, entry := range log {
		path := fieldPath(from, to, entry.Path)
		key := strings.Join(path, "\x00")
		if _, done := changes[key]; !done {
			changes[key] = fieldChange(path, at(from, path), at(to, path))
		}
	}
	out := make([]Change, 0, len(changes))
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		out = append(out, changes[key])
	}
	return out, nil
}

func fieldChange(path diag.Path, from, to any) Change {
	c := Change{Path: path, Op: OpUpdate, From: from, To: to}
	switch {
	case from == nil:
		c.Op = OpCreate
	case to == nil:
		c.Op = OpDelete
	}
	return c
}

// withParents gives a tree the maps that hold optional items, so that each item
// is a field of its own even where the other side has none at all.
func withParents(rules Rules, t tree) tree {
	out := maps.Clone(t)
	for _, pattern := range rules.Optional {
		parent, isMap := strings.CutSuffix(pattern, ".*")
		if isMap && out[parent] == nil {
			out[parent] = tree{}
		}
	}
	return out
}

// fieldPath cuts a path at the first list it goes through.
func fieldPath(from, to tree, path diag.Path) diag.Path {
	for i := 1; i < len(path); i++ {
		if isList(at(from, path[:i])) || isList(at(to, path[:i])) {
			return path[:i:i]
		}
	}
	return path
}

func isList(v any) bool {
	_, ok := v.([]any)
	return ok
}

// at returns the value at path, nil where there is none.
func at(t tree, path diag.Path) any {
	var node any = t
	for _, name := range path {
		object, ok := node.(tree)
		if !ok {
			return nil
		}
		node = object[name]
	}
	return node
}

// with returns a copy of t in which the value at path is replaced, or removed
// if value is nil. Maps that become empty are removed, as empty lists are in
// the JSON of a spec.
func with(t tree, path diag.Path, value any) tree {
	out := maps.Clone(t)
	if out == nil {
		out = tree{}
	}
	if len(path) > 1 {
		child, _ := out[path[0]].(tree)
		below := with(child, path[1:], value)
		value = below
		if len(below) == 0 {
			value = nil
		}
	}
	if value == nil {
		delete(out, path[0])
	} else {
		out[path[0]] = value
	}
	return out
}
