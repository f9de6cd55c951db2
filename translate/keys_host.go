package translate

// hostKeys ask for a host, which a Fargate task does not have.
var hostKeys = []Key{
	refused("services.*.devices", "Fargate does not give tasks access to host devices", elsewhereOnAWS),
	refused("services.*.device_cgroup_rules", "Fargate does not give tasks access to host devices", elsewhereOnAWS),
	refused("services.*.gpus", "Fargate has no GPUs", elsewhereOnAWS),
	refused("services.*.use_api_socket", "Fargate has no Docker socket", "leave the service out with x-fargate: {skip: true}"),

	mapped("services.*.pid", "the services share a task, whose containers see each other's processes").to("pidMode").
		of("service:NAME, container:NAME in this stack", ofTheseFiles),
	refused("services.*.pid", "the container is not part of this stack", "leave pid out, or name a service in this stack").
		of("container:NAME", hasPrefix("container:")),
	refused("services.*.pid", "Fargate does not share the host's process namespace", elsewhereOnAWS),
	mapped("services.*.ipc", "").of("private, none, shareable", is("private", "none", "shareable")),
	refused("services.*.ipc", "Fargate does not share IPC namespaces", elsewhereOnAWS),
	mapped("services.*.cgroup", "").of("private", is("private")),
	refused("services.*.cgroup", "Fargate does not share the host's cgroup namespace", elsewhereOnAWS),
	ignored("services.*.cgroup_parent", "Fargate does not let a task choose its parent cgroup", "").noted(),
	refused("services.*.userns_mode", "Fargate does not share the host's user namespace", elsewhereOnAWS),
	refused("services.*.uts", "Fargate does not share the host's UTS namespace", elsewhereOnAWS),
}
