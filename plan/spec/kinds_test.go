package spec

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"testing"
)

// TestEveryKindIsInTheList: a kind that has its file and no line in Kinds would be
// planned by nobody.
func TestEveryKindIsInTheList(t *testing.T) {
	noTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), ".", noTests, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(packages["spec"], func(n ast.Node) bool {
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
	if found != len(Kinds()) {
		t.Errorf("%d constants for %d kinds", found, len(Kinds()))
	}
}
