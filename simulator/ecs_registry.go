package simulator

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	discovery "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// checkRegistries refuses what ECS refuses in service registries: more than one,
// an unknown Cloud Map service, one whose records ECS cannot make, and a port
// that does not fit (API reference, ServiceRegistry; ECS Developer Guide,
// "Service discovery": A, AAAA and SRV records).
func (a *Account) checkRegistries(td *types.TaskDefinition, s Service) error {
	if len(s.ServiceRegistries) > 1 {
		return invalidParameter("A service can have at most one service registry, not %d.", len(s.ServiceRegistries))
	}
	for _, r := range s.ServiceRegistries {
		registry := a.discoveryServiceByID(str(r.RegistryArn))
		switch {
		case registry == nil || *registry.Arn != *r.RegistryArn:
			return invalidParameter("The service registry %s does not exist.", str(r.RegistryArn))
		case hasRecord(registry, discovery.RecordTypeCname):
			return invalidParameter("The service registry %s has CNAME records, which are not supported.", *r.RegistryArn)
		}
		if err := checkRegistryPort(td, r, hasRecord(registry, discovery.RecordTypeSrv)); err != nil {
			return err
		}
	}
	return nil
}

// checkRegistryPort wants a port for SRV records, told in just one of two ways.
func checkRegistryPort(td *types.TaskDefinition, r types.ServiceRegistry, srv bool) error {
	byContainer := r.ContainerName != nil || r.ContainerPort != nil
	switch {
	case byContainer && r.Port != nil:
		return invalidParameter("A service registry takes a port or a containerName and containerPort, not both.")
	case byContainer && (r.ContainerName == nil || r.ContainerPort == nil):
		return invalidParameter("A service registry takes containerName and containerPort together.")
	case srv && !byContainer && r.Port == nil:
		return invalidParameter("A service registry with SRV records needs a port or a containerName and containerPort.")
	case !byContainer:
		return nil
	}
	at := slices.IndexFunc(td.ContainerDefinitions, func(c types.ContainerDefinition) bool { return *c.Name == *r.ContainerName })
	if at < 0 {
		return invalidParameter("The container %s does not exist in the task definition.", *r.ContainerName)
	}
	if !slices.ContainsFunc(td.ContainerDefinitions[at].PortMappings, func(p types.PortMapping) bool {
		return val(p.ContainerPort) == *r.ContainerPort
	}) {
		return invalidParameter("The container %s did not have a container port %d defined.", *r.ContainerName, *r.ContainerPort)
	}
	return nil
}
