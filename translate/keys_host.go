package translate

// hostKeys ask for a host, which a Fargate task does not have.
var hostKeys = []Key{
	refused("services.*.devices", "Fargate gives no devices of a host", elsewhereOnAWS),
	refused("services.*.device_cgroup_rules", "Fargate gives no devices of a host", elsewhereOnAWS),
	refused("services.*.gpus", "Fargate has no GPUs", elsewhereOnAWS),
	refused("services.*.use_api_socket", "Fargate has no Docker to give out", "leave the service out with x-fargate: {skip: true}"),

	notYet("services.*.pid", "the processes of another container are not shared", "leave pid out").
		of("service:NAME", hasPrefix("service:")),
	refused("services.*.pid", "a task has no host whose processes it could see", elsewhereOnAWS),
	mapped("services.*.ipc", "").of("private, none, shareable", is("private", "none", "shareable")),
	refused("services.*.ipc", "Fargate shares no IPC namespace", elsewhereOnAWS),
	mapped("services.*.cgroup", "").of("private", is("private")),
	refused("services.*.cgroup", "a task has no host whose cgroups it could see", elsewhereOnAWS),
	ignored("services.*.cgroup_parent", "a task has no host whose cgroups it could choose from", "").noted(),
	refused("services.*.userns_mode", "Fargate shares no user namespace", elsewhereOnAWS),
	refused("services.*.uts", "a task has no host whose name it could have", elsewhereOnAWS),
}
