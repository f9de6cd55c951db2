package translate

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCorpusLoads runs over the public stacks where they are at hand: CORPUS
// names the folder with the manifest.
func TestCorpusLoads(t *testing.T) {
	dir := os.Getenv("CORPUS")
	if dir == "" {
		t.Skip("CORPUS is not set")
	}
	manifest, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	positioned := regexp.MustCompile(`^\S.*:\d+:\d+: error: `)
	counts, tallies := map[string]int{}, map[string]int{}
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) < 8 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		root := filepath.Join(dir, strings.ReplaceAll(fields[0], "/", "__"))
		o := Options{Dir: root}
		for _, file := range strings.Split(fields[2], ",") {
			o.Files = append(o.Files, filepath.Join(root, file))
		}
		p, ds := Load(t.Context(), o)
		outcome := "loads"
		if p == nil {
			outcome = "fails"
		}
		counts[fields[7]+" "+outcome]++
		for _, d := range ds {
			if os.Getenv("CORPUS_TALLY") != "" {
				parts := strings.Split(d.Path, ".")
				if len(parts) > 1 {
					parts[1] = "*"
				}
				tally(tallies, d.Severity.String()+" "+strings.Join(parts, ".")+": "+d.Summary)
			}
			if text := d.String(); d.Severity == 0 && !positioned.MatchString(text) {
				t.Errorf("%s: no position: %s", o.Files, text)
			}
			if p == nil && d.Severity == 0 && os.Getenv("CORPUS_SHOW") == fields[7] {
				t.Logf("%s", d)
			}
		}
	}
	for text, n := range tallies {
		t.Logf("TALLY %5d %s", n, text)
	}
	t.Logf("manifest and outcome: %v", counts)
}

func tally(ds map[string]int, d string) { ds[d]++ }
