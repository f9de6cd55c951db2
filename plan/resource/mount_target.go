package resource

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// mountTargetKind defines EFS mount targets. They cannot have tags: they belong to
// the project if their file system does. A file system has one at most in a zone,
// by which they are named.
var mountTargetKind = kind[spec.MountTarget]{
	row: row{
		kind: spec.MountTargetKind, noun: "mount target",
		after: []string{spec.FileSystemKind},
		reads: []string{
			"elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargetSecurityGroups",
			"elasticfilesystem:DescribeMountTargets",
		},
		writes: []string{
			"elasticfilesystem:CreateMountTarget", "elasticfilesystem:DeleteMountTarget",
			"elasticfilesystem:ModifyMountTargetSecurityGroups",
		},
	},
	as:     func(b bound[spec.MountTarget]) operations { return mountTargets{b} },
	id:     "id",
	called: func(want *plan.Resource) string { return want.Address.Name },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		found, err := describeMountTargets(ctx, a, &efs.DescribeMountTargetsInput{MountTargetId: pointer(r.Attrs["id"])})
		if err != nil {
			return nil, err
		}
		return mountTargetCandidates(ctx, a, found, nil)
	},
	list: listMountTargets,

	create: createMountTarget,
	update: func(ctx context.Context, a *session, c change[spec.MountTarget]) error {
		if same(c.from.SecurityGroups, c.to.SecurityGroups) {
			return nil
		}
		return onlyError(a.efs().ModifyMountTargetSecurityGroups(ctx, &efs.ModifyMountTargetSecurityGroupsInput{
			MountTargetId: pointer(c.live.Attrs["id"]), SecurityGroups: texts(c.to.SecurityGroups),
		}))
	},

	delete: deleteMountTarget,
	gone:   []string{"MountTargetNotFound"},
}

// mountTargets can be extended.
type mountTargets struct{ bound[spec.MountTarget] }

func describeMountTargets(ctx context.Context, a *session, in *efs.DescribeMountTargetsInput) ([]types.MountTargetDescription, error) {
	found, err := allPages(ctx, efs.NewDescribeMountTargetsPaginator(a.efs(), in),
		func(page *efs.DescribeMountTargetsOutput) []types.MountTargetDescription { return page.MountTargets })
	found = slices.DeleteFunc(found, func(m types.MountTargetDescription) bool { return efsDeleted(m.LifeCycleState) })
	return found, unless(err, "FileSystemNotFound", "MountTargetNotFound")
}

// listMountTargets returns the mount targets of the project's file systems and of
// the desired ones. A wanted one that is still being created is left out, so that
// Create waits for it before anything is started.
func listMountTargets(ctx context.Context, r *reading) ([]candidate, error) {
	systems := each(r.of(spec.FileSystemKind), func(c candidate) string { return c.id })
	wanted := map[string]bool{} // by zone
	for _, want := range r.wanted(spec.MountTargetKind) {
		wanted[want.Address.Name] = true
		if id := want.Spec.(*spec.MountTarget).FileSystemID.Text; id != "" { // else it is not created yet
			systems = append(systems, id)
		}
	}
	var found []types.MountTargetDescription
	for _, id := range unique(systems) {
		on, err := describeMountTargets(ctx, r.session, &efs.DescribeMountTargetsInput{FileSystemId: &id})
		if err != nil {
			return nil, err
		}
		found = append(found, on...)
	}
	found = slices.DeleteFunc(found, func(m types.MountTargetDescription) bool {
		return m.LifeCycleState == types.LifeCycleStateCreating && wanted[text(m.AvailabilityZoneName)]
	})
	return mountTargetCandidates(ctx, r.session, found, r.of(spec.FileSystemKind))
}

