package resource

import (
	"maps"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestOnlyThePlanRemovesTags: two tags are live that nobody wants, of which one
// was ours.
func TestOnlyThePlanRemovesTags(t *testing.T) {
	for _, l := range lives {
		w := newWorld(t, simulator.Options{})
		before := w.one(l.address, tagged(l.first(w), "kept", "ours"))
		kind := w.account().Kind(before.Address.Kind)
		if _, err := kind.Create(t.Context(), before); err != nil {
			t.Fatal(err)
		}
		live, err := kind.Read(t.Context(), before)
		if err != nil {
			t.Fatal(err)
		}
		tags := maps.Clone(live.Tags)
		tags["theirs"] = "1"
		w.retag(live, tags)

		wanted := w.stack(&plan.Resource{Address: before.Address, Spec: tagged(l.first(w), "kept")})
		now := w.read(wanted)
		p, err := plan.Diff(spec.Kinds(), now, wanted, plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		owned, err := spec.Owned(now, wanted, p)
		if err != nil {
			t.Fatal(err)
		}
		want := w.ready(wanted.Find(before.Address), nil)
		if _, err := kind.Update(t.Context(), owned.Find(before.Address), want, false); err != nil {
			t.Fatal(err)
		}
		if live, err = kind.Read(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		delete(tags, "ours")
		tags[plan.TagSpec] = plan.Applied{Hash: want.Hash}.String()
		if diff := cmp.Diff(tags, live.Tags); diff != "" {
			t.Errorf("%s (-want +got)\n%s", l.address, diff)
		}
	}
}

// tagged gives a spec these tags.
func tagged(s any, keys ...string) any {
	tags := each(keys, func(key string) spec.Tag { return spec.Tag{Key: key, Value: "1"} })
	reflect.ValueOf(s).Elem().FieldByName("Tags").Set(reflect.ValueOf(tags))
	return s
}

func TestTagsOfARevisionChangeInPlace(t *testing.T) {
	w, want := running(t, simulator.Options{})
	shop := w.shop("web")
	shop[4].Spec.(*spec.TaskDefinition).Tags = []spec.Tag{{Key: "team", Value: "x"}}
	next := w.stack(shop...)
	live := w.read(next)
	attrs := map[plan.Address]plan.Attrs{}
	for _, r := range live.Resources {
		attrs[r.Address] = r.Attrs
	}
	td := address("task-definition/web")
	wanted := w.ready(next.Find(td), attrs)
	kind := w.account().Kind(spec.TaskDefinitionKind)
	got, err := kind.Update(t.Context(), live.Find(td), wanted, false)
	if err != nil || got["revision"] != "1" {
		t.Fatalf("updated to %v, %v", got, err)
	}
	now, err := kind.Read(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	w.same(now, wanted.Spec)
	w.settled(now, wanted)
	// What is proven was not read and needs nothing.
	if got, err := kind.Update(t.Context(), w.read(want).Find(td), wanted, false); err != nil || got["revision"] != "1" {
		t.Errorf("updated to %v, %v", got, err)
	}
	// Anything else is another revision.
	wanted.Spec.(*spec.TaskDefinition).Cpu = "512"
	wanted.Spec.(*spec.TaskDefinition).Memory = "1024"
	wanted.Hash = "another"
	if got, err := kind.Update(t.Context(), now, wanted, false); err != nil || got["revision"] != "2" {
		t.Errorf("updated to %v, %v", got, err)
	}
}
