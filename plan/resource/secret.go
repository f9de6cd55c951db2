package resource

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// secrets is the kind of secrets of Secrets Manager. No call of it reads a value.
type secrets struct{ *session }

// describe takes a name or an ARN. A secret that is scheduled for deletion is not
// there.
func (k secrets) describe(ctx context.Context, id string) (candidate, error) {
	got, err := k.secretsManager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	if is(err, "ResourceNotFound") || err == nil && got.DeletedDate != nil {
		return candidate{}, plan.ErrNotFound
	}
	if err != nil {
		return candidate{}, err
	}
	tags := pairs(got.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	s := &spec.Secret{
		Name: text(got.Name), Description: text(got.Description), KmsKeyID: text(got.KmsKeyId), Tags: spec.Tags(tags),
	}
	return candidate{
		Resource: &plan.Resource{
			Address: plan.Address{Kind: spec.SecretKind},
			Spec:    normal(spec.SecretKind, s),
			Attrs:   plan.Attrs{"arn": text(got.ARN), "name": s.Name},
			Tags:    tags,
		},
		id: text(got.ARN), name: s.Name,
	}, nil
}

func secretIdentity(r *plan.Resource) string {
	if name := r.Attrs["name"]; name != "" {
		return name
	}
	return r.Spec.(*spec.Secret).Name
}

func (k secrets) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	found, err := k.describe(ctx, secretIdentity(r))
	if err != nil {
		return nil, err
	}
	found.Address = r.Address
	return found.Resource, nil
}

// Create writes the value, which is the payload of want. A secret of this name
// that was scheduled for deletion has this value, since the name tells them
// apart, and is restored.
func (k secrets) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.Secret)
	value, err := secretValue(want)
	if err != nil {
		return nil, err
	}
	// A second call with the token answers with the secret that exists, whosever it
	// became, so that one has to look before.
	live, err := k.Read(ctx, want)
	if err == nil {
		return k.take(ctx, live, want)
	}
	if !errors.Is(err, plan.ErrNotFound) {
		return nil, err
	}
	_, err = k.secretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: &s.Name, SecretString: &value, Description: optional(s.Description), KmsKeyId: optional(s.KmsKeyID),
		ClientRequestToken: pointer(clientToken(want, "")),
		Tags:               secretTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash})),
	})
	if is(err, "InvalidRequest") && says(err, "scheduled for deletion") {
		_, err = k.secretsManager.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &s.Name})
	}
	if err != nil && !is(err, "ResourceExists") {
		return nil, err
	}
	live, err = appears(ctx, k.poll, func() (*plan.Resource, error) { return k.Read(ctx, want) })
	if err != nil {
		return nil, err
	}
	return k.take(ctx, live, want)
}

func (k secrets) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Secret), want.Spec.(*spec.Secret)
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "secret "+to.Name)
	}
	from.Tags = common(from.Tags, to.Tags)
	return k.Update(ctx, live, want, false)
}

func secretTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func (k secrets) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Secret), want.Spec.(*spec.Secret)
	arn := live.Attrs["arn"]
	if from.Description != to.Description || from.KmsKeyID != to.KmsKeyID {
		_, err := k.secretsManager.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{
			SecretId: &arn, Description: &to.Description, KmsKeyId: optional(to.KmsKeyID),
		})
		if err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, arn, tags)
}

func (k secrets) setTags(ctx context.Context, arn string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := k.secretsManager.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &arn, TagKeys: tags.remove})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.secretsManager.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &arn, Tags: secretTags(tags.set)})
	return err
}

// Delete schedules the deletion for a week from now, the shortest time that
// there is: a task definition of before may still be run by hand.
func (k secrets) Delete(ctx context.Context, live *plan.Resource) error {
	name := secretIdentity(live)
	_, err := k.secretsManager.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, RecoveryWindowInDays: pointer(int64(7))})
	if is(err, "ResourceNotFound") || is(err, "InvalidRequest") && says(err, "marked for deletion") {
		return nil
	}
	return err
}

func (a *Account) readSecrets(ctx context.Context, want *plan.Stack, live *collection) error {
	names := byName(ofKind(want, spec.SecretKind), secretIdentity)
	tagged, err := a.tagged(ctx)
	if err != nil {
		return err
	}
	ids := sortedKeys(names)
	ids = append(ids, tagged.arns(":secretsmanager:")...)
	found := map[string]candidate{}
	for _, id := range ids {
		c, err := secrets{a.session}.describe(ctx, id)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read secrets: %w", brief(err))
		}
		found[c.id] = c
	}
	var placed []candidate
	for _, arn := range sortedKeys(found) {
		placed = append(placed, found[arn])
	}
	live.add(place(a.project, names, placed)...)
	return nil
}
