package simulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func secretOf(name, value string) *secretsmanager.CreateSecretInput {
	return &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value}
}

func TestTheLifeOfASecret(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("shop/password")
	create := secretOf(*name, "hunter2")
	create.Tags = []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}}
	create.ClientRequestToken = aws.String("11111111-1111-1111-1111-111111111111")
	arn := must(w.secrets.CreateSecret(ctx, create))(t).ARN
	if !strings.HasPrefix(*arn, "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/password-") {
		t.Error(*arn)
	}
	if again := must(w.secrets.CreateSecret(ctx, create))(t); *again.ARN != *arn {
		t.Error("another one with the same token: " + text(again))
	}
	create.ClientRequestToken = aws.String("22222222-2222-2222-2222-222222222222")
	if _, err := w.secrets.CreateSecret(ctx, create); code(err) != "ResourceExistsException" {
		t.Error(err)
	}
	describe := func() *secretsmanager.DescribeSecretOutput {
		t.Helper()
		return must(w.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: name}))(t)
	}
	golden(t, "secret", describe())
	must(w.secrets.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: arn, Description: aws.String("of the shop"), KmsKeyId: aws.String("alias/shop")}))(t)
	must(w.secrets.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}))(t)
	must(w.secrets.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: arn, TagKeys: []string{"project"}}))(t)
	if s := describe(); *s.Description != "of the shop" || *s.KmsKeyId != "alias/shop" || len(s.Tags) != 1 || *s.Tags[0].Key != "a" {
		t.Error(text(s))
	}

	must(w.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: arn, RecoveryWindowInDays: aws.Int64(7)}))(t)
	if s := describe(); s.DeletedDate == nil {
		t.Error("it is not marked: " + text(s))
	}
	for what, call := range map[string]func() error{
		"make": func() error { _, err := w.secrets.CreateSecret(ctx, create); return err },
		"change": func() error {
			_, err := w.secrets.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: arn})
			return err
		},
		"tag": func() error {
			_, err := w.secrets.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: arn, Tags: create.Tags})
			return err
		},
		"delete": func() error {
			_, err := w.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: arn})
			return err
		},
	} {
		if err := call(); code(err) != "InvalidRequestException" {
			t.Errorf("%s one that is to be deleted: %v", what, err)
		}
	}
	must(w.secrets.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: arn}))(t)
	if s := describe(); s.DeletedDate != nil {
		t.Error("it is still marked: " + text(s))
	}
	must(w.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: arn, ForceDeleteWithoutRecovery: aws.Bool(true)}))(t)
	if _, err := w.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: arn}); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestCreateSecretRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, c := range []struct {
		what string
		in   *secretsmanager.CreateSecretInput
	}{
		{"a name with a space", secretOf("my secret", "x")},
		{"an empty value", secretOf("a", "")},
		{"more than 64 KiB", secretOf("a", strings.Repeat("x", 64<<10+1))},
		{"two values", &secretsmanager.CreateSecretInput{Name: aws.String("a"), SecretString: aws.String("x"), SecretBinary: []byte("x")}},
		{"a tag of AWS's", &secretsmanager.CreateSecretInput{Name: aws.String("a"), Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("1")}}}},
	} {
		if _, err := w.secrets.CreateSecret(t.Context(), c.in); code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for what, in := range map[string]*secretsmanager.DeleteSecretInput{
		"six days":          {RecoveryWindowInDays: aws.Int64(6)},
		"a window by force": {RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)},
	} {
		in.SecretId = aws.String("a")
		if _, err := w.secrets.DeleteSecret(t.Context(), in); code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSecretsAreListedByNameAndTags(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	for _, name := range []string{"shop/a", "shop/b", "other/a"} {
		in := secretOf(name, "x")
		in.Tags = []types.Tag{{Key: aws.String("name"), Value: &name}}
		must(w.secrets.CreateSecret(t.Context(), in))(t)
	}
	must(w.secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("shop/b")}))(t)
	for _, c := range []struct {
		what    string
		key     types.FilterNameStringType
		value   string
		deleted bool
		want    int
	}{
		{"by name", types.FilterNameStringTypeName, "shop/", false, 1},
		{"with those that are to be deleted", types.FilterNameStringTypeName, "shop/", true, 2},
		{"by a tag's key", types.FilterNameStringTypeTagKey, "name", false, 2},
		{"by a tag's value", types.FilterNameStringTypeTagValue, "other/", false, 1},
	} {
		n := 0
		pages := secretsmanager.NewListSecretsPaginator(w.secrets, &secretsmanager.ListSecretsInput{
			Filters: []types.Filter{{Key: c.key, Values: []string{c.value}}}, IncludePlannedDeletion: &c.deleted,
		})
		for pages.HasMorePages() {
			n += len(must(pages.NextPage(t.Context()))(t).SecretList)
		}
		if n != c.want {
			t.Errorf("%s: %d, want %d", c.what, n, c.want)
		}
	}
}
