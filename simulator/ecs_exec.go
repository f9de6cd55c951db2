package simulator

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// execActions are what a task role needs for ECS Exec (ECS Developer Guide,
// "Task IAM role permissions" of ECS Exec).
var execActions = []string{
	"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
}

// startAgents lets the agent for ECS Exec run in each container, or stop where the
// task role may not open its channels (ECS Developer Guide, "Using ECS Exec": the
// status of ExecuteCommandAgent in DescribeTasks).
func (a *Account) startAgents(t *Task) {
	if !t.EnableExecuteCommand {
		return
	}
	status, reason := "RUNNING", (*string)(nil)
	if !a.mayExec(t) {
		status, reason = "STOPPED", ptr("The agent could not open its channels: the task role lacks permissions for ssmmessages.")
	}
	for i := range t.Containers {
		t.Containers[i].ManagedAgents = []types.ManagedAgent{{
			Name: types.ManagedAgentNameExecuteCommandAgent, LastStatus: ptr(status), Reason: reason, LastStartedAt: a.now(),
		}}
	}
}

func (a *Account) mayExec(t *Task) bool {
	role := a.roleByARN(str(a.definition(*t.TaskDefinitionArn).TaskRoleArn))
	return role != nil && !slices.ContainsFunc(execActions, func(action string) bool { return !a.allows(role, action, "*") })
}

// executeCommand opens a session that leads nowhere. Its rules are those of the
// API reference; that interactive is required is in the CLI's reference.
func executeCommand(a *Account, in *ecs.ExecuteCommandInput) (*ecs.ExecuteCommandOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	t := a.Tasks.Get(*cluster.ClusterName + "/" + lastPart(str(in.Task)))
	if err := checkExecTask(t, in); err != nil {
		return nil, err
	}
	c, err := execContainer(t, in.Container)
	if err != nil {
		return nil, err
	}
	if *t.LastStatus != "RUNNING" || len(c.ManagedAgents) == 0 || *c.ManagedAgents[0].LastStatus != "RUNNING" {
		return nil, &types.TargetNotConnectedException{Message: ptr("The execute command failed due to an internal error. Try again later.")}
	}
	session := "ecs-execute-command-" + a.id("exec", *t.TaskArn)[:17]
	return &ecs.ExecuteCommandOutput{
		ClusterArn: cluster.ClusterArn, TaskArn: t.TaskArn, ContainerArn: c.ContainerArn, ContainerName: c.Name, Interactive: true,
		Session: &types.Session{
			SessionId: &session, TokenValue: ptr("simulated"),
			StreamUrl: ptr("wss://ssmmessages." + a.Region + ".amazonaws.com/v1/data-channel/" + session + "?role=publish_subscribe"),
		},
	}, nil
}

func checkExecTask(t *Task, in *ecs.ExecuteCommandInput) error {
	switch {
	case strings.TrimSpace(str(in.Command)) == "":
		return invalidParameter("The command cannot be blank.")
	case !in.Interactive:
		return invalidParameter("Interactive is the only mode supported currently.")
	case t == nil || *t.LastStatus == "STOPPED":
		return invalidParameter("The specified task is not found or is stopped: %s", str(in.Task))
	case !t.EnableExecuteCommand:
		return invalidParameter("The execute command failed because execute command was not enabled when the task was run or the " +
			"execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.")
	}
	return nil
}

// execContainer is the container of that name: "A container name only needs to be
// specified for tasks containing multiple containers."
func execContainer(t *Task, name *string) (*types.Container, error) {
	if name == nil && len(t.Containers) == 1 {
		return &t.Containers[0], nil
	}
	if name == nil {
		return nil, invalidParameter("The container name must be specified for tasks with multiple containers.")
	}
	for i := range t.Containers {
		if *t.Containers[i].Name == *name {
			return &t.Containers[i], nil
		}
	}
	return nil, invalidParameter("The container %s does not exist in the task.", *name)
}
