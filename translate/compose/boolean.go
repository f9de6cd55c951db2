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

// castable leaves out the casts of attributes that no file writes, since compose-go tries
// each of them on every text. Nil keys are not known.
func castable(casts map[tree.Path]interpolation.Cast, keys map[string]bool) map[tree.Path]interpolation.Cast {
	if keys == nil {
		return casts
	}
	out := map[tree.Path]interpolation.Cast{}
	for path, cast := range casts {
		if !slices.ContainsFunc(path.Parts(), func(part string) bool { return isLiteral(part) && !keys[part] }) {
			out[path] = cast
		}
	}
	return out
}

func isLiteral(part string) bool { return part != tree.PathMatchAll && part != tree.PathMatchList }

// keys are those of all mappings in the files; nil where compose-go reads more files,
// which extends names.
func (r *sources) keys() map[string]bool {
	keys := map[string]bool{}
	for _, d := range r.layers {
		addKeys(keys, d.root)
	}
	if keys["extends"] {
		return nil
	}
	return keys
}

// addKeys adds the keys in a node. Those of an alias are where its anchor is, but a key may
// be one itself.
func addKeys(keys map[string]bool, n *yaml.Node) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			keys[target(child).Value] = true
		}
		addKeys(keys, child)
	}
}

// watchedCasts are casts under which it is noted that there are odd booleans to look for.
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
