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

// mountTargetKind is the entry of the table.
var mountTargetKind = methods{
	row: row{
		kind: spec.MountTargetKind, noun: "mount target",
		after:  []string{spec.FileSystemKind},
		reads:  []string{"elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargetSecurityGroups", "elasticfilesystem:DescribeMountTargets"},
		writes: []string{"elasticfilesystem:CreateMountTarget", "elasticfilesystem:DeleteMountTarget", "elasticfilesystem:ModifyMountTargetSecurityGroups"},
	},
	of: func(a *session) operations { return mountTargets{a} },
}

// mountTargets is the kind of EFS mount targets. They bear no tags: they are
// whose file system they are on.
type mountTargets struct{ *session }

// on returns the mount targets of a file system by zone, which has one at most.
func (k mountTargets) on(ctx context.Context, in *efs.DescribeMountTargetsInput) ([]types.MountTargetDescription, error) {
	found, err := allPages(ctx, efs.NewDescribeMountTargetsPaginator(k.efs, in),
		func(page *efs.DescribeMountTargetsOutput) []types.MountTargetDescription { return page.MountTargets })
	found = slices.DeleteFunc(found, func(m types.MountTargetDescription) bool { return efsDeleted(m.LifeCycleState) })
	return found, unless(err, "FileSystemNotFound", "MountTargetNotFound")
}

// candidate is a mount target with the owner's tags of its file system.
func (k mountTargets) candidate(ctx context.Context, m types.MountTargetDescription, owner map[string]string) (candidate, error) {
	groups, err := k.efs.DescribeMountTargetSecurityGroups(ctx, &efs.DescribeMountTargetSecurityGroupsInput{MountTargetId: m.MountTargetId})
	if is(err, "MountTargetNotFound") {
		return candidate{}, plan.ErrNotFound
	}
	if err != nil {
		return candidate{}, err
	}
	zone := plan.Address{Kind: spec.MountTargetKind, Name: text(m.AvailabilityZoneName)}
	tags := map[string]string{}
	if project := owner[plan.TagProject]; project != "" {
		tags = map[string]string{plan.TagProject: project, plan.TagResource: zone.String()}
	}
	return candidate{
		Resource: &plan.Resource{
			Address: zone,
			Spec: normal(spec.MountTargetKind, &spec.MountTarget{
				FileSystemID: plan.Literal(text(m.FileSystemId)), SubnetID: text(m.SubnetId), SecurityGroups: literals(groups.SecurityGroups),
			}),
			Attrs:     plan.Attrs{"id": text(m.MountTargetId)},
			Tags:      tags,
			Unmanaged: unmanaged(m),
		},
		id: text(m.MountTargetId), name: zone.Name,
	}, nil
}

// unready says whether tasks cannot use a mount target yet: an apply was cut short
// while it was made. Where one is wanted it does not count as there, so that Create
// waits for it before anything is started.
func unready(m types.MountTargetDescription) bool {
	return m.LifeCycleState == types.LifeCycleStateCreating
}

func (k mountTargets) all(ctx context.Context, r *reading) ([]candidate, error) {
	names := byName(r.wanted(spec.MountTargetKind), func(r *plan.Resource) string { return r.Address.Name })
	var out []candidate
	for _, system := range r.of(spec.FileSystemKind) {
		found, err := k.on(ctx, &efs.DescribeMountTargetsInput{FileSystemId: &system.id})
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if _, wanted := names[text(m.AvailabilityZoneName)]; wanted && unready(m) {
				continue
			}
			c, err := k.candidate(ctx, m, system.Tags)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return place(k.project, names, out), nil
}

func (k mountTargets) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	s := r.Spec.(*spec.MountTarget)
	if s.FileSystemID.Text == "" && r.Attrs["id"] == "" {
		return nil, plan.ErrNotFound // its file system is not made yet
	}
	in := &efs.DescribeMountTargetsInput{FileSystemId: &s.FileSystemID.Text}
	if id := r.Attrs["id"]; id != "" {
		in = &efs.DescribeMountTargetsInput{MountTargetId: &id}
	}
	found, err := k.on(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		if r.Attrs["id"] == "" && (text(m.AvailabilityZoneName) != r.Address.Name || unready(m)) {
			continue
		}
		tags, err := k.ownerOf(ctx, text(m.FileSystemId))
		if err != nil {
			return nil, err
		}
		c, err := k.candidate(ctx, m, tags)
		if err != nil {
			return nil, err
		}
		c.Address = r.Address
		return c.Resource, nil
	}
	return nil, plan.ErrNotFound
}

