package translate

import "strings"

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
	ignored("services.*.stop_signal", "Fargate sends what the image asks for, or SIGTERM", "put STOPSIGNAL into the image"),
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
	approximated("services.*.depends_on.*.condition",
		"not supported yet, the service starts as soon as the other one runs, and ECS starts that one again when it ends",
		"have the command wait for what it needs, or take both steps into one command").
		of("service_completed_successfully", is("service_completed_successfully")),
	mapped("services.*.depends_on.*.condition", ""),
	ignored("services.*.depends_on.*.restart", "ECS restarts no service because another one was", "").noted(),

	mapped("services.*.restart", "").of("always, unless-stopped", is("always", "unless-stopped")),
	approximated("services.*.restart", "not supported yet, ECS starts the service again each time it ends",
		"leave the service out with x-fargate: {skip: true} and run it as a task by other means").of("no", is("no")),
	approximated("services.*.restart", "ECS starts a task in the place of one that ends, whatever its exit code", "").
		of("on-failure", hasPrefix("on-failure")),
	mapped("services.*.restart", ""),

	notYet("services.*.pre_start", "no container runs before this one", "do it in the entrypoint"),
	notYet("services.*.post_start", "ECS runs nothing in a container once it is up", "do it in the entrypoint"),
	refused("services.*.pre_stop", "ECS runs nothing in a container before it stops", "handle SIGTERM in the service"),

	framed("services.*.logging", ""),
	mapped("services.*.logging.driver", "").of("awslogs", is("awslogs")),
	approximated("services.*.logging.driver", "the output goes to CloudWatch Logs, a task has no disk to keep it on", "").
		of("json-file, local", is("json-file", "local")).noted(),
	approximated("services.*.logging.driver", "the output goes to CloudWatch Logs all the same", "").of("none", is("none")),
	notYet("services.*.logging.driver", "Fargate has splunk and awsfirelens besides, and no other driver",
		"use driver: awslogs, or leave logging out").of("splunk, awsfirelens", is("splunk", "awsfirelens")),
	refused("services.*.logging.driver", "Fargate has no such log driver", "use driver: awslogs, or leave logging out"),
	mapped("services.*.logging.options", "").of("of awslogs", loggedBy("awslogs")),
	ignored("services.*.logging.options", "they are for files on a host", "set the retention with x-fargate.log_retention").
		of("of json-file, local", loggedBy("", "json-file", "local")).noted(),
	ignored("services.*.logging.options", "they go with their driver", "").noted(),
}

func loggedBy(drivers ...string) func(use) bool {
	return func(u use) bool {
		driver := ""
		if u.config.Logging != nil {
			driver = u.config.Logging.Driver
		}
		return u.asks() && is(drivers...)(use{value: strings.TrimSpace(driver)})
	}
}
