package translate

// hostKeys ask for a host, which a Fargate task does not have.
var hostKeys = []Key{
	refused("services.*.devices", "Fargate gives no devices of a host", elsewhereOnAWS),
	refused("services.*.device_cgroup_rules", "Fargate gives no devices of a host", elsewhereOnAWS),
	refused("services.*.gpus", "Fargate has no GPUs", elsewhereOnAWS),
	refused("services.*.use_api_socket", "Fargate has no Docker to give out", "leave the service out with x-fargate: {skip: true}"),

	mapped("services.*.pid", "the services share a task, whose containers see each other's processes").
		of("service:NAME, container:NAME of these files", ofTheseFiles),
	refused("services.*.pid", "the container is not of this stack", "leave pid out, or name a service of these files").
		of("container:NAME", hasPrefix("container:")),
	refused("services.*.pid", "a task has no host whose processes it could see", elsewhereOnAWS),
	mapped("services.*.ipc", "").of("private, none, shareable", is("private", "none", "shareable")),
	refused("services.*.ipc", "Fargate shares no IPC namespace", elsewhereOnAWS),
	mapped("services.*.cgroup", "").of("private", is("private")),
	refused("services.*.cgroup", "a task has no host whose cgroups it could see", elsewhereOnAWS),
	ignored("services.*.cgroup_parent", "a task has no host whose cgroups it could choose from", "").noted(),
	refused("services.*.userns_mode", "Fargate shares no user namespace", elsewhereOnAWS),
	refused("services.*.uts", "a task has no host whose name it could have", elsewhereOnAWS),
}
