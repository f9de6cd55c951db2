package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func clusterAddress(b *base) plan.Address {
	return plan.Address{Kind: spec.ClusterKind, Name: b.Name}
}

// clusterRef is the ARN of the one that the services run in.
func clusterRef(b *base) plan.Value {
	switch {
	case b.X.Cluster == "":
		return plan.RefTo(clusterAddress(b), "arn", b.arn("ecs", "cluster/"+ecsName(b.Name)))
	case strings.HasPrefix(b.X.Cluster, "arn:"):
		return plan.Literal(b.X.Cluster)
	default:
		return plan.Fact("cluster", "arn", b.facts.Cluster)
	}
}

// addCluster makes the one of the project, unless the files name one that exists.
func addCluster(b *base) {
	if b.X.Cluster != "" {
		return
	}
	b.add(clusterAddress(b), b.At("name"), &spec.Cluster{
		ClusterName:       ecsName(b.Name),
		CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		Tags:              b.tags(),
	}).Origins = from(b.firstPath(diag.Path{"name"}, diag.Path{"services"}))
}

// serviceName has the project in it where the cluster is not the project's own:
// others may have a service of that name.
func serviceName(b *base, service string) string {
	if b.X.Cluster != "" {
		return ecsName(b.Name + "-" + service)
	}
	return ecsName(service)
}
