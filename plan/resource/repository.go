package resource

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// repositories is the kind of ECR repositories.
type repositories struct{ *session }

// describe returns the repositories of these names that exist, a hundred to a
// call, which is all that one takes (DescribeRepositories, repositoryNames). Where
// one of them is missing, the call fails for all, and each is asked for alone.
func (k repositories) describe(ctx context.Context, names []string) ([]types.Repository, error) {
	slices.Sort(names)
	var out []types.Repository
	for batch := range slices.Chunk(slices.Compact(names), 100) {
		found, err := k.describeAll(ctx, batch)
		if is(err, "RepositoryNotFound") {
			found, err = k.describeEach(ctx, batch)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (k repositories) describeAll(ctx context.Context, names []string) ([]types.Repository, error) {
	got, err := k.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: names})
	if err != nil {
		return nil, err
	}
	return got.Repositories, nil
}

func (k repositories) describeEach(ctx context.Context, names []string) ([]types.Repository, error) {
	found := make([][]types.Repository, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, name := range names {
		g.Go(func() (err error) {
			found[i], err = k.describeAll(ctx, []string{name})
			if is(err, "RepositoryNotFound") {
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

// called returns the repositories of these names with all there is to know.
func (k repositories) called(ctx context.Context, names []string) ([]candidate, error) {
	found, err := k.describe(ctx, names)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var out []candidate
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, r := range found {
		g.Go(func() error {
			c, err := k.candidate(ctx, r)
			if is(err, "RepositoryNotFound") {
				return nil // it went meanwhile
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, c)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

func (k repositories) candidate(ctx context.Context, r types.Repository) (candidate, error) {
	s := repositorySpec(r)
	policy, err := k.ecr.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: r.RepositoryName})
	switch {
	case is(err, "LifecyclePolicyNotFound"):
	case err != nil:
		return candidate{}, err
	default:
		s.LifecyclePolicy = text(policy.LifecyclePolicyText)
	}
	got, err := k.ecr.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: r.RepositoryArn})
	if err != nil {
		return candidate{}, err
	}
	tags := pairs(got.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.RepositoryKind},
			Spec:      normal(spec.RepositoryKind, s),
			Attrs:     repositoryAttrs(r),
			Tags:      tags,
			Unmanaged: unmanaged(r),
		},
		id: s.RepositoryName, name: s.RepositoryName,
	}, nil
}

func repositoryAttrs(r types.Repository) plan.Attrs {
	return plan.Attrs{"name": text(r.RepositoryName), "arn": text(r.RepositoryArn), "uri": text(r.RepositoryUri)}
}

func repositorySpec(r types.Repository) *spec.Repository {
	s := &spec.Repository{RepositoryName: text(r.RepositoryName), ImageTagMutability: string(r.ImageTagMutability)}
	if c := r.ImageScanningConfiguration; c != nil {
		s.ScanOnPush = c.ScanOnPush
	}
	if c := r.EncryptionConfiguration; c != nil {
		s.EncryptionType = string(c.EncryptionType)
	}
	return s
}

func repositoryIdentity(r *plan.Resource) string {
	if name := r.Attrs["name"]; name != "" {
		return name
	}
	return r.Spec.(*spec.Repository).RepositoryName
}

func (k repositories) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	found, err := k.called(ctx, []string{repositoryIdentity(r)})
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

func (k repositories) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.Repository)
	input := &ecr.CreateRepositoryInput{
		RepositoryName: &s.RepositoryName, ImageTagMutability: types.ImageTagMutability(s.ImageTagMutability),
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: s.ScanOnPush},
		Tags:                       ecrTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash})),
	}
	if s.EncryptionType != "" {
		input.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionType: types.EncryptionType(s.EncryptionType)}
	}
	_, err := k.ecr.CreateRepository(ctx, input)
	if err != nil && !is(err, "RepositoryAlreadyExists") {
		return nil, err
	}
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) { return k.Read(ctx, want) })
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "repository "+s.RepositoryName)
	}
	from := live.Spec.(*spec.Repository)
	from.Tags = common(from.Tags, s.Tags)
	return k.Update(ctx, live, want, false)
}

func (k repositories) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Repository), want.Spec.(*spec.Repository)
	name := live.Attrs["name"]
	if err := k.set(ctx, name, from, to); err != nil {
		return nil, err
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, live.Attrs["arn"], tags)
}

// set changes what differs; each setting has a call of its own.
func (k repositories) set(ctx context.Context, name string, from, to *spec.Repository) error {
	if from.ImageTagMutability != to.ImageTagMutability {
		_, err := k.ecr.PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{
			RepositoryName: &name, ImageTagMutability: types.ImageTagMutability(to.ImageTagMutability),
		})
		if err != nil {
			return err
		}
	}
	if from.ScanOnPush != to.ScanOnPush {
		_, err := k.ecr.PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{
			RepositoryName: &name, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: to.ScanOnPush},
		})
		if err != nil {
			return err
		}
	}
	return k.setLifecycle(ctx, name, from.LifecyclePolicy, to.LifecyclePolicy)
}

func (k repositories) setLifecycle(ctx context.Context, name, from, to string) error {
	if from == to {
		return nil
	}
	if to != "" {
		_, err := k.ecr.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: &name, LifecyclePolicyText: &to})
		return err
	}
	_, err := k.ecr.DeleteLifecyclePolicy(ctx, &ecr.DeleteLifecyclePolicyInput{RepositoryName: &name})
	if is(err, "LifecyclePolicyNotFound") {
		return nil
	}
	return err
}

func ecrTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func (k repositories) setTags(ctx context.Context, arn string, tags retag) error {
	if len(tags.remove) > 0 {
		if _, err := k.ecr.UntagResource(ctx, &ecr.UntagResourceInput{ResourceArn: &arn, TagKeys: tags.remove}); err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.ecr.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: &arn, Tags: ecrTags(tags.set)})
	return err
}

// Delete deletes the repository with its images: it holds data, so that somebody
// named it.
func (k repositories) Delete(ctx context.Context, live *plan.Resource) error {
	name := repositoryIdentity(live)
	_, err := k.ecr.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: &name, Force: true})
	if is(err, "RepositoryNotFound") {
		return nil
	}
	return err
}

func (a *Account) readRepositories(ctx context.Context, want *plan.Stack, live *collection) error {
	names := byName(ofKind(want, spec.RepositoryKind), repositoryIdentity)
	tagged, err := a.tagged(ctx)
	if err != nil {
		return err
	}
	found, err := repositories{a.session}.called(ctx, append(sortedKeys(names), tagged.of("ecr", "repository/")...))
	if err != nil {
		return fmt.Errorf("read repositories: %w", brief(err))
	}
	live.add(place(a.project, names, found)...)
	return nil
}
