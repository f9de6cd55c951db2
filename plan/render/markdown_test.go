package render

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

func TestMarkdownIsTheGoldenComment(t *testing.T) {
	eachCase(t, func(t *testing.T, name string, p *plan.Plan) {
		comment := markdown(t, p, MarkdownOptions{})
		checkComment(t, comment, githubLimit)
		golden(t, name+".md", comment)
	})
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// allowed is all the HTML that a comment has outside of its fences.
var allowed = regexp.MustCompile(`</?details>|</?summary>|</?code>|</?sub>|<br>|^<!-- compose2fargate:plan [^<>]*[^<>-] -->$`)

// checkComment checks what must hold of any comment: it is short enough, and
// what opens in it closes.
func checkComment(t *testing.T, comment string, limit int) {
	t.Helper()
	if len(comment) >= limit {
		t.Fatalf("%d bytes, limit %d", len(comment), limit)
	}
	open, fence := 0, ""
	for row := range strings.SplitSeq(comment, "\n") {
		ticks := row[:len(row)-len(strings.TrimLeft(row, "`"))]
		switch {
		case fence != "":
			if len(ticks) >= len(fence) {
				if row != fence {
					t.Fatalf("a fence is closed by %q", row)
				}
				fence = ""
			}
			continue
		case len(ticks) >= 3:
			fence = ticks
			continue
		}
		open += strings.Count(row, "<details>") - strings.Count(row, "</details>")
		if rest := allowed.ReplaceAllString(codeSpan.ReplaceAllString(row, ""), ""); strings.ContainsAny(rest, "<>") {
			t.Fatalf("markup: %q", rest)
		}
		if strings.HasPrefix(row, "|") && strings.Count(row, "|") != 6 {
			t.Fatalf("a row of the table has other cells: %q", row)
		}
	}
	if open != 0 || fence != "" {
		t.Fatalf("%d details and fence %q are open in\n%s", open, fence, comment)
	}
}

// hostile are pieces of text that mean something to somebody.
var hostile = []string{
	"a", "web", " ", "\n", "\r\n", "\x1b[31m", "\u009b2J", "\u202e", "`", "```", "````\n", "|", "<b>", "</details>", "<!--", "-->", "--",
	"@octocat", "#1", "https://evil.example", "&amp;", "\\", "~~~", "*", "_", "$x$", "\xff", "é", "漢", "\x00", "- ", "# ", "${ref:a/b.c}",
	plan.SecretPrefix + "Zm9v", "\\x1", "\\u12é", "[x](y)", "0.0.0.0/0", "\t", "</summary>",
}

func hostileText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) + 1 {
		b.WriteString(hostile[r.IntN(len(hostile))])
	}
	if r.IntN(50) == 0 {
		return strings.Repeat(b.String(), 400)
	}
	return b.String()
}

func hostileValue(r *rand.Rand, depth int) any {
	switch n := r.IntN(6); {
	case n == 0 && depth > 0:
		return []any{hostileValue(r, depth-1), hostileValue(r, depth-1)}
	case n <= 2 && depth > 0:
		return map[string]any{hostileText(r): hostileValue(r, depth-1), hostileText(r): hostileValue(r, depth-1)}
	case n == 3:
		return r.IntN(1000)
	case n == 4:
		return nil
	default:
		return hostileText(r)
	}
}

func hostilePlan(r *rand.Rand, resources int) *plan.Plan {
	actions := [][]plan.Action{{plan.Create}, {plan.Update}, {plan.Revise}, {plan.Delete}, {plan.Create, plan.Delete}, {plan.Delete, plan.Create}, {plan.Adopt}, {plan.Keep}, nil, {"strange"}}
	ops, causes := []plan.Op{plan.OpCreate, plan.OpUpdate, plan.OpDelete}, []plan.Cause{plan.Config, plan.Drift, plan.Dependency, plan.Absent, plan.Cause(hostileText(r))}
	p := &plan.Plan{
		Tool: hostileText(r), Simulated: true, Digest: hostileText(r),
		Target: plan.Target{Project: hostileText(r), Account: hostileText(r), Region: hostileText(r)},
		Facts:  plan.Facts{Network: hostileText(r)},
		Scope:  plan.Scope{Only: []string{hostileText(r)}, Adopt: []string{hostileText(r)}},
	}
	for i := range resources {
		resource := &plan.ResourcePlan{
			Address: plan.Address{Kind: "service", Name: fmt.Sprint(i, hostileText(r))}, Actions: actions[r.IntN(len(actions))],
			Cause: causes[r.IntN(len(causes))], Name: hostileText(r), Effects: plan.Effects{Restarts: r.IntN(3)},
			Source: &diag.Pos{File: hostileText(r), Line: r.IntN(9)}, Unmanaged: []string{hostileText(r)},
		}
		for range r.IntN(5) {
			resource.Changes = append(resource.Changes, plan.Change{
				Path: []string{"f", hostileText(r)}, Op: ops[r.IntN(len(ops))], Cause: causes[r.IntN(len(causes))],
				From: hostileValue(r, 3), To: hostileValue(r, 3), Replaces: r.IntN(5) == 0, Sensitive: r.IntN(5) == 0,
			})
		}
		p.Resources = append(p.Resources, resource)
		p.Steps = append(p.Steps, plan.Step{ID: resource.Address.String() + "#update", Address: resource.Address, Verb: plan.UpdateVerb})
	}
	for range resources / 10 {
		p.Guards = append(p.Guards, plan.Guard{Address: plan.Address{Kind: "service", Name: hostileText(r)}, Message: hostileText(r), Help: hostileText(r)})
		p.Diagnostics.Errorf(diag.Pos{File: hostileText(r)}, hostileText(r), hostileText(r), "%s", hostileText(r))
	}
	return p
}

