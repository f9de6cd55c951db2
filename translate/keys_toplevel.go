package translate

import "slices"

// topLevelKeys are about the file as a whole and about what services share.
var topLevelKeys = []Key{
	mapped("name", "the project name"),
	ignored("version", "compose has no versions any more", "remove the line").noted(),
	mapped("include", "read as docker compose reads it; local files only"),
	framed("services", ""),
	framed("networks", ""),
	framed("volumes", ""),
	mapped("secrets", "spoken of where a service uses them"),
	mapped("configs", "spoken of where a service uses them"),

	notYet("jobs", "jobs would be scheduled tasks", "leave the job out and start it by other means"),
	mapped("models", "spoken of where a service uses them"),

	framed("networks.*", "a security group whose members reach each other"),
	ignored("networks.*.name", "the security group is named after project and network", "").noted(),
	mapped("networks.*.driver", "").of("bridge, overlay, default", is("bridge", "overlay", "default")),
	ignored("networks.*.driver", "a network is a security group of the VPC, whatever its driver", ""),
	ignored("networks.*.driver_opts", "a network is a security group of the VPC and takes no options", "").noted(),
	ignored("networks.*.ipam", "tasks get addresses of the subnets they run in",
		"choose the subnets with x-fargate.subnets, and let services find each other by name"),
	approximated("networks.*.external", "the network becomes a security group of this stack: what is outside the stack is no member of it",
		"").of("true", networkIsExternal),
	approximated("networks.*.internal", "tasks in it still reach port 443 everywhere, since they pull their image and "+
		"send their logs through their own network interface", ""),
	ignored("networks.*.attachable", "security groups can always be used by others", "").noted(),
	ignored("networks.*.enable_ipv4", "addresses are those of the subnets", "choose IPv6-only subnets with x-fargate.subnets").
		of("false", is("false")),
	ignored("networks.*.enable_ipv6", "addresses are those of the subnets", "choose dual-stack subnets with x-fargate.subnets"),
	later("networks.*.labels", "the security group has the tags of the stack only", "").noted(),

	framed("volumes.*", "scratch storage of each task that mounts it"),
	ignored("volumes.*.name", "scratch storage of a task has no name", "").noted(),
	ignored("volumes.*.driver", "a volume is scratch storage of its task", "").of("any but local", isNot("local")),
	notYet("volumes.*.driver_opts", "the volume takes its data from elsewhere, and would be empty here",
		"put the data into the image, or leave the service out with x-fargate: {skip: true}").
		of("with a device, or of type nfs, cifs", takesDataFromElsewhere),
	ignored("volumes.*.driver_opts", "scratch storage of a task takes no options", "").noted(),
	notYet("volumes.*.external", "the volume has data, and would be empty here",
		"put the data into the image, or leave the service out with x-fargate: {skip: true}"),
	later("volumes.*.labels", "scratch storage of a task has no labels", "").noted(),
}

func isNot(values ...string) func(use) bool {
	return func(u use) bool { return u.asks() && !slices.Contains(values, u.text()) }
}

// networkIsExternal sees the old form external: {name: x} as well.
func networkIsExternal(u use) bool {
	_, old := u.value.(map[string]any)
	return old || u.text() == "true"
}

func takesDataFromElsewhere(u use) bool {
	opts, _ := u.value.(map[string]any)
	kind := use{value: opts["type"]}.text()
	if kind == "tmpfs" {
		return false
	}
	return use{value: opts["device"]}.asks() || slices.Contains([]string{"nfs", "nfs4", "cifs"}, kind)
}
