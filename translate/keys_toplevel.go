package translate

import "slices"

// topLevelKeys are about the file as a whole and about what services share.
var topLevelKeys = []Key{
	mapped("name", "the project name").to("cluster: clusterName"),
	ignored("version", "compose files no longer have a version", "remove the line").noted(),
	mapped("include", "read as docker compose reads it; local files only"),
	framed("services", ""),
	framed("networks", ""),
	framed("volumes", ""),
	framed("secrets", ""),
	framed("configs", ""),

	notYet("jobs", "jobs would be scheduled tasks", "leave the job out and start it outside this tool"),
	mapped("models", "reported where a service uses them"),

	framed("networks.*", "a security group whose members reach each other").to("security group"),
	mapped("networks.*.name", "the name of an existing security group").to("service: networkConfiguration.securityGroups").of("of an external network", ofExternal),
	ignored("networks.*.name", "the security group is named after project and network", "").noted(),
	mapped("networks.*.driver", "").of("bridge, overlay, default", is("bridge", "overlay", "default")),
	ignored("networks.*.driver", "a network is a security group of the VPC, whatever its driver", ""),
	ignored("networks.*.driver_opts", "a network is a security group of the VPC and has no options", "").noted(),
	ignored("networks.*.ipam", "tasks get addresses from the subnets that they run in",
		"choose the subnets with x-fargate.subnets, and let services find each other by name"),
	mapped("networks.*.external", "the existing security group of that name in the VPC, with its rules").to("service: networkConfiguration.securityGroups").of("true", networkIsExternal),
	mapped("networks.*.internal", "").to("security group: egress").of("with x-fargate: {isolated: true}", networkIsIsolated),
	approximated("networks.*.internal", "tasks in it still reach port 443 everywhere, since they pull their image and "+
		"send their logs through their own network interface", "write x-fargate: {isolated: true} at the network, if the VPC has endpoints for that"),
	ignored("networks.*.attachable", "security groups can always be used by others", "").noted(),
	ignored("networks.*.enable_ipv4", "addresses come from the subnets", "choose IPv6-only subnets with x-fargate.subnets").
		of("false", is("false")),
	ignored("networks.*.enable_ipv6", "addresses come from the subnets", "choose dual-stack subnets with x-fargate.subnets"),
	later("networks.*.labels", "the security group has only the tags of the stack", "").noted(),

	framed("volumes.*", "a directory on the project's EFS file system").to("access point, volumes"),
	mapped("volumes.*.name", "the id of a file system").to("volumes.efsVolumeConfiguration").of("of an external volume", ofExternal),
	ignored("volumes.*.name", "a volume is known by its key in this file", "").noted(),
	refused("volumes.*.driver", "Fargate does not support volume plugins",
		"leave driver out for a directory on EFS, or write x-fargate: {file_system: fs-…} for an existing EFS file system").
		of("a plugin", isRefused(whyDriver)),
	ignored("volumes.*.driver", "a volume is on EFS, unless x-fargate says otherwise", "").of("any but local", isNot("local")).noted(),
	refused("volumes.*.driver_opts", "tasks can mount NFS from EFS only",
		"name an EFS file system in addr, or with x-fargate: {file_system: fs-…}, or leave driver_opts out for a new directory on EFS").
		of("of type nfs, on a server that is not EFS", isRefused(whyNFS)),
	refused("volumes.*.driver_opts", "tasks can mount EFS, but no other network shares",
		"leave driver_opts out for a new directory on EFS, and copy the data there with AWS DataSync").of("of type cifs and the like", isRefused(whyShare)),
	refused("volumes.*.driver_opts", "a task cannot mount the disks of a host", "leave driver_opts out for a new directory on EFS").
		of("with the device of a host", isRefused(whyDevice)),
	mapped("volumes.*.driver_opts", "a directory in memory; if several services share it, scratch storage of each task").of("of type tmpfs", isStored(memoryStore)),
	mapped("volumes.*.driver_opts", "the options of Docker's former ECS integration, which x-fargate of the volume has too"),
	mapped("volumes.*.external", "an existing EFS file system or access point").to("volumes.efsVolumeConfiguration").of("on EFS", isStored(existingStore)),
	refused("volumes.*.external", "the volume is not part of this stack, and its name is not that of an EFS file system",
		"add name: fs-…, or x-fargate: {file_system: fs-…, access_point: fsap-…}; or leave external out for a new directory on EFS"),
	ignored("volumes.*.labels", "resources on EFS have only the tags of the stack", "").noted(),

	framed("secrets.*", "an SSM parameter whose name ends in a hash of the value; above 4 KiB a secret in Secrets Manager").to("parameter, secret"),
	mapped("secrets.*.file", "").to("parameter, secret"),
	mapped("secrets.*.environment", "").to("parameter, secret"),
	mapped("secrets.*.external", "an ARN of a parameter or a secret, or the name of a parameter").to("containerDefinitions.secrets"),
	mapped("secrets.*.name", "the ARN of a parameter or a secret, or the name of a parameter").to("containerDefinitions.secrets").of("of an external secret", ofExternal),
	ignored("secrets.*.name", "the resource is named after the key of the secret in this file", "").noted(),
	ignored("secrets.*.labels", "the resource has only the tags of the stack", "").noted(),
	refused("secrets.*.driver", "Fargate has no Docker Swarm plugins", "give it a file or an environment variable"),
	framed("secrets.*.driver_opts", ""),
	mapped("secrets.*.driver_opts.*", "the ARN of the KMS key").to("parameter: keyId, secret: kmsKeyId").of("kms_key_id", called("kms_key_id")),
	ignored("secrets.*.driver_opts.*", "only the option kms_key_id has a meaning on AWS", ""),
	refused("secrets.*.template_driver", "templates are not supported: nothing would fill them in", "give it a file with the values filled in"),

	framed("configs.*", "a file in the image of each service that uses it").to("image: files"),
	mapped("configs.*.file", "").to("image: files"),
	mapped("configs.*.content", "").to("image: files"),
	mapped("configs.*.environment", "").to("image: files"),
	mapped("configs.*.external", "an ARN of a parameter or a secret, or the name of a parameter").to("containerDefinitions.secrets"),
	mapped("configs.*.name", "the ARN of a parameter or a secret, or the name of a parameter").to("containerDefinitions.secrets").of("of an external config", ofExternal),
	ignored("configs.*.name", "a file in an image has no name of its own", "").noted(),
	ignored("configs.*.labels", "a file in an image has no labels", "").noted(),
	refused("configs.*.template_driver", "templates are not supported: nothing would fill them in", "give it a file with the values filled in"),
}

func isNot(values ...string) func(use) bool {
	return func(u use) bool { return u.asks() && !slices.Contains(values, u.text()) }
}

func networkIsIsolated(u use) bool {
	return u.asks() && u.project != nil && u.project.X.Networks[u.path[1]].Isolated
}

// networkIsExternal sees the old form external: {name: x} as well.
func networkIsExternal(u use) bool {
	_, old := u.value.(map[string]any)
	return old || u.text() == "true"
}

// ofExternal holds for an attribute next to external: true.
func ofExternal(u use) bool {
	return u.asks() && networkIsExternal(use{value: u.parent["external"]})
}