func TestAnyPlanFitsIntoAComment(t *testing.T) {
	for seed, resources := range []int{0, 1, 2, 7, 7, 60, 60, 300, 3000} {
		p := hostilePlan(rand.New(rand.NewPCG(uint64(seed), 1)), resources)
		limits := []int{0, 20000, 1000000}
		if resources > 1000 {
			limits = limits[:1] // enough of a wait
		}
		for _, limit := range limits {
			comment := markdown(t, p, MarkdownOptions{Limit: limit})
			if limit == 0 {
				limit = githubLimit
			}
			checkComment(t, comment, limit)
			checkShown(t, comment)
		}
	}
}

func TestNoPlanBreaksTheText(t *testing.T) {
	for seed, resources := range []int{1, 7, 60, 300} {
		p := hostilePlan(rand.New(rand.NewPCG(uint64(seed), 2)), resources)
		checkShown(t, text(t, p, TextOptions{Width: 70}))
		checkShown(t, text(t, p, TextOptions{Full: true}))
	}
}

func TestWhatIsLeftOutIsCounted(t *testing.T) {
	p := manyResources(2000)
	comment := markdown(t, p, MarkdownOptions{})
	checkComment(t, comment, githubLimit)
	rows := strings.Count(comment, "\n| `")
	blocks := strings.Count(comment, "<details>")
	for _, want := range []string{
		fmt.Sprintf("and %d more resources that this table has no room for", 2000-rows),
		fmt.Sprintf("%d resources' details left out: see `compose2fargate show plan.json`", 2000-blocks),
		"| `-` | `service/gone1999` |", // what is deleted stays whatever is cut
	} {
		if !strings.Contains(comment, want) {
			t.Errorf("%q is not in the comment of %d rows and %d blocks", want, rows, blocks)
		}
	}
	if len(comment) < githubLimit*9/10 {
		t.Errorf("only %d bytes used", len(comment))
	}
}

// manyResources has one resource that goes, sorted last, among n.
func manyResources(n int) *plan.Plan {
	p := &plan.Plan{Target: plan.Target{Project: "shop", Account: "123456789012", Region: "eu-west-1"}}
	for i := range n {
		r := &plan.ResourcePlan{Address: plan.Address{Kind: "service", Name: fmt.Sprintf("app%04d", i)}, Actions: []plan.Action{plan.Create}, Cause: plan.Absent}
		if i == n-1 {
			r.Address.Name, r.Actions, r.Cause = fmt.Sprintf("gone%d", i), []plan.Action{plan.Delete}, plan.Removed
		}
		r.Changes = []plan.Change{{Path: []string{"desiredCount"}, Op: plan.OpCreate, To: 1, Cause: plan.Absent}}
		p.Resources = append(p.Resources, r)
	}
	return p
}

func TestDetailsOfWhatIsDeletedComeFirst(t *testing.T) {
	comment := markdown(t, readCase(t, "change"), MarkdownOptions{})
	gone := strings.Index(comment, "security-group/net.back</code>")
	changed := strings.Index(comment, "service/db</code>")
	if gone < 0 || changed < gone {
		t.Errorf("order of details: %d, %d", gone, changed)
	}
}

func TestALimitThatIsTooSmallIsAnError(t *testing.T) {
	var b bytes.Buffer
	err := Markdown(&b, kinds, readCase(t, "first"), MarkdownOptions{Limit: 300})
	if err == nil || b.Len() > 0 {
		t.Errorf("error %v, wrote %s", err, b.String())
	}
}
