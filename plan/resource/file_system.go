package resource

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// fileSystemKind defines EFS file systems. Their name is their creation token.
var fileSystemKind = kind[spec.FileSystem]{
	row: row{
		kind: spec.FileSystemKind, noun: "file system", tagged: "elasticfilesystem:file-system",
		reads: []string{
			"elasticfilesystem:DescribeBackupPolicy", "elasticfilesystem:DescribeFileSystemPolicy",
			"elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeLifecycleConfiguration",
		},
		writes: []string{
			"elasticfilesystem:CreateFileSystem", "elasticfilesystem:DeleteFileSystem", "elasticfilesystem:DeleteFileSystemPolicy",
			"elasticfilesystem:PutBackupPolicy", "elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:PutLifecycleConfiguration",
			"elasticfilesystem:TagResource", "elasticfilesystem:UntagResource", "elasticfilesystem:UpdateFileSystem",
		},
	},
	id:   "id",
	name: func(s *spec.FileSystem) string { return s.Name },
	tags: func(s *spec.FileSystem) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		return searchFileSystems(ctx, a, nil, []string{r.Attrs["id"]})
	},
	list: func(ctx context.Context, r *reading) ([]candidate, error) {
		tokens := each(r.wanted(spec.FileSystemKind), func(r *plan.Resource) string { return r.Spec.(*spec.FileSystem).Name })
		return searchFileSystems(ctx, r.session, unique(tokens), r.tagged.of("elasticfilesystem", "file-system/"))
	},

	create: createFileSystem,
	partly: func(*spec.FileSystem) bool { return true },
	ready:  availableFileSystem,
	update: updateFileSystem,
	tag:    tagEFS,
	untag:  untagEFS,

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.efs().DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: pointer(live.Attrs["id"])}))
	},
	gone: []string{"FileSystemNotFound"},
	// Its mount targets are deleted before it, and that needs some time.
	busy: []string{"FileSystemInUse"},
}

// tagKey remembers on a file system which key was asked for: EFS names one for
// each that is encrypted, whether it was asked for or not.
const tagKey = plan.TagPrefix + "kms-key"

func tagEFS(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	return onlyError(a.efs().TagResource(ctx, &efs.TagResourceInput{ResourceId: pointer(at["id"]), Tags: pairList[types.Tag](tags)}))
}

func untagEFS(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
	return onlyError(a.efs().UntagResource(ctx, &efs.UntagResourceInput{ResourceId: pointer(at["id"]), TagKeys: keys}))
}

// describeFileSystems returns the file systems that a request means. One that is
// being deleted counts as gone.
func describeFileSystems(ctx context.Context, a *session, in *efs.DescribeFileSystemsInput) ([]types.FileSystemDescription, error) {
	found, err := allPages(ctx, efs.NewDescribeFileSystemsPaginator(a.efs(), in),
		func(page *efs.DescribeFileSystemsOutput) []types.FileSystemDescription { return page.FileSystems })
	found = slices.DeleteFunc(found, func(f types.FileSystemDescription) bool { return efsDeleted(f.LifeCycleState) })
	return found, unless(err, "FileSystemNotFound")
}

// efsDeleted says whether something of EFS is gone, or about to be.
func efsDeleted(state types.LifeCycleState) bool {
	return state == types.LifeCycleStateDeleting || state == types.LifeCycleStateDeleted
}

// searchFileSystems returns the file systems of these creation tokens and ids.
func searchFileSystems(ctx context.Context, a *session, tokens, ids []string) ([]candidate, error) {
	var found []types.FileSystemDescription
	for _, token := range tokens {
		named, err := describeFileSystems(ctx, a, &efs.DescribeFileSystemsInput{CreationToken: &token})
		if err != nil {
			return nil, err
		}
		found = append(found, named...)
	}
	for _, id := range ids {
		if slices.ContainsFunc(found, func(f types.FileSystemDescription) bool { return text(f.FileSystemId) == id }) {
			continue
		}
		others, err := describeFileSystems(ctx, a, &efs.DescribeFileSystemsInput{FileSystemId: &id})
		if err != nil {
			return nil, err
		}
		found = append(found, others...)
	}
	return readEach(ctx, found, with(a, fileSystemCandidate), "FileSystemNotFound")
}

