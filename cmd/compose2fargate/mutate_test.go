package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"go.yaml.in/yaml/v4"
)

// mutations are what somebody may do to a compose file, by mistake or on purpose.
var mutations = map[string]func(m *mutant){
	"delete": func(m *mutant) {
		if n := m.container(); len(n.Content) > 1 {
			at := m.IntN(len(n.Content)) &^ 1
			n.Content = append(n.Content[:at:at], n.Content[min(at+2, len(n.Content)):]...)
		}
	},
	"swap types": func(m *mutant) {
		m.put("{}", "[]", "null", "true", "5", "1.5", `""`, "text", "{a: b}", "[a, 1, {b: c}]", `{"80": 5}`, "2026-11-30", ".nan", "-.inf", "!!binary x", "!!int x", "!x y")
	},
	"huge numbers": func(m *mutant) {
		m.put("1e308", "-1", "99999999999999999999", "0x7fffffffffffffff", "1e400", "65536", "-0.0")
	},
	"characters": func(m *mutant) {
		m.put(`"\u202e\e[31m"`, `"a\n::error::b"`, `"\0"`, `"\ud7ff\U0010ffff"`, "ä漢🚀", `"\x7f\x9b2J"`, `"${"`, `"${A:?\e[2J}"`, "*a", "@a")
	},
	"keys": func(m *mutant) {
		if keys := m.mapping().Content; len(keys) > 0 {
			at := m.IntN(len(keys)) &^ 1
			keys[at] = m.raw(m.oneOf(`"a\n::error::b"`, "80", "? {a: b}\n: ", "null", `""`, "a.b", `"<<"`, `"\e[2J"`, "..", "true"))
		}
	},
	"circles": func(m *mutant) { m.put("&a [*a]", "&a {b: *a}", "&a {<<: *a}", "&a {b: [{<<: [*a]}]}") },
	"merge chains": func(m *mutant) {
		var b strings.Builder
		for i, n := 0, m.oneOfInt(5, 40, 400); i < n; i++ {
			fmt.Fprintf(&b, "&m%d {k%d: 1, <<: %s}, ", i, i, map[bool]string{true: "{}", false: fmt.Sprintf("*m%d", i-1)}[i == 0])
		}
		m.put("[" + b.String() + "]")
	},
	"bombs": func(m *mutant) {
		b := "&b0 [x, x, x, x, x, x, x, x, x, x]"
		for i := range 9 {
			b += fmt.Sprintf(", &b%d [%s]", i+1, strings.Repeat(fmt.Sprintf("*b%d, ", i), 10))
		}
		m.put("[" + b + "]")
	},
	"nesting": func(m *mutant) {
		n := m.oneOfInt(10, 60, 70, 1000, 12000)
		m.put(strings.Repeat("[", n)+strings.Repeat("]", n), strings.Repeat("{a: ", n)+"1"+strings.Repeat("}", n))
	},
	"lists x50": func(m *mutant) {
		n := m.container()
		for whole, i := n.Content, 0; i < 49; i++ {
			n.Content = append(n.Content, whole...)
		}
	},
	"duplicate keys": func(m *mutant) {
		n := m.mapping()
		n.Content = append(n.Content, n.Content[:min(2, len(n.Content))]...)
	},
	"include circles": func(m *mutant) { m.top("include: [compose.yaml, {path: [./compose.yaml, compose.yaml]}]") },
	"extends circles": func(m *mutant) {
		m.top("x-none: 1")
		m.put("{image: a, extends: {file: compose.yaml, service: a}}", "{extends: {file: ./compose.yaml, service: web}}", "{extends: web}")
	},
	"ports": func(m *mutant) { m.put(`["1-65535:1-65535", "1-65535/udp"]`, `["65535-1:80"]`, `[{target: "1-9"}]`) },
	"documents": func(m *mutant) {
		m.after = strings.Repeat("\n---\n"+m.oneOf("services: {a: {image: a}}", "x: 1", ""), m.oneOfInt(2, 90, 2000))
	},
}

// mutant is a file that changes.
type mutant struct {
	*rand.Rand
	root  *yaml.Node
	nodes []*yaml.Node
	texts []string // what stands for a placeholder
	after string
}

// mutated changes a compose file in one to three ways, or in its bytes.
func mutated(r *rand.Rand, text []byte, names []string) (_ []byte, how string) {
	m := mutant{Rand: r, root: &yaml.Node{}}
	if yaml.NewDecoder(bytes.NewReader(text)).Decode(m.root) != nil || r.IntN(10) < 3 {
		return flipped(r, text), "bytes"
	}
	m.collect(m.root)
	var ways []string
	for range 1 + r.IntN(3) {
		way := names[r.IntN(len(names))]
		mutations[way](&m)
		ways = append(ways, way)
	}
	out, err := yaml.Marshal(m.root)
	if err != nil {
		return flipped(r, text), "bytes"
	}
	for i, text := range m.texts {
		out = bytes.ReplaceAll(out, []byte(placeholder(i)), []byte(text))
	}
	return append(out, m.after...), strings.Join(ways, ", ")
}

func (m *mutant) collect(n *yaml.Node) {
	m.nodes = append(m.nodes, n)
	for _, child := range n.Content {
		m.collect(child)
	}
}

func placeholder(i int) string { return fmt.Sprintf("PLACEHOLDER%dX", i) }

// raw is a node that becomes a text as it is.
func (m *mutant) raw(text string) *yaml.Node {
	m.texts = append(m.texts, text)
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: placeholder(len(m.texts) - 1)}
}

// put makes one of some texts of a value.
func (m *mutant) put(texts ...string) {
	n := m.container()
	for i := range n.Content {
		if at := (i + m.IntN(len(n.Content))) % len(n.Content); n.Kind != yaml.MappingNode || at%2 == 1 {
			n.Content[at] = m.raw(m.oneOf(texts...))
			return
		}
	}
}

func (m *mutant) top(text string) { m.after += "\n" + text + "\n" }

func (m *mutant) of(kinds ...yaml.Kind) *yaml.Node {
	for range 200 {
		n := m.nodes[m.IntN(len(m.nodes))]
		for _, kind := range kinds {
			if n.Kind == kind {
				return n
			}
		}
	}
	return &yaml.Node{Kind: kinds[0]}
}

func (m *mutant) container() *yaml.Node        { return m.of(yaml.MappingNode, yaml.SequenceNode) }
func (m *mutant) mapping() *yaml.Node          { return m.of(yaml.MappingNode) }
func (m *mutant) oneOf(texts ...string) string { return texts[m.IntN(len(texts))] }
func (m *mutant) oneOfInt(numbers ...int) int  { return numbers[m.IntN(len(numbers))] }

// flipped has some bytes changed, left out or put in.
func flipped(r *rand.Rand, text []byte) []byte {
	out := bytes.Clone(text)
	for range 1 + r.IntN(8) {
		if len(out) == 0 {
			return out
		}
		at := r.IntN(len(out))
		switch r.IntN(3) {
		case 0:
			out[at] = byte(r.IntN(256))
		case 1:
			out = append(out[:at], out[min(at+1+r.IntN(20), len(out)):]...)
		default:
			const telling = "{}[]:,&*#!|>'\"%@`?-\t\x00\x1b\xff$<\n"
			out = append(out[:at:at], append([]byte{telling[r.IntN(len(telling))]}, out[at:]...)...)
		}
	}
	return out
}
