package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// all reads, for each desired image, the one that tasks run, so that a plan
// shows what changes in its files, or else the one with the desired tag.
func (k images) all(ctx context.Context, r *reading) ([]candidate, error) {
	return readEach(ctx, ofKind(r.want, spec.ImageKind), func(ctx context.Context, want *plan.Resource) (candidate, error) {
		live, err := k.live(ctx, r, want)
		return candidate{Resource: live}, at(want.Address, err)
	})
}

func (k images) live(ctx context.Context, r *reading, want *plan.Resource) (*plan.Resource, error) {
	s := want.Spec.(*spec.Image)
	at, err := k.repositoryOf(ctx, r, s)
	if err != nil {
		return nil, err
	}
	ids := []types.ImageIdentifier{{ImageTag: &s.Tag}}
	running := runningDigest(r, want.Address, at)
	if running != "" {
		ids = append(ids, types.ImageIdentifier{ImageDigest: &running})
	}
	found, err := k.get(ctx, at, ids...)
	if err != nil {
		return nil, err
	}
	tagged, made := found[s.Tag]
	now, runs := found[running]
	switch {
	case runs:
	case made:
		now = tagged
	default:
		return nil, plan.ErrNotFound
	}
	out := k.resource(want, at, now)
	if made {
		out.Attrs[madeAttr] = tagged.digest
	}
	return out, nil
}

// repositoryOf finds the repository of a desired image among those that were
// read, and otherwise looks it up.
func (k images) repositoryOf(ctx context.Context, r *reading, s *spec.Image) (repositoryAt, error) {
	name := s.Repository.Text
	if name == "" && s.Repository.Ref != nil {
		if repository := r.want.Find(s.Repository.Ref.Address); repository != nil {
			name = repository.Spec.(*spec.Repository).RepositoryName
		}
	}
	if name == "" {
		return repositoryAt{}, fmt.Errorf("%s is not known", s.Repository)
	}
	for _, c := range r.of(spec.RepositoryKind) {
		if c.Attrs["name"] == name {
			return repositoryAt{name, c.Attrs["uri"]}, nil
		}
	}
	if s.Repository.Ref != nil { // it was looked for
		return repositoryAt{}, plan.ErrNotFound
	}
	return k.repository(ctx, &plan.Resource{Spec: &spec.Image{Repository: plan.Literal(name)}})
}

// runningDigest is the digest of the image that live tasks run in the place of a
// desired one, "" where that is not of the repository or where no task definition
// was read: then its service proves that it runs the desired one.
func runningDigest(r *reading, address plan.Address, at repositoryAt) string {
	definitions, services := r.of(spec.TaskDefinitionKind), r.of(spec.ServiceKind)
	for _, want := range ofKind(r.want, spec.TaskDefinitionKind) {
		i := slices.IndexFunc(definitions, func(d candidate) bool { return d.Address == want.Address && d.Spec != nil })
		if i < 0 || !slices.ContainsFunc(services, func(s candidate) bool { return s.Attrs["task-definition"] == definitions[i].Attrs["arn"] }) {
			continue
		}
		now := definitions[i].Spec.(*spec.TaskDefinition)
		for _, c := range want.Spec.(*spec.TaskDefinition).ContainerDefinitions {
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