// ownerOf are the tags of a file system.
func (k mountTargets) ownerOf(ctx context.Context, fileSystem string) (map[string]string, error) {
	got, err := k.efs.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{FileSystemId: &fileSystem})
	if is(err, "FileSystemNotFound") || err == nil && len(got.FileSystems) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return efsTagMap(got.FileSystems[0].Tags), nil
}

// Create returns when tasks can use the mount target. A second one in a zone is
// refused by EFS: what is found is brought to want.
func (k mountTargets) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.MountTarget)
	_, err := k.efs.CreateMountTarget(ctx, &efs.CreateMountTargetInput{
		FileSystemId: &s.FileSystemID.Text, SubnetId: &s.SubnetID, SecurityGroups: texts(s.SecurityGroups),
	})
	if err != nil && !is(err, "MountTargetConflict") {
		return nil, err
	}
	live, err := k.available(ctx, want)
	if err != nil {
		return nil, err
	}
	return k.Update(ctx, live, want, false)
}

// mountTime bounds the waiting for a mount target: AWS names some minutes (EFS
// User Guide, managing mount targets).
const mountTime = 10 * time.Minute

func (k mountTargets) available(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	s := want.Spec.(*spec.MountTarget)
	deadline := time.Now().Add(mountTime)
	for {
		found, err := k.on(ctx, &efs.DescribeMountTargetsInput{FileSystemId: &s.FileSystemID.Text})
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			switch {
			case text(m.AvailabilityZoneName) != want.Address.Name:
			case text(m.SubnetId) != s.SubnetID:
				return nil, fmt.Errorf("zone %s already has a mount target in %s", want.Address.Name, text(m.SubnetId))
			case m.LifeCycleState == types.LifeCycleStateAvailable:
				return k.Read(ctx, want)
			case m.LifeCycleState == types.LifeCycleStateError:
				return nil, fmt.Errorf("mount target %s could not be created", text(m.MountTargetId))
			}
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the mount target in %s is not available after %s", want.Address.Name, mountTime)
		}
		if err := wait(ctx, k.poll); err != nil {
			return nil, err
		}
	}
}

func (k mountTargets) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.MountTarget), want.Spec.(*spec.MountTarget)
	if same(from.SecurityGroups, to.SecurityGroups) {
		return live.Attrs, nil
	}
	id := live.Attrs["id"]
	_, err := k.efs.ModifyMountTargetSecurityGroups(ctx, &efs.ModifyMountTargetSecurityGroupsInput{
		MountTargetId: &id, SecurityGroups: texts(to.SecurityGroups),
	})
	return live.Attrs, err
}

// Delete returns when the mount target is gone: its file system, its security
// group and another one in the zone wait for that.
func (k mountTargets) Delete(ctx context.Context, live *plan.Resource) error {
	id := live.Attrs["id"]
	_, err := k.efs.DeleteMountTarget(ctx, &efs.DeleteMountTargetInput{MountTargetId: &id})
	if err != nil && !is(err, "MountTargetNotFound") {
		return err
	}
	deadline := time.Now().Add(deleteTime)
	for {
		_, err := k.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{MountTargetId: &id})
		switch {
		case is(err, "MountTargetNotFound"):
			return nil
		case err != nil:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("mount target %s is still there after %s", id, deleteTime)
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}
