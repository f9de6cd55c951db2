package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// imageOperations are those on images. There are no layers: a manifest may name
// what it likes.
func imageOperations() []operation {
	return []operation{
		write(putImage),
		read(batchGetImage),
		read(describeImages),
		write(batchDeleteImage),
	}
}

// imageTag is what registries take.
var imageTag = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}$`)

// maxManifest is ECR's limit (ECR quotas, manifest size), in bytes.
const maxManifest = 4 << 20

func (a *Account) imagesOf(repository string) []*RepositoryImage {
	var list []*RepositoryImage
	for _, image := range a.images.Of(repository) {
		list = append(list, image)
	}
	return list
}

func putImage(a *Account, in *ecr.PutImageInput) (*ecr.PutImageOutput, error) {
	r, err := a.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	name, tag := *r.RepositoryName, str(in.ImageTag)
	sum := sha256.Sum256([]byte(*in.ImageManifest))
	digest := "sha256:" + hex.EncodeToString(sum[:])
	var manifest struct {
		SchemaVersion int    `json:"schemaVersion"`
		MediaType     string `json:"mediaType"`
	}
	switch {
	case json.Unmarshal([]byte(*in.ImageManifest), &manifest) != nil || manifest.SchemaVersion != 2:
		return nil, ecrInvalid("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
	case len(*in.ImageManifest) > maxManifest:
		return nil, ecrInvalid("The manifest is %d bytes, the limit is %d.", len(*in.ImageManifest), maxManifest)
	case in.ImageDigest != nil && *in.ImageDigest != digest:
		return nil, &types.ImageDigestDoesNotMatchException{Message: ptr("The specified digest does not match that of the manifest.")}
	case tag != "" && !imageTag.MatchString(tag):
		return nil, ecrInvalid("Invalid parameter at 'imageTag': %q", tag)
	}
	if err := a.moveTag(r, tag, digest); err != nil {
		return nil, err
	}
	key := name + "@" + digest
	image := a.Images.Edit(key)
	if image == nil {
		image = a.Images.Put(key, RepositoryImage{
			Repository: name, Digest: digest, Manifest: *in.ImageManifest, Pushed: *a.now(),
			MediaType: str(orElse(in.ImageManifestMediaType, manifest.MediaType)),
		})
	}
	if tag != "" && !slices.Contains(image.Tags, tag) {
		image.Tags = append(image.Tags, tag)
		slices.Sort(image.Tags)
	}
	return &ecr.PutImageOutput{Image: a.ecrImage(image, in.ImageTag)}, nil
}

// moveTag takes a tag from the image that has it, where the repository lets it go.
func (a *Account) moveTag(r *Repository, tag, digest string) error {
	for _, image := range a.imagesOf(*r.RepositoryName) {
		if tag == "" || !slices.Contains(image.Tags, tag) {
			continue
		}
		switch {
		case image.Digest == digest:
			return &types.ImageAlreadyExistsException{Message: ptr(fmt.Sprintf(
				"Image with digest '%s' and tag '%s' already exists in the repository with name '%s'", digest, tag, *r.RepositoryName))}
		case r.ImageTagMutability == types.ImageTagMutabilityImmutable:
			return &types.ImageTagAlreadyExistsException{Message: ptr(fmt.Sprintf(
				"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, *r.RepositoryName))}
		}
		edited := a.Images.Edit(image.Repository + "@" + image.Digest)
		edited.Tags = slices.DeleteFunc(slices.Clone(edited.Tags), func(t string) bool { return t == tag })
	}
	return nil
}

func (a *Account) ecrImage(i *RepositoryImage, tag *string) *types.Image {
	return &types.Image{
		RegistryId: &a.Account, RepositoryName: &i.Repository, ImageManifest: &i.Manifest, ImageManifestMediaType: &i.MediaType,
		ImageId: &types.ImageIdentifier{ImageDigest: &i.Digest, ImageTag: tag},
	}
}

// findImage finds what an identifier names, nil for nothing.
func (a *Account) findImage(repository string, id types.ImageIdentifier) *RepositoryImage {
	for _, image := range a.imagesOf(repository) {
		if (id.ImageDigest == nil || *id.ImageDigest == image.Digest) && (id.ImageTag == nil || slices.Contains(image.Tags, *id.ImageTag)) {
			return image
		}
	}
	return nil
}

func batchGetImage(a *Account, in *ecr.BatchGetImageInput) (*ecr.BatchGetImageOutput, error) {
	if _, err := a.repository(in.RepositoryName); err != nil {
		return nil, err
	}
	if len(in.ImageIds) == 0 || len(in.ImageIds) > 100 {
		return nil, ecrInvalid("imageIds has 1 to 100 items.")
	}
	var out ecr.BatchGetImageOutput
	for _, id := range in.ImageIds {
		if image := a.findImage(*in.RepositoryName, id); image != nil {
			out.Images = append(out.Images, *a.ecrImage(image, id.ImageTag))
			continue
		}
		out.Failures = append(out.Failures, types.ImageFailure{
			ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound, FailureReason: ptr("Requested image not found"),
		})
	}
	return &out, nil
}

func describeImages(a *Account, in *ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error) {
	if _, err := a.repository(in.RepositoryName); err != nil {
		return nil, err
	}
	images := a.imagesOf(*in.RepositoryName)
	if len(in.ImageIds) > 0 {
		images = nil
		for _, id := range in.ImageIds {
			image := a.findImage(*in.RepositoryName, id)
			if image == nil {
				return nil, &types.ImageNotFoundException{Message: ptr("The image requested does not exist in the specified repository.")}
			}
			images = append(images, image)
		}
	}
	var all []types.ImageDetail
	for _, i := range images {
		if !tagStatusFits(i, in.Filter) {
			continue
		}
		all = append(all, types.ImageDetail{
			ImageDigest: &i.Digest, ImageTags: i.Tags, ImagePushedAt: &i.Pushed, RegistryId: &a.Account, RepositoryName: &i.Repository,
			ImageManifestMediaType: &i.MediaType, ImageSizeInBytes: ptr(int64(len(i.Manifest))),
		})
	}
	list, next, err := ecrPage(a, all, func(i types.ImageDetail) string { return *i.ImageDigest }, in.NextToken, in.MaxResults)
	return &ecr.DescribeImagesOutput{ImageDetails: list, NextToken: next}, err
}

// tagStatusFits is the filter of DescribeImages on images with and without tags (API
// reference, DescribeImagesFilter).
func tagStatusFits(i *RepositoryImage, f *types.DescribeImagesFilter) bool {
	switch val(f).TagStatus {
	case types.TagStatusTagged:
		return len(i.Tags) > 0
	case types.TagStatusUntagged:
		return len(i.Tags) == 0
	}
	return true
}

// batchDeleteImage takes a tag away, and the image with its last one.
func batchDeleteImage(a *Account, in *ecr.BatchDeleteImageInput) (*ecr.BatchDeleteImageOutput, error) {
	if _, err := a.repository(in.RepositoryName); err != nil {
		return nil, err
	}
	var out ecr.BatchDeleteImageOutput
	for _, id := range in.ImageIds {
		image := a.findImage(*in.RepositoryName, id)
		if image == nil {
			out.Failures = append(out.Failures, types.ImageFailure{
				ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound, FailureReason: ptr("Requested image not found"),
			})
			continue
		}
		out.ImageIds = append(out.ImageIds, types.ImageIdentifier{ImageDigest: &image.Digest, ImageTag: id.ImageTag})
		key := image.Repository + "@" + image.Digest
		rest := slices.DeleteFunc(slices.Clone(image.Tags), func(t string) bool { return t == str(id.ImageTag) })
		if id.ImageTag == nil || len(rest) == 0 {
			a.Images.Delete(key)
			continue
		}
		a.Images.Edit(key).Tags = rest
	}
	return &out, nil
}

// pullProblem wants images of the account's own repositories to be there, and the
// execution role to be let at them.
func pullProblem(a *Account, td *ecstypes.TaskDefinition, _ ecstypes.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		own, image := a.ownImage(*c.Image)
		if !own {
			continue
		}
		if image == nil {
			return cannotStart("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: %s: not found", *c.Image, *c.Image)
		}
		if denied := a.denied(td, "ecr:BatchGetImage", a.arn("ecr", "repository/"+image.Repository)); denied != nil {
			return denied
		}
	}
	return nil
}
