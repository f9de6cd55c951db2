package simulator

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// updateService changes what was sent and keeps the rest. It starts a new
// deployment when one of the fields differs of which the API reference says
// "This parameter triggers a new service deployment", and when it is forced to.
func updateService(a *Account, in *ecs.UpdateServiceInput) (*ecs.UpdateServiceOutput, error) {
	key, s, err := a.activeService(in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkKnown(in.GatewayConnectors, in.VpcLatticeConfigurations, in.Monitoring); err != nil {
		return nil, err
	}
	td := a.definition(*s.TaskDefinition)
	if in.TaskDefinition != nil {
		if td, err = a.runnable(in.TaskDefinition); err != nil {
			return nil, err
		}
	}
	want := a.updated(s, td, in)
	if err := a.checkService(cluster, td, want); err != nil {
		return nil, err
	}
	if strategyChanged(s, &want) && !in.ForceNewDeployment {
		return nil, invalidParameter("When switching from launch type to capacity provider strategy on an existing service, " +
			"or making a change to a capacity provider strategy on a service that is already using one, " +
			"you must force a new deployment.")
	}
	now := s.Deployments[0]
	connect, err := a.checkConnect(key, cluster, td, cmp.Or(in.ServiceConnectConfiguration, now.ServiceConnectConfiguration))
	if err != nil {
		return nil, err
	}
	volumes := replaced(now.VolumeConfigurations, in.VolumeConfigurations)
	if err := checkLaunchVolumes(td, volumes); err != nil {
		return nil, err
	}
	rolls := in.ForceNewDeployment || triggers(s, &want) ||
		!same(enabled(connect), enabled(now.ServiceConnectConfiguration)) || !same(volumes, now.VolumeConfigurations)
	*a.Services.Edit(key) = want
	if rolls {
		a.deploy(key, connect, volumes)
		a.Services.Edit(key).Deployments[0].DesiredCount = 0 // until the scheduler has seen it: so in live answers
	} else {
		a.rescale(key)
	}
	return &ecs.UpdateServiceOutput{Service: a.describeService(a.Services.Get(key), nil)}, nil
}

// enabled is the configuration, nil when it turns Service Connect off.
func enabled(c *types.ServiceConnectConfiguration) *types.ServiceConnectConfiguration {
	if c == nil || !c.Enabled {
		return nil
	}
	return c
}

// updated is the service with the fields that were sent.
func (a *Account) updated(s *Service, td *types.TaskDefinition, in *ecs.UpdateServiceInput) Service {
	want := clone(*s)
	if in.TaskDefinition != nil {
		want.TaskDefinition = td.TaskDefinitionArn
	}
	want.DesiredCount = *orElse(in.DesiredCount, want.DesiredCount)
	want.EnableECSManagedTags = *orElse(in.EnableECSManagedTags, want.EnableECSManagedTags)
	want.EnableExecuteCommand = *orElse(in.EnableExecuteCommand, want.EnableExecuteCommand)
	want.HealthCheckGracePeriodSeconds = cmp.Or(in.HealthCheckGracePeriodSeconds, want.HealthCheckGracePeriodSeconds)
	want.AvailabilityZoneRebalancing = cmp.Or(in.AvailabilityZoneRebalancing, want.AvailabilityZoneRebalancing)
	want.PropagateTags = cmp.Or(in.PropagateTags, want.PropagateTags)
	want.PlatformVersion = cmp.Or(emptyIsNil(in.PlatformVersion), want.PlatformVersion)
	want.DeploymentController = cmp.Or(in.DeploymentController, want.DeploymentController)
	want.DeploymentConfiguration = fillDeploymentConfiguration(in.DeploymentConfiguration, want.DeploymentConfiguration)
	if in.NetworkConfiguration != nil {
		want.NetworkConfiguration = a.fillNetwork(in.NetworkConfiguration)
	}
	want.LoadBalancers = replaced(want.LoadBalancers, in.LoadBalancers)
	want.ServiceRegistries = replaced(want.ServiceRegistries, in.ServiceRegistries)
	want.PlacementConstraints = replaced(want.PlacementConstraints, in.PlacementConstraints)
	want.PlacementStrategy = replaced(want.PlacementStrategy, in.PlacementStrategy)
	if in.CapacityProviderStrategy != nil {
		want.CapacityProviderStrategy, want.LaunchType = in.CapacityProviderStrategy, ""
		if len(in.CapacityProviderStrategy) == 0 { // documented as the way back to the launch type
			want.CapacityProviderStrategy, want.LaunchType = nil, types.LaunchTypeFargate
		}
	}
	return want
}

// replaced is the new list; nil keeps the one there is, empty clears it.
func replaced[T any](have, asked []T) []T {
	if asked == nil {
		return have
	}
	return asked
}

// triggers tells whether a field differs that triggers a deployment.
func triggers(s, want *Service) bool {
	return *s.TaskDefinition != *want.TaskDefinition ||
		*s.PlatformVersion != *want.PlatformVersion ||
		!same(sortedNetwork(s), sortedNetwork(want)) ||
		!sameList(s.LoadBalancers, want.LoadBalancers) ||
		!sameList(s.ServiceRegistries, want.ServiceRegistries)
}

func strategyChanged(s, want *Service) bool {
	return s.LaunchType != want.LaunchType || !sameList(s.CapacityProviderStrategy, want.CapacityProviderStrategy)
}

// sortedNetwork is the network without an order of its lists.
func sortedNetwork(s *Service) *types.AwsVpcConfiguration {
	v := clone(s.NetworkConfiguration.AwsvpcConfiguration)
	slices.Sort(v.Subnets)
	slices.Sort(v.SecurityGroups)
	return v
}

// same compares as the API would show them.
func same(x, y any) bool { return bytes.Equal(appendJSON(nil, x), appendJSON(nil, y)) }

// sameList compares as sets.
func sameList[T any](x, y []T) bool { return slices.Equal(asTexts(x), asTexts(y)) }

func asTexts[T any](list []T) []string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = string(appendJSON(nil, item))
	}
	slices.Sort(texts)
	return texts
}
