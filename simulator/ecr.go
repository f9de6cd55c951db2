package simulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

type ecrState struct {
	Repositories Table[Repository]      `state:"ecr.repositories"` // by name
	Images       Table[RepositoryImage] `state:"ecr.images"`       // by REPOSITORY@DIGEST
}

// Repository is a repository with what is read by calls of their own.
type Repository struct {
	types.Repository
	Lifecycle string // JSON; "": none
}

// RepositoryImage is an image of a repository.
type RepositoryImage struct {
	Repository string
	Digest     string
	Tags       []string
	Manifest   string
	MediaType  string
	Pushed     time.Time
}

func ecrOperations() []operation {
	return slices.Concat([]operation{
		write(createRepository),
		read(describeRepositories),
		write(deleteRepository),
		write(putLifecyclePolicy),
		read(getLifecyclePolicy),
		write(deleteLifecyclePolicy),
		write(putImageScanningConfiguration),
		write(putImageTagMutability),
		read(getAuthorizationToken),
		write(ecrTagResource),
		write(ecrUntagResource),
		read(ecrListTags),
	}, imageOperations())
}

// repositoryName is what CreateRepository takes (API model).
var repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

func ecrInvalid(format string, args ...any) error {
	return &types.InvalidParameterException{Message: ptr(fmt.Sprintf(format, args...))}
}

func (a *Account) repository(name *string) (*Repository, error) {
	if r := a.Repositories.Get(str(name)); r != nil {
		return r, nil
	}
	return nil, &types.RepositoryNotFoundException{Message: ptr(fmt.Sprintf(
		"The repository with name '%s' does not exist in the registry with id '%s'", str(name), a.Account))}
}

func createRepository(a *Account, in *ecr.CreateRepositoryInput) (*ecr.CreateRepositoryOutput, error) {
	name := *in.RepositoryName
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	problem := tagProblem(nil, tags)
	switch {
	case !repositoryName.MatchString(name) || len(name) < 2 || len(name) > 256:
		return nil, ecrInvalid("Invalid parameter at 'repositoryName' failed to satisfy constraint: "+
			"'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'': %q", name)
	case a.Repositories.Get(name) != nil:
		return nil, &types.RepositoryAlreadyExistsException{Message: ptr(fmt.Sprintf(
			"The repository with name '%s' already exists in the registry with id '%s'", name, a.Account))}
	case twice != "" || problem != "":
		return nil, &types.InvalidTagParameterException{Message: ptr(twice + problem)}
	}
	arn := a.arn("ecr", "repository/"+name)
	r := types.Repository{
		RepositoryName: &name, RepositoryArn: &arn, RegistryId: &a.Account, CreatedAt: a.now(),
		RepositoryUri:              ptr(a.registry() + "/" + name),
		ImageTagMutability:         in.ImageTagMutability,
		ImageScanningConfiguration: in.ImageScanningConfiguration,
		EncryptionConfiguration:    in.EncryptionConfiguration,
	}
	if r.ImageTagMutability == "" {
		r.ImageTagMutability = types.ImageTagMutabilityMutable
	}
	if r.ImageScanningConfiguration == nil {
		r.ImageScanningConfiguration = &types.ImageScanningConfiguration{}
	}
	if r.EncryptionConfiguration == nil {
		r.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256}
	}
	a.Repositories.Put(name, Repository{Repository: r})
	a.bear(arn, tags)
	return &ecr.CreateRepositoryOutput{Repository: &r}, nil
}

// registry is the host name of the account's registry.
func (a *Account) registry() string {
	suffix := "amazonaws.com"
	if a.Partition == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	return a.Account + ".dkr.ecr." + a.Region + "." + suffix
}

