package render

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// shownLines writes lines as OP text: from -> to # note, indented by depth.
func shownLines(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		text := l.text
		if l.from != "" || l.to != "" {
			text += ": " + l.from + " -> " + l.to
		}
		if l.note != "" {
			text += " # " + l.note
		}
		fmt.Fprintf(&b, "%s%s %s\n", strings.Repeat("  ", l.depth), l.op, strings.TrimSpace(text))
	}
	return b.String()
}

func linesOfChange(full bool, c plan.Change) string {
	r := &plan.ResourcePlan{Address: plan.Address{Kind: "service", Name: "web"}, Actions: []plan.Action{plan.Update}, Cause: plan.Config, Changes: []plan.Change{c}}
	return shownLines(liner{resource: r, secrets: secrets{}, full: full}.lines())
}

func TestLinesOfAChange(t *testing.T) {
	path := []string{"a", "b"}
	for name, c := range map[string]struct {
		change plan.Change
		want   string
	}{
		"numbers":            {plan.Change{Op: plan.OpUpdate, From: 1, To: 2.5}, "~ a.b: 1 -> 2.5\n"},
		"another type":       {plan.Change{Op: plan.OpUpdate, From: "1", To: 1}, "~ a.b: \"1\" -> 1\n"},
		"null":               {plan.Change{Op: plan.OpUpdate, From: nil, To: false}, "~ a.b: null -> false\n"},
		"a struct":           {plan.Change{Op: plan.OpCreate, To: struct{ X int }{1}}, "+ a.b: {X: 1}\n"},
		"strings":            {plan.Change{Op: plan.OpUpdate, From: []string{"x"}, To: []string{"y", "z"}}, "~ a.b: [\"x\"] -> [\"y\", \"z\"]\n"},
		"not encodable":      {plan.Change{Op: plan.OpCreate, To: func() {}}, "+ a.b: \"0x"},
		"an unknown":         {plan.Change{Op: plan.OpUpdate, From: "sg-1", To: "${ref:security-group/net.back.id}", Unknown: true}, "~ a.b: \"sg-1\" -> (known after apply) # id of security-group/net.back\n"},
		"unknown, no ref":    {plan.Change{Op: plan.OpUpdate, From: "sg-1", Unknown: true}, "~ a.b: \"sg-1\" -> (known after apply)\n"},
		"a ref inside":       {plan.Change{Op: plan.OpCreate, Unknown: true, To: []any{"${ref:a/b.id}", "sg-1"}}, "+ a.b: [(known after apply), \"sg-1\"]\n"},
		"a secret":           {plan.Change{Op: plan.OpUpdate, From: "argon2id:a", To: "argon2id:b", Sensitive: true}, "~ a.b: (sensitive #1) -> (sensitive #2)\n"},
		"the same secret":    {plan.Change{Op: plan.OpUpdate, From: "argon2id:a", To: map[string]any{"x": "argon2id:a"}}, "~ a.b:\n  - (sensitive #1)\n  + x: (sensitive #1)\n"},
		"a secret gone":      {plan.Change{Op: plan.OpUpdate, From: "argon2id:a", To: "plain", Sensitive: true}, "~ a.b: (sensitive #1) -> \"plain\"\n"},
		"sensitive unhashed": {plan.Change{Op: plan.OpUpdate, From: "x", To: []any{"y", 1, true, nil}, Sensitive: true}, "~ a.b: (sensitive) -> [(sensitive), (sensitive), (sensitive), null]\n"},
		"a replacement":      {plan.Change{Op: plan.OpUpdate, From: 1, To: 2, Replaces: true}, "~ a.b: 1 -> 2 # forces replacement\n"},
		"drift":              {plan.Change{Op: plan.OpUpdate, From: 1, To: 2, Cause: plan.Drift}, "~ a.b: 1 -> 2 # changed outside; apply sets it back\n"},
		"resumed":            {plan.Change{Op: plan.OpUpdate, From: 1, To: 2, Cause: plan.Resumed}, "~ a.b: 1 -> 2 # an earlier apply did not finish\n"},
		"lists of objects": {
			plan.Change{Op: plan.OpUpdate, From: []any{map[string]any{"k": "x"}, map[string]any{"k": "y"}}, To: []any{map[string]any{"k": "x"}, map[string]any{"k": "z"}}},
			"~ a.b:\n    - k: \"x\"\n  - - k: \"y\"\n  + - k: \"z\"\n",
		},
	} {
		c.change.Path = path
		if got := linesOfChange(false, c.change); !strings.HasPrefix(got, c.want) || strings.HasSuffix(c.want, "\n") && got != c.want {
			t.Errorf("%s: got\n%swant\n%s", name, got, c.want)
		}
	}
}

