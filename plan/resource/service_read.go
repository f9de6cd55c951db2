package resource

import (
	"context"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func (k services) all(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := ofKind(r.want, spec.ServiceKind)
	names := byName(wanted, func(want *plan.Resource) string { return wantedService(r.want, want).String() })
	ids, err := k.projectServices(ctx)
	if err != nil {
		return nil, err
	}
	for _, want := range wanted {
		ids = append(ids, wantedService(r.want, want))
	}
	described, err := k.describeServices(ctx, ids)
	if err != nil {
		return nil, err
	}
	connected, err := connectNames(ctx, k.cloudMap(), described)
	if err != nil {
		return nil, err
	}
	found := assignAddresses(k.project, names, each(described, connected.candidate))
	targets, err := k.scalableTargets(ctx, each(found, func(c candidate) string { return c.Attrs["resource-id"] }))
	return found, markScaled(found, targets, err)
}

// wantedService names a desired service, whose cluster may be a ref that is not
// known yet.
func wantedService(want *plan.Stack, r *plan.Resource) serviceID {
	s := r.Spec.(*spec.Service)
	id := serviceID{clusterName(s.Cluster.Text), s.ServiceName}
	if id.cluster == "" && s.Cluster.Ref != nil {
		if cluster := want.Find(s.Cluster.Ref.Address); cluster != nil {
			id.cluster = cluster.Spec.(*spec.Cluster).ClusterName
		}
	}
	return id
}
