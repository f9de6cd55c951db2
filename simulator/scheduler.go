package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// schedulerState is the schedules of EventBridge Scheduler and their groups. Tags
// are in Account.Tags; only groups have them.
type schedulerState struct {
	Schedules      Table[Schedule]      `state:"scheduler.schedules"` // by "group/name"
	ScheduleGroups Table[ScheduleGroup] `state:"scheduler.groups"`    // by name; the default one is not in it
}

// Schedule is a schedule as GetSchedule answers it.
type Schedule struct {
	scheduler.GetScheduleOutput
	Token   string // client token of the call that made it
	Next    int64  // when it is due, on the clock; 0: never
	Problem string // why the latest invocation of its target failed; "" if it did not
}

// ScheduleGroup is a group of schedules.
type ScheduleGroup struct {
	types.ScheduleGroupSummary
	Token string // client token of the call that made it
	Due   Due
}

func schedulerOperations() []operation {
	return []operation{
		write(createSchedule),
		read(getSchedule),
		write(updateSchedule),
		write(deleteSchedule),
		read(listSchedules),
		write(createScheduleGroup),
		read(getScheduleGroup),
		write(deleteScheduleGroup),
		read(listScheduleGroups),
		write(schedulerTagResource),
		write(schedulerUntagResource),
		read(schedulerListTags),
	}
}

// scheduleName is what names of schedules and groups look like (API model).
var scheduleName = regexp.MustCompile(`^[0-9a-zA-Z\-_.]{1,64}$`)

func schedulerInvalid(format string, args ...any) error {
	return &types.ValidationException{Message: ptr(fmt.Sprintf(format, args...))}
}

// scheduleKey is "group/name"; without a group it is the default one.
func scheduleKey(group, name *string) string { return cmp.Or(str(group), "default") + "/" + str(name) }

func (a *Account) scheduleARN(key string) *string { return ptr(a.arn("scheduler", "schedule/"+key)) }

func createSchedule(a *Account, in *scheduler.CreateScheduleInput) (*scheduler.CreateScheduleOutput, error) {
	key := scheduleKey(in.GroupName, in.Name)
	if !scheduleName.MatchString(str(in.Name)) {
		return nil, schedulerInvalid(`1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: `+
			`Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$`, str(in.Name))
	}
	if err := a.activeGroup(in.GroupName); err != nil {
		return nil, err
	}
	next := Schedule{Token: str(in.ClientToken), GetScheduleOutput: scheduler.GetScheduleOutput{
		Name: in.Name, GroupName: ptr(cmp.Or(str(in.GroupName), "default")), Arn: a.scheduleARN(key), CreationDate: a.now(),
		ActionAfterCompletion: in.ActionAfterCompletion, Description: in.Description, EndDate: in.EndDate, StartDate: in.StartDate,
		FlexibleTimeWindow: in.FlexibleTimeWindow, KmsKeyArn: in.KmsKeyArn, ScheduleExpression: in.ScheduleExpression,
		ScheduleExpressionTimezone: in.ScheduleExpressionTimezone, State: in.State, Target: in.Target,
	}}
	if err := a.checkSchedule(&next); err != nil {
		return nil, err
	}
	if old := a.Schedules.Get(key); old != nil {
		if next.Token != "" && next.Token == old.Token { // the call was repeated
			return &scheduler.CreateScheduleOutput{ScheduleArn: old.Arn}, nil
		}
		return nil, &types.ConflictException{Message: ptr("Schedule " + *in.Name + " already exists.")}
	}
	a.putSchedule(key, next)
	return &scheduler.CreateScheduleOutput{ScheduleArn: next.Arn}, nil
}

// putSchedule fills in what the service does (API reference, GetSchedule).
func (a *Account) putSchedule(key string, s Schedule) {
	s.State = cmp.Or(s.State, types.ScheduleStateEnabled)
	s.ActionAfterCompletion = cmp.Or(s.ActionAfterCompletion, types.ActionAfterCompletionNone)
	s.ScheduleExpressionTimezone = orElse(s.ScheduleExpressionTimezone, "UTC")
	s.LastModificationDate = a.now()
	target := clone(s.Target)
	retry := val(target.RetryPolicy)
	target.RetryPolicy = &types.RetryPolicy{
		MaximumEventAgeInSeconds: orElse(retry.MaximumEventAgeInSeconds, 86400), MaximumRetryAttempts: orElse(retry.MaximumRetryAttempts, 185),
	}
	if target.EcsParameters != nil {
		target.EcsParameters.TaskCount = orElse(target.EcsParameters.TaskCount, 1)
	}
	s.Target = target
	s.Next = s.after(a.now().Add(-time.Second))
	a.Schedules.Put(key, s)
}

