package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// findCluster finds the cluster that the services are to run in. It is not ours
// to change: what it lacks is for the user to add.
func (a *Account) findCluster(ctx context.Context, where plan.Facts, needs plan.Lookups, out *found) error {
	const key = "x-fargate.cluster"
	if needs.Cluster == "" {
		return nil
	}
	if err := elsewhere(where, key, needs.Cluster); err != nil {
		return err
	}
	clusters, err := a.describeClusters(ctx, []string{clusterName(needs.Cluster)})
	if err != nil {
		return fmt.Errorf("look for the cluster of %s: %w", key, brief(err))
	}
	if len(clusters) == 0 {
		return misnamed(key, "names %q, and there is no active cluster of this name or ARN in %s", needs.Cluster, a.region)
	}
	cluster := clusters[0]
	switch status := text(cluster.Status); {
	case pairs(cluster.Tags)[plan.TagProject] == a.project:
		return misnamed(key, "names %q, which is this project's own cluster: leave the key out", needs.Cluster)
	case status != "ACTIVE":
		return misnamed(key, "names %q, which is %s: only an ACTIVE cluster accepts services", needs.Cluster, status)
	case !slices.Contains(cluster.CapacityProviders, "FARGATE"):
		return misnamed(key, "names %q, which lacks the capacity provider FARGATE: add it with\n  %s", needs.Cluster, a.addFargate(cluster))
	case needs.Spare && !slices.Contains(cluster.CapacityProviders, "FARGATE_SPOT"):
		return misnamed(key, "names %q, which lacks the capacity provider FARGATE_SPOT that x-fargate.capacity asks for: add it with\n  %s",
			needs.Cluster, a.addFargate(cluster))
	}
	out.cluster = text(cluster.ClusterArn)
	return nil
}

// addFargate is the command that adds Fargate to a cluster and leaves the rest as
// it is: PutClusterCapacityProviders removes what it is not given.
func (a *Account) addFargate(cluster types.Cluster) string {
	providers := slices.Clone(cluster.CapacityProviders)
	for _, provider := range []string{"FARGATE", "FARGATE_SPOT"} {
		if !slices.Contains(providers, provider) {
			providers = append(providers, provider)
		}
	}
	strategy := "[]"
	if items := cluster.DefaultCapacityProviderStrategy; len(items) > 0 {
		strategy = strings.Join(each(items, func(s types.CapacityProviderStrategyItem) string {
			return fmt.Sprintf("capacityProvider=%s,weight=%d,base=%d", text(s.CapacityProvider), s.Weight, s.Base)
		}), " ")
	}
	return fmt.Sprintf("aws ecs put-cluster-capacity-providers --region %s --cluster %s --capacity-providers %s --default-capacity-provider-strategy %s",
		a.region, text(cluster.ClusterName), strings.Join(providers, " "), strategy)
}
