package translate

// imageKeys are about where a container comes from.
var imageKeys = []Key{
	framed("services.*", "a task definition and an ECS service"),
	mapped("services.*.image", ""),
	notYet("services.*.build", "images are not built", "build and push the image yourself, and name it with image: alone"),
	mapped("services.*.platform", "the CPU architecture of the task"),
	ignored("services.*.pull_policy", "a task has no images of this machine, and pulls its own when it starts",
		"push the image to a registry, if it is on this machine only").of("never", is("never")),
	ignored("services.*.pull_policy", "each task pulls its image when it starts", "").noted(),
	ignored("services.*.pull_refresh_after", "each task pulls its image when it starts", "").noted(),
	mapped("services.*.profiles", "as docker compose does"),
	mapped("services.*.extends", "as docker compose does; local files only"),
	refused("services.*.provider", "its provider runs beside docker compose, not on Fargate",
		"replace it with a service that has an image, or make the resource by other means"),
	refused("services.*.models", "Fargate runs no language models",
		"give the service the address of a model, say Amazon Bedrock's, in its environment"),
	ignored("services.*.develop", "it is for working on the sources, and a task has none", "").noted(),
	ignored("services.*.attach", "it is for docker compose up", "").noted(),
	ignored("services.*.container_name", "tasks have no container names; other services find this one by its service name", "").noted(),
	ignored("services.*.annotations", "they are for container runtimes, and Fargate passes none on", "").noted(),
	mapped("services.*.labels", "the Docker labels of the container"),
	mapped("services.*.label_file", "the Docker labels of the container"),
}
