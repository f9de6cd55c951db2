package plan

import (
	"encoding/json"
	"fmt"
	"strings"
)

// tree is the canonical form of a spec: its JSON, with each list whose items
// have an identity turned into a map by that identity. It is what is compared,
// hashed and shown.
type tree = map[string]any

// Tree returns the canonical form of a normalized spec. Two items of one
// identity are an error: one of them would be lost.
func (r Rules) Tree(spec any) (map[string]any, error) {
	data, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", r.Kind, err)
	}
	var out tree
	if err := decodeInto(data, &out); err != nil {
		return nil, fmt.Errorf("decode %s: %w", r.Kind, err)
	}
	keyed, err := r.keyed("", out)
	if err != nil {
		return nil, err
	}
	return keyed.(tree), nil
}

func (r Rules) keyed(path string, node any) (any, error) {
	switch node := node.(type) {
	case tree:
		for name, child := range node {
			below, err := r.keyed(join(path, name), child)
			if err != nil {
				return nil, err
			}
			node[name] = below
		}
		return node, nil
	case []any:
		fields, ok := r.Keys[path]
		if !ok {
			return node, nil
		}
		return r.byKey(path, fields, node)
	default:
		return node, nil
	}
}

func (r Rules) byKey(path string, fields []string, list []any) (any, error) {
	out := make(tree, len(list))
	for _, item := range list {
		object, ok := item.(tree)
		if !ok {
			return nil, fmt.Errorf("%s: %s is keyed but holds no objects", r.Kind, path)
		}
		key := identity(object, fields)
		if _, double := out[key]; double {
			return nil, fmt.Errorf("%s: %s has %q twice", r.Kind, path, key)
		}
		below, err := r.keyed(join(path, "*"), object)
		if err != nil {
			return nil, err
		}
		out[key] = below
	}
	return out, nil
}

// identity removes the key fields from an object, because its key contains
// them. A flag that is set is represented by its name.
func identity(object tree, fields []string) string {
	parts := make([]string, 0, len(fields))
	for _, field := range fields {
		switch value := object[field]; value {
		case nil:
		case true:
			parts = append(parts, field)
		default:
			parts = append(parts, fmt.Sprint(value))
		}
		delete(object, field)
	}
	return strings.Join(parts, "/")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
