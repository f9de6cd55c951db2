package simulator

import (
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	discoverytypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// namesTakenBy are the names of others that a call may take, each with a running
// task that uses it. See [Simulator.Witness] for who uses a name.
func (a *Account) namesTakenBy(input any) []holding {
	switch in := input.(type) {
	case *ecs.DeleteServiceInput:
		return a.namesDeleted(a.keyOf(in.Cluster, in.Service))
	case *ecs.UpdateServiceInput:
		return a.namesGivenUp(a.keyOf(in.Cluster, in.Service), in)
	case *servicediscovery.DeleteServiceInput:
		return a.discoveryDeleted(a.discoveryServiceByID(str(in.Id)))
	}
	return nil
}

// keyOf is the key of the service of a call, empty where there is no such cluster.
func (a *Account) keyOf(cluster, service *string) string {
	c, err := a.cluster(cluster)
	if err != nil {
		return ""
	}
	return serviceKey(c, service)
}

// namesDeleted are the names of a service that is deleted.
func (a *Account) namesDeleted(key string) []holding {
	var list []holding
	for _, e := range a.endpointsOf(key) {
		for taskKey, t := range a.sayers(e.Name, key) {
			if a.knows(t, e.Name, int(e.Port)) {
				list = append(list, a.connected(taskKey, t, e))
			}
		}
	}
	return append(list, a.registriesHeld(key)...)
}

// namesGivenUp are the names that a service gives up and goes on.
func (a *Account) namesGivenUp(key string, in *ecs.UpdateServiceInput) []holding {
	var list []holding
	if c := in.ServiceConnectConfiguration; c != nil {
		for _, e := range a.endpointsOf(key) {
			if !offers(c, e) {
				list = append(list, a.oneClient(e)...)
			}
		}
	}
	if in.ServiceRegistries != nil {
		list = append(list, a.registriesHeld(key)...)
	}
	return list
}

// offers tells whether a configuration goes on with an endpoint.
func offers(c *types.ServiceConnectConfiguration, e Endpoint) bool {
	return c.Enabled && slices.ContainsFunc(c.Services, func(s types.ServiceConnectService) bool {
		return slices.ContainsFunc(s.ClientAliases, func(alias types.ServiceConnectClientAlias) bool {
			return val(alias.Port) == e.Port && (alias.DnsName == nil || *alias.DnsName == e.Name)
		})
	})
}

// oneClient is a running task of another service that knows an endpoint, if any.
func (a *Account) oneClient(e Endpoint) []holding {
	for _, taskKey := range a.uses.Keys("connect " + e.Namespace) {
		if t := a.Tasks.Get(taskKey); t.Service != e.Owner && a.knows(t, e.Name, int(e.Port)) {
			return []holding{a.connected(taskKey, t, e)}
		}
	}
	return nil
}

// connected is what a task has that knows an endpoint.
func (a *Account) connected(taskKey string, t *Task, e Endpoint) holding {
	return holding{
		task: taskKey, service: t.Service, what: "the name " + endpointName(e.Name, e.Port) + " of Service Connect",
		held: func() bool { return a.knows(t, e.Name, int(e.Port)) },
	}
}

// discoveryDeleted are the names of a Cloud Map service that is deleted: the
// endpoint of a service that stays, or a DNS name.
func (a *Account) discoveryDeleted(s *DiscoveryService) []holding {
	if s == nil {
		return nil
	}
	var list []holding
	for _, e := range a.endpointsOf(s.Owner) {
		if e.Service == *s.Id {
			list = append(list, a.oneClient(e)...)
		}
	}
	return append(list, a.dnsHeld(s, "", func() bool { return a.DiscoveryServices.Get(*s.Id) != nil })...)
}

// registriesHeld are the DNS names of an ECS service.
func (a *Account) registriesHeld(key string) []holding {
	var list []holding
	for _, registry := range val(a.Services.Get(key)).ServiceRegistries {
		arn := str(registry.RegistryArn)
		list = append(list, a.dnsHeld(a.DiscoveryServices.Get(lastPart(arn)), key, func() bool {
			return a.isActive(key) && slices.ContainsFunc(a.Services.Get(key).ServiceRegistries, func(r types.ServiceRegistry) bool {
				return str(r.RegistryArn) == arn
			})
		})...)
	}
	return list
}

// dnsHeld is the DNS name of a Cloud Map service, for those who say it but the
// owner.
func (a *Account) dnsHeld(s *DiscoveryService, owner string, held func() bool) []holding {
	if s == nil || s.Type != discoverytypes.ServiceTypeDnsHttp {
		return nil
	}
	name := *s.Name + "." + *a.Namespaces.Get(*s.NamespaceId).Name
	var list []holding
	for taskKey, t := range a.sayers(name, owner) {
		list = append(list, holding{task: taskKey, service: t.Service, what: "the name " + name, held: held})
	}
	return list
}

// sayers are the running tasks, but those of one service, that name a host.
func (a *Account) sayers(name, owner string) iter.Seq2[string, *Task] {
	return func(yield func(string, *Task) bool) {
		for key, t := range a.uses.Of("says " + strings.ToLower(name)) {
			if t.Service != owner && !yield(key, t) {
				return
			}
		}
	}
}
