package translate

// deployKeys are about the tasks of a service, and how they are replaced.
var deployKeys = []Key{
	mapped("services.*.scale", "the number of tasks"),
	framed("services.*.deploy", ""),
	mapped("services.*.deploy.replicas", "the number of tasks"),
	mapped("services.*.deploy.mode", "").of("replicated", is("replicated")),
	notYet("services.*.deploy.mode", "jobs would be one-off tasks", "start the job by other means").
		of("replicated-job, global-job", is("replicated-job", "global-job")),
	refused("services.*.deploy.mode", "Fargate has no nodes to run one task on each of",
		"use mode: replicated, or leave the service out with x-fargate: {skip: true}").of("global", is("global")),
	mapped("services.*.deploy.mode", ""),
	mapped("services.*.deploy.endpoint_mode", "").of("vip", is("vip")),
	ignored("services.*.deploy.endpoint_mode", "clients reach tasks in turn, behind one name", ""),
	later("services.*.deploy.labels", "the ECS service has the tags of the stack only", "").noted(),
	ignored("services.*.deploy.placement", "Fargate has no nodes to choose from; tasks spread over the zones of their subnets", ""),

	framed("services.*.deploy.resources", "the size of the task"),
	framed("services.*.deploy.resources.limits", ""),
	mapped("services.*.deploy.resources.limits.cpus", "the CPU units of the container"),
	mapped("services.*.deploy.resources.limits.memory", "the memory of the container"),
	framed("services.*.deploy.resources.reservations", ""),
	mapped("services.*.deploy.resources.reservations.cpus", "the CPU units of the container, where it has no limit"),
	mapped("services.*.deploy.resources.reservations.memory", "the soft limit of the container"),
	ignored("services.*.deploy.resources.limits.pids", "Fargate cannot set it", ""),
	refused("services.*.deploy.resources.reservations.devices", "Fargate has no GPUs nor other devices", elsewhereOnAWS),
	refused("services.*.deploy.resources.reservations.generic_resources", "Fargate has no GPUs nor other devices", elsewhereOnAWS),

	framed("services.*.deploy.restart_policy", ""),
	mapped("services.*.deploy.restart_policy.condition", "").of("any", is("any")),
	approximated("services.*.deploy.restart_policy.condition", "not supported yet, ECS starts the service again each time it ends",
		"leave the service out with x-fargate: {skip: true} and run it as a task by other means").of("none", is("none")),
	approximated("services.*.deploy.restart_policy.condition",
		"ECS starts a task in the place of one that ends, whatever its exit code", "").of("on-failure", is("on-failure")),
	mapped("services.*.deploy.restart_policy.condition", ""),
	ignored("services.*.deploy.restart_policy.delay", "ECS has its own pace, slower with each failure", "").noted(),
	ignored("services.*.deploy.restart_policy.max_attempts", "ECS goes on to start tasks, at a slower pace", ""),
	ignored("services.*.deploy.restart_policy.window", "ECS has its own pace, slower with each failure", "").noted(),

	later("services.*.deploy.update_config", "tasks are replaced as ECS does by default: new ones first", ""),
	later("services.*.deploy.rollback_config", "a deployment that fails goes back as ECS does by default", ""),
}
