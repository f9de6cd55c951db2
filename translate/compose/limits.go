package compose

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Limits beyond which no stack fits Fargate, as a task definition holds 64 KiB,
// and compose-go would take minutes: the time of its YAML decoder grows with
// the square of the number of keys of a mapping, that of its templates with the
// square of the number of variables of a value.
const (
	maxKeys      = 20_000
	maxVariables = 1_000
)

// bounded reports where a file exceeds the limits, and returns whether it keeps
// to them.
func bounded(display string, n *yaml.Node, ds *diag.List) bool {
	pos := diag.Pos{File: display, Line: max(n.Line, 1), Column: max(n.Column, 1)}
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content)/2 > maxKeys:
		ds.Errorf(pos, "", "split this mapping: a task definition holds at most 64 KiB",
			"%d keys in one mapping: the limit is %d", len(n.Content)/2, maxKeys)
		return false
	case n.Kind == yaml.ScalarNode && len(n.Value) > maxVariables && strings.Count(n.Value, "${") > maxVariables:
		ds.Errorf(pos, "", "write the value into an env_file",
			"more than %d variables in one value", maxVariables)
		return false
	}
	ok := true
	for _, child := range n.Content {
		ok = bounded(display, child, ds) && ok
	}
	return ok
}
