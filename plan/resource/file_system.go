package resource

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// fileSystemKind is the entry of the table.
var fileSystemKind = methods{
	row: row{
		kind: spec.FileSystemKind, noun: "file system", tagged: "elasticfilesystem:file-system",
		reads:  []string{"elasticfilesystem:DescribeBackupPolicy", "elasticfilesystem:DescribeFileSystemPolicy", "elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeLifecycleConfiguration"},
		writes: []string{"elasticfilesystem:CreateFileSystem", "elasticfilesystem:DeleteFileSystem", "elasticfilesystem:DeleteFileSystemPolicy", "elasticfilesystem:PutBackupPolicy", "elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:PutLifecycleConfiguration", "elasticfilesystem:TagResource", "elasticfilesystem:UntagResource", "elasticfilesystem:UpdateFileSystem"},
	},
	of: func(a *session) operations { return fileSystems{a} },
}

// fileSystems is the kind of EFS file systems.
type fileSystems struct{ *session }

// tagKey remembers on a file system which key was asked for: EFS names one for
// each that is encrypted, whether it was asked for or not.
const tagKey = plan.TagPrefix + "kms-key"

func efsTagMap(tags []types.Tag) map[string]string {
	return pairs(tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

func efsTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func retagEFS(ctx context.Context, api *efs.Client, id string, tags retag) error {
	if len(tags.remove) > 0 {
		if _, err := api.UntagResource(ctx, &efs.UntagResourceInput{ResourceId: &id, TagKeys: tags.remove}); err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := api.TagResource(ctx, &efs.TagResourceInput{ResourceId: &id, Tags: efsTags(tags.set)})
	return err
}

// describe returns the file systems that a request means; one that is on its way
// out is gone.
func (k fileSystems) describe(ctx context.Context, in *efs.DescribeFileSystemsInput) ([]types.FileSystemDescription, error) {
	var out []types.FileSystemDescription
	pages := efs.NewDescribeFileSystemsPaginator(k.efs, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if is(err, "FileSystemNotFound") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, page.FileSystems...)
	}
	return slices.DeleteFunc(out, func(f types.FileSystemDescription) bool {
		return f.LifeCycleState == types.LifeCycleStateDeleting || f.LifeCycleState == types.LifeCycleStateDeleted
	}), nil
}

// search returns the file systems of these creation tokens and ids.
func (k fileSystems) search(ctx context.Context, tokens, ids []string) ([]candidate, error) {
	known := map[string]bool{}
	var out []candidate
	look := func(in *efs.DescribeFileSystemsInput) error {
		found, err := k.describe(ctx, in)
		for _, f := range found {
			if err != nil || known[text(f.FileSystemId)] {
				continue
			}
			known[text(f.FileSystemId)] = true
			var c candidate
			if c, err = k.candidate(ctx, f); err == nil {
				out = append(out, c)
			}
		}
		return err
	}
	for _, token := range tokens {
		if err := look(&efs.DescribeFileSystemsInput{CreationToken: &token}); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if known[id] {
			continue
		}
		if err := look(&efs.DescribeFileSystemsInput{FileSystemId: &id}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (k fileSystems) candidate(ctx context.Context, f types.FileSystemDescription) (candidate, error) {
	s := fileSystemSpec(f)
	s.KmsKeyID = efsTagMap(f.Tags)[tagKey]
	if err := k.readRest(ctx, text(f.FileSystemId), s); err != nil {
		return candidate{}, err
	}
	tags := efsTagMap(f.Tags)
	delete(tags, "Name") // the console's name for it, which follows from ours
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.FileSystemKind},
			Spec:      normal(spec.FileSystemKind, s),
			Attrs:     fileSystemAttrs(f.FileSystemId, f.FileSystemArn),
			Tags:      tags,
			Unmanaged: unmanaged(f),
		},
		id: text(f.FileSystemId), name: s.Name,
	}, nil
}

func fileSystemAttrs(id, arn *string) plan.Attrs {
	return plan.Attrs{"id": text(id), "arn": text(arn)}
}

func fileSystemSpec(f types.FileSystemDescription) *spec.FileSystem {
	return &spec.FileSystem{
		Name: text(f.CreationToken), Encrypted: aws.ToBool(f.Encrypted),
		PerformanceMode: string(f.PerformanceMode), ThroughputMode: string(f.ThroughputMode),
		Provisioned: aws.ToFloat64(f.ProvisionedThroughputInMibps),
	}
}

// readRest reads what EFS tells by calls of their own.
func (k fileSystems) readRest(ctx context.Context, id string, s *spec.FileSystem) error {
	lifecycle, err := k.efs.DescribeLifecycleConfiguration(ctx, &efs.DescribeLifecycleConfigurationInput{FileSystemId: &id})
	if err != nil {
		return err
	}
	for _, p := range lifecycle.LifecyclePolicies {
		s.TransitionToIA += string(p.TransitionToIA)
		s.TransitionToArchive += string(p.TransitionToArchive)
		s.TransitionToPrimary += string(p.TransitionToPrimaryStorageClass)
	}
	backup, err := k.efs.DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: &id})
	if err != nil && !is(err, "PolicyNotFound") {
		return err
	}
	if err == nil && backup.BackupPolicy != nil {
		s.Backup = backup.BackupPolicy.Status == types.StatusEnabled || backup.BackupPolicy.Status == types.StatusEnabling
	}
	policy, err := k.efs.DescribeFileSystemPolicy(ctx, &efs.DescribeFileSystemPolicyInput{FileSystemId: &id})
	if is(err, "PolicyNotFound") {
		return nil
	}
	if err != nil {
		return err
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

func (k fileSystems) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	var found []candidate
	var err error
	if id := r.Attrs["id"]; id != "" {
		found, err = k.search(ctx, nil, []string{id})
	} else {
		found, err = k.search(ctx, []string{r.Spec.(*spec.FileSystem).Name}, nil)
	}
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, plan.ErrNotFound
	}
	live := found[0].Resource
	live.Address = r.Address
	return live, nil
}

