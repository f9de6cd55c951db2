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