func fileSystemCandidate(ctx context.Context, a *session, f types.FileSystemDescription) (candidate, error) {
	s := fileSystemSpec(f)
	s.KmsKeyID = pairs(f.Tags)[tagKey]
	if err := readFileSystemSettings(ctx, a, text(f.FileSystemId), s); err != nil {
		return candidate{}, err
	}
	tags := pairs(f.Tags)
	delete(tags, "Name") // the console's name for it, which follows from ours
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.FileSystemKind, s, plan.Attrs{"id": text(f.FileSystemId), "arn": text(f.FileSystemArn)}, tags, unmanaged(f)),
		id:       text(f.FileSystemId), name: s.Name,
	}, nil
}

func fileSystemSpec(f types.FileSystemDescription) *spec.FileSystem {
	return &spec.FileSystem{
		Name: text(f.CreationToken), Encrypted: aws.ToBool(f.Encrypted),
		PerformanceMode: string(f.PerformanceMode), ThroughputMode: string(f.ThroughputMode),
		Provisioned: aws.ToFloat64(f.ProvisionedThroughputInMibps),
	}
}

// readFileSystemSettings reads what EFS tells by calls of their own.
func readFileSystemSettings(ctx context.Context, a *session, id string, s *spec.FileSystem) error {
	lifecycle, err := a.efs().DescribeLifecycleConfiguration(ctx, &efs.DescribeLifecycleConfigurationInput{FileSystemId: &id})
	if err != nil {
		return err
	}
	for _, p := range lifecycle.LifecyclePolicies {
		s.TransitionToIA += string(p.TransitionToIA)
		s.TransitionToArchive += string(p.TransitionToArchive)
		s.TransitionToPrimary += string(p.TransitionToPrimaryStorageClass)
	}
	backup, err := a.efs().DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: &id})
	if err != nil && !is(err, "PolicyNotFound") {
		return err
	}
	if err == nil && backup.BackupPolicy != nil {
		s.Backup = backup.BackupPolicy.Status == types.StatusEnabled || backup.BackupPolicy.Status == types.StatusEnabling
	}
	policy, err := a.efs().DescribeFileSystemPolicy(ctx, &efs.DescribeFileSystemPolicyInput{FileSystemId: &id})
	if err != nil {
		return unless(err, "PolicyNotFound")
	}
	parsed, err := parsePolicy(text(policy.Policy))
	withoutSelf(&parsed, id)
	s.FileSystemPolicy = &parsed
	return err
}

// withoutSelf takes the file system itself out of the resources of its policy:
// where none is given there can be no other, and EFS may fill it in.
func withoutSelf(p *spec.Policy, id string) {
	for i := range p.Statement {
		p.Statement[i].Resource = slices.DeleteFunc(p.Statement[i].Resource, func(v plan.Value) bool {
			return v.Text == "*" || strings.HasSuffix(v.Text, ":file-system/"+id)
		})
	}
}

// createFileSystem may be repeated: the creation token makes EFS answer with the
// file system that exists.
func createFileSystem(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.FileSystem)
	tags["Name"] = s.Name
	if s.KmsKeyID != "" {
		tags[tagKey] = s.KmsKeyID
	}
	_, err := a.efs().CreateFileSystem(ctx, &efs.CreateFileSystemInput{
		CreationToken: &s.Name, Encrypted: &s.Encrypted, KmsKeyId: optional(s.KmsKeyID),
		PerformanceMode: types.PerformanceMode(s.PerformanceMode), ThroughputMode: types.ThroughputMode(s.ThroughputMode),
		ProvisionedThroughputInMibps: optional(s.Provisioned), Backup: &s.Backup, Tags: pairList[types.Tag](tags),
	})
	return "", unless(err, "FileSystemAlreadyExists")
}

