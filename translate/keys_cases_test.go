package translate

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// keyCases is testdata/keys.yaml, which says how it is written.
type keyCases struct {
	Files map[string]string
	Cases map[string][]keyCase
}

type keyCase struct {
	A, B    any
	Name    string
	With    map[string]any
	Row     *string
	Because string
	Later   bool
}

func readKeyCases(t *testing.T, name string) keyCases {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var cases keyCases
	if err := yaml.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// dir is a directory with the files that the cases need.
func (k keyCases) dir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range k.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestEveryKeyDoesWhatTheTableSays tries the table on the cases of keys.yaml:
// what is mapped or approximated changes the stack, and of all that is not
// mapped a diagnostic says so. No row of the table, and no attribute that is
// mapped, goes without a case.
func TestEveryKeyDoesWhatTheTableSays(t *testing.T) {
	cases := readKeyCases(t, "keys.yaml")
	dir := cases.dir(t)
	tried := map[string]bool{} // rows, as rowName
	for _, path := range slices.Sorted(maps.Keys(cases.Cases)) {
		for i, c := range cases.Cases[path] {
			switch {
			case c.A != nil:
				t.Run(fmt.Sprintf("%s/%d", path, i), func(t *testing.T) { tried[c.try(t, dir, path)] = true })
			case c.Because == "":
				t.Errorf("%s: case %d has neither a value a nor a because", path, i)
			case c.Row != nil:
				tried[rowName(path, *c.Row)] = true
			}
		}
	}
	for _, k := range Keys() {
		if !k.frame && !tried[rowName(k.Path, k.Value)] && !cases.excuse(k.Path) {
			t.Errorf("%s: no case in testdata/keys.yaml comes upon the row of %s (%s): add one to its list:\n  %s:\n    - {a: …}",
				k.Path, valueName(k.Value), k.Verdict, k.Path)
		}
	}
	cases.cover(t)
}

func rowName(path, value string) string { return path + " of " + valueName(value) }

func valueName(value string) string {
	if value == "" {
		return "any value"
	}
	return fmt.Sprintf("%q", value)
}

// excuse says whether a path, or one around it, has a reason for no case at all.
func (k keyCases) excuse(path string) bool {
	for p := path; p != ""; p = p[:max(0, strings.LastIndexByte(p, '.'))] {
		whole := func(c keyCase) bool { return c.A == nil && c.Row == nil && c.Because != "" }
		if slices.ContainsFunc(k.Cases[p], whole) {
			return true
		}
	}
	return false
}

// cover asks for a case for each attribute without a row of its own which
// belongs to one that is mapped or approximated, and for no others.
func (k keyCases) cover(t *testing.T) {
	t.Helper()
	known := map[string]bool{}
	for _, p := range schema.AttributePaths() {
		path := string(p)
		known[path] = true
		rows := covering(path)
		takesPart := func(row Key) bool { return row.Verdict == Mapped || row.Verdict == Approximated }
		entries := strings.TrimSuffix(path, ".*")
		if len(k.Cases[path]) > 0 || len(k.Cases[entries]) > 0 || k.excuse(path) || k.hasBelow(path) {
			continue
		}
		within := len(rows) > 0 && strings.HasPrefix(path, rows[0].Path+".") // else it shares the rows of another
		if within && slices.ContainsFunc(rows, takesPart) {
			t.Errorf("%s: no case in testdata/keys.yaml: it is mapped with %s: add\n  %s:\n    - {a: …}", path, rows[0].Path, path)
		}
	}
	for path := range k.Cases {
		if !known[path] {
			t.Errorf("%s: testdata/keys.yaml has cases for it, and compose has no such attribute", path)
		}
	}
}

func (k keyCases) hasBelow(path string) bool {
	for p := range k.Cases {
		if strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}

// try runs one case and returns the name of the row that speaks of it.
func (c keyCase) try(t *testing.T, dir, path string) string {
	t.Helper()
	concrete := c.concrete(path)
	project, stack, ds := c.translate(t, dir, concrete, c.A)
	e, ok := entryAt(project, compose.Dotted(concrete))
	if !ok {
		t.Fatalf("the report has no entry for %s", compose.Dotted(concrete))
	}
	if e.Verdict != Mapped {
		says := func(d diag.Diagnostic) bool { return d.Path == e.Path && strings.HasSuffix(d.Summary, e.Reason) }
		if !slices.ContainsFunc(ds, says) {
			t.Errorf("%s is %s, and no diagnostic says %q:\n%s", e.Path, e.Verdict, e.Reason, printed(ds))
		}
	}
	name := rowName(e.Key, e.Value)
	if (e.Verdict != Mapped && e.Verdict != Approximated) || c.Because != "" {
		return name
	}
	_, other, otherDS := c.translate(t, dir, concrete, c.B)
	if stack == nil || other == nil {
		t.Errorf("%s is %s, and this becomes no stack:\n%s%s", e.Path, e.Verdict, printed(ds), printed(otherDS))
		return name
	}
	if cmp.Equal(specs(t, stack), specs(t, other)) {
		t.Errorf("%s is %s, and changes nothing in the stack: give it another value a, a value b to compare it with, "+
			"what it needs around it in with, or say in because why it cannot", e.Path, e.Verdict)
	}
	return name
}

// concrete gives the names and indexes in a path a value.
func (c keyCase) concrete(path string) []string {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		switch {
		case part == "[]":
			parts[i] = "0"
		case part == "*" && i == 1 && parts[0] == "services":
			parts[i] = "web"
		case part == "*" && c.Name != "":
			parts[i] = c.Name
		case part == "*":
			parts[i] = "x"
		}
	}
	return parts
}

// translate makes a stack of a minimal file with the value at the path; nil for a
// file without it.
func (c keyCase) translate(t *testing.T, dir string, path []string, value any) (*Project, *plan.Stack, diag.List) {
	t.Helper()
	var file any = map[string]any{"name": "test", "services": map[string]any{"web": map[string]any{"image": "nginx"}}}
	switch {
	case path[0] == "networks" || path[0] == "volumes":
		use := map[string]any{"networks": []any{"x"}, "volumes": []any{map[string]any{"type": "volume", "source": "x", "target": "/x"}}}[path[0]]
		file = overlay(file, map[string]any{"services": map[string]any{"web": map[string]any{path[0]: use}}, path[0]: map[string]any{"x": map[string]any{}}})
	case len(path) > 3 && path[2] == "networks":
		file = overlay(file, map[string]any{"networks": map[string]any{"x": map[string]any{}}})
	}
	file = overlay(file, c.With)
	if value != nil {
		file = putAt(file, path, value)
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	p, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"-"}, Stdin: strings.NewReader(string(text)), Profiles: []string{"*"}})
	if p == nil {
		t.Fatalf("does not load: %s\n%s", printed(ds), text)
	}
	stack, found := p.Stack(knownFacts)
	return p, stack, append(ds, found...)
}

