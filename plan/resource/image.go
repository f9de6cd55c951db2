package resource

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// imageKind defines images in repositories of the project.
var imageKind = methods{
	row: row{
		kind: spec.ImageKind, noun: "image",
		after:  []string{spec.RepositoryKind, spec.ServiceKind, spec.TaskDefinitionKind},
		reads:  []string{"ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories"},
		writes: []string{"ecr:BatchDeleteImage", "ecr:GetAuthorizationToken", "ecr:PutImage", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"},
	},
	of: func(a *session) operations { return images{a} },
}

// images can have no tags of AWS: what they are made of is in the annotations of
// their manifests, and they are the project's if their repository is.
type images struct{ *session }

// madeAttr is the attribute of a live image with the digest of the one that the
// desired tag names, where that is there already: then nothing has to be made.
const madeAttr = "made"

// Unmade says whether applying p creates the image at address: p plans to, and no
// image with the desired tag exists.
func Unmade(live *plan.Stack, p *plan.Plan, address plan.Address) bool {
	r := p.Find(address)
	if address.Kind != spec.ImageKind || r == nil || !r.Has(plan.Create) && !r.Has(plan.Revise) {
		return false
	}
	now := live.Find(address)
	return now == nil || now.Attrs[madeAttr] == ""
}

// manifestTypes are the types that are read: single OCI images, which ours are
// because their annotations need OCI, and Docker's format for images that
// others pushed.
var manifestTypes = []string{"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}

// repositoryAt is where images are.
type repositoryAt struct{ name, uri string }

// pushed is an image that is there.
type pushed struct {
	digest string
	spec   *spec.Image
	made   image.Made
}

// get looks for images of one repository, by tag and by digest; what is not there is
// left out.
func (k images) get(ctx context.Context, at repositoryAt, ids ...types.ImageIdentifier) (map[string]pushed, error) {
	got, err := k.ecr().BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RepositoryName: &at.name, ImageIds: ids, AcceptedMediaTypes: manifestTypes,
	})
	if err != nil {
		return nil, unless(err, "RepositoryNotFound")
	}
	out := map[string]pushed{}
	for _, i := range got.Images {
		if i.ImageId == nil {
			continue
		}
		f := describeImage(at, i)
		out[f.digest] = f
		if tag := text(i.ImageId.ImageTag); tag != "" {
			out[tag] = f
		}
	}
	return out, nil
}

// describeImage reads a manifest. One that is not like ours says nothing.
func describeImage(at repositoryAt, i types.Image) pushed {
	s, made, err := image.Describe([]byte(text(i.ImageManifest)))
	if err != nil {
		s, made = spec.Image{}, image.Made{}
	}
	s.Repository = plan.Literal(at.name)
	return pushed{digest: text(i.ImageId.ImageDigest), spec: normal(spec.ImageKind, &s).(*spec.Image), made: made}
}

// resource is a live image in the place of r.
func (k images) resource(r *plan.Resource, at repositoryAt, f pushed) *plan.Resource {
	s := *f.spec
	if want, ok := r.Spec.(*spec.Image); ok {
		s.Files = withTexts(s.Files, want.Files)
		if s.Context == want.Context || len(s.ContextFiles) == 0 { // another release, or too many of them
			s.ContextFiles = want.ContextFiles
		}
	}
	live := &plan.Resource{Address: r.Address, Spec: &s, Attrs: imageAttrs(at, f.digest), Tags: map[string]string{}}
	if f.made.Hash != "" {
		live.Tags = plan.OwnTags(k.project, r.Address, plan.Applied{Hash: f.made.Hash})
		live.Tags[plan.TagRelease] = f.made.Release
	}
	return live
}

// imageAttrs have the uri as an id as well: it is by what AWS knows the image.
func imageAttrs(at repositoryAt, digest string) plan.Attrs {
	uri := at.uri + "@" + digest
	return plan.Attrs{"digest": digest, "uri": uri, "id": uri, "name": uri}
}

// withTexts fills in the texts of files that are the same as others: manifests
// leave out texts that are too much.
func withTexts(files, others []spec.ImageFile) []spec.ImageFile {
	known := map[string]spec.ImageFile{}
	for _, f := range others {
		known[f.Path] = f
	}
	return each(files, func(f spec.ImageFile) spec.ImageFile {
		if other := known[f.Path]; f.Text == "" && f.SHA256 != "" && f.SHA256 == other.SHA256 {
			f.Text = other.Text
		}
		return f
	})
}

// repository finds where the image of a resource is, by its URI or by what its spec
// says.
func (k images) repository(ctx context.Context, r *plan.Resource) (repositoryAt, error) {
	name := r.Spec.(*spec.Image).Repository.Text
	got, err := k.ecr().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if is(err, "RepositoryNotFound") || err == nil && len(got.Repositories) == 0 {
		return repositoryAt{}, plan.ErrNotFound
	}
	if err != nil {
		return repositoryAt{}, err
	}
	return repositoryAt{name, text(got.Repositories[0].RepositoryUri)}, nil
}

