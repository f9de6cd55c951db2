package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func serviceAddress(name string) plan.Address {
	return plan.Address{Kind: spec.ServiceKind, Name: name}
}

// service is the ECS service that keeps a task running.
func (t *translation) service(k *task) {
	name := k.name()
	deployment := t.overlaidDeployment(k, t.deployment(k))
	r := t.add(serviceAddress(name), t.At(at(name)...), t.patchedService(k, &spec.Service{
		ServiceName:    t.serviceName(name),
		Cluster:        t.clusterRef(),
		TaskDefinition: plan.RefTo(taskDefinitionAddress(name), "arn", ""),
		DesiredCount:   k.lead.GetScale(),
		// a strategy can be changed later, a launch type not
		CapacityProviderStrategy:      []spec.CapacityProvider{{CapacityProvider: "FARGATE", Weight: 1}},
		PlatformVersion:               "LATEST",
		SchedulingStrategy:            "REPLICA",
		NetworkConfiguration:          t.network.configuration(k, len(t.ingress.exposures.of(k)) > 0),
		LoadBalancers:                 t.ingress.serviceLoadBalancers(k),
		ServiceRegistries:             t.names.serviceRegistries(k),
		ServiceConnectConfiguration:   t.names.serviceConnect(k),
		DeploymentConfiguration:       deployment,
		AvailabilityZoneRebalancing:   zoneRebalancing(deployment),
		HealthCheckGracePeriodSeconds: t.ingress.grace(k),
		EnableECSManagedTags:          true,
		// tasks are found by the tags of the project, and paid for under them
		PropagateTags: "SERVICE",
		Tags:          serviceTags(t.base, k),
	}), t.after(k)...)
	r.Needs = append(t.ingress.serviceNeeds(k), t.storageNeeds(k)...)
	r.Names = t.names.namesUsed(k)
	r.Tags = t.pins(k)
}

// serviceName has the project in it where the cluster is not the project's own:
// others may have a service of that name.
func (t *translation) serviceName(service string) string {
	if t.X.Cluster != "" {
		return ecsName(t.Name + "-" + service)
	}
	return ecsName(service)
}

// after are the services which the members of a task depend on.
func (t *translation) after(k *task) []plan.Address {
	var out []plan.Address
	for _, name := range t.waitsFor(k) {
		out = append(out, serviceAddress(name))
	}
	return out
}

// waitsFor names the other tasks which a task starts after, sorted.
func (t *translation) waitsFor(k *task) []string {
	var out []string
	for _, m := range k.members {
		for dependency := range m.DependsOn {
			if holder := t.holders[dependency]; holder != nil && holder != k {
				out = append(out, holder.name())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// refuseCircles looks for tasks that wait for themselves. Load refuses circles of
// services; those that share a task may close new ones.
func (t *translation) refuseCircles() {
	done := map[string]bool{}
	var walk func(name string, way []string)
	walk = func(name string, way []string) {
		if i := slices.Index(way, name); i >= 0 {
			t.refuseCircle(append(slices.Clone(way[i:]), name))
			return
		}
		if done[name] {
			return
		}
		for _, next := range t.waitsFor(t.holders[name]) {
			walk(next, append(way[:len(way):len(way)], name))
		}
		done[name] = true
	}
	for _, task := range t.tasks {
		walk(task.name(), nil)
	}
}

// refuseCircle takes the names on the way, the first one again at its end.
func (t *translation) refuseCircle(way []string) {
	var waits, path []string
	shared := false
	for i, name := range way[:len(way)-1] {
		waits = append(waits, name+" for "+way[i+1])
		shared = shared || len(t.holders[name].members) > 1
		if found := t.dependency(t.holders[name], t.holders[way[i+1]]); path == nil || found[1] != name {
			path = found // a sidecar's: it closes the circle
		}
	}
	if !shared {
		return
	}
	t.errorf(path, "give the sidecar a task of its own, or drop one of the dependencies",
		"tasks that wait for each other: %s", strings.Join(waits, ", "))
}

// dependency is the path where a member of a task depends on one of another.
func (t *translation) dependency(k, on *task) []string {
	for _, m := range k.members {
		for _, name := range sortedKeys(m.DependsOn) {
			if t.holders[name] == on {
				return at(m.Name, "depends_on", name)
			}
		}
	}
	return at(k.name())
}