// mountTargetCandidates asks for the tags of the file systems that were not read
// before.
func mountTargetCandidates(
	ctx context.Context, a *session, found []types.MountTargetDescription, read []candidate,
) ([]candidate, error) {
	owners := map[string]map[string]string{} // tags of file systems
	for _, c := range read {
		owners[c.id] = c.Tags
	}
	for _, m := range found {
		id := text(m.FileSystemId)
		if owners[id] != nil {
			continue
		}
		systems, err := describeFileSystems(ctx, a, &efs.DescribeFileSystemsInput{FileSystemId: &id})
		if err != nil {
			return nil, err
		}
		for _, system := range systems {
			owners[id] = pairs(system.Tags)
		}
	}
	return readEach(ctx, found, func(ctx context.Context, m types.MountTargetDescription) (candidate, error) {
		return mountTargetCandidate(ctx, a, m, owners[text(m.FileSystemId)][plan.TagProject])
	}, "MountTargetNotFound")
}

func mountTargetCandidate(ctx context.Context, a *session, m types.MountTargetDescription, project string) (candidate, error) {
	groups, err := a.efs().DescribeMountTargetSecurityGroups(ctx, &efs.DescribeMountTargetSecurityGroupsInput{MountTargetId: m.MountTargetId})
	if err != nil {
		return candidate{}, err
	}
	zone := plan.Address{Kind: spec.MountTargetKind, Name: text(m.AvailabilityZoneName)}
	tags := map[string]string{}
	if project != "" {
		tags = map[string]string{plan.TagProject: project, plan.TagResource: zone.String()}
	}
	s := &spec.MountTarget{
		FileSystemID: plan.Literal(text(m.FileSystemId)), SubnetID: text(m.SubnetId), SecurityGroups: literals(groups.SecurityGroups),
	}
	return candidate{
		Resource: liveResource(spec.MountTargetKind, s, plan.Attrs{"id": text(m.MountTargetId), "vpc": text(m.VpcId)}, tags, unmanaged(m)),
		id:       text(m.MountTargetId), name: zone.Name,
	}, nil
}

// mountTime bounds the waiting for a mount target: AWS names some minutes (EFS
// User Guide, managing mount targets).
const mountTime = 10 * time.Minute

// createMountTarget returns the id of the zone's mount target, new or not, when
// tasks can use it.
func createMountTarget(ctx context.Context, a *session, want *plan.Resource, _ map[string]string) (id string, err error) {
	s := want.Spec.(*spec.MountTarget)
	_, err = a.efs().CreateMountTarget(ctx, &efs.CreateMountTargetInput{
		FileSystemId: &s.FileSystemID.Text, SubnetId: &s.SubnetID, SecurityGroups: texts(s.SecurityGroups),
	})
	if err != nil && !is(err, "MountTargetConflict") {
		return "", err
	}
	err = waitFor(ctx, a.poll, mountTime, func() error {
		found, err := describeMountTargets(ctx, a, &efs.DescribeMountTargetsInput{FileSystemId: &s.FileSystemID.Text})
		if err != nil {
			return err
		}
		for _, m := range found {
			switch {
			case text(m.AvailabilityZoneName) != want.Address.Name:
			case text(m.SubnetId) != s.SubnetID:
				return fmt.Errorf("zone %s already has a mount target in %s", want.Address.Name, text(m.SubnetId))
			case m.LifeCycleState == types.LifeCycleStateError:
				return fmt.Errorf("mount target %s could not be created", text(m.MountTargetId))
			case m.LifeCycleState == types.LifeCycleStateAvailable:
				id = text(m.MountTargetId)
				return nil
			}
		}
		return pending{fmt.Errorf("the mount target in %s is not available after %s", want.Address.Name, mountTime)}
	})
	return id, err
}

// deleteMountTarget returns when the mount target is gone: its file system, its
// security group and another one in the zone wait for that.
func deleteMountTarget(ctx context.Context, a *session, live *plan.Resource) error {
	id := live.Attrs["id"]
	_, err := a.efs().DeleteMountTarget(ctx, &efs.DeleteMountTargetInput{MountTargetId: &id})
	if err != nil {
		return err
	}
	return waitFor(ctx, a.poll, deleteTime, func() error {
		_, err := a.efs().DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{MountTargetId: &id})
		if err != nil {
			return err
		}
		return pending{fmt.Errorf("mount target %s is still there after %s", id, deleteTime)}
	})
}
