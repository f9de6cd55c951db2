package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// unreadable are the calls that no plan makes: what they answer is for those who may have it.
func unreadable(operation string) bool {
	return operation == "GetSecretValue" || operation == "BatchGetSecretValue" || strings.HasPrefix(operation, "GetParameter") ||
		operation == "GetAccountAuthorizationDetails"
}

// keeper is an account in which there is a secret as RDS makes them, and a registry of a
// stranger that notes whether it is given credentials.
type keeper struct {
	*testing.T
	*online
	arn  string
	host string
	got  atomic.Int32
}

func newKeeper(t *testing.T, compose string, tags ...types.Tag) *keeper {
	t.Helper()
	k := &keeper{T: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			k.got.Add(1)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	k.host = strings.TrimPrefix(server.URL, "http://")
	k.online = &online{embedded: embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{}), cache: t.TempDir()}
	made, err := secretsmanager.NewFromConfig(k.fake.Config()).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("rds-prod-db"), SecretString: aws.String(`{"username":"admin","password":"CANARY"}`), Tags: tags,
	})
	if err != nil {
		t.Fatal(err)
	}
	k.arn = aws.ToString(made.ARN)
	rewrite(t, k.file, []byte(strings.NewReplacer("HUB", k.host, "ARN", k.arn).Replace(compose)))
	k.fake.ResetCalls()
	return k
}

// calls are the operations since the last time.
func (k *keeper) calls() []string {
	var out []string
	for _, call := range k.fake.Calls() {
		out = append(out, call.Operation)
	}
	k.fake.ResetCalls()
	return out
}

const behindCredentials = `name: shop
services:
  copied:
    x-fargate: {copy: true, pull_credentials: ARN}
    image: HUB/copied:1
  pulled: {image: HUB/pulled:1, x-aws-pull_credentials: ARN, environment: {API_TOKEN: "0123456789abcdef"}}
  other: {image: HUB/copied:1, x-fargate: {pull_credentials: ARN, policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}}
  more: {image: HUB/pulled:1, x-fargate: {pull_credentials: ARN, policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}}
`

// TestAPlanReadsNoSecret of the account, whatever the files name; nor what there is in IAM.
func TestAPlanReadsNoSecret(t *testing.T) {
	k := newKeeper(t, behindCredentials)
	_, p, st, said := k.online.plan()
	if p == nil {
		t.Fatal(said)
	}
	if got := runs(t, st, "pulled"); got != k.host+"/pulled:1" {
		t.Errorf("it runs %s", got)
	}
	for _, want := range []string{
		"compose.yaml:5:5: note: services.copied.image: HUB/copied:1 needs credentials, which no plan reads: it is unpinned, and its digest is known after apply",
		"compose.yaml:4:29: note: services.copied.x-fargate.pull_credentials: apply copies the image with these credentials only if the secret is for HUB",
		"aws secretsmanager tag-resource --secret-id ARN --tags Key=compose2fargate:registry,Value=HUB; or pass --pull-credentials HUB=ARN",
		"compose.yaml:6:12: note: services.pulled.image: HUB/pulled:1 needs credentials, which no plan reads: it is unpinned, and its digest is known after apply",
		"docker login HUB",
	} {
		if want = strings.NewReplacer("HUB", k.host, "ARN", k.arn).Replace(want); !strings.Contains(said, want) {
			t.Errorf("it does not say %s\n%s", want, said)
		}
	}
	k.apply() // where nothing is really copied
	if got := k.calls(); slices.Contains(got, "GetSecretValue") {
		t.Error("where nothing is copied, a secret is read")
	}
	if _, p, _, said := k.online.plan(); p == nil || p.Changed() {
		t.Errorf("after that it wants something: %s", said)
	}
	for _, operation := range k.calls() {
		if unreadable(operation) {
			t.Errorf("a plan calls %s", operation)
		}
	}
	if k.got.Load() > 0 {
		t.Error("the registry was given credentials")
	}
}

