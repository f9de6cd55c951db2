package resource

import (
	"context"
	"slices"
	"time"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func (a *session) scaling() *scaling.Client { return client(a, scaling.NewFromConfig) }

// scalableTargetKind defines the scalable targets of ECS services, of which a service has
// one at most.
var scalableTargetKind = kind[spec.ScalableTarget]{
	row: row{
		kind: spec.ScalableTargetKind, noun: "scalable target", seldom: true,
		after: []string{spec.ServiceKind},
		reads: []string{"application-autoscaling:DescribeScalableTargets", "application-autoscaling:ListTagsForResource"},
		writes: []string{
			"application-autoscaling:DeregisterScalableTarget", "application-autoscaling:RegisterScalableTarget",
			"application-autoscaling:TagResource", "application-autoscaling:UntagResource",
		},
	},
	id:   "resource-id",
	name: func(s *spec.ScalableTarget) string { return s.ResourceID.Text },
	tags: func(s *spec.ScalableTarget) *[]spec.Tag { return &s.Tags },

	find: findScalableTargets,
	list: listScalableTargets,

	// RegisterScalableTarget changes an existing one, whoever owns it.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		return findScalableTargets(ctx, a, []string{want.Spec.(*spec.ScalableTarget).ResourceID.Text})
	},
	create: func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
		s := want.Spec.(*spec.ScalableTarget)
		input := targetInput(s.ResourceID.Text)
		input.MinCapacity, input.MaxCapacity, input.Tags = number32(s.MinCapacity), number32(s.MaxCapacity), tags
		return s.ResourceID.Text, a.scalingCall(ctx, func() error { return onlyError(a.scaling().RegisterScalableTarget(ctx, input)) })
	},
	update: updateScalableTarget,
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.scaling().TagResource(ctx, &scaling.TagResourceInput{ResourceARN: pointer(at["arn"]), Tags: tags}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.scaling().UntagResource(ctx, &scaling.UntagResourceInput{ResourceARN: pointer(at["arn"]), TagKeys: keys}))
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.scaling().DeregisterScalableTarget(ctx, &scaling.DeregisterScalableTargetInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			ResourceId: pointer(live.Attrs["resource-id"]),
		}))
	},
	gone: []string{"ObjectNotFound"},
	busy: scalingBusy,
}

// scalingBusy are the errors that pass: another change is under way (API reference,
// ConcurrentUpdateException), or the role that the first call has made is not known
// everywhere yet (FailedResourceAccessException).
var scalingBusy = []string{"ConcurrentUpdate", "FailedResourceAccess"}

// scalingTime bounds the patience with them.
const scalingTime = 2 * time.Minute

func (a *session) scalingCall(ctx context.Context, call func() error) error {
	return retryWhile(ctx, a.poll, scalingTime, func(err error) bool { return is(err, scalingBusy...) }, call)
}

func targetInput(resourceID string) *scaling.RegisterScalableTargetInput {
	return &scaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ResourceId: &resourceID,
	}
}

// updateScalableTarget leaves out the bound that stays: a scheduled action may have set it
// meanwhile.
func updateScalableTarget(ctx context.Context, a *session, c change[spec.ScalableTarget]) error {
	input := targetInput(c.live.Attrs["resource-id"])
	if c.from.MinCapacity != c.to.MinCapacity {
		input.MinCapacity = number32(c.to.MinCapacity)
	}
	if c.from.MaxCapacity != c.to.MaxCapacity {
		input.MaxCapacity = number32(c.to.MaxCapacity)
	}
	if input.MinCapacity == nil && input.MaxCapacity == nil {
		return nil
	}
	return a.scalingCall(ctx, func() error { return onlyError(a.scaling().RegisterScalableTarget(ctx, input)) })
}

// describeScalableTargets returns those of ECS services, by their resource ids
// (service/CLUSTER/SERVICE), in answers of 50 at most (DescribeScalableTargetsInput,
// field MaxResults).
func describeScalableTargets(ctx context.Context, a *session, ids []string) ([]types.ScalableTarget, error) {
	ids = slices.DeleteFunc(unique(ids), func(id string) bool { return id == "" })
	var out []types.ScalableTarget
	for batch := range slices.Chunk(ids, 50) {
		found, err := allPages(ctx, scaling.NewDescribeScalableTargetsPaginator(a.scaling(), &scaling.DescribeScalableTargetsInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ResourceIds: batch,
		}), func(page *scaling.DescribeScalableTargetsOutput) []types.ScalableTarget { return page.ScalableTargets })
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func findScalableTargets(ctx context.Context, a *session, ids []string) ([]candidate, error) {
	found, err := describeScalableTargets(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	return readEach(ctx, found, with(a, scalableTargetCandidate), "ResourceNotFound")
}

// listScalableTargets returns those of the project's services and of the desired ones.
func listScalableTargets(ctx context.Context, r *reading) ([]candidate, error) {
	var ids []string
	for _, c := range r.of(spec.ServiceKind) {
		ids = append(ids, c.Attrs["resource-id"])
	}
	wanted := r.wanted(spec.ScalableTargetKind)
	for _, want := range wanted {
		ids = append(ids, want.Spec.(*spec.ScalableTarget).ResourceID.Text)
	}
	found, err := r.scalableTargets(ctx, ids)
	if err != nil {
		return nil, unlessUnasked(err, wanted)
	}
	out, err := readEach(ctx, found, with(r.session, scalableTargetCandidate), "ResourceNotFound")
	return out, unlessUnasked(err, wanted)
}

// unlessUnasked is nil where what is not wanted may not be read, see row.seldom.
func unlessUnasked(err error, wanted []*plan.Resource) error {
	if denied(err) && len(wanted) == 0 {
		return nil
	}
	return err
}

// scalableTargets are those with these resource ids, each asked for once.
func (a *session) scalableTargets(ctx context.Context, ids []string) ([]types.ScalableTarget, error) {
	return a.memo.scalable.get(ids, func(missing []string) (map[string]types.ScalableTarget, error) {
		found, err := describeScalableTargets(ctx, a, missing)
		out := map[string]types.ScalableTarget{}
		for _, t := range found {
			out[text(t.ResourceId)] = t
		}
		return out, err
	})
}

func scalableTargetCandidate(ctx context.Context, a *session, t types.ScalableTarget) (candidate, error) {
	tags, err := a.scaling().ListTagsForResource(ctx, &scaling.ListTagsForResourceInput{ResourceARN: t.ScalableTargetARN})
	if err != nil {
		return candidate{}, err
	}
	id := text(t.ResourceId)
	s := &spec.ScalableTarget{
		ResourceID: plan.Literal(id), MinCapacity: number(t.MinCapacity), MaxCapacity: number(t.MaxCapacity), Tags: spec.Tags(tags.Tags),
	}
	return candidate{
		Resource: liveResource(spec.ScalableTargetKind, s, plan.Attrs{"arn": text(t.ScalableTargetARN), "resource-id": id}, tags.Tags, unmanaged(t)),
		id:       id, name: id,
	}, nil
}

// markScaled sets the attribute of services whose count a scalable target decides, whoever
// made that. Where it may not be asked for, nobody is taken to scale.
func markScaled(services []candidate, targets []types.ScalableTarget, err error) error {
	if denied(err) {
		return nil
	}
	for _, t := range targets {
		for _, c := range services {
			if c.Attrs["resource-id"] == text(t.ResourceId) {
				c.Attrs[spec.ScaledAttr] = text(t.ScalableTargetARN)
			}
		}
	}
	return err
}
