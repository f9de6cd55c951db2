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
	mapped("services.*.deploy.labels", "tags of the ECS service and its tasks, where AWS takes them"),
	framed("services.*.deploy.placement", ""),
	ignored("services.*.deploy.placement.constraints", "Fargate has no nodes to choose from", ""),
	ignored("services.*.deploy.placement.preferences", "Fargate has no nodes to choose from; tasks spread over the zones of their subnets", "").noted(),
	mapped("services.*.deploy.placement.max_replicas_per_node", "each task has a machine of its own"),

	framed("services.*.deploy.resources", "the size of the task"),
	framed("services.*.deploy.resources.limits", ""),
	mapped("services.*.deploy.resources.limits.cpus", "counts for the size of the task; beside others in it, the container may use what they leave"),
	mapped("services.*.deploy.resources.limits.memory", "the memory of the container"),
	framed("services.*.deploy.resources.reservations", ""),
	mapped("services.*.deploy.resources.reservations.cpus", "counts for the size of the task; the CPU units of the container where it has no limit"),
	mapped("services.*.deploy.resources.reservations.memory", "the soft limit of the container"),
	ignored("services.*.deploy.resources.limits.pids", "Fargate cannot set it", ""),
	refused("services.*.deploy.resources.reservations.devices", "Fargate has no GPUs nor other devices", elsewhereOnAWS),
	refused("services.*.deploy.resources.reservations.generic_resources", "Fargate has no GPUs nor other devices", elsewhereOnAWS),

	framed("services.*.deploy.restart_policy", ""),
	approximated("services.*.deploy.restart_policy.condition", "not restarted: another container of its task waits for its end",
		"write condition: none").of("of a container whose end is waited for", awaitedInTask),
	mapped("services.*.deploy.restart_policy.condition", "ECS replaces the task, and restarts a sidecar in it").of("any", is("any")),
	mapped("services.*.deploy.restart_policy.condition", "the task goes on without it").of("none, of a sidecar", ofSidecar(is("none"))),
	approximated("services.*.deploy.restart_policy.condition", "not supported yet, ECS starts the service again each time it ends",
		"leave the service out with x-fargate: {skip: true} and run it as a task by other means").of("none", is("none")),
	approximated("services.*.deploy.restart_policy.condition",
		"ECS restarts the container in its task once it has run for 5 minutes or the window; the task ends where it ends "+
			"before that or with exit code 0, and ECS starts another one", "").of("on-failure", is("on-failure")),
	mapped("services.*.deploy.restart_policy.condition", ""),
	ignored("services.*.deploy.restart_policy.delay", "ECS has its own pace, slower with each failure", "").noted(),
	ignored("services.*.deploy.restart_policy.max_attempts", "ECS goes on to start tasks, at a slower pace", ""),
	mapped("services.*.deploy.restart_policy.window", "how long a container must have run to be restarted in its task, 60 to 1800 seconds").
		of("of on-failure, or of a sidecar", restartedInPlace),
	ignored("services.*.deploy.restart_policy.window", "ECS has its own pace, slower with each failure", "").noted(),

	framed("services.*.deploy.update_config", "without it, new tasks start before old ones stop"),
	mapped("services.*.deploy.update_config.order", "the least and the most tasks that run meanwhile, in percent; stop-first where update_config does not say"),
	mapped("services.*.deploy.update_config.parallelism", "the least and the most tasks that run meanwhile, in percent; 1 where update_config does not say"),
	mapped("services.*.deploy.update_config.failure_action", "the circuit breaker of ECS: with rollback, without, or none; rollback where it does not say"),
	ignored("services.*.deploy.update_config.delay", "ECS replaces the next tasks as soon as the last ones are healthy", "").noted(),
	ignored("services.*.deploy.update_config.monitor", "ECS watches its tasks for as long as the deployment goes on", "").noted(),
	ignored("services.*.deploy.update_config.max_failure_ratio", "ECS gives a deployment up after failures of half as many tasks as are to run, 3 at least", "").noted(),
	mapped("services.*.deploy.rollback_config", "ECS goes back in the way in which it went forth").
		of("order and parallelism of update_config", rollsBackAsItUpdates),
	ignored("services.*.deploy.rollback_config", "ECS goes back in the way in which it went forth, that of update_config", ""),
}
