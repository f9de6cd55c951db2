package simulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func efsTags(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }

// fileSystem makes a file system and looks at it until it is available.
func (w *world) fileSystem(token string) (id string) {
	w.t.Helper()
	id = *must(w.efs.CreateFileSystem(w.t.Context(), &efs.CreateFileSystemInput{CreationToken: &token, Encrypted: aws.Bool(true)}))(w.t).FileSystemId
	for range 5 {
		if w.fileSystems(&efs.DescribeFileSystemsInput{FileSystemId: &id})[0].LifeCycleState == types.LifeCycleStateAvailable {
			return id
		}
	}
	w.t.Fatalf("%s does not become available", id)
	return ""
}

func (w *world) fileSystems(in *efs.DescribeFileSystemsInput) []types.FileSystemDescription {
	w.t.Helper()
	return must(w.efs.DescribeFileSystems(w.t.Context(), in))(w.t).FileSystems
}

func TestTheLifeOfAFileSystem(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	create := &efs.CreateFileSystemInput{CreationToken: aws.String("shop"), Encrypted: aws.Bool(true), Tags: efsTags("Name", "shop")}
	id := must(w.efs.CreateFileSystem(ctx, create))(t).FileSystemId
	if _, err := w.efs.CreateFileSystem(ctx, create); code(err) != "FileSystemAlreadyExists" {
		t.Error(err)
	}
	backup := &efs.PutBackupPolicyInput{FileSystemId: id, BackupPolicy: &types.BackupPolicy{Status: types.StatusEnabled}}
	if _, err := w.efs.PutBackupPolicy(ctx, backup); code(err) != "IncorrectFileSystemLifeCycleState" {
		t.Error("one that is being made:", err)
	}
	w.fileSystems(&efs.DescribeFileSystemsInput{CreationToken: aws.String("shop")})
	golden(t, "file-system", w.fileSystems(&efs.DescribeFileSystemsInput{FileSystemId: id})[0])

	must(w.efs.PutBackupPolicy(ctx, backup))(t)
	must(w.efs.PutLifecycleConfiguration(ctx, &efs.PutLifecycleConfigurationInput{FileSystemId: id, LifecyclePolicies: []types.LifecyclePolicy{
		{TransitionToIA: types.TransitionToIARulesAfter30Days},
	}}))(t)
	must(w.efs.UpdateFileSystem(ctx, &efs.UpdateFileSystemInput{FileSystemId: id, ThroughputMode: types.ThroughputModeElastic}))(t)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	noPolicy := &efs.DescribeFileSystemPolicyInput{FileSystemId: id}
	if _, err := w.efs.DescribeFileSystemPolicy(ctx, noPolicy); code(err) != "PolicyNotFound" {
		t.Error(err)
	}
	must(w.efs.PutFileSystemPolicy(ctx, &efs.PutFileSystemPolicyInput{FileSystemId: id, Policy: &policy}))(t)
	if got := must(w.efs.DescribeFileSystemPolicy(ctx, noPolicy))(t); *got.Policy != policy {
		t.Error(*got.Policy)
	}
	must(w.efs.DeleteFileSystemPolicy(ctx, &efs.DeleteFileSystemPolicyInput{FileSystemId: id}))(t)
	backups := must(w.efs.DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: id}))(t).BackupPolicy
	rules := must(w.efs.DescribeLifecycleConfiguration(ctx, &efs.DescribeLifecycleConfigurationInput{FileSystemId: id}))(t).LifecyclePolicies
	if backups.Status != types.StatusEnabled || len(rules) != 1 {
		t.Error(text(backups), text(rules))
	}
	must(w.efs.TagResource(ctx, &efs.TagResourceInput{ResourceId: id, Tags: efsTags("a", "1")}))(t)
	must(w.efs.UntagResource(ctx, &efs.UntagResourceInput{ResourceId: id, TagKeys: []string{"Name"}}))(t)
	if f := w.fileSystems(&efs.DescribeFileSystemsInput{})[0]; f.ThroughputMode != types.ThroughputModeElastic || len(f.Tags) != 1 || *f.Tags[0].Key != "a" {
		t.Error(text(f))
	}
	found := must(w.tagging.GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{"elasticfilesystem:file-system"}}))(t)
	if len(found.ResourceTagMappingList) != 1 {
		t.Error(text(found))
	}
	must(w.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: id}))(t)
	if _, err := w.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: id}); code(err) != "FileSystemNotFound" {
		t.Error(err)
	}
}

func TestEFSRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, id := t.Context(), w.fileSystem("shop")
	for what, in := range map[string]efs.CreateFileSystemInput{
		"a key and no encryption":                {KmsKeyId: aws.String("alias/shop")},
		"provisioned throughput of no size":      {ThroughputMode: types.ThroughputModeProvisioned},
		"a size of throughput that is not taken": {ProvisionedThroughputInMibps: aws.Float64(8)},
		"elastic throughput of maxIO":            {ThroughputMode: types.ThroughputModeElastic, PerformanceMode: types.PerformanceModeMaxIo},
		"a tag of AWS's":                         {Tags: efsTags("aws:x", "1")},
	} {
		in.CreationToken = aws.String(what)
		if _, err := w.efs.CreateFileSystem(ctx, &in); code(err) != "BadRequest" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.efs.PutLifecycleConfiguration(ctx, &efs.PutLifecycleConfigurationInput{FileSystemId: &id, LifecyclePolicies: []types.LifecyclePolicy{
		{TransitionToIA: types.TransitionToIARulesAfter30Days, TransitionToPrimaryStorageClass: types.TransitionToPrimaryStorageClassRulesAfter1Access},
	}})
	if code(err) != "BadRequest" {
		t.Error("two transitions in one policy:", err)
	}
	if _, err := w.efs.PutFileSystemPolicy(ctx, &efs.PutFileSystemPolicyInput{FileSystemId: &id, Policy: aws.String("{}")}); code(err) != "InvalidPolicyException" {
		t.Error("a policy of nothing:", err)
	}
	for what, root := range map[string]types.RootDirectory{
		"a relative path":  {Path: aws.String("data")},
		"five levels":      {Path: aws.String("/a/b/c/d/e")},
		"permissions of x": {Path: aws.String("/a"), CreationInfo: &types.CreationInfo{OwnerUid: aws.Int64(1), OwnerGid: aws.Int64(1), Permissions: aws.String("rwx")}},
	} {
		_, err := w.efs.CreateAccessPoint(ctx, &efs.CreateAccessPointInput{ClientToken: &what, FileSystemId: &id, RootDirectory: &root})
		if code(err) != "BadRequest" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTheLifeOfAnAccessPoint(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	ctx, id := t.Context(), w.fileSystem("shop")
	create := &efs.CreateAccessPointInput{
		ClientToken: aws.String("data"), FileSystemId: &id, Tags: efsTags("project", "shop"),
		RootDirectory: &types.RootDirectory{Path: aws.String("/data"), CreationInfo: &types.CreationInfo{
			OwnerUid: aws.Int64(999), OwnerGid: aws.Int64(999), Permissions: aws.String("0755"),
		}},
	}
	made := must(w.efs.CreateAccessPoint(ctx, create))(t)
	if _, err := w.efs.CreateAccessPoint(ctx, create); code(err) != "AccessPointAlreadyExists" {
		t.Error(err)
	}
	golden(t, "access-point", must(w.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{AccessPointId: made.AccessPointId}))(t).AccessPoints[0])
	must(w.efs.TagResource(ctx, &efs.TagResourceInput{ResourceId: made.AccessPointId, Tags: efsTags("a", "1")}))(t)
	if made.Name != nil {
		t.Error("a name without a tag:", *made.Name)
	}
	must(w.efs.TagResource(ctx, &efs.TagResourceInput{ResourceId: made.AccessPointId, Tags: efsTags("Name", "data of the shop")}))(t)
	if p := must(w.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{AccessPointId: made.AccessPointId}))(t).AccessPoints[0]; *p.Name != "data of the shop" {
		t.Error(text(p))
	}
	must(w.efs.UntagResource(ctx, &efs.UntagResourceInput{ResourceId: made.AccessPointId, TagKeys: []string{"Name"}}))(t)
	tags := must(w.efs.ListTagsForResource(ctx, &efs.ListTagsForResourceInput{ResourceId: made.AccessPointId}))(t)
	if len(tags.Tags) != 1 || tags.NextToken == nil {
		t.Error("its tags are one page: " + text(tags))
	}
	if of := must(w.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{FileSystemId: &id}))(t).AccessPoints; len(of) != 1 {
		t.Error(text(of))
	}
	must(w.efs.DeleteAccessPoint(ctx, &efs.DeleteAccessPointInput{AccessPointId: made.AccessPointId}))(t)
	if _, err := w.efs.DeleteAccessPoint(ctx, &efs.DeleteAccessPointInput{AccessPointId: made.AccessPointId}); code(err) != "AccessPointNotFound" {
		t.Error(err)
	}
	must(w.efs.CreateAccessPoint(ctx, create))(t)
	must(w.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: &id}))(t)
	if left := must(w.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{}))(t).AccessPoints; len(left) > 0 {
		t.Error("an access point outlives its file system: " + text(left))
	}
}

