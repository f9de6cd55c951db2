package simulator

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
)

type efsState struct {
	FileSystems  Table[FileSystem]                   `state:"efs.file-systems"`  // by id
	MountTargets Table[MountTarget]                  `state:"efs.mount-targets"` // by id
	AccessPoints Table[types.AccessPointDescription] `state:"efs.access-points"` // by id

	ZonesWithoutEFS Table[bool] `state:"efs.zones-without"` // by zone id: CreateMountTarget refuses them
}

// FileSystem is a file system with what is read by calls of their own.
type FileSystem struct {
	types.FileSystemDescription                         // without tags
	Lifecycle                   []types.LifecyclePolicy // PutLifecycleConfiguration
	Backup                      types.Status            // PutBackupPolicy
	Policy                      string                  // PutFileSystemPolicy; "": none
	Former                      string                  // the policy before that
	Since                       int64                   // when Policy is in force, on the clock; until then Former is
	Looks                       int                     // how many looks it takes to become available
	Due                         Due
}

func efsOperations() []operation {
	return slices.Concat([]operation{
		write(createFileSystem),
		read(describeFileSystems),
		write(updateFileSystem),
		write(deleteFileSystem),
		write(putLifecycleConfiguration),
		read(describeLifecycleConfiguration),
		write(putBackupPolicy),
		read(describeBackupPolicy),
		write(putFileSystemPolicy),
		read(describeFileSystemPolicy),
		write(deleteFileSystemPolicy),
		write(efsTagResource),
		write(efsUntagResource),
		read(efsListTags),
	}, mountTargetOperations(), accessPointOperations())
}

func efsBad(format string, args ...any) error {
	return &types.BadRequest{Message: ptr(fmt.Sprintf(format, args...)), ErrorCode_: ptr("BadRequest")}
}

func efsTags(list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, efsBad("The tag key %s is given twice.", twice)
	}
	if problem := tagProblem(nil, tags); problem != "" {
		return nil, efsBad("%s", problem)
	}
	return tags, nil
}

