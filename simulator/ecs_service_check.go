package simulator

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func checkRequest(in *ecs.CreateServiceInput) error {
	if in.Role != nil {
		return invalidParameter("You cannot specify an IAM role for services that require a service linked role.")
	}
	return checkKnown(in.GatewayConnectors, in.VpcLatticeConfigurations, in.Monitoring)
}

// checkKnown refuses what ECS would take and this simulator would drop.
func checkKnown(
	gateways []types.GatewayConnector, lattice []types.VpcLatticeConfiguration, monitoring *types.MonitoringConfiguration,
) error {
	if len(gateways) > 0 || len(lattice) > 0 || monitoring != nil {
		return invalidParameter("The simulator does not know gatewayConnectors, vpcLatticeConfigurations and monitoring.")
	}
	return nil
}

// checkService refuses what ECS refuses in a service, new or changed.
func (a *Account) checkService(cluster *Cluster, td *types.TaskDefinition, s Service) error {
	for _, check := range []func() error{
		func() error { return checkServiceFields(s) },
		func() error { return checkCapacity(cluster, s) },
		func() error { return checkDeploymentConfiguration(s) },
		func() error { return a.checkNetwork(s.NetworkConfiguration) },
		func() error { return a.checkLoadBalancers(td, s) },
		func() error { return a.checkRegistries(td, s) },
		func() error { return checkGracePeriod(td, s) },
		func() error { return checkExec(td, s) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func checkServiceFields(s Service) error {
	switch {
	case !ecsName.MatchString(*s.ServiceName):
		return invalidParameter("Service name should match pattern [a-zA-Z0-9_-]{1,255}: %q", *s.ServiceName)
	case s.SchedulingStrategy != types.SchedulingStrategyReplica:
		return invalidParameter("The Fargate launch type does not support the %s scheduling strategy.", s.SchedulingStrategy)
	case s.DesiredCount < 0 || s.DesiredCount > 5000: // ECS quotas: tasks per service
		return invalidParameter("Invalid desiredCount %d.", s.DesiredCount)
	case s.DeploymentController.Type != types.DeploymentControllerTypeEcs:
		return invalidParameter("The simulator knows the deployment controller ECS only, not %s.", s.DeploymentController.Type)
	case len(s.PlacementConstraints) > 0 || len(s.PlacementStrategy) > 0:
		return invalidParameter("Placement constraints and strategies are not supported with Fargate.")
	case val(s.HealthCheckGracePeriodSeconds) < 0:
		return invalidParameter("Invalid healthCheckGracePeriodSeconds %d.", *s.HealthCheckGracePeriodSeconds)
	}
	return nil
}

// platformVersions are the Linux platform versions that are not retired.
var platformVersions = []string{"LATEST", "1.4.0"}

func checkCapacity(cluster *Cluster, s Service) error {
	switch {
	case s.LaunchType != "" && len(s.CapacityProviderStrategy) > 0:
		return invalidParameter("Specifying both a launch type and capacity provider strategy is not supported. " +
			"Remove one and try again.")
	case !onFargate(&s):
		return invalidParameter("The simulator knows Fargate only: the service needs launch type FARGATE or a Fargate capacity provider.")
	case !slices.Contains(platformVersions, *s.PlatformVersion):
		return &types.PlatformUnknownException{Message: ptr("The platform version " + *s.PlatformVersion + " does not exist.")}
	}
	return checkStrategy(cluster.CapacityProviders, s.CapacityProviderStrategy)
}

func checkDeploymentConfiguration(s Service) error {
	c := s.DeploymentConfiguration
	minimum, maximum := *c.MinimumHealthyPercent, *c.MaximumPercent
	b := c.DeploymentCircuitBreaker
	switch {
	case c.Strategy != types.DeploymentStrategyRolling:
		return invalidParameter("The simulator knows the deployment strategy ROLLING only, not %s.", c.Strategy)
	case minimum < 0 || minimum > 100:
		return invalidParameter("minimumHealthyPercent must be between 0 and 100, not %d.", minimum)
	case maximum < 100:
		return invalidParameter("maximumPercent must be at least 100, not %d.", maximum)
	case minimum == 100 && maximum == 100:
		return invalidParameter("The minimumHealthyPercent and maximumPercent of a deployment configuration cannot both be 100: " +
			"no deployment could proceed.")
	case s.AvailabilityZoneRebalancing == types.AvailabilityZoneRebalancingEnabled && maximum <= 100:
		return invalidParameter("Availability Zone rebalancing requires a maximumPercent greater than 100.")
	case b.Rollback && !b.Enable:
		return invalidParameter("The circuit breaker must be enabled to enable its rollback.")
	case *c.BakeTimeInMinutes != 0:
		return invalidParameter("bakeTimeInMinutes is not supported with the deployment strategy ROLLING.")
	}
	return cmp.Or(checkThreshold(b.ThresholdConfiguration), checkDeploymentAlarms(c.Alarms), checkEarlySuccess(c.EarlySuccessCriteria, minimum))
}

// checkThreshold wants a type and a value that some task can reach.
func checkThreshold(t *types.ThresholdConfiguration) error {
	switch {
	case !slices.Contains(t.Type.Values(), t.Type):
		return invalidParameter("Invalid type of thresholdConfiguration: %q", t.Type)
	case t.Value < 1:
		return invalidParameter("The value of thresholdConfiguration must be positive, not %d.", t.Value)
	}
	return nil
}

func checkDeploymentAlarms(alarms *types.DeploymentAlarms) error {
	switch {
	case alarms == nil:
		return nil
	case alarms.Enable && len(alarms.AlarmNames) == 0:
		return invalidParameter("Alarm names must be specified when alarms are enabled.")
	case alarms.Rollback && !alarms.Enable:
		return invalidParameter("Alarms must be enabled to enable their rollback.")
	case len(alarms.AlarmNames) != len(slices.Compact(slices.Sorted(slices.Values(alarms.AlarmNames)))):
		return invalidParameter("Alarm names must be unique.")
	}
	return nil
}

// checkEarlySuccess has the rules of the API reference, DeploymentEarlySuccessCriteria.
func checkEarlySuccess(e *types.DeploymentEarlySuccessCriteria, minimum int32) error {
	switch {
	case e == nil || !e.Enable:
		return nil
	case e.HealthyPercent == nil || e.SourceServiceRevisionCleanup == "":
		return invalidParameter("earlySuccessCriteria need healthyPercent and sourceServiceRevisionCleanup.")
	case !slices.Contains(e.SourceServiceRevisionCleanup.Values(), e.SourceServiceRevisionCleanup):
		return invalidParameter("Invalid sourceServiceRevisionCleanup: %q", e.SourceServiceRevisionCleanup)
	case *e.HealthyPercent < minimum || *e.HealthyPercent > 100:
		return invalidParameter("healthyPercent must be between minimumHealthyPercent, %d, and 100, not %d.", minimum, *e.HealthyPercent)
	}
	return nil
}

// checkNetwork refuses unknown subnets and groups and those of several VPCs.
func (a *Account) checkNetwork(n *types.NetworkConfiguration) error {
	if n == nil || n.AwsvpcConfiguration == nil {
		return invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	v := n.AwsvpcConfiguration
	switch {
	case len(v.Subnets) == 0:
		return invalidParameter("subnets can not be empty.")
	case len(v.Subnets) > 16:
		return invalidParameter("There can be at most 16 subnets, not %d.", len(v.Subnets))
	case len(v.SecurityGroups) > 5:
		return invalidParameter("There can be at most 5 security groups, not %d.", len(v.SecurityGroups))
	}
	vpc := ""
	for _, id := range v.Subnets {
		subnet := a.Subnets.Get(id)
		if subnet == nil {
			return invalidParameter("Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist", id, id)
		}
		if vpc != "" && vpc != *subnet.VpcId {
			return invalidParameter("Subnets must all be in the same VPC.")
		}
		vpc = *subnet.VpcId
	}
	for _, id := range v.SecurityGroups {
		group := a.SecurityGroups.Get(id)
		if group == nil {
			return invalidParameter("Error retrieving security group information for [%s]: The security group '%s' does not exist", id, id)
		}
		if *group.VpcId != vpc {
			return invalidParameter("Security group %s and the subnets belong to different networks.", id)
		}
	}
	return nil
}

// checkLoadBalancers asks for the target groups of a new list only: an update
// that leaves the list alone is taken to leave them alone too.
func (a *Account) checkLoadBalancers(td *types.TaskDefinition, s Service) error {
	_, resource := arnParts(*s.ServiceArn)
	have := val(a.Services.Get(trimType(resource, "service")))
	kept := str(have.Status) == "ACTIVE" && sameList(have.LoadBalancers, s.LoadBalancers)
	if len(s.LoadBalancers) > 5 { // ECS quotas: target groups per service
		return invalidParameter("A service can have at most 5 target groups, not %d.", len(s.LoadBalancers))
	}
	for _, lb := range s.LoadBalancers {
		if lb.LoadBalancerName != nil {
			return invalidParameter("Classic load balancers are not supported with awsvpc.")
		}
		if err := checkContainerPort(td, lb); err != nil {
			return err
		}
		if kept {
			continue
		}
		if err := a.checkTargetGroup(str(lb.TargetGroupArn)); err != nil {
			return err
		}
	}
	return nil
}

func checkContainerPort(td *types.TaskDefinition, lb types.LoadBalancer) error {
	at := slices.IndexFunc(td.ContainerDefinitions, func(c types.ContainerDefinition) bool { return *c.Name == str(lb.ContainerName) })
	if at < 0 {
		return invalidParameter("The container %s does not exist in the task definition.", str(lb.ContainerName))
	}
	if !slices.ContainsFunc(td.ContainerDefinitions[at].PortMappings, func(p types.PortMapping) bool {
		return val(p.ContainerPort) == val(lb.ContainerPort)
	}) {
		return invalidParameter("The container %s did not have a container port %d defined.", *lb.ContainerName, val(lb.ContainerPort))
	}
	return nil
}

// checkLaunchVolumes wants a configuration for just the volume that the task
// definition leaves open.
func checkLaunchVolumes(td *types.TaskDefinition, given []types.ServiceVolumeConfiguration) error {
	open := map[string]bool{}
	for _, v := range td.Volumes {
		if val(v.ConfiguredAtLaunch) {
			open[*v.Name] = true
		}
	}
	for _, v := range given {
		if !open[str(v.Name)] {
			return invalidParameter("The volume %s is not configuredAtLaunch in the task definition.", str(v.Name))
		}
		delete(open, *v.Name)
	}
	for _, name := range sortedKeys(open) {
		return invalidParameter("The volume %s is configuredAtLaunch and needs a volume configuration.", name)
	}
	return nil
}

// checkGracePeriod wants something that gives health: a load balancer or a
// health check of a container.
func checkGracePeriod(td *types.TaskDefinition, s Service) error {
	if val(s.HealthCheckGracePeriodSeconds) == 0 || len(s.LoadBalancers) > 0 ||
		slices.ContainsFunc(td.ContainerDefinitions, func(c types.ContainerDefinition) bool { return c.HealthCheck != nil }) {
		return nil
	}
	return invalidParameter("Health check grace period is only valid for services configured to use load balancers")
}

// checkExec wants the task role that ECS Exec speaks with.
func checkExec(td *types.TaskDefinition, s Service) error {
	if s.EnableExecuteCommand && td.TaskRoleArn == nil {
		return invalidParameter("The service couldn't be created because a valid taskRoleArn is not being used. " +
			"Specify a valid task role in your task definition and try again.")
	}
	return nil
}
