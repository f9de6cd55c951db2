package resource

import (
	"context"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// all returns the desired records, and those in the tags of the project's load
// balancers, which must have been read before.
func (k records) all(ctx context.Context, r *reading) ([]candidate, error) {
	var balancers []balancer
	var ids []recordID
	for _, c := range r.of(spec.LoadBalancerKind) {
		if c.Tags[plan.TagProject] != k.project {
			continue
		}
		balancers = append(balancers, balancer{c.Attrs["arn"], strings.ToLower(c.Attrs["dns-name"]), c.Tags})
		ids = append(ids, notedRecords(c.Tags)...)
	}
	names, means := map[string]plan.Address{}, map[recordID]*plan.Resource{}
	for _, want := range ofKind(r.want, spec.RecordKind) {
		id := recordIdentity(want.Spec.(*spec.Record))
		names[id.String()], means[id] = want.Address, want
		ids = append(ids, id)
	}
	look, err := k.look(ctx, ids)
	if err != nil {
		return nil, err
	}
	// A load balancer that was not found by name or tag may note one all the same.
	look.balancers = balancers
	var unnoted []string
	for id, set := range look.sets {
		if look.noted(id) == "" {
			unnoted = append(unnoted, noteNames(set, "")...)
		}
	}
	if len(unnoted) > 0 {
		more, err := k.balancers(ctx, unnoted)
		if err != nil {
			return nil, err
		}
		look.balancers = append(look.balancers, more...)
	}
	var found []candidate
	for id := range look.sets {
		found = append(found, look.candidate(id, means[id]))
	}
	return assignAddresses(k.project, names, found), nil
}