func describeRepositories(a *Account, in *ecr.DescribeRepositoriesInput) (*ecr.DescribeRepositoriesOutput, error) {
	var all []types.Repository
	for _, name := range in.RepositoryNames {
		if _, err := a.repository(&name); err != nil {
			return nil, err
		}
	}
	switch named := len(in.RepositoryNames) > 0; {
	case len(in.RepositoryNames) > 100:
		return nil, ecrInvalid("repositoryNames has at most 100 items.")
	case named && (in.NextToken != nil || in.MaxResults != nil):
		return nil, ecrInvalid("nextToken and maxResults cannot be used with repositoryNames.")
	case named: // in one answer
		for _, name := range in.RepositoryNames {
			all = append(all, a.Repositories.Get(name).Repository)
		}
		return &ecr.DescribeRepositoriesOutput{Repositories: all}, nil
	}
	for _, r := range a.Repositories.All() {
		all = append(all, r.Repository)
	}
	list, next, err := ecrPage(a, all, func(r types.Repository) string { return *r.RepositoryName }, in.NextToken, in.MaxResults)
	return &ecr.DescribeRepositoriesOutput{Repositories: list, NextToken: next}, err
}

// ecrPage is page with ECR's errors and sizes (API reference, DescribeRepositories and
// DescribeImages, maxResults: "between 1 and 1000", 100 unless told).
func ecrPage[T any](a *Account, items []T, place func(T) string, token *string, size *int32) ([]T, *string, error) {
	if size != nil && (*size < 1 || *size > 1000) {
		return nil, nil, ecrInvalid("Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must be between 1 and 1000'")
	}
	list, next, err := page(a, items, place, token, size, 100)
	if err != nil {
		return nil, nil, ecrInvalid("Invalid parameter at 'nextToken'.")
	}
	return list, next, nil
}

func deleteRepository(a *Account, in *ecr.DeleteRepositoryInput) (*ecr.DeleteRepositoryOutput, error) {
	r, err := a.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	images := a.imagesOf(*r.RepositoryName)
	if len(images) > 0 && !in.Force {
		return nil, &types.RepositoryNotEmptyException{Message: ptr(fmt.Sprintf(
			"The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", *r.RepositoryName, a.Account))}
	}
	for _, image := range images {
		a.Images.Delete(image.Repository + "@" + image.Digest)
	}
	out := r.Repository
	a.Tags.Delete(*r.RepositoryArn)
	a.Repositories.Delete(*r.RepositoryName)
	return &ecr.DeleteRepositoryOutput{Repository: &out}, nil
}

func putLifecyclePolicy(a *Account, in *ecr.PutLifecyclePolicyInput) (*ecr.PutLifecyclePolicyOutput, error) {
	r, err := a.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	var parsed struct {
		Rules []struct {
			RulePriority int            `json:"rulePriority"`
			Selection    map[string]any `json:"selection"`
			Action       map[string]any `json:"action"`
		} `json:"rules"`
	}
	if json.Unmarshal([]byte(*in.LifecyclePolicyText), &parsed) != nil || len(parsed.Rules) == 0 {
		return nil, ecrInvalid("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'")
	}
	for _, rule := range parsed.Rules {
		if rule.RulePriority < 1 || rule.Selection["tagStatus"] == nil || rule.Action["type"] == nil {
			return nil, ecrInvalid("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'")
		}
	}
	a.Repositories.Edit(*r.RepositoryName).Lifecycle = *in.LifecyclePolicyText
	return &ecr.PutLifecyclePolicyOutput{LifecyclePolicyText: in.LifecyclePolicyText, RepositoryName: in.RepositoryName, RegistryId: &a.Account}, nil
}

func (a *Account) lifecyclePolicy(name *string) (*Repository, error) {
	r, err := a.repository(name)
	if err == nil && r.Lifecycle == "" {
		return nil, &types.LifecyclePolicyNotFoundException{Message: ptr(fmt.Sprintf(
			"Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", *name, a.Account))}
	}
	return r, err
}

