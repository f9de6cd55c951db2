package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// The container that sends the logs of a task on, as "Send Amazon ECS logs to an
// AWS service or AWS Partner" (ECS Developer Guide) has it.
const (
	logRouter       = "log-router"
	logRouterImage  = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"
	logRouterMemory = 50 // MiB, a soft limit
)

// toRouter leaves the output of a container to the log router of its task. The
// options are those of a Fluent Bit output.
func toRouter(b *base, s container) *spec.LogConfiguration {
	path := s.at("logging")
	output := option(s.Logging.Options, "Name")
	if output == "" {
		b.errorf(path, "add it to logging.options, for example Name: cloudwatch_logs", "the log router needs Name, the Fluent Bit output that logs go to")
	}
	if slices.Contains(awsOutputs, strings.ToLower(output)) && len(taskPolicies(b, b.taskOf[s.Name])) == 0 {
		b.warnf(path, "allow them in x-fargate.policies", "the tasks have no permission for the AWS calls of Fluent Bit's output %s", output)
	}
	return &spec.LogConfiguration{LogDriver: awsfirelens, Options: optionsAsWritten(b, s)}
}

// awsOutputs are the outputs of AWS for Fluent Bit that call AWS as the task.
var awsOutputs = []string{
	"cloudwatch", "cloudwatch_logs", "firehose", "kinesis", "kinesis_firehose", "kinesis_streams", "s3",
}

// routed says whether a log router runs in the task.
func (k *task) routed() bool {
	return slices.ContainsFunc(k.members, func(m container) bool { return logDriver(m) == awsfirelens })
}

// addLogRouter adds the log router to a task whose members send their logs to
// one. They start after it, and the task ends with it.
func addLogRouter(b *base, k *task, d *spec.TaskDefinition) {
	if !k.routed() {
		return
	}
	for _, m := range k.members {
		if ecsName(m.Name) == logRouter {
			b.errorf(at(m.Name), "rename it", "the log router container already has the name %s", logRouter)
		}
		if logDriver(m) == awsfirelens {
			b.notef(at(m.Name, "logging", "driver"), "", "a container %s forwards the output, and sends its own to CloudWatch Logs: image %s", logRouter, logRouterImage)
		}
	}
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		if c.LogConfiguration != nil && c.LogConfiguration.LogDriver == awsfirelens {
			c.DependsOn = append(slices.Clone(c.DependsOn), spec.ContainerDependsOn{ContainerName: logRouter, Condition: "START"})
		}
	}
	if n := len(d.ContainerDefinitions); n == maxContainers {
		b.errorf(at(k.name()), "give some of them a task of their own",
			"%d containers plus the log router exceed the ECS limit of %d per task", n, maxContainers)
	}
	d.ContainerDefinitions = append(d.ContainerDefinitions, spec.Container{
		Name:              logRouter,
		Image:             plan.Literal(logRouterImage),
		Essential:         true,
		MemoryReservation: logRouterMemory,
		FirelensConfiguration: &spec.FirelensConfiguration{
			Type: "fluentbit", Options: map[string]string{"enable-ecs-log-metadata": "true"},
		},
		LogConfiguration: toLogGroup(b, k.name()),
	})
}
