package simulator

import (
	"fmt"
	"slices"
	"strings"

	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

func taggingOperations() []operation {
	return []operation{read(getResources)}
}

// getResources finds objects by their tags. It does not know IAM roles, which
// AWS's does not either, nor objects that have no tags.
func getResources(a *Account, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	if err := checkGetResources(in); err != nil {
		return nil, err
	}
	list, next, err := a.resourcesFrom(in)
	if err != nil {
		return nil, taggingInvalid("The PaginationToken is not valid")
	}
	// The last page has an empty token rather than none.
	return &tagging.GetResourcesOutput{ResourceTagMappingList: filled(list), PaginationToken: orElse(next, "")}, nil
}

// resourcesFrom is a page of what a call asks for. Its token names the object after
// which it begins, so that all pages together look at each of them once.
func (a *Account) resourcesFrom(in *tagging.GetResourcesInput) (list []types.ResourceTagMapping, next *string, err error) {
	arns := a.Tags.keys()
	last, err := parseToken(in.PaginationToken)
	if err != nil {
		return nil, nil, errToken
	}
	at, known := slices.BinarySearch(arns, last)
	if known {
		at++
	}
	size := int(val(orElse(in.ResourcesPerPage, 100)))
	if a.PageSize > 0 {
		size = min(size, a.PageSize)
	}
	for i := at; i < len(arns) && next == nil; i++ {
		arn := arns[i]
		tags := a.indexed(arn)
		switch {
		case len(tags) == 0 || !a.tagsAreListed(arn) || !matchesResource(in, arn, tags):
		case len(list) == size:
			next = ptr(pageToken(arns[i-1]))
		default:
			list = append(list, types.ResourceTagMapping{ResourceARN: &arn, Tags: taggingTags(tags)})
		}
	}
	return list, next, nil
}

// tagsAreListed tells whether the tagging API knows objects of that service at
// all: roles never, hosted zones only where Route 53 has its home.
func (a *Account) tagsAreListed(arn string) bool {
	switch arnService(arn) {
	case "iam":
		return false
	case "route53":
		return a.Region == "us-east-1"
	}
	return true
}

func emptyIsNil(s *string) *string {
	if str(s) == "" {
		return nil
	}
	return s
}

func taggingTags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func taggingInvalid(format string, args ...any) error {
	return &types.InvalidParameterException{Message: ptr(fmt.Sprintf(format, args...))}
}

func checkGetResources(in *tagging.GetResourcesInput) error {
	switch {
	case len(in.ResourceARNList) > 0 && (len(in.TagFilters) > 0 || len(in.ResourceTypeFilters) > 0):
		return taggingInvalid("ResourceARNList cannot be used with TagFilters or ResourceTypeFilters")
	case in.ResourcesPerPage != nil && (*in.ResourcesPerPage < 1 || *in.ResourcesPerPage > 100):
		return taggingInvalid("ResourcesPerPage must be between 1 and 100")
	case len(in.TagFilters) > 50:
		return taggingInvalid("TagFilters must have at most 50 items")
	}
	return nil
}

// matchesType passes a service, a type and, for load balancers and what belongs
// to them, a type with the kind of load balancer: elasticloadbalancing:listener/app
// (Resource Explorer lists those; that plain types are known too is seen in use).
func matchesType(filter, arn string) bool {
	service, resource := arnParts(arn)
	return filter == arnType(arn) || strings.HasPrefix(arnType(arn), filter+":") ||
		service == "elasticloadbalancing" && strings.HasPrefix(service+":"+resource, filter+"/")
}

// matchesResource passes what matches every tag filter and any type filter. A
// type filter may name a service alone.
func matchesResource(in *tagging.GetResourcesInput, arn string, tags map[string]string) bool {
	if len(in.ResourceARNList) > 0 && !slices.Contains(in.ResourceARNList, arn) {
		return false
	}
	if len(in.ResourceTypeFilters) > 0 && !slices.ContainsFunc(in.ResourceTypeFilters, func(filter string) bool {
		return matchesType(filter, arn)
	}) {
		return false
	}
	for _, f := range in.TagFilters {
		value, tagged := tags[str(f.Key)]
		if !tagged || len(f.Values) > 0 && !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}
