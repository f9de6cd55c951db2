package translate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// TestEveryKeyOfXFargateDoesSomething tries testdata/x-fargate.yaml: a key that is
// in the schema and is not read, or is read and has no effect, is found here.
func TestEveryKeyOfXFargateDoesSomething(t *testing.T) {
	cases := readKeyCases(t, "x-fargate.yaml")
	dir := cases.dir(t)
	keys := xfargateKeys(t)
	for _, path := range keys {
		if !cases.xfargateCovers(path) {
			t.Errorf("%s: no case in testdata/x-fargate.yaml", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(cases.Cases)) {
		if !slices.Contains(keys, path) {
			t.Errorf("%s: testdata/x-fargate.yaml has cases for it, and the schema has no such key", path)
		}
		for i, c := range cases.Cases[path] {
			t.Run(fmt.Sprintf("%s/%d", path, i), func(t *testing.T) { c.changes(t, dir, c.concrete(path)) })
			if rest, ok := strings.CutPrefix(path, "services.*.x-fargate."); ok {
				t.Run(fmt.Sprintf("defaults.%s/%d", rest, i), func(t *testing.T) {
					c.changesDefaults(t, dir, c.concrete("x-fargate.defaults."+rest))
				})
			}
		}
	}
}

// xfargateCovers says whether a key, or one in it, has a case, or is in one that is
// refused.
func (k keyCases) xfargateCovers(key string) bool {
	for path, cases := range k.Cases {
		switch {
		case path == key, strings.HasPrefix(path, key+"."):
			return true
		case strings.HasPrefix(key, path+".") && cases[0].Later:
			return true
		}
	}
	return false
}

// changes fails unless the value a makes a difference that the case expects.
func (c keyCase) changes(t *testing.T, dir string, path []string) {
	t.Helper()
	p, stack, ds := c.translate(t, dir, path, c.A)
	if c.Later {
		if !says(ds, path, "not supported yet") {
			t.Errorf("it is not refused:\n%s", printed(ds))
		}
		return
	}
	if c.Because != "" {
		return
	}
	other, otherStack, otherDS := c.translate(t, dir, path, c.B)
	if stack == nil || otherStack == nil {
		t.Fatalf("no stack:\n%s%s", printed(ds), printed(otherDS))
	}
	checkResources(t, p, knownFacts)
	if cmp.Equal(specs(t, stack), specs(t, otherStack)) && cmp.Equal(p.Lookups(), other.Lookups()) {
		t.Errorf("it changes nothing in the stack:\n%s", printed(ds))
	}
}

// changesDefaults is the same for a value in the defaults, where it may be refused.
// What the case has around the value moves along.
func (c keyCase) changesDefaults(t *testing.T, dir string, path []string) {
	t.Helper()
	if web, ok := valueAt(c.With, "services", "web").(map[string]any); ok && web["x-fargate"] != nil {
		plain := maps.Clone(web)
		delete(plain, "x-fargate")
		services := maps.Clone(c.With["services"].(map[string]any))
		services["web"] = plain
		c.With = maps.Clone(c.With)
		c.With["services"], c.With["x-fargate"] = services, map[string]any{"defaults": web["x-fargate"]}
	}
	_, _, ds := c.translate(t, dir, path, c.A)
	if !says(ds, path, "only valid in a service") {
		c.changes(t, dir, path)
	}
}

func valueAt(value any, path ...string) any {
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// says looks for an error about a path, or about what it is part of.
func says(ds diag.List, path []string, text string) bool {
	return slices.ContainsFunc(ds, func(d diag.Diagnostic) bool {
		rest, around := strings.CutPrefix(compose.Dotted(path), d.Path)
		return d.Severity == diag.Error && around && (rest == "" || rest[0] == '.' || rest[0] == '[') && strings.Contains(d.Summary, text)
	})
}

// xfargateKeys are the keys in the schema, in the places where compose files have
// them.
func xfargateKeys(t *testing.T) []string {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(xfargate.Schema, &document); err != nil {
		t.Fatal(err)
	}
	var keys []string
	var walk func(node any, path string)
	walk = func(node any, path string) {
		n, ok := node.(map[string]any)
		if !ok {
			return
		}
		properties, _ := n["properties"].(map[string]any)
		for key, child := range properties {
			if key != "defaults" { // the cases of services are tried there
				keys = append(keys, path+"."+key)
			}
			walk(child, path+"."+key)
		}
		alternatives, _ := n["oneOf"].([]any)
		for _, child := range alternatives {
			walk(child, path)
		}
		walk(n["items"], path+".[]")
		walk(n["additionalProperties"], path+".*")
		patterns, _ := n["patternProperties"].(map[string]any)
		for _, child := range patterns {
			walk(child, path+".*")
		}
	}
	walk(document, "x-fargate")
	for _, kind := range []string{"service", "network", "volume"} {
		walk(valueAt(document, "$defs", kind), kind+"s.*.x-fargate")
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
