package simulator

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
)

// MountTarget is a mount target with its security groups, which are a call of
// their own.
type MountTarget struct {
	types.MountTargetDescription
	Groups []string
	Looks  int   // how many looks it takes to become available, or to be gone
	Named  int64 // when its name resolves, on the clock
	Due    Due
}

func mountTargetOperations() []operation {
	return []operation{
		write(createMountTarget),
		read(describeMountTargets),
		write(deleteMountTarget),
		write(modifyMountTargetSecurityGroups),
		read(describeMountTargetSecurityGroups),
	}
}

func accessPointOperations() []operation {
	return []operation{
		write(createAccessPoint),
		read(describeAccessPoints),
		write(deleteAccessPoint),
	}
}

func (a *Account) mountTarget(id *string) (*MountTarget, error) {
	if m := a.MountTargets.Get(str(id)); m != nil {
		return m, nil
	}
	return nil, &types.MountTargetNotFound{Message: ptr("Mount target '" + str(id) + "' does not exist."), ErrorCode_: ptr("MountTargetNotFound")}
}

func createMountTarget(a *Account, in *efs.CreateMountTargetInput) (*efs.CreateMountTargetOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	subnet := a.Subnets.Get(*in.SubnetId)
	if subnet == nil {
		return nil, &types.SubnetNotFound{Message: ptr("The subnet ID '" + *in.SubnetId + "' does not exist"), ErrorCode_: ptr("SubnetNotFound")}
	}
	if a.ZonesWithoutEFS.Get(*subnet.AvailabilityZoneId) != nil {
		return nil, &types.UnsupportedAvailabilityZone{
			Message:    ptr("Mount targets are not supported in subnet's availability zone."),
			ErrorCode_: ptr("UnsupportedAvailabilityZone"),
		}
	}
	for _, m := range a.mounts.Of(*f.FileSystemId) {
		switch {
		case *m.AvailabilityZoneName == *subnet.AvailabilityZone:
			return nil, &types.MountTargetConflict{Message: ptr("mount target already exists in this AZ"), ErrorCode_: ptr("MountTargetConflict")}
		case *m.VpcId != *subnet.VpcId:
			return nil, &types.MountTargetConflict{Message: ptr("requested subnet for new mount target is not in the same VPC as existing mount targets"), ErrorCode_: ptr("MountTargetConflict")}
		}
	}
	if err := a.checkMountGroups(in.SecurityGroups, *subnet.VpcId); err != nil {
		return nil, err
	}
	groups := in.SecurityGroups
	if len(groups) == 0 {
		groups = []string{a.defaultGroup(*subnet.VpcId)}
	}
	id := "fsmt-" + a.id("mount-target", *f.FileSystemId+" "+*in.SubnetId)[:17]
	m := MountTarget{Groups: groups, Looks: 2, MountTargetDescription: types.MountTargetDescription{
		MountTargetId: &id, FileSystemId: f.FileSystemId, SubnetId: in.SubnetId, LifeCycleState: types.LifeCycleStateCreating,
		AvailabilityZoneName: subnet.AvailabilityZone, AvailabilityZoneId: subnet.AvailabilityZoneId, VpcId: subnet.VpcId, OwnerId: &a.Account,
		NetworkInterfaceId: ptr("eni-" + digest(id)[:17]), IpAddress: ptr("172.31.0.200"),
	}}
	a.MountTargets.Put(id, m)
	return &efs.CreateMountTargetOutput{
		MountTargetId: &id, FileSystemId: f.FileSystemId, SubnetId: in.SubnetId, LifeCycleState: m.LifeCycleState, VpcId: m.VpcId,
		AvailabilityZoneName: m.AvailabilityZoneName, AvailabilityZoneId: m.AvailabilityZoneId, OwnerId: m.OwnerId,
		IpAddress: m.IpAddress, NetworkInterfaceId: m.NetworkInterfaceId,
	}, nil
}

func (a *Account) checkMountGroups(groups []string, vpc string) error {
	if len(groups) > 5 {
		return &types.SecurityGroupLimitExceeded{Message: ptr("A mount target has at most 5 security groups."), ErrorCode_: ptr("SecurityGroupLimitExceeded")}
	}
	for _, id := range groups {
		if group := a.SecurityGroups.Get(id); group == nil || *group.VpcId != vpc {
			return &types.SecurityGroupNotFound{Message: ptr("One of the specified security groups does not exist: " + id), ErrorCode_: ptr("SecurityGroupNotFound")}
		}
	}
	return nil
}

