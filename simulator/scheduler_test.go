package simulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// planned is an account with a role for schedules, and a client for them.
func planned(t *testing.T) (*world, *scheduler.Client) {
	t.Helper()
	w := newWorld(t, simulator.Options{})
	must(w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("schedule"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))(t)
	must(w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("task"), AssumeRolePolicyDocument: aws.String(trust)}))(t)
	return w, scheduler.NewFromConfig(w.Config())
}

func nightly(name string) *scheduler.CreateScheduleInput {
	return &scheduler.CreateScheduleInput{
		Name: &name, ScheduleExpression: aws.String("cron(0 3 * * ? *)"),
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{
			Arn: aws.String("arn:aws:ecs:us-east-1:123456789012:cluster/shop"), RoleArn: aws.String("arn:aws:iam::123456789012:role/schedule"),
			EcsParameters: &types.EcsParameters{
				TaskDefinitionArn: aws.String("arn:aws:ecs:us-east-1:123456789012:task-definition/job:1"), LaunchType: types.LaunchTypeFargate,
				NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
			},
		},
	}
}

func TestTheLifeOfASchedule(t *testing.T) {
	_, api := planned(t)
	ctx := t.Context()
	in := nightly("backup")
	in.Description, in.ClientToken = aws.String("every night"), aws.String("once")
	must(api.CreateSchedule(ctx, in))(t)
	must(api.CreateSchedule(ctx, in))(t) // repeated with its token
	if _, err := api.CreateSchedule(ctx, nightly("backup")); code(err) != "ConflictException" {
		t.Error(err)
	}
	get := &scheduler.GetScheduleInput{Name: aws.String("backup")}
	got := must(api.GetSchedule(ctx, get))(t)
	if got.State != types.ScheduleStateEnabled || *got.ScheduleExpressionTimezone != "UTC" || *got.GroupName != "default" ||
		*got.Target.RetryPolicy.MaximumRetryAttempts != 185 || *got.Target.EcsParameters.TaskCount != 1 {
		t.Error(text(got))
	}
	change := nightly("backup")
	must(api.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
		Name: change.Name, ScheduleExpression: aws.String("rate(1 day)"), FlexibleTimeWindow: change.FlexibleTimeWindow, Target: change.Target,
	}))(t)
	if got := must(api.GetSchedule(ctx, get))(t); got.Description != nil || *got.ScheduleExpression != "rate(1 day)" {
		t.Error("an update keeps what it was not given:", text(got))
	}
	must(api.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: get.Name}))(t)
	if _, err := api.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: get.Name}); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	if _, err := api.GetSchedule(ctx, get); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestTheLifeOfAScheduleGroup(t *testing.T) {
	_, api := planned(t)
	ctx, name := t.Context(), aws.String("shop")
	arn := must(api.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{
		Name: name, Tags: []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}},
	}))(t).ScheduleGroupArn
	if _, err := api.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: name}); code(err) != "ConflictException" {
		t.Error(err)
	}
	in := nightly("backup")
	in.GroupName = name
	schedule := must(api.CreateSchedule(ctx, in))(t).ScheduleArn
	if found := must(api.ListSchedules(ctx, &scheduler.ListSchedulesInput{GroupName: name}))(t).Schedules; len(found) != 1 {
		t.Error(text(found))
	}
	must(api.TagResource(ctx, &scheduler.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}))(t)
	if tags := must(api.ListTagsForResource(ctx, &scheduler.ListTagsForResourceInput{ResourceArn: arn}))(t).Tags; len(tags) != 2 {
		t.Error(text(tags))
	}
	if _, err := api.ListTagsForResource(ctx, &scheduler.ListTagsForResourceInput{ResourceArn: schedule}); code(err) != "ValidationException" {
		t.Error("tags of a schedule:", err)
	}
	if _, err := api.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String("default")}); code(err) != "ValidationException" {
		t.Error("the default group:", err)
	}
	must(api.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: name}))(t)
	if _, err := api.CreateSchedule(ctx, in); code(err) != "ConflictException" {
		t.Error("in a group that goes:", err)
	}
	if got := must(api.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: name}))(t); got.State != types.ScheduleGroupStateDeleting {
		t.Error(text(got))
	}
	if _, err := api.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: name}); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	if _, err := api.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: in.Name, GroupName: name}); code(err) != "ResourceNotFoundException" {
		t.Error("its schedule is left:", err)
	}
}

func TestSchedulesAreRefused(t *testing.T) {
	_, api := planned(t)
	type input = scheduler.CreateScheduleInput
	for what, c := range map[string]struct {
		edit func(*input)
		want string
	}{
		"a name with a space": {func(in *input) { in.Name = aws.String("every night") }, "ValidationException"},
		"no such group":       {func(in *input) { in.GroupName = aws.String("none") }, "ResourceNotFoundException"},
		"no expression":       {func(in *input) { in.ScheduleExpression = aws.String("@daily") }, "ValidationException"},
		"cron of five fields": {func(in *input) { in.ScheduleExpression = aws.String("cron(0 3 * * *)") }, "ValidationException"},
		"no such zone":        {func(in *input) { in.ScheduleExpressionTimezone = aws.String("Mars/Olympus") }, "ValidationException"},
		"a window of no size": {func(in *input) { in.FlexibleTimeWindow.Mode = types.FlexibleTimeWindowModeFlexible }, "ValidationException"},
		"a size of no window": {func(in *input) { in.FlexibleTimeWindow.MaximumWindowInMinutes = aws.Int32(5) }, "ValidationException"},
		"no such role":        {func(in *input) { in.Target.RoleArn = aws.String("arn:aws:iam::123456789012:role/none") }, "ValidationException"},
		"a role of tasks":     {func(in *input) { in.Target.RoleArn = aws.String("arn:aws:iam::123456789012:role/task") }, "ValidationException"},
		"eleven tasks":        {func(in *input) { in.Target.EcsParameters.TaskCount = aws.Int32(11) }, "ValidationException"},
		"no ECS parameters":   {func(in *input) { in.Target.EcsParameters = nil }, "ValidationException"},
		"a family, no ARN":    {func(in *input) { in.Target.EcsParameters.TaskDefinitionArn = aws.String("job") }, "ValidationException"},
		"Fargate, no network": {func(in *input) { in.Target.EcsParameters.NetworkConfiguration = nil }, "ValidationException"},
		"too many retries":    {func(in *input) { in.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)} }, "ValidationException"},
		"an end at its start": {func(in *input) { now := time.Now(); in.StartDate, in.EndDate = &now, &now }, "ValidationException"},
		"a target of no kind": {func(in *input) { in.Target.Arn = aws.String("shop") }, "ValidationException"},
	} {
		in := nightly("backup")
		c.edit(in)
		if _, err := api.CreateSchedule(t.Context(), in); code(err) != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
}
