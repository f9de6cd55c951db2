package resource

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func serviceSpec(s types.Service) *spec.Service {
	out := &spec.Service{
		ServiceName:                   text(s.ServiceName),
		Cluster:                       plan.Literal(text(s.ClusterArn)),
		TaskDefinition:                plan.Literal(text(s.TaskDefinition)),
		DesiredCount:                  int(s.DesiredCount),
		CapacityProviderStrategy:      each(s.CapacityProviderStrategy, capacityProviderSpec),
		LaunchType:                    string(s.LaunchType),
		PlatformVersion:               text(s.PlatformVersion),
		SchedulingStrategy:            string(s.SchedulingStrategy),
		DeploymentConfiguration:       deploymentConfigurationSpec(s.DeploymentConfiguration),
		AvailabilityZoneRebalancing:   string(s.AvailabilityZoneRebalancing),
		HealthCheckGracePeriodSeconds: number(s.HealthCheckGracePeriodSeconds),
		EnableECSManagedTags:          s.EnableECSManagedTags,
		EnableExecuteCommand:          s.EnableExecuteCommand,
		PropagateTags:                 string(s.PropagateTags),
	}
	if n := s.NetworkConfiguration; n != nil && n.AwsvpcConfiguration != nil {
		out.NetworkConfiguration = spec.NetworkConfiguration{
			Subnets:        literals(n.AwsvpcConfiguration.Subnets),
			SecurityGroups: literals(n.AwsvpcConfiguration.SecurityGroups),
			AssignPublicIP: string(n.AwsvpcConfiguration.AssignPublicIp),
		}
	}
	if len(s.LoadBalancers) > 0 {
		out.LoadBalancers = each(s.LoadBalancers, serviceLoadBalancerSpec)
	}
	if len(s.ServiceRegistries) > 0 {
		out.ServiceRegistries = each(s.ServiceRegistries, func(r types.ServiceRegistry) spec.ServiceRegistry {
			return spec.ServiceRegistry{RegistryArn: plan.Literal(text(r.RegistryArn))}
		})
	}
	// The service itself does not show it (DescribeServices).
	if primary := primaryDeployment(s); primary != nil {
		out.ServiceConnectConfiguration = serviceConnectSpec(primary.ServiceConnectConfiguration)
	}
	return out
}

func capacityProviderSpec(c types.CapacityProviderStrategyItem) spec.CapacityProvider {
	return spec.CapacityProvider{
		CapacityProvider: text(c.CapacityProvider), Weight: int(c.Weight), Base: int(c.Base),
	}
}

func capacityProvider(c spec.CapacityProvider) types.CapacityProviderStrategyItem {
	return types.CapacityProviderStrategyItem{
		CapacityProvider: &c.CapacityProvider, Weight: int32(c.Weight), Base: int32(c.Base),
	}
}

// deploymentConfigurationSpec fills in ECS's defaults for percents (CreateService,
// field deploymentConfiguration).
func deploymentConfigurationSpec(d *types.DeploymentConfiguration) spec.DeploymentConfiguration {
	out := spec.DeploymentConfiguration{MinimumHealthyPercent: 100, MaximumPercent: 200}
	if d == nil {
		return out
	}
	out.Strategy = string(d.Strategy)
	out.BakeTimeInMinutes = number(d.BakeTimeInMinutes)
	if d.MinimumHealthyPercent != nil {
		out.MinimumHealthyPercent = number(d.MinimumHealthyPercent)
	}
	if d.MaximumPercent != nil {
		out.MaximumPercent = number(d.MaximumPercent)
	}
	if b := d.DeploymentCircuitBreaker; b != nil {
		out.DeploymentCircuitBreaker = spec.DeploymentCircuitBreaker{
			Enable: b.Enable, Rollback: b.Rollback, ResetOnHealthyTask: b.ResetOnHealthyTask,
		}
		if t := b.ThresholdConfiguration; t != nil {
			out.DeploymentCircuitBreaker.ThresholdConfiguration = &spec.Threshold{Type: string(t.Type), Value: int(t.Value)}
		}
	}
	if e := d.EarlySuccessCriteria; e != nil {
		out.EarlySuccessCriteria = &spec.EarlySuccessCriteria{
			Enable: e.Enable, HealthyPercent: number(e.HealthyPercent), SourceServiceRevisionCleanup: string(e.SourceServiceRevisionCleanup),
		}
	}
	if a := d.Alarms; a != nil {
		out.Alarms = &spec.DeploymentAlarms{AlarmNames: a.AlarmNames, Enable: a.Enable, Rollback: a.Rollback}
	}
	return out
}

