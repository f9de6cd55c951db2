package plan_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestAValueIsTheSameAfterJSON(t *testing.T) {
	for _, v := range []plan.Value{
		plan.Literal(""), plan.Literal("a"), plan.Literal("$${ref:x}"), plan.Literal("${HOME}"),
		plan.Literal("${ref:role/a.arn}"), plan.Literal("${ref:"), plan.Literal("${text:}"), plan.Literal("${text:a}b"),
		plan.RefTo(address("role", "web.task"), "arn", ""),
	} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var got plan.Value
		if err := json.Unmarshal(data, &got); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		if d := cmp.Diff(v, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", data, d)
		}
	}
}

// TestAVariableThatRefersToAResourceWaitsForIt: a reference is an edge of the graph
// wherever it is.
func TestAVariableThatRefersToAResourceWaitsForIt(t *testing.T) {
	definition := &plan.Resource{Address: address("task-definition", "web"), Spec: &spec.TaskDefinition{
		ContainerDefinitions: []spec.Container{{Name: "web", Environment: []spec.EnvironmentEntry{
			{Name: "GROUP", Value: plan.RefTo(address("log-group", "shop"), "arn", "")},
		}}},
	}}
	refs := plan.Refs(definition.Spec)
	if !slices.Contains(refs, plan.Ref{Address: address("log-group", "shop"), Attr: "arn"}) {
		t.Errorf("refers to %v", refs)
	}
	if _, err := plan.NewStack(spec.Kinds(), target, []*plan.Resource{definition}); err == nil {
		t.Error("a variable refers to what is not in the stack, and nobody minds")
	}
}

// TestTheHashOfASpecHasItsRefsAsTheyWere: the hash is a tag of what is deployed, so
// that one that changes with a release changes every stack there is.
func TestTheHashOfASpecHasItsRefsAsTheyWere(t *testing.T) {
	stack := want(t, shop())
	got := map[string]string{}
	for _, r := range stack.Resources {
		got[r.Address.String()] = r.Hash
	}
	if d := cmp.Diff(map[string]string{
		"cluster/shop":            "dacd73b4ea437e15c2b5f50951776363",
		"log-group/shop":          "4411f291b5baa49ce18e2adb12283002",
		"role/execution":          "a87360978dbb5589eb7f7452732c1688",
		"security-group/net.back": "d64d20f1034c983a993cfda3ff089f08",
		"service/db":              "b9a7550c0adcb0a62e9ec4f8d708da94",
		"service/web":             "21c4331d702df4969fc4e6d1a07ca4b3",
		"task-definition/db":      "54738abcc37239b27a1d740f5968a20a",
		"task-definition/web":     "30bd6233dfd787f2f5bf43d548f95e36",
	}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