// mountTargets makes a mount target in each of the default subnets and looks until
// they are available.
func (w *world) mountTargets(fileSystem string, groups ...string) (ids []string) {
	w.t.Helper()
	ctx := w.t.Context()
	for _, subnet := range w.network().AwsvpcConfiguration.Subnets {
		made := must(w.efs.CreateMountTarget(ctx, &efs.CreateMountTargetInput{FileSystemId: &fileSystem, SubnetId: &subnet, SecurityGroups: groups}))(w.t)
		ids = append(ids, *made.MountTargetId)
	}
	for range 2 {
		must(w.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{FileSystemId: &fileSystem}))(w.t)
	}
	return ids
}

func TestTheLifeOfAMountTarget(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, id := t.Context(), w.fileSystem("shop")
	subnets := w.network().AwsvpcConfiguration.Subnets
	create := &efs.CreateMountTargetInput{FileSystemId: &id, SubnetId: &subnets[0]}
	made := must(w.efs.CreateMountTarget(ctx, create))(t)
	if made.LifeCycleState != types.LifeCycleStateCreating {
		t.Errorf("it is %s", made.LifeCycleState)
	}
	if _, err := w.efs.CreateMountTarget(ctx, create); code(err) != "MountTargetConflict" {
		t.Error("a second one in the zone:", err)
	}
	change := &efs.ModifyMountTargetSecurityGroupsInput{MountTargetId: made.MountTargetId, SecurityGroups: []string{w.closedGroup()}}
	if _, err := w.efs.ModifyMountTargetSecurityGroups(ctx, change); code(err) != "IncorrectMountTargetState" {
		t.Error("one that is being made:", err)
	}
	for range 2 {
		must(w.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{MountTargetId: made.MountTargetId}))(t)
	}
	must(w.efs.ModifyMountTargetSecurityGroups(ctx, change))(t)
	groups := must(w.efs.DescribeMountTargetSecurityGroups(ctx, &efs.DescribeMountTargetSecurityGroupsInput{MountTargetId: made.MountTargetId}))(t).SecurityGroups
	if len(groups) != 1 || groups[0] != change.SecurityGroups[0] {
		t.Error(text(groups))
	}
	if _, err := w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &groups[0]}); code(err) != "DependencyViolation" {
		t.Error("its security group is deleted:", err)
	}
	drop := &efs.DeleteMountTargetInput{MountTargetId: made.MountTargetId}
	must(w.efs.DeleteMountTarget(ctx, drop))(t)
	if _, err := w.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: &id}); code(err) != "FileSystemInUse" {
		t.Error("while it goes:", err)
	}
	for range 2 {
		_, _ = w.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{FileSystemId: &id})
	}
	if _, err := w.efs.DeleteMountTarget(ctx, drop); code(err) != "MountTargetNotFound" {
		t.Error("after it went:", err)
	}
	must(w.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: &id}))(t)
}

// storage is what a task needs to mount a volume.
type storage struct {
	fileSystem, accessPoint, tasks, nfs string
}

