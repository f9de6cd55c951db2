package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// parameters is the kind of SecureStrings in Parameter Store. No call of it reads
// a value.
type parameters struct{ *session }

// called returns the parameters of these names that exist, fifty to a call, which
// is all that a filter takes (ParameterStringFilter, Values).
func (k parameters) called(ctx context.Context, names []string) ([]candidate, error) {
	slices.Sort(names)
	var out []candidate
	for batch := range slices.Chunk(slices.Compact(names), 50) {
		pages := ssm.NewDescribeParametersPaginator(k.ssm, &ssm.DescribeParametersInput{
			ParameterFilters: []types.ParameterStringFilter{{Key: pointer("Name"), Option: pointer("Equals"), Values: batch}},
			MaxResults:       pointer(int32(50)),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, found := range page.Parameters {
				c, err := k.candidate(ctx, found)
				if errors.Is(err, plan.ErrNotFound) {
					continue // it went meanwhile
				}
				if err != nil {
					return nil, err
				}
				out = append(out, c)
			}
		}
	}
	return out, nil
}

func (k parameters) candidate(ctx context.Context, p types.ParameterMetadata) (candidate, error) {
	got, err := k.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceId: p.Name, ResourceType: types.ResourceTypeForTaggingParameter,
	})
	if is(err, "InvalidResourceId") {
		return candidate{}, plan.ErrNotFound
	}
	if err != nil {
		return candidate{}, err
	}
	tags := pairs(got.TagList, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	s := parameterSpec(p)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.ParameterKind},
			Spec:      normal(spec.ParameterKind, s),
			Attrs:     plan.Attrs{"arn": text(p.ARN), "name": s.Name},
			Tags:      tags,
			Unmanaged: unmanaged(p),
		},
		id: s.Name, name: s.Name,
	}, nil
}

// defaultKey is what Parameter Store calls the key that it takes by itself.
const defaultKey = "alias/aws/ssm"

func parameterSpec(p types.ParameterMetadata) *spec.Parameter {
	s := &spec.Parameter{Name: text(p.Name), Description: text(p.Description), KeyID: text(p.KeyId)}
	if s.KeyID == defaultKey {
		s.KeyID = ""
	}
	return s
}

func parameterIdentity(r *plan.Resource) string {
	if name := r.Attrs["name"]; name != "" {
		return name
	}
	return r.Spec.(*spec.Parameter).Name
}

func (k parameters) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	found, err := k.called(ctx, []string{parameterIdentity(r)})
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

// Create writes the value, which is the payload of want. It never overwrites: a
// parameter of this name has this value, since the name tells them apart.
func (k parameters) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.Parameter)
	value, err := secretValue(want)
	if err != nil {
		return nil, err
	}
	_, err = k.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &s.Name, Value: &value, Type: types.ParameterTypeSecureString, Tier: types.ParameterTierStandard,
		Description: optional(s.Description), KeyId: optional(s.KeyID),
		Tags: list(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash}), func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }),
	})
	if err != nil && !is(err, "ParameterAlreadyExists") {
		return nil, err
	}
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) { return k.Read(ctx, want) })
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "parameter "+s.Name)
	}
	from := live.Spec.(*spec.Parameter)
	from.Tags = common(from.Tags, s.Tags)
	return k.Update(ctx, live, want, false)
}

// secretValue is the value of a parameter or secret that is to be made.
func secretValue(want *plan.Resource) (string, error) {
	value, ok := want.Payload.(string)
	if !ok || value == "" {
		return "", errors.New("its value is not known")
	}
	return value, nil
}

// Update writes tags, and with the value whatever else differs: Parameter Store
// has no call that changes a description alone.
func (k parameters) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Parameter), want.Spec.(*spec.Parameter)
	if from.Description != to.Description || from.KeyID != to.KeyID {
		if err := k.overwrite(ctx, want); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, to.Name, tags)
}

func (k parameters) overwrite(ctx context.Context, want *plan.Resource) error {
	s := want.Spec.(*spec.Parameter)
	value, err := secretValue(want)
	if err != nil {
		return err
	}
	_, err = k.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &s.Name, Value: &value, Type: types.ParameterTypeSecureString, Overwrite: pointer(true),
		Description: pointer(s.Description), KeyId: optional(s.KeyID),
	})
	return err
}

func (k parameters) setTags(ctx context.Context, name string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := k.ssm.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
			ResourceId: &name, ResourceType: types.ResourceTypeForTaggingParameter, TagKeys: tags.remove,
		})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.ssm.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceId: &name, ResourceType: types.ResourceTypeForTaggingParameter,
		Tags: list(tags.set, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }),
	})
	return err
}

func (k parameters) Delete(ctx context.Context, live *plan.Resource) error {
	name := parameterIdentity(live)
	_, err := k.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
	if is(err, "ParameterNotFound") {
		return nil
	}
	return err
}

func (a *Account) readParameters(ctx context.Context, want *plan.Stack, live *collection) error {
	names := byName(ofKind(want, spec.ParameterKind), parameterIdentity)
	tagged, err := a.tagged(ctx)
	if err != nil {
		return err
	}
	list := sortedKeys(names)
	list = append(list, tagged.of("ssm", "parameter")...) // the ARN of /a/b ends in parameter/a/b
	found, err := parameters{a.session}.called(ctx, list)
	if err != nil {
		return fmt.Errorf("read parameters: %w", brief(err))
	}
	live.add(place(a.project, names, found)...)
	return nil
}
