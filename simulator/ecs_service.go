package simulator

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Service is an ECS service. Its counts and the rows of its Deployments are
// kept up to date by the functions in ecs_deployment.go.
type Service struct {
	types.Service
	Token    string // client token of the call that made it
	Request  string // digest of that call
	Stable   string // number of the last revision whose deployment completed; empty before
	Draining int    // describe reads since it was deleted
	Futile   int    // tasks in a row that did not come to run
	Pause    int    // steps of the clock until it tries again
	Due      Due
}

// serviceKey is the key of a service: "cluster/service".
func serviceKey(cluster *Cluster, nameOrARN *string) string {
	return *cluster.ClusterName + "/" + lastPart(str(nameOrARN))
}

func createService(a *Account, in *ecs.CreateServiceInput) (*ecs.CreateServiceOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	key, request := serviceKey(cluster, in.ServiceName), digest(string(appendJSON(nil, in)))
	if known, err := a.replayed(key, in, request); known != nil || err != nil {
		return known, err
	}
	tags, err := ecsCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	td, err := a.runnable(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	if err := checkRequest(in); err != nil {
		return nil, err
	}
	want := a.newService(cluster, td, in)
	if err := a.checkService(cluster, td, want); err != nil {
		return nil, err
	}
	if err := checkLaunchVolumes(td, in.VolumeConfigurations); err != nil {
		return nil, err
	}
	connect := in.ServiceConnectConfiguration
	if connect, err = a.checkConnect(key, cluster, td, connect); err != nil {
		return nil, err
	}
	want.Request, want.Token = request, str(in.ClientToken)
	s := a.Services.Put(key, want)
	a.bear(*s.ServiceArn, tags)
	a.deploy(key, connect, in.VolumeConfigurations)
	return &ecs.CreateServiceOutput{Service: a.describeService(s, tags)}, nil
}

// replayed answers a call that was made before with the same client token, and
// refuses the name of a service that is still there.
func (a *Account) replayed(key string, in *ecs.CreateServiceInput, request string) (*ecs.CreateServiceOutput, error) {
	s := a.Services.Get(key)
	switch {
	case s == nil || *s.Status == "INACTIVE":
		return nil, nil
	case *s.Status == "DRAINING":
		return nil, invalidParameter("Unable to Start a service that is still Draining.")
	case in.ClientToken != nil && s.Token == *in.ClientToken && s.Request == request:
		return &ecs.CreateServiceOutput{Service: a.describeService(s, a.tagsOf(*s.ServiceArn))}, nil
	}
	return nil, invalidParameter("Creation of service was not idempotent.")
}

// runnable finds the task definition that a service or task is to run.
func (a *Account) runnable(name *string) (*types.TaskDefinition, error) {
	td := a.taskDefinition(str(name))
	switch {
	case str(name) == "":
		return nil, invalidParameter("TaskDefinition can not be blank.")
	case td == nil:
		return nil, clientError("TaskDefinition not found.")
	case td.Status != types.TaskDefinitionStatusActive:
		return nil, clientError("TaskDefinition is inactive")
	}
	return td, nil
}

// describeService is the service as ECS answers it.
func (a *Account) describeService(s *Service, tags map[string]string) *types.Service {
	out := s.Service
	out.Tags = nil
	if tags != nil {
		out.Tags = ecsTags(tags)
	}
	return &out
}

func describeServices(a *Account, in *ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	switch n := len(in.Services); {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, invalidParameter("Services cannot be empty.")
	case n > 10:
		return nil, invalidParameter("The number of services must not exceed 10, but is %d.", n)
	}
	out := &ecs.DescribeServicesOutput{Services: []types.Service{}, Failures: []types.Failure{}}
	for _, name := range in.Services {
		key := serviceKey(cluster, &name)
		if a.Services.Get(key) == nil {
			out.Failures = append(out.Failures, missing(a.arn("ecs", "service/"+key)))
			continue
		}
		a.advance(key)
		s := a.Services.Get(key)
		var tags map[string]string
		if slices.Contains(in.Include, types.ServiceFieldTags) {
			tags = map[string]string{}
			if known := a.tagsOf(*s.ServiceArn); known != nil {
				tags = known
			}
		}
		out.Services = append(out.Services, *a.describeService(s, tags))
	}
	return out, nil
}

// listServices leaves out services that were deleted, draining ones too.
func listServices(a *Account, in *ecs.ListServicesInput) (*ecs.ListServicesOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range a.Services.All() {
		if *s.ClusterArn == *cluster.ClusterArn && *s.Status == "ACTIVE" &&
			(in.LaunchType == "" || in.LaunchType == s.LaunchType) &&
			(in.SchedulingStrategy == "" || in.SchedulingStrategy == s.SchedulingStrategy) {
			all = append(all, *s.ServiceArn)
		}
	}
	arns, next, err := ecsPage(a, all, itself, in.NextToken, in.MaxResults, 10)
	return &ecs.ListServicesOutput{ServiceArns: arns, NextToken: next}, err
}

// activeService finds a service that may be changed, and its key.
func (a *Account) activeService(cluster, name *string) (string, *Service, error) {
	c, err := a.cluster(cluster)
	if err != nil {
		return "", nil, err
	}
	key := serviceKey(c, name)
	s := a.Services.Get(key)
	switch {
	case s == nil:
		return "", nil, &types.ServiceNotFoundException{Message: ptr("Service not found.")}
	case *s.Status != "ACTIVE":
		return "", nil, &types.ServiceNotActiveException{Message: ptr("Service was not ACTIVE.")}
	}
	return key, s, nil
}

func deleteService(a *Account, in *ecs.DeleteServiceInput) (*ecs.DeleteServiceOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	key := serviceKey(cluster, in.Service)
	s := a.Services.Edit(key)
	switch {
	case s == nil || *s.Status == "INACTIVE":
		return nil, &types.ServiceNotFoundException{Message: ptr("Service not found.")}
	case *s.Status == "DRAINING":
		return &ecs.DeleteServiceOutput{Service: a.describeService(s, nil)}, nil
	case s.DesiredCount > 0 && !val(in.Force):
		return nil, invalidParameter("The service cannot be stopped while it is scaled above 0.")
	}
	a.supersede(key, "The service was deleted.")
	s.Status, s.DesiredCount = ptr("DRAINING"), 0
	a.announce(key)
	for i := range s.Deployments {
		s.Deployments[i].DesiredCount = 0
	}
	return &ecs.DeleteServiceOutput{Service: a.describeService(s, nil)}, nil
}

// newService is the service that a call asks for, with what ECS fills in (the
// values of a real answer are in plan-apply.md of the project's studies, 2.3).
func (a *Account) newService(cluster *Cluster, td *types.TaskDefinition, in *ecs.CreateServiceInput) Service {
	name := str(in.ServiceName)
	s := Service{Service: types.Service{
		ServiceName: &name, ServiceArn: ptr(a.arn("ecs", "service/"+*cluster.ClusterName+"/"+name)),
		ClusterArn: cluster.ClusterArn, Status: ptr("ACTIVE"), CreatedAt: a.now(), CreatedBy: ptr(a.callerARN()),
		TaskDefinition: td.TaskDefinitionArn, DesiredCount: val(in.DesiredCount),
		LaunchType: in.LaunchType, CapacityProviderStrategy: in.CapacityProviderStrategy,
		PlatformVersion: orElse(emptyIsNil(in.PlatformVersion), "LATEST"), PlatformFamily: ptr("Linux"),
		NetworkConfiguration: a.fillNetwork(in.NetworkConfiguration),
		LoadBalancers:        filled(in.LoadBalancers), ServiceRegistries: filled(in.ServiceRegistries),
		HealthCheckGracePeriodSeconds: orElse(in.HealthCheckGracePeriodSeconds, 0),
		SchedulingStrategy:            cmp.Or(in.SchedulingStrategy, types.SchedulingStrategyReplica),
		DeploymentController:          orElse(in.DeploymentController, types.DeploymentController{Type: types.DeploymentControllerTypeEcs}),
		DeploymentConfiguration:       fillDeploymentConfiguration(in.DeploymentConfiguration, nil),
		AvailabilityZoneRebalancing:   cmp.Or(in.AvailabilityZoneRebalancing, types.AvailabilityZoneRebalancingEnabled),
		PropagateTags:                 cmp.Or(in.PropagateTags, types.PropagateTagsNone),
		EnableECSManagedTags:          in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand,
		PlacementConstraints: filled(in.PlacementConstraints), PlacementStrategy: filled(in.PlacementStrategy),
		ResourceManagementType: types.ResourceManagementTypeCustomer, Events: []types.ServiceEvent{},
		RoleArn: ptr(a.globalARN("iam", "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")),
	}}
	if s.LaunchType == "" && len(s.CapacityProviderStrategy) == 0 {
		s.CapacityProviderStrategy = cluster.DefaultCapacityProviderStrategy
		if len(s.CapacityProviderStrategy) == 0 {
			s.LaunchType = types.LaunchTypeEc2
		}
	}
	return s
}

// fillNetwork fills in the VPC's default security group and no public address.
func (a *Account) fillNetwork(n *types.NetworkConfiguration) *types.NetworkConfiguration {
	if n == nil || n.AwsvpcConfiguration == nil {
		return n
	}
	v := *n.AwsvpcConfiguration
	v.AssignPublicIp = cmp.Or(v.AssignPublicIp, types.AssignPublicIpDisabled)
	if len(v.SecurityGroups) == 0 && len(v.Subnets) > 0 {
		if subnet := a.Subnets.Get(v.Subnets[0]); subnet != nil {
			v.SecurityGroups = []string{a.defaultGroup(*subnet.VpcId)}
		}
	}
	return &types.NetworkConfiguration{AwsvpcConfiguration: &v}
}

func (a *Account) defaultGroup(vpc string) string {
	for id, g := range a.groups.Of("default") {
		if *g.VpcId == vpc {
			return id
		}
	}
	return ""
}

// fillDeploymentConfiguration lays what was asked for over what is there, and
// that over ECS's defaults: a partial object is merged.
func fillDeploymentConfiguration(asked, have *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	c, old := val(asked), val(have)
	c.MaximumPercent = orElse(cmp.Or(c.MaximumPercent, old.MaximumPercent), 200)
	c.MinimumHealthyPercent = orElse(cmp.Or(c.MinimumHealthyPercent, old.MinimumHealthyPercent), 100)
	c.Strategy = cmp.Or(c.Strategy, old.Strategy, types.DeploymentStrategyRolling)
	c.BakeTimeInMinutes = orElse(cmp.Or(c.BakeTimeInMinutes, old.BakeTimeInMinutes), 0)
	c.Alarms = cmp.Or(c.Alarms, old.Alarms)
	c.EarlySuccessCriteria = cmp.Or(c.EarlySuccessCriteria, old.EarlySuccessCriteria)
	c.CanaryConfiguration = cmp.Or(c.CanaryConfiguration, old.CanaryConfiguration)
	c.LinearConfiguration = cmp.Or(c.LinearConfiguration, old.LinearConfiguration)
	if c.LifecycleHooks == nil {
		c.LifecycleHooks = old.LifecycleHooks
	}
	breaker := val(cmp.Or(c.DeploymentCircuitBreaker, old.DeploymentCircuitBreaker))
	breaker.ResetOnHealthyTask = orElse(breaker.ResetOnHealthyTask, true)
	breaker.ThresholdConfiguration = orElse(breaker.ThresholdConfiguration, types.ThresholdConfiguration{
		Type: types.ThresholdTypeBoundedPercent, Value: 50,
	})
	c.DeploymentCircuitBreaker = &breaker
	return &c
}

// usedByService tells whether a service's tasks are to have this security group.
func usedByService(a *Account, id string) bool {
	return a.services.Has("group " + id)
}

// onFargate tells whether the service runs on Fargate, by either way to say so.
func onFargate(s *Service) bool {
	return s.LaunchType == types.LaunchTypeFargate ||
		len(s.CapacityProviderStrategy) > 0 && strings.HasPrefix(*s.CapacityProviderStrategy[0].CapacityProvider, "FARGATE")
}
