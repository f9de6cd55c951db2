package simulator

import (
	"regexp"
	"slices"
	"strings"
	"time"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// Expressions of Application Auto Scaling and EventBridge Scheduler (EventBridge
// Scheduler User Guide, "Schedule types").
var (
	atExpression   = regexp.MustCompile(`^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$`)
	rateExpression = regexp.MustCompile(`^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$`)
	cronExpression = regexp.MustCompile(`^cron\((.*)\)$`)
)

// cronFields are the six fields of a cron expression and what each may hold.
var cronFields = []*regexp.Regexp{
	cronField(`[0-5]?\d`, ""),
	cronField(`[01]?\d|2[0-3]`, ""),
	cronField(`0?[1-9]|[12]\d|3[01]`, `|\?|L|LW|(?:0?[1-9]|[12]\d|3[01])W`),
	cronField(`0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC`, ""),
	cronField(`[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT`, `|\?|L|[1-7]L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5]`),
	cronField(`19[7-9]\d|2[01]\d\d`, ""),
}

func cronField(value, special string) *regexp.Regexp {
	item := `(?:\*|(?:` + value + `)(?:-(?:` + value + `))?)(?:/\d+)?`
	return regexp.MustCompile(`(?i)^(?:` + item + `(?:,` + item + `)*` + special + `)$`)
}

// validSchedule tells whether an expression is one of the three kinds.
func validSchedule(expression string) bool {
	if m := atExpression.FindStringSubmatch(expression); m != nil {
		_, err := time.Parse("2006-01-02T15:04:05", m[1])
		return err == nil
	}
	if m := rateExpression.FindStringSubmatch(expression); m != nil {
		return true
	}
	m := cronExpression.FindStringSubmatch(expression)
	return m != nil && validCron(strings.Fields(m[1]))
}

// validCron wants six fields, one of the days a question mark: "You can't use *
// in both the Day-of-month and Day-of-week fields. If you use it in one, you must
// use ? in the other."
func validCron(fields []string) bool {
	if len(fields) != len(cronFields) {
		return false
	}
	for i, field := range fields {
		if !cronFields[i].MatchString(field) {
			return false
		}
	}
	return (fields[2] == "?") != (fields[4] == "?")
}

// validZone tells whether a time zone exists, as far as this machine knows zones.
func validZone(name string) bool {
	if _, err := time.LoadLocation("Europe/London"); err != nil {
		return true
	}
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

func putScheduledAction(a *Account, in *scaling.PutScheduledActionInput) (*scaling.PutScheduledActionOutput, error) {
	s := scaled{in.ServiceNamespace, in.ScalableDimension, in.ResourceId}
	if _, err := a.scalableTarget(s); err != nil {
		return nil, err
	}
	key := policyKey(in.ResourceId, in.ScheduledActionName)
	old := a.ScheduledActions.Get(key)
	next := val(old)
	if old == nil {
		next = types.ScheduledAction{
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
	a.ScheduledActions.Put(key, next)
	return &scaling.PutScheduledActionOutput{}, nil
}

func (a *Account) checkAction(fresh bool, next *types.ScheduledAction) error {
	action := val(next.ScalableTargetAction)
	switch {
	case fresh && a.actionsOf(*next.ResourceId) >= mostActions:
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

func (a *Account) actionsOf(resource string) int {
	n := 0
	for _, action := range a.ScheduledActions.All() {
		if *action.ResourceId == resource {
			n++
		}
	}
	return n
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
	for _, action := range a.ScheduledActions.All() {
		if action.ServiceNamespace == in.ServiceNamespace && (in.ResourceId == nil || *action.ResourceId == *in.ResourceId) &&
			(len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, *action.ScheduledActionName)) {
			all = append(all, *action)
		}
	}
	list, next, err := scalingPage(a, all, in.NextToken, in.MaxResults)
	return &scaling.DescribeScheduledActionsOutput{ScheduledActions: list, NextToken: next}, err
}
