package translate

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

// reported is a report as one line per entry.
func reported(entries []Entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s: %s: %s", e.Pos, e.Path, e.Verdict)
		if e.To != "" {
			fmt.Fprintf(&b, " -> %s", e.To)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestTheReportNamesEveryAttributeInUse runs over testdata/report.
func TestTheReportNamesEveryAttributeInUse(t *testing.T) {
	dirs, err := filepath.Glob("testdata/report/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			p, ds := Load(t.Context(), loadOptions(t, dir))
			if p == nil {
				t.Fatal(ds.Err())
			}
			_, found := p.Stack(knownFacts)
			compareGolden(t, filepath.Join(dir, "report.txt"), reported(ApplyDiagnostics(p.Report(), found)))
		})
	}
}

// What the key table has to say of an attribute is told once as a diagnostic
// and once in the report.
func TestEveryEntryThatIsNotMappedHasItsDiagnostic(t *testing.T) {
	for _, dir := range loadCases(t) {
		p, ds := Load(t.Context(), loadOptions(t, dir))
		if p == nil {
			continue
		}
		entries := p.Report()
		if !refusedByTheTableAlone(entries, ds) {
			continue // Load speaks of the mistakes then, and leaves the rest for later
		}
		for _, e := range entries {
			if e.Pos.IsZero() {
				t.Errorf("%s: %s has no place", dir, e.Path)
			}
			if e.Verdict == Mapped {
				continue
			}
			i := slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return d.Path == e.Path && strings.HasSuffix(d.Summary, e.Reason) })
			if i < 0 {
				t.Errorf("%s: %s is %s, and no diagnostic says so", dir, e.Path, e.Verdict)
			}
		}
	}
}

func refusedByTheTableAlone(entries []Entry, ds diag.List) bool {
	for _, d := range ds {
		is := func(e Entry) bool { return e.Path == d.Path && e.Verdict == Refused }
		if d.Severity == diag.Error && !slices.ContainsFunc(entries, is) {
			return false
		}
	}
	return true
}
