package translate

// deployKeys are about the tasks of a service, and how they are replaced.
var deployKeys = []Key{
	mapped("services.*.scale", "the number of tasks").to("service: desiredCount"),
	framed("services.*.deploy", ""),
	mapped("services.*.deploy.replicas", "the number of tasks").to("service: desiredCount"),
	mapped("services.*.deploy.mode", "").of("replicated", is("replicated")),
	notYet("services.*.deploy.mode", "jobs would be one-off tasks", "start the job outside this tool").
		of("replicated-job, global-job", is("replicated-job", "global-job")),
	refused("services.*.deploy.mode", "Fargate has no nodes to run one task on each of",
		"use mode: replicated, or leave the service out with x-fargate: {skip: true}").of("global", is("global")),
	mapped("services.*.deploy.mode", ""),
	mapped("services.*.deploy.endpoint_mode", "").of("vip", is("vip")),
	ignored("services.*.deploy.endpoint_mode", "clients reach the tasks in turn, through one name", ""),
	mapped("services.*.deploy.labels", "tags of the ECS service and its tasks, if AWS accepts them").to("service: tags"),
	framed("services.*.deploy.placement", ""),
	ignored("services.*.deploy.placement.constraints", "Fargate has no nodes to choose from", ""),
	ignored("services.*.deploy.placement.preferences", "Fargate has no nodes to choose from; tasks spread over the zones of their subnets", "").noted(),
	mapped("services.*.deploy.placement.max_replicas_per_node", "each task has a machine of its own"),

	framed("services.*.deploy.resources", "the size of the task"),
	framed("services.*.deploy.resources.limits", ""),
	mapped("services.*.deploy.resources.limits.cpus", "counts towards the task size; the container may also use CPU that its sidecars leave idle").to("containerDefinitions.cpu, cpu"),
	mapped("services.*.deploy.resources.limits.memory", "the memory of the container").to("containerDefinitions.memory, memory"),
	framed("services.*.deploy.resources.reservations", ""),
	mapped("services.*.deploy.resources.reservations.cpus", "counts towards the task size; the CPU units of the container if it has no limit").to("containerDefinitions.cpu, cpu"),
	mapped("services.*.deploy.resources.reservations.memory", "the soft limit of the container").to("containerDefinitions.memoryReservation, memory"),
	ignored("services.*.deploy.resources.limits.pids", "Fargate cannot set it", ""),
	refused("services.*.deploy.resources.reservations.devices", "Fargate supports neither GPUs nor other devices", elsewhereOnAWS),
	refused("services.*.deploy.resources.reservations.generic_resources", "Fargate supports neither GPUs nor other devices", elsewhereOnAWS),

	framed("services.*.deploy.restart_policy", "").to("containerDefinitions.restartPolicy, containerDefinitions.essential"),
	approximated("services.*.deploy.restart_policy.condition", "not restarted, because another container in its task waits for it to finish",
		"write condition: none").of("of a container that another one waits for", awaitedInTask),
	mapped("services.*.deploy.restart_policy.condition", "ECS replaces the task; a sidecar is restarted in place").of("any", is("any")),
	mapped("services.*.deploy.restart_policy.condition", "the task keeps running without it").of("none, of a sidecar", ofSidecar(is("none"))),
	approximated("services.*.deploy.restart_policy.condition", "not supported yet: ECS starts the service again whenever it exits",
		"leave the service out with x-fargate: {skip: true} and run it as a task outside this tool").of("none", is("none")),
	approximated("services.*.deploy.restart_policy.condition",
		"ECS restarts the container in its task once it has run for 5 minutes or for the window; if it exits earlier, "+
			"or with code 0, the task stops and ECS starts a new one", "").of("on-failure", is("on-failure")),
	mapped("services.*.deploy.restart_policy.condition", ""),
	ignored("services.*.deploy.restart_policy.delay", "ECS chooses the delay, longer after each failure", "").noted(),
	ignored("services.*.deploy.restart_policy.max_attempts", "ECS keeps starting tasks, at a slower pace", ""),
	mapped("services.*.deploy.restart_policy.window", "how long a container must have run to be restarted in its task, 60 to 1800 seconds").
		of("with on-failure, or of a sidecar", restartedInPlace),
	ignored("services.*.deploy.restart_policy.window", "ECS chooses the delay, longer after each failure", "").noted(),

	framed("services.*.deploy.update_config", "without it, new tasks start before old ones stop").to("service: deploymentConfiguration"),
	mapped("services.*.deploy.update_config.order", "the minimum and maximum percentage of tasks that run during a deployment; an update_config without order means stop-first"),
	mapped("services.*.deploy.update_config.parallelism", "the minimum and maximum percentage of tasks that run during a deployment; an update_config without parallelism means 1"),
	mapped("services.*.deploy.update_config.failure_action", "the ECS circuit breaker: with rollback (the default), without rollback, or off"),
	ignored("services.*.deploy.update_config.delay", "ECS replaces the next tasks as soon as the previous ones are healthy", "").noted(),
	ignored("services.*.deploy.update_config.monitor", "ECS monitors the tasks for the whole deployment", "").noted(),
	ignored("services.*.deploy.update_config.max_failure_ratio", "ECS fails a deployment once the number of failed tasks reaches half the desired number, at least 3",
		"write x-fargate: {deployment: {circuit_breaker: {threshold: {type: COUNT, value: N}}}} for another number").noted(),
	mapped("services.*.deploy.rollback_config", "ECS rolls back the same way it rolled out").to("service: deploymentConfiguration").
		of("order and parallelism of update_config", rollsBackAsItUpdates),
	ignored("services.*.deploy.rollback_config", "ECS rolls back the same way it rolled out, as update_config says", ""),
}
