package simulator

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// after is when the schedule is due next, on the clock. A rate without a start date
// "starts invoking the target immediately" (EventBridge Scheduler User Guide,
// "Rate-based schedules"), and counts from when it was made. Of a flexible time window
// the first moment is taken.
func (s *Schedule) after(now time.Time) int64 {
	if s.State == types.ScheduleStateDisabled {
		return 0
	}
	t := timetable{
		expression: *s.ScheduleExpression, zone: s.ScheduleExpressionTimezone, start: s.StartDate, end: s.EndDate, base: *s.CreationDate,
	}
	return onClock(t.after(now))
}

// invoke runs what a schedule is for. It is done once: how long Scheduler waits
// before it tries again is not documented.
func (a *Account) invoke(key string) {
	s := a.Schedules.Edit(key)
	s.Next, s.Problem = s.after(*a.now()), ""
	if err := a.runScheduled(s); err != nil {
		s.Problem = err.Error()
	}
	// "EventBridge Scheduler deletes the schedule after its last target invocation";
	// one that recurs without an end date has none (EventBridge Scheduler User Guide,
	// "Deletion after schedule completion").
	if s.Next == 0 && s.ActionAfterCompletion == types.ActionAfterCompletionDelete {
		a.Schedules.Delete(key)
	}
}

// runScheduled is RunTask by the role of a schedule; other targets are not known.
func (a *Account) runScheduled(s *Schedule) error {
	p := s.Target.EcsParameters
	if p == nil {
		return schedulerInvalid("The simulator knows the targets of ECS only, not %s", *s.Target.Arn)
	}
	if err := a.checkScheduledRole(s); err != nil {
		return err
	}
	in := scheduledRun(s)
	if s.Target.Input != nil { // of an ECS target it is the overrides (EventBridge User Guide, "Run an Amazon ECS task")
		in.Overrides = &ecstypes.TaskOverride{}
		if err := json.Unmarshal([]byte(*s.Target.Input), in.Overrides); err != nil {
			return schedulerInvalid("The Input of the target is not the overrides of a task: %v", err)
		}
	}
	_, err := runTask(a, in)
	return err
}

// checkScheduledRole wants a role that may run the task and pass on its roles
// (EventBridge Scheduler User Guide, "Setting up the execution role").
func (a *Account) checkScheduledRole(s *Schedule) error {
	if err := a.checkScheduleRole(*s.Target.RoleArn); err != nil {
		return err
	}
	role := a.roleByARN(*s.Target.RoleArn)
	may := func(action, resource string) error {
		q := question{action: action, resource: resource, context: map[string][]string{
			"ecs:cluster": {*s.Target.Arn}, "iam:PassedToService": {"ecs-tasks.amazonaws.com"},
		}}
		if v := a.roleVerdict(role, q); v != allowed {
			return deny("ecs", *role.Arn, q, v)
		}
		return nil
	}
	arn := *s.Target.EcsParameters.TaskDefinitionArn
	if err := may("ecs:RunTask", arn); err != nil {
		return err
	}
	td, err := a.runnable(&arn)
	if err != nil {
		return err
	}
	for _, passed := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		if passed == nil {
			continue
		}
		if err := may("iam:PassRole", *passed); err != nil {
			return err
		}
	}
	return nil
}

// scheduledRun is the call that Scheduler makes.
func scheduledRun(s *Schedule) *ecs.RunTaskInput {
	p := s.Target.EcsParameters
	in := &ecs.RunTaskInput{
		Cluster: s.Target.Arn, TaskDefinition: p.TaskDefinitionArn, Count: p.TaskCount, Group: p.Group, PlatformVersion: p.PlatformVersion,
		LaunchType: ecstypes.LaunchType(p.LaunchType), PropagateTags: ecstypes.PropagateTags(p.PropagateTags),
		EnableExecuteCommand: val(p.EnableExecuteCommand), EnableECSManagedTags: val(p.EnableECSManagedTags), ReferenceId: p.ReferenceId,
		StartedBy: ptr(startedBy(*s.Name)),
	}
	if n := val(p.NetworkConfiguration).AwsvpcConfiguration; n != nil {
		in.NetworkConfiguration = &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: n.Subnets, SecurityGroups: n.SecurityGroups, AssignPublicIp: ecstypes.AssignPublicIp(n.AssignPublicIp),
		}}
	}
	for _, c := range p.CapacityProviderStrategy {
		in.CapacityProviderStrategy = append(in.CapacityProviderStrategy, ecstypes.CapacityProviderStrategyItem{
			CapacityProvider: c.CapacityProvider, Base: c.Base, Weight: c.Weight,
		})
	}
	for _, tag := range p.Tags {
		for key, value := range tag {
			in.Tags = append(in.Tags, ecstypes.Tag{Key: &key, Value: &value})
		}
	}
	return in
}

// startedBy is the mark of tasks that a schedule started. How AWS marks them is not
// documented.
func startedBy(schedule string) string { return "chronos-schedule/" + schedule }
