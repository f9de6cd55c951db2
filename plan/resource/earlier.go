package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// keptRevisions is how many revisions of a service stay ACTIVE, the one that runs
// included.
const keptRevisions = 10

// mostAtOnce bounds how much of what is left of earlier revisions is looked at in one
// plan: of a stack that has much of it, it goes little by little.
const mostAtOnce = 50

// readEarlier reads what is left of earlier revisions where a service changes or goes,
// for it is then that it is let go: revisions that are too many, images, and, where
// there is anything, what the revisions before those that run name. It returns these,
// nil where no service changes.
func (r *reading) readEarlier(ctx context.Context) ([]*plan.Resource, error) {
	changing := r.changingServices()
	if len(changing) == 0 {
		return nil, nil
	}
	revisions, err := readAll(ctx, changing, taskDefinitions{r.session}.surplus(r))
	if err != nil {
		return nil, fmt.Errorf("read earlier revisions: %w", brief(err))
	}
	pushed, err := readAll(ctx, r.repositories(), images{r.session}.earlier(r))
	if err != nil {
		return nil, fmt.Errorf("read earlier images: %w", brief(err))
	}
	r.live[spec.TaskDefinitionKind] = append(r.live[spec.TaskDefinitionKind], revisions...)
	r.live[spec.ImageKind] = append(r.live[spec.ImageKind], pushed...)
	if !r.hasRetained() {
		return []*plan.Resource{}, nil
	}
	before, err := readEach(ctx, r.of(spec.ServiceKind), taskDefinitions{r.session}.before(r))
	if err != nil {
		return nil, fmt.Errorf("read earlier revisions: %w", brief(err))
	}
	return each(before, func(c candidate) *plan.Resource { return c.Resource }), nil
}

// readAll reads several candidates for each item.
func readAll[T any](ctx context.Context, list []T, read func(context.Context, T) ([]candidate, error)) ([]candidate, error) {
	found, err := inParallel(ctx, list, read)
	return slices.Concat(found...), err
}

// changingServices are the live services that are not what was applied last, or that
// nothing asks for: themselves, or what their tasks are made of.
func (r *reading) changingServices() []candidate {
	same := map[plan.Address]bool{}
	for _, kind := range []string{spec.ServiceKind, spec.TaskDefinitionKind, spec.ParameterKind, spec.SecretKind, spec.ImageKind} {
		for _, c := range r.of(kind) {
			want := r.want.Find(c.Address)
			same[c.Address] = want != nil && plan.ParseApplied(c.Tags[plan.TagSpec]).Hash == want.Hash
		}
	}
	return slices.DeleteFunc(slices.Clone(r.of(spec.ServiceKind)), func(service candidate) bool {
		return same[service.Address] && !r.madeOfOthers(service.Address, same)
	})
}

// madeOfOthers says whether a desired service has a task definition, values or images
// that are not live, or are others.
func (r *reading) madeOfOthers(service plan.Address, same map[plan.Address]bool) bool {
	return slices.ContainsFunc(r.want.Find(service).Edges(), func(used plan.Address) bool {
		return used.Kind == spec.TaskDefinitionKind && (!same[used] || slices.ContainsFunc(r.want.Find(used).Edges(), func(part plan.Address) bool {
			counts := part.Kind == spec.ParameterKind || part.Kind == spec.SecretKind || part.Kind == spec.ImageKind
			return counts && !same[part]
		}))
	})
}

// hasRetained says whether there are values or images that nothing asks for.
func (r *reading) hasRetained() bool {
	return slices.ContainsFunc([]string{spec.ParameterKind, spec.SecretKind, spec.ImageKind}, func(kind string) bool {
		return slices.ContainsFunc(r.of(kind), func(c candidate) bool { return r.want.Find(c.Address) == nil })
	})
}

// surplus are the ACTIVE revisions of the family of a service that are more than it
// keeps, counting the next one; of a service that goes, all but the one that runs.
func (k taskDefinitions) surplus(r *reading) func(context.Context, candidate) ([]candidate, error) {
	return func(ctx context.Context, service candidate) ([]candidate, error) {
		running := service.Attrs["task-definition"]
		arns, err := k.activeRevisions(ctx, running)
		if err != nil {
			return nil, err
		}
		kept := keptRevisions - 1
		if r.want.Find(service.Address) == nil {
			kept = 0
		}
		arns = arns[min(kept, len(arns)):]
		arns = slices.DeleteFunc(arns, func(arn string) bool { return arn == running })
		var unread []revision
		for _, arn := range arns[max(0, len(arns)-mostAtOnce):] {
			address := revisionAddress(r.want, service.Address)
			address.Name += plan.LeftBehind + revisionOf(arn)
			unread = append(unread, revision{address, arn, false})
		}
		found, err := readEach(ctx, unread, k.revision)
		return slices.DeleteFunc(found, func(c candidate) bool {
			return c.Tags[plan.TagProject] != k.project || c.Tags[plan.TagResource] != c.Address.Base().String()
		}), err
	}
}

