package translate

import "slices"

// processKeys are about what runs in a container, and for how long.
var processKeys = []Key{
	mapped("services.*.command", ""),
	mapped("services.*.entrypoint", ""),
	mapped("services.*.environment", ""),
	mapped("services.*.env_file", "read when the stack is translated"),
	mapped("services.*.working_dir", ""),
	mapped("services.*.user", ""),
	mapped("services.*.init", ""),
	mapped("services.*.tty", ""),
	mapped("services.*.stdin_open", ""),
	mapped("services.*.stop_grace_period", "at most 120 seconds on Fargate"),
	mapped("services.*.stop_signal", "").of("SIGTERM", is("SIGTERM", "15")),
	ignored("services.*.stop_signal", "ECS takes the signal from the image alone, and sends SIGTERM where that names none",
		"build an image with STOPSIGNAL"),
	ignored("services.*.group_add", "the user has the groups that the image gives it", "add the groups in the image"),
	ignored("services.*.umask", "Fargate cannot set it", "set it in the entrypoint"),

	framed("services.*.healthcheck", "ECS does not look at the HEALTHCHECK of an image, only at this one"),
	mapped("services.*.healthcheck.test", ""),
	mapped("services.*.healthcheck.disable", ""),
	mapped("services.*.healthcheck.interval", "5 to 300 seconds on Fargate"),
	mapped("services.*.healthcheck.timeout", "2 to 60 seconds on Fargate"),
	mapped("services.*.healthcheck.retries", "1 to 10 on Fargate"),
	mapped("services.*.healthcheck.start_period", "0 to 300 seconds on Fargate"),
	approximated("services.*.healthcheck.start_interval", "ECS checks at the same interval from the start", ""),

	framed("services.*.depends_on", "services start in this order when the stack is made"),
	framed("services.*.depends_on.*", ""),
	mapped("services.*.depends_on.*.required", ""),
	mapped("services.*.depends_on.*.condition", "").of("of a service in the same task", sharesTask(use.asks)),
	approximated("services.*.depends_on.*.condition",
		"not supported yet, the service starts as soon as the other one runs, and ECS starts that one again when it ends",
		"have the command wait for what it needs, or take both steps into one command").
		of("service_completed_successfully", is("service_completed_successfully")),
	mapped("services.*.depends_on.*.condition", ""),
	ignored("services.*.depends_on.*.restart", "ECS restarts no service because another one was", "").noted(),

	approximated("services.*.restart", "not restarted: another container of its task waits for its end", `write restart: "no"`).
		of("of a container whose end is waited for", awaitedInTask),
	mapped("services.*.restart", "ECS replaces the task, and restarts a sidecar in it").of("always, unless-stopped", is("always", "unless-stopped")),
	mapped("services.*.restart", "the task goes on without it").of("no, of a sidecar", ofSidecar(is("no"))),
	approximated("services.*.restart", "not supported yet, ECS starts the service again each time it ends",
		"leave the service out with x-fargate: {skip: true} and run it as a task by other means").of("no", is("no")),
	approximated("services.*.restart", "ECS restarts the container in its task once it has run for 5 minutes, however often; "+
		"the task ends where it ends before that or with exit code 0, and ECS starts another one", "").
		of("on-failure", hasPrefix("on-failure")),
	mapped("services.*.restart", ""),

	framed("services.*.pre_start", "containers of the task that must end well before this one starts"),
	mapped("services.*.pre_start.[].per_replica", "a step runs in each task, also where it is false"),
	ignored("services.*.pre_start.[].network_mode", "the step has the network of its task", "").noted(),
	ignored("services.*.pre_start.[].networks", "the step has the network of its task", "").noted(),
	ignored("services.*.pre_start.[].pid", "the step has the processes of its task", "").noted(),
	ignored("services.*.pre_start.[].cpus", "the step may use what the task has", "").noted(),
	ignored("services.*.pre_start.[].mem_limit", "the step may use what the task has", "").noted(),
	ignored("services.*.pre_start.[].mem_reservation", "the step may use what the task has", "").noted(),
	refused("services.*.post_start", "ECS runs nothing in a container once it is up", "do it in the entrypoint"),
	refused("services.*.pre_stop", "ECS runs nothing in a container before it stops", "handle SIGTERM in the service"),

	approximated("services.*.logging", "the output goes to CloudWatch Logs, kept for as long as x-fargate.log_retention says; options are for files on a host", "").
		of("driver json-file or local", loggedBy("", "json-file", "local")).noted(),
	approximated("services.*.logging", "the output goes to CloudWatch Logs all the same", "").of("driver none", loggedBy("none")),
	approximated("services.*.logging", "Fargate has no such log driver: the output goes to CloudWatch Logs",
		"driver: awsfirelens sends it on to wherever Fluent Bit can (FireLens)").of("another driver", loggedElsewhere),
	framed("services.*.logging", ""),
	mapped("services.*.logging.driver", "awslogs, splunk, or awsfirelens with a Fluent Bit container beside"),
	mapped("services.*.logging.options", "those of ECS for awslogs; all of them for splunk, and for the Fluent Bit output of awsfirelens"),
}

func loggedBy(drivers ...string) func(use) bool {
	return func(u use) bool { return u.asks() && slices.Contains(drivers, logDriver(&u.config)) }
}

func loggedElsewhere(u use) bool {
	return u.asks() && !slices.Contains([]string{awslogs, splunk, awsfirelens}, logDriver(&u.config))
}
