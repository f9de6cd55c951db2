package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
	"github.com/compose2fargate/compose2fargate/translate"
)

// checkout copies a case to another place, under the name of its directory, which
// may be that of the project.
func checkout(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "elsewhere", filepath.Base(dir))
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// toolFiles are files of this tool, as it writes them.
func toolFiles(t *testing.T) map[string][]byte {
	t.Helper()
	state := filepath.Join(t.TempDir(), "aws.json")
	e := embed(t, caseFiles(t)[0], simulator.Options{StateFile: state})
	_, p, _ := e.plan(plan.Scope{})
	var encoded, markdown, text, coloured, talk bytes.Buffer
	s := &settings{terminal: terminal{out: &markdown, err: &markdown}}
	talking := &settings{terminal: terminal{out: &talk, err: &talk}}
	err := errors.Join(
		p.Encode(&encoded), s.show(p, "markdown", false), talking.show(p, "text", true), e.fake.Close(),
		render.Text(&text, spec.Kinds(), p, render.TextOptions{}),
		render.Text(&coloured, spec.Kinds(), p, render.TextOptions{Color: true, Width: 72}),
	)
	if err != nil {
		t.Fatal(err)
	}
	account, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"saved plan": encoded.Bytes(), "plan of yesterday.md": markdown.Bytes(), "plan.txt": text.Bytes(),
		"terminal.log": coloured.Bytes(), "plan.log": talk.Bytes(), "aws": account, "aws.lock": nil,
		".compose2fargate/simulator.json": account, ".compose2fargate/.gitignore": []byte("*\n"), ".compose2fargate-plan-1": nil,
	}
}

// scatter puts files into every directory.
func scatter(t *testing.T, root string, files map[string][]byte) {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, name)
		}
		return err
	})
	for _, dir := range dirs {
		for name, data := range files {
			file := filepath.Join(dir, filepath.FromSlash(name))
			err = errors.Join(err, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o600))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// disguise makes a checkout of another machine: of another umask, with other times, and
// with files in every directory.
func disguise(t *testing.T, root string, files map[string][]byte) {
	t.Helper()
	scatter(t, root, files)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		mode := fs.FileMode(0o660)
		if info, statErr := d.Info(); statErr == nil && info.Mode()&0o100 != 0 {
			mode = 0o770
		}
		return errors.Join(os.Chmod(name, mode), os.Chtimes(name, time.Unix(1e9, 0), time.Unix(1e9, 0)))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestASecondCheckoutPlansNothing applies each case and plans it from another path,
// under another umask, with other times, and with files of this tool in every
// directory.
func TestASecondCheckoutPlansNothing(t *testing.T) {
	t.Parallel()
	files := toolFiles(t)
	eachCase(t, func(t *testing.T, e *embedded) {
		second := checkout(t, filepath.Dir(e.file))
		disguise(t, second, files)
		again := &embedded{tb: t, file: filepath.Join(second, filepath.Base(e.file)), fake: e.fake}
		again.settled("from a second checkout")
	})
}

// TestFilesOfThisToolAreNotShipped compares all that would be shipped of each case,
// those of translate included, with and without files of this tool.
func TestFilesOfThisToolAreNotShipped(t *testing.T) {
	t.Parallel()
	files := toolFiles(t)
	var cases []string
	for _, pattern := range []string{filepath.Join("..", "..", "testdata", "*"), filepath.Join("..", "..", "translate", "testdata", "map", "*")} {
		found, err := filepath.Glob(filepath.Join(pattern, "compose.yaml"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no cases: %v", err)
		}
		cases = append(cases, found...)
	}
	tried, shipping := sample.Of(t, cases, 16, func(file string) string { return "ships " + file }), 0
	for _, file := range tried {
		dir := checkout(t, filepath.Dir(file))
		before := shipped(t, dir)
		scatter(t, dir, files)
		if d := cmp.Diff(before, shipped(t, dir)); d != "" {
			t.Errorf("%s (-without +with)\n%s", file, d)
		}
		if len(before) > 0 {
			shipping++
		}
	}
	if shipping == 0 || len(tried) == len(cases) && shipping < 5 {
		t.Errorf("only %d cases ship anything", shipping)
	}
}

// shipped are the hashes of contexts and the tags of images, which are hashes of what
// is in them.
func shipped(t *testing.T, dir string) map[string]string {
	t.Helper()
	project, _ := translate.Load(t.Context(), translate.Options{Dir: dir})
	if project == nil {
		return nil
	}
	var facts plan.Facts
	contexts(t.Context(), project, &facts)
	out := map[string]string{}
	for service, hash := range facts.Contexts {
		out["context of "+service] = hash
	}
	stack, _ := project.Stack(facts)
	if stack == nil {
		return out
	}
	for _, r := range stack.Resources {
		if s, ok := r.Spec.(*spec.Image); ok {
			out[r.Address.String()] = s.Tag
		}
	}
	return out
}
