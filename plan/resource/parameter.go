package resource

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// parameterKind defines SecureStrings in Parameter Store. It never reads
// a value.
var parameterKind = kind[spec.Parameter]{
	row: row{
		kind: spec.ParameterKind, noun: "parameter", tagged: "ssm:parameter",
		reads:  []string{"ssm:DescribeParameters", "ssm:ListTagsForResource"},
		writes: []string{"ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"},
	},
	id:   "name",
	name: func(s *spec.Parameter) string { return s.Name },
	tags: func(s *spec.Parameter) *[]spec.Tag { return &s.Tags },

	exact: true,
	find:  findParameters,
	known: func(r *reading) []string { return r.tagged.of("ssm", "parameter") }, // the ARN of /a/b ends in parameter/a/b

	create: createParameter,
	update: updateParameter,
	tag:    tagParameter,
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.ssm().RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
			ResourceId: pointer(at["name"]), ResourceType: types.ResourceTypeForTaggingParameter, TagKeys: keys,
		}))
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.ssm().DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: pointer(live.Attrs["name"])}))
	},
	gone: []string{"ParameterNotFound"},
}

// findParameters asks for fifty names per call, the limit of a filter
// (ParameterStringFilter, Values).
func findParameters(ctx context.Context, a *session, names []string) ([]candidate, error) {
	slices.Sort(names)
	var out []types.ParameterMetadata
	for batch := range slices.Chunk(names, 50) {
		pages := ssm.NewDescribeParametersPaginator(a.ssm(), &ssm.DescribeParametersInput{
			ParameterFilters: []types.ParameterStringFilter{{Key: pointer("Name"), Option: pointer("Equals"), Values: batch}},
			MaxResults:       pointer(int32(50)),
		})
		found, err := allPages(ctx, pages, func(page *ssm.DescribeParametersOutput) []types.ParameterMetadata { return page.Parameters })
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return readEach(ctx, out, with(a, parameterCandidate), "InvalidResourceId")
}

func parameterCandidate(ctx context.Context, a *session, p types.ParameterMetadata) (candidate, error) {
	got, err := a.ssm().ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceId: p.Name, ResourceType: types.ResourceTypeForTaggingParameter,
	})
	if err != nil {
		return candidate{}, err
	}
	tags := pairs(got.TagList)
	s := parameterSpec(p)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.ParameterKind, s, plan.Attrs{"arn": text(p.ARN), "name": s.Name}, tags, unmanaged(p)),
		id:       s.Name, name: s.Name,
	}, nil
}

// defaultKey is Parameter Store's name for the key that it uses by default.
const defaultKey = "alias/aws/ssm"

func parameterSpec(p types.ParameterMetadata) *spec.Parameter {
	s := &spec.Parameter{Name: text(p.Name), Description: text(p.Description), KeyID: text(p.KeyId)}
	if s.KeyID == defaultKey {
		s.KeyID = ""
	}
	return s
}

// createParameter writes the value, which is the payload of want. It never
// overwrites: an existing parameter of this name has this value, because the
// name contains a hash of the value.
func createParameter(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.Parameter)
	value, err := secretValue(want)
	if err != nil {
		return "", err
	}
	_, err = a.ssm().PutParameter(ctx, &ssm.PutParameterInput{
		Name: &s.Name, Value: &value, Type: types.ParameterTypeSecureString, Tier: types.ParameterTierStandard,
		Description: optional(s.Description), KeyId: optional(s.KeyID), Tags: pairList[types.Tag](tags),
	})
	return "", unless(err, "ParameterAlreadyExists")
}

// secretValue is the value of a parameter or secret that is to be made.
func secretValue(want *plan.Resource) (string, error) {
	value, ok := want.Payload.(string)
	if !ok || value == "" {
		return "", errors.New("its value is not known")
	}
	return value, nil
}

// updateParameter sends the value again with whatever else differs: Parameter
// Store has no call that changes only a description.
func updateParameter(ctx context.Context, a *session, c change[spec.Parameter]) error {
	if c.from.Description == c.to.Description && c.from.KeyID == c.to.KeyID {
		return nil
	}
	value, err := secretValue(c.want)
	if err != nil {
		return err
	}
	return onlyError(a.ssm().PutParameter(ctx, &ssm.PutParameterInput{
		Name: pointer(c.live.Attrs["name"]), Value: &value, Type: types.ParameterTypeSecureString, Overwrite: pointer(true),
		Description: pointer(c.to.Description), KeyId: optional(c.to.KeyID),
	}))
}

func tagParameter(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	return onlyError(a.ssm().AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceId: pointer(at["name"]), ResourceType: types.ResourceTypeForTaggingParameter, Tags: pairList[types.Tag](tags),
	}))
}
