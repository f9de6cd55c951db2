package resource

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// secretKind defines secrets in Secrets Manager. It never reads a value.
var secretKind = kind[spec.Secret]{
	row: row{
		kind: spec.SecretKind, noun: "secret", tagged: "secretsmanager:secret",
		reads: []string{"secretsmanager:DescribeSecret"},
		writes: []string{
			"secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:RestoreSecret",
			"secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
		},
	},
	id:   "name",
	name: func(s *spec.Secret) string { return s.Name },
	tags: func(s *spec.Secret) *[]spec.Tag { return &s.Tags },

	exact: true,
	find:  findSecrets,
	known: func(r *reading) []string { return r.tagged.arns(":secretsmanager:") },

	// A second call with the token returns the existing secret, whoever owns it by
	// now.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		return findSecrets(ctx, a, []string{want.Spec.(*spec.Secret).Name})
	},
	create: createSecret,
	update: updateSecret,
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.secretsManager().TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: pointer(at["arn"]), Tags: pairList[types.Tag](tags)}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.secretsManager().UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: pointer(at["arn"]), TagKeys: keys}))
	},

	delete: deleteSecret,
	gone:   []string{"ResourceNotFound"},
}

// findSecrets accepts names and ARNs. A secret that is scheduled for deletion
// counts as deleted.
func findSecrets(ctx context.Context, a *session, ids []string) ([]candidate, error) {
	found := map[string]candidate{}
	for _, id := range ids {
		got, err := a.secretsManager().DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
		if is(err, "ResourceNotFound") || err == nil && got.DeletedDate != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		c := secretCandidate(got)
		found[c.id] = c
	}
	return slices.Collect(maps.Values(found)), nil
}

func secretCandidate(got *secretsmanager.DescribeSecretOutput) candidate {
	tags := pairs(got.Tags)
	s := &spec.Secret{
		Name: text(got.Name), Description: text(got.Description), KmsKeyID: text(got.KmsKeyId), Tags: spec.Tags(tags),
	}
	return candidate{
		Resource: liveResource(spec.SecretKind, s, plan.Attrs{"arn": text(got.ARN), "name": s.Name}, tags, nil),
		id:       text(got.ARN), name: s.Name,
	}
}

// createSecret writes the value, which is the payload of want. A secret of this
// name that is scheduled for deletion is restored: it has this value, because
// the name contains a hash of the value.
func createSecret(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.Secret)
	value, err := secretValue(want)
	if err != nil {
		return "", err
	}
	_, err = a.secretsManager().CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: &s.Name, SecretString: &value, Description: optional(s.Description), KmsKeyId: optional(s.KmsKeyID),
		ClientRequestToken: pointer(clientToken(want, "")), Tags: pairList[types.Tag](tags),
	})
	if is(err, "InvalidRequest") && says(err, "scheduled for deletion") {
		_, err = a.secretsManager().RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &s.Name})
	}
	return "", unless(err, "ResourceExists")
}

func updateSecret(ctx context.Context, a *session, c change[spec.Secret]) error {
	if c.from.Description == c.to.Description && c.from.KmsKeyID == c.to.KmsKeyID {
		return nil
	}
	return onlyError(a.secretsManager().UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{
		SecretId: pointer(c.live.Attrs["arn"]), Description: &c.to.Description, KmsKeyId: optional(c.to.KmsKeyID),
	}))
}

// deleteSecret schedules the deletion for a week from now, the shortest time that
// there is: a task definition of before may still be run by hand.
func deleteSecret(ctx context.Context, a *session, live *plan.Resource) error {
	_, err := a.secretsManager().DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
		SecretId: pointer(live.Attrs["name"]), RecoveryWindowInDays: pointer(int64(7)),
	})
	if is(err, "InvalidRequest") && says(err, "marked for deletion") {
		return nil
	}
	return err
}
