package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestTheREADMEIsCurrent holds the output and the IAM policies in the README
// against what the tool prints and against the calls that plan and apply made of
// the simulator on every case. With -update it writes them.
func TestTheREADMEIsCurrent(t *testing.T) {
	file, err := filepath.Abs(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	planning, applying := recordedCalls(t)
	first, change := votingApp(t)
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := string(readme)
	got = replaceBlock(t, got, "output:plan", fenced("", first))
	got = replaceBlock(t, got, "output:change", fenced("", change))
	got = replaceBlock(t, got, "iam:plan", fenced("json", policy(t, planning)))
	got = replaceBlock(t, got, "iam:apply", fenced("json", policy(t, applying)))
	if *update {
		rewrite(t, file, []byte(got))
		return
	}
	if d := cmp.Diff(string(readme), got); d != "" {
		t.Errorf("README.md is not current, run go test ./cmd/compose2fargate -update (-want +got)\n%s", d)
	}
}

// votingApp is what a plan of the voting app prints, and a plan of a changed
// image after it was applied.
func votingApp(t *testing.T) (first, change string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(filepath.Join("..", ".."))
	original := filepath.Join("testdata", "voting-app", "compose.yaml")
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "compose.yaml")
	if err := os.WriteFile(changed, bytes.Replace(text, []byte("nginx:1.29-alpine"), []byte("nginx:1.30-alpine"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	c := testCase{dir: filepath.Dir(original), state: filepath.Join(dir, "aws.json")}
	planned, _, _ := c.command(t, "plan", "--simulate")
	c.applySaved(t)
	c.dir = dir
	again, _, _ := c.command(t, "plan", "--simulate")
	return string(planned), strings.ReplaceAll(string(again), dir+string(filepath.Separator), "")
}

func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```"
}

// recordedCalls runs each case from nothing to destroyed and returns the IAM
// actions of planning and of all the rest.
func recordedCalls(t *testing.T) (planning, applying []string) {
	t.Helper()
	plans, applies := map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		state := filepath.Join(t.TempDir(), "aws.json")
		for _, scope := range []plan.Scope{{}, {Force: []string{"web"}}, {Destroy: true, DeleteData: []string{"all"}}} {
			recordCase(t, file, state, scope, plans, applies)
		}
	}
	for action := range plans {
		delete(applies, action)
	}
	return slices.Sorted(maps.Keys(plans)), slices.Sorted(maps.Keys(applies))
}

func recordCase(t *testing.T, file, state string, scope plan.Scope, plans, applies map[string]bool) {
	t.Helper()
	var talk bytes.Buffer
	s := &settings{terminal: terminal{in: new(bytes.Buffer), out: &talk, err: &talk}, simulate: true, stateFile: state}
	s.load.Files = []string{file}
	session, err := s.begin(t.Context(), false)
	if err != nil {
		return // a case that is refused
	}
	defer session.close()
	p, st, err := session.plan(t.Context(), scope)
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, talk.String())
	}
	addActions(plans, session.simulator.Calls())
	session.simulator.ResetCalls()
	if err := session.carryOut(t.Context(), p, st, applyFlags{timeout: 1 << 40}); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, talk.String())
	}
	addActions(applies, session.simulator.Calls())
}

// prefixes are the IAM names of services whose SDK name is another.
var prefixes = map[string]string{"tagging": "tag"}

// implied are actions that AWS asks for beside those that are called: tags that
// are set at creation, and roles that are handed on.
var implied = map[string][]string{
	"ecs:CreateCluster":          {"ecs:TagResource"},
	"ecs:CreateService":          {"ecs:TagResource", "iam:PassRole"},
	"ecs:RegisterTaskDefinition": {"ecs:TagResource", "iam:PassRole"},
	"ec2:CreateSecurityGroup":    {"ec2:CreateTags"},
	"iam:CreateRole":             {"iam:TagRole"},
	"logs:CreateLogGroup":        {"logs:TagResource"},
}

func addActions(actions map[string]bool, calls []simulator.Call) {
	for _, call := range calls {
		prefix := call.Service
		if other, ok := prefixes[prefix]; ok {
			prefix = other
		}
		action := prefix + ":" + call.Operation
		actions[action] = true
		for _, more := range implied[action] {
			actions[more] = true
		}
	}
}

func policy(t *testing.T, actions []string) string {
	t.Helper()
	document := map[string]any{
		"Version":   "2012-10-17",
		"Statement": []any{map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"}},
	}
	data, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// replaceBlock puts text between <!-- NAME --> and <!-- /NAME -->.
func replaceBlock(t *testing.T, document, name, text string) string {
	t.Helper()
	open, end := fmt.Sprintf("<!-- %s -->\n", name), fmt.Sprintf("\n<!-- /%s -->", name)
	before, rest, ok := strings.Cut(document, open)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("the README has no block %s", name)
	}
	return before + open + text + end + after
}
