package translate

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

// TestPublicStacksLoad runs over the stacks of the folder that CORPUS names: each
// loads or is refused at a place in its files. The last column of its manifest
// says which of them docker compose loads; -v shows how many of each do here.
func TestPublicStacksLoad(t *testing.T) {
	dir := os.Getenv("CORPUS")
	if dir == "" {
		t.Skip("CORPUS is not set")
	}
	manifest, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	counts := map[string]int{}
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) < 8 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		root := filepath.Join(dir, strings.ReplaceAll(fields[0], "/", "__"))
		p, ds := Load(t.Context(), Options{Dir: root, Files: strings.Split(fields[2], ",")})
		outcome := "loads"
		if p == nil {
			outcome = "is refused"
		}
		counts[fields[7]+" "+outcome]++
		for _, d := range ds {
			if d.Severity == diag.Error && d.Pos.Line == 0 {
				t.Errorf("%s: no position: %s", fields[2], d)
			}
		}
	}
	t.Logf("%v", counts)
}