func efsTagList(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func (a *Account) fileSystem(id *string) (*FileSystem, error) {
	if f := a.FileSystems.Get(lastPart(str(id))); f != nil {
		return f, nil
	}
	return nil, &types.FileSystemNotFound{
		Message: ptr("File system '" + str(id) + "' does not exist."), ErrorCode_: ptr("FileSystemNotFound"),
	}
}

// availableFileSystem is one that takes changes.
func (a *Account) availableFileSystem(id *string) (*FileSystem, error) {
	f, err := a.fileSystem(id)
	if err == nil && f.LifeCycleState != types.LifeCycleStateAvailable {
		return nil, &types.IncorrectFileSystemLifeCycleState{
			Message: ptr(fmt.Sprintf("File system '%s' is %s.", *f.FileSystemId, f.LifeCycleState)), ErrorCode_: ptr("IncorrectFileSystemLifeCycleState"),
		}
	}
	return f, err
}

func createFileSystem(a *Account, in *efs.CreateFileSystemInput) (*efs.CreateFileSystemOutput, error) {
	token := str(in.CreationToken)
	for id, f := range a.FileSystems.All() {
		if *f.CreationToken == token {
			return nil, &types.FileSystemAlreadyExists{
				Message:    ptr("File system '" + id + "' already exists with creation token '" + token + "'"),
				ErrorCode_: ptr("FileSystemAlreadyExists"), FileSystemId: &id,
			}
		}
	}
	tags, err := efsTags(in.Tags)
	if err != nil {
		return nil, err
	}
	f, err := newFileSystem(in)
	if err != nil {
		return nil, err
	}
	id := "fs-" + a.id("file-system", token)[:17]
	arn := a.arn("elasticfilesystem", "file-system/"+id)
	f.FileSystemId, f.FileSystemArn, f.OwnerId, f.CreationTime = &id, &arn, &a.Account, a.now()
	if val(f.Encrypted) {
		f.KmsKeyId = orElse(f.KmsKeyId, a.arn("kms", "key/"+uuid(digest(a.Account, a.Region, "efs"))))
	}
	a.FileSystems.Put(id, f)
	a.bear(arn, tags)
	return &efs.CreateFileSystemOutput{
		CreationToken: in.CreationToken, FileSystemId: &id, FileSystemArn: &arn, LifeCycleState: f.LifeCycleState, OwnerId: &a.Account,
		CreationTime: f.CreationTime, PerformanceMode: f.PerformanceMode, ThroughputMode: f.ThroughputMode, Encrypted: f.Encrypted,
		KmsKeyId: f.KmsKeyId, Name: nameTag(tags), Tags: efsTagList(tags), SizeInBytes: f.SizeInBytes, FileSystemProtection: f.FileSystemProtection,
	}, nil
}

// newFileSystem fills what EFS fills (API reference, CreateFileSystem).
func newFileSystem(in *efs.CreateFileSystemInput) (FileSystem, error) {
	f := FileSystem{Looks: 2, Backup: types.StatusDisabled}
	f.CreationToken, f.LifeCycleState = in.CreationToken, types.LifeCycleStateCreating
	f.PerformanceMode, f.ThroughputMode = in.PerformanceMode, in.ThroughputMode
	f.Encrypted, f.KmsKeyId, f.ProvisionedThroughputInMibps = orElse(in.Encrypted, false), in.KmsKeyId, in.ProvisionedThroughputInMibps
	f.SizeInBytes = &types.FileSystemSize{Value: 6144}
	f.FileSystemProtection = &types.FileSystemProtectionDescription{ReplicationOverwriteProtection: types.ReplicationOverwriteProtectionEnabled}
	if f.PerformanceMode == "" {
		f.PerformanceMode = types.PerformanceModeGeneralPurpose
	}
	if f.ThroughputMode == "" {
		f.ThroughputMode = types.ThroughputModeBursting
	}
	if val(in.Backup) {
		f.Backup = types.StatusEnabled
	}
	switch {
	case in.KmsKeyId != nil && !val(in.Encrypted):
		return f, efsBad("KmsKeyId is only valid for an encrypted file system.")
	case in.AvailabilityZoneName != nil:
		return f, efsBad("The simulator knows Regional file systems only.")
	}
	return f, checkThroughput(f)
}

func checkThroughput(f FileSystem) error {
	provisioned := f.ThroughputMode == types.ThroughputModeProvisioned
	switch {
	case provisioned != (f.ProvisionedThroughputInMibps != nil):
		return efsBad("ProvisionedThroughputInMibps is required with, and only with, throughput mode provisioned.")
	case provisioned && *f.ProvisionedThroughputInMibps < 1:
		return efsBad("ProvisionedThroughputInMibps must be at least 1.")
	case f.ThroughputMode == types.ThroughputModeElastic && f.PerformanceMode != types.PerformanceModeGeneralPurpose:
		return efsBad("Elastic throughput is supported with the performance mode generalPurpose only.")
	}
	return nil
}

// look moves a new file system along, which AWS does by itself.
func (a *Account) lookAtFileSystem(id string) *FileSystem {
	f := a.FileSystems.Get(id)
	if f.LifeCycleState != types.LifeCycleStateCreating {
		return f
	}
	f = a.FileSystems.Edit(id)
	if f.Looks--; f.Looks <= 0 {
		f.LifeCycleState = types.LifeCycleStateAvailable
	}
	return f
}

func describeFileSystems(a *Account, in *efs.DescribeFileSystemsInput) (*efs.DescribeFileSystemsOutput, error) {
	if in.FileSystemId != nil {
		if _, err := a.fileSystem(in.FileSystemId); err != nil {
			return nil, err
		}
	}
	var all []types.FileSystemDescription
	for id, f := range a.FileSystems.All() {
		if in.FileSystemId != nil && lastPart(*in.FileSystemId) != id || in.CreationToken != nil && *in.CreationToken != *f.CreationToken {
			continue
		}
		all = append(all, a.describeFileSystem(a.lookAtFileSystem(id)))
	}
	list, next, err := page(a, all, func(f types.FileSystemDescription) string { return *f.FileSystemId }, in.Marker, in.MaxItems, 100)
	if err != nil {
		return nil, efsBad("invalid marker")
	}
	return &efs.DescribeFileSystemsOutput{FileSystems: list, Marker: in.Marker, NextMarker: next}, nil
}

func (a *Account) describeFileSystem(f *FileSystem) types.FileSystemDescription {
	out := f.FileSystemDescription
	out.Tags = efsTagList(a.tagsOf(*f.FileSystemArn))
	out.Name = nameTag(a.tagsOf(*f.FileSystemArn))
	out.NumberOfMountTargets = int32(a.mounts.Count(*f.FileSystemId))
	return out
}

func updateFileSystem(a *Account, in *efs.UpdateFileSystemInput) (*efs.UpdateFileSystemOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	next := *f
	if in.ThroughputMode != "" {
		next.ThroughputMode = in.ThroughputMode
		next.ProvisionedThroughputInMibps = nil
	}
	if in.ProvisionedThroughputInMibps != nil {
		next.ProvisionedThroughputInMibps = in.ProvisionedThroughputInMibps
	}
	if err := checkThroughput(next); err != nil {
		return nil, err
	}
	*a.FileSystems.Edit(*f.FileSystemId) = next
	return &efs.UpdateFileSystemOutput{
		FileSystemId: f.FileSystemId, FileSystemArn: f.FileSystemArn, CreationToken: f.CreationToken,
		ThroughputMode: next.ThroughputMode, ProvisionedThroughputInMibps: next.ProvisionedThroughputInMibps, LifeCycleState: f.LifeCycleState,
	}, nil
}

func deleteFileSystem(a *Account, in *efs.DeleteFileSystemInput) (*efs.DeleteFileSystemOutput, error) {
	f, err := a.fileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	if a.mounts.Has(*f.FileSystemId) {
		return nil, &types.FileSystemInUse{
			Message: ptr("File system '" + *f.FileSystemId + "' has mount targets created in it."), ErrorCode_: ptr("FileSystemInUse"),
		}
	}
	for id, p := range a.points.Of("of " + *f.FileSystemId) { // they go with it (EFS User Guide, deleting a file system)
		a.Tags.Delete(*p.AccessPointArn)
		a.AccessPoints.Delete(id)
	}
	a.Tags.Delete(*f.FileSystemArn)
	a.FileSystems.Delete(*f.FileSystemId)
	return &efs.DeleteFileSystemOutput{}, nil
}

func putLifecycleConfiguration(
	a *Account, in *efs.PutLifecycleConfigurationInput,
) (*efs.PutLifecycleConfigurationOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	for _, p := range in.LifecyclePolicies {
		set := 0
		for _, rule := range []string{string(p.TransitionToIA), string(p.TransitionToArchive), string(p.TransitionToPrimaryStorageClass)} {
			if rule != "" {
				set++
			}
		}
		if set != 1 { // API reference: "Each LifecyclePolicy object can have only a single transition"
			return nil, efsBad("Each lifecycle policy must have exactly one transition.")
		}
	}
	a.FileSystems.Edit(*f.FileSystemId).Lifecycle = in.LifecyclePolicies
	return &efs.PutLifecycleConfigurationOutput{LifecyclePolicies: in.LifecyclePolicies}, nil
}

func describeLifecycleConfiguration(
	a *Account, in *efs.DescribeLifecycleConfigurationInput,
) (*efs.DescribeLifecycleConfigurationOutput, error) {
	f, err := a.fileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	return &efs.DescribeLifecycleConfigurationOutput{LifecyclePolicies: filled(f.Lifecycle)}, nil
}

func putBackupPolicy(a *Account, in *efs.PutBackupPolicyInput) (*efs.PutBackupPolicyOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	a.FileSystems.Edit(*f.FileSystemId).Backup = in.BackupPolicy.Status
	return &efs.PutBackupPolicyOutput{BackupPolicy: in.BackupPolicy}, nil
}

func describeBackupPolicy(a *Account, in *efs.DescribeBackupPolicyInput) (*efs.DescribeBackupPolicyOutput, error) {
	f, err := a.fileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	return &efs.DescribeBackupPolicyOutput{BackupPolicy: &types.BackupPolicy{Status: f.Backup}}, nil
}

func putFileSystemPolicy(a *Account, in *efs.PutFileSystemPolicyInput) (*efs.PutFileSystemPolicyOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	var p policy
	if err := json.Unmarshal([]byte(*in.Policy), &p); err != nil || len(p.Statement) == 0 {
		return nil, &types.InvalidPolicyException{Message: ptr("Policy is malformed."), ErrorCode_: ptr("InvalidPolicyException")}
	}
	a.changePolicy(*f.FileSystemId, *in.Policy)
	return &efs.PutFileSystemPolicyOutput{FileSystemId: f.FileSystemId, Policy: in.Policy}, nil
}

// changePolicy replaces the policy of a file system; "" is none. It is in force
// some time later.
func (a *Account) changePolicy(id, policy string) {
	f := a.FileSystems.Edit(id)
	f.Former, f.Policy = f.inForce(a.moment()), policy
	f.Since = a.moment() + int64(a.PolicyDelay)
}

func describeFileSystemPolicy(
	a *Account, in *efs.DescribeFileSystemPolicyInput,
) (*efs.DescribeFileSystemPolicyOutput, error) {
	f, err := a.fileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	if f.Policy == "" {
		return nil, &types.PolicyNotFound{Message: ptr("Policy not found for " + *f.FileSystemId), ErrorCode_: ptr("PolicyNotFound")}
	}
	return &efs.DescribeFileSystemPolicyOutput{FileSystemId: f.FileSystemId, Policy: &f.Policy}, nil
}

func deleteFileSystemPolicy(a *Account, in *efs.DeleteFileSystemPolicyInput) (*efs.DeleteFileSystemPolicyOutput, error) {
	f, err := a.availableFileSystem(in.FileSystemId)
	if err != nil {
		return nil, err
	}
	a.changePolicy(*f.FileSystemId, "")
	return &efs.DeleteFileSystemPolicyOutput{}, nil
}

// taggedEFS is the ARN of the file system or access point that a tagging call
// names by its id or ARN.
func (a *Account) taggedEFS(id *string) (string, error) {
	if p := a.AccessPoints.Get(lastPart(str(id))); p != nil {
		return *p.AccessPointArn, nil
	}
	f, err := a.fileSystem(id)
	if err != nil {
		return "", err
	}
	return *f.FileSystemArn, nil
}

func efsTagResource(a *Account, in *efs.TagResourceInput) (*efs.TagResourceOutput, error) {
	arn, err := a.taggedEFS(in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags, err := efsTags(in.Tags)
	if err != nil {
		return nil, err
	}
	a.tag(arn, tags)
	return &efs.TagResourceOutput{}, nil
}

func efsUntagResource(a *Account, in *efs.UntagResourceInput) (*efs.UntagResourceOutput, error) {
	arn, err := a.taggedEFS(in.ResourceId)
	if err != nil {
		return nil, err
	}
	a.untag(arn, in.TagKeys)
	return &efs.UntagResourceOutput{}, nil
}

func efsListTags(a *Account, in *efs.ListTagsForResourceInput) (*efs.ListTagsForResourceOutput, error) {
	arn, err := a.taggedEFS(in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags, next, err := page(a, efsTagList(a.tagsOf(arn)), func(t types.Tag) string { return *t.Key }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, efsBad("invalid token")
	}
	return &efs.ListTagsForResourceOutput{Tags: tags, NextToken: next}, nil
}
