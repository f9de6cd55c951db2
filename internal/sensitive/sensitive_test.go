package sensitive

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// row is a name or value of a list in testdata, labelled by hand before the code was written.
type row struct {
	secret                   bool
	form, name, value, where string
	line                     int
}

// rows are those of a list. The mark ¦ stands within tokens, so that nobody who searches this
// repository for them finds one; it is taken out here.
func rows(t testing.TB, file string) []row {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []row
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.ReplaceAll(lines.Text(), "¦", "")
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 5 || fields[0] != "secret" && fields[0] != "harmless" {
			t.Fatalf("%s:%d: want five columns: %q", file, n, line)
		}
		out = append(out, row{fields[0] == "secret", fields[1], fields[2], fields[3], fields[4], n})
	}
	return out
}

// judged is what this package says of a row.
func (r row) judged(t testing.TB) bool {
	switch r.form {
	case "env":
		return Is(r.name, r.value)
	case "label":
		return Is(r.name, r.value)
	case "command":
		var words []string
		if err := json.Unmarshal([]byte(r.value), &words); err != nil {
			t.Fatalf("line %d: %v", r.line, err)
		}
		return slices.Contains(Command(words), true)
	case "file":
		return File(r.name, strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(r.value))
	}
	t.Fatalf("line %d: what is %q?", r.line, r.form)
	return false
}

// TestWhatWasFoundIsJudgedRight wants the rows that reports found judged wrongly to be right,
// each of them: the shares below would let some of them go wrong again.
func TestWhatWasFoundIsJudgedRight(t *testing.T) {
	found := 0
	for _, r := range allRows(t) {
		if !strings.HasPrefix(r.where, "findings/") {
			continue
		}
		found++
		if r.judged(t) != r.secret {
			t.Errorf("line %d: %s %s = %s is judged wrongly (%s)", r.line, r.form, r.name, r.value, r.where)
		}
	}
	if found < 140 {
		t.Errorf("only %d rows are from reports", found)
	}
}

func TestPrecisionAndRecall(t *testing.T) {
	files, err := filepath.Glob("testdata/*.tsv")
	if err != nil || len(files) < 3 {
		t.Fatalf("lists are missing: %v", files)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".tsv"), func(t *testing.T) {
			var hit, missed, alarms int
			all := rows(t, file)
			for _, r := range all {
				switch judged := r.judged(t); {
				case judged && r.secret:
					hit++
				case r.secret:
					missed++
					t.Logf("missed: line %d: %s %s = %s (%s)", r.line, r.form, r.name, r.value, r.where)
				case judged:
					alarms++
					t.Logf("false alarm: line %d: %s %s = %s (%s)", r.line, r.form, r.name, r.value, r.where)
				}
			}
			recall, precision := float64(hit)/float64(hit+missed), float64(hit)/float64(hit+alarms)
			t.Logf("%d rows: recall %.3f, precision %.3f", len(all), recall, precision)
			if recall < 0.985 || precision < 0.975 {
				t.Errorf("recall %.3f, want 0.985; precision %.3f, want 0.975", recall, precision)
			}
		})
	}
}
