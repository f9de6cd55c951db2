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
	mistakes, _ := filepath.Glob("testdata/mistakes/*.yaml")
	maps, _ := filepath.Glob("testdata/map/*")
	if len(maps) == 0 || len(mistakes) == 0 {
		t.Fatal("there are no files to load")
	}
	for _, file := range mistakes {
		checkOneErrorAPlace(t, Options{Files: []string{file}})
	}
	for _, dir := range append(loadCases(t), maps...) {
		checkOneErrorAPlace(t, loadOptions(t, dir))
	}
	if !testing.Short() {
		t.Run("corpus", func(t *testing.T) {
			for _, o := range corpusStacks(t, filepath.Join(sharedFolder(t), "corpus")) {
				o.Profiles = []string{"*"}
				checkOneErrorAPlace(t, o)
			}
		})
	}
}

func checkOneErrorAPlace(t *testing.T, o Options) {
	t.Helper()
	p, ds := Load(t.Context(), o)
	if p != nil {
		_, found := p.Stack(plan.Facts{})
		ds = append(ds, found...)
	}
	type place struct {
		pos  diag.Pos
		path string
	}
	first := map[place]diag.Diagnostic{}
	for _, d := range ds {
		if other, again := first[place{d.Pos, d.Path}]; again && d.Severity == diag.Error && d.Pos != (diag.Pos{}) {
			t.Errorf("%v: two errors at one place:\n  %v\n  %v", append(o.Files, o.Dir), other, d)
		}
		if d.Severity == diag.Error {
			first[place{d.Pos, d.Path}] = d
		}
	}
}
