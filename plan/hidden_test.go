package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestAStackHidesWhatItIsTold(t *testing.T) {
	s, err := plan.NewStack(spec.Kinds(), target, nil, "Crimson-otter-77", "k3y5")
	if err != nil {
		t.Fatal(err)
	}
	for text, hidden := range map[string]bool{
		"Crimson-otter-77":              true,
		"xCrimson-otter-77x":            true, // long enough to be found within others
		"crimson-otter-77":              false,
		"k3y5":                          true,
		"a=k3y5,b":                      true,
		"k3y55":                         false, // another word
		"ak3y5":                         false,
		"k3y55 or k3y5":                 true,
		"ök3y5":                         false,
		"":                              false,
		"nothing":                       false,
		strings.Repeat("k3y5x", 1<<16):  false,
		"-" + strings.Repeat("k3y5", 2): false,
	} {
		if got := s.Hides(text); got != hidden {
			t.Errorf("%.40q is hidden: %v", text, got)
		}
	}
}

// TestTheSecretBeforeIsHiddenToo changes a command in which nothing but the stack tells the
// secret: what was at its place is the old one.
func TestTheSecretBeforeIsHiddenToo(t *testing.T) {
	for name, test := range map[string]struct{ was, is, shown []string }{
		"at its place":       {[]string{"run", "old-Violet-1"}, []string{"run", "Crimson-otter-77"}, []string{"run"}},
		"behind its option":  {[]string{"run", "--with", "old-Violet-1"}, []string{"run", "-v", "--with", "Crimson-otter-77"}, []string{"run", "--with"}},
		"other words change": {[]string{"run", "slow", "old-Violet-1"}, []string{"run", "fast", "Crimson-otter-77"}, []string{"run", "slow"}},
		"within a word":      {[]string{"run --with old-Violet-1"}, []string{"run --with Crimson-otter-77"}, nil},
		"no secret before":   {[]string{"run"}, []string{"run", "Crimson-otter-77"}, []string{"run"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := shop(), shop()
			command := func(resources []*plan.Resource, words []string) {
				changeOf(t, resources, "task-definition", "web", func(s *spec.TaskDefinition) { s.ContainerDefinitions[0].Command = words })
			}
			command(before, test.was)
			command(after, test.is)
			l := live(t, applied(t, want(t, before)))
			w, err := plan.NewStack(spec.Kinds(), target, after, "Crimson-otter-77")
			if err != nil {
				t.Fatal(err)
			}
			p := diff(t, l, w, plan.Scope{})
			var out strings.Builder
			if err := p.Encode(&out); err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"Violet", "otter"} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("the plan holds %s", secret)
				}
			}
			if diff := cmp.Diff(test.shown, shownBefore(p)); diff != "" {
				t.Errorf("shown of the command before (-want +got):\n%s", diff)
			}
		})
	}
}

// shownBefore are the words of the command before that the plan does not hide.
func shownBefore(p *plan.Plan) []string {
	var out []string
	for _, c := range p.Find(address("task-definition", "web")).Changes {
		words, _ := c.From.([]any)
		for _, word := range words {
			if text := word.(string); !strings.HasPrefix(text, plan.SecretPrefix) {
				out = append(out, text)
			}
		}
	}
	return out
}
