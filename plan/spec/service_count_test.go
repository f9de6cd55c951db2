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
		freed   bool
	}{
		{"scaled up", 3, plan.Applied{Hash: "a"}, false, 3, false},
		{"a database scaled up", 3, plan.Applied{Hash: "a"}, true, 1, false},
		{"a database scaled to zero", 0, plan.Applied{Hash: "a"}, true, 0, false},
		{"the creation of a database was interrupted", 0, plan.Applied{Hash: "a", Pending: true, Force: true}, true, 1, false},
		{"scaled to zero", 0, plan.Applied{Hash: "a"}, false, 0, false},
		{"a change was interrupted", 3, plan.Applied{Hash: "a", Pending: true}, false, 3, false},
		{"a forced deployment was interrupted", 3, plan.Applied{Hash: "a", Pending: true, Force: true}, false, 3, false},
		{"its scaling goes", 3, plan.Applied{Hash: "a"}, false, 3, true},
		{"its scaling goes while it sleeps", 0, plan.Applied{Hash: "a"}, false, 1, true},
		{"its creation was interrupted", 0, plan.Applied{Hash: "a", Pending: true, Force: true}, false, 1, false},
	} {
		address := plan.Address{Kind: ServiceKind, Name: "web"}
		live := &plan.Resource{Address: address, Spec: &Service{DesiredCount: c.live}, Tags: map[string]string{plan.TagSpec: c.applied.String()}}
		want := &plan.Resource{Address: address, Spec: &Service{DesiredCount: 1}, Open: true, Bounded: c.bounded}
		if got := takeCount(live, want, c.freed).(*Service).DesiredCount; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if want.Spec.(*Service).DesiredCount != 1 {
			t.Errorf("%s: the spec of the files is changed", c.name)
		}
	}
}
