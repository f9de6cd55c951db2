package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// shell runs the service "web" with exec on and a task role that may do this, and
// returns its only task.
func (w *world) shell(action string) string {
	w.t.Helper()
	ctx := w.t.Context()
	must(w.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("task"), AssumeRolePolicyDocument: aws.String(trust)}))(w.t)
	must(w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("task"), PolicyName: aws.String("exec"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`)}))(w.t)
	td := definition("web")
	td.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/task")
	side := td.ContainerDefinitions[0]
	side.Name, side.PortMappings = aws.String("side"), nil
	td.ContainerDefinitions = append(td.ContainerDefinitions, side)
	w.register(td)
	s := w.service("web")
	s.EnableExecuteCommand = true
	must(w.ecs.CreateService(ctx, s))(w.t)
	w.settle("web")
	return *w.onlyTask(types.DesiredStatusRunning).TaskArn
}

func TestExecuteCommand(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	task := w.shell("ssmmessages:*")
	in := &ecs.ExecuteCommandInput{
		Cluster: aws.String("shop"), Task: &task, Container: aws.String("web"), Command: aws.String("/bin/sh"), Interactive: true,
	}
	if got := must(w.ecs.ExecuteCommand(t.Context(), in))(t); *got.ContainerName != "web" || got.Session.SessionId == nil {
		t.Error(text(got))
	}
	for what, edit := range map[string]func(*ecs.ExecuteCommandInput){
		"not interactive":       func(in *ecs.ExecuteCommandInput) { in.Interactive = false },
		"no command":            func(in *ecs.ExecuteCommandInput) { in.Command = aws.String(" ") },
		"no such task":          func(in *ecs.ExecuteCommandInput) { in.Task = aws.String("00000000000000000000000000000000") },
		"no such container":     func(in *ecs.ExecuteCommandInput) { in.Container = aws.String("db") },
		"one of two containers": func(in *ecs.ExecuteCommandInput) { in.Container = nil },
	} {
		in := *in
		edit(&in)
		if _, err := w.ecs.ExecuteCommand(t.Context(), &in); code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestExecuteCommandWantsItToBeOn(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	_, err := w.ecs.ExecuteCommand(t.Context(), &ecs.ExecuteCommandInput{
		Cluster: aws.String("shop"), Task: w.onlyTask(types.DesiredStatusRunning).TaskArn, Command: aws.String("sh"), Interactive: true,
	})
	if code(err) != "InvalidParameterException" {
		t.Error(err)
	}
}

func TestExecuteCommandWantsARoleThatMay(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	task := w.shell("ssmmessages:CreateDataChannel")
	_, err := w.ecs.ExecuteCommand(t.Context(), &ecs.ExecuteCommandInput{
		Cluster: aws.String("shop"), Task: &task, Container: aws.String("web"), Command: aws.String("sh"), Interactive: true,
	})
	if code(err) != "TargetNotConnectedException" {
		t.Error(err)
	}
}
