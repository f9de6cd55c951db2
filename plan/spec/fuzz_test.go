package spec

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// FuzzNormalize takes any JSON for the spec of any kind: normalizing it twice is
// normalizing it once, its normal form survives JSON, and none of it panics.
func FuzzNormalize(f *testing.F) {
	for kind, s := range written() {
		data, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(kind, data)
	}
	kinds := Kinds()
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		rules, known := kinds[kind]
		if !known {
			t.Skip("no such kind")
		}
		once := rules.New()
		if json.Unmarshal(data, once) != nil {
			t.Skip("no such spec")
		}
		rules.Normalize(once)
		twice := plan.Map(once, func(v plan.Value) plan.Value { return v })
		rules.Normalize(twice)
		if d := cmp.Diff(once, twice); d != "" {
			t.Fatalf("(-once +twice)\n%s", d)
		}
		if _, err := rules.Tree(once); err != nil {
			return // two of one name, which is refused and not lost
		}
		stack, err := plan.LiveStack(kinds, plan.Target{}, []*plan.Resource{{Address: plan.Address{Kind: kind, Name: "x"}, Spec: once}})
		if err != nil || len(stack.Resources) != 1 {
			t.Fatalf("no live stack: %v", err)
		}
	})
}
