package simulator

import (
	"slices"
	"strconv"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// instancesOf are the keys of the running tasks that ECS has registered with the
// service: by Service Connect, or because it is their service registry. Nobody
// else registers instances here.
func (a *Account) instancesOf(s *DiscoveryService) []string {
	rows := a.Tasks.All()
	if s.Owner != "" {
		rows = a.tasks.Of("service " + s.Owner)
	}
	var keys []string
	for key, t := range rows {
		if t.Service != "" && *t.LastStatus == "RUNNING" && a.belongsTo(t, s) {
			keys = append(keys, key)
		}
	}
	return keys
}

// belongsTo tells whether the deployment that started the task names the service.
func (a *Account) belongsTo(t *Task, s *DiscoveryService) bool {
	r := a.Revisions.Get(t.Service + "/" + lastPart(*t.StartedBy))
	switch {
	case r == nil:
		return false
	case s.Owner == "":
		return a.registryOf(r, s) != nil
	}
	connect := enabled(r.ServiceConnectConfiguration)
	return s.Owner == t.Service && connect != nil && lastPart(*connect.Namespace) == *s.NamespaceId &&
		slices.ContainsFunc(connect.Services, func(c ecstypes.ServiceConnectService) bool { return *c.DiscoveryName == *s.Name })
}

// registryOf is the revision's registry that leads to the service, nil if none.
func (a *Account) registryOf(r *ecstypes.ServiceRevision, s *DiscoveryService) *ecstypes.ServiceRegistry {
	for i := range r.ServiceRegistries {
		if str(r.ServiceRegistries[i].RegistryArn) == *s.Arn {
			return &r.ServiceRegistries[i]
		}
	}
	return nil
}

// instanceAttributes are what ECS registers a task with (ECS Developer Guide,
// "Use service discovery to connect Amazon ECS services with DNS names").
func (a *Account) instanceAttributes(t *Task, s *DiscoveryService) map[string]string {
	attributes := map[string]string{
		"AWS_INSTANCE_IPV4": privateAddress(t), "AVAILABILITY_ZONE": str(t.AvailabilityZone), "REGION": a.Region,
		"ECS_CLUSTER_NAME": lastPart(*t.ClusterArn), "ECS_SERVICE_NAME": lastPart(t.Service),
		"ECS_TASK_DEFINITION_FAMILY": *a.definition(*t.TaskDefinitionArn).Family,
	}
	r := a.Revisions.Get(t.Service + "/" + lastPart(*t.StartedBy))
	if registry := a.registryOf(r, s); registry != nil && hasRecord(s, types.RecordTypeSrv) {
		if port := val(orElse(registry.ContainerPort, val(registry.Port))); port > 0 {
			attributes["AWS_INSTANCE_PORT"] = strconv.Itoa(int(port))
		}
	}
	return attributes
}

func hasRecord(s *DiscoveryService, kind types.RecordType) bool {
	return slices.ContainsFunc(val(s.DnsConfig).DnsRecords, func(r types.DnsRecord) bool { return r.Type == kind })
}

// privateAddress is the task's address in its subnet.
func privateAddress(t *Task) string {
	for _, d := range t.Attachments[0].Details {
		if *d.Name == "privateIPv4Address" {
			return *d.Value
		}
	}
	return ""
}

// drainInstances is a look at the ECS services that were deleted and whose tasks
// are still instances: they stop whether or not somebody looks at ECS.
func (a *Account) drainInstances(s *DiscoveryService) {
	for _, key := range a.instancesOf(s) {
		if owner := a.Tasks.Get(key).Service; *a.Services.Get(owner).Status == "DRAINING" {
			a.advance(owner)
		}
	}
}