// lookAtMountTarget moves a mount target along; nil where it is gone.
func (a *Account) lookAtMountTarget(id string) *MountTarget {
	m := a.MountTargets.Get(id)
	if m.LifeCycleState == types.LifeCycleStateAvailable {
		return m
	}
	m = a.MountTargets.Edit(id)
	if m.Looks--; m.Looks > 0 {
		return m
	}
	if m.LifeCycleState == types.LifeCycleStateDeleting {
		a.MountTargets.Delete(id)
		return nil
	}
	m.LifeCycleState, m.Named = types.LifeCycleStateAvailable, a.moment()+int64(a.MountDelay)
	return m
}

func describeMountTargets(a *Account, in *efs.DescribeMountTargetsInput) (*efs.DescribeMountTargetsOutput, error) {
	var ids []string
	switch {
	case in.MountTargetId != nil:
		if _, err := a.mountTarget(in.MountTargetId); err != nil {
			return nil, err
		}
		ids = []string{*in.MountTargetId}
	case in.FileSystemId != nil:
		f, err := a.fileSystem(in.FileSystemId)
		if err != nil {
			return nil, err
		}
		ids = a.mounts.Keys(*f.FileSystemId)
	default:
		return nil, efsBad("exactly one of FileSystemId, MountTargetId and AccessPointId is needed; the simulator knows the first two")
	}
	var all []types.MountTargetDescription
	for _, id := range ids {
		if m := a.lookAtMountTarget(id); m != nil {
			all = append(all, m.MountTargetDescription)
		}
	}
	list, next, err := page(a, all, func(m types.MountTargetDescription) string { return *m.MountTargetId }, in.Marker, in.MaxItems, 100)
	if err != nil {
		return nil, efsBad("invalid marker")
	}
	return &efs.DescribeMountTargetsOutput{MountTargets: list, Marker: in.Marker, NextMarker: next}, nil
}

// deleteMountTarget takes a while: the file system is in use until it is done.
func deleteMountTarget(a *Account, in *efs.DeleteMountTargetInput) (*efs.DeleteMountTargetOutput, error) {
	if _, err := a.mountTarget(in.MountTargetId); err != nil {
		return nil, err
	}
	m := a.MountTargets.Edit(*in.MountTargetId)
	m.LifeCycleState, m.Looks = types.LifeCycleStateDeleting, 2
	a.breakMounts(m)
	return &efs.DeleteMountTargetOutput{}, nil
}

// breakMounts is what becomes of tasks that mount through a target that goes: "the
// operation forcibly breaks any mounts of the file system, which might disrupt
// instances or applications using those mounts" (EFS User Guide, "Creating or
// deleting mount targets"). They run on, since nothing tells ECS; but what waits for
// a file does not hear SIGTERM, as the mounts are hard ones, and is killed after
// stopTimeout (EFS User Guide, "Recommended NFS mount settings"; ECS API reference,
// StopTask).
func (a *Account) breakMounts(m *MountTarget) {
	for _, key := range a.uses.Keys("file-system " + *m.FileSystemId) {
		if str(a.Tasks.Get(key).AvailabilityZone) == *m.AvailabilityZoneName {
			a.Tasks.Edit(key).Broken = true
		}
	}
}

func modifyMountTargetSecurityGroups(
	a *Account, in *efs.ModifyMountTargetSecurityGroupsInput,
) (*efs.ModifyMountTargetSecurityGroupsOutput, error) {
	m, err := a.mountTarget(in.MountTargetId)
	if err != nil {
		return nil, err
	}
	if m.LifeCycleState != types.LifeCycleStateAvailable {
		return nil, &types.IncorrectMountTargetState{Message: ptr("The mount target is not available."), ErrorCode_: ptr("IncorrectMountTargetState")}
	}
	if err := a.checkMountGroups(in.SecurityGroups, *m.VpcId); err != nil {
		return nil, err
	}
	a.MountTargets.Edit(*m.MountTargetId).Groups = in.SecurityGroups
	return &efs.ModifyMountTargetSecurityGroupsOutput{}, nil
}

func describeMountTargetSecurityGroups(
	a *Account, in *efs.DescribeMountTargetSecurityGroupsInput,
) (*efs.DescribeMountTargetSecurityGroupsOutput, error) {
	m, err := a.mountTarget(in.MountTargetId)
	if err != nil {
		return nil, err
	}
	return &efs.DescribeMountTargetSecurityGroupsOutput{SecurityGroups: slices.Clone(m.Groups)}, nil
}

// usedByMountTarget says whether a security group is that of a mount target.
func usedByMountTarget(a *Account, id string) bool { return a.mounts.Has("group " + id) }

// pathPermissions are octal (API reference, CreationInfo).
var pathPermissions = regexp.MustCompile(`^[0-7]{3,4}$`)

