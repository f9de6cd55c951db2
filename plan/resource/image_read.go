package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// readImages reads of each desired image the one that tasks run, so that a plan
// shows what changes in its files, else the one that has the desired tag. It comes
// after task definitions and repositories and asks once a repository.
func (a *Account) readImages(ctx context.Context, want *plan.Stack, live *collection) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, r := range ofKind(want, spec.ImageKind) {
		g.Go(func() error {
			found, err := a.readImage(ctx, want, r, live)
			if errors.Is(err, plan.ErrNotFound) {
				return nil
			}
			if err != nil {
				return about("read", r.Address, err)
			}
			live.add(candidate{Resource: found})
			return nil
		})
	}
	return g.Wait()
}

func (a *Account) readImage(ctx context.Context, want *plan.Stack, r *plan.Resource, live *collection) (*plan.Resource, error) {
	kind, s := images{a.session}, r.Spec.(*spec.Image)
	at, err := a.repositoryOf(ctx, want, s, live)
	if err != nil {
		return nil, err
	}
	ids := []types.ImageIdentifier{{ImageTag: &s.Tag}}
	running := runningDigest(want, r.Address, at, live)
	if running != "" {
		ids = append(ids, types.ImageIdentifier{ImageDigest: &running})
	}
	byTag, byDigest, err := kind.get(ctx, at, ids...)
	if err != nil {
		return nil, err
	}
	tagged, made := byTag[s.Tag]
	now, runs := byDigest[running]
	switch {
	case runs:
	case made:
		now = tagged
	default:
		return nil, plan.ErrNotFound
	}
	out := kind.resource(r, at, now)
	if made {
		out.Attrs[madeAttr] = tagged.digest
	}
	return out, nil
}

// repositoryOf finds the repository of a desired image among those that were read;
// another one is looked for.
func (a *Account) repositoryOf(ctx context.Context, want *plan.Stack, s *spec.Image, live *collection) (repositoryAt, error) {
	name := s.Repository.Text
	if name == "" && s.Repository.Ref != nil {
		if r := want.Find(s.Repository.Ref.Address); r != nil {
			name = repositoryIdentity(r)
		}
	}
	if name == "" {
		return repositoryAt{}, fmt.Errorf("%s is not known", s.Repository)
	}
	for _, r := range live.ofKind(spec.RepositoryKind) {
		if r.Attrs["name"] == name {
			return repositoryAt{name, r.Attrs["uri"]}, nil
		}
	}
	if s.Repository.Ref != nil { // it was looked for
		return repositoryAt{}, plan.ErrNotFound
	}
	return images{a.session}.repository(ctx, &plan.Resource{Spec: &spec.Image{Repository: plan.Literal(name)}})
}

// runningDigest is the digest of the image that live tasks run in the place of a
// desired one, "" where that is not of the repository or where no task definition
// was read: then its service proves that it runs the desired one.
func runningDigest(want *plan.Stack, address plan.Address, at repositoryAt, live *collection) string {
	definitions, services := live.ofKind(spec.TaskDefinitionKind), live.ofKind(spec.ServiceKind)
	for _, r := range ofKind(want, spec.TaskDefinitionKind) {
		i := slices.IndexFunc(definitions, func(d *plan.Resource) bool { return d.Address == r.Address && d.Spec != nil })
		if i < 0 || !slices.ContainsFunc(services, func(s *plan.Resource) bool { return s.Attrs["task-definition"] == definitions[i].Attrs["arn"] }) {
			continue
		}
		now := definitions[i].Spec.(*spec.TaskDefinition)
		for _, c := range r.Spec.(*spec.TaskDefinition).ContainerDefinitions {
			if c.Image.Ref == nil || c.Image.Ref.Address != address {
				continue
			}
			if digest, ok := strings.CutPrefix(imageOf(now, c.Name), at.uri+"@"); ok {
				return digest
			}
		}
	}
	return ""
}

func imageOf(d *spec.TaskDefinition, container string) string {
	for _, c := range d.ContainerDefinitions {
		if c.Name == container {
			return c.Image.Text
		}
	}
	return ""
}
