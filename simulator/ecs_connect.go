package simulator

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// aliasName is what a client may call a Service Connect service.
var aliasName = regexp.MustCompile(`^[a-z0-9_.][a-z0-9_.-]{0,126}$`)

// checkConnect refuses what ECS refuses in a Service Connect configuration, and
// returns it as its deployment shows it: names filled in, the namespace by ARN.
func (a *Account) checkConnect(
	key string, cluster *Cluster, td *types.TaskDefinition, c *types.ServiceConnectConfiguration,
) (*types.ServiceConnectConfiguration, error) {
	switch {
	case c == nil || !c.Enabled:
		return c, nil
	case len(c.ContainerConfigurations) > 0:
		return nil, invalidParameter("The simulator does not know containerConfigurations of Service Connect.")
	}
	name := orElse(c.Namespace, str(val(cluster.ServiceConnectDefaults).Namespace))
	ns := a.namespace(*name)
	if ns == nil {
		return nil, &types.NamespaceNotFoundException{Message: ptr("The namespace was not found: " + *name)}
	}
	out := clone(c)
	out.Namespace = &ns.Arn
	for i := range out.Services {
		if err := a.checkConnectService(key, ns, td, &out.Services[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *Account) checkConnectService(
	key string, ns *Namespace, td *types.TaskDefinition, s *types.ServiceConnectService,
) error {
	if !hasPortName(td, *s.PortName) {
		return invalidParameter("Service Connect port name '%s' does not exist in the task definition.", *s.PortName)
	}
	s.DiscoveryName = orElse(s.DiscoveryName, *s.PortName)
	switch {
	case !portName.MatchString(*s.DiscoveryName):
		return invalidParameter("Invalid Service Connect discoveryName %q.", *s.DiscoveryName)
	case len(s.ClientAliases) > 1:
		return invalidParameter("A Service Connect service can have at most one client alias.")
	}
	for i := range s.ClientAliases {
		alias := &s.ClientAliases[i]
		alias.DnsName = orElse(alias.DnsName, *s.DiscoveryName+"."+ns.Name)
		if !aliasName.MatchString(*alias.DnsName) || outside(alias.Port, 1, 65535) {
			return invalidParameter("Invalid Service Connect client alias %q port %d.", *alias.DnsName, *alias.Port)
		}
	}
	return a.checkConnectTaken(key, ns, s)
}

func hasPortName(td *types.TaskDefinition, name string) bool {
	for _, c := range td.ContainerDefinitions {
		for _, p := range c.PortMappings {
			if str(p.Name) == name {
				return true
			}
		}
	}
	return false
}

// checkConnectTaken keeps discovery names and client aliases unique in the
// namespace.
func (a *Account) checkConnectTaken(key string, ns *Namespace, s *types.ServiceConnectService) error {
	for otherKey, other := range a.Services.All() {
		if otherKey == key || *other.Status == "INACTIVE" || len(other.Deployments) == 0 {
			continue
		}
		connect := val(other.Deployments[0].ServiceConnectConfiguration)
		if str(connect.Namespace) != ns.Arn {
			continue
		}
		for _, o := range connect.Services {
			if *o.DiscoveryName == *s.DiscoveryName {
				return invalidParameter("The Service Connect discovery name '%s' is used by service %s.", *s.DiscoveryName, *other.ServiceName)
			}
			for _, x := range o.ClientAliases {
				for _, y := range s.ClientAliases {
					if *x.DnsName == *y.DnsName && *x.Port == *y.Port {
						return invalidParameter("The Service Connect client alias %s:%d is used by service %s.",
							*x.DnsName, *x.Port, *other.ServiceName)
					}
				}
			}
		}
	}
	return nil
}

// connectResources are the Cloud Map services that ECS makes for a deployment.
func (a *Account) connectResources(c *types.ServiceConnectConfiguration) []types.ServiceConnectServiceResource {
	var list []types.ServiceConnectServiceResource
	for _, s := range val(c).Services {
		id := "srv-" + digest(*c.Namespace, *s.DiscoveryName)[:16]
		list = append(list, types.ServiceConnectServiceResource{
			DiscoveryName: s.DiscoveryName, DiscoveryArn: ptr(a.arn("servicediscovery", "service/"+id)),
		})
	}
	return list
}
