package resource

import (
	"context"
	"slices"
	"strings"
	"sync"

	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// cache is what Facts and Read share.
type cache struct {
	tagged   kept[hits]
	groups   kept[[]ec2types.SecurityGroup]
	clusters looked[string, ecstypes.Cluster]
	services looked[serviceID, ecstypes.Service]
}

// kept holds what read returned the first time it succeeded.
type kept[T any] struct {
	mu    sync.Mutex
	known bool
	value T
}

func (c *kept[T]) get(read func() (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known {
		return c.value, nil
	}
	value, err := read()
	if err == nil {
		c.value, c.known = value, true
	}
	return value, err
}

// looked holds things by their names, and which names have none.
type looked[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]*V
}

// get returns what has these names, in their order. read is asked for the names
// that were not asked for before.
func (c *looked[K, V]) get(names []K, read func(missing []K) (map[K]V, error)) ([]V, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names = unique(names)
	missing := slices.DeleteFunc(slices.Clone(names), func(name K) bool { _, ok := c.known[name]; return ok })
	if len(missing) > 0 {
		found, err := read(missing)
		if err != nil {
			return nil, err
		}
		c.keep(missing, found)
	}
	var out []V
	for _, name := range names {
		if v := c.known[name]; v != nil {
			out = append(out, *v)
		}
	}
	return out, nil
}

func (c *looked[K, V]) keep(names []K, found map[K]V) {
	if c.known == nil {
		c.known = map[K]*V{}
	}
	for _, name := range names {
		c.known[name] = nil
		if v, ok := found[name]; ok {
			c.known[name] = &v
		}
	}
}

// unique keeps the first of each.
func unique[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	var out []T
	for _, item := range list {
		if !seen[item] {
			seen[item] = true
			out = append(out, item)
		}
	}
	return out
}

// hits are ARNs that the tagging API knows of the project. It lags behind, in
// both directions, so that each is looked at before it is believed.
type hits []string

type taggingAPI interface{ tagging.GetResourcesAPIClient }

// tagged asks the tagging API. Security groups and roles are found by other
// means, see securityGroups.tagged and roles.list.
func (a *Account) tagged(ctx context.Context) (hits, error) {
	return a.cache.tagged.get(func() (hits, error) { return listTagged(ctx, a.tagging, a.project) })
}

func listTagged(ctx context.Context, api taggingAPI, project string) (hits, error) {
	var out hits
	key := plan.TagProject
	pages := tagging.NewGetResourcesPaginator(api, &tagging.GetResourcesInput{
		TagFilters:          []tagtypes.TagFilter{{Key: &key, Values: []string{project}}},
		ResourceTypeFilters: []string{"ecs:service", "ecs:cluster", "logs:log-group"},
		ResourcesPerPage:    pointer(int32(100)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, hit := range page.ResourceTagMappingList {
			out = append(out, text(hit.ResourceARN))
		}
	}
	return out, nil
}

// of returns the resource parts of the ARNs of a service that begin with prefix,
// without it.
func (h hits) of(service, prefix string) []string {
	var out []string
	for _, hit := range h {
		arn, err := awsarn.Parse(hit)
		if err != nil || arn.Service != service {
			continue
		}
		if name, ok := strings.CutPrefix(arn.Resource, prefix); ok {
			out = append(out, name)
		}
	}
	return out
}

func (h hits) clusters() []string { return h.of("ecs", "cluster/") }

func (h hits) logGroups() []string {
	return each(h.of("logs", "log-group:"), func(name string) string { return strings.TrimSuffix(name, ":*") })
}

func (h hits) services() []serviceID {
	var out []serviceID
	for _, hit := range h {
		if id, ok := parseServiceARN(hit); ok {
			out = append(out, id)
		}
	}
	return out
}

// groups are the security groups of the project.
func (a *Account) groups(ctx context.Context) ([]ec2types.SecurityGroup, error) {
	return a.cache.groups.get(func() ([]ec2types.SecurityGroup, error) { return a.securityGroups().tagged(ctx) })
}
