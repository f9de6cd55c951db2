package resource

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	cloudmap "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// serviceConnectSpec is nil for a configuration that is not enabled.
func serviceConnectSpec(c *types.ServiceConnectConfiguration) *spec.ServiceConnect {
	if c == nil || !c.Enabled {
		return nil
	}
	out := &spec.ServiceConnect{Enabled: true, Namespace: plan.Literal(text(c.Namespace))}
	for _, s := range c.Services {
		out.Services = append(out.Services, spec.ServiceConnectService{
			PortName: text(s.PortName), DiscoveryName: discoveryName(s),
			ClientAliases: each(s.ClientAliases, func(a types.ServiceConnectClientAlias) spec.ClientAlias {
				return spec.ClientAlias{DNSName: text(a.DnsName), Port: number(a.Port)}
			}),
			Timeout: connectTimeoutSpec(s.Timeout),
		})
	}
	return out
}

func connectTimeoutSpec(t *types.TimeoutConfiguration) *spec.ConnectTimeout {
	if t == nil || t.IdleTimeoutSeconds == nil && t.PerRequestTimeoutSeconds == nil {
		return nil
	}
	out := &spec.ConnectTimeout{IdleTimeoutSeconds: number(t.IdleTimeoutSeconds)}
	if t.PerRequestTimeoutSeconds != nil {
		out.PerRequestTimeoutSeconds = pointer(number(t.PerRequestTimeoutSeconds))
	}
	return out
}

func connectTimeout(t *spec.ConnectTimeout) *types.TimeoutConfiguration {
	if t == nil {
		return nil
	}
	out := &types.TimeoutConfiguration{IdleTimeoutSeconds: number32(t.IdleTimeoutSeconds)}
	if t.PerRequestTimeoutSeconds != nil {
		out.PerRequestTimeoutSeconds = number32(*t.PerRequestTimeoutSeconds)
	}
	return out
}

// discoveryName is that of the port where none is given (ServiceConnectService).
func discoveryName(s types.ServiceConnectService) string {
	if name := text(s.DiscoveryName); name != "" {
		return name
	}
	return text(s.PortName)
}

// serviceConnect disables what there is for nil. It leaves out the settings of
// the proxy's container and its log, which ECS then sets to their defaults.
func serviceConnect(c *spec.ServiceConnect) *types.ServiceConnectConfiguration {
	if c == nil || !c.Enabled {
		return &types.ServiceConnectConfiguration{Enabled: false}
	}
	return &types.ServiceConnectConfiguration{
		Enabled: true, Namespace: optional(c.Namespace.Text),
		Services: each(c.Services, func(s spec.ServiceConnectService) types.ServiceConnectService {
			return types.ServiceConnectService{
				PortName: &s.PortName, DiscoveryName: &s.DiscoveryName,
				ClientAliases: each(s.ClientAliases, func(a spec.ClientAlias) types.ServiceConnectClientAlias {
					return types.ServiceConnectClientAlias{DnsName: &a.DNSName, Port: number32(a.Port)}
				}),
				Timeout: connectTimeout(s.Timeout),
			}
		}),
	}
}

// serviceRegistries is never nil, so that none removes what there is.
func serviceRegistries(list []spec.ServiceRegistry) []types.ServiceRegistry {
	out := make([]types.ServiceRegistry, 0, len(list))
	for _, r := range list {
		out = append(out, types.ServiceRegistry{RegistryArn: pointer(r.RegistryArn.Text)})
	}
	return out
}

// connected is what Cloud Map knows about the Service Connect endpoints of
// services.
type connected struct {
	arns map[string]string               // of namespaces that ECS gives by name
	born map[string]map[string]time.Time // when services came to be, by ARN of the namespace and name
}

// connectNames asks Cloud Map about the endpoints of these services: once for
// each namespace, a hundred services to a page, and not at all where no service
// has an endpoint.
func connectNames(ctx context.Context, api *servicediscovery.Client, services []types.Service) (connected, error) {
	c := connected{map[string]string{}, map[string]map[string]time.Time{}}
	for _, service := range services {
		config := connectOf(service)
		if config == nil {
			continue
		}
		namespace, err := c.namespace(ctx, api, text(config.Namespace))
		if err != nil {
			return c, err
		}
		if len(config.Services) == 0 || c.born[namespace] != nil || !isARN(namespace) {
			continue
		}
		found, err := discoveryServicesIn(ctx, api, namespace[strings.LastIndexByte(namespace, '/')+1:])
		if err != nil {
			return c, err
		}
		c.born[namespace] = map[string]time.Time{}
		for _, s := range found {
			if s.CreateDate != nil {
				c.born[namespace][text(s.Name)] = *s.CreateDate
			}
		}
	}
	return c, nil
}

// connectOf is the configuration of the PRIMARY deployment, nil where it is not
// enabled.
func connectOf(service types.Service) *types.ServiceConnectConfiguration {
	primary := primaryDeployment(service)
	if primary == nil || primary.ServiceConnectConfiguration == nil || !primary.ServiceConnectConfiguration.Enabled {
		return nil
	}
	return primary.ServiceConnectConfiguration
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// namespace is the ARN of a namespace, which ECS takes by its name as well
// (ServiceConnectConfiguration, field Namespace). One that is not there keeps its
// name.
func (c connected) namespace(ctx context.Context, api *servicediscovery.Client, name string) (string, error) {
	if isARN(name) {
		return name, nil
	}
	if arn, ok := c.arns[name]; ok {
		return arn, nil
	}
	c.arns[name] = name
	found, err := allPages(ctx, servicediscovery.NewListNamespacesPaginator(api, &servicediscovery.ListNamespacesInput{
		Filters: []cloudmap.NamespaceFilter{{
			Name: cloudmap.NamespaceFilterNameHttpName, Condition: cloudmap.FilterConditionEq, Values: []string{name},
		}},
	}), func(page *servicediscovery.ListNamespacesOutput) []cloudmap.NamespaceSummary { return page.Namespaces })
	for _, namespace := range found {
		c.arns[name] = text(namespace.Arn)
	}
	return c.arns[name], err
}

// candidate is a live service with what Cloud Map adds to it.
func (c connected) candidate(service types.Service) candidate {
	out := serviceCandidate(service)
	config := out.Spec.(*spec.Service).ServiceConnectConfiguration
	if config == nil {
		return out
	}
	if arn, ok := c.arns[config.Namespace.Text]; ok {
		config.Namespace = plan.Literal(arn)
	}
	for _, s := range config.Services {
		born, listed := c.born[config.Namespace.Text][s.DiscoveryName]
		if !listed && service.CreatedAt != nil {
			born = *service.CreatedAt
		}
		out.Attrs["name."+s.DiscoveryName] = moment(born)
	}
	return out
}

// moment is a time as attributes have it, to the fraction of a second.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
