package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTheCommandsForPullRequestsWork: those of docs/pull-requests.md, one after the other in a
// repository, with an embedded account in the place of a real one.
func TestTheCommandsForPullRequestsWork(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "pull-requests.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir(".git", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, "compose.yaml", "name: shop\nservices: {web: {image: 'ghcr.io/me/web:1'}}\n")
	var flags []string
	commands := 0
	for line := range strings.Lines(string(page)) {
		command, isCommand := strings.CutPrefix(line, "    compose2fargate ")
		if !isCommand {
			continue
		}
		commands++
		args := strings.Fields(command)
		flags = append(flags, args...)
		var out, said bytes.Buffer
		environ := []string{"CI=true", "COMPOSE2FARGATE_SIMULATE=1", "AWS_REGION=" + caseRegion}
		code := run(t.Context(), terminal{in: new(bytes.Buffer), out: &out, err: &said, environ: environ}, args)
		if code != 0 {
			t.Errorf("%s: exit code %d\n%s", strings.TrimSpace(line), code, said.String())
		}
	}
	for _, flag := range []string{"--untrusted", "--offline", "--pull-credentials", "--expect-account"} {
		if !slices.Contains(flags, flag) {
			t.Errorf("of %d commands, none has %s", commands, flag)
		}
	}
}
