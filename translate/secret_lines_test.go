package translate

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestAShellGivesTheWordsOfTheFiles runs command lines with secrets in them as a task would,
// by a program that prints its arguments.
func TestAShellGivesTheWordsOfTheFiles(t *testing.T) {
	for _, words := range [][]string{
		{"--password=Violet-hedgehog-31"},
		{"--password", "Violet hedgehog's \"31\" $HOME `id` \\n"},
		{"--url", "https://ada:Violet-hedgehog-31@db.example/?a=b&c=$d", "*", "~", "", "a  b", "it's", "#no"},
		{"before Amber-walrus-82 after", "Amber-walrus-82", "-pAmber-walrus-82", "$Amber-walrus-82'", "plain"},
		{"xAmber-walrus-82y", "Amber-walrus-82_z", "a 'Amber-walrus-82' b", "-Amber-walrus-82\\", "Amber-walrus-82Amber-walrus-82", "!Amber-walrus-82!"},
		{"--token", "two\nlines-with-9-words", "--token", "two\nlines-with-9-words"},
		{"--secret-key", "!#&()*;<>?[]^{|}~ %=+,4Tz9", "é", "日本"},
	} {
		command := append([]string{"printf", `<%s>\n`}, words...)
		var list []string
		for _, word := range command {
			list = append(list, strconv.Quote(strings.ReplaceAll(word, "$", "$$")))
		}
		stack := translated(t, fmt.Sprintf(`name: lines
services:
  a:
    image: alpine:3
    environment: {API_TOKEN: Amber-walrus-82}
    command: [%s]
`, strings.Join(list, ", ")), plan.Facts{})
		c := containerOf(t, stack, "a")
		if !slices.Equal(c.EntryPoint[:2], []string{"/bin/sh", "-c"}) || len(c.EntryPoint) != 3 || len(c.Command) > 0 {
			t.Errorf("%q becomes %q %q", words, c.EntryPoint, c.Command)
			continue
		}
		want, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil {
			t.Fatal(err)
		}
		run := exec.Command(c.EntryPoint[0], c.EntryPoint[1:]...)
		run.Env = append(run.Environ(), secretEnviron(t, stack, c)...)
		got, err := run.Output()
		if err != nil {
			t.Errorf("%q: %v", c.EntryPoint, err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%q -want +got\n%s", c.EntryPoint, diff)
		}
		if known := regexp.MustCompile(`hedgehog|walrus|9-words|4Tz9`).FindString(c.EntryPoint[2]); known != "" {
			t.Errorf("%s is in %s", known, c.EntryPoint[2])
		}
	}
}

func containerOf(t *testing.T, stack *plan.Stack, service string) spec.Container {
	t.Helper()
	r := stack.Find(plan.Address{Kind: spec.TaskDefinitionKind, Name: service})
	if r == nil {
		t.Fatalf("no task definition %s", service)
	}
	return r.Spec.(*spec.TaskDefinition).ContainerDefinitions[0]
}

// secretEnviron is what ECS would fetch for a container.
func secretEnviron(t *testing.T, stack *plan.Stack, c spec.Container) []string {
	t.Helper()
	var out []string
	for _, s := range c.Secrets {
		r := stack.Find(s.ValueFrom.Ref.Address)
		if r == nil {
			t.Fatalf("%s comes from nowhere", s.Name)
		}
		out = append(out, s.Name+"="+r.Payload.(string))
	}
	return out
}
