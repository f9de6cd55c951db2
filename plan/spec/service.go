package spec

import (
	"fmt"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// ServiceKind is the kind of service/SERVICE.
const ServiceKind = "service"

// Service is an ECS service. Attrs: arn, name, resource-id (service/CLUSTER/NAME), scaled
// (the ARN of the scalable target that decides its count, whoever made it), task-definition (the ARN of the
// revision it runs), deployment (the id of its PRIMARY deployment), deployed (when
// that began, RFC 3339 in UTC), unproven (whether no deployment of it has come to its end
// yet; "": one has), and for each of its Service Connect endpoints name.DISCOVERYNAME:
// when that came to be, in the same form.
type Service struct {
	ServiceName              string               `json:"serviceName"`
	Cluster                  plan.Value           `json:"cluster"` // ARN
	TaskDefinition           plan.Value           `json:"taskDefinition"`
	DesiredCount             int                  `json:"desiredCount"`
	CapacityProviderStrategy []CapacityProvider   `json:"capacityProviderStrategy,omitempty"`
	LaunchType               string               `json:"launchType,omitempty"` // live only: we always send a strategy
	PlatformVersion          string               `json:"platformVersion"`
	SchedulingStrategy       string               `json:"schedulingStrategy"`
	NetworkConfiguration     NetworkConfiguration `json:"networkConfiguration"`
	// LoadBalancers are at most five (ECS quotas, target groups per service).
	LoadBalancers                 []ServiceLoadBalancer   `json:"loadBalancers,omitempty"`
	ServiceRegistries             []ServiceRegistry       `json:"serviceRegistries,omitempty"` // at most one
	ServiceConnectConfiguration   *ServiceConnect         `json:"serviceConnectConfiguration,omitempty"`
	DeploymentConfiguration       DeploymentConfiguration `json:"deploymentConfiguration"`
	AvailabilityZoneRebalancing   string                  `json:"availabilityZoneRebalancing"`
	HealthCheckGracePeriodSeconds int                     `json:"healthCheckGracePeriodSeconds,omitempty"`
	EnableECSManagedTags          bool                    `json:"enableECSManagedTags"`
	EnableExecuteCommand          bool                    `json:"enableExecuteCommand"`
	PropagateTags                 string                  `json:"propagateTags"`
	Tags                          []Tag                   `json:"tags,omitempty"`
}

// CapacityProvider is one item of a capacity provider strategy.
type CapacityProvider struct {
	CapacityProvider string `json:"capacityProvider"`
	Weight           int    `json:"weight"`
	Base             int    `json:"base,omitempty"`
}

// NetworkConfiguration of the tasks of a service.
type NetworkConfiguration struct {
	Subnets        []plan.Value `json:"subnets"`        // a set, at most 16
	SecurityGroups []plan.Value `json:"securityGroups"` // a set, at most 5
	AssignPublicIP string       `json:"assignPublicIp"` // ENABLED or DISABLED
}

// ServiceLoadBalancer registers the tasks of a service in a target group.
type ServiceLoadBalancer struct {
	TargetGroupArn plan.Value `json:"targetGroupArn"`
	ContainerName  string     `json:"containerName"`
	ContainerPort  int        `json:"containerPort"`
}

// ServiceRegistry registers the tasks of a service in Cloud Map, under their own
// addresses.
type ServiceRegistry struct {
	RegistryArn plan.Value `json:"registryArn"`
}

// ServiceConnect says under which names the tasks of a service are found, and
// lets them find others. nil: neither.
type ServiceConnect struct {
	Enabled   bool                    `json:"enabled"`
	Namespace plan.Value              `json:"namespace"`          // ARN
	Services  []ServiceConnectService `json:"services,omitempty"` // none: it only finds others
}

// ServiceConnectService is one endpoint of a service.
type ServiceConnectService struct {
	PortName string `json:"portName"` // of a port mapping
	// DiscoveryName is unique in the namespace. It ends in a hash of what cannot
	// be changed.
	DiscoveryName string        `json:"discoveryName"`
	ClientAliases []ClientAlias `json:"clientAliases"` // ECS takes exactly one
	// Timeout is when its proxy ends connections; nil: after an hour without traffic, and
	// requests after 15 seconds where the port mapping names a protocol of requests.
	Timeout *ConnectTimeout `json:"timeout,omitempty"`
}

// ConnectTimeout is in seconds; 0 is never.
type ConnectTimeout struct {
	IdleTimeoutSeconds int `json:"idleTimeoutSeconds"`
	// PerRequestTimeoutSeconds is refused for TCP; nil: that of the proxy.
	PerRequestTimeoutSeconds *int `json:"perRequestTimeoutSeconds,omitempty"`
}

// ClientAlias is the name and port by which others call an endpoint.
type ClientAlias struct {
	DNSName string `json:"dnsName"`
	Port    int    `json:"port"`
}

// DeploymentConfiguration of a service. Percents are of DesiredCount.
type DeploymentConfiguration struct {
	Strategy                 string                   `json:"strategy"`
	MinimumHealthyPercent    int                      `json:"minimumHealthyPercent"`
	MaximumPercent           int                      `json:"maximumPercent"`
	DeploymentCircuitBreaker DeploymentCircuitBreaker `json:"deploymentCircuitBreaker"`
	BakeTimeInMinutes        int                      `json:"bakeTimeInMinutes"`
	EarlySuccessCriteria     *EarlySuccessCriteria    `json:"earlySuccessCriteria,omitempty"` // nil: all new tasks have to be healthy
	Alarms                   *DeploymentAlarms        `json:"alarms,omitempty"`               // nil: none
}

// RollsBack says whether ECS brings back what ran before a deployment that fails.
func (d DeploymentConfiguration) RollsBack() bool {
	return d.DeploymentCircuitBreaker.Rollback || d.Alarms != nil && d.Alarms.Rollback
}

// WithoutRollback is the same for a deployment before which nothing ran.
func (d DeploymentConfiguration) WithoutRollback() DeploymentConfiguration {
	d.DeploymentCircuitBreaker.Rollback = false
	if d.Alarms != nil {
		alarms := *d.Alarms
		alarms.Rollback = false
		d.Alarms = &alarms
	}
	return d
}

// EarlySuccessCriteria end a deployment before all of its tasks are healthy.
type EarlySuccessCriteria struct {
	Enable                       bool   `json:"enable"`
	HealthyPercent               int    `json:"healthyPercent"`               // of DesiredCount, at least minimumHealthyPercent
	SourceServiceRevisionCleanup string `json:"sourceServiceRevisionCleanup"` // BLOCKING or DEFERRED
}

// DeploymentAlarms are alarms of CloudWatch that fail a deployment.
type DeploymentAlarms struct {
	AlarmNames []string `json:"alarmNames"` // a set
	Enable     bool     `json:"enable"`
	Rollback   bool     `json:"rollback"`
}

// DeploymentCircuitBreaker gives up on a deployment whose tasks keep failing.
type DeploymentCircuitBreaker struct {
	Enable   bool `json:"enable"`
	Rollback bool `json:"rollback"`
	// ResetOnHealthyTask is whether only failures in a row count; nil: they do.
	ResetOnHealthyTask *bool `json:"resetOnHealthyTask,omitempty"`
	// ThresholdConfiguration is how many tasks may fail; nil: half of them, at least 3.
	ThresholdConfiguration *Threshold `json:"thresholdConfiguration,omitempty"`
}

// Threshold is at how many failed tasks a circuit breaker gives up.
type Threshold struct {
	Type  string `json:"type"`  // COUNT, or of DesiredCount BOUNDED_PERCENT (3 to 200 tasks) or UNBOUNDED_PERCENT
	Value int    `json:"value"` // tasks, or percent
}

// DefaultThreshold is that of ECS where none is given (ThresholdConfiguration of the API
// reference).
var DefaultThreshold = Threshold{Type: "BOUNDED_PERCENT", Value: 50}

func serviceRules() plan.Rules {
	return plan.Rules{
		Kind:      ServiceKind,
		New:       func() any { return &Service{} },
		Normalize: func(s any) { s.(*Service).normalize() },
		Keys: map[string][]string{
			"tags":                                 {"key"},
			"capacityProviderStrategy":             {"capacityProvider"},
			"loadBalancers":                        {"containerName", "containerPort"},
			"serviceConnectConfiguration.services": {"discoveryName"},
		},
		Attrs:     []string{"resource-id"},
		Owner:     itself,
		Immutable: []string{"serviceName", "cluster", "schedulingStrategy"},
		Replace:   plan.DeleteFirst,
		Main:      true,
		Optional:  []string{"tags.*"},
		Decided:   slices.Concat(decidedOfService, runsOfService),
		Effects:   serviceEffects,
		Extras:    &plan.ExtraRules{Names: endpointNames, Without: withoutEndpoints, With: withEndpoints},
		Take:      takeCount,
		Taken:     []string{"desiredCount"},
		Steered:   func(live *plan.Resource) string { return live.Attrs[ScaledAttr] },
		// A task that starts before it can mount its volumes fails, and ECS takes no
		// target group that nothing leads to.
		Needs: map[string]string{
			MountTargetKind: FileSystemKind, ListenerKind: TargetGroupKind, ListenerRuleKind: TargetGroupKind,
		},
		Rollout: &plan.RolloutRules{
			Holds: holdsTasks,
			Names: func(s any) map[string]string { return s.(*Service).names() },
		},
	}
}

// ScaledAttr is the attribute of a live service with the ARN of the scalable target that
// decides its count.
const ScaledAttr = "scaled"

// takeCount leaves the count of a service to whoever scaled it: a person, or Application
// Auto Scaling. A service that an interrupted apply made or stopped has no tasks yet, and
// one whose scaling goes while it is asleep would have none for ever.
func takeCount(live, want *plan.Resource, freed bool) any {
	count := live.Spec.(*Service).DesiredCount
	applied := plan.ParseApplied(live.Tags[plan.TagSpec])
	desired := want.Spec.(*Service)
	switch {
	case count == 0 && (freed || live.Spec.(*Service).endsByItself() || applied.Pending && applied.Force), want.Bounded && count > desired.DesiredCount:
		return want.Spec
	}
	out := *desired
	out.DesiredCount = count
	return &out
}

// endsByItself says whether a service is there for runs, so that it has no tasks: the rules for
// these are those of no other service without any.
func (s *Service) endsByItself() bool {
	d := s.DeploymentConfiguration
	return s.DesiredCount == 0 && d.MinimumHealthyPercent == 0 && d.MaximumPercent == 100 && d.DeploymentCircuitBreaker.Enable && !d.DeploymentCircuitBreaker.Rollback
}

// holdsTasks says whether ECS can run all new tasks of a service beside all old
// ones. Otherwise, protected old tasks would leave no room for the new ones
// (ECS developer guide, "Protect your Amazon ECS tasks from being terminated by
// scale-in events").
func holdsTasks(_, want any) bool {
	to := want.(*Service)
	return to.DesiredCount > 0 && to.DeploymentConfiguration.MaximumPercent >= 200 && to.DeploymentConfiguration.Strategy == "ROLLING"
}

// NameAttr is the attribute of a service that says since when there is the
// Service Connect endpoint of that discovery name.
func NameAttr(discoveryName string) string { return "name." + discoveryName }

// names are the names of the service's endpoints as its clients write them.
func (s *Service) names() map[string]string {
	out := map[string]string{}
	if s.ServiceConnectConfiguration == nil {
		return out
	}
	for _, endpoint := range s.ServiceConnectConfiguration.Services {
		for _, alias := range endpoint.ClientAliases {
			out[NameAttr(endpoint.DiscoveryName)] = fmt.Sprintf("%s:%d", alias.DNSName, alias.Port)
		}
	}
	return out
}

// normalize fills what AWS fills (plan/resource reads the same fields).
func (s *Service) normalize() {
	fill(&s.PlatformVersion, "LATEST")
	fill(&s.SchedulingStrategy, "REPLICA")
	fill(&s.NetworkConfiguration.AssignPublicIP, "DISABLED")
	fill(&s.DeploymentConfiguration.Strategy, "ROLLING")
	s.DeploymentConfiguration.normalize()
	fill(&s.AvailabilityZoneRebalancing, "DISABLED")
	fill(&s.PropagateTags, "NONE")
	s.NetworkConfiguration.Subnets = valueSet(s.NetworkConfiguration.Subnets)
	s.NetworkConfiguration.SecurityGroups = valueSet(s.NetworkConfiguration.SecurityGroups)
	sortBy(s.CapacityProviderStrategy, func(c CapacityProvider) string { return c.CapacityProvider })
	sortBy(s.LoadBalancers, func(b ServiceLoadBalancer) string {
		return fmt.Sprintf("%s %05d %s", b.ContainerName, b.ContainerPort, b.TargetGroupArn)
	})
	if c := s.ServiceConnectConfiguration; c != nil {
		sortBy(c.Services, func(s ServiceConnectService) string { return s.DiscoveryName })
	}
	sortBy(s.Tags, func(t Tag) string { return t.Key })
}

// normalize leaves out what says no more than ECS does by itself: it answers alarms
// without names, and the defaults of the circuit breaker, where none were sent.
func (d *DeploymentConfiguration) normalize() {
	breaker := &d.DeploymentCircuitBreaker
	if breaker.ResetOnHealthyTask != nil && *breaker.ResetOnHealthyTask {
		breaker.ResetOnHealthyTask = nil
	}
	if breaker.ThresholdConfiguration != nil && *breaker.ThresholdConfiguration == DefaultThreshold {
		breaker.ThresholdConfiguration = nil
	}
	if d.EarlySuccessCriteria != nil && !d.EarlySuccessCriteria.Enable {
		d.EarlySuccessCriteria = nil
	}
	if a := d.Alarms; a != nil {
		a.AlarmNames = set(a.AlarmNames)
		if len(a.AlarmNames) == 0 {
			d.Alarms = nil
		}
	}
}

// deploys are the fields whose change makes ECS start a new deployment: the SDK
// says so of each ("This parameter triggers a new service deployment",
// UpdateServiceInput, ecs v1.104.0).
var deploys = []string{
	"taskDefinition", "networkConfiguration", "platformVersion",
	"loadBalancers", "serviceRegistries", "serviceConnectConfiguration",
}

// forces are the fields that UpdateService changes only together with
// forceNewDeployment: the API requires it for the strategy, and launchType is
// removed when a strategy is set.
var forces = []string{"capacityProviderStrategy", "launchType"}

// NeedsForce says whether a change reaches ECS only with a forced deployment.
func NeedsForce(changes []plan.Change) bool { return touches(changes, forces) }

func touches(changes []plan.Change, patterns []string) bool {
	for _, change := range changes {
		for _, pattern := range patterns {
			if plan.Match(pattern, change.Path) {
				return true
			}
		}
	}
	return false
}

func serviceEffects(live, want any, changes []plan.Change, force bool) plan.Effects {
	from, _ := live.(*Service)
	to, _ := want.(*Service)
	switch {
	case from == nil && to != nil:
		return plan.Effects{Starts: to.DesiredCount}
	case to == nil && from != nil:
		return plan.Effects{Stops: from.DesiredCount}
	case from == nil:
		return plan.Effects{}
	}
	force = force || NeedsForce(changes)
	effects := plan.Effects{Forces: force}
	kept := min(from.DesiredCount, to.DesiredCount)
	effects.Starts = to.DesiredCount - kept
	effects.Stops = from.DesiredCount - kept
	if force || touches(changes, deploys) {
		effects.Restarts = kept
		effects.Interrupts = kept > 0 && to.DeploymentConfiguration.MinimumHealthyPercent == 0
	}
	return effects
}
