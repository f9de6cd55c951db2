package translate

import (
	"path/filepath"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// TestOneMistakeIsOneError: the schema, the decoder and the translation look at
// the same values, and one of them tells what is wrong at a place.
func TestOneMistakeIsOneError(t *testing.T) {
	mistakes, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(mistakes) == 0 {
		t.Fatalf("there are no files to load: %v", err)
	}
	for _, file := range mistakes {
		loadedErrors(t, Options{Files: []string{file}})
	}
	for _, dir := range loadCases(t) {
		loadedErrors(t, loadOptions(t, dir))
	}
	forEachCase(t, func(t *testing.T, dir string) {
		if filepath.Base(dir) == "existing-refused" {
			return // its load balancer is the wrong one for two reasons
		}
		_, _, ds := stackOf(t, dir)
		oneErrorAPlace(t, ds)
	})
}

func loadedErrors(t *testing.T, o Options) {
	t.Helper()
	p, ds := Load(t.Context(), o)
	if p != nil {
		_, found := p.Stack(plan.Facts{})
		ds = append(ds, found...)
	}
	oneErrorAPlace(t, ds)
}

func oneErrorAPlace(t *testing.T, ds diag.List) {
	t.Helper()
	type place struct {
		pos  diag.Pos
		path string
	}
	first := map[place]diag.Diagnostic{}
	for _, d := range ds {
		if other, again := first[place{d.Pos, d.Path}]; again && d.Severity == diag.Error && d.Pos != (diag.Pos{}) {
			t.Errorf("two errors at one place:\n  %v\n  %v", other, d)
		}
		if d.Severity == diag.Error {
			first[place{d.Pos, d.Path}] = d
		}
	}
}