// mountable makes all that it takes: groups that let tasks in, a role that may.
func (w *world) mountable() storage {
	w.t.Helper()
	ctx := w.t.Context()
	group := func(name string) string {
		return *must(w.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name}))(w.t).GroupId
	}
	s := storage{fileSystem: w.fileSystem("shop"), tasks: group("tasks"), nfs: group("nfs")}
	must(w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.nfs, IpPermissions: []ec2types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(2049), ToPort: aws.Int32(2049), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &s.tasks}},
	}}}))(w.t)
	w.mountTargets(s.fileSystem, s.nfs)
	s.accessPoint = *must(w.efs.CreateAccessPoint(ctx, &efs.CreateAccessPointInput{
		ClientToken: aws.String("data"), FileSystemId: &s.fileSystem, RootDirectory: &types.RootDirectory{Path: aws.String("/data")},
	}))(w.t).AccessPointId
	must(w.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("task"), AssumeRolePolicyDocument: aws.String(trust)}))(w.t)
	must(w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("task"), PolicyName: aws.String("efs"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"elasticfilesystem:Client*","Resource":"*"}]}`),
	}))(w.t)
	return s
}

// mounting registers a definition that mounts the file system as everybody, and is
// the service of it.
func (w *world) mounting(s storage) *ecs.CreateServiceInput {
	w.t.Helper()
	td := definition("web")
	td.Volumes = []ecstypes.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &ecstypes.EFSVolumeConfiguration{FileSystemId: &s.fileSystem}}}
	w.register(td)
	in := w.service("web")
	in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{s.tasks}
	return in
}

// refusesPlain is a policy that allows nobody anything by itself.
const refusesPlain = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},` +
	`"Action":"elasticfilesystem:Client*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`

func (w *world) fileSystemPolicy(id, policy string) {
	w.t.Helper()
	must(w.efs.PutFileSystemPolicy(w.t.Context(), &efs.PutFileSystemPolicyInput{FileSystemId: &id, Policy: &policy}))(w.t)
}

// taskMay replaces what the task role may do with file systems; accessPoint is
// the only way in where it is not empty.
func (w *world) taskMay(action, accessPoint string) {
	w.t.Helper()
	condition := ""
	if accessPoint != "" {
		condition = `,"Condition":{"StringEquals":{"elasticfilesystem:AccessPointArn":["` + accessPoint + `"]}}`
	}
	must(w.iam.PutRolePolicy(w.t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("task"), PolicyName: aws.String("efs"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"` + condition + `}]}`),
	}))(w.t)
}

func TestAZoneWithoutEFSTakesNoMountTarget(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id, subnet := w.fileSystem("shop"), must(w.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{}))(t).Subnets[0]
	w.Mutate(func(a *simulator.Account) { a.ZonesWithoutEFS.Put(*subnet.AvailabilityZoneId, true) })
	_, err := w.efs.CreateMountTarget(t.Context(), &efs.CreateMountTargetInput{FileSystemId: &id, SubnetId: subnet.SubnetId})
	if code(err) != "UnsupportedAvailabilityZone" {
		t.Error(err)
	}
}

