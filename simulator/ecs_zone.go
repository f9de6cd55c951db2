package simulator

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// fargateZones are the zones with Fargate in the regions where not all have it
// (ECS Developer Guide, "Supported Regions for Amazon ECS on AWS Fargate").
var fargateZones = map[string][]string{
	"us-west-1":      {"usw1-az1", "usw1-az3"},
	"ap-northeast-1": {"apne1-az1", "apne1-az2", "apne1-az4"},
	"cn-north-1":     {"cnn1-az1", "cnn1-az2"},
}

// placeable are the subnets in which Fargate places tasks.
func (a *Account) placeable(subnets []string) []string {
	zones, some := fargateZones[a.Region]
	return slices.DeleteFunc(slices.Clone(subnets), func(id string) bool {
		return some && !slices.Contains(zones, str(val(a.Subnets.Get(id)).AvailabilityZoneId))
	})
}

// zoneProblem wants a subnet in a zone with Fargate.
func zoneProblem(a *Account, _ *types.TaskDefinition, n types.AwsVpcConfiguration) *startFailure {
	if len(a.placeable(n.Subnets)) > 0 {
		return nil
	}
	return cannotStart("Capacity is unavailable at this time. Please try again later or in a different availability zone "+
		"(Fargate has none in the zones of %s)", strings.Join(n.Subnets, ", "))
}