// checkSchedule has the rules of CreateSchedule and UpdateSchedule.
func (a *Account) checkSchedule(s *Schedule) error {
	window := s.FlexibleTimeWindow
	minutes := val(window.MaximumWindowInMinutes)
	switch {
	case !validSchedule(str(s.ScheduleExpression)):
		return schedulerInvalid("Invalid Schedule Expression %s.", str(s.ScheduleExpression))
	case s.ScheduleExpressionTimezone != nil && !validZone(*s.ScheduleExpressionTimezone):
		return schedulerInvalid("Invalid ScheduleExpressionTimezone %s.", *s.ScheduleExpressionTimezone)
	case window.Mode == types.FlexibleTimeWindowModeFlexible && (minutes < 1 || minutes > 1440):
		return schedulerInvalid("A flexible time window of mode FLEXIBLE needs MaximumWindowInMinutes between 1 and 1440.")
	case window.Mode == types.FlexibleTimeWindowModeOff && window.MaximumWindowInMinutes != nil:
		return schedulerInvalid("MaximumWindowInMinutes must not be set when the flexible time window is OFF.")
	case !slices.Contains(window.Mode.Values(), window.Mode):
		return schedulerInvalid("Unknown flexible time window mode %q.", window.Mode)
	case s.State != "" && !slices.Contains(s.State.Values(), s.State):
		return schedulerInvalid("Unknown state %q.", s.State)
	case len(str(s.Description)) > 512:
		return schedulerInvalid("1 validation error detected: Value at 'description' failed to satisfy constraint: " +
			"Member must have length less than or equal to 512")
	case s.StartDate != nil && s.EndDate != nil && !s.StartDate.Before(*s.EndDate):
		return schedulerInvalid("The StartDate must be before the EndDate.")
	}
	return a.checkScheduleTarget(s.Target)
}

func (a *Account) checkScheduleTarget(t *types.Target) error {
	service, resource := arnParts(str(t.Arn))
	retry := val(t.RetryPolicy)
	switch {
	case service == "":
		return schedulerInvalid("Provided Arn is not in correct format: %s", str(t.Arn))
	case retry.MaximumRetryAttempts != nil && (*retry.MaximumRetryAttempts < 0 || *retry.MaximumRetryAttempts > 185):
		return schedulerInvalid("MaximumRetryAttempts must be between 0 and 185.")
	case retry.MaximumEventAgeInSeconds != nil && (*retry.MaximumEventAgeInSeconds < 60 || *retry.MaximumEventAgeInSeconds > 86400):
		return schedulerInvalid("MaximumEventAgeInSeconds must be between 60 and 86400.")
	case t.EcsParameters != nil && (service != "ecs" || !strings.HasPrefix(resource, "cluster/")):
		return schedulerInvalid("EcsParameters are for the target of an ECS cluster, not for %s", *t.Arn)
	case service == "ecs" && t.EcsParameters == nil:
		return schedulerInvalid("EcsParameters are required for the target %s", *t.Arn)
	case arnService(str(val(t.DeadLetterConfig).Arn)) != "sqs" && t.DeadLetterConfig != nil:
		return schedulerInvalid("The dead-letter queue must be an SQS queue.")
	}
	if err := checkEcsParameters(t.EcsParameters); err != nil {
		return err
	}
	return a.checkScheduleRole(str(t.RoleArn))
}