// deploymentConfiguration is always sent whole, because ECS merges a part of one
// into what is there: what from has and to has not is sent as ECS's default. What
// neither has is left out.
func deploymentConfiguration(from, to spec.DeploymentConfiguration) *types.DeploymentConfiguration {
	out := &types.DeploymentConfiguration{
		Strategy:                 types.DeploymentStrategy(to.Strategy),
		MinimumHealthyPercent:    number32(to.MinimumHealthyPercent),
		MaximumPercent:           number32(to.MaximumPercent),
		BakeTimeInMinutes:        number32(to.BakeTimeInMinutes),
		DeploymentCircuitBreaker: circuitBreaker(from.DeploymentCircuitBreaker, to.DeploymentCircuitBreaker),
	}
	if to.EarlySuccessCriteria != nil || from.EarlySuccessCriteria != nil {
		out.EarlySuccessCriteria = earlySuccess(to.EarlySuccessCriteria)
	}
	if to.Alarms != nil || from.Alarms != nil {
		out.Alarms = deploymentAlarms(to.Alarms)
	}
	return out
}

func circuitBreaker(from, to spec.DeploymentCircuitBreaker) *types.DeploymentCircuitBreaker {
	out := &types.DeploymentCircuitBreaker{Enable: to.Enable, Rollback: to.Rollback, ResetOnHealthyTask: to.ResetOnHealthyTask}
	if to.ResetOnHealthyTask == nil && from.ResetOnHealthyTask != nil {
		out.ResetOnHealthyTask = pointer(true)
	}
	threshold := to.ThresholdConfiguration
	if threshold == nil && from.ThresholdConfiguration != nil {
		threshold = &spec.DefaultThreshold
	}
	if threshold != nil {
		out.ThresholdConfiguration = &types.ThresholdConfiguration{Type: types.ThresholdType(threshold.Type), Value: int32(threshold.Value)}
	}
	return out
}

// earlySuccess turns the criteria off where there are none.
func earlySuccess(e *spec.EarlySuccessCriteria) *types.DeploymentEarlySuccessCriteria {
	if e == nil {
		return &types.DeploymentEarlySuccessCriteria{}
	}
	return &types.DeploymentEarlySuccessCriteria{
		Enable: e.Enable, HealthyPercent: number32(e.HealthyPercent),
		SourceServiceRevisionCleanup: types.ServiceRevisionCleanup(e.SourceServiceRevisionCleanup),
	}
}

// deploymentAlarms removes them where there are none.
func deploymentAlarms(a *spec.DeploymentAlarms) *types.DeploymentAlarms {
	if a == nil {
		return &types.DeploymentAlarms{AlarmNames: []string{}}
	}
	return &types.DeploymentAlarms{AlarmNames: a.AlarmNames, Enable: a.Enable, Rollback: a.Rollback}
}

func networkConfiguration(n spec.NetworkConfiguration) *types.NetworkConfiguration {
	return &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
		Subnets:        texts(n.Subnets),
		SecurityGroups: texts(n.SecurityGroups),
		AssignPublicIp: types.AssignPublicIp(n.AssignPublicIP),
	}}
}

func createServiceInput(s *spec.Service) *ecs.CreateServiceInput {
	in := &ecs.CreateServiceInput{
		ServiceName:                   &s.ServiceName,
		Cluster:                       &s.Cluster.Text,
		TaskDefinition:                &s.TaskDefinition.Text,
		DesiredCount:                  number32(s.DesiredCount),
		CapacityProviderStrategy:      each(s.CapacityProviderStrategy, capacityProvider),
		PlatformVersion:               &s.PlatformVersion,
		SchedulingStrategy:            types.SchedulingStrategy(s.SchedulingStrategy),
		NetworkConfiguration:          networkConfiguration(s.NetworkConfiguration),
		DeploymentConfiguration:       deploymentConfiguration(spec.DeploymentConfiguration{}, s.DeploymentConfiguration),
		AvailabilityZoneRebalancing:   types.AvailabilityZoneRebalancing(s.AvailabilityZoneRebalancing),
		HealthCheckGracePeriodSeconds: optional32(s.HealthCheckGracePeriodSeconds),
		EnableECSManagedTags:          s.EnableECSManagedTags,
		EnableExecuteCommand:          s.EnableExecuteCommand,
		PropagateTags:                 types.PropagateTags(s.PropagateTags),
	}
	if len(s.LoadBalancers) > 0 {
		in.LoadBalancers = serviceLoadBalancers(s.LoadBalancers)
	}
	if len(s.ServiceRegistries) > 0 {
		in.ServiceRegistries = serviceRegistries(s.ServiceRegistries)
	}
	if s.ServiceConnectConfiguration != nil {
		in.ServiceConnectConfiguration = serviceConnect(s.ServiceConnectConfiguration)
	}
	return in
}

// removeFromService empties what the live service has and to has not: ECS keeps what it is not
// given, names of ports among it that the new tasks do not have any more.
func removeFromService(in *ecs.UpdateServiceInput, live *plan.Resource, to *spec.Service) {
	from, ok := live.Spec.(*spec.Service)
	if !ok {
		return
	}
	if len(to.LoadBalancers) == 0 && len(from.LoadBalancers) > 0 {
		in.LoadBalancers = serviceLoadBalancers(nil)
	}
	if len(to.ServiceRegistries) == 0 && len(from.ServiceRegistries) > 0 {
		in.ServiceRegistries = serviceRegistries(nil)
	}
	if to.ServiceConnectConfiguration == nil && from.ServiceConnectConfiguration != nil {
		in.ServiceConnectConfiguration = serviceConnect(nil)
	}
	if to.HealthCheckGracePeriodSeconds == 0 && from.HealthCheckGracePeriodSeconds != 0 {
		in.HealthCheckGracePeriodSeconds = number32(0)
	}
}