func getLifecyclePolicy(a *Account, in *ecr.GetLifecyclePolicyInput) (*ecr.GetLifecyclePolicyOutput, error) {
	r, err := a.lifecyclePolicy(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	return &ecr.GetLifecyclePolicyOutput{LifecyclePolicyText: &r.Lifecycle, RepositoryName: in.RepositoryName, RegistryId: &a.Account}, nil
}

func deleteLifecyclePolicy(a *Account, in *ecr.DeleteLifecyclePolicyInput) (*ecr.DeleteLifecyclePolicyOutput, error) {
	r, err := a.lifecyclePolicy(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	a.Repositories.Edit(*r.RepositoryName).Lifecycle = ""
	return &ecr.DeleteLifecyclePolicyOutput{RepositoryName: in.RepositoryName, RegistryId: &a.Account}, nil
}

func putImageScanningConfiguration(
	a *Account, in *ecr.PutImageScanningConfigurationInput,
) (*ecr.PutImageScanningConfigurationOutput, error) {
	if _, err := a.repository(in.RepositoryName); err != nil {
		return nil, err
	}
	a.Repositories.Edit(*in.RepositoryName).ImageScanningConfiguration = in.ImageScanningConfiguration
	return &ecr.PutImageScanningConfigurationOutput{RepositoryName: in.RepositoryName, ImageScanningConfiguration: in.ImageScanningConfiguration}, nil
}

func putImageTagMutability(a *Account, in *ecr.PutImageTagMutabilityInput) (*ecr.PutImageTagMutabilityOutput, error) {
	if _, err := a.repository(in.RepositoryName); err != nil {
		return nil, err
	}
	a.Repositories.Edit(*in.RepositoryName).ImageTagMutability = in.ImageTagMutability
	return &ecr.PutImageTagMutabilityOutput{RepositoryName: in.RepositoryName, ImageTagMutability: in.ImageTagMutability}, nil
}

// getAuthorizationToken gives a password that opens nothing: there is no
// registry behind the simulator.
func getAuthorizationToken(a *Account, _ *ecr.GetAuthorizationTokenInput) (*ecr.GetAuthorizationTokenOutput, error) {
	return &ecr.GetAuthorizationTokenOutput{AuthorizationData: []types.AuthorizationData{{
		AuthorizationToken: ptr(base64.StdEncoding.EncodeToString([]byte("AWS:simulated"))),
		ProxyEndpoint:      ptr("https://" + a.registry()), ExpiresAt: ptr(a.now().Add(12 * time.Hour)),
	}}}, nil
}

func (a *Account) taggedRepository(arn *string) error {
	if a.Tags.Get(str(arn)) == nil || arnService(*arn) != "ecr" {
		return &types.RepositoryNotFoundException{Message: ptr("The repository " + str(arn) + " does not exist.")}
	}
	return nil
}

func ecrTagResource(a *Account, in *ecr.TagResourceInput) (*ecr.TagResourceOutput, error) {
	if err := a.taggedRepository(in.ResourceArn); err != nil {
		return nil, err
	}
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if problem := twice + tagProblem(a.tagsOf(*in.ResourceArn), tags); problem != "" {
		return nil, &types.InvalidTagParameterException{Message: &problem}
	}
	a.tag(*in.ResourceArn, tags)
	return &ecr.TagResourceOutput{}, nil
}

func ecrUntagResource(a *Account, in *ecr.UntagResourceInput) (*ecr.UntagResourceOutput, error) {
	if err := a.taggedRepository(in.ResourceArn); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceArn, in.TagKeys)
	return &ecr.UntagResourceOutput{}, nil
}

func ecrListTags(a *Account, in *ecr.ListTagsForResourceInput) (*ecr.ListTagsForResourceOutput, error) {
	if err := a.taggedRepository(in.ResourceArn); err != nil {
		return nil, err
	}
	tags := tagList(a.tagsOf(*in.ResourceArn), func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
	return &ecr.ListTagsForResourceOutput{Tags: tags}, nil
}

// ownImage says whether an image reference is to a repository of this account,
// and to which image there; nil where it is not there.
func (a *Account) ownImage(reference string) (own bool, image *RepositoryImage) {
	rest, own := strings.CutPrefix(reference, a.registry()+"/")
	if !own {
		return false, nil
	}
	if name, digest, pinned := strings.Cut(rest, "@"); pinned {
		return true, a.Images.Get(name + "@" + digest)
	}
	name, tag, tagged := strings.Cut(rest, ":")
	if !tagged {
		tag = "latest"
	}
	for _, image := range a.imagesOf(name) {
		if slices.Contains(image.Tags, tag) {
			return true, image
		}
	}
	return true, nil
}
