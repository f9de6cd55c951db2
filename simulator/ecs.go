package simulator

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ecsState is everything of ECS. Tags are in Account.Tags.
type ecsState struct {
	Clusters        Table[Cluster]               `state:"ecs.clusters"`            // by name
	TaskDefinitions Table[types.TaskDefinition]  `state:"ecs.task-definitions"`    // by "family:revision"
	Services        Table[Service]               `state:"ecs.services"`            // by "cluster/service"
	Deployments     Table[Deployment]            `state:"ecs.service-deployments"` // by "cluster/service/number"
	Revisions       Table[types.ServiceRevision] `state:"ecs.service-revisions"`   // by "cluster/service/number"
	Tasks           Table[Task]                  `state:"ecs.tasks"`               // by "cluster/id"
	Known           Table[Known]                 `state:"ecs.known-endpoints"`     // by "cluster/service/number" of a deployment
	Endpoints       Table[Endpoint]              `state:"ecs.endpoints"`           // by owner, name, port and number
	Settings        Table[string]                `state:"ecs.account-settings"`    // by name

	VolumeStates Table[string] `state:"ecs.volume-states"` // by "file system/access point/path", where a script says how long the first start takes
}

func ecsOperations() []operation {
	return []operation{
		write(createCluster),
		read(describeClusters),
		read(listClusters),
		write(updateCluster),
		write(updateClusterSettings),
		write(putClusterCapacityProviders),
		write(deleteCluster),
		read(describeCapacityProviders),

		write(registerTaskDefinition),
		read(describeTaskDefinition),
		read(listTaskDefinitions),
		read(listTaskDefinitionFamilies),
		write(deregisterTaskDefinition),
		write(deleteTaskDefinitions),

		write(createService),
		read(describeServices),
		read(listServices),
		write(updateService),
		write(deleteService),
		read(listServiceDeployments),
		read(describeServiceDeployments),
		read(describeServiceRevisions),
		write(stopServiceDeployment),

		read(listTasks),
		read(describeTasks),
		write(runTask),
		write(stopTask),
		write(executeCommand),
		write(updateTaskProtection),

		write(ecsTagResource),
		write(ecsUntagResource),
		read(ecsListTags),
		read(listAccountSettings),
		write(putAccountSetting),
	}
}

func invalidParameter(format string, args ...any) error {
	return &types.InvalidParameterException{Message: ptr(fmt.Sprintf(format, args...))}
}

func clientError(format string, args ...any) error {
	return &types.ClientException{Message: ptr(fmt.Sprintf(format, args...))}
}

// ecsPage is page with ECS's errors (API reference, the List operations, maxResults:
// "This value can be between 1 and 100").
func ecsPage[T any](a *Account, items []T, place func(T) string, token *string, size *int32, usual int) ([]T, *string, error) {
	if val(size) < 0 || val(size) > 100 { // ListAccountSettings sends 0 for none
		return nil, nil, invalidParameter("maxResults must be between 1 and 100, not %d.", *size)
	}
	items, next, err := page(a, items, place, token, size, usual)
	if err != nil {
		return nil, nil, invalidParameter("Invalid token.")
	}
	return filled(items), next, nil
}

func ecsTags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func ecsCheckTags(have map[string]string, list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}
	if problem := tagProblem(have, tags); problem != "" {
		return nil, invalidParameter("%s", problem)
	}
	return tags, nil
}

// missing is how ECS reports what a Describe call did not find.
func missing(arn string) types.Failure { return types.Failure{Arn: &arn, Reason: ptr("MISSING")} }

// shortName is the name in a name or ARN of that resource type.
func shortName(nameOrARN, resourceType string) string {
	if _, resource := arnParts(nameOrARN); resource != "" {
		return lastPart(strings.TrimPrefix(resource, resourceType+"/"))
	}
	return nameOrARN
}

// trimType removes the resource type from the resource part of an ARN.
func trimType(resource, resourceType string) string {
	return strings.TrimPrefix(resource, resourceType+"/")
}
