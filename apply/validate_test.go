package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

func TestABrokenPlanIsRefusedBeforeTheFirstCall(t *testing.T) {
	step := func(at string, verb plan.Verb, after ...string) plan.Step {
		return plan.Step{ID: plan.StepID(address(at), verb), Address: address(at), Verb: verb, After: after}
	}
	cases := []struct {
		name  string
		steps []plan.Step
		want  string
	}{
		{
			"a circle",
			[]plan.Step{
				step("thing/a", plan.CreateVerb, "thing/b#create"), step("thing/b", plan.CreateVerb, "thing/a#create"),
				step("app/x", plan.CreateVerb),
			},
			"broken plan: steps wait for each other in a circle: thing/a#create after thing/b#create after thing/a#create",
		},
		{
			"a step after one that is not there",
			[]plan.Step{step("thing/a", plan.CreateVerb, "thing/z#create")},
			`broken plan: step "thing/a#create" waits for "thing/z#create", which is not in the plan`,
		},
		{
			"a duplicated step",
			[]plan.Step{step("thing/a", plan.CreateVerb), step("thing/a", plan.CreateVerb)},
			`broken plan: step "thing/a#create" is duplicated`,
		},
		{
			"a resource that the plan does not know",
			[]plan.Step{step("thing/z", plan.CreateVerb)},
			`broken plan: step "thing/z#create" changes a resource that is not in the plan`,
		},
		{
			"a start of what cannot be started",
			[]plan.Step{step("thing/a", plan.StartVerb)},
			"broken plan: step thing/a#start: a thing cannot be started",
		},
		{
			"an unknown verb",
			[]plan.Step{step("thing/a", "frobnicate")},
			`broken plan: step "thing/a#frobnicate" has the verb "frobnicate", which this version does not support`,
		},
		{
			"two problems",
			[]plan.Step{step("thing/a", plan.ReleaseVerb), step("thing/gone", plan.UpdateVerb)},
			lines(
				"broken plan: step thing/a#release: a thing cannot be released",
				"step thing/gone#update: its resource is not in the desired stack",
			),
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud()
			in := cloud.plan(t, wants(t, wish("thing/a", 1), wish("thing/b", 1), wish("app/x", 1)))
			in.Plan.Resources = append(in.Plan.Resources, &plan.ResourcePlan{Address: address("thing/gone")})
			in.Plan.Steps = c.steps
			err := apply.Run(t.Context(), in, apply.Options{})
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if len(cloud.reads)+len(cloud.log) > 0 {
				t.Errorf("calls: %v %v", cloud.reads, cloud.log)
			}
		})
	}
}
