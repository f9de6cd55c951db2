package spec

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What planning and rendering must know of a kind is in its Rules: a name of a
// kind in their code would be a rule that nobody finds.
func TestPlanAndRenderNameNoKind(t *testing.T) {
	kinds := Kinds()
	for _, pattern := range []string{"../*.go", "../render/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for at, text := range literals(t, file) {
				kind, _, _ := strings.Cut(text, "/")
				if _, ok := kinds[kind]; ok && notKinds[filepath.Base(file)] != text {
					t.Errorf("%s: %q is a kind", at, text)
				}
			}
		}
	}
}

// notKinds are the texts that are called like a kind and mean something else: the
// end of a tag, a field of a container.
var notKinds = map[string]string{"tags.go": "task-definition", "fold.go": "image"}

// literals are the texts in a file, by position.
func literals(t *testing.T, file string) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
			unquoted, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			out[set.Position(text.Pos()).String()] = unquoted
		}
		return true
	})
	return out
}