func createAccessPoint(a *Account, in *efs.CreateAccessPointInput) (*efs.CreateAccessPointOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	if made := a.points.Keys("token " + *in.ClientToken); len(made) > 0 {
		return nil, &types.AccessPointAlreadyExists{
			Message:    ptr("Access point '" + made[0] + "' already exists with client token '" + *in.ClientToken + "'"),
			ErrorCode_: ptr("AccessPointAlreadyExists"), AccessPointId: &made[0],
		}
	}
	tags, err := efsTags(in.Tags)
	if err != nil {
		return nil, err
	}
	root, err := rootDirectory(in.RootDirectory)
	if err != nil {
		return nil, err
	}
	id := "fsap-" + a.id("access-point", *in.ClientToken)[:17]
	arn := a.arn("elasticfilesystem", "access-point/"+id)
	p := types.AccessPointDescription{
		AccessPointId: &id, AccessPointArn: &arn, ClientToken: in.ClientToken, FileSystemId: f.FileSystemId, OwnerId: &a.Account,
		LifeCycleState: types.LifeCycleStateAvailable, PosixUser: in.PosixUser, RootDirectory: root,
	}
	a.AccessPoints.Put(id, p)
	a.bear(arn, tags)
	return &efs.CreateAccessPointOutput{
		AccessPointId: &id, AccessPointArn: &arn, ClientToken: in.ClientToken, FileSystemId: f.FileSystemId, OwnerId: &a.Account,
		Name: nameTag(tags), LifeCycleState: p.LifeCycleState, PosixUser: p.PosixUser, RootDirectory: p.RootDirectory, Tags: efsTagList(tags),
	}, nil
}

// nameTag is the name of a thing: "This is the value of the Name tag" (API reference,
// AccessPointDescription and FileSystemDescription).
func nameTag(tags map[string]string) *string {
	if name, named := tags["Name"]; named {
		return &name
	}
	return nil
}

func rootDirectory(in *types.RootDirectory) (*types.RootDirectory, error) {
	if in == nil || str(in.Path) == "" {
		return &types.RootDirectory{Path: ptr("/")}, nil
	}
	levels := strings.Count(strings.Trim(*in.Path, "/"), "/") + 1
	switch c := in.CreationInfo; {
	case !path.IsAbs(*in.Path) || path.Clean(*in.Path) != *in.Path || len(*in.Path) > 100 || *in.Path != "/" && levels > 4:
		return nil, efsBad("Invalid root directory path %q.", *in.Path)
	case c != nil && (c.OwnerUid == nil || c.OwnerGid == nil || !pathPermissions.MatchString(str(c.Permissions))):
		return nil, efsBad("CreationInfo needs OwnerUid, OwnerGid and octal Permissions.")
	}
	return in, nil
}

func describeAccessPoints(a *Account, in *efs.DescribeAccessPointsInput) (*efs.DescribeAccessPointsOutput, error) {
	if in.AccessPointId != nil && in.FileSystemId != nil {
		return nil, efsBad("AccessPointId and FileSystemId are mutually exclusive.")
	}
	if in.AccessPointId != nil && a.AccessPoints.Get(lastPart(*in.AccessPointId)) == nil {
		return nil, accessPointNotFound(*in.AccessPointId)
	}
	if in.FileSystemId != nil {
		if _, err := a.fileSystem(in.FileSystemId); err != nil {
			return nil, err
		}
	}
	rows := a.AccessPoints.All()
	switch {
	case in.AccessPointId != nil:
		rows = a.AccessPoints.some([]string{lastPart(*in.AccessPointId)})
	case in.FileSystemId != nil:
		rows = a.points.Of("of " + lastPart(*in.FileSystemId))
	}
	var all []types.AccessPointDescription
	for _, p := range rows {
		all = append(all, *p)
	}
	list, next, err := page(a, all, func(p types.AccessPointDescription) string { return *p.AccessPointId }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, efsBad("invalid token")
	}
	for i, p := range list {
		tags := a.tagsOf(*p.AccessPointArn)
		list[i].Tags, list[i].Name = efsTagList(tags), nameTag(tags)
	}
	return &efs.DescribeAccessPointsOutput{AccessPoints: list, NextToken: next}, nil
}

func accessPointNotFound(id string) error {
	return &types.AccessPointNotFound{Message: ptr("Access point '" + id + "' does not exist."), ErrorCode_: ptr("AccessPointNotFound")}
}

func deleteAccessPoint(a *Account, in *efs.DeleteAccessPointInput) (*efs.DeleteAccessPointOutput, error) {
	p := a.AccessPoints.Get(lastPart(*in.AccessPointId))
	if p == nil {
		return nil, accessPointNotFound(*in.AccessPointId)
	}
	a.Tags.Delete(*p.AccessPointArn)
	a.AccessPoints.Delete(*p.AccessPointId)
	return &efs.DeleteAccessPointOutput{}, nil
}
