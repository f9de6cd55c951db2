package render

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

const renderCases = "testdata"

var kinds = spec.Kinds()

// eachCase runs a test with the plan of every case; in the files a plan has no
// digest, so that one can be changed by hand.
func eachCase(t *testing.T, run func(t *testing.T, name string, p *plan.Plan)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(renderCases, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) { run(t, name, readCase(t, name)) })
	}
}

func readCase(t testing.TB, name string) *plan.Plan {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(renderCases, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	var p plan.Plan
	if err := decoder.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if err := p.Seal(); err != nil {
		t.Fatal(err)
	}
	return &p
}

func text(t testing.TB, p *plan.Plan, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, kinds, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func markdown(t testing.TB, p *plan.Plan, o MarkdownOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Markdown(&b, kinds, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares got with a file beside the case, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(renderCases, name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (write it anew with -update)\n--- want\n%s\n--- got\n%s", path, want, got)
	}
}
