package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// secretARN is what x-fargate.pull_credentials takes as well. The characters of the name are
// those of the Secrets Manager API reference, CreateSecret.
var secretARN = regexp.MustCompile(`^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$`)

// checkPullCredentials refuses what is no HOST=ARN, and brings other names of Docker Hub to
// the one that is shown.
func (s *settings) checkPullCredentials() error {
	for i, given := range s.pullCredentials {
		host, arn, _ := strings.Cut(given, "=")
		known := image.Host(host + "/image")
		if known != host && (known != "docker.io" || host != "index.docker.io") {
			known = ""
		}
		if known == "" || !secretARN.MatchString(arn) {
			return fmt.Errorf("--pull-credentials %s is not HOST=ARN: name the registry and the secret, for example %s", given,
				"ghcr.io=arn:aws:secretsmanager:eu-west-1:123456789012:secret:ghcr-AbCdEf")
		}
		s.pullCredentials[i] = known + "=" + arn
	}
	return nil
}

// pullHelp is how a secret comes to be for a registry.
func pullHelp(host, arn string) string {
	return fmt.Sprintf("whoever keeps the secret says so: aws secretsmanager tag-resource --secret-id %s --tags %s; or pass --pull-credentials %s",
		diag.Word(arn), diag.Word("Key="+plan.TagRegistry+",Value="+host), diag.Word(host+"="+arn))
}

// credentialed is an image that apply copies with credentials out of a secret.
type credentialed struct{ service, host, arn string }

// credentialedOf says with which secret applying p copies the image of a resource; not ok
// where it does so with none.
func credentialedOf(live *plan.Stack, p *plan.Plan, r *plan.Resource) (credentialed, bool) {
	source, ok := r.Payload.(*spec.ImageSource)
	if !ok || source.Credentials == "" || !resource.Unmade(live, p, r.Address) {
		return credentialed{}, false
	}
	service, _, _ := strings.Cut(r.Address.Name, "/")
	return credentialed{service, image.Host(source.Base), source.Credentials}, true
}

// noteCopies tells what apply needs to copy images, which a plan does not look for.
func (s *session) noteCopies(live, want *plan.Stack, p *plan.Plan) diag.List {
	var notes diag.List
	for _, r := range want.Resources {
		i, ok := credentialedOf(live, p, r)
		if !ok || slices.Contains(s.pullCredentials, i.host+"="+i.arn) {
			continue
		}
		at, path := s.project.PullCredentials(i.service)
		notes.Notef(at, path, pullHelp(i.host, i.arn), "apply copies the image with these credentials only if the secret is for %s", i.host)
	}
	return notes
}

// mayPull checks, before anything is written, that the secrets with which images are copied
// are for the registries of those. Each that is not is an error at its place.
func (s *session) mayPull(ctx context.Context, p *plan.Plan, st stacks) error {
	var problems diag.List
	for _, r := range st.want.Resources {
		i, ok := credentialedOf(st.live, p, r)
		if !ok {
			continue
		}
		err := s.account.MayPull(ctx, i.host, i.arn)
		if other, ok := errors.AsType[*resource.OtherRegistryError](err); ok {
			at, path := s.project.PullCredentials(i.service)
			problems.Errorf(at, path, pullHelp(i.host, i.arn), "%s", other)
		} else if err != nil {
			return fmt.Errorf("the image of %s cannot be copied, nothing was written: %w", i.service, err)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	problems.Sorted().Print(s.terminal.err)
	return errors.New("images cannot be copied, nothing was written")
}
