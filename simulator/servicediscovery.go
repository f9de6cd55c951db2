package simulator

import (
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// discoveryState is everything of Cloud Map. Tags are in Account.Tags; the
// instances of a service are the running tasks that belong to it.
type discoveryState struct {
	Namespaces          Table[Namespace]          `state:"servicediscovery.namespaces"` // by id
	DiscoveryServices   Table[DiscoveryService]   `state:"servicediscovery.services"`   // by id
	DiscoveryOperations Table[DiscoveryOperation] `state:"servicediscovery.operations"` // by id
}

func discoveryOperations() []operation {
	return []operation{
		write(createHTTPNamespace),
		write(createPrivateDNSNamespace),
		write(updateHTTPNamespace),
		write(updatePrivateDNSNamespace),
		read(getNamespace),
		read(listNamespaces),
		write(deleteNamespace),
		read(getDiscoveryOperation),

		write(createDiscoveryService),
		read(getDiscoveryService),
		write(updateDiscoveryService),
		read(listDiscoveryServices),
		write(deleteDiscoveryService),
		read(listInstances),

		write(discoveryTagResource),
		write(discoveryUntagResource),
		read(discoveryListTags),
	}
}

func discoveryInvalid(format string, args ...any) error {
	return &types.InvalidInput{Message: ptr(fmt.Sprintf(format, args...))}
}

// discoveryPage is page with Cloud Map's error and size: a list call without
// MaxResults answers up to 100.
func discoveryPage[T any](a *Account, items []T, place func(T) string, token *string, size *int32) ([]T, *string, error) {
	if size != nil && (*size < 1 || *size > 100) {
		return nil, nil, discoveryInvalid("MaxResults must be between 1 and 100, not %d", *size)
	}
	items, next, err := page(a, items, place, token, size, 100)
	if err != nil {
		return nil, nil, discoveryInvalid("Invalid NextToken")
	}
	return filled(items), next, nil
}

func discoveryTags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func discoveryCheckTags(have map[string]string, list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, discoveryInvalid("Duplicate tag key %q", twice)
	}
	all := maps.Clone(tags)
	maps.Copy(all, have)
	if len(all) > mostTags {
		return nil, &types.TooManyTagsException{Message: ptr(fmt.Sprintf("The resource would have %d tags, more than %d", len(all), mostTags))}
	}
	if problem := tagProblem(have, tags); problem != "" {
		return nil, discoveryInvalid("%s", problem)
	}
	return tags, nil
}

// discoveryTaggable refuses ARNs that are of no namespace or service.
func (a *Account) discoveryTaggable(arn *string) error {
	if arnService(str(arn)) != "servicediscovery" || a.Tags.Get(str(arn)) == nil {
		return &types.ResourceNotFoundException{Message: ptr("Resource not found: " + str(arn))}
	}
	return nil
}

func discoveryTagResource(
	a *Account, in *servicediscovery.TagResourceInput,
) (*servicediscovery.TagResourceOutput, error) {
	if err := a.discoveryTaggable(in.ResourceARN); err != nil {
		return nil, err
	}
	tags, err := discoveryCheckTags(a.tagsOf(*in.ResourceARN), in.Tags)
	if err != nil {
		return nil, err
	}
	a.tag(*in.ResourceARN, tags)
	return &servicediscovery.TagResourceOutput{}, nil
}

func discoveryUntagResource(
	a *Account, in *servicediscovery.UntagResourceInput,
) (*servicediscovery.UntagResourceOutput, error) {
	if err := a.discoveryTaggable(in.ResourceARN); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceARN, in.TagKeys)
	return &servicediscovery.UntagResourceOutput{}, nil
}

func discoveryListTags(
	a *Account, in *servicediscovery.ListTagsForResourceInput,
) (*servicediscovery.ListTagsForResourceOutput, error) {
	if err := a.discoveryTaggable(in.ResourceARN); err != nil {
		return nil, err
	}
	return &servicediscovery.ListTagsForResourceOutput{Tags: discoveryTags(a.tagsOf(*in.ResourceARN))}, nil
}
