package translate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
)

// FuzzTranslate looks for files that bring the way from a file to a stack to its
// knees. What is not known of the account, or known, makes no difference to it.
func FuzzTranslate(f *testing.F) {
	for _, pattern := range []string{"testdata/load/*", "testdata/map/*", "testdata/report/*", "../testdata/*"} {
		files, _ := filepath.Glob(filepath.Join(pattern, "compose.yaml"))
		for _, file := range sample.Of(f, files, 8, func(file string) string { return file }) {
			content, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(content))
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		if strings.Contains(content, "file:") || strings.Contains(content, "include") || strings.Contains(content, "_file") {
			t.Skip("it may name files of this machine")
		}
		wholeWay(t, dir, content)
	})
}

// wholeWay does all that there is to do with a file, offline and with the facts
// of an account.
func wholeWay(t *testing.T, dir, content string) {
	t.Helper()
	p, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"-"}, Stdin: strings.NewReader(content)})
	if p == nil {
		if !ds.HasErrors() {
			t.Error("no project, and no error")
		}
		return
	}
	for _, facts := range []plan.Facts{{}, knownFacts} {
		stack, found := p.Stack(facts)
		if (ds.HasErrors() || found.HasErrors()) != (stack == nil) {
			t.Errorf("a stack beside errors, or neither: %s", printed(found))
		}
		for _, d := range found {
			if d.Severity == diag.Error && d.Pos.Line == 0 || strings.Contains(d.Help, "mistake of compose2fargate") {
				t.Errorf("%s", d)
			}
		}
		ApplyDiagnostics(p.Report(), found)
		if stack == nil {
			continue
		}
		if !bytes.Equal([]byte(stackText(t, stack)), []byte(stackText(t, stack))) {
			t.Error("printed twice, two texts")
		}
		TaskDefinitions(stack)
	}
	p.Sizes()
}

// TestHostileFilesAreBounded takes files that grow when they are read, or are
// large or deep to begin with.
func TestHostileFilesAreBounded(t *testing.T) {
	repeated := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	var bomb strings.Builder
	bomb.WriteString("x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "x-a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	var merges strings.Builder
	merges.WriteString("x-a0: &a0 {a: b}\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&merges, "x-a%d: &a%d {<<: [*a%d, *a%d], k%d: {<<: *a%d}}\n", i, i, i-1, i-1, i, i-1)
	}
	const web = "services:\n  web:\n    image: nginx\n"
	files := map[string]string{
		"an alias bomb":                    bomb.String() + web + "    command: *a11\n",
		"an alias bomb that is not used":   bomb.String() + web,
		"merge keys of merge keys":         merges.String() + web + "    environment: *a29\n",
		"lists in lists":                   web + "    command: " + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "\n",
		"mappings in mappings":             "x-deep: " + strings.Repeat("{a: ", 20000) + strings.Repeat("}", 20000) + "\n" + web,
		"10 MB of one scalar":              web + "    command: [\"" + strings.Repeat("x", 10<<20) + "\"]\n",
		"10 MB of a comment":               web + "# " + strings.Repeat("x", 10<<20) + "\n",
		"20000 variables":                  web + "    environment:\n" + repeated(20000, "      VARIABLE_%d: some value here\n"),
		"300000 variables":                 web + "    environment:\n" + repeated(300000, "      VARIABLE_%d: some value here\n"),
		"200000 blank variables":           web + "    command: \"" + strings.Repeat("${X} ", 200000) + "\"\n",
		"a variable within a variable":     web + "    command: \"" + strings.Repeat("${A:-", 1000) + strings.Repeat("}", 1000) + "\"\n",
		"5000 variables within each other": web + "    command: \"" + strings.Repeat("${A:-", 5000) + strings.Repeat("}", 5000) + "\"\n",
		"20000 ports":                      web + "    ports: [\"1-20000:1-20000\", \"1-20000:1-20000/udp\"]\n",
		"a circle of aliases":              "x-a: &a {b: *a}\n" + web,
		"5000 services":                    "services:\n" + repeated(5000, "  s%d: {image: nginx}\n"),
	}
	for _, name := range sample.Of(t, sortedKeys(files), 128, func(name string) string { return name }) {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			wholeWay(t, t.TempDir(), files[name])
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d MiB allocated", allocated)
			if allocated > 16<<10 {
				t.Errorf("%d MiB allocated", allocated)
			}
		})
	}
}
