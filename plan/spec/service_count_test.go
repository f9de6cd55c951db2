package spec

import (
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

// TestTheCountBelongsToWhoeverScaled but for a service that an interrupted apply left
// without tasks: nobody scaled that.
func TestTheCountBelongsToWhoeverScaled(t *testing.T) {
	for _, c := range []struct {
		name    string
		live    int
		applied plan.Applied
		bounded bool
		want    int
	}{
		{"scaled up", 3, plan.Applied{Hash: "a"}, false, 3},
		{"a database scaled up", 3, plan.Applied{Hash: "a"}, true, 1},
		{"a database scaled to zero", 0, plan.Applied{Hash: "a"}, true, 0},
		{"the creation of a database was interrupted", 0, plan.Applied{Hash: "a", Pending: true, Force: true}, true, 1},
		{"scaled to zero", 0, plan.Applied{Hash: "a"}, false, 0},
		{"a change was interrupted", 3, plan.Applied{Hash: "a", Pending: true}, false, 3},
		{"a forced deployment was interrupted", 3, plan.Applied{Hash: "a", Pending: true, Force: true}, false, 3},
		{"its creation was interrupted", 0, plan.Applied{Hash: "a", Pending: true, Force: true}, false, 1},
	} {
		address := plan.Address{Kind: ServiceKind, Name: "web"}
		live := &plan.Resource{Address: address, Spec: &Service{DesiredCount: c.live}, Tags: map[string]string{plan.TagSpec: c.applied.String()}}
		want := &plan.Resource{Address: address, Spec: &Service{DesiredCount: 1}, Open: true, Bounded: c.bounded}
		if got := takeCount(live, want).(*Service).DesiredCount; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if want.Spec.(*Service).DesiredCount != 1 {
			t.Errorf("%s: the spec of the files is changed", c.name)
		}
	}
}
