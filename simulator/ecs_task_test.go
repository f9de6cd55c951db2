package simulator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestARunningTask(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	in := w.service("web")
	in.Tags, in.PropagateTags, in.EnableECSManagedTags = ecsTags("team", "shop"), types.PropagateTagsService, true
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("web")
	task := w.onlyTask(types.DesiredStatusRunning)
	golden(t, "task-running", task)

	eni := must(w.ec2.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{
		NetworkInterfaceIds: []string{attachmentDetail(task, "networkInterfaceId")},
	}))(t).NetworkInterfaces[0]
	if *eni.PrivateIpAddress != attachmentDetail(task, "privateIPv4Address") || eni.Association == nil {
		t.Error(text(eni))
	}
}

func attachmentDetail(task types.Task, name string) string {
	for _, d := range task.Attachments[0].Details {
		if *d.Name == name {
			return *d.Value
		}
	}
	return ""
}

func TestWhyATaskDoesNotStart(t *testing.T) {
	for _, c := range []struct {
		name string
		want string // part of the stopped reason
		edit func(w *world, td *ecs.RegisterTaskDefinitionInput, s *ecs.CreateServiceInput)
	}{
		{"the log group does not exist", "The specified log group does not exist", func(_ *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			td.ContainerDefinitions[0].LogConfiguration.Options["awslogs-group"] = "/nowhere"
		}},
		{"the log group must be made and the role may not", "logs:CreateLogGroup", func(_ *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			td.ContainerDefinitions[0].LogConfiguration.Options["awslogs-group"] = "/nowhere"
			td.ContainerDefinitions[0].LogConfiguration.Options["awslogs-create-group"] = "true"
		}},
		{"the role may not write logs", "logs:CreateLogStream", func(w *world, _ *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			must(w.iam.DetachRolePolicy(w.t.Context(), &iam.DetachRolePolicyInput{
				RoleName: aws.String("execution"), PolicyArn: aws.String(executionPolicy),
			}))(w.t)
		}},
		{"the parameter is not there", "invalid ssm parameters: /shop/password", func(w *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			w.allow("ssm:GetParameters")
			td.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/shop/password")}}
		}},
		{"the secret is to be deleted", "Secrets Manager can't find the specified secret", func(w *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			w.allow("secretsmanager:GetSecretValue")
			arn := w.secret("shop/password")
			must(w.secrets.DeleteSecret(w.t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &arn}))(w.t)
			td.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String(arn + ":key::")}}
		}},
		{"the credentials of the registry are not there", "Secrets Manager can't find the specified secret", func(w *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			w.allow("secretsmanager:GetSecretValue")
			td.ContainerDefinitions[0].RepositoryCredentials = &types.RepositoryCredentials{
				CredentialsParameter: aws.String("arn:aws:secretsmanager:us-east-1:123456789012:secret:hub-a1b2c3"),
			}
		}},
		{"the image is not in its repository", "CannotPullContainerError", func(_ *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			td.ContainerDefinitions[0].Image = aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1")
		}},
		{"the role may not read the secret", "ssm:GetParameters on resource: arn:aws:ssm:us-east-1:123456789012:parameter/shop/password", func(_ *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			td.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/shop/password")}}
		}},
		{"the role does not trust ECS", "ECS was unable to assume the role", func(w *world, _ *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			must(w.iam.UpdateAssumeRolePolicy(w.t.Context(), &iam.UpdateAssumeRolePolicyInput{
				RoleName: aws.String("execution"), PolicyDocument: aws.String(strings.ReplaceAll(trust, "ecs-tasks", "ec2")),
			}))(w.t)
		}},
		{"no public address in a public subnet", "CannotPullContainerError", func(_ *world, _ *ecs.RegisterTaskDefinitionInput, s *ecs.CreateServiceInput) {
			s.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = types.AssignPublicIpDisabled
		}},
		{"no way out for an image in ECR", "unable to pull secrets or registry auth", func(_ *world, td *ecs.RegisterTaskDefinitionInput, s *ecs.CreateServiceInput) {
			td.ContainerDefinitions[0].Image = aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1")
			s.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = types.AssignPublicIpDisabled
		}},
		{"a security group that lets nothing out", "CannotPullContainerError", func(w *world, _ *ecs.RegisterTaskDefinitionInput, s *ecs.CreateServiceInput) {
			s.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{w.closedGroup()}
		}},
		{"an image that never gets healthy", "Essential container in task exited", func(_ *world, td *ecs.RegisterTaskDefinitionInput, _ *ecs.CreateServiceInput) {
			td.ContainerDefinitions[0].Image = aws.String("registry.example/shop/never-healthy:1")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			td, s := definition("web"), w.service("web")
			c.edit(w, td, s)
			w.register(td)
			must(w.ecs.CreateService(t.Context(), s))(t)
			if got := w.settle("web").Deployments[0].RolloutState; got != types.DeploymentRolloutStateFailed {
				t.Errorf("the deployment is %s", got)
			}
			if got := *w.onlyTask(types.DesiredStatusStopped).StoppedReason; !strings.Contains(got, c.want) {
				t.Errorf("stopped because %q, want %q", got, c.want)
			}
		})
	}
}

