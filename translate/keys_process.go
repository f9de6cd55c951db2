package translate

import "slices"

// runOnceHelp says how a service is told to end by itself.
const runOnceHelp = "write deploy: {mode: replicated-job}, or let what needs it wait for service_completed_successfully, and it runs once"

// processKeys are about what runs in a container, and for how long.
var processKeys = []Key{
	mapped("services.*.command", "").to("containerDefinitions.command"),
	mapped("services.*.entrypoint", "").to("containerDefinitions.entryPoint"),
	mapped("services.*.environment", "").to("containerDefinitions.environment"),
	mapped("services.*.env_file", "read when the stack is translated").to("containerDefinitions.environment"),
	mapped("services.*.working_dir", "").to("containerDefinitions.workingDirectory"),
	mapped("services.*.user", "").to("containerDefinitions.user"),
	mapped("services.*.init", "").to("containerDefinitions.linuxParameters.initProcessEnabled"),
	mapped("services.*.tty", "").to("containerDefinitions.pseudoTerminal"),
	mapped("services.*.stdin_open", "").to("containerDefinitions.interactive"),
	mapped("services.*.stop_grace_period", "at most 120 seconds on Fargate").to("containerDefinitions.stopTimeout"),
	mapped("services.*.stop_signal", "").of("SIGTERM", is("SIGTERM", "15")),
	ignored("services.*.stop_signal", "ECS uses the stop signal of the image, or SIGTERM if the image has none",
		"set STOPSIGNAL in the Dockerfile"),
	ignored("services.*.group_add", "the user has the groups that the image gives it", "add the groups in the image"),
	ignored("services.*.umask", "Fargate cannot set it", "set it in the entrypoint"),

	framed("services.*.healthcheck", "ECS ignores the HEALTHCHECK of an image: it is repeated here, for an image that is built where another service waits for it").to("containerDefinitions.healthCheck"),
	mapped("services.*.healthcheck.test", "").to("containerDefinitions.healthCheck.command"),
	mapped("services.*.healthcheck.disable", "").to("containerDefinitions.healthCheck"),
	mapped("services.*.healthcheck.interval", "5 to 300 seconds on Fargate; longer where retries or start_period need it").to("containerDefinitions.healthCheck.interval"),
	mapped("services.*.healthcheck.timeout", "2 to 60 seconds on Fargate").to("containerDefinitions.healthCheck.timeout"),
	mapped("services.*.healthcheck.retries", "1 to 10 on Fargate; more of them are made up for by interval").to("containerDefinitions.healthCheck.retries"),
	mapped("services.*.healthcheck.start_period", "always the 300 seconds that ECS has at most; retries and interval make up for more").to("containerDefinitions.healthCheck.startPeriod"),
	approximated("services.*.healthcheck.start_interval", "ECS checks at the same interval from the start", "write that interval if others wait for the first success").noted(),

	framed("services.*.depends_on", "services start in this order when the stack is created").to("start order, containerDefinitions.dependsOn"),
	framed("services.*.depends_on.*", "").to("start order, containerDefinitions.dependsOn"),
	mapped("services.*.depends_on.*.required", ""),
	mapped("services.*.depends_on.*.condition", "").to("containerDefinitions.dependsOn.condition").of("of a service in the same task", sharesTask(use.asks)),
	refused("services.*.depends_on.*.condition", "the other one is a sidecar of a service that goes on when it has ended, and nothing outside of their task sees its end",
		"give it a task of its own, or wait for service_started").of("service_completed_successfully, of a sidecar elsewhere", awaitsSidecar),
	mapped("services.*.depends_on.*.condition", "it starts once a run of the other one has ended with exit code 0").
		of("service_completed_successfully", is("service_completed_successfully")).into("start order"),
	mapped("services.*.depends_on.*.condition", ""),
	ignored("services.*.depends_on.*.restart", "ECS does not restart a service when another one restarts", "").noted(),

	approximated("services.*.restart", "not restarted, because another container in its task waits for it to finish", `write restart: "no"`).to("containerDefinitions.restartPolicy, containerDefinitions.essential").
		of("of a container that another one waits for", awaitedInTask),
	approximated("services.*.restart", "not restarted: another service waits for its end, so that it runs once and again when it changes", `write restart: "no"`).
		of("always, unless-stopped, where another service waits for its end", toItsEnd(is("always", "unless-stopped"))),
	mapped("services.*.restart", "it runs once, and again when its image, files, secrets or definition change").of("no, of what ends by itself", toItsEnd(is("no"))),
	mapped("services.*.restart", "a run that fails is tried again that often, 9 times without a number").of("on-failure, of what ends by itself", toItsEnd(hasPrefix("on-failure"))),
	mapped("services.*.restart", "ECS replaces the task; a sidecar is restarted in place").of("always, unless-stopped", is("always", "unless-stopped")),
	mapped("services.*.restart", "the task keeps running without it").of("no, of a sidecar", ofSidecar(is("no"))),
	approximated("services.*.restart", "nothing tells that it ends by itself: ECS starts it again whenever it exits", runOnceHelp).of("no", is("no")),
	approximated("services.*.restart", "ECS restarts the container in its task once it has run for 5 minutes, any number of times; "+
		"if it exits earlier, or with code 0, the task stops and ECS starts a new one", "").
		of("on-failure", hasPrefix("on-failure")),
	mapped("services.*.restart", ""),

	framed("services.*.pre_start", "containers of the task that must succeed before this one starts").to("containerDefinitions, containerDefinitions.dependsOn"),
	mapped("services.*.pre_start.[].per_replica", "a step runs in each task, even if this is false"),
	ignored("services.*.pre_start.[].network_mode", "the step uses the network of its task", "").noted(),
	ignored("services.*.pre_start.[].networks", "the step uses the network of its task", "").noted(),
	ignored("services.*.pre_start.[].pid", "the step shares the process namespace of its task", "").noted(),
	ignored("services.*.pre_start.[].cpus", "the step may use all CPU and memory of the task", "").noted(),
	ignored("services.*.pre_start.[].mem_limit", "the step may use all CPU and memory of the task", "").noted(),
	ignored("services.*.pre_start.[].mem_reservation", "the step may use all CPU and memory of the task", "").noted(),
	refused("services.*.post_start", "ECS has no post-start hook", "do it in the entrypoint"),
	refused("services.*.pre_stop", "ECS has no pre-stop hook", "handle SIGTERM in the service"),

	approximated("services.*.logging", "the output goes to CloudWatch Logs, kept for as long as x-fargate.log_retention says; the options apply only to log files on a host", "").to("containerDefinitions.logConfiguration").
		of("driver json-file or local", loggedBy("", "json-file", "local")).noted(),
	approximated("services.*.logging", "the output still goes to CloudWatch Logs", "").of("driver none", loggedBy("none")),
	approximated("services.*.logging", "Fargate does not support this log driver: the output goes to CloudWatch Logs",
		"use driver: awsfirelens (FireLens) to send it anywhere that Fluent Bit can").of("another driver", loggedElsewhere),
	framed("services.*.logging", ""),
	mapped("services.*.logging.driver", "awslogs, splunk, or awsfirelens with a Fluent Bit sidecar").to("containerDefinitions.logConfiguration.logDriver"),
	mapped("services.*.logging.options", "for awslogs the options that ECS supports; for splunk and the Fluent Bit output of awsfirelens all options").to("containerDefinitions.logConfiguration.options"),
}

func loggedBy(drivers ...string) func(use) bool {
	return func(u use) bool { return u.asks() && slices.Contains(drivers, logDriver(u.container())) }
}

func loggedElsewhere(u use) bool {
	return u.asks() && !slices.Contains([]string{awslogs, splunk, awsfirelens}, logDriver(u.container()))
}
