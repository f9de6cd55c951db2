package plan

import (
	"reflect"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// files are those of this machine whose content is behind the changes of a
// resource.
func (d *draft) files(want *Resource, changes []Change) []string {
	if d.options.FileOf == nil {
		return nil
	}
	var out []string
	for _, c := range changes {
		for _, path := range c.parts() {
			if file := d.options.FileOf(want, path); file != "" && c.Cause == Config {
				out = append(out, file)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parts are the path of a change, and those of the items of a list that it makes or ends.
func (c Change) parts() []diag.Path {
	out := []diag.Path{c.Path}
	for _, side := range []any{c.From, c.To} {
		items, _ := side.(tree)
		for name := range items {
			out = append(out, c.Path.Key(name))
		}
	}
	return out
}

// FilesBehind are the files of this machine that changed between a saved plan and
// one made now, sorted; see Options.FileOf.
func FilesBehind(saved, now *Plan, want *Stack, fileOf func(*Resource, diag.Path) string) []string {
	var out []string
	for _, r := range want.Resources {
		before, after := leaves(saved.Find(r.Address)), leaves(now.Find(r.Address))
		for _, side := range []map[string]any{before, after} {
			for key := range side {
				if reflect.DeepEqual(before[key], after[key]) {
					continue
				}
				if file := fileOf(r, strings.Split(key, separator)); file != "" {
					out = append(out, file)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// separator is in no path.
const separator = "\x00"

// leaves are the single values that a resource plan wants, by their paths.
func leaves(r *ResourcePlan) map[string]any {
	out := map[string]any{}
	if r == nil {
		return out
	}
	var visit func(path string, node any)
	visit = func(path string, node any) {
		object, ok := node.(tree)
		if !ok {
			out[path] = node
			return
		}
		for name, child := range object {
			visit(path+separator+name, child)
		}
	}
	for _, c := range r.Changes {
		visit(strings.Join(c.Path, separator), c.To)
	}
	return out
}
