package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestEveryCase runs the whole way on each directory of testdata: what becomes of
// the file, the plan in its forms, apply, a second plan that finds nothing, and
// destroy. What was in the account before, see accounts, stays as it was.
// A case that is refused has a diagnostics.txt and nothing else.
func TestEveryCase(t *testing.T) {
	t.Chdir(filepath.Join("..", "..")) // so that places are named as in the README
	files, err := filepath.Glob(filepath.Join("testdata", "*", "compose.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	if !*update {
		files = sample.Of(t, files, 3, func(file string) string { return file })
	}
	for _, file := range files {
		c := testCase{dir: filepath.Dir(file), state: filepath.Join(t.TempDir(), "aws.json")}
		t.Run(filepath.Base(c.dir), c.run)
	}
}

// caseRegion is where the cases are at home.
const caseRegion = "eu-west-1"

type testCase struct{ dir, state string }

func (c testCase) run(t *testing.T) {
	c.prepare(t)
	others := c.rows(t)
	text, diagnostics, code := c.command(t, "plan", "--simulate", "--detailed-exitcode")
	c.expect(t, "diagnostics.txt", diagnostics)
	if code == codeError {
		return
	}
	c.code(t, "the first plan", code, codeChanges)
	c.expect(t, "plan.txt", text)
	encoded, _, _ := c.command(t, "plan", "--simulate", "--format", "json")
	c.expect(t, "plan.json", varying.ReplaceAll(encoded, []byte(`"$1": "…"`)))
	markdown, _, _ := c.command(t, "plan", "--simulate", "--format", "markdown")
	c.expect(t, "plan.md", digests.ReplaceAll(markdown, []byte("sha256:…")))
	definitions, _, code := c.command(t, "translate", "--format", "task-definition", "--account", "123456789012")
	c.code(t, "translate", code, codeDone)
	c.expect(t, "task-definitions.json", definitions)

	c.applySaved(t)
	text, _, code = c.command(t, "plan", "--simulate", "--detailed-exitcode")
	if code != codeDone {
		t.Errorf("a plan after apply wants something:\n%s", text)
	}
	c.untouched(t, "apply", others)
	if _, diagnostics, code := c.command(t, "destroy", "--simulate", "--auto-approve"); code != codeDone {
		t.Errorf("destroy ended with %d\n%s", code, diagnostics)
	}
	c.untouched(t, "destroy", others)
	c.gone(t, others)
}

// prepare makes what the case finds in its account.
func (c testCase) prepare(t *testing.T) {
	t.Helper()
	fake, err := simulator.New(simulator.Options{StateFile: c.state, Region: caseRegion})
	if err != nil {
		t.Fatal(err)
	}
	if make := accounts[filepath.Base(c.dir)]; make != nil {
		make(others{t, fake})
	}
	if err := fake.Close(); err != nil {
		t.Fatal(err)
	}
}

// rows are everything in the simulated account, by table and key.
func (c testCase) rows(t *testing.T) map[string]map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(c.state)
	if err != nil {
		t.Fatal(err)
	}
	var account struct {
		Tables map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &account); err != nil {
		t.Fatal(err)
	}
	delete(account.Tables, "counters") // of ids, which count on
	return account.Tables
}

// untouched holds what was there before against what is there now: nothing of
// others may have changed or gone.
func (c testCase) untouched(t *testing.T, by string, others map[string]map[string]json.RawMessage) {
	t.Helper()
	now := c.rows(t)
	for table, rows := range others {
		for key, row := range rows {
			if d := cmp.Diff(string(row), string(now[table][key])); d != "" {
				t.Errorf("%s of %s changed with %s (-before +after)\n%s", key, table, by, d)
			}
		}
	}
}

// kept are the tables in which a destroyed stack leaves something: what holds data,
// and what AWS keeps of what was.
var kept = []string{
	"ecr.images", "ecr.repositories", "ecs.clusters", "ecs.known-endpoints", "ecs.service-deployments", "ecs.service-revisions", "ecs.services", "ecs.task-definitions", "ecs.tasks",
	"efs.access-points", "efs.file-systems", "elb.leftovers", "logs.log-groups", "route53.changes", "servicediscovery.operations", "tags",
}

// gone looks for what a destroyed stack has left.
func (c testCase) gone(t *testing.T, others map[string]map[string]json.RawMessage) {
	t.Helper()
	for table, rows := range c.rows(t) {
		for key := range rows {
			if _, before := others[table][key]; !before && !slices.Contains(kept, table) {
				t.Errorf("%s of %s is left after destroy", key, table)
			}
		}
	}
}

// varying are the fields of a plan that differ between builds of the tool.
var varying = regexp.MustCompile(`"(tool|digest)": "[^"]*"`)

var digests = regexp.MustCompile(`sha256:[0-9a-f]+`)

func (c testCase) applySaved(t *testing.T) {
	t.Helper()
	saved := filepath.Join(t.TempDir(), "plan.json")
	if _, diagnostics, code := c.command(t, "plan", "--simulate", "--out", saved); code != codeDone {
		t.Fatalf("plan --out ended with %d\n%s", code, diagnostics)
	}
	if _, diagnostics, code := c.command(t, "apply", saved, "--simulate", "--auto-approve"); code != codeDone {
		t.Fatalf("apply ended with %d\n%s", code, diagnostics)
	}
}

// command runs one command line on the compose file of the case.
func (c testCase) command(t *testing.T, args ...string) (out, diagnostics []byte, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append(args, "-f", filepath.Join(c.dir, "compose.yaml"))
	if args[0] != "translate" {
		args = append(args, "--simulator-state", c.state)
	}
	in := terminal{in: new(bytes.Buffer), out: &stdout, err: &stderr, environ: []string{"AWS_REGION=" + caseRegion}}
	code = run(t.Context(), in, args)
	return stdout.Bytes(), stderr.Bytes(), code
}

func (c testCase) code(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Fatalf("%s ended with %d, want %d", what, got, want)
	}
}

// expect holds output against a file of the case; no output, no file.
func (c testCase) expect(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join(c.dir, name)
	if *update {
		rewrite(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got)\n%s", file, d)
	}
}

func rewrite(t *testing.T, file string, data []byte) {
	t.Helper()
	if len(data) == 0 {
		os.Remove(file)
		return
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
