package translate

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// knownFacts are those of an account in which nothing is left open.
var knownFacts = plan.Facts{
	Partition: "aws", Account: "111122223333", Region: "eu-central-1",
	VPC: "vpc-0a1b2c3d", Subnets: []string{"subnet-0a", "subnet-0b"}, PublicIP: true,
	Zones: map[string]string{"subnet-0a": "eu-central-1a", "subnet-0b": "eu-central-1b"},
	BalancerSubnets: plan.BalancerSubnets{
		Public: []string{"subnet-0a", "subnet-0b"}, Private: []string{"subnet-0a", "subnet-0b"},
	},
	SecurityGroups: map[string]string{"x": "sg-0a1b2c3d", "shared": "sg-0a1b2c3e", "renamed": "sg-0a1b2c3f"},
}

// TestMap compares what becomes of testdata/map/CASE/compose.yaml with
// diagnostics.txt, stack.json and one task-definition.SERVICE.json per task. The
// facts are in facts.json, or knownFacts.
func TestMap(t *testing.T) {
	forEachCase(t, func(t *testing.T, dir string) {
		_, stack, ds := stackOf(t, dir)
		got := goldenFiles(t, stack, ds)
		if *update {
			rewrite(t, dir, got)
		}
		want := map[string]string{}
		for _, name := range goldens(t, dir) {
			want[name] = readText(t, filepath.Join(dir, name))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
	})
}

// TestEveryResourceHasTagsAndOrigins finds a phase that forgot them.
func TestEveryResourceHasTagsAndOrigins(t *testing.T) {
	forEachCase(t, func(t *testing.T, dir string) {
		if !sample.Takes("tags "+filepath.Base(dir), 12) {
			return
		}
		if _, stack, _ := stackOf(t, dir); stack != nil {
			p, _ := Load(t.Context(), Options{Dir: dir}) // another one: the check sets tags
			checkResources(t, p, factsOf(t, dir))
		}
	})
}

// untagged are the kinds to which AWS gives no tags.
var untagged = []string{spec.ImageKind, spec.MountTargetKind, spec.RecordKind, spec.ScalingPolicyKind, spec.ScheduledActionKind}

// checkResources looks for the tags of x-fargate on all that can have tags, and for
// what tells where in the files a field comes from.
func checkResources(t *testing.T, p *Project, facts plan.Facts) {
	t.Helper()
	p.X.Tags = map[string]string{"of-the-test": "a"}
	stack, ds := p.Stack(facts)
	if stack == nil {
		t.Fatal(printed(ds))
	}
	for _, r := range stack.Resources {
		tags := reflect.ValueOf(r.Spec).Elem().FieldByName("Tags").Interface().([]spec.Tag)
		if !slices.Contains(untagged, r.Address.Kind) && !slices.Contains(tags, spec.Tag{Key: "of-the-test", Value: "a"}) {
			t.Errorf("%s has the tags %v", r.Address, tags)
		}
		if len(r.Origins) == 0 {
			t.Errorf("%s has no origins", r.Address)
		}
	}
}

func TestTranslationIsDeterministic(t *testing.T) {
	forEachCase(t, func(t *testing.T, dir string) {
		if !sample.Takes("deterministic "+filepath.Base(dir), 16) {
			return
		}
		p, stack, ds := stackOf(t, dir)
		fresh := translateAnew(t, dir)
		if d := cmp.Diff(goldenFiles(t, stack, ds), goldenFiles(t, fresh.stack, fresh.diagnostics)); d != "" {
			t.Fatal(d)
		}
		if stack == nil {
			return
		}
		p.Stack(plan.Facts{}) // leaves no traces in the project
		again, _ := p.Stack(factsOf(t, dir))
		if d := cmp.Diff(stackText(t, stack), stackText(t, again)); d != "" {
			t.Error(d)
		}
	})
}

// TestEveryFieldIsLocated asks for the place of each field of each resource.
func TestEveryFieldIsLocated(t *testing.T) {
	forEachCase(t, func(t *testing.T, dir string) {
		p, s, _ := stackOf(t, dir)
		if s == nil {
			return
		}
		for _, r := range s.Resources {
			if r.Source.IsZero() {
				t.Errorf("%s has no source", r.Address)
			}
			tree, err := spec.Kinds()[r.Address.Kind].Tree(r.Spec)
			if err != nil {
				t.Fatal(err)
			}
			visit(tree, nil, func(path []string) {
				if p.Locate(r, path).IsZero() {
					t.Errorf("%s %v has no place", r.Address, path)
				}
			})
		}
	})
}

func visit(node any, path []string, f func(path []string)) {
	if len(path) > 0 {
		f(path)
	}
	if m, ok := node.(map[string]any); ok {
		for name, child := range m {
			visit(child, append(path[:len(path):len(path)], name), f)
		}
	}
}

func forEachCase(t *testing.T, f func(t *testing.T, dir string)) {
	t.Helper()
	dirs, err := filepath.Glob("testdata/map/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) { f(t, dir) })
	}
}

// goldenFiles are the golden files of a case as they should be.
func goldenFiles(t *testing.T, stack *plan.Stack, ds diag.List) map[string]string {
	t.Helper()
	out := map[string]string{"diagnostics.txt": printed(ds)}
	for _, d := range ds {
		if d.Pos.IsZero() {
			t.Errorf("no place: %s", d)
		}
	}
	if stack == nil {
		return out
	}
	out["stack.json"] = stackText(t, stack)
	for _, d := range TaskDefinitions(stack) {
		out["task-definition."+d.Name+".json"] = string(d.JSON)
	}
	return out
}

func stackText(t *testing.T, stack *plan.Stack) string {
	t.Helper()
	data, err := StackJSON(stack)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func factsOf(t *testing.T, dir string) plan.Facts {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return knownFacts
	}
	var facts plan.Facts
	if err == nil {
		err = json.Unmarshal(data, &facts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// caseResult is a case and what became of it.
type caseResult struct {
	project     *Project
	stack       *plan.Stack
	diagnostics diag.List
}

// translations are the cases that were translated before, by directory: many tests
// look at one case and change nothing in it, and the hashes of its secrets take long.
var translations sync.Map

func stackOf(t *testing.T, dir string) (*Project, *plan.Stack, diag.List) {
	t.Helper()
	known, ok := translations.Load(dir)
	if !ok {
		known, _ = translations.LoadOrStore(dir, translateAnew(t, dir))
	}
	c := known.(caseResult)
	return c.project, c.stack, slices.Clone(c.diagnostics)
}

func translateAnew(t *testing.T, dir string) caseResult {
	t.Helper()
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(printed(ds))
	}
	stack, more := p.Stack(factsOf(t, dir))
	if (ds.HasErrors() || more.HasErrors()) != (stack == nil) {
		t.Errorf("a stack beside errors, or neither: %s", printed(more))
	}
	return caseResult{p, stack, append(ds, more...)}
}

func printed(ds diag.List) string {
	var out bytes.Buffer
	ds.Print(&out)
	return out.String()
}

func goldens(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); name == "diagnostics.txt" || name == "stack.json" || strings.HasPrefix(name, "task-definition.") {
			out = append(out, name)
		}
	}
	return out
}

func rewrite(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for _, name := range goldens(t, dir) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readText(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
