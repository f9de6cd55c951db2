package compose

import (
	"fmt"
	"math"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// amount is how much a node, or a file, stands for: itself and all below, aliases followed.
type amount struct {
	nodes int
	bytes int // of texts and keys
	signs int // $, each of which may begin a variable
}

// plus is a sum that stays a little above the limits where it exceeds them.
func (a amount) plus(b amount) amount {
	return amount{min(a.nodes+b.nodes, maxNodes+1), min(a.bytes+b.bytes, mostText+1), min(a.signs+b.signs, maxSigns+1)}
}

// beyond says of what there is too much, "" where of nothing.
func (a amount) beyond() string {
	switch {
	case a.nodes > maxNodes:
		return fmt.Sprintf("more than %d values", maxNodes)
	case a.bytes > mostText:
		return fmt.Sprintf("more than %d MiB of text", mostText>>20)
	case a.signs > maxSigns:
		return fmt.Sprintf("more than %d variables or dollar signs", maxSigns)
	default:
		return ""
	}
}

// extent is how much a node stands for, and how deep that is.
type extent struct {
	amount
	depth  int // of the levels below
	merges int // of the longest chain of <<
}

// measure takes the extent of a document and reports where it exceeds the limits, once,
// and what no value of compose can be. It ends for all documents, also for those that
// hold themselves.
type measure struct {
	display string
	env     types.Mapping
	ds      *diag.List
	open    map[*yaml.Node]bool   // anchors around the node that is measured
	known   map[*yaml.Node]extent // of anchors
}

// measured is the extent of a document; not ok where something was reported.
func measured(display string, root *yaml.Node, env types.Mapping, ds *diag.List) (extent, bool) {
	m := measure{display, env, ds, map[*yaml.Node]bool{}, map[*yaml.Node]extent{}}
	return m.of(root, 0)
}

// extentOf is that of a node of a document that was measured.
func extentOf(n *yaml.Node, env types.Mapping) extent {
	e, _ := measured("", n, env, &diag.List{})
	return e
}

// fault reports at a node. It returns that there is no extent to go on with.
func (m *measure) fault(n *yaml.Node, help, format string, args ...any) (extent, bool) {
	m.ds.Errorf(diag.Pos{File: m.display, Line: max(n.Line, 1), Column: max(n.Column, 1)}, "", help, "%s", fmt.Sprintf(format, args...))
	return extent{}, false
}

// of is not ok where a fault was reported.
func (m *measure) of(n *yaml.Node, level int) (extent, bool) {
	if n.Kind == yaml.AliasNode {
		return m.alias(n, level)
	}
	if level > maxDepth {
		return m.fault(n, "nest less: nothing in compose or x-fargate is as deep", "more than %d levels within each other", maxDepth)
	}
	if e, ok := m.known[n]; ok {
		return e, true
	}
	if n.Anchor != "" {
		m.open[n] = true
		defer delete(m.open, n)
	}
	e, ok := m.content(n, level)
	if ok && n.Anchor != "" {
		m.known[n] = e
	}
	return e, ok
}

func (m *measure) alias(n *yaml.Node, level int) (extent, bool) {
	if m.open[n.Alias] {
		return m.fault(n, "write out what is meant instead of the alias", "*%s is part of what it stands for, which never ends", n.Value)
	}
	e, ok := m.of(n.Alias, level)
	if ok && level+e.depth > maxDepth {
		return m.fault(n, "nest less: nothing in compose or x-fargate is as deep", "more than %d levels within each other", maxDepth)
	}
	return e, ok
}

func (m *measure) content(n *yaml.Node, level int) (extent, bool) {
	switch n.Kind {
	case yaml.MappingNode:
		return m.mapping(n, level)
	case yaml.SequenceNode:
		return m.list(n, level)
	default:
		return m.scalar(n)
	}
}

func (m *measure) list(n *yaml.Node, level int) (extent, bool) {
	if len(n.Content) > longestList {
		return m.fault(n, "split this list: a task definition holds at most 64 KiB", "%d items in one list: the limit is %d", len(n.Content), longestList)
	}
	sum := extent{amount: amount{nodes: 1}}
	for _, item := range n.Content {
		if !m.add(&sum, item, level) {
			return sum, false
		}
	}
	return sum, true
}

func (m *measure) mapping(n *yaml.Node, level int) (extent, bool) {
	if keys := len(n.Content) / 2; keys > maxKeys {
		return m.fault(n, "split this mapping: a task definition holds at most 64 KiB", "%d keys in one mapping: the limit is %d", keys, maxKeys)
	}
	sum := extent{amount: amount{nodes: 1}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if target(key).Kind != yaml.ScalarNode {
			return m.fault(key, "write a text", "a key is %s, must be a string", kindOf(target(key)))
		}
		if len(target(key).Value) > longestKey {
			return m.fault(key, "write a shorter one", "a key has more than %d bytes", longestKey)
		}
		sum.bytes += len(target(key).Value)
		if !m.add(&sum, value, level) {
			return sum, false
		}
		if !isMerge(key) {
			continue
		}
		if !mergeable(value) {
			return m.fault(key, "write <<: *NAME or <<: [*NAME, *OTHER], or put \"<<\" in quotes", "is %s, and only mappings can be merged", kindOf(target(value)))
		}
		if sum.merges = max(sum.merges, m.merges(value)+1); sum.merges > maxMerges {
			return m.fault(key, "merge fewer mappings into each other, or write their keys out", "more than %d mappings are merged into each other", maxMerges)
		}
	}
	return sum, true
}

// mergeable says whether a value can stand behind <<.
func mergeable(value *yaml.Node) bool {
	for _, n := range mergedMappings(value) {
		if n = target(n); n == nil || n.Kind != yaml.MappingNode {
			return false
		}
	}
	return true
}

// merges is the longest chain of what stands behind <<, which was measured.
func (m *measure) merges(value *yaml.Node) int {
	longest := 0
	for _, n := range mergedMappings(value) {
		e, ok := m.known[target(n)]
		if !ok {
			e = extentOf(n, m.env) // written in place, without an anchor
		}
		longest = max(longest, e.merges)
	}
	return longest
}

// add adds what is below a node to it.
func (m *measure) add(sum *extent, n *yaml.Node, level int) bool {
	e, ok := m.of(n, level+1)
	if !ok {
		return false
	}
	sum.amount = sum.plus(e.amount)
	sum.depth = max(sum.depth, e.depth+1)
	if beyond := sum.beyond(); beyond != "" {
		_, ok = m.fault(n, "leave out aliases and merges that repeat each other, or split the project", "the file stands for %s", beyond)
	}
	return ok
}

// scalar also refuses what YAML can write and compose cannot mean.
func (m *measure) scalar(n *yaml.Node) (extent, bool) {
	if len(n.Value) > maxVariables && strings.Count(n.Value, "${") > maxVariables {
		return m.fault(n, "write the value into an env_file", "more than %d variables in one value", maxVariables)
	}
	signs := strings.Count(n.Value, "$")
	if signs > maxSigns {
		return m.fault(n, "put the text into a file, and mount that", "more than %d dollar signs in one value", maxSigns)
	}
	added, beyond := filled(n.Value, m.env.Resolve)
	if beyond {
		return m.fault(n, "use fewer variables, or shorter ones", "the variables in one value stand for more than %d MiB", maxFilled>>20)
	}
	e := extent{amount: amount{1, len(n.Value) + added, signs}}
	if n.Style&yaml.TaggedStyle == 0 && n.ShortTag() != "!!float" {
		return e, true
	}
	var v any
	if err := n.Decode(&v); err != nil && n.Tag != "!reset" && n.Tag != "!override" {
		return m.fault(n, "leave the tag out", "the value is not of the type that its tag %s names", n.Tag)
	}
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return m.fault(n, "write a number, or put it in quotes if it is a text", "%s is no number that can be meant", n.Value)
	}
	return e, true
}