func TestATaskMountsAFileSystem(t *testing.T) {
	type input = ecs.RegisterTaskDefinitionInput
	volumeOf := func(td *input) *ecstypes.EFSVolumeConfiguration { return td.Volumes[0].EfsVolumeConfiguration }
	for _, c := range []struct {
		name string
		edit func(*world, storage, *input, *ecs.CreateServiceInput)
		want string // of the reason; "": it runs
	}{
		{"with all it takes", func(*world, storage, *input, *ecs.CreateServiceInput) {}, ""},
		{"of no such file system", func(_ *world, _ storage, td *input, _ *ecs.CreateServiceInput) {
			volumeOf(td).FileSystemId = aws.String("fs-00000000000000000")
		}, "does not exist"},
		{"of no such access point", func(_ *world, _ storage, td *input, _ *ecs.CreateServiceInput) {
			volumeOf(td).AuthorizationConfig.AccessPointId = aws.String("fsap-00000000000000000")
		}, "does not exist"},
		{"from groups that are not let in", func(w *world, _ storage, _ *input, s *ecs.CreateServiceInput) {
			s.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = nil
		}, "Connection timed out"},
		{"in a zone without a mount target", func(w *world, s storage, _ *input, _ *ecs.CreateServiceInput) {
			target := must(w.efs.DescribeMountTargets(w.t.Context(), &efs.DescribeMountTargetsInput{FileSystemId: &s.fileSystem}))(w.t).MountTargets[0]
			must(w.efs.DeleteMountTarget(w.t.Context(), &efs.DeleteMountTargetInput{MountTargetId: target.MountTargetId}))(w.t)
		}, "Connection timed out"},
		{"with a role that may not", func(w *world, s storage, _ *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, refusesPlain)
			must(w.iam.DeleteRolePolicy(w.t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("task"), PolicyName: aws.String("efs")}))(w.t)
		}, "access denied by server"},
		{"as nobody although a policy wants somebody", func(w *world, s storage, td *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/task"},"Action":"*"}]}`)
			volumeOf(td).AuthorizationConfig.Iam = ecstypes.EFSAuthorizationConfigIAMDisabled
		}, "access denied by server"},
		{"with a role that may nothing where no policy was ever set", func(w *world, _ storage, _ *input, _ *ecs.CreateServiceInput) {
			w.taskMay("s3:*", "")
		}, ""},
		{"as nobody where everybody may", func(w *world, s storage, td *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*"}]}`)
			volumeOf(td).AuthorizationConfig.Iam = ecstypes.EFSAuthorizationConfigIAMDisabled
		}, ""},
		{"through its access point", func(w *world, s storage, _ *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, refusesPlain)
			w.taskMay("elasticfilesystem:Client*", "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/"+s.accessPoint)
		}, ""},
		{"through another access point than it may", func(w *world, s storage, _ *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, refusesPlain)
			w.taskMay("elasticfilesystem:Client*", "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-00000000000000000")
		}, "access denied by server"},
		{"to write what it may read", func(w *world, s storage, td *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, refusesPlain)
			w.taskMay("elasticfilesystem:ClientMount", "")
			td.ContainerDefinitions[0].MountPoints = []ecstypes.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}
		}, "Essential container in task exited"},
		{"to read what it may read", func(w *world, s storage, td *input, _ *ecs.CreateServiceInput) {
			w.fileSystemPolicy(s.fileSystem, refusesPlain)
			w.taskMay("elasticfilesystem:ClientMount", "")
			td.ContainerDefinitions[0].MountPoints = []ecstypes.MountPoint{
				{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data"), ReadOnly: aws.Bool(true)},
			}
		}, ""},
		{"from groups that let nothing out to it", func(w *world, s storage, _ *input, _ *ecs.CreateServiceInput) {
			ctx := w.t.Context()
			all := ec2types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}
			must(w.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &s.tasks, IpPermissions: []ec2types.IpPermission{all}}))(w.t)
			must(w.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
				GroupId: &s.tasks, IpPermissions: []ec2types.IpPermission{tcp(443, "0.0.0.0/0")},
			}))(w.t)
		}, "Connection timed out"},
		{"in a VPC that gives no names", func(w *world, _ storage, _ *input, _ *ecs.CreateServiceInput) {
			vpc := must(w.ec2.DescribeVpcs(w.t.Context(), &ec2.DescribeVpcsInput{}))(w.t).Vpcs[0].VpcId
			must(w.ec2.ModifyVpcAttribute(w.t.Context(), &ec2.ModifyVpcAttributeInput{
				VpcId: vpc, EnableDnsHostnames: &ec2types.AttributeBooleanValue{Value: aws.Bool(false)},
			}))(w.t)
		}, "Failed to resolve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			s := w.mountable()
			td, service := definition("web"), w.service("web")
			td.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/task")
			td.Volumes = []ecstypes.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &ecstypes.EFSVolumeConfiguration{
				FileSystemId: &s.fileSystem, TransitEncryption: ecstypes.EFSTransitEncryptionEnabled,
				AuthorizationConfig: &ecstypes.EFSAuthorizationConfig{AccessPointId: &s.accessPoint, Iam: ecstypes.EFSAuthorizationConfigIAMEnabled},
			}}}
			service.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{s.tasks}
			c.edit(w, s, td, service)
			w.register(td)
			must(w.ecs.CreateService(t.Context(), service))(t)
			settled := w.settle("web")
			if c.want == "" {
				if settled.RunningCount != 1 {
					t.Error(text(settled.Events))
				}
				return
			}
			if got := *w.onlyTask(ecstypes.DesiredStatusStopped).StoppedReason; !strings.Contains(got, c.want) {
				t.Errorf("stopped because %q, want %q", got, c.want)
			}
		})
	}
}
