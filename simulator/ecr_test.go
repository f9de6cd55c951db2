package simulator_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// manifest is one of an image whose layer has a name.
func manifest(layer string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[{"digest":%q}]}`, layer)
}

// repository makes a repository, and puts an image under each of the tags.
func (w *world) repository(name string, tags ...string) *types.Repository {
	w.t.Helper()
	made := must(w.ecr.CreateRepository(w.t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name}))(w.t)
	for _, tag := range tags {
		must(w.ecr.PutImage(w.t.Context(), &ecr.PutImageInput{
			RepositoryName: &name, ImageTag: &tag, ImageManifest: aws.String(manifest(tag)),
		}))(w.t)
	}
	return made.Repository
}

func TestTheLifeOfARepository(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("shop/web")
	create := &ecr.CreateRepositoryInput{RepositoryName: name, Tags: []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}}}
	arn := must(w.ecr.CreateRepository(ctx, create))(t).Repository.RepositoryArn
	if _, err := w.ecr.CreateRepository(ctx, create); code(err) != "RepositoryAlreadyExistsException" {
		t.Error(err)
	}
	describe := func() types.Repository {
		t.Helper()
		return must(w.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{*name}}))(t).Repositories[0]
	}
	golden(t, "repository", describe())
	must(w.ecr.PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{
		RepositoryName: name, ImageTagMutability: types.ImageTagMutabilityImmutable,
	}))(t)
	must(w.ecr.PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{
		RepositoryName: name, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
	}))(t)
	if r := describe(); r.ImageTagMutability != types.ImageTagMutabilityImmutable || !r.ImageScanningConfiguration.ScanOnPush {
		t.Errorf("it is %s", text(r))
	}
	policy := &ecr.GetLifecyclePolicyInput{RepositoryName: name}
	if _, err := w.ecr.GetLifecyclePolicy(ctx, policy); code(err) != "LifecyclePolicyNotFoundException" {
		t.Error(err)
	}
	rules := `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}]}`
	must(w.ecr.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: name, LifecyclePolicyText: &rules}))(t)
	if got := must(w.ecr.GetLifecyclePolicy(ctx, policy))(t); *got.LifecyclePolicyText != rules {
		t.Error(*got.LifecyclePolicyText)
	}
	must(w.ecr.DeleteLifecyclePolicy(ctx, &ecr.DeleteLifecyclePolicyInput{RepositoryName: name}))(t)
	if _, err := w.ecr.GetLifecyclePolicy(ctx, policy); code(err) != "LifecyclePolicyNotFoundException" {
		t.Error(err)
	}
	must(w.ecr.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}))(t)
	must(w.ecr.UntagResource(ctx, &ecr.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"project"}}))(t)
	tags := must(w.ecr.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: arn}))(t).Tags
	if len(tags) != 1 || *tags[0].Key != "a" {
		t.Error(text(tags))
	}
	found := must(w.tagging.GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{"ecr:repository"}}))(t)
	if len(found.ResourceTagMappingList) != 1 || *found.ResourceTagMappingList[0].ResourceARN != *arn {
		t.Error(text(found))
	}
	must(w.ecr.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: name}))(t)
	if _, err := w.ecr.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: name}); code(err) != "RepositoryNotFoundException" {
		t.Error(err)
	}
}

func TestCreateRepositoryRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, c := range []struct {
		what, name, want string
		tags             []types.Tag
	}{
		{"capital letters", "Shop/web", "InvalidParameterException", nil},
		{"one character", "w", "InvalidParameterException", nil},
		{"a slash at its end", "shop/", "InvalidParameterException", nil},
		{"two separators", "shop/my..web", "InvalidParameterException", nil},
		{"too long a name", strings.Repeat("w", 257), "InvalidParameterException", nil},
		{"a tag of AWS's", "shop/web", "InvalidTagParameterException", []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("1")}}},
	} {
		_, err := w.ecr.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &c.name, Tags: c.tags})
		if code(err) != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestDescribeRepositoriesFailsForAllWhereOneIsMissing(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.repository("shop/a")
	w.repository("shop/b")
	for _, c := range []struct {
		what string
		in   ecr.DescribeRepositoriesInput
		n    int
		want string
	}{
		{"both, in one answer", ecr.DescribeRepositoriesInput{RepositoryNames: []string{"shop/a", "shop/b"}}, 2, ""},
		{"one that is missing", ecr.DescribeRepositoriesInput{RepositoryNames: []string{"shop/a", "shop/gone"}}, 0, "RepositoryNotFoundException"},
		{"names and pages", ecr.DescribeRepositoriesInput{RepositoryNames: []string{"shop/a"}, MaxResults: aws.Int32(1)}, 0, "InvalidParameterException"},
		{"no names, in pages", ecr.DescribeRepositoriesInput{}, 1, ""},
	} {
		got, err := w.ecr.DescribeRepositories(t.Context(), &c.in)
		if code(err) != c.want || err == nil && len(got.Repositories) != c.n {
			t.Errorf("%s: %s %v", c.what, text(got), err)
		}
	}
}

func TestAnImageIsFoundByItsTagAndItsDigest(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("shop/web")
	w.repository(*name)
	put := func(tag, content string) (*ecr.PutImageOutput, error) {
		return w.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageTag: &tag, ImageManifest: &content})
	}
	first := must(put("1", manifest("a")))(t).Image
	if !strings.HasPrefix(*first.ImageId.ImageDigest, "sha256:") {
		t.Error(text(first))
	}
	if _, err := put("1", manifest("a")); code(err) != "ImageAlreadyExistsException" {
		t.Error(err)
	}
	must(put("latest", manifest("a")))(t)
	must(put("1", manifest("b")))(t) // the tag moves
	got := must(w.ecr.BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: name, ImageIds: []types.ImageIdentifier{
		{ImageTag: aws.String("1")}, {ImageDigest: first.ImageId.ImageDigest}, {ImageTag: aws.String("gone")},
	}}))(t)
	if len(got.Images) != 2 || *got.Images[0].ImageManifest != manifest("b") || *got.Images[1].ImageManifest != manifest("a") {
		t.Error(text(got.Images))
	}
	if len(got.Failures) != 1 || got.Failures[0].FailureCode != types.ImageFailureCodeImageNotFound {
		t.Error(text(got.Failures))
	}
	details := must(w.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: name}))(t).ImageDetails
	var tags []string
	for _, d := range details {
		tags = append(tags, strings.Join(d.ImageTags, ","))
	}
	if d := cmp.Diff([]string{"1", "latest"}, tags, cmp.Transformer("sorted", sorted)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	drop := &ecr.BatchDeleteImageInput{RepositoryName: name, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("latest")}}}
	must(w.ecr.BatchDeleteImage(ctx, drop))(t)
	if again := must(w.ecr.BatchDeleteImage(ctx, drop))(t); len(again.Failures) != 1 {
		t.Error(text(again))
	}
	if left := must(w.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: name}))(t).ImageDetails; len(left) != 1 {
		t.Error("an image stays without a tag: " + text(left))
	}
}

func sorted(list []string) []string {
	out := append([]string{}, list...)
	if len(out) == 2 && out[0] > out[1] {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

func TestAnImmutableTagStays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.repository("shop/web", "1")
	must(w.ecr.PutImageTagMutability(t.Context(), &ecr.PutImageTagMutabilityInput{
		RepositoryName: aws.String("shop/web"), ImageTagMutability: types.ImageTagMutabilityImmutable,
	}))(t)
	_, err := w.ecr.PutImage(t.Context(), &ecr.PutImageInput{
		RepositoryName: aws.String("shop/web"), ImageTag: aws.String("1"), ImageManifest: aws.String(manifest("other")),
	})
	if code(err) != "ImageTagAlreadyExistsException" {
		t.Error(err)
	}
}

func TestPutImageRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.repository("shop/web")
	for _, c := range []struct {
		what, repository, tag, manifest, digest, want string
	}{
		{"no such repository", "shop/gone", "1", manifest("a"), "", "RepositoryNotFoundException"},
		{"no JSON", "shop/web", "1", "{", "", "InvalidParameterException"},
		{"an old schema", "shop/web", "1", `{"schemaVersion":1}`, "", "InvalidParameterException"},
		{"a tag with a slash", "shop/web", "a/b", manifest("a"), "", "InvalidParameterException"},
		{"another digest", "shop/web", "1", manifest("a"), "sha256:" + strings.Repeat("0", 64), "ImageDigestDoesNotMatchException"},
		{"more than 4 MiB", "shop/web", "1", manifest(strings.Repeat("a", 4<<20)), "", "InvalidParameterException"},
	} {
		in := &ecr.PutImageInput{RepositoryName: &c.repository, ImageTag: &c.tag, ImageManifest: &c.manifest}
		if c.digest != "" {
			in.ImageDigest = &c.digest
		}
		if _, err := w.ecr.PutImage(t.Context(), in); code(err) != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestARepositoryWithImagesIsDeletedByForceAlone(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.repository("shop/web", "1")
	in := &ecr.DeleteRepositoryInput{RepositoryName: aws.String("shop/web")}
	if _, err := w.ecr.DeleteRepository(t.Context(), in); code(err) != "RepositoryNotEmptyException" {
		t.Error(err)
	}
	in.Force = true
	must(w.ecr.DeleteRepository(t.Context(), in))(t)
	w.repository("shop/web")
	if left := must(w.ecr.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: in.RepositoryName}))(t).ImageDetails; len(left) > 0 {
		t.Error("its images outlive it: " + text(left))
	}
}

func TestTheTokenOfECRIsAUserAndAPassword(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	data := must(w.ecr.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{}))(t).AuthorizationData[0]
	token, err := base64.StdEncoding.DecodeString(*data.AuthorizationToken)
	if err != nil || !strings.HasPrefix(string(token), "AWS:") || *data.ProxyEndpoint != "https://123456789012.dkr.ecr.us-east-1.amazonaws.com" {
		t.Errorf("%s for %s: %v", token, *data.ProxyEndpoint, err)
	}
}

// TestTasksRunImagesOfTheirAccount by tag and by digest, where they are.
func TestTasksRunImagesOfTheirAccount(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	uri := *w.repository("shop/web", "latest").RepositoryUri
	image := must(w.ecr.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{
		RepositoryName: aws.String("shop/web"), ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("latest")}},
	}))(t).Images[0]
	for i, reference := range []string{uri, uri + ":latest", uri + "@" + *image.ImageId.ImageDigest} {
		name := fmt.Sprintf("web%d", i)
		in := definition(name)
		in.ContainerDefinitions[0].Image = &reference
		w.register(in)
		must(w.ecs.CreateService(t.Context(), w.service(name)))(t)
		if s := w.settle(name); s.RunningCount != 1 {
			t.Errorf("%s: %s", reference, text(s.Events))
		}
	}
}

func TestImagesAreFilteredByTheirTags(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("shop")
	must(w.ecr.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: name}))(t)
	must(w.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: aws.String(manifest("a")), ImageTag: aws.String("1")}))(t)
	must(w.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: aws.String(manifest("b"))}))(t)
	for status, want := range map[types.TagStatus]int{"": 2, types.TagStatusAny: 2, types.TagStatusTagged: 1, types.TagStatusUntagged: 1} {
		in := &ecr.DescribeImagesInput{RepositoryName: name, Filter: &types.DescribeImagesFilter{TagStatus: status}}
		got := must(w.ecr.DescribeImages(ctx, in))(t).ImageDetails
		if len(got) != want || status == types.TagStatusTagged && len(got[0].ImageTags) != 1 {
			t.Errorf("%q: %s", status, text(got))
		}
	}
	_, err := w.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(1001)})
	if code(err) != "InvalidParameterException" {
		t.Error("a page of 1001:", err)
	}
}
