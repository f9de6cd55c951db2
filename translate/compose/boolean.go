package compose

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/tree"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// isOddBoolean knows the texts that YAML 1.1 took for booleans, and that
// compose-go still does, with a warning to the log.
func isOddBoolean(text string) bool {
	return slices.Contains([]string{"y", "yes", "on", "n", "no", "off"}, strings.ToLower(text))
}

// watchedCasts are the casts of compose-go, under which it is noted that there
// are odd booleans to look for.
func (s *settings) watchedCasts(casts map[tree.Path]interpolation.Cast) map[tree.Path]interpolation.Cast {
	watched := make(map[tree.Path]interpolation.Cast, len(casts))
	for path, cast := range casts {
		watched[path] = func(text string) (any, error) {
			v, err := cast(text)
			if _, ok := v.(bool); ok && isOddBoolean(text) {
				s.oddBooleans = true
			}
			return v, err
		}
	}
	return watched
}

// oddBooleans warns of each text that was taken for a boolean.
func (r *sources) oddBooleans() diag.List {
	var ds diag.List
	w := walk{sources: r, seen: map[*yaml.Node]bool{}, skip: func(*document, string) bool { return false }}
	w.wants = func(d *document, n *yaml.Node) bool { return n == nil || isOddBoolean(substitute(n.Value, d.env)) }
	w.visit = func(d *document, path []string, n *yaml.Node) {
		text := substitute(n.Value, d.env)
		if v, err := castAt(path, text); err == nil && v != text && n.ShortTag() == "!!str" {
			ds.Warnf(d.pos(n), Dotted(path), "write true or false", "%q is a string in YAML 1.2; read as %v", text, v)
		}
	}
	w.all()
	return ds
}