// checkScheduleRole wants a role that the service may assume (aws-sdk-js-v3#6494
// has the words).
func (a *Account) checkScheduleRole(arn string) error {
	role := a.roleByARN(arn)
	if role == nil || !strings.Contains(str(role.AssumeRolePolicyDocument), "scheduler.amazonaws.com") {
		return schedulerInvalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return nil
}

// checkEcsParameters has the limits of the API reference, EcsParameters.
func checkEcsParameters(p *types.EcsParameters) error {
	if p == nil {
		return nil
	}
	network := val(val(p.NetworkConfiguration).AwsvpcConfiguration)
	count := val(orElse(p.TaskCount, 1))
	switch {
	case arnType(str(p.TaskDefinitionArn)) != "ecs:task-definition":
		return schedulerInvalid("TaskDefinitionArn is not the ARN of a task definition: %s", str(p.TaskDefinitionArn))
	case count < 1 || count > 10:
		return schedulerInvalid("TaskCount must be between 1 and 10.")
	case p.LaunchType != "" && len(p.CapacityProviderStrategy) > 0:
		return schedulerInvalid("LaunchType and CapacityProviderStrategy must not be specified together.")
	case len(p.CapacityProviderStrategy) > 6:
		return schedulerInvalid("A capacity provider strategy has at most 6 items.")
	case p.NetworkConfiguration != nil && (len(network.Subnets) < 1 || len(network.Subnets) > 16):
		return schedulerInvalid("AwsvpcConfiguration needs between 1 and 16 subnets.")
	case len(network.SecurityGroups) > 5:
		return schedulerInvalid("AwsvpcConfiguration has at most 5 security groups.")
	case p.LaunchType == types.LaunchTypeFargate && p.NetworkConfiguration == nil:
		return schedulerInvalid("NetworkConfiguration is required for the launch type FARGATE.")
	case len(str(p.Group)) > 255:
		return schedulerInvalid("Group has at most 255 characters.")
	case len(p.Tags) > mostTags:
		return schedulerInvalid("A task has at most %d tags.", mostTags)
	}
	return nil
}

func (a *Account) schedule(group, name *string) (*Schedule, error) {
	if s := a.Schedules.Get(scheduleKey(group, name)); s != nil {
		return s, nil
	}
	return nil, schedulerNotFound("Schedule %s does not exist.", str(name))
}

func schedulerNotFound(format string, args ...any) error {
	return &types.ResourceNotFoundException{Message: ptr(fmt.Sprintf(format, args...))}
}

func getSchedule(a *Account, in *scheduler.GetScheduleInput) (*scheduler.GetScheduleOutput, error) {
	s, err := a.schedule(in.GroupName, in.Name)
	if err != nil {
		return nil, err
	}
	out := s.GetScheduleOutput
	return &out, nil
}

// updateSchedule replaces all: "If you do not specify a value for an optional
// parameter, EventBridge Scheduler sets it to its system-default value" (API
// reference, UpdateSchedule).
func updateSchedule(a *Account, in *scheduler.UpdateScheduleInput) (*scheduler.UpdateScheduleOutput, error) {
	old, err := a.schedule(in.GroupName, in.Name)
	if err != nil {
		return nil, err
	}
	next := Schedule{Token: old.Token, GetScheduleOutput: scheduler.GetScheduleOutput{
		Name: old.Name, GroupName: old.GroupName, Arn: old.Arn, CreationDate: old.CreationDate,
		ActionAfterCompletion: in.ActionAfterCompletion, Description: in.Description, EndDate: in.EndDate, StartDate: in.StartDate,
		FlexibleTimeWindow: in.FlexibleTimeWindow, KmsKeyArn: in.KmsKeyArn, ScheduleExpression: in.ScheduleExpression,
		ScheduleExpressionTimezone: in.ScheduleExpressionTimezone, State: in.State, Target: in.Target,
	}}
	if err := a.checkSchedule(&next); err != nil {
		return nil, err
	}
	a.putSchedule(scheduleKey(old.GroupName, old.Name), next)
	return &scheduler.UpdateScheduleOutput{ScheduleArn: old.Arn}, nil
}

func deleteSchedule(a *Account, in *scheduler.DeleteScheduleInput) (*scheduler.DeleteScheduleOutput, error) {
	s, err := a.schedule(in.GroupName, in.Name)
	if err != nil {
		return nil, err
	}
	a.Schedules.Delete(scheduleKey(s.GroupName, s.Name))
	return &scheduler.DeleteScheduleOutput{}, nil
}

func listSchedules(a *Account, in *scheduler.ListSchedulesInput) (*scheduler.ListSchedulesOutput, error) {
	if in.GroupName != nil {
		if _, err := a.group(in.GroupName); err != nil {
			return nil, err
		}
	}
	var all []types.ScheduleSummary
	rows := a.Schedules.All()
	if in.GroupName != nil {
		rows = a.schedules.Of(*in.GroupName)
	}
	for _, s := range rows {
		if strings.HasPrefix(*s.Name, str(in.NamePrefix)) &&
			(in.State == "" || s.State == in.State) {
			all = append(all, types.ScheduleSummary{
				Name: s.Name, GroupName: s.GroupName, Arn: s.Arn, State: s.State, CreationDate: s.CreationDate,
				LastModificationDate: s.LastModificationDate, Target: &types.TargetSummary{Arn: s.Target.Arn},
			})
		}
	}
	list, next, err := page(a, all, func(s types.ScheduleSummary) string { return *s.GroupName + "/" + *s.Name }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, schedulerInvalid("Invalid NextToken.")
	}
	return &scheduler.ListSchedulesOutput{Schedules: filled(list), NextToken: next}, nil
}
