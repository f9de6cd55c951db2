package render

import "github.com/compose2fargate/compose2fargate/plan"

import "testing"

func TestOwnerIsTheLongestServiceThatTheNameBeginsWith(t *testing.T) {
	known := map[string]bool{"web": true, "web.v2": true, "net": true, "shop": true}
	for address, want := range map[string]string{
		"service/other":                            "other",
		"task-definition/web.v2":                   "web.v2",
		"role/web.execution":                       "web",
		"role/web.v2.task":                         "web.v2",
		"role/unchanged.execution":                 "unchanged",
		"role/execution":                           "",
		"target-group/web.8080":                    "web",
		"target-group/unchanged.80":                "unchanged",
		"security-group/web":                       "web",
		"security-group/unchanged":                 "unchanged",
		"security-group/net.back":                  "",
		"security-group/load-balancer.application": "",
		"load-balancer/network":                    "",
		"listener/web.tcp-80":                      "",
		"record/web.example.org":                   "",
		"certificate/web":                          "",
		"listener-rule/web.80":                     "web",
		"listener-rule/unchanged.80":               "unchanged",
		"listener-rule/unchanged.80.2":             "unchanged",
		"listener-rule/un.changed.80":              "un.changed",
		"discovery-service/unchanged":              "unchanged",
		"image/web":                                "web",
		"cluster/shop":                             "",
		"log-group/shop":                           "",
		"access-point/web":                         "",
		"of-another-release/web":                   "",
	} {
		a, err := plan.ParseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := owner(kinds[a.Kind], a.Name, known); got != want {
			t.Errorf("%s is for %q, want %q", address, got, want)
		}
	}
}

func TestWhatDestroysComesFirst(t *testing.T) {
	resources := []*plan.ResourcePlan{
		{Address: plan.Address{Kind: "role", Name: "web.execution"}, Actions: []plan.Action{plan.Update}},
		{Address: plan.Address{Kind: "service", Name: "web"}, Actions: []plan.Action{plan.Update}},
		{Address: plan.Address{Kind: "target-group", Name: "web.80"}, Actions: []plan.Action{plan.Create, plan.Delete}},
		{Address: plan.Address{Kind: "target-group", Name: "web.81"}, Actions: []plan.Action{plan.Delete}},
		{Address: plan.Address{Kind: "task-definition", Name: "web"}, Actions: []plan.Action{plan.Revise}},
		{Address: plan.Address{Kind: "repository", Name: "web"}, Actions: []plan.Action{plan.Delete}, Effects: plan.Effects{DataLoss: true}},
	}
	got := groupByService(kinds, resources)
	want := []string{"repository/web", "target-group/web.81", "target-group/web.80", "service/web", "task-definition/web", "role/web.execution"}
	if len(got) != 1 || len(got[0].resources) != len(want) {
		t.Fatalf("groups %v", got)
	}
	for i, r := range got[0].resources {
		if r.Address.String() != want[i] {
			t.Errorf("%d is %s, want %s", i, r.Address, want[i])
		}
	}
}
