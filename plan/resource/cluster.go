package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// clusterKind defines ECS clusters.
var clusterKind = kind[spec.Cluster]{
	row: row{
		kind: spec.ClusterKind, noun: "cluster", tagged: "ecs:cluster",
		reads: []string{"ecs:DescribeClusters"},
		writes: []string{
			"ecs:CreateCluster", "ecs:DeleteCluster", "ecs:PutClusterCapacityProviders", "ecs:TagResource", "ecs:UntagResource",
			"ecs:UpdateClusterSettings",
		},
	},
	id:   "name",
	name: func(s *spec.Cluster) string { return s.ClusterName },
	tags: func(s *spec.Cluster) *[]spec.Tag { return &s.Tags },

	find: findClusters,
	list: listClusters,

	// CreateCluster returns an existing cluster of that name, whoever owns it.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		return findClusters(ctx, a, []string{want.Spec.(*spec.Cluster).ClusterName})
	},
	create: createCluster,
	ready:  activeCluster,
	update: updateCluster,
	tag:    tagECS,
	untag:  untagECS,

	delete: deleteCluster,
	gone:   []string{"ClusterNotFound"},
}

// listClusters shares its result with other code that reads clusters.
func listClusters(ctx context.Context, r *reading) ([]candidate, error) {
	names := append(r.tagged.clusters(), r.project)
	for _, want := range r.wanted(spec.ClusterKind) {
		names = append(names, want.Spec.(*spec.Cluster).ClusterName)
	}
	found, err := r.describeClusters(ctx, names)
	return each(found, clusterCandidate), err
}

func findClusters(ctx context.Context, a *session, names []string) ([]candidate, error) {
	found, err := describeClusters(ctx, a, names)
	return each(slices.Collect(maps.Values(found)), clusterCandidate), err
}

// describeClusters returns the clusters that exist by name. An INACTIVE one may stay
// visible for a while and counts as gone (DescribeClusters, field status).
func describeClusters(ctx context.Context, a *session, names []string) (map[string]types.Cluster, error) {
	out := map[string]types.Cluster{}
	for batch := range slices.Chunk(names, 100) {
		page, err := a.ecs().DescribeClusters(ctx, &ecs.DescribeClustersInput{
			Clusters: batch,
			Include: []types.ClusterField{
				types.ClusterFieldTags, types.ClusterFieldSettings, types.ClusterFieldConfigurations,
			},
		})
		if err != nil {
			return nil, err
		}
		for _, cluster := range page.Clusters {
			if text(cluster.Status) != "INACTIVE" && text(cluster.Status) != "DEPROVISIONING" {
				out[text(cluster.ClusterName)] = cluster
			}
		}
	}
	return out, nil
}

func clusterCandidate(cluster types.Cluster) candidate {
	s := clusterSpec(cluster)
	s.Tags = spec.Tags(pairs(cluster.Tags))
	return candidate{
		Resource: liveResource(spec.ClusterKind, s, clusterAttrs(cluster), pairs(cluster.Tags), unmanaged(cluster)),
		id:       s.ClusterName, name: s.ClusterName,
	}
}

func clusterAttrs(cluster types.Cluster) plan.Attrs {
	return plan.Attrs{"arn": text(cluster.ClusterArn), "name": text(cluster.ClusterName)}
}

func clusterSpec(cluster types.Cluster) *spec.Cluster {
	s := &spec.Cluster{
		ClusterName:       text(cluster.ClusterName),
		CapacityProviders: cluster.CapacityProviders,
	}
	for _, setting := range cluster.Settings {
		if setting.Name == types.ClusterSettingNameContainerInsights {
			s.ContainerInsights = text(setting.Value)
		}
	}
	return s
}

func clusterSettings(s *spec.Cluster) []types.ClusterSetting {
	if s.ContainerInsights == "" {
		return nil
	}
	return []types.ClusterSetting{{
		Name: types.ClusterSettingNameContainerInsights, Value: &s.ContainerInsights,
	}}
}

func createCluster(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.Cluster)
	return s.ClusterName, whileClusterIsBusy(ctx, a, func() error {
		return onlyError(a.ecs().CreateCluster(ctx, &ecs.CreateClusterInput{
			ClusterName:       &s.ClusterName,
			CapacityProviders: s.CapacityProviders,
			Settings:          clusterSettings(s),
			Tags:              pairList[types.Tag](tags),
		}))
	})
}

// activeCluster returns a new cluster when services can run in it.
func activeCluster(ctx context.Context, a *session, _ *plan.Resource, name string) ([]candidate, error) {
	found, err := describeClusters(ctx, a, []string{name})
	if err != nil {
		return nil, err
	}
	switch cluster := found[name]; text(cluster.Status) {
	case "ACTIVE":
		return []candidate{clusterCandidate(cluster)}, nil
	case "FAILED":
		return nil, fmt.Errorf("the capacity providers of cluster %s could not be set up", name)
	default:
		return nil, plan.ErrNotFound
	}
}

func updateCluster(ctx context.Context, a *session, c change[spec.Cluster]) error {
	if c.to.ContainerInsights != "" && c.to.ContainerInsights != c.from.ContainerInsights {
		_, err := a.ecs().UpdateClusterSettings(ctx, &ecs.UpdateClusterSettingsInput{
			Cluster: &c.to.ClusterName, Settings: clusterSettings(c.to),
		})
		if err != nil {
			return err
		}
	}
	if same(c.from.CapacityProviders, c.to.CapacityProviders) {
		return nil
	}
	return putCapacityProviders(ctx, a, c.to)
}

// putCapacityProviders sets the capacity providers and leaves the default strategy as it
// is: the call takes both and removes what it is not given.
func putCapacityProviders(ctx context.Context, a *session, to *spec.Cluster) error {
	found, err := describeClusters(ctx, a, []string{to.ClusterName})
	if err != nil {
		return err
	}
	strategy := found[to.ClusterName].DefaultCapacityProviderStrategy
	if strategy == nil {
		strategy = []types.CapacityProviderStrategyItem{}
	}
	providers := to.CapacityProviders
	if providers == nil {
		providers = []string{}
	}
	return whileClusterIsBusy(ctx, a, func() error {
		return onlyError(a.ecs().PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
			Cluster:                         &to.ClusterName,
			CapacityProviders:               providers,
			DefaultCapacityProviderStrategy: strategy,
		}))
	})
}

// whileClusterIsBusy repeats a call while ECS is still busy with the one before it, or with
// making its service linked role, which the first cluster of an account needs.
func whileClusterIsBusy(ctx context.Context, a *session, call func() error) error {
	return retryWhile(ctx, a.poll, deleteTime, func(err error) bool {
		return is(err, "UpdateInProgress", "ClusterContainsTasks") || says(err, "service linked role")
	}, call)
}

func deleteCluster(ctx context.Context, a *session, live *plan.Resource) error {
	return whileClusterIsBusy(ctx, a, func() error {
		return onlyError(a.ecs().DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: pointer(live.Attrs["name"])}))
	})
}
