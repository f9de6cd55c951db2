package apply_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

func TestWhatMovedSinceThePlanStopsItBeforeTheFirstWrite(t *testing.T) {
	base := []*plan.Resource{wish("thing/a", 1), wish("thing/b", 1), wish("thing/c", 1), wish("thing/same", 1)}
	next := []*plan.Resource{wish("thing/a", 2), wish("thing/b", 2), wish("thing/new", 1), wish("thing/same", 1)}
	cases := []struct {
		name  string
		moves func(c *cloud)
		want  []plan.Address
	}{
		{"one was changed", func(c *cloud) { c.change("thing/a", 7) }, []plan.Address{address("thing/a")}},
		{"one is gone", func(c *cloud) { delete(c.live, "thing/b") }, []plan.Address{address("thing/b")}},
		{"one that was to be deleted is gone", func(c *cloud) { delete(c.live, "thing/c") }, []plan.Address{address("thing/c")}},
		{
			"one has come",
			func(c *cloud) {
				c.live["thing/new"] = &plan.Resource{Address: address("thing/new"), Spec: &item{Name: "new"}}
			},
			[]plan.Address{address("thing/new")},
		},
		{"one got another tag", func(c *cloud) { c.live["thing/a"].Tags[plan.TagProject] = "other" }, []plan.Address{address("thing/a")}},
		{
			"all that moved are named",
			func(c *cloud) { c.change("thing/b", 7); c.change("thing/a", 7) },
			[]plan.Address{address("thing/a"), address("thing/b")},
		},
		{"one that has no step", func(c *cloud) { c.change("thing/same", 7) }, nil},
	}
	for _, c := range cases {
		inBubble(t, c.name, func(t *testing.T) {
			cloud := newCloud()
			if err := apply.Run(t.Context(), cloud.plan(t, wants(t, base...)), apply.Options{}); err != nil {
				t.Fatal(err)
			}
			in := cloud.plan(t, wants(t, next...))
			c.moves(cloud)
			cloud.log = nil
			err := apply.Run(t.Context(), in, apply.Options{})
			if c.want == nil {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			var stale *apply.StaleError
			if !errors.As(err, &stale) {
				t.Fatalf("got %v, want a StaleError", err)
			}
			if diff := cmp.Diff(c.want, stale.Changed); diff != "" {
				t.Errorf("changed (-want +got):\n%s", diff)
			}
			if code := apply.ExitCode(err); code != 4 {
				t.Errorf("exit code %d, want 4", code)
			}
			if calls := cloud.calls(); calls != "" {
				t.Errorf("written: %s", calls)
			}
		})
	}
}

func TestWhatMovesDuringTheRunStopsItBeforeTheWriteToIt(t *testing.T) {
	base := []*plan.Resource{wish("thing/a", 1), wish("thing/b", 1, "thing/a"), wish("thing/c", 1, "thing/b")}
	next := []*plan.Resource{wish("thing/a", 2), wish("thing/b", 2, "thing/a"), wish("thing/c", 2, "thing/b")}
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		if err := apply.Run(t.Context(), cloud.plan(t, wants(t, base...)), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		cloud.before["update thing/a"] = func() { cloud.change("thing/b", 7) }
		err := apply.Run(t.Context(), cloud.plan(t, wants(t, next...)), apply.Options{})
		want := lines(
			"the plan was applied only in part",
			"done:", "  update thing/a",
			"stopped by:", "  changed in the account since the plan was made: thing/b; plan again",
			"not started:", "  update thing/b", "  update thing/c",
			"to continue, plan and apply again: finished steps are not repeated",
		)
		if err == nil {
			t.Fatal("no error")
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if code := apply.ExitCode(err); code != 7 {
			t.Errorf("exit code %d, want 7", code)
		}
		finished(t, cloud, wants(t, next...))
	})
}

func TestEachAddressIsReadAgainBeforeItsFirstWriteUnlessThatWasJustDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		// a is written a second after the first look, b two seconds after that, x is
		// created with a and started much later.
		want := wants(t, wish("thing/a", 1), wish("thing/b", 1, "thing/a"), wish("app/x", 1))
		if err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(cloud.reads)
		if diff := cmp.Diff("app/x thing/a thing/b thing/b", strings.Join(cloud.reads, " ")); diff != "" {
			t.Errorf("reads (-want +got):\n%s", diff)
		}
	})
}

func TestAReadThatFailsDuringTheRunIsAFailureOfItsStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud()
		want := wants(t, wish("thing/a", 1), wish("thing/b", 1, "thing/a"))
		cloud.before["create thing/a"] = func() { cloud.fails["read thing/b"] = errBroken }
		events := &listener{}
		err := apply.Run(t.Context(), cloud.plan(t, want), apply.Options{Events: events})
		if code := apply.ExitCode(err); code != 7 || !errors.Is(err, errBroken) {
			t.Errorf("exit code %d of %v", code, err)
		}
		heard := lines(
			"start thing/a#create", "done thing/a#create 1s",
			"start thing/b#create", "done thing/b#create 1s read thing/b: it is broken",
		)
		if diff := cmp.Diff(heard, lines(events.lines...)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		time.Sleep(time.Second)
		finished(t, cloud, want)
	})
}
