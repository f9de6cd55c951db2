package apply_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

func TestTheNewHalfOfAReplacementComesBeforeTheOldOneGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		before := wants(t, wish("thing/a", 1), wish("thing/user", 1, "thing/a"))
		if err := apply.Run(t.Context(), cloud.plan(t, before), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		renamed := wish("thing/a", 1)
		renamed.Spec.(*item).Name = "a2"
		after := wants(t, renamed, wish("thing/user", 1, "thing/a"))
		cloud.log = nil
		if err := apply.Run(t.Context(), cloud.plan(t, after), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		if cloud.live["thing/a"] != nil || cloud.live["thing/a2"] == nil {
			t.Errorf("live: %v", cloud.live)
		}
		if used := cloud.live["thing/user"].Spec.(*item).Uses[0].Text; used != cloud.live["thing/a2"].Attrs["id"] {
			t.Errorf("the user still uses %s", used)
		}
		finished(t, cloud, after)
	})
}

func TestAReplacementHasNothingOfWhatItReplaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		if err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("thing/a", 1))), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		cloud.live["thing/a"].Attrs["old"] = "a-1" // which Create does not return
		renamed, user := wish("thing/a", 1), wish("thing/user", 1)
		renamed.Spec.(*item).Name = "a2"
		user.Spec.(*item).Uses = []plan.Value{plan.RefTo(address("thing/a"), "old", "")}
		err := apply.Run(t.Context(), cloud.plan(t, wants(t, renamed, user)), apply.Options{})
		var partial *apply.PartialError
		const want = "internal error: thing/user needs ${ref:thing/a.old}, which no step has created"
		if !errors.As(err, &partial) || partial.Err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	})
}

func TestDeletesGoBackwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		all := wants(t, wish("thing/a", 1), wish("thing/b", 1, "thing/a"), wish("app/x", 1, "thing/b"))
		if err := apply.Run(t.Context(), cloud.plan(t, all), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := apply.Run(t.Context(), cloud.plan(t, wants(t)), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		if len(cloud.live) > 0 {
			t.Errorf("left: %v", cloud.live)
		}
	})
}

// spy keeps what a Kind is given.
type spy struct {
	apply.Deployer
	got *[]call
}

type call struct {
	Verb       plan.Verb
	Live, Want *item
	Attrs      plan.Attrs // of live
	WantTags   map[string]string
	Force      bool
}

func (s spy) note(verb plan.Verb, live, want *plan.Resource, force bool) {
	c := call{Verb: verb, Want: want.Spec.(*item), WantTags: want.Tags, Force: force}
	if live != nil {
		c.Live, c.Attrs = live.Spec.(*item), live.Attrs
	}
	*s.got = append(*s.got, c)
}

func (s spy) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s.note(plan.CreateVerb, nil, want, false)
	return s.Deployer.Create(ctx, want)
}

func (s spy) Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error) {
	s.note(plan.UpdateVerb, live, want, force)
	return s.Deployer.Update(ctx, live, want, force)
}

func (s spy) Start(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	s.note(plan.StartVerb, live, want, false)
	return s.Deployer.Start(ctx, live, want)
}

func ours(want *plan.Stack, at string) map[string]string {
	return plan.OwnTags("shop", address(at), plan.Applied{Hash: want.Find(address(at)).Hash})
}

