package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// service is the ECS service that keeps a task running.
func (t *translation) service(k *task, deployment spec.DeploymentConfiguration, definition *spec.TaskDefinition, after []plan.Address) {
	name := k.name()
	deployment = t.overlaidDeployment(k, deployment)
	service := t.ecsService(k, name, len(t.ingress.published.of(k)) > 0, deployment)
	service.DesiredCount = t.count(k)
	service.CapacityProviderStrategy = strategy(t.base, k)
	service.LoadBalancers = t.ingress.serviceLoadBalancers(k)
	service.ServiceRegistries = t.names.serviceRegistries(k)
	service.HealthCheckGracePeriodSeconds = t.grace(k)
	patched := t.patchedService(k, service)
	if t.scalings.of[k] != nil && patched.DesiredCount != service.DesiredCount {
		t.errorf(at(name, xfargate.Key, "patch", "service", "desiredCount"), "remove it, or write deploy.replicas for how many there are at first",
			"x-fargate.scaling or hours decides how many tasks run")
	}
	r := t.add(serviceAddress(name), t.At(at(name)...), patched, after...)
	r.Open, r.Bounded = (leavesCount(k) && patched.DesiredCount == service.DesiredCount || t.scalings.of[k] != nil) && !t.isRun(k), t.isOne(k) && t.scalings.most(k) <= 1
	r.Run = t.run(k, definition)
	r.Origins = t.serviceOrigins(name)
	r.Needs = append(t.ingress.serviceNeeds(k), t.storageNeeds(k)...)
	r.Names = t.names.namesUsed(k)
	r.Tags = t.fileLayers.markLinks(k, t.pins(k))
	r.Patience = t.givesUp(k, patched)
	t.scalings.resourcesOf(k)
}

// ecsService is an ECS service for a task, under a name. It has no tasks yet, and no load
// balancer leads to it.
func (t *translation) ecsService(k *task, name string, published bool, deployment spec.DeploymentConfiguration) *spec.Service {
	return &spec.Service{
		ServiceName:                 serviceName(t.base, name),
		Cluster:                     clusterRef(t.base),
		TaskDefinition:              plan.RefTo(taskDefinitionAddress(name), "arn", ""),
		CapacityProviderStrategy:    onDemand(),
		PlatformVersion:             "LATEST",
		SchedulingStrategy:          "REPLICA",
		NetworkConfiguration:        t.network.configuration(k, published, t.storageGroups(k)),
		ServiceConnectConfiguration: t.names.serviceConnect(k),
		DeploymentConfiguration:     deployment,
		AvailabilityZoneRebalancing: zoneRebalancing(deployment),
		EnableECSManagedTags:        true,
		// tasks are found by the tags of the project, and paid for under them
		PropagateTags: "SERVICE",
		Tags:          serviceTags(t.base, k),
	}
}

// count is how many tasks of a service run: none of one that ends by itself, until a plan lets
// it run.
func (t *translation) count(k *task) int {
	if t.isRun(k) {
		return 0
	}
	return t.scalings.start(k)
}

// isOne says whether there is at most one task of a service: a database, or a scheduler.
func (t *translation) isOne(k *task) bool {
	return len(t.locks(k)) > 0 || slices.ContainsFunc(k.members, t.schedules)
}

// single says why there may be one task at a time of a service, "" where there may be more.
func (t *translation) single(k *task) string {
	locks := t.locks(k)
	switch d := (deployments{t.base, t.writesToVolumes, t.locks}); {
	case len(locks) > 0:
		return "two would destroy what is in " + locks[0]
	case d.schedulesAlone(k):
		return "two schedulers would do everything twice"
	case d.writesAlone(k) && (updateConfig(k.main) == nil || updateConfig(k.main).Order != "start-first"):
		return "it writes to a volume, and nothing says that several may (deploy.replicas: 2, or deploy.update_config: {order: start-first})"
	}
	return ""
}

// serviceOrigins are those of an ECS service: a patch and an overlay of Docker's
// have the last word.
func (t *translation) serviceOrigins(service string) []plan.Origin {
	out := t.patchOrigins(serviceAddress(service))
	out = append(out, t.givenOrigins(service)...)
	overlay := t.X.Overlays[service]
	overlaid := func(field, key string, value *int) {
		if value != nil {
			out = append(out, plan.Origin{
				Field: diag.Path{"deploymentConfiguration", field},
				From:  overlay.Path.Key(key),
			})
		}
	}
	overlaid("minimumHealthyPercent", "MinimumHealthyPercent", overlay.MinimumHealthyPercent)
	overlaid("maximumPercent", "MaximumPercent", overlay.MaximumPercent)
	return append(out, plan.Origin{From: at(service), Fields: serviceOrigins})
}
