package resource

import (
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestWhatWasAppliedIsReadAsItWasMeant(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.shop("web", "db")...)
	w.mustApply(want)
	live := w.read(want)
	if len(live.Resources) != len(want.Resources) {
		t.Errorf("%d resources are live, want %d", len(live.Resources), len(want.Resources))
	}
	attrs := map[plan.Address]plan.Attrs{}
	for _, r := range live.Resources {
		attrs[r.Address] = r.Attrs
	}
	for _, r := range want.Resources {
		got := live.Find(r.Address)
		if got == nil {
			t.Errorf("%s is not live", r.Address)
			continue
		}
		w.settled(got, r)
		if len(got.Unmanaged) > 0 {
			t.Errorf("%s: unmanaged %v", r.Address, got.Unmanaged)
		}
		if r.Address.Kind == "task-definition" {
			if got.Spec != nil || got.Hash != r.Hash {
				t.Errorf("%s was read although its service proves it", r.Address)
			}
			continue
		}
		withoutOptional(got, r)
		w.same(got, w.ready(r, attrs).Spec)
	}
}
