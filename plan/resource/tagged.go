package resource

import (
	"context"
	"fmt"
	"strings"

	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// taggedResources are the project's resources according to the tagging API. It
// lags behind, both for new and for deleted resources, so each one is read
// before it is used.
type taggedResources []taggedResource

type taggedResource struct {
	arn  string
	tags map[string]string
}

// elbTypes are all types of Elastic Load Balancing: GetResources takes a service
// alone, and how it spells listeners and rules is not documented.
const elbTypes = "elasticloadbalancing"

// tagged asks the tagging API. Security groups and roles are found by other
// means, see ownSecurityGroups and rolesInPath.
func (s *session) tagged(ctx context.Context) (taggedResources, error) {
	return s.memo.tagged.get(func() (taggedResources, error) {
		found, err := byTags(ctx, s.tagging(), s.taggedTypes, tagFilter(plan.TagProject, s.project))
		if err != nil {
			return nil, fmt.Errorf("find the project's resources by their tags: %w", brief(err))
		}
		return found, nil
	})
}

func tagFilter(key, value string) tagtypes.TagFilter {
	return tagtypes.TagFilter{Key: &key, Values: []string{value}}
}

func byTags(ctx context.Context, api *tagging.Client, resourceTypes []string, filters ...tagtypes.TagFilter) (taggedResources, error) {
	found, err := allPages(ctx, tagging.NewGetResourcesPaginator(api, &tagging.GetResourcesInput{
		TagFilters:          filters,
		ResourceTypeFilters: resourceTypes,
		ResourcesPerPage:    pointer(int32(100)),
	}), func(page *tagging.GetResourcesOutput) []tagtypes.ResourceTagMapping {
		return page.ResourceTagMappingList
	})
	return each(found, func(m tagtypes.ResourceTagMapping) taggedResource {
		return taggedResource{text(m.ResourceARN), pairs(m.Tags)}
	}), err
}

// of returns the resource parts of the ARNs of a service that begin with prefix,
// without it.
func (h taggedResources) of(service, prefix string) []string {
	var out []string
	for _, taggedResource := range h {
		arn, err := awsarn.Parse(taggedResource.arn)
		if err != nil || arn.Service != service {
			continue
		}
		if name, ok := strings.CutPrefix(arn.Resource, prefix); ok {
			out = append(out, name)
		}
	}
	return out
}

func (h taggedResources) clusters() []string { return h.of("ecs", "cluster/") }

// loadBalancers are the names in loadbalancer/app/NAME/ID and
// loadbalancer/net/NAME/ID. The ARN of a classic load balancer has no ID, and
// gateway load balancers are not supported.
func (h taggedResources) loadBalancers() []string {
	var out []string
	for _, resource := range h.of("elasticloadbalancing", "loadbalancer/") {
		parts := strings.Split(resource, "/")
		if len(parts) == 3 && (parts[0] == "app" || parts[0] == "net") {
			out = append(out, parts[1])
		}
	}
	return out
}

func (h taggedResources) targetGroups() []string {
	return each(h.of("elasticloadbalancing", "targetgroup/"), func(resource string) string {
		name, _, _ := strings.Cut(resource, "/")
		return name
	})
}

// arns are the ARNs that have part in them.
func (h taggedResources) arns(part string) []string {
	var out []string
	for _, taggedResource := range h {
		if strings.Contains(taggedResource.arn, part) {
			out = append(out, taggedResource.arn)
		}
	}
	return out
}

func (h taggedResources) services() []serviceID {
	var out []serviceID
	for _, taggedResource := range h {
		if id, ok := parseServiceARN(taggedResource.arn); ok {
			out = append(out, id)
		}
	}
	return out
}
