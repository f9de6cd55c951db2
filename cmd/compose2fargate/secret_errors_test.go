package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestWhatAWSRepeatsOfASecretIsNotSaid has AWS refuse a value and quote it, as it is and
// as Go and JSON write it.
func TestWhatAWSRepeatsOfASecretIsNotSaid(t *testing.T) {
	const value = "MUST-NOT-BE-SEEN"
	file := filepath.Join(t.TempDir(), "compose.yaml")
	stack := "name: x\nservices: {web: {image: busybox, environment: {DB_PASSWORD: " + value + ", API_TOKEN: \"" + value + "\\nMUST-NOT-BE-SEEN-EITHER\"}}}\n"
	if err := os.WriteFile(file, []byte(stack), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, quoted := range []string{value, fmt.Sprintf("%q", value+"\nMUST-NOT-BE-SEEN-EITHER"), value + "\nMUST-NOT-BE-SEEN-EITHER"} {
		e := embed(t, file, simulator.Options{})
		e.fake.Fail(simulator.Fault{Service: "ssm", Operation: "PutParameter", Times: -1, Err: &smithy.GenericAPIError{
			Code: "ValidationException", Fault: smithy.FaultClient,
			Message: "1 validation error detected: Value '" + quoted + "' at 'value' failed to satisfy constraint",
		}})
		s := e.session()
		s.terminal.err = newSink(&e.talk)
		p, st, err := s.plan(t.Context(), plan.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		report(t.Context(), s.terminal, s.carryOut(t.Context(), p, st, applyFlags{}))
		if talk := e.talk.String(); strings.Contains(talk, value) || !strings.Contains(talk, "1 validation error detected: Value '") || !strings.Contains(talk, "***") {
			t.Errorf("%s", talk)
		}
	}
}

// TestPayloads has all that foreign texts may repeat, and no name of the stack.
func TestPayloads(t *testing.T) {
	resource := func(name string, payload any) *plan.Resource {
		return &plan.Resource{Address: plan.Address{Kind: "k", Name: name}, Payload: payload}
	}
	build := &spec.BuildSource{Secrets: []spec.BuildSecret{{ID: "npm", Env: "NPM_TOKEN"}, {ID: "key", File: "/key"}}}
	want := &plan.Stack{Target: plan.Target{Project: "shop"}, Resources: []*plan.Resource{
		resource("DB_PASSWORD", "of-a-parameter"), resource("USER", "shop"), resource("DATABASE", "USER"),
		resource("web", &spec.ImageSource{Build: build}), resource("api", &spec.ImageSource{}),
	}}
	got := keptSecret(want, map[string]string{"NPM_TOKEN": "of-a-build", "key": "x"})
	if diff := cmp.Diff([]string{"of-a-parameter", "of-a-build"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAPanicIsAFaultOfThisProgram has a command fail on a mistake of ours.
func TestAPanicIsAFaultOfThisProgram(t *testing.T) {
	var talk bytes.Buffer
	mistaken := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
		var none *session
		return none.close()
	}}
	mistaken.SetArgs(nil)
	err := execute(t.Context(), mistaken)
	report(t.Context(), terminal{err: newSink(&talk)}, err)
	if code := exitCode(t.Context(), err); code != codeError {
		t.Errorf("it ends with %d", code)
	}
	want := regexp.MustCompile(`^error: a fault of compose2fargate \S+: invalid memory address or nil pointer dereference at \S*\.go:\d+\n  help: report it with this text at https://`)
	if !want.Match(talk.Bytes()) {
		t.Errorf("%s", talk.String())
	}
}
