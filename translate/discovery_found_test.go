package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Names that nobody would write take no more steps than those of the biggest stacks.
func TestUsesOfNamesAreBounded(t *testing.T) {
	words := func(host string, first, n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("%s:%d", host, first+i))
		}
		return strings.Join(out, ",")
	}
	var file strings.Builder
	file.WriteString("services:\n")
	for i := range 25 {
		fmt.Fprintf(&file, "  s%d:\n    image: example.com/app\n    environment:\n", i)
		for j := range 3 {
			fmt.Fprintf(&file, "      V%d: \"%s\"\n", j, words("s0", 1000+500*j, 450))
		}
	}
	p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(file.String())})
	if p == nil {
		t.Fatal(printed(ds))
	}
	b := newBase(p, plan.Facts{})
	groupTasks(b)
	named := findNames(b)
	if got := len(named["s0"]); got != maxUses {
		t.Errorf("%d uses of names are found in one service, want %d", got, maxUses)
	}
	if got, want := len(named), b.mostUses()/maxUses+1; got != want {
		t.Errorf("%d services are searched, want %d: the others are too many", got, want)
	}
	if got := len(findPorts(b, named)["s0"].suggested); got != maxSuggested {
		t.Errorf("%d ports are taken from what is called, want %d", got, maxSuggested)
	}
	if refuseCrowd(b, named); !strings.Contains(printed(b.ds), "name services at more than") {
		t.Error("nothing is said of them")
	}
}
