package translate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

func TestTmpfsIsReadInItsShortForm(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       memoryMount
		said       string
	}{
		{"a path alone", "/run", memoryMount{target: "/run"}, ""},
		{"a path with a slash at its end", "/run/", memoryMount{target: "/run"}, ""},
		{"a size in bytes, rounded up", "/run:size=1", memoryMount{target: "/run", size: 1}, ""},
		{"a size with a unit", "/run:size=16M", memoryMount{target: "/run", size: 16}, ""},
		{"options with and without values", "/run:rw,mode=1777,uid=0", memoryMount{target: "/run", options: []string{"rw", "mode=1777", "uid=0"}}, ""},
		{"no option behind a colon", "/run:", memoryMount{target: "/run"}, ""},
		{"a share of the memory", "/run:size=50%", memoryMount{target: "/run"}, "size=50% is left out"},
		{"less than nothing", "/run:size=-1", memoryMount{target: "/run"}, "size=-1 is left out"},
		{"an option that ECS does not have", "/run:huge=always,ro", memoryMount{target: "/run", options: []string{"ro"}}, "not support mount option huge"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBase(&Project{Project: &compose.Project{}}, plan.Facts{})
			got := parseTmpfs(b, test.text, nil)
			if d := cmp.Diff(test.want, got, cmp.AllowUnexported(memoryMount{})); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if said := printed(b.ds); (said == "") != (test.said == "") || !strings.Contains(said, test.said) {
				t.Errorf("said %q, want %q in it", said, test.said)
			}
		})
	}
}
