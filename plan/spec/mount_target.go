package spec

import (
	"slices"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
)

// MountTargetKind is the kind of mount-target/ZONE, one per Availability Zone.
const MountTargetKind = "mount-target"

// MountTarget is where the tasks of a zone reach a file system. It cannot be
// tagged: it belongs to its file system. Attrs: id, vpc.
type MountTarget struct {
	FileSystemID   plan.Value   `json:"fileSystemId"`
	SubnetID       string       `json:"subnetId"`
	SecurityGroups []plan.Value `json:"securityGroups"` // a set, at most 5
	Tags           []Tag        `json:"tags,omitempty"` // always empty: every spec has the field
}

func mountTargetRules() plan.Rules {
	return plan.Rules{
		Kind:      MountTargetKind,
		New:       func() any { return &MountTarget{} },
		Normalize: func(s any) { m := s.(*MountTarget); m.SecurityGroups = valueSet(m.SecurityGroups) },
		Attrs:     []string{"id"},
		Keys:      map[string][]string{"tags": {"key"}},
		Owner:     shared,
		Immutable: []string{"fileSystemId", "subnetId"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"subnetId"},
		Decided:   decidedOfMountTarget,
		Extends:   closesMountTarget,
		With:      func(live, want any) any { return want.(*MountTarget).With(live.(*MountTarget)) },
		// All mount targets of a file system are in one VPC (EFS API reference,
		// CreateMountTarget).
		Bars: func(facts plan.Facts, live *plan.Resource) bool {
			return facts.VPC != "" && live.Attrs["vpc"] != "" && live.Attrs["vpc"] != facts.VPC
		},
		// EFS User Guide, "Mounting on Amazon EC2 Linux instances using the EFS mount
		// helper": the name of a new mount target needs up to 90 seconds to resolve.
		Spread: &plan.SpreadRules{
			Time: 90 * time.Second, What: "until the name of the file system resolves in every zone",
			Reaches: func(user, used any) bool {
				service, runs := user.(*Service)
				return runs && slices.ContainsFunc(service.NetworkConfiguration.Subnets, func(subnet plan.Value) bool {
					return subnet.Text == used.(*MountTarget).SubnetID
				})
			},
		},
	}
}

// closesMountTarget says whether a change takes the mount target out of a security
// group, through which running tasks may reach it.
func closesMountTarget(live, want any) bool {
	from, _ := live.(*MountTarget)
	to := want.(*MountTarget)
	return from != nil && slices.ContainsFunc(from.SecurityGroups, func(v plan.Value) bool {
		return !slices.ContainsFunc(to.SecurityGroups, func(w plan.Value) bool { return w.String() == v.String() })
	})
}

// maxMountGroups is the limit of security groups of a mount target (API reference,
// CreateMountTarget).
const maxMountGroups = 5

// With is the mount target before, in the security groups of this one besides, as far
// as it can be in all of them.
func (m *MountTarget) With(before *MountTarget) *MountTarget {
	both := *before
	groups := append(slices.Clone(m.SecurityGroups), others(before.SecurityGroups, m.SecurityGroups)...)
	both.SecurityGroups = valueSet(groups[:min(len(groups), maxMountGroups)])
	return &both
}
