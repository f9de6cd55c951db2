package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// describeClusters returns the clusters of these names that exist.
func (s *session) describeClusters(ctx context.Context, names []string) ([]types.Cluster, error) {
	return s.memo.clusters.get(names, func(missing []string) (map[string]types.Cluster, error) {
		return describeClusters(ctx, s, missing)
	})
}

// projectServices returns the project's services that the tagging API knows. If
// the project's own cluster has more, it lists them, because the tags of new
// services reach the tagging API late.
func (s *session) projectServices(ctx context.Context) ([]serviceID, error) {
	tagged, err := s.tagged(ctx)
	if err != nil {
		return nil, err
	}
	ids := tagged.services()
	known := map[string]int{}
	for _, id := range ids {
		known[id.cluster]++
	}
	clusters, err := s.describeClusters(ctx, append(tagged.clusters(), s.project))
	if err != nil {
		return nil, err
	}
	for _, cluster := range clusters {
		name := text(cluster.ClusterName)
		if pairs(cluster.Tags)[plan.TagProject] != s.project || int(cluster.ActiveServicesCount) <= known[name] {
			continue
		}
		listed, err := listServices(ctx, s.ecs(), name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, listed...)
	}
	shared, err := s.sharedServices(ctx, ids)
	return unique(append(ids, shared...)), err
}

// liveServices returns the project's services that run.
func (s *session) liveServices(ctx context.Context) ([]types.Service, error) {
	ids, err := s.projectServices(ctx)
	if err != nil {
		return nil, err
	}
	return s.describeServices(ctx, ids)
}

// strangers is how many services of a shared cluster are looked at to find those
// of the project that are new: ten calls.
const strangers = 100

// sharedServices returns the project's services in a cluster that others use as
// well, apart from the known ones. If too many services could be ours, or
// reading those of others is not permitted, it relies on the tagging API, which
// learns of new services late.
func (s *session) sharedServices(ctx context.Context, known []serviceID) ([]serviceID, error) {
	if s.cluster == "" {
		return nil, nil
	}
	listed, err := listServices(ctx, s.ecs(), s.cluster)
	if is(err, "ClusterNotFound") || denied(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	listed = slices.DeleteFunc(listed, func(id serviceID) bool { return slices.Contains(known, id) })
	if len(listed) > strangers {
		return nil, nil
	}
	services, err := s.describeServices(ctx, listed)
	if denied(err) {
		return nil, nil
	}
	var ours []serviceID
	for _, service := range services {
		if pairs(service.Tags)[plan.TagProject] == s.project {
			ours = append(ours, serviceID{s.cluster, text(service.ServiceName)})
		}
	}
	return ours, err
}

func listServices(ctx context.Context, api *ecs.Client, cluster string) ([]serviceID, error) {
	arns, err := allPages(ctx,
		ecs.NewListServicesPaginator(api, &ecs.ListServicesInput{Cluster: &cluster, MaxResults: pointer(int32(100))}),
		func(page *ecs.ListServicesOutput) []string { return page.ServiceArns })
	var out []serviceID
	for _, arn := range arns {
		if id, ok := parseServiceARN(arn); ok {
			out = append(out, id)
		}
	}
	return out, err
}

// describeServices returns those of the services that run.
func (s *session) describeServices(ctx context.Context, ids []serviceID) ([]types.Service, error) {
	found, err := s.memo.services.get(ids, func(missing []serviceID) (map[serviceID]types.Service, error) {
		return s.describeMissing(ctx, missing)
	})
	return slices.DeleteFunc(found, func(found types.Service) bool { return !runs(found) }), err
}

// describeMissing describes ten services to a call, which is all that
// DescribeServices takes, and only those in clusters that exist.
func (s *session) describeMissing(ctx context.Context, ids []serviceID) (map[serviceID]types.Service, error) {
	byCluster := map[string][]string{}
	for _, id := range ids {
		byCluster[id.cluster] = append(byCluster[id.cluster], id.name)
	}
	clusters, err := s.describeClusters(ctx, slices.Sorted(maps.Keys(byCluster)))
	if err != nil {
		return nil, err
	}
	type batch struct {
		cluster  string
		services []string
	}
	var batches []batch
	for _, cluster := range clusters {
		name := text(cluster.ClusterName)
		for services := range slices.Chunk(byCluster[name], 10) {
			batches = append(batches, batch{name, services})
		}
	}
	described, err := inParallel(ctx, batches, func(ctx context.Context, b batch) ([]types.Service, error) {
		return describeServices(ctx, s.ecs(), b.cluster, b.services)
	})
	out := map[serviceID]types.Service{}
	for i, found := range described {
		for _, service := range found {
			out[serviceID{batches[i].cluster, text(service.ServiceName)}] = service
		}
	}
	return out, err
}

// describeServices describes up to ten services of a cluster with their tags. A
// service that does not exist, or whose cluster was deleted, is a failure in the
// response and not an error.
func describeServices(ctx context.Context, api *ecs.Client, cluster string, names []string) ([]types.Service, error) {
	got, err := api.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &cluster, Services: names, Include: []types.ServiceField{types.ServiceFieldTags},
	})
	if err != nil {
		return nil, unless(err, "ClusterNotFound")
	}
	for _, failure := range got.Failures {
		if reason := text(failure.Reason); reason != "MISSING" {
			return nil, fmt.Errorf("describe service %s: %s %s", text(failure.Arn), reason, text(failure.Detail))
		}
	}
	return got.Services, nil
}
