package plan_test

import (
	"slices"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestASavedPlanHasMovedWhereSomethingElseWouldHappen(t *testing.T) {
	w := want(t, shop())
	saved := diff(t, live(t, nil), w, plan.Scope{})
	changed := shop()
	changeOf(t, changed, "cluster", "shop", func(s *spec.Cluster) { s.ContainerInsights = "disabled" })
	one := applied(t, w)
	one = slices.DeleteFunc(one, func(r *plan.Resource) bool { return r.Address != address("log-group", "shop") })
	for name, c := range map[string]struct {
		now    *plan.Plan
		moved  []plan.Address
		wanted bool
	}{
		"nothing changed":           {diff(t, live(t, nil), want(t, shop()), plan.Scope{}), nil, false},
		"the file asks for more":    {diff(t, live(t, nil), want(t, changed), plan.Scope{}), []plan.Address{address("cluster", "shop")}, true},
		"the scope is another one":  {diff(t, live(t, nil), w, plan.Scope{Prune: true}), nil, true},
		"something was made since":  {diff(t, live(t, one), w, plan.Scope{}), []plan.Address{address("log-group", "shop"), address("task-definition", "db"), address("task-definition", "web")}, false},
		"only positions are others": {elsewhere(t, w), nil, false},
	} {
		moved, wanted, err := plan.Moved(saved, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(moved, c.moved) || wanted != c.wanted {
			t.Errorf("%s: moved %v, wanted %t", name, moved, wanted)
		}
	}
}

// elsewhere is the same plan of files that lie at another place.
func elsewhere(t *testing.T, w *plan.Stack) *plan.Plan {
	t.Helper()
	p, err := plan.Diff(spec.Kinds(), live(t, nil), w, plan.Options{
		Locate: func(plan.Address, []string) diag.Pos { return diag.Pos{File: "elsewhere.yaml", Line: 1, Column: 1} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