// TestASecretIsForTheRegistryThatItsKeeperNames alone.
func TestASecretIsForTheRegistryThatItsKeeperNames(t *testing.T) {
	registry := func(host string) []types.Tag {
		return []types.Tag{{Key: aws.String(plan.TagRegistry), Value: aws.String(host)}}
	}
	const compose = "name: shop\nservices:\n  web:\n    image: registry.example.com/web:1\n    x-fargate:\n      copy: true\n      pull_credentials: ARN\n"
	for name, c := range map[string]struct {
		tags    []types.Tag
		allowed string
		may     bool
	}{
		"nothing says so":               {nil, "", false},
		"a tag of another registry":     {registry("ghcr.io"), "", false},
		"a tag of a part of its name":   {registry("example.com"), "", false},
		"a tag of no registry":          {registry("all"), "", false},
		"its tag":                       {registry("registry.example.com"), "", true},
		"the command line":              {nil, "registry.example.com=ARN", true},
		"the command line, of another":  {nil, "ghcr.io=ARN", false},
		"another secret of the command": {nil, "registry.example.com=ARNx", false},
	} {
		k := newKeeper(t, compose, c.tags...)
		s := k.embedded.session()
		if c.allowed != "" {
			s.pullCredentials = []string{strings.ReplaceAll(c.allowed, "ARN", k.arn)}
			s.account.WithPullCredentials(s.pullCredentials)
		}
		p, st, err := s.plan(t.Context(), plan.Scope{})
		if err != nil {
			t.Fatal(err, k.talk.String())
		}
		s.maker = &maker{registries: image.New(image.Options{})}
		k.fake.Fail(simulator.Fault{Operation: "GetAuthorizationToken", Times: -1, Err: simulator.Denied()}) // so that no registry is asked
		err = s.ready(t.Context(), p, st)
		refused := strings.Contains(k.talk.String(), "compose.yaml:7:7: error: services.web.x-fargate.pull_credentials: the secret "+k.arn+
			" is not for the registry registry.example.com: no tag says so\n  help: whoever keeps the secret says so: aws secretsmanager tag-resource")
		if refused == c.may || err == nil || !strings.Contains(err.Error(), "nothing was written") {
			t.Errorf("%s: %v\n%s", name, err, k.talk.String())
		}
	}
}

const ghcrSecret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ghcr-AbCdEf"

// TestWhatPullCredentialsAllowStandsInThePlan, and apply FILE allows it without the flag.
func TestWhatPullCredentialsAllowStandsInThePlan(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "compose.yaml", "name: shop\nservices: {web: {image: 'me/web:1', x-fargate: {copy: true, pull_credentials: '"+ghcrSecret+"'}}}\n")
	say := func(args ...string) (code int, said string) {
		var out bytes.Buffer
		code = run(t.Context(), terminal{in: new(bytes.Buffer), out: &out, err: &out, environ: []string{"AWS_REGION=" + caseRegion}}, append(args, "--simulate"))
		return code, out.String()
	}
	const needs = "apply copies the image with these credentials only if the secret is for docker.io"
	if code, said := say("plan"); code != 0 || !strings.Contains(said, needs) {
		t.Errorf("without the flag: %d, %s", code, said)
	}
	if code, said := say("plan", "--out", "plan.json", "--pull-credentials", "index.docker.io="+ghcrSecret); code != 0 || strings.Contains(said, needs) {
		t.Errorf("with the flag: %d, %s", code, said)
	}
	saved, err := readPlan("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{terminal: terminal{in: new(bytes.Buffer), out: io.Discard, err: io.Discard}, simulate: true}
	s.allow(saved.Allowed)
	session, err := s.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.close()
	if err := session.account.MayPull(t.Context(), "docker.io", ghcrSecret); err != nil {
		t.Error(err)
	}
	if err := session.account.MayPull(t.Context(), "ghcr.io", ghcrSecret); err == nil {
		t.Error("it is for any registry")
	}
	for _, wrong := range []string{
		"ghcr.io", "=" + ghcrSecret, "ghcr=" + ghcrSecret, "https://ghcr.io=" + ghcrSecret, "ghcr.io/me=" + ghcrSecret, "*=" + ghcrSecret,
		"ghcr.io=ghcr", "ghcr.io=arn:aws:ssm:eu-west-1:123456789012:parameter/ghcr", "ghcr.io= " + ghcrSecret,
	} {
		if code, said := say("plan", "--pull-credentials", wrong); code != codeError || !strings.Contains(said, "is not HOST=ARN") {
			t.Errorf("%s: %d, %s", wrong, code, said)
		}
	}
}
