// Command circles measures how far the files of a package know each other: two
// files are in one circle when each refers, directly or through others, to what
// the other declares. Packages hide what is in them; circles show it.
//
//	go run ./hack/circles [-max N] [-list] [-doc FILE [-write]] PACKAGE...
//
// It prints a row per package and exits with 1 where a circle has more than N
// files, or where the table differs from the one in FILE, between <!-- circles -->
// and <!-- /circles -->; with -write it puts the table there. Tests are left out.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	limit := flag.Int("max", 0, "the most files that a circle may have; 0: any number")
	list := flag.Bool("list", false, "name the files of each largest circle")
	doc := flag.String("doc", "", "the document that has the table")
	write := flag.Bool("write", false, "put the table into the document")
	flag.Parse()
	var table bytes.Buffer
	err := run(io.MultiWriter(os.Stdout, &table), *limit, *list, flag.Args())
	if err == nil && *doc != "" {
		err = compare(*doc, table.String(), *write)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "circles:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, limit int, list bool, patterns []string) error {
	packages, exports, err := load(patterns)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "| package | files | largest circle | methods of the largest type |")
	fmt.Fprintln(w, "|---|---|---|---|")
	var tooLarge []string
	for _, p := range packages {
		m, err := measure(p, exports)
		if err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		fmt.Fprintf(w, "| `%s` | %d | %d | %d (`%s`) |\n", m.name, m.files, len(m.circle), m.methods, m.largest)
		if list && len(m.circle) > 1 {
			fmt.Fprintf(w, "\n%s\n\n", strings.Join(m.circle, " "))
		}
		if limit > 0 && len(m.circle) > limit {
			tooLarge = append(tooLarge, m.name)
		}
	}
	if tooLarge != nil {
		return fmt.Errorf("circles of more than %d files in %s", limit, strings.Join(tooLarge, ", "))
	}
	return nil
}

// compare says whether a document has the table, or puts it there.
func compare(file, table string, write bool) error {
	const begin, end = "<!-- circles -->\n", "<!-- /circles -->"
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(content), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the table: %s%s", file, begin, end)
	}
	want := before + begin + table + end + after
	switch {
	case want == string(content):
		return nil
	case write:
		return os.WriteFile(file, []byte(want), 0o600)
	default:
		return fmt.Errorf("the table in %s is not current: run this again with -write", file)
	}
}

// listed is a package as go list describes it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
	Module                  *struct{ Path string }
}

// load returns the packages that match, and where the export data of all that
// they import is.
func load(patterns []string) (packages []listed, exports map[string]string, err error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly,Module"}, patterns...)
	command := exec.Command("go", args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	exports = map[string]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			packages = append(packages, p)
		}
	}
	slices.SortFunc(packages, func(a, b listed) int { return cmp.Compare(a.ImportPath, b.ImportPath) })
	return packages, exports, nil
}

// measured is what is told of a package.
type measured struct {
	name    string
	files   int
	circle  []string // the files of the largest one, sorted
	largest string   // the type with the most methods
	methods int
}

func measure(p listed, exports map[string]string) (measured, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return measured{}, err
		}
		files = append(files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	checked, err := config.Check(p.ImportPath, fset, files, info)
	if err != nil {
		return measured{}, err
	}
	m := measured{name: strings.TrimPrefix(p.ImportPath, p.Module.Path+"/"), files: len(files)}
	m.largest, m.methods = mostMethods(checked)
	m.circle = largestCircle(references(fset, info, checked))
	return m, nil
}

// mostMethods is the type of a package with the most methods.
func mostMethods(p *types.Package) (name string, methods int) {
	for _, n := range p.Scope().Names() {
		named, ok := p.Scope().Lookup(n).Type().(*types.Named)
		if ok && named.NumMethods() > methods {
			name, methods = n, named.NumMethods()
		}
	}
	return name, methods
}

// references are the files that each file of a package refers to.
func references(fset *token.FileSet, info *types.Info, p *types.Package) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	file := func(at token.Pos) string { return filepath.Base(fset.Position(at).Filename) }
	for ident, object := range info.Uses {
		if object.Pkg() != p || !object.Pos().IsValid() {
			continue
		}
		from, to := file(ident.Pos()), file(object.Pos())
		if out[from] == nil {
			out[from] = map[string]bool{}
		}
		if from != to {
			out[from][to] = true
		}
	}
	return out
}

// largestCircle is the largest strongly connected component of a graph, sorted,
// by Tarjan's algorithm.
func largestCircle(graph map[string]map[string]bool) []string {
	t := &tarjan{graph: graph, index: map[string]int{}, low: map[string]int{}, open: map[string]bool{}}
	for _, node := range sortedKeys(graph) {
		if t.index[node] == 0 {
			t.visit(node)
		}
	}
	slices.Sort(t.largest)
	return t.largest
}

type tarjan struct {
	graph      map[string]map[string]bool
	index, low map[string]int // from 1
	open       map[string]bool
	stack      []string
	largest    []string
}

func (t *tarjan) visit(node string) {
	t.index[node] = len(t.index) + 1
	t.low[node] = t.index[node]
	t.stack, t.open[node] = append(t.stack, node), true
	for _, next := range sortedKeys(t.graph[node]) {
		switch {
		case t.index[next] == 0:
			t.visit(next)
			t.low[node] = min(t.low[node], t.low[next])
		case t.open[next]:
			t.low[node] = min(t.low[node], t.index[next])
		}
	}
	if t.low[node] < t.index[node] {
		return
	}
	start := slices.Index(t.stack, node)
	circle := slices.Clone(t.stack[start:])
	t.stack = t.stack[:start]
	for _, member := range circle {
		t.open[member] = false
	}
	if len(circle) > len(t.largest) {
		t.largest = circle
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
