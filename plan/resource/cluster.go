package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// clusters is the kind of ECS clusters.
type clusters struct{ *session }

// describe returns the clusters that exist by name. An INACTIVE one may stay
// visible for a while and counts as gone (DescribeClusters, field status).
func (k clusters) describe(ctx context.Context, names []string) (map[string]types.Cluster, error) {
	out := map[string]types.Cluster{}
	for batch := range slices.Chunk(names, 100) {
		page, err := k.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{
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
	s.Tags = spec.Tags(ecsTagMap(cluster.Tags))
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.ClusterKind},
			Spec:      normal(spec.ClusterKind, s),
			Attrs:     clusterAttrs(cluster),
			Tags:      ecsTagMap(cluster.Tags),
			Unmanaged: unmanaged(cluster),
		},
		id: s.ClusterName, name: s.ClusterName,
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

// clusterIdentity is the name of the cluster that r means.
func clusterIdentity(r *plan.Resource) string {
	if name := r.Attrs["name"]; name != "" {
		return name
	}
	return r.Spec.(*spec.Cluster).ClusterName
}

func (k clusters) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	name := clusterIdentity(r)
	found, err := k.describe(ctx, []string{name})
	if err != nil {
		return nil, err
	}
	cluster, ok := found[name]
	if !ok {
		return nil, plan.ErrNotFound
	}
	live := clusterCandidate(cluster).Resource
	live.Address = r.Address
	return live, nil
}

func (k clusters) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.Cluster)
	// CreateCluster answers with the cluster of that name that exists, whosever
	// it is, so that one has to look before.
	live, err := k.Read(ctx, want)
	if err == nil {
		return k.take(ctx, live, want)
	}
	if !errors.Is(err, plan.ErrNotFound) {
		return nil, err
	}
	var made *ecs.CreateClusterOutput
	err = k.settled(ctx, func() error {
		made, err = k.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{
			ClusterName:       &s.ClusterName,
			CapacityProviders: s.CapacityProviders,
			Settings:          clusterSettings(s),
			Tags:              ecsTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash})),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return clusterAttrs(*made.Cluster), k.active(ctx, s.ClusterName)
}

// active waits until a new cluster takes services.
func (k clusters) active(ctx context.Context, name string) error {
	_, err := appears(ctx, k.poll, func() (types.Cluster, error) {
		found, err := k.describe(ctx, []string{name})
		if err != nil {
			return types.Cluster{}, err
		}
		switch cluster := found[name]; text(cluster.Status) {
		case "ACTIVE":
			return cluster, nil
		case "FAILED":
			return cluster, fmt.Errorf("the capacity providers of cluster %s could not be set up", name)
		default:
			return cluster, plan.ErrNotFound
		}
	})
	return err
}

func (k clusters) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "cluster "+live.Attrs["name"])
	}
	from := live.Spec.(*spec.Cluster)
	from.Tags = common(from.Tags, want.Spec.(*spec.Cluster).Tags)
	return k.Update(ctx, live, want, false)
}

func (k clusters) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Cluster), want.Spec.(*spec.Cluster)
	if to.ContainerInsights != "" && to.ContainerInsights != from.ContainerInsights {
		_, err := k.ecs.UpdateClusterSettings(ctx, &ecs.UpdateClusterSettingsInput{
			Cluster: &to.ClusterName, Settings: clusterSettings(to),
		})
		if err != nil {
			return nil, err
		}
	}
	if !same(from.CapacityProviders, to.CapacityProviders) {
		if err := k.putProviders(ctx, to); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagECS(ctx, k.ecs, live.Attrs["arn"], tags)
}

// putProviders sets the capacity providers and leaves the default strategy as it
// is: the call takes both and removes what it is not given.
func (k clusters) putProviders(ctx context.Context, to *spec.Cluster) error {
	found, err := k.describe(ctx, []string{to.ClusterName})
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
	return k.settled(ctx, func() error {
		_, err := k.ecs.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
			Cluster:                         &to.ClusterName,
			CapacityProviders:               providers,
			DefaultCapacityProviderStrategy: strategy,
		})
		return err
	})
}

// settled repeats a call while ECS is still busy with the one before it, or with
// making its service linked role, which the first cluster of an account needs.
func (k clusters) settled(ctx context.Context, call func() error) error {
	deadline := time.Now().Add(deleteTime)
	for {
		err := call()
		busy := is(err, "UpdateInProgress", "ClusterContainsTasks") || says(err, "service linked role")
		if err == nil || !busy || time.Now().After(deadline) {
			return err
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

// deleteTime bounds the waiting for what has to go before something else can:
// tasks before their cluster, network interfaces before their security group.
const deleteTime = 10 * time.Minute

func (k clusters) Delete(ctx context.Context, live *plan.Resource) error {
	name := clusterIdentity(live)
	err := k.settled(ctx, func() error {
		_, err := k.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: &name})
		return err
	})
	if is(err, "ClusterNotFound") {
		return nil
	}
	return err
}
