package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/compose2fargate/compose2fargate/"

// imports says what each package may import of this module and of the libraries
// that are the business of one package only. The arrows are those of the design;
// a package that does not exist yet may have its row already.
var imports = map[string][]string{
	"diag":               {},
	"content":            {"internal/fault"},
	"plan":               {"diag", "internal/fault", "r3labs/diff", "x/crypto"},
	"plan/render":        {"plan", "diag"},
	"plan/spec":          {"plan", "content", "diag", "internal/sensitive"},
	"plan/resource":      {"plan", "plan/spec", "image", "internal/fault", "internal/table", "aws-sdk-go-v2", "smithy-go"},
	"image":              {"plan", "plan/spec", "content", "internal/fault", "go-containerregistry"},
	"translate/compose":  {"content", "diag", "internal/sensitive", "internal/table", "compose-go"},
	"translate/xfargate": {"translate/compose", "diag", "compose-go"},
	"translate":          {"translate/compose", "translate/xfargate", "plan", "plan/spec", "content", "diag", "internal/fault", "internal/partition", "internal/sensitive", "internal/table", "compose-go"},
	"apply":              {"plan", "diag", "internal/fault"},
	"simulator":          {"internal/partition", "aws-sdk-go-v2", "smithy-go"},
	"hack/circles":       {},
	"internal/sample":    {},
	"internal/sensitive": {"internal/table"},
	"internal/table":     {},
	"internal/fault":     {},
}

// guarded are the libraries that not every package may import.
var guarded = map[string]string{
	"github.com/compose-spec/compose-go":     "compose-go",
	"github.com/aws/aws-sdk-go-v2":           "aws-sdk-go-v2",
	"github.com/aws/smithy-go":               "smithy-go",
	"github.com/google/go-containerregistry": "go-containerregistry",
	"github.com/r3labs/diff":                 "r3labs/diff",
	"golang.org/x/crypto":                    "x/crypto",
	"golang.org/x/term":                      "x/term",
	"github.com/spf13/cobra":                 "cobra",
}

func TestImportsFollowTheArrows(t *testing.T) {
	for name, direct := range packages(t) {
		allowed, ok := imports[name]
		if name == "cmd/compose2fargate" {
			continue
		}
		if !ok && !strings.HasPrefix(name, "internal/") { // helpers may import nothing without a row
			t.Errorf("%s: say in this test what it may import", name)
		}
		for _, imported := range direct {
			if what := arrow(imported); what != "" && !slices.Contains(allowed, what) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

// far are the libraries that may not be reached from a package, through whatever
// other package: planning cannot speak to AWS, and what applies a plan does not
// read compose files.
var far = map[string][]string{
	"translate":          {"aws-sdk-go-v2", "smithy-go", "go-containerregistry"},
	"translate/compose":  {"aws-sdk-go-v2", "smithy-go", "go-containerregistry"},
	"translate/xfargate": {"aws-sdk-go-v2", "smithy-go", "go-containerregistry"},
	"content":            {"aws-sdk-go-v2", "smithy-go", "go-containerregistry", "compose-go"},
	"plan":               {"aws-sdk-go-v2", "smithy-go", "go-containerregistry", "compose-go"},
	"plan/render":        {"aws-sdk-go-v2", "smithy-go", "go-containerregistry", "compose-go"},
	"plan/spec":          {"aws-sdk-go-v2", "smithy-go", "go-containerregistry", "compose-go"},
	"plan/resource":      {"compose-go"},
	"apply":              {"aws-sdk-go-v2", "smithy-go", "go-containerregistry", "compose-go"},
	"simulator":          {"compose-go"},
}

func TestNoLibraryIsReachedThroughAnotherPackage(t *testing.T) {
	direct := packages(t)
	for name, forbidden := range far {
		for imported := range reached(direct, name) {
			if slices.Contains(forbidden, imported) {
				t.Errorf("%s reaches %s", name, imported)
			}
		}
	}
}

// reached are the arrows of a package and of all that it imports of this module.
func reached(direct map[string][]string, name string) map[string]bool {
	out := map[string]bool{}
	for next := []string{name}; len(next) > 0; next = next[1:] {
		for _, imported := range direct[next[0]] {
			if what := arrow(imported); what != "" && !out[what] {
				out[what] = true
				next = append(next, what)
			}
		}
	}
	return out
}

// arrow names an import as the table does, "" where anybody may import it.
func arrow(imported string) string {
	if own, ok := strings.CutPrefix(imported, module); ok {
		return own
	}
	for prefix, name := range guarded {
		if strings.HasPrefix(imported, prefix) {
			return name
		}
	}
	return ""
}

// packages are the packages of the module with what they import, tests left out.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		found[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
	return found
}
