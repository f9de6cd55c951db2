package resource

import "strings"

// serviceID is what names a service: its cluster's name and its own.
type serviceID struct{ cluster, name string }

func (id serviceID) String() string { return id.cluster + "/" + id.name }

// parseServiceARN reads arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME. The
// short form of before 2019 has no cluster in it and no tags either.
func parseServiceARN(arn string) (serviceID, bool) {
	parts := strings.Split(arn, "/")
	if len(parts) != 3 || !strings.HasSuffix(parts[0], ":service") {
		return serviceID{}, false
	}
	return serviceID{parts[1], parts[2]}, true
}

// clusterName is the name in the ARN of a cluster, or the name itself.
func clusterName(cluster string) string { return cluster[strings.LastIndexByte(cluster, '/')+1:] }

// revisionOf is FAMILY:REVISION of the ARN of a task definition.
func revisionOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
