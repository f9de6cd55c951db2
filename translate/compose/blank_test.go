package compose

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

func TestExpandFindsVariablesThatBecomeBlank(t *testing.T) {
	defer silence()()
	env := types.Mapping{"SET": "value", "EMPTY": ""}
	for _, test := range []struct {
		name, text string
		want       expansion
	}{
		{"none", "plain $ text", expansion{}},
		{"set ones", "$SET ${SET} ${EMPTY}", expansion{filled: []became{{"SET", "value"}, {"SET", "value"}}}},
		{"both forms", "$A ${B}", expansion{blank: []string{"A", "B"}}},
		{"each once", "$A $A", expansion{blank: []string{"A"}}},
		{"escaped ones", "$$A $${B}", expansion{}},
		{"defaults", "${A:-x} ${A-x} ${EMPTY:-x}", expansion{filled: []became{{"A", "x"}, {"A", "x"}, {"EMPTY", "x"}}}},
		{"in a default that is used", "${A:-$B} ${EMPTY:-$C}", expansion{blank: []string{"B", "C"}}},
		{"in a default that is not used", "${SET:-$B} ${EMPTY-$C}", expansion{filled: []became{{"SET", "value"}}}},
		{"a default with a variable", "${A:-a ${SET}} ${SET:?why}", expansion{filled: []became{{"SET", "value"}, {"A", "a value"}, {"SET", "value"}}}},
		{"an alternative of a secret", "${SET:+yes}", expansion{}},
		{"alternatives", "${SET:+$A} ${B:+$C} ${EMPTY+$D} ${EMPTY:+$E}", expansion{blank: []string{"A", "D"}}},
		{"after a default", "${A:-x}$B", expansion{blank: []string{"B"}, filled: []became{{"A", "x"}}}},
		{"nested", "${A:-${B:-${C}}}", expansion{blank: []string{"C"}}},
		{"required ones", "${A:?no A} ${EMPTY:?} ${EMPTY?} ${B?no $SET}", expansion{missing: []missing{{"A", "no A"}, {"EMPTY", ""}, {"B", "no value"}}}},
		{"broken ones", "${A", expansion{invalid: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := expand(test.text, env)
			got.env = nil
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(expansion{}, missing{}, became{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// FuzzExpand holds expand against what compose-go does.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"${A:?b}", "${A:-${B}}$C", "$$A", "${", "${A}}", "${A-{}}", "${A:+${B:?}}"} {
		f.Add(seed)
	}
	defer silence()()
	f.Fuzz(func(t *testing.T, text string) {
		env := types.Mapping{"SET": "value", "EMPTY": ""}
		e := expand(text, env)
		_, err := template.Substitute(text, env.Resolve)
		if failed := e.invalid || len(e.missing) > 0; err == nil && failed {
			t.Errorf("%q: compose-go takes it, expand finds %+v", text, e)
		}
	})
}
