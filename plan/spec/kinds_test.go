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

// TestEveryKindIsInTheList: a kind that has its file and no line in Kinds would be
// planned by nobody.
func TestEveryKindIsInTheList(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			found += checkKindsOf(t, file)
		}
	}
	if found != len(Kinds()) {
		t.Errorf("%d constants for %d kinds", found, len(Kinds()))
	}
}

// checkKindsOf looks for the kinds that a file declares, and counts them.
func checkKindsOf(t *testing.T, file *ast.File) int {
	t.Helper()
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		constant, ok := n.(*ast.ValueSpec)
		if !ok || len(constant.Values) != 1 || !strings.HasSuffix(constant.Names[0].Name, "Kind") {
			return true
		}
		literal, ok := constant.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		found++
		kind, err := strconv.Unquote(literal.Value)
		if _, listed := Kinds()[kind]; err != nil || !listed {
			t.Errorf("%s has no line in the list of kinds.go", constant.Names[0].Name)
		}
		return true
	})
	return found
}
