package compose

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// pair is a key and its value in a mapping; for an item of a list the key is
// the item.
type pair struct{ key, value *yaml.Node }

func membersOf(section *yaml.Node) map[string]pair {
	out := make(map[string]pair, len(section.Content)/2)
	for key, value := range entries(section) {
		if _, known := out[key.Value]; !known && key.Kind == yaml.ScalarNode {
			out[key.Value] = pair{key, value}
		}
	}
	return out
}

// child finds name in a mapping, or in a list: by index, as the KEY of a
// KEY=value or KEY:value, or as the whole item.
func child(n *yaml.Node, name string) pair {
	if n == nil {
		return pair{}
	}
	switch n.Kind {
	case yaml.MappingNode:
		return lookup(n, name)
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Content) {
			return pair{n.Content[i], n.Content[i]}
		}
		for _, item := range slices.Backward(n.Content) {
			if value := target(item); value != nil && itemKey(value) == name {
				return pair{item, item}
			}
		}
	}
	return pair{}
}

// itemKey is the name that an item of a list gives to something.
func itemKey(item *yaml.Node) string {
	if item.Kind != yaml.ScalarNode {
		source := target(lookup(item, "source").value)
		if source == nil {
			return ""
		}
		return source.Value
	}
	if end := strings.IndexAny(item.Value, "=:"); end >= 0 {
		return item.Value[:end]
	}
	return item.Value
}

// lookup finds a key in a mapping; one that is written wins over one merged in
// with <<, of which the first wins.
func lookup(n *yaml.Node, key string) pair {
	for k, value := range entries(n) {
		if k.Value == key && k.Kind == yaml.ScalarNode {
			return pair{k, value}
		}
	}
	return pair{}
}

// entries yields the keys and values of a mapping, written ones first, then
// those merged in; a key may come again.
func entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n = target(n); n != nil && n.Kind == yaml.MappingNode {
			entriesWithin(n, map[*yaml.Node]bool{n: true}, yield)
		}
	}
}

// isMerge says whether the value of a key is merged into the mapping around it.
func isMerge(key *yaml.Node) bool { return key.Value == "<<" && key.ShortTag() == "!!merge" }

func entriesWithin(n *yaml.Node, seen map[*yaml.Node]bool, yield func(key, value *yaml.Node) bool) bool {
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merged = append(merged, mergedMappings(value)...)
			continue
		}
		if !yield(key, value) {
			return false
		}
	}
	for _, m := range unseen(merged, seen) {
		if !entriesWithin(m, seen, yield) {
			return false
		}
	}
	return true
}

// unseen are the mappings that were not merged before: merging them again would
// add nothing, and would never end in a cycle.
func unseen(merged []*yaml.Node, seen map[*yaml.Node]bool) []*yaml.Node {
	var out []*yaml.Node
	for _, m := range merged {
		m = target(m)
		if m != nil && m.Kind == yaml.MappingNode && !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

// mergedMappings are what a merge key names: one mapping or a list of them.
func mergedMappings(value *yaml.Node) []*yaml.Node {
	value = target(value)
	switch {
	case value == nil:
		return nil
	case value.Kind == yaml.SequenceNode:
		return value.Content
	default:
		return []*yaml.Node{value}
	}
}

// target follows an alias to what it stands for; nil stays nil.
func target(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// kindOf names what a node is in messages.
func kindOf(n *yaml.Node) string {
	switch {
	case n == nil || n.Kind == 0 || n.ShortTag() == "!!null":
		return "empty"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	default:
		return "a scalar"
	}
}