// updateServiceInput holds the fields in which to differs from from, all of them
// where from is nil. It is nil where none does and nothing is forced. ECS keeps
// what it is not given; a field that starts a deployment is better not given.
func updateServiceInput(from, to *spec.Service, force bool) *ecs.UpdateServiceInput {
	in := &ecs.UpdateServiceInput{ForceNewDeployment: force}
	changed := force
	differs := func(of func(*spec.Service) any) bool {
		d := from == nil || !same(of(from), of(to))
		changed = changed || d
		return d
	}
	if differs(func(s *spec.Service) any { return s.TaskDefinition }) {
		in.TaskDefinition = &to.TaskDefinition.Text
	}
	if differs(func(s *spec.Service) any { return s.DesiredCount }) {
		in.DesiredCount = number32(to.DesiredCount)
	}
	// A strategy is taken with a forced deployment only (see spec.NeedsForce).
	if differs(func(s *spec.Service) any { return []any{s.CapacityProviderStrategy, s.LaunchType} }) {
		in.CapacityProviderStrategy = each(to.CapacityProviderStrategy, capacityProvider)
		in.ForceNewDeployment = true
	}
	if differs(func(s *spec.Service) any { return s.PlatformVersion }) {
		in.PlatformVersion = &to.PlatformVersion
	}
	if differs(func(s *spec.Service) any { return s.LoadBalancers }) && (from != nil || len(to.LoadBalancers) > 0) {
		in.LoadBalancers = serviceLoadBalancers(to.LoadBalancers)
	}
	if differs(func(s *spec.Service) any { return s.ServiceRegistries }) && (from != nil || len(to.ServiceRegistries) > 0) {
		in.ServiceRegistries = serviceRegistries(to.ServiceRegistries)
	}
	if differs(func(s *spec.Service) any { return s.ServiceConnectConfiguration }) &&
		(from != nil || to.ServiceConnectConfiguration != nil) {
		in.ServiceConnectConfiguration = serviceConnect(to.ServiceConnectConfiguration)
	}
	if differs(func(s *spec.Service) any { return s.NetworkConfiguration }) {
		in.NetworkConfiguration = networkConfiguration(to.NetworkConfiguration)
	}
	if differs(func(s *spec.Service) any { return s.DeploymentConfiguration }) {
		in.DeploymentConfiguration = deploymentConfiguration(deploymentOf(from), to.DeploymentConfiguration)
	}
	if differs(func(s *spec.Service) any { return s.AvailabilityZoneRebalancing }) {
		in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancing(to.AvailabilityZoneRebalancing)
	}
	if gracePeriodDiffers(from, to) {
		changed = true
		in.HealthCheckGracePeriodSeconds = number32(to.HealthCheckGracePeriodSeconds)
	}
	if differs(func(s *spec.Service) any { return s.EnableECSManagedTags }) {
		in.EnableECSManagedTags = aws.Bool(to.EnableECSManagedTags)
	}
	if differs(func(s *spec.Service) any { return s.EnableExecuteCommand }) {
		in.EnableExecuteCommand = aws.Bool(to.EnableExecuteCommand)
	}
	if differs(func(s *spec.Service) any { return s.PropagateTags }) {
		in.PropagateTags = types.PropagateTags(to.PropagateTags)
	}
	if !changed {
		return nil
	}
	return in
}

// deploymentOf is the deployment configuration of a service, nothing where that is nil.
func deploymentOf(s *spec.Service) spec.DeploymentConfiguration {
	if s == nil {
		return spec.DeploymentConfiguration{}
	}
	return s.DeploymentConfiguration
}

// gracePeriodDiffers leaves zero out where it would be sent for completeness
// only: ECS refuses a grace period for a service without a health source.
func gracePeriodDiffers(from, to *spec.Service) bool {
	if from == nil {
		return to.HealthCheckGracePeriodSeconds != 0
	}
	return from.HealthCheckGracePeriodSeconds != to.HealthCheckGracePeriodSeconds
}

func serviceLoadBalancerSpec(b types.LoadBalancer) spec.ServiceLoadBalancer {
	return spec.ServiceLoadBalancer{
		TargetGroupArn: plan.Literal(text(b.TargetGroupArn)),
		ContainerName:  text(b.ContainerName),
		ContainerPort:  number(b.ContainerPort),
	}
}

// serviceLoadBalancers is never nil: ECS keeps what there is for nil, and removes
// it for none (UpdateService, field loadBalancers).
func serviceLoadBalancers(list []spec.ServiceLoadBalancer) []types.LoadBalancer {
	out := make([]types.LoadBalancer, 0, len(list))
	for _, b := range list {
		out = append(out, types.LoadBalancer{
			TargetGroupArn: pointer(b.TargetGroupArn.Text),
			ContainerName:  pointer(b.ContainerName),
			ContainerPort:  number32(b.ContainerPort),
		})
	}
	return out
}
