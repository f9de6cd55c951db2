package compose

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// What no stack for Fargate can have, since a task definition holds 64 KiB, and
// what compose-go would take minutes for: the time of its YAML decoder goes with
// the square of the keys of a mapping, that of its templates with the square of
// the variables of a value.
const (
	maxKeys      = 20_000
	maxVariables = 1_000
)

// bounded says where a file goes beyond all bounds, and whether it does not.
func bounded(display string, n *yaml.Node, ds *diag.List) bool {
	pos := diag.Pos{File: display, Line: max(n.Line, 1), Column: max(n.Column, 1)}
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content)/2 > maxKeys:
		ds.Errorf(pos, "", "a task definition holds 64 KiB: split what stands here",
			"%d keys in one mapping, at most %d are read", len(n.Content)/2, maxKeys)
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
