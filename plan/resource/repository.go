package resource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// repositoryKind defines ECR repositories. They are deleted with their
// images: as they hold data, somebody has named them.
var repositoryKind = kind[spec.Repository]{
	row: row{
		kind: spec.RepositoryKind, noun: "repository", tagged: "ecr:repository",
		reads: []string{"ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:ListTagsForResource"},
		writes: []string{
			"ecr:CreateRepository", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository", "ecr:PutImageScanningConfiguration",
			"ecr:PutImageTagMutability", "ecr:PutLifecyclePolicy", "ecr:TagResource", "ecr:UntagResource",
		},
	},
	id:   "name",
	name: func(s *spec.Repository) string { return s.RepositoryName },
	tags: func(s *spec.Repository) *[]spec.Tag { return &s.Tags },

	find:  findRepositories,
	known: func(r *reading) []string { return r.tagged.of("ecr", "repository/") },

	create: createRepository,
	update: updateRepository,
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.ecr().TagResource(ctx, &ecr.TagResourceInput{ResourceArn: pointer(at["arn"]), Tags: pairList[types.Tag](tags)}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.ecr().UntagResource(ctx, &ecr.UntagResourceInput{ResourceArn: pointer(at["arn"]), TagKeys: keys}))
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.ecr().DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: pointer(live.Attrs["name"]), Force: true}))
	},
	gone: []string{"RepositoryNotFound"},
}

// describeRepositories returns those of the named repositories that exist, with
// a hundred names per call, the limit of DescribeRepositories. If one name does
// not exist, the call fails for all of them, and describe asks for each one
// separately.
func describeRepositories(ctx context.Context, a *session, names []string) ([]types.Repository, error) {
	slices.Sort(names)
	var out []types.Repository
	for batch := range slices.Chunk(slices.Compact(names), 100) {
		found, err := describeAllRepositories(ctx, a, batch)
		if is(err, "RepositoryNotFound") {
			found, err = describeEachRepository(ctx, a, batch)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func describeAllRepositories(ctx context.Context, a *session, names []string) ([]types.Repository, error) {
	got, err := a.ecr().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: names})
	if err != nil {
		return nil, err
	}
	return got.Repositories, nil
}

func describeEachRepository(ctx context.Context, a *session, names []string) ([]types.Repository, error) {
	found, err := inParallel(ctx, names, func(ctx context.Context, name string) ([]types.Repository, error) {
		repositories, err := describeAllRepositories(ctx, a, []string{name})
		return repositories, unless(err, "RepositoryNotFound")
	})
	return slices.Concat(found...), err
}

// findRepositories returns the repositories of these names with all there is to know.
func findRepositories(ctx context.Context, a *session, names []string) ([]candidate, error) {
	found, err := describeRepositories(ctx, a, names)
	if err != nil {
		return nil, err
	}
	return readEach(ctx, found, with(a, repositoryCandidate), "RepositoryNotFound")
}

func repositoryCandidate(ctx context.Context, a *session, r types.Repository) (candidate, error) {
	s := repositorySpec(r)
	policy, err := a.ecr().GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: r.RepositoryName})
	switch {
	case is(err, "LifecyclePolicyNotFound"):
	case err != nil:
		return candidate{}, err
	default:
		s.LifecyclePolicy = text(policy.LifecyclePolicyText)
	}
	got, err := a.ecr().ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: r.RepositoryArn})
	if err != nil {
		return candidate{}, err
	}
	tags := pairs(got.Tags)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.RepositoryKind, s, repositoryAttrs(r), tags, unmanaged(r)),
		id:       s.RepositoryName, name: s.RepositoryName,
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

func createRepository(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.Repository)
	input := &ecr.CreateRepositoryInput{
		RepositoryName: &s.RepositoryName, ImageTagMutability: types.ImageTagMutability(s.ImageTagMutability),
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: s.ScanOnPush},
		Tags:                       pairList[types.Tag](tags),
	}
	if s.EncryptionType != "" {
		input.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionType: types.EncryptionType(s.EncryptionType)}
	}
	_, err := a.ecr().CreateRepository(ctx, input)
	return "", unless(err, "RepositoryAlreadyExists")
}

// updateRepository changes what differs; each setting has a call of its own.
func updateRepository(ctx context.Context, a *session, c change[spec.Repository]) error {
	name, from, to := c.live.Attrs["name"], c.from, c.to
	if from.ImageTagMutability != to.ImageTagMutability {
		_, err := a.ecr().PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{
			RepositoryName: &name, ImageTagMutability: types.ImageTagMutability(to.ImageTagMutability),
		})
		if err != nil {
			return err
		}
	}
	if from.ScanOnPush != to.ScanOnPush {
		_, err := a.ecr().PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{
			RepositoryName: &name, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: to.ScanOnPush},
		})
		if err != nil {
			return err
		}
	}
	return setRepositoryLifecycle(ctx, a, name, from.LifecyclePolicy, to.LifecyclePolicy)
}

func setRepositoryLifecycle(ctx context.Context, a *session, name, from, to string) error {
	if from == to {
		return nil
	}
	if to != "" {
		return onlyError(a.ecr().PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: &name, LifecyclePolicyText: &to}))
	}
	_, err := a.ecr().DeleteLifecyclePolicy(ctx, &ecr.DeleteLifecyclePolicyInput{RepositoryName: &name})
	return unless(err, "LifecyclePolicyNotFound")
}