// Create may be repeated: the creation token makes EFS answer with the file
// system that exists.
func (k fileSystems) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.FileSystem)
	tags := k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true})
	tags["Name"] = s.Name
	if s.KmsKeyID != "" {
		tags[tagKey] = s.KmsKeyID
	}
	_, err := k.efs.CreateFileSystem(ctx, &efs.CreateFileSystemInput{
		CreationToken: &s.Name, Encrypted: &s.Encrypted, KmsKeyId: optional(s.KmsKeyID),
		PerformanceMode: types.PerformanceMode(s.PerformanceMode), ThroughputMode: types.ThroughputMode(s.ThroughputMode),
		ProvisionedThroughputInMibps: optional(s.Provisioned), Backup: &s.Backup, Tags: efsTags(tags),
	})
	if err != nil && !is(err, "FileSystemAlreadyExists") {
		return nil, err
	}
	live, err := k.available(ctx, want)
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "file system "+s.Name)
	}
	from := live.Spec.(*spec.FileSystem)
	from.Tags = common(from.Tags, s.Tags)
	return k.Update(ctx, live, want, false)
}

// available waits until a new file system takes changes.
func (k fileSystems) available(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	name := want.Spec.(*spec.FileSystem).Name
	return appears(ctx, k.poll, func() (*plan.Resource, error) {
		found, err := k.describe(ctx, &efs.DescribeFileSystemsInput{CreationToken: &name})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 || found[0].LifeCycleState == types.LifeCycleStateCreating {
			return nil, plan.ErrNotFound
		}
		return k.Read(ctx, want)
	})
}

func (k fileSystems) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.FileSystem), want.Spec.(*spec.FileSystem)
	id := live.Attrs["id"]
	for _, change := range []struct {
		differs bool
		make    func(ctx context.Context, id string, s *spec.FileSystem) error
	}{
		{from.ThroughputMode != to.ThroughputMode || from.Provisioned != to.Provisioned, k.setThroughput},
		{lifecycleOf(from) != lifecycleOf(to), k.setLifecycle},
		{from.Backup != to.Backup, k.setBackup},
		{!same(from.FileSystemPolicy, to.FileSystemPolicy), k.setPolicy},
	} {
		if !change.differs {
			continue
		}
		if err := change.make(ctx, id, to); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagEFS(ctx, k.efs, id, tags)
}

func lifecycleOf(s *spec.FileSystem) [3]string {
	return [3]string{s.TransitionToIA, s.TransitionToArchive, s.TransitionToPrimary}
}

func (k fileSystems) setThroughput(ctx context.Context, id string, s *spec.FileSystem) error {
	_, err := k.efs.UpdateFileSystem(ctx, &efs.UpdateFileSystemInput{
		FileSystemId: &id, ThroughputMode: types.ThroughputMode(s.ThroughputMode), ProvisionedThroughputInMibps: optional(s.Provisioned),
	})
	return err
}

// setLifecycle sends one transition in each policy, which is all that one takes.
func (k fileSystems) setLifecycle(ctx context.Context, id string, s *spec.FileSystem) error {
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
	_, err := k.efs.PutLifecycleConfiguration(ctx, &efs.PutLifecycleConfigurationInput{FileSystemId: &id, LifecyclePolicies: policies})
	return err
}

func (k fileSystems) setBackup(ctx context.Context, id string, s *spec.FileSystem) error {
	status := types.StatusDisabled
	if s.Backup {
		status = types.StatusEnabled
	}
	_, err := k.efs.PutBackupPolicy(ctx, &efs.PutBackupPolicyInput{FileSystemId: &id, BackupPolicy: &types.BackupPolicy{Status: status}})
	return err
}

func (k fileSystems) setPolicy(ctx context.Context, id string, s *spec.FileSystem) error {
	if s.FileSystemPolicy == nil {
		_, err := k.efs.DeleteFileSystemPolicy(ctx, &efs.DeleteFileSystemPolicyInput{FileSystemId: &id})
		return err
	}
	document, err := policyJSON(*s.FileSystemPolicy)
	if err != nil {
		return err
	}
	_, err = k.efs.PutFileSystemPolicy(ctx, &efs.PutFileSystemPolicyInput{FileSystemId: &id, Policy: &document})
	return err
}

// Delete waits for its mount targets, which are deleted before it and take their
// time.
func (k fileSystems) Delete(ctx context.Context, live *plan.Resource) error {
	id := live.Attrs["id"]
	deadline := time.Now().Add(deleteTime)
	for {
		_, err := k.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: &id})
		switch {
		case is(err, "FileSystemNotFound"):
			return nil
		case !is(err, "FileSystemInUse") || time.Now().After(deadline):
			return err
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

func (k fileSystems) all(ctx context.Context, r *reading) ([]candidate, error) {
	names := byName(r.wanted(spec.FileSystemKind), func(r *plan.Resource) string { return r.Spec.(*spec.FileSystem).Name })
	found, err := k.search(ctx, sortedKeys(names), r.tagged.of("elasticfilesystem", "file-system/"))
	return place(k.project, names, found), err
}
