package simulator

import "strings"

// arnParts splits an ARN into service and resource: "ecs" and
// "service/shop/web". Both are empty when it is no ARN.
func arnParts(arn string) (service, resource string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", ""
	}
	return parts[2], parts[5]
}

func arnService(arn string) string {
	service, _ := arnParts(arn)
	return service
}

// arnType is the resource type of the tagging API: "ecs:service".
func arnType(arn string) string {
	service, resource := arnParts(arn)
	if end := strings.IndexAny(resource, "/:"); end >= 0 {
		resource = resource[:end]
	}
	return service + ":" + resource
}

// lastPart is what follows the last slash: a name out of an ARN or a name.
func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