// availableFileSystem returns a new file system once it accepts changes.
func availableFileSystem(ctx context.Context, a *session, want *plan.Resource, _ string) ([]candidate, error) {
	name := want.Spec.(*spec.FileSystem).Name
	found, err := describeFileSystems(ctx, a, &efs.DescribeFileSystemsInput{CreationToken: &name})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].LifeCycleState == types.LifeCycleStateCreating {
		return nil, plan.ErrNotFound
	}
	return searchFileSystems(ctx, a, []string{name}, nil)
}

func updateFileSystem(ctx context.Context, a *session, c change[spec.FileSystem]) error {
	from, to := c.from, c.to
	for _, setting := range []struct {
		differs bool
		put     func(ctx context.Context, a *session, id string, s *spec.FileSystem) error
	}{
		{from.ThroughputMode != to.ThroughputMode || from.Provisioned != to.Provisioned, setThroughput},
		{lifecycleOf(from) != lifecycleOf(to), setFileSystemLifecycle},
		{from.Backup != to.Backup, setBackup},
		{!same(from.FileSystemPolicy, to.FileSystemPolicy), setFileSystemPolicy},
	} {
		if !setting.differs {
			continue
		}
		if err := setting.put(ctx, a, c.live.Attrs["id"], to); err != nil {
			return err
		}
	}
	return nil
}

func lifecycleOf(s *spec.FileSystem) [3]string {
	return [3]string{s.TransitionToIA, s.TransitionToArchive, s.TransitionToPrimary}
}

func setThroughput(ctx context.Context, a *session, id string, s *spec.FileSystem) error {
	return onlyError(a.efs().UpdateFileSystem(ctx, &efs.UpdateFileSystemInput{
		FileSystemId: &id, ThroughputMode: types.ThroughputMode(s.ThroughputMode), ProvisionedThroughputInMibps: optional(s.Provisioned),
	}))
}

// setFileSystemLifecycle sends one transition in each policy, which is all that one takes.
func setFileSystemLifecycle(ctx context.Context, a *session, id string, s *spec.FileSystem) error {
	policies := []types.LifecyclePolicy{}
	if s.TransitionToIA != "" {
		policies = append(policies, types.LifecyclePolicy{TransitionToIA: types.TransitionToIARules(s.TransitionToIA)})
	}
	if s.TransitionToArchive != "" {
		policies = append(policies, types.LifecyclePolicy{TransitionToArchive: types.TransitionToArchiveRules(s.TransitionToArchive)})
	}
	if s.TransitionToPrimary != "" {
		policies = append(policies, types.LifecyclePolicy{
			TransitionToPrimaryStorageClass: types.TransitionToPrimaryStorageClassRules(s.TransitionToPrimary),
		})
	}
	return onlyError(a.efs().PutLifecycleConfiguration(ctx, &efs.PutLifecycleConfigurationInput{FileSystemId: &id, LifecyclePolicies: policies}))
}

func setBackup(ctx context.Context, a *session, id string, s *spec.FileSystem) error {
	status := types.StatusDisabled
	if s.Backup {
		status = types.StatusEnabled
	}
	return onlyError(a.efs().PutBackupPolicy(ctx, &efs.PutBackupPolicyInput{FileSystemId: &id, BackupPolicy: &types.BackupPolicy{Status: status}}))
}

func setFileSystemPolicy(ctx context.Context, a *session, id string, s *spec.FileSystem) error {
	if s.FileSystemPolicy == nil {
		return onlyError(a.efs().DeleteFileSystemPolicy(ctx, &efs.DeleteFileSystemPolicyInput{FileSystemId: &id}))
	}
	document, err := policyJSON(*s.FileSystemPolicy)
	if err != nil {
		return err
	}
	return onlyError(a.efs().PutFileSystemPolicy(ctx, &efs.PutFileSystemPolicyInput{FileSystemId: &id, Policy: &document}))
}
