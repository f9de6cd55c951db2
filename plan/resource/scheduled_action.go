package resource

import (
	"context"
	"slices"
	"strings"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// scheduledActionKind defines scheduled actions. They belong to the project as scaling
// policies do.
var scheduledActionKind = kind[spec.ScheduledAction]{
	row: row{
		kind: spec.ScheduledActionKind, noun: "scheduled action", seldom: true,
		after: []string{spec.ScalableTargetKind},
		reads: []string{
			"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScheduledActions",
			"application-autoscaling:ListTagsForResource",
		},
		writes: []string{"application-autoscaling:DeleteScheduledAction", "application-autoscaling:PutScheduledAction"},
	},
	id:   "id",
	name: func(s *spec.ScheduledAction) string { return onTarget(s.ResourceID.Text, s.ScheduledActionName) },

	byID: targetedByID(actionsOf),
	list: listTargeted(spec.ScheduledActionKind, actionsOf, func(s *spec.ScheduledAction) string { return s.ResourceID.Text }),

	create: func(ctx context.Context, a *session, want *plan.Resource, _ map[string]string) (string, error) {
		s := want.Spec.(*spec.ScheduledAction)
		return onTarget(s.ResourceID.Text, s.ScheduledActionName), putScheduledAction(ctx, a, s)
	},
	update: func(ctx context.Context, a *session, c change[spec.ScheduledAction]) error {
		if same(c.from, c.to) {
			return nil
		}
		return putScheduledAction(ctx, a, c.to)
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		resourceID, name, _ := strings.Cut(live.Attrs["id"], " ")
		return onlyError(a.scaling().DeleteScheduledAction(ctx, &scaling.DeleteScheduledActionInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			ResourceId: &resourceID, ScheduledActionName: &name,
		}))
	},
	gone: []string{"ObjectNotFound"},
	busy: scalingBusy,
}

func actionsOf(ctx context.Context, a *session, targets []candidate) ([]candidate, error) {
	found, err := inParallel(ctx, targets, func(ctx context.Context, target candidate) ([]candidate, error) {
		actions, err := allPages(ctx, scaling.NewDescribeScheduledActionsPaginator(a.scaling(), &scaling.DescribeScheduledActionsInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			ResourceId: pointer(target.id),
		}), func(page *scaling.DescribeScheduledActionsOutput) []types.ScheduledAction {
			return page.ScheduledActions
		})
		return each(actions, func(s types.ScheduledAction) candidate { return actionCandidate(target, s) }), err
	})
	return slices.Concat(found...), err
}

func actionCandidate(target candidate, action types.ScheduledAction) candidate {
	name := text(action.ScheduledActionName)
	id := onTarget(text(action.ResourceId), name)
	s := &spec.ScheduledAction{
		ScheduledActionName: name, ResourceID: plan.Literal(text(action.ResourceId)),
		Schedule: text(action.Schedule), Timezone: text(action.Timezone),
	}
	if bounds := action.ScalableTargetAction; bounds != nil {
		s.ScalableTargetAction = spec.Bounds{MinCapacity: convertPointer(bounds.MinCapacity, toInt), MaxCapacity: convertPointer(bounds.MaxCapacity, toInt)}
	}
	return candidate{
		Resource: liveResource(spec.ScheduledActionKind, s, plan.Attrs{"arn": text(action.ScheduledActionARN), "id": id},
			ownedBy(target, spec.ScheduledActionKind, name), unmanaged(action)),
		id: id, name: id,
	}
}

func toInt(n int32) int { return int(n) }

func toInt32(n int) int32 { return int32(n) }

func putScheduledAction(ctx context.Context, a *session, s *spec.ScheduledAction) error {
	return a.scalingCall(ctx, func() error {
		return onlyError(a.scaling().PutScheduledAction(ctx, &scaling.PutScheduledActionInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			ResourceId: &s.ResourceID.Text, ScheduledActionName: &s.ScheduledActionName, Schedule: &s.Schedule, Timezone: &s.Timezone,
			ScalableTargetAction: &types.ScalableTargetAction{
				MinCapacity: convertPointer(s.ScalableTargetAction.MinCapacity, toInt32),
				MaxCapacity: convertPointer(s.ScalableTargetAction.MaxCapacity, toInt32),
			},
		}))
	})
}
