package spec

import (
	"slices"
)

// The extras of a service are Service Connect endpoints, by the name of the port mapping
// that each has in the task definition.

func endpointNames(spec any) []string {
	var out []string
	for _, e := range endpointsOf(spec.(*Service)) {
		out = append(out, e.PortName)
	}
	return out
}

func endpointsOf(s *Service) []ServiceConnectService {
	if s.ServiceConnectConfiguration == nil {
		return nil
	}
	return s.ServiceConnectConfiguration.Services
}

func withoutEndpoints(spec any, names []string) any {
	return withServices(spec.(*Service), slices.DeleteFunc(slices.Clone(endpointsOf(spec.(*Service))), func(e ServiceConnectService) bool {
		return slices.Contains(names, e.PortName)
	}))
}

// withEndpoints leaves a service outside Service Connect that is not in it and has no
// endpoint yet.
func withEndpoints(spec, live any, names []string) any {
	services := slices.Clone(endpointsOf(spec.(*Service)))
	for _, e := range endpointsOf(live.(*Service)) {
		if slices.Contains(names, e.PortName) {
			services = append(services, e)
		}
	}
	out := withServices(spec.(*Service), services)
	if len(services) == 0 && live.(*Service).ServiceConnectConfiguration == nil {
		out.ServiceConnectConfiguration = nil
	}
	return out
}

func withServices(s *Service, services []ServiceConnectService) *Service {
	out := *s
	if s.ServiceConnectConfiguration != nil {
		configuration := *s.ServiceConnectConfiguration
		configuration.Services = services
		out.ServiceConnectConfiguration = &configuration
	}
	return &out
}

func mappingNames(spec any) []string {
	var out []string
	for _, c := range spec.(*TaskDefinition).ContainerDefinitions {
		for _, p := range c.PortMappings {
			out = append(out, p.Name)
		}
	}
	return out
}

func withoutMappings(spec any, names []string) any {
	return withMappings(spec.(*TaskDefinition), func(c Container) []PortMapping {
		return slices.DeleteFunc(slices.Clone(c.PortMappings), func(p PortMapping) bool { return slices.Contains(names, p.Name) })
	})
}

func withLiveMappings(spec, live any, names []string) any {
	have := map[string][]PortMapping{}
	for _, c := range live.(*TaskDefinition).ContainerDefinitions {
		have[c.Name] = c.PortMappings
	}
	return withMappings(spec.(*TaskDefinition), func(c Container) []PortMapping {
		out := slices.Clone(c.PortMappings)
		for _, p := range have[c.Name] {
			if slices.Contains(names, p.Name) {
				out = append(out, p)
			}
		}
		return out
	})
}

// withMappings is a copy of a task definition with other port mappings.
func withMappings(d *TaskDefinition, of func(Container) []PortMapping) *TaskDefinition {
	out := *d
	out.ContainerDefinitions = slices.Clone(d.ContainerDefinitions)
	for i, c := range out.ContainerDefinitions {
		out.ContainerDefinitions[i].PortMappings = of(c)
	}
	return &out
}
