package compose

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// errPanic is what compose-go's own mistakes become: it takes some values, which its schema
// lets pass, for what they are not.
var errPanic = errors.New("compose-go, which reads these files, fails on them; please report this, with the files if others may see them")

// blame finds the one value on which compose-go fails, by loading ever smaller parts of
// the files, and reports it. It returns false where there is none.
func (f *faults) blame(ctx context.Context, s *settings) bool {
	fails := func() bool {
		_, _, err := f.loadRepaired(ctx, s)
		return errors.Is(err, errPanic)
	}
	if !fails() {
		return false
	}
	for _, d := range f.main {
		path, at := narrow(d.root, fails)
		if at.key == nil {
			continue
		}
		help := ""
		if at.value.Kind == yaml.ScalarNode && !isText(meant(at.value)) {
			help = "write it in quotes"
		}
		f.fault(d, path, at.key, nil, help, "is %s, which cannot be read here", valueName(at.value))
		f.broken = append(f.broken, broken{d, at.key})
		return true
	}
	return false
}

// narrow goes down to the smallest part of a node without which it does not fail.
func narrow(n *yaml.Node, fails func() bool) (path []string, at pair) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	whole := n.Content
	defer func() { n.Content = whole }()
	for len(n.Content) > step {
		kept := n.Content
		half := len(kept) / step / 2 * step
		if n.Content = kept[:half]; fails() {
			continue
		}
		if n.Content = kept[half:]; !fails() {
			return nil, pair{} // it takes both
		}
	}
	if len(n.Content) < step {
		return nil, pair{}
	}
	at = pair{n.Content[0], n.Content[step-1]}
	name := at.key.Value
	if n.Kind == yaml.SequenceNode {
		name = strconv.Itoa(slices.Index(whole, at.key))
	}
	if at.value.Kind == yaml.MappingNode || at.value.Kind == yaml.SequenceNode {
		if below, deeper := narrow(at.value, fails); deeper.key != nil {
			return append([]string{name}, below...), deeper
		}
	}
	return []string{name}, at
}

// valueName says what a node is, with no part of a text.
func valueName(n *yaml.Node) string {
	if n = target(n); n == nil || n.Kind != yaml.ScalarNode {
		return kindOf(n)
	}
	if v := meant(n); !isText(v) {
		return Shown(v)
	}
	return typeName("string")
}

// meant is what a scalar means that was written out, which takes its tag from it.
func meant(n *yaml.Node) any {
	var v any = n.Value
	if n.Style == 0 {
		_ = yaml.Unmarshal([]byte(n.Value), &v) // it was read before
	}
	return v
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}
