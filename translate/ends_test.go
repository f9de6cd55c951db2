package translate

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/mattn/go-shellwords"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// TestWhatEnds is a table of what compose files start.
func TestWhatEnds(t *testing.T) {
	for line := range strings.SplitSeq(readText(t, "testdata/ends.tsv"), "\n") {
		row := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(row) != 3 {
			continue
		}
		words, err := shellwords.Parse(row[2])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		s := types.ServiceConfig{Name: "it", ContainerSpec: types.ContainerSpec{Image: row[1], Command: words}}
		p := projectOfOne(s)
		if got := map[bool]string{true: "ends", false: "keeps"}[p.evidentlyEnds(container{ServiceConfig: &s})]; got != row[0] {
			t.Errorf("%s %q: %s, want %s", row[1], words, got, row[0])
		}
	}
}

// projectOfOne is a project of one service.
func projectOfOne(s types.ServiceConfig) *Project {
	return &Project{Project: &compose.Project{Compose: &types.Project{Name: "it", Services: types.Services{s.Name: s}}}}
}