// overlay lays one mapping over another.
func overlay(under, over any) any {
	a, ok := under.(map[string]any)
	b, both := over.(map[string]any)
	if !ok || !both {
		if over == nil {
			return under
		}
		return over
	}
	out := maps.Clone(a)
	for key, value := range b {
		out[key] = overlay(out[key], value)
	}
	return out
}

// putAt sets the value at a path.
func putAt(in any, path []string, value any) any {
	if len(path) == 0 {
		return overlay(in, value)
	}
	if path[0] == "0" {
		list, _ := in.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list = slices.Clone(list)
		list[0] = putAt(list[0], path[1:], value)
		return list
	}
	m, _ := in.(map[string]any)
	m = maps.Clone(m)
	if m == nil {
		m = map[string]any{}
	}
	m[path[0]] = putAt(m[path[0]], path[1:], value)
	return m
}

// entryAt finds what the report says of a path, or of what it is part of.
func entryAt(p *Project, path string) (Entry, bool) {
	entries := p.Report()
	for around := path; around != ""; around = around[:max(0, strings.LastIndexAny(around, ".["))] {
		if i := slices.IndexFunc(entries, func(e Entry) bool { return e.Path == around }); i >= 0 {
			return entries[i], true
		}
	}
	i := slices.IndexFunc(entries, func(e Entry) bool {
		return e.Path == path || strings.HasPrefix(e.Path, path+".") || strings.HasPrefix(e.Path, path+"[")
	})
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}

// specs are the resources of a stack without the places they come from.
func specs(t *testing.T, stack *plan.Stack) any {
	t.Helper()
	var out struct{ Resources []map[string]any }
	if err := json.Unmarshal([]byte(stackText(t, stack)), &out); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Resources {
		delete(r, "source")
	}
	return out.Resources
}
