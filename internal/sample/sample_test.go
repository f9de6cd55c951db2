package sample

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOf(t *testing.T) {
	var cases []string
	for i := range 2000 {
		cases = append(cases, strconv.Itoa(i))
	}
	self := func(c string) string { return c }
	of := func(seed string) []string {
		t.Setenv(Variable, seed)
		return Of(t, cases, 40, self)
	}

	few := of("")
	if len(few) < 25 || len(few) > 100 {
		t.Errorf("one in 40 of 2000 are %d", len(few))
	}
	if d := cmp.Diff(few, of("")); d != "" {
		t.Errorf("the same run chose others (-first +second):\n%s", d)
	}
	seeded := of("c3a82f1")
	if len(seeded) < 10*len(few) {
		t.Errorf("with a seed %d, without %d: want about sixteen times as many", len(seeded), len(few))
	}
	if cmp.Equal(seeded, of("fc6dfd1")) {
		t.Error("two seeds chose the same")
	}
	if d := cmp.Diff(cases, of("full")); d != "" {
		t.Errorf("full leaves some out:\n%s", d)
	}
	t.Setenv(Variable, "")
	if got := Of(t, []string{"only"}, 1_000_000, self); len(got) != 1 {
		t.Errorf("of one case %d are tried", len(got))
	}
}