func TestShorteningNeverHidesTheDifference(t *testing.T) {
	common := strings.Repeat("x", 400)
	c := plan.Change{Path: []string{"a"}, Op: plan.OpUpdate, From: common + "1" + common, To: common + "2" + common}
	margin := strings.Repeat("x", diffMargin)
	want := fmt.Sprintf("~ a: ...%q... -> ...%q...\n", margin+"1"+margin, margin+"2"+margin)
	if d := cmp.Diff(want, linesOfChange(false, c)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if got := linesOfChange(true, c); len(got) < 1600 {
		t.Errorf("in full: %s", got)
	}
	c.To = common + "1" + common + "x"
	if got := linesOfChange(false, c); !strings.Contains(got, `x" -> ...`) || strings.Count(got, "x") > 6*diffMargin {
		t.Errorf("an insertion: %s", got)
	}
}

func TestLabelsAreUnambiguous(t *testing.T) {
	for want, path := range map[string][]string{
		"containerDefinitions.web.image":             {"containerDefinitions", "web", "image"},
		"c.web.environment.LEVEL":                    {"c", "web", "environment", "LEVEL", "value"},
		"tags.team":                                  {"tags", "team", "value"},
		"c.web.dockerLabels.value":                   {"c", "web", "dockerLabels", "value"},
		`c.web.dockerLabels["traefik.enable"]`:       {"c", "web", "dockerLabels", "traefik.enable"},
		`a["b\"]c"]`:                                 {"a", `b"]c`},
		"c.web.portMappings.8080/tcp":                {"c", "web", "portMappings", "8080/tcp"},
		"c.web.mountPoints./data//x":                 {"c", "web", "mountPoints", "/data//x"},
		`ingress["tcp/80/80/0.0.0.0/0"].description`: {"ingress", "tcp/80/80//0.0.0.0/0///", "description"},
		`a["(sensitive #1)"]`:                        {"a", "argon2id:x"},
		`a[""]`:                                      {"a", ""},
		`a["\x1b"]`:                                  {"a", "\x1b"},
	} {
		if got := (secrets{}).label(path); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Both sides of a line diff can be put together again from it.
func TestLineDiffsLoseNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	some := func() []string {
		out := make([]string, r.IntN(12))
		for i := range out {
			out[i] = string(rune('a' + r.IntN(4)))
		}
		return out
	}
	for range 2000 {
		a, b := some(), some()
		var from, to []string
		for _, l := range compareLines(a, b) {
			if l.op != "+" {
				from = append(from, l.text)
			}
			if l.op != "-" {
				to = append(to, l.text)
			}
		}
		if strings.Join(from, " ") != strings.Join(a, " ") || strings.Join(to, " ") != strings.Join(b, " ") {
			t.Fatalf("%v and %v became %v and %v", a, b, from, to)
		}
	}
}

func TestALineDiffThatIsTooLargeIsStillWhole(t *testing.T) {
	a, b := make([]string, 2000), make([]string, 2000)
	for i := range a {
		a[i], b[i] = fmt.Sprint("a", i), fmt.Sprint("b", i)
	}
	if got := compareLines(a, b); len(got) != 4000 {
		t.Errorf("%d lines", len(got))
	}
}

func TestWrapKeepsEscapesWhole(t *testing.T) {
	input := `one "two\x1b\u202e\U0001f600\\\"three" ` + strings.Repeat(`\x1b`, 30) + ` end  of  it`
	for width := 12; width < 60; width++ {
		rows := wrap(input, width)
		var atomsOfRows []string
		for _, row := range rows {
			if n := utf8.RuneCountInString(row); n > width {
				t.Errorf("width %d: %d in %q", width, n, row)
			}
			atomsOfRows = append(atomsOfRows, atoms(row)...)
		}
		strip := func(list []string) string { return strings.ReplaceAll(strings.Join(list, "|"), " |", "") }
		if got, want := strip(atomsOfRows), strip(atoms(input)); got != want {
			t.Errorf("width %d:\n%s\n%s", width, got, want)
		}
	}
}

func TestCutKeepsEscapesWhole(t *testing.T) {
	const input = `ab\x1b\u202eé漢\q`
	for n := 3; n < len(input); n++ {
		got := cut(input, n)
		if len(got) > n || !strings.HasSuffix(got, "...") || !utf8.ValidString(got) {
			t.Errorf("cut to %d: %q", n, got)
		}
		if head := strings.TrimSuffix(got, "..."); strings.Contains(head, `\`) && !strings.Contains(head, `\x1b`) {
			t.Errorf("cut to %d tears an escape: %q", n, got)
		}
	}
	if got := cut(input, len(input)); got != input {
		t.Errorf("what fits was cut: %q", got)
	}
}

func TestClean(t *testing.T) {
	for input, want := range map[string]string{
		"plain é 漢":         "plain é 漢",
		"a\r\nb\tc":         "a  b c",
		"\x1b[2J\u009b\x00": `\x1b[2J\u009b\x00`,
		"\u202e\u200b\xff":  `\u202e\u200b\xff`,
	} {
		if got := clean(input); got != want {
			t.Errorf("clean(%q) = %q, want %q", input, got, want)
		}
	}
}
