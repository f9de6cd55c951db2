package render

import "github.com/compose2fargate/compose2fargate/plan"

import "testing"

func TestVerdict(t *testing.T) {
	steps := []plan.Step{{ID: "service/web#update"}}
	guards := []plan.Guard{{Rule: "foreign"}}
	for want, p := range map[string]plan.Plan{
		"shop: 2 to create, 1 new revision, 1 to update, 0 to delete; 1 service restarts (3 tasks)": {
			Steps: steps, Summary: plan.Summary{Create: 2, Revise: 1, Update: 1, Services: 1, Restarts: 3},
		},
		"shop: 1 to adopt, 2 new revisions, 1 to resume, 1 to replace, 3 to delete, 2 leftovers kept; 2 services restart (1 task); 1 task starts; 2 tasks stop; 1 resource was changed outside": {
			Steps: steps, Summary: plan.Summary{Adopt: 1, Revise: 2, Resume: 1, Replace: 1, Delete: 3, Keep: 2, Services: 2, Restarts: 1, Starts: 1, Stops: 2, Drift: 1},
		},
		"shop: 1 to update, 0 to delete; 1 service is interrupted; data loss in 1 resource": {
			Steps: steps, Summary: plan.Summary{Update: 1},
			Resources: []*plan.ResourcePlan{
				{Actions: []plan.Action{plan.Update}, Effects: plan.Effects{Interrupts: true, DataLoss: true}},
				{Actions: []plan.Action{plan.Keep}, Effects: plan.Effects{DataLoss: true}},
			},
		},
		"shop: 2 to create, 0 to delete; exposed to 0.0.0.0/0 on tcp 80 and 0.0.0.0/0 on udp 53": {
			Steps: steps, Summary: plan.Summary{Create: 2},
			Resources: []*plan.ResourcePlan{
				{Actions: []plan.Action{plan.Create}, Effects: plan.Effects{Exposes: []string{"0.0.0.0/0 on udp 53"}}},
				{Actions: []plan.Action{plan.Create}, Effects: plan.Effects{Exposes: []string{"0.0.0.0/0 on tcp 80"}}},
			},
		},
		"shop: no changes. What runs is what the compose file says.":                        {},
		"shop: no changes. What runs is what the compose file says, except for 1 leftover.": {Summary: plan.Summary{Keep: 1}},
		"shop: no changes to db, web. What runs there is what the compose file says.":       {Scope: plan.Scope{Only: []string{"db", "web"}}},
		"shop: destroy: no changes. Nothing is left to delete, except for 2 leftovers.":     {Scope: plan.Scope{Destroy: true}, Summary: plan.Summary{Keep: 2}},
		"shop: destroy: 1 to delete":               {Scope: plan.Scope{Destroy: true}, Steps: steps, Summary: plan.Summary{Delete: 1}},
		"shop: blocked: 1 guard refuses this plan": {Guards: guards},
		"shop: blocked: 2 guards refuse this plan; otherwise 1 to create, 0 to delete; 1 task starts": {Guards: append(guards, guards...), Steps: steps, Summary: plan.Summary{Create: 1, Starts: 1}},
	} {
		p.Target.Project = "shop"
		if got := Verdict(&p); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
