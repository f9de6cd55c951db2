package resource

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
)

// PinnedImages are the digests that the live services of the project were given,
// by plan.PinName of the reference. Where two services have a reference at two
// digests, the one of the service whose name comes first is taken. It costs no call
// that Read would not make.
func (a *Account) PinnedImages(ctx context.Context) (map[string]string, error) {
	services, err := a.liveServices(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the images of live services: %w", brief(err))
	}
	slices.SortFunc(services, func(x, y types.Service) int { return cmp.Compare(text(x.ServiceArn), text(y.ServiceArn)) })
	out := map[string]string{}
	for _, service := range services {
		tags := pairs(service.Tags)
		if tags[plan.TagProject] != a.project {
			continue
		}
		for _, key := range sortedKeys(tags) {
			name, digest, ok := plan.ParsePin(tags[key])
			if plan.IsPin(key) && ok && out[name] == "" {
				out[name] = digest
			}
		}
	}
	return out, nil
}

// ecrHost is the name of a private registry, with its region (Amazon ECR user
// guide, "Amazon ECR service endpoints"; those of the FIPS and dual-stack kinds
// included).
var ecrHost = regexp.MustCompile(`^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$`)

// RegistryLogin returns credentials for an ECR registry of the region, whoever owns
// it; "" for another registry.
func (a *Account) RegistryLogin(ctx context.Context, registry string) (username, password string, err error) {
	found := ecrHost.FindStringSubmatch(registry)
	if found == nil || found[1] != a.region {
		return "", "", nil
	}
	login, err := ecrLogin(ctx, a.ecr())
	if err != nil {
		return "", "", fmt.Errorf("log in to ECR: %w", brief(err))
	}
	return login.username, login.password, nil
}

// Registry is where images of the project are pushed to. It has credentials and
// neither a repository nor a tag: it is for asking, before anything is written,
// whether the registry is there.
func (a *Account) Registry(ctx context.Context) (image.Destination, error) {
	login, err := ecrLogin(ctx, a.ecr())
	if err != nil {
		return image.Destination{}, fmt.Errorf("log in to ECR: %w", brief(err))
	}
	return image.Destination{Repository: login.registry + "/" + a.project, Username: login.username, Password: login.password}, nil
}
