package resource

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestTheCredentialsOfARegistryAreReadForItAlone: where the secret is for another one, or for
// none, its value is not even asked for.
func TestTheCredentialsOfARegistryAreReadForItAlone(t *testing.T) {
	for name, c := range map[string]struct {
		tag     string // on the secret; "": none
		allowed string
		base    string
		says    string // "": they are read
	}{
		"tagged":           {"registry.example.com:5000", "", "registry.example.com:5000/base:1", ""},
		"Docker Hub":       {"docker.io", "", "me/base:1", ""},
		"allowed":          {"", "ghcr.io=ARN", "ghcr.io/me/base:1", ""},
		"for none":         {"", "", "ghcr.io/me/base:1", "is not for the registry ghcr.io"},
		"for another":      {"docker.io", "", "ghcr.io/me/base:1", "is not for the registry ghcr.io"},
		"for another port": {"ghcr.io", "", "ghcr.io:5000/me/base:1", "is not for the registry ghcr.io:5000"},
		"a longer name":    {"ghcr.io", "", "ghcr.io.example.com/me/base:1", "is not for the registry ghcr.io.example.com"},
		"another secret":   {"", "ghcr.io=other", "ghcr.io/me/base:1", "is not for the registry ghcr.io"},
	} {
		w := newWorld(t, simulator.Options{})
		w.create(w.account().Kind(spec.RepositoryKind), w.one("repository/web", &spec.Repository{RepositoryName: "shop/web"}))
		in := &secretsmanager.CreateSecretInput{Name: aws.String("hub"), SecretString: aws.String(`{"username":"me","password":"mine"}`)}
		if c.tag != "" {
			in.Tags = []types.Tag{{Key: aws.String(plan.TagRegistry), Value: &c.tag}}
		}
		made, err := secretsmanager.NewFromConfig(w.sim.Config()).CreateSecret(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		want := w.ready(w.stack(w.withImage("v1", "x")...).Find(address("image/web")), nil)
		want.Payload = &spec.ImageSource{Base: c.base, Credentials: aws.ToString(made.ARN)}
		maker := &asked{}
		account := w.account().WithMaker(maker).WithPullCredentials([]string{strings.ReplaceAll(c.allowed, "ARN", aws.ToString(made.ARN))})
		if _, err := account.Kind(spec.ImageKind).Create(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		w.sim.ResetCalls()
		username, password, err := maker.orders[0].Login(t.Context())
		read := slices.ContainsFunc(w.sim.Calls(), func(call simulator.Call) bool { return call.Operation == "GetSecretValue" })
		if c.says == "" && (err != nil || username != "me" || password != "mine" || !read) {
			t.Errorf("%s: %s, %v", name, username, err)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || username+password != "" || read) {
			t.Errorf("%s: %s, %v, read %t", name, username, err, read)
		}
	}
}