func TestAKindIsGivenWhatIsLiveAndWhatIsWantedWithEveryRefKnown(t *testing.T) {
	inBubble(t, "start after create", func(t *testing.T) {
		cloud := newCloud()
		want := wants(t, wish("thing/a", 1), wish("app/x", 3, "thing/a"))
		got := runSpied(t, cloud, cloud.plan(t, want))
		resolved := &item{Name: "x", Size: 3, Uses: []plan.Value{plan.Literal("a-1")}}
		diffCalls(t, got, []call{
			{Verb: plan.CreateVerb, Want: resolved, WantTags: ours(want, "app/x")},
			{Verb: plan.StartVerb, Live: resolved, Attrs: plan.Attrs{"id": "x-2"}, Want: resolved, WantTags: ours(want, "app/x")},
		})
	})
	inBubble(t, "update of what was live, which refers to what stays", func(t *testing.T) {
		cloud := newCloud()
		if err := apply.Run(t.Context(), cloud.plan(t, wants(t, wish("thing/a", 1), wish("app/x", 1, "thing/a"))), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		want := wants(t, wish("thing/a", 1), wish("app/x", 2, "thing/a"))
		in := cloud.plan(t, want)
		in.Plan.Steps[0].Force = true
		uses := []plan.Value{plan.Literal("a-1")}
		diffCalls(t, runSpied(t, cloud, in), []call{{
			Verb: plan.UpdateVerb, Live: &item{Name: "x", Size: 1, Uses: uses},
			Attrs: plan.Attrs{"id": "x-2", "deployment": "deployment-3", "deployed": "2000-01-01T00:00:05Z"},
			Want:  &item{Name: "x", Size: 2, Uses: uses}, WantTags: ours(want, "app/x"), Force: true,
		}})
	})
	inBubble(t, "a text that was known ahead", func(t *testing.T) {
		cloud := newCloud()
		r := wish("app/x", 1)
		r.Spec.(*item).Uses = []plan.Value{plan.RefTo(address("facts/vpc"), "id", "a-1")}
		want := wants(t, r)
		in := cloud.plan(t, want)
		cloud.live["thing/a"] = &plan.Resource{Address: address("thing/a"), Spec: &item{Name: "a"}, Attrs: plan.Attrs{"id": "a-1"}}
		got := runSpied(t, cloud, in)
		diffCalls(t, got[:1], []call{{
			Verb: plan.CreateVerb, WantTags: ours(want, "app/x"),
			Want: &item{Name: "x", Size: 1, Uses: []plan.Value{plan.Literal("a-1")}},
		}})
	})
}

func runSpied(t *testing.T, cloud *cloud, in apply.Input) []call {
	t.Helper()
	var got []call
	in.Account = func(kind string) apply.Kind {
		if kind != "app" {
			return cloud.kind(kind)
		}
		return spy{cloud.kind(kind).(apply.Deployer), &got}
	}
	if err := apply.Run(t.Context(), in, apply.Options{}); err != nil {
		t.Fatal(err)
	}
	return got
}

func diffCalls(t *testing.T, got, want []call) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestARefThatNothingAnswersIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		r := wish("thing/x", 1)
		r.Spec.(*item).Uses = []plan.Value{plan.RefTo(address("facts/vpc"), "id", "")}
		err := apply.Run(t.Context(), cloud.plan(t, wants(t, r)), apply.Options{})
		const want = "internal error: thing/x needs ${ref:facts/vpc.id}, which no step has created"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if code := apply.ExitCode(err); code != 1 {
			t.Errorf("exit code %d, want 1", code)
		}
	})
}

// halfway fails after it has written.
type halfway struct{ apply.Kind }

func (h halfway) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	attrs, err := h.Kind.Create(ctx, want)
	return attrs, errors.Join(err, errBroken)
}

func TestAttrsWithAnErrorSayThatSomethingWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		in := cloud.plan(t, wants(t, wish("thing/a", 1)))
		in.Account = func(kind string) apply.Kind { return halfway{cloud.kind(kind)} }
		err := apply.Run(t.Context(), in, apply.Options{})
		var partial *apply.PartialError
		if !errors.As(err, &partial) {
			t.Fatalf("got %v, want a PartialError", err)
		}
		if len(partial.Done)+len(partial.NotStarted) > 0 {
			t.Errorf("done %v, not started %v", partial.Done, partial.NotStarted)
		}
	})
}

func TestAnEmptyPlanIsCarriedOutWithoutACall(t *testing.T) {
	cloud := newCloud()
	if err := apply.Run(t.Context(), cloud.plan(t, wants(t)), apply.Options{}); err != nil {
		t.Fatal(err)
	}
	if len(cloud.reads)+len(cloud.log) > 0 {
		t.Errorf("calls: %v %v", cloud.reads, cloud.log)
	}
}
