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
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestTheREADMEIsCurrent holds the output, the table of keys and the IAM policies in the README
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
	got = replaceBlock(t, got, "keys", keysMarkdown())
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
	t.Chdir(dir)
	c.dir = "."
	again, _, _ := c.command(t, "plan", "--simulate")
	return string(planned), string(again)
}

func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```"
}

// permissionsLife is a stack that uses every operation in its life: each entry
// is a compose file that is applied over the one before it.
var permissionsLife = []string{
	`
name: life
x-fargate: {log_retention: 7, tags: {team: a, gone: soon}}
services:
  a: &service {image: "nginx:1", networks: [one, two], x-fargate: {policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}}
  b: *service
  c: *service
  d: *service
networks: {one: {}, two: {}}
`, `
name: life
x-fargate: {log_retention: 14, tags: {team: b}, permissions_boundary: "arn:aws:iam::123456789012:policy/boundary"}
services:
  a: {image: "nginx:2", networks: [one], x-fargate: {policies: ["arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"]}}
  b: {image: "nginx:1", networks: [one], scale: 2}
networks: {one: {internal: true}}
`, `
name: life
services:
  a: {image: "never-healthy"}
`, `
name: life
services:
  a: {image: "nginx:1"}
`,
}

// recordedCalls lives each case, and a stack that changes a lot, from nothing to
// destroyed. It returns the IAM actions of planning, and those of all the rest.
func recordedCalls(t *testing.T) (planning, applying []string) {
	t.Helper()
	r := recorder{plans: map[string]bool{}, applies: map[string]bool{}}
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		e := embed(t, file, simulator.Options{VCPUQuota: 1000})
		if !e.refused() {
			r.apply(e, plan.Scope{})
			r.apply(e, plan.Scope{Destroy: true})
		}
	}
	r.live(t)
	for action := range r.plans {
		delete(r.applies, action)
	}
	return slices.Sorted(maps.Keys(r.plans)), slices.Sorted(maps.Keys(r.applies))
}

type recorder struct{ plans, applies map[string]bool }

func (r recorder) live(t *testing.T) {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 1000, TagDelay: 5})
	for _, text := range permissionsLife {
		rewrite(t, e.file, []byte(text))
		r.apply(e, plan.Scope{Prune: true})
	}
	e.fake.ResetCalls()
	s := e.session()
	if err := s.account.ServiceLogs(t.Context(), "a", time.Time{}, false, func(resource.Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	addActions(r.applies, e.fake.Calls())
	r.apply(e, plan.Scope{Destroy: true, DeleteData: []string{"life"}})
}

// apply plans and applies. A deployment may fail: its reasons are read then.
func (r recorder) apply(e *embedded, scope plan.Scope) {
	e.tb.Helper()
	e.fake.ResetCalls()
	s, p, st := e.plan(scope)
	addActions(r.plans, e.fake.Calls())
	e.fake.ResetCalls()
	err := s.carryOut(e.tb.Context(), p, st, applyFlags{timeout: time.Minute})
	if code := apply.ExitCode(err); err != nil && code != codeDeployment {
		e.tb.Fatalf("%v\n%s", err, e.talk.String())
	}
	addActions(r.applies, e.fake.Calls())
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
