package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
)

func TestAListThatEndsNamesItsFiles(t *testing.T) {
	list := tree{"b": "2", "a": "1"}
	for what, change := range map[string]Change{
		"gone":  {Path: diag.Path{"files"}, From: list},
		"new":   {Path: diag.Path{"files"}, To: list},
		"other": {Path: diag.Path{"files"}, From: tree{"a": "1"}, To: tree{"b": "2"}},
	} {
		var got []string
		for _, path := range change.parts() {
			got = append(got, strings.Join(path, "/"))
		}
		slices.Sort(got)
		if d := cmp.Diff([]string{"files", "files/a", "files/b"}, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", what, d)
		}
	}
}
