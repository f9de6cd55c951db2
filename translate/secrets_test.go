package translate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// TestNoSecretIsPrinted searches all that the package prints for the marker that
// stands in every place a secret can come from.
func TestNoSecretIsPrinted(t *testing.T) {
	for _, dir := range []string{"secrets", "secrets-env", "secrets-refused", "secrets-env-refused", "secrets-offline", "configs", "build", "files", "files-inline"} {
		t.Run(dir, func(t *testing.T) {
			dir := "testdata/map/" + dir
			p, stack, ds := stackOf(t, dir)
			texts := map[string]string{"diagnostics": printed(ds), "report": reported(p.Report())}
			for _, d := range ds {
				texts["diagnostics"] += d.Help
			}
			if stack != nil {
				texts["stack"] = stackText(t, stack)
				for _, d := range TaskDefinitions(stack) {
					texts[d.Name] = string(d.JSON)
				}
				texts["plan"] = planText(t, stack)
			}
			for what, text := range texts {
				if i := strings.Index(strings.ToLower(text), "marker"); i >= 0 {
					t.Errorf("%s: …%s…", what, text[max(0, i-80):min(len(text), i+80)])
				}
			}
		})
	}
}

// planText is a plan that makes all of a stack, as it is stored; "" for a stack
// that is only looked at.
func planText(t *testing.T, stack *plan.Stack) string {
	t.Helper()
	if stack.Target.Account == "" {
		return ""
	}
	live, err := plan.LiveStack(spec.Kinds(), stack.Target, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := plan.Diff(spec.Kinds(), live, stack, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestASecretIsKeptUnderTheHashOfItsValue(t *testing.T) {
	_, stack, ds := stackOf(t, "testdata/map/secrets")
	if stack == nil {
		t.Fatal(printed(ds))
	}
	got := map[string]string{}
	for _, r := range stack.Resources {
		if value, ok := r.Payload.(string); ok {
			got[r.Address.String()] = fmt.Sprintf("%.9s", value)
		}
	}
	want := map[string]string{
		"parameter/password": "MARKER\n", "parameter/token": "MARKER", "parameter/binary": "AAFNQVJLR",
		"parameter/json/user": "MARKER", "parameter/json/port": "5432", "secret/large": "MARKER MA",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestGapsAreFilledByWhatIsLive(t *testing.T) {
	const gap = compose.Gap
	for what, test := range map[string]struct {
		wanted, live []string
		filled       bool
	}{
		"in a word":                 {[]string{"serve", "--key=" + gap}, []string{"serve", "--key=abc"}, true},
		"beside other changes":      {[]string{"--key=" + gap, "--new"}, []string{"serve", "--key=abc"}, true},
		"blank as well":             {[]string{"serve", "--key=" + gap}, []string{"serve", "--key="}, false},
		"not there":                 {[]string{"serve", "--key=" + gap}, []string{"serve"}, false},
		"a word":                    {[]string{"serve", "--key", gap}, []string{"serve", "--key", "abc"}, true},
		"a blank word":              {[]string{"serve", "--key", gap, "--fast"}, []string{"serve", "--key", "--fast"}, false},
		"two in a word":             {[]string{gap + ":" + gap}, []string{"user:word"}, true},
		"one of two":                {[]string{gap + ":" + gap}, []string{"user:"}, false},
		"what patterns would match": {[]string{"a.c=" + gap}, []string{"abc=1"}, false},
		"a script of many lines":    {[]string{"-c", "one\nrun " + gap + "\ntwo"}, []string{"-c", "one\nrun it\ntwo"}, true},
	} {
		if got := fillGaps([][]string{nil, test.live}, test.wanted); got != test.filled {
			t.Errorf("%s: %t", what, got)
		}
	}
}
