package simulator

import (
	"fmt"
	"strings"

	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// startFailure is why a task does not start well.
type startFailure struct {
	Code   types.TaskStopCode
	Reason string
	Exit   *int32 // exit code of the essential container; nil when it never ran
	Detail string // the container's reason

	Container string // whose end it is; empty where none ran
}

func (f *startFailure) stop() stop {
	return stop{code: f.Code, reason: f.Reason, exit: f.Exit, detail: f.Detail, container: f.Container}
}

// essentialExit is the failure of a task whose container ends at its start.
func essentialExit(container *string, code int32) *startFailure {
	return &startFailure{
		Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited", Exit: &code, Container: *container,
	}
}

func cannotStart(format string, args ...any) *startFailure {
	return &startFailure{Code: types.TaskStopCodeTaskFailedToStart, Reason: fmt.Sprintf(format, args...)}
}

// startChecks find out why a task would not start, in the order in which
// Fargate would meet the reasons. A service that tasks need when they start
// adds one.
var startChecks = []func(*Account, *types.TaskDefinition, types.AwsVpcConfiguration) *startFailure{
	zoneProblem, roleProblem, routeProblem, secretProblem, logProblem, pullProblem, mountProblem, imageProblem,
}

// startFailure is why tasks of the service's newest deployment do not start, nil
// when they do.
func (a *Account) startFailure(s *Service) *startFailure {
	td := a.definition(*s.TaskDefinition)
	if len(td.ContainerDefinitions) == 0 {
		return cannotStart("The task definition %s does not exist.", *s.TaskDefinition)
	}
	if failure := a.checkStart(td, *s.NetworkConfiguration.AwsvpcConfiguration); failure != nil {
		return failure
	}
	return a.fate(*s.ServiceName, td, grace(s))
}

func (a *Account) checkStart(td *types.TaskDefinition, n types.AwsVpcConfiguration) *startFailure {
	for _, check := range startChecks {
		if failure := check(a, td, n); failure != nil {
			return failure
		}
	}
	return nil
}

// launchNext starts a task of the service, and returns its key.
func (a *Account) launchNext(key string, s *Service) string {
	return lastCluster(*a.launch(a.serviceTask(key, s), "PENDING").TaskArn)
}

// failTask ends a task of the service that did not start.
func (a *Account) failTask(task string, s *Service, failure *startFailure) {
	a.stopTask(task, failure.stop())
	a.throttle(s, failure)
	a.event(s, "(deployment %s) (task %s) failed to start: %s", *s.Deployments[0].Id, lastPart(task), failure.Reason)
}

// lastCluster is a task's key in its ARN.
func lastCluster(taskARN string) string {
	_, resource := arnParts(taskARN)
	return trimType(resource, "task")
}

func roleProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, arn := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		if arn == nil {
			continue
		}
		if role := a.roleByARN(*arn); role == nil || !assumable(role) {
			return cannotStart("ECS was unable to assume the role '%s' that was provided for this task. "+
				"Please verify that the role being passed has the proper trust relationship and permissions and that "+
				"your IAM user has permissions to pass this role.", *arn)
		}
	}
	return nil
}

// denied is the failure of a task whose execution role lacks a permission, nil
// when it has it.
func (a *Account) denied(td *types.TaskDefinition, action, resource string) *startFailure {
	role := a.roleByARN(str(td.ExecutionRoleArn))
	if role != nil && a.allows(role, action, resource) {
		return nil
	}
	return cannotStart("ResourceInitializationError: AccessDeniedException: the execution role %s "+
		"is not authorized to perform: %s on resource: %s", str(td.ExecutionRoleArn), action, resource)
}

// logProblem wants the log groups, unless the driver may make them: then they
// come into being.
func logProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		l := val(c.LogConfiguration)
		group := l.Options["awslogs-group"]
		if l.LogDriver != types.LogDriverAwslogs || l.Options["awslogs-region"] != a.Region {
			continue
		}
		if denied := a.denied(td, "logs:CreateLogStream", a.logGroupARN(group)+":log-stream:"); denied != nil {
			return denied
		}
		if a.LogGroups.Get(group) != nil {
			continue
		}
		if l.Options["awslogs-create-group"] == "true" {
			if denied := a.denied(td, "logs:CreateLogGroup", a.logGroupARN(group)); denied != nil {
				return denied
			}
			a.putLogGroup(group, logstypes.LogGroup{}, nil)
			continue
		}
		return cannotStart("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: " +
			"failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1")
	}
	return nil
}

// imageProblem lets the images fail that were said to.
func imageProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		if isEssential(c) && a.neverHealthy(*c.Image) {
			return essentialExit(c.Name, 1)
		}
	}
	return nil
}

func (a *Account) neverHealthy(image string) bool {
	if strings.Contains(image, NeverHealthy) {
		return true
	}
	for part := range a.Unhealthy.All() {
		if strings.Contains(image, part) {
			return true
		}
	}
	return false
}
