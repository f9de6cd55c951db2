package apply_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

// calls is an app that is found by name and calls others.
func calls(at, called string, others ...string) *plan.Resource {
	r := wish(at, 1)
	r.Spec.(*item).Called = called
	for _, other := range others {
		r.Names = append(r.Names, plan.Ref{Address: address("app/" + other), Attr: "name." + other})
	}
	return r
}

func TestWhoCallsANewAppRestartsWhenItIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		finished(t, cloud, wants(t, calls("app/web", "web")))
		cloud.log = nil
		finished(t, cloud, wants(t, calls("app/web", "web", "db"), calls("app/db", "db")))
		want := lines(
			"7s create app/db", "8s start app/db", "9s update app/web",
			"11s settle app/db", "12s settle app/web",
		)
		if diff := cmp.Diff(want, cloud.calls()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAppsThatCallEachOtherAreThroughAfterOneApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		finished(t, cloud, wants(t, calls("app/web", ""), calls("app/db", "")))
		finished(t, cloud, wants(t, calls("app/web", "web", "db"), calls("app/db", "db", "web")))
	})
}

// TestARestartForANameIsNotForgotten lets the apply end at each of its calls.
func TestARestartForANameIsNotForgotten(t *testing.T) {
	after := func(t *testing.T) *plan.Stack {
		return wants(t, calls("app/web", "web", "db", "cache"), calls("app/db", "db", "web"), calls("app/cache", "cache"))
	}
	for _, fails := range []string{
		"create app/cache", "start app/cache", "settle app/cache",
		"update app/db", "settle app/db", "update app/web", "settle app/web", "start app/web",
	} {
		synctest.Test(t, func(t *testing.T) {
			cloud := newCloud()
			finished(t, cloud, wants(t, calls("app/web", ""), calls("app/db", "")))
			cloud.fails[fails] = errBroken
			if err := apply.Run(t.Context(), cloud.plan(t, after(t)), apply.Options{}); !errors.Is(err, errBroken) {
				t.Fatalf("%s: got %v", fails, err)
			}
			finished(t, cloud, after(t))
			cloud.sees(t, fails, "app/web", "app/db", "app/cache")
			cloud.sees(t, fails, "app/db", "app/web")
		})
	}
}

// sees checks that the tasks of an app are younger than the names they use.
func (c *cloud) sees(t *testing.T, when, client string, owners ...string) {
	t.Helper()
	deployed := c.times[client]["deployed"]
	for _, owner := range owners {
		name := fmt.Sprintf("name.%s", address(owner).Name)
		if born := c.times[owner][name]; born == "" || born > deployed {
			t.Errorf("after %s: %s deployed at %s does not see %s of %s", when, client, deployed, owner, born)
		}
	}
}