// closedGroup is a security group without egress rules.
func (w *world) closedGroup() string {
	w.t.Helper()
	id := must(w.ec2.CreateSecurityGroup(w.t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("closed"), Description: aws.String("closed"),
	}))(w.t).GroupId
	rules := must(w.ec2.DescribeSecurityGroups(w.t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*id}}))(w.t)
	must(w.ec2.RevokeSecurityGroupEgress(w.t.Context(), &ec2.RevokeSecurityGroupEgressInput{
		GroupId: id, IpPermissions: rules.SecurityGroups[0].IpPermissionsEgress,
	}))(w.t)
	return *id
}

func TestARoleWithThePermissionsLetsTheTaskStart(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	must(w.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("execution"), PolicyName: aws.String("more"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["ssm:GetParameter*"],"Resource":"arn:aws:ssm:us-east-1:123456789012:parameter/shop/*"},
			{"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":"arn:aws:secretsmanager:us-east-1:*:secret:*"},
			{"Effect":"Allow","Action":"logs:CreateLogGroup","Resource":"*"}]}`),
	}))(t)
	in := definition("web")
	w.parameter("/shop/password")
	secret := w.secret("shop/key")
	in.ContainerDefinitions[0].Secrets = []types.Secret{
		{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/shop/password")},
		{Name: aws.String("KEY"), ValueFrom: aws.String(secret + ":key::")},
		{Name: aws.String("PARTIAL"), ValueFrom: aws.String(secret[:len(secret)-len("-a1b2c3")])},
		{Name: aws.String("ELSEWHERE"), ValueFrom: aws.String("arn:aws:secretsmanager:us-east-1:210987654321:secret:their-a1b2c3")},
	}
	in.ContainerDefinitions[0].LogConfiguration.Options["awslogs-group"] = "/made"
	in.ContainerDefinitions[0].LogConfiguration.Options["awslogs-create-group"] = "true"
	w.register(in)
	must(w.ecs.CreateService(t.Context(), w.service("web")))(t)
	if s := w.settle("web"); s.RunningCount != 1 {
		t.Error(text(s.Events))
	}
	groups := must(w.logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/made")}))(t)
	if len(groups.LogGroups) != 1 {
		t.Error("want the driver to make the log group")
	}
}

func TestTasksOfRunTaskEndByThemselves(t *testing.T) {
	for _, c := range []struct {
		name  string
		image string
		want  []string // status, stop code and exit code at each read
	}{
		{"with zero as a rule", "migrate:1", []string{"RUNNING", "STOPPED EssentialContainerExited 0", "STOPPED EssentialContainerExited 0"}},
		{"with what the image says", "migrate:exits-3", []string{"RUNNING", "STOPPED EssentialContainerExited 3"}},
		{"at once when they never get healthy", "migrate:never-healthy", []string{"STOPPED EssentialContainerExited 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			in := definition("job")
			in.ContainerDefinitions[0].Image = &c.image
			w.register(in)
			arn := *must(w.ecs.RunTask(t.Context(), w.job()))(t).Tasks[0].TaskArn
			var got []string
			for range c.want {
				out := must(w.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: []string{arn}}))(t)
				got = append(got, describeEnd(out.Tasks[0]))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestACallOfRunTaskIsRepeatedWithItsToken(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("job"))
	in := w.job()
	in.ClientToken = aws.String("once")
	first := must(w.ecs.RunTask(t.Context(), in))(t).Tasks[0]
	if again := must(w.ecs.RunTask(t.Context(), in))(t).Tasks; len(again) != 1 || *again[0].TaskArn != *first.TaskArn {
		t.Error(text(again))
	}
	in.Count = aws.Int32(2)
	_, err := w.ecs.RunTask(t.Context(), in)
	var conflict *types.ConflictException
	if !errors.As(err, &conflict) || len(conflict.ResourceIds) != 1 || conflict.ResourceIds[0] != *first.TaskArn {
		t.Error("another call with the same token:", err)
	}
	_, err = w.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), MaxResults: aws.Int32(101)})
	if code(err) != "InvalidParameterException" {
		t.Error("101 tasks on a page:", err)
	}
}

func describeEnd(t types.Task) string {
	if t.StopCode == "" {
		return *t.LastStatus
	}
	return *t.LastStatus + " " + string(t.StopCode) + " " + text(t.Containers[0].ExitCode)
}

func TestRunTaskRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("job"))
	for _, c := range []struct {
		name string
		code string
		edit func(in *ecs.RunTaskInput)
	}{
		{"an unknown cluster", "ClusterNotFoundException", func(in *ecs.RunTaskInput) { in.Cluster = aws.String("nowhere") }},
		{"an unknown task definition", "ClientException", func(in *ecs.RunTaskInput) { in.TaskDefinition = aws.String("x") }},
		{"eleven tasks", "InvalidParameterException", func(in *ecs.RunTaskInput) { in.Count = aws.Int32(11) }},
		{"no network", "InvalidParameterException", func(in *ecs.RunTaskInput) { in.NetworkConfiguration = nil }},
		{"an override of an unknown container", "InvalidParameterException", func(in *ecs.RunTaskInput) {
			in.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: aws.String("x")}}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := w.job()
			c.edit(in)
			if _, err := w.ecs.RunTask(t.Context(), in); code(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestTasksAreListedByWhatTheyBelongTo(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.create("api")
	w.settle("web")
	w.settle("api")
	w.register(definition("job"))
	must(w.ecs.RunTask(t.Context(), w.job()))(t)
	for _, c := range []struct {
		name string
		in   ecs.ListTasksInput
		want int
	}{
		{"all", ecs.ListTasksInput{}, 3},
		{"of a service", ecs.ListTasksInput{ServiceName: aws.String("web")}, 1},
		{"of a family", ecs.ListTasksInput{Family: aws.String("job")}, 1},
		{"by who started them", ecs.ListTasksInput{StartedBy: aws.String("test")}, 1},
		{"stopped ones", ecs.ListTasksInput{DesiredStatus: types.DesiredStatusStopped}, 0},
	} {
		c.in.Cluster = aws.String("shop")
		if out := must(w.ecs.ListTasks(t.Context(), &c.in))(t); len(out.TaskArns) != c.want {
			t.Errorf("%s: %d tasks, want %d", c.name, len(out.TaskArns), c.want)
		}
	}
}

func TestLogsOfTasks(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.prepare()
	w.create("web")
	w.settle("web")
	w.register(broken("web"))
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: aws.String("web:2")})
	w.settle("web")
	ctx := t.Context()
	var lines []string
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(w.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/shop")})
	for pages.HasMorePages() {
		for _, e := range must(pages.NextPage(ctx))(t).Events {
			lines = append(lines, *e.Message)
		}
	}
	want := []string{
		"web: starting nginx:1.27",
		"web: ready",
		"web: starting example/never-healthy",
		"web: error: exiting with code 1",
		"web: starting example/never-healthy",
		"web: error: exiting with code 1",
		"web: starting example/never-healthy",
		"web: error: exiting with code 1",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	task := w.onlyTask(types.DesiredStatusRunning)
	stream := "web/web/" + (*task.TaskArn)[strings.LastIndex(*task.TaskArn, "/")+1:]
	events := must(w.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/shop"), LogStreamName: &stream, StartFromHead: aws.Bool(true),
	}))(t)
	next := must(w.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/shop"), LogStreamName: &stream, NextToken: events.NextForwardToken,
	}))(t)
	last := must(w.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/shop"), LogStreamName: &stream, NextToken: next.NextForwardToken,
	}))(t)
	if len(events.Events) != 1 || len(next.Events) != 1 || len(last.Events) != 0 || *last.NextForwardToken != *next.NextForwardToken {
		t.Error("want one line a page and the same token at the end")
	}
}
