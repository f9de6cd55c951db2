package resource

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/compose2fargate/compose2fargate/plan"
)

// A compose file names both a secret and the registry that gets what is in it. So that no
// file has any secret of the account sent anywhere, whoever keeps the secret says for which
// registry it is: by a tag, or on the command line.

// WithPullCredentials sets which secrets are for which registries beside those that have a
// tag that says so, as HOST=ARN, and returns a. Call it before anything else.
func (a *Account) WithPullCredentials(allowed []string) *Account {
	a.pullCredentials = allowed
	return a
}

// OtherRegistryError says that a secret is not for a registry.
type OtherRegistryError struct{ Host, ARN string }

func (e *OtherRegistryError) Error() string {
	return fmt.Sprintf("the secret %s is not for the registry %s: no tag says so", e.ARN, e.Host)
}

// MayPull says whether the credentials in the secret of this ARN are for a registry; if they
// are not, the error wraps an *OtherRegistryError. It does not read them.
func (a *Account) MayPull(ctx context.Context, host, arn string) error {
	return a.session.mayPull(ctx, host, arn)
}

func (a *session) mayPull(ctx context.Context, host, arn string) error {
	if slices.Contains(a.pullCredentials, host+"="+arn) {
		return nil
	}
	got, err := a.secretsManager().DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if err != nil {
		return fmt.Errorf("see for which registry the secret %s is: %w", arn, brief(err))
	}
	if pairs(got.Tags)[plan.TagRegistry] != host {
		return &OtherRegistryError{Host: host, ARN: arn}
	}
	return nil
}

// pullLogin reads the credentials of a registry, in the form that ECS requires (developer
// guide, private registry authentication).
func (a *session) pullLogin(ctx context.Context, host, arn string) (username, password string, err error) {
	if err := a.mayPull(ctx, host, arn); err != nil {
		return "", "", err
	}
	got, err := a.secretsManager().GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return "", "", brief(err)
	}
	var login struct{ Username, Password string }
	if json.Unmarshal([]byte(text(got.SecretString)), &login) != nil || login.Username == "" {
		return "", "", fmt.Errorf(`the secret %s does not have the form {"username": "…", "password": "…"}`, arn)
	}
	return login.Username, login.Password, nil
}