// activeRevisions are the ARNs of the ACTIVE revisions of the family of one, the latest
// first.
func (k taskDefinitions) activeRevisions(ctx context.Context, arn string) ([]string, error) {
	family, _, _ := splitRevision(arn)
	pages := ecs.NewListTaskDefinitionsPaginator(k.ecs(), &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, Status: ecstypes.TaskDefinitionStatusActive, Sort: ecstypes.SortOrderDesc,
	})
	return allPages(ctx, pages, func(page *ecs.ListTaskDefinitionsOutput) []string { return page.TaskDefinitionArns })
}

// before reads the revision before the one that a service runs, deregistered or not:
// its tasks can be started again.
func (k taskDefinitions) before(r *reading) func(context.Context, candidate) (candidate, error) {
	return func(ctx context.Context, service candidate) (candidate, error) {
		family, number, err := splitRevision(service.Attrs["task-definition"])
		if err != nil || number < 2 {
			return candidate{}, plan.ErrNotFound
		}
		address := revisionAddress(r.want, service.Address)
		return k.revision(ctx, revision{address, fmt.Sprintf("%s:%d", family, number-1), false})
	}
}

// splitRevision parts the ARN of a revision into its family and its number.
func splitRevision(arn string) (family string, number int, err error) {
	family, text, _ := strings.Cut(revisionOf(arn), ":")
	number, err = strconv.Atoi(text)
	return family, number, err
}

// repositories are those in which a desired image is another than the one that runs,
// with the digests of both, which stay.
func (r *reading) repositories() []imagesInUse {
	out := map[string]imagesInUse{}
	for _, c := range r.of(spec.ImageKind) {
		s := c.Spec.(*spec.Image)
		name := s.Repository.Text
		uri, digest, _ := strings.Cut(c.Attrs["uri"], "@")
		of := out[name]
		of.at, of.image = repositoryAt{name, uri}, r.want.Find(c.Address)
		of.digests = append(of.digests, digest, c.Attrs[madeAttr])
		of.changes = of.changes || c.Attrs[madeAttr] != digest
		out[name] = of
	}
	return slices.DeleteFunc(slices.Collect(maps.Values(out)), func(of imagesInUse) bool { return !of.changes })
}

// imagesInUse is a repository with the digests that an image in it has, or is to have.
type imagesInUse struct {
	at      repositoryAt
	image   *plan.Resource
	digests []string
	changes bool
}

// earlier are the images of a repository that this tool made and that no desired image
// means, the oldest ones where there are many.
func (k images) earlier(r *reading) func(context.Context, imagesInUse) ([]candidate, error) {
	return func(ctx context.Context, in imagesInUse) ([]candidate, error) {
		pages := ecr.NewDescribeImagesPaginator(k.ecr(), &ecr.DescribeImagesInput{
			RepositoryName: &in.at.name, Filter: &types.DescribeImagesFilter{TagStatus: types.TagStatusTagged},
		})
		found, err := allPages(ctx, pages, func(page *ecr.DescribeImagesOutput) []types.ImageDetail { return page.ImageDetails })
		if err != nil {
			return nil, unless(err, "RepositoryNotFound")
		}
		found = slices.DeleteFunc(found, func(i types.ImageDetail) bool { return slices.Contains(in.digests, text(i.ImageDigest)) })
		slices.SortFunc(found, func(a, b types.ImageDetail) int { return a.ImagePushedAt.Compare(*b.ImagePushedAt) })
		ids := each(found[:min(len(found), mostAtOnce)], func(i types.ImageDetail) types.ImageIdentifier {
			return types.ImageIdentifier{ImageDigest: i.ImageDigest}
		})
		if len(ids) == 0 {
			return nil, nil
		}
		described, err := k.get(ctx, in.at, ids...)
		return k.candidates(in, described), err
	}
}

// candidates are the images that this tool made.
func (k images) candidates(in imagesInUse, described map[string]pushed) []candidate {
	var out []candidate
	for _, digest := range sortedKeys(described) {
		if f := described[digest]; f.made.Hash != "" && f.digest == digest {
			of := *in.image
			of.Address.Name += plan.LeftBehind + digest
			out = append(out, candidate{Resource: k.resource(&of, in.at, f)})
		}
	}
	return out
}
