package simulator

import (
	"slices"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

func putScheduledAction(a *Account, in *scaling.PutScheduledActionInput) (*scaling.PutScheduledActionOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if _, err := a.scalableTarget(s); err != nil {
		return nil, err
	}
	key := policyKey(in.ResourceId, in.ScheduledActionName)
	old := a.ScheduledActions.Get(key)
	next := val(old)
	if old == nil {
		next.ScheduledAction = types.ScheduledAction{
			ScheduledActionName: in.ScheduledActionName, ResourceId: in.ResourceId, ServiceNamespace: in.ServiceNamespace,
			ScalableDimension: in.ScalableDimension, CreationTime: a.now(),
			ScheduledActionARN: ptr(a.arn("autoscaling", "scheduledAction:"+uuid(a.id("scheduled-action", key))+
				":resource/ecs/"+*in.ResourceId+":scheduledActionName/"+*in.ScheduledActionName)),
		}
	}
	next.Schedule, next.Timezone = orNil(in.Schedule, next.Schedule), orNil(in.Timezone, next.Timezone)
	next.StartTime, next.EndTime = orNil(in.StartTime, next.StartTime), orNil(in.EndTime, next.EndTime)
	next.ScalableTargetAction = orNil(in.ScalableTargetAction, next.ScalableTargetAction)
	if err := a.checkAction(old == nil, &next); err != nil {
		return nil, err
	}
	next.Next = next.after(a.now())
	a.ScheduledActions.Put(key, next)
	return &scaling.PutScheduledActionOutput{}, nil
}

func (a *Account) checkAction(fresh bool, next *ScheduledAction) error {
	action := val(next.ScalableTargetAction)
	switch {
	case fresh && a.actions.Count(*next.ResourceId) >= mostActions:
		return &types.LimitExceededException{Message: ptr("The number of scheduled actions for the scalable target exceeds the limit.")}
	case len(*next.ScheduledActionName) > 256:
		return scalingInvalid("The name of a scheduled action has at most 256 characters")
	case next.Schedule == nil:
		return scalingInvalid("Schedule is required to create a scheduled action")
	case !validSchedule(*next.Schedule):
		return scalingInvalid("Invalid Schedule Expression: %s", *next.Schedule)
	case next.Timezone != nil && !validZone(*next.Timezone):
		return scalingInvalid("Invalid timezone: %s", *next.Timezone)
	case action.MinCapacity == nil && action.MaxCapacity == nil:
		return scalingInvalid("ScalableTargetAction must have a minimum capacity, a maximum capacity or both")
	case action.MinCapacity != nil && action.MaxCapacity != nil && *action.MinCapacity > *action.MaxCapacity:
		return scalingInvalid("Maximum capacity cannot be less than minimum capacity")
	case val(action.MinCapacity) < 0 || val(action.MaxCapacity) < 0:
		return scalingInvalid("Minimum capacity and maximum capacity must not be less than 0")
	case next.StartTime != nil && next.EndTime != nil && !next.StartTime.Before(*next.EndTime):
		return scalingInvalid("Start time must be before end time")
	}
	return nil
}

func deleteScheduledAction(a *Account, in *scaling.DeleteScheduledActionInput) (*scaling.DeleteScheduledActionOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if err := s.check(); err != nil {
		return nil, err
	}
	key := policyKey(in.ResourceId, in.ScheduledActionName)
	if a.ScheduledActions.Get(key) == nil {
		return nil, scalingNotFound("No scheduled action found for %s, scheduled action name: %s", s, *in.ScheduledActionName)
	}
	a.ScheduledActions.Delete(key)
	return &scaling.DeleteScheduledActionOutput{}, nil
}

func describeScheduledActions(a *Account, in *scaling.DescribeScheduledActionsInput) (*scaling.DescribeScheduledActionsOutput, error) {
	if in.ScalableDimension != "" && in.ResourceId == nil {
		return nil, scalingInvalid("Scalable dimension must be used with a resource ID")
	}
	var all []types.ScheduledAction
	rows := a.ScheduledActions.All()
	if in.ResourceId != nil {
		rows = a.actions.Of(*in.ResourceId)
	}
	for _, action := range rows {
		if action.ServiceNamespace == in.ServiceNamespace &&
			(len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, *action.ScheduledActionName)) {
			all = append(all, action.ScheduledAction)
		}
	}
	list, next, err := scalingPage(a, all, func(s types.ScheduledAction) string { return policyKey(s.ResourceId, s.ScheduledActionName) }, in.NextToken, in.MaxResults)
	return &scaling.DescribeScheduledActionsOutput{ScheduledActions: list, NextToken: next}, err
}