// Read reads a live image by its digest, a desired one by its tag.
func (k images) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	at, err := k.repository(ctx, r)
	if err != nil {
		return nil, err
	}
	name := r.Spec.(*spec.Image).Tag
	id := types.ImageIdentifier{ImageTag: &name}
	if digest := r.Attrs["digest"]; digest != "" {
		name, id = digest, types.ImageIdentifier{ImageDigest: &digest}
	}
	found, err := k.get(ctx, at, id)
	if err != nil {
		return nil, err
	}
	f, ok := found[name]
	if !ok {
		return nil, plan.ErrNotFound
	}
	return k.resource(r, at, f), nil
}

// Create has the image made and pushed, unless its tag is there: that is a hash of
// what the image is made of.
func (k images) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	at, err := untilFound(ctx, k.poll, func() (repositoryAt, error) { return k.repository(ctx, want) })
	if err != nil {
		return nil, err
	}
	digest, err := k.made(ctx, want, at)
	if err != nil {
		return nil, err
	}
	if digest == "" {
		if digest, err = k.make(ctx, want, at); err != nil {
			// Somebody may have pushed it meanwhile, and tags are immutable.
			if there, lookErr := k.made(ctx, want, at); lookErr == nil && there != "" {
				digest, err = there, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return imageAttrs(at, digest), nil
}

// made is the digest of the image with the tag of want if it was made from what
// want describes, else "".
func (k images) made(ctx context.Context, want *plan.Resource, at repositoryAt) (digest string, err error) {
	s := want.Spec.(*spec.Image)
	found, err := k.get(ctx, at, types.ImageIdentifier{ImageTag: &s.Tag})
	if err != nil {
		return "", err
	}
	if f, ok := found[s.Tag]; ok && same(k.resource(want, at, f).Spec, s) {
		return f.digest, nil
	}
	return "", nil
}

func (k images) make(ctx context.Context, want *plan.Resource, at repositoryAt) (digest string, err error) {
	s := want.Spec.(*spec.Image)
	source, ok := want.Payload.(*spec.ImageSource)
	if !ok {
		return "", errors.New("its source is not known")
	}
	if k.maker == nil {
		return "", errors.New("no image builder is set up")
	}
	annotations, err := image.Annotations(*s, want.Hash)
	if err != nil {
		return "", err
	}
	order := image.Order{
		Source: *source, Platform: s.Platform, Annotations: annotations,
		To: image.Destination{Repository: at.uri, Tag: s.Tag},
	}
	login, err := ecrLogin(ctx, k.ecr())
	if err != nil {
		return "", err
	}
	order.To.Username, order.To.Password = login.username, login.password
	if source.Credentials != "" {
		order.Login = func(ctx context.Context) (string, string, error) {
			return k.pullLogin(ctx, image.Host(source.Base), source.Credentials)
		}
	}
	return k.maker.Make(ctx, order)
}

// registryLogin is what ECR gives to who asks for it.
type registryLogin struct{ registry, username, password string }

// ecrLogin is good for twelve hours, and for all registries that the caller may use
// in the region (GetAuthorizationToken).
func ecrLogin(ctx context.Context, api *ecr.Client) (registryLogin, error) {
	got, err := api.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return registryLogin{}, err
	}
	if len(got.AuthorizationData) == 0 {
		return registryLogin{}, errors.New("ECR gave no credentials")
	}
	data := got.AuthorizationData[0]
	token, err := base64.StdEncoding.DecodeString(text(data.AuthorizationToken))
	username, password, ok := strings.Cut(string(token), ":")
	if err != nil || !ok { // err has a part of them
		return registryLogin{}, errors.New("ECR gave credentials that cannot be read")
	}
	return registryLogin{strings.TrimPrefix(text(data.ProxyEndpoint), "https://"), username, password}, nil
}

// Update makes another image: one is never changed.
func (k images) Update(ctx context.Context, _, want *plan.Resource, _ bool) (plan.Attrs, error) {
	return k.Create(ctx, want)
}

// Delete takes the tag away, and with its last tag the image.
func (k images) Delete(ctx context.Context, live *plan.Resource) error {
	s := live.Spec.(*spec.Image)
	id := types.ImageIdentifier{ImageTag: &s.Tag}
	if s.Tag == "" {
		id = types.ImageIdentifier{ImageDigest: pointer(live.Attrs["digest"])}
	}
	got, err := k.ecr().BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{
		RepositoryName: &s.Repository.Text, ImageIds: []types.ImageIdentifier{id},
	})
	if err != nil {
		return unless(err, "RepositoryNotFound")
	}
	for _, failure := range got.Failures {
		if failure.FailureCode != types.ImageFailureCodeImageNotFound {
			return fmt.Errorf("%s: %s", failure.FailureCode, text(failure.FailureReason))
		}
	}
	return nil
}
