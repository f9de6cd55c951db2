package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// DiscoveryService is a Cloud Map service. One with an Owner was made by ECS for
// Service Connect, and ECS removes it again.
type DiscoveryService struct {
	types.Service
	Owner       string // key of the ECS service; empty unless ECS made it
	Protocol    string // of the ECS service's port, which is frozen: "tcp"
	AppProtocol string // of that port; empty when it has none
	Client      bool   // the entry of a client, not an endpoint
	Leaving     bool   // the owner gave it up
	Looks       int    // looks since then
	Due         Due
}

// discoveryName is what a Cloud Map service may be called (API model).
var discoveryName = regexp.MustCompile(
	`^([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])(\.([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9]))*$`)

func createDiscoveryService(
	a *Account, in *servicediscovery.CreateServiceInput,
) (*servicediscovery.CreateServiceOutput, error) {
	ns := a.openNamespaceByID(str(in.NamespaceId))
	if ns == nil || a.underWay(types.OperationTypeDeleteNamespace, *ns.Id) != nil {
		return nil, namespaceNotFound(in.NamespaceId)
	}
	if err := checkNewDiscoveryService(ns, in); err != nil {
		return nil, err
	}
	tags, err := discoveryCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if known := a.discoveryServiceByName(*ns.Id, *in.Name); known != nil {
		return nil, &types.ServiceAlreadyExists{
			Message:   ptr(fmt.Sprintf("Service with name %s already exists in namespace %s", *in.Name, *ns.Id)),
			ServiceId: known.Id, ServiceArn: known.Arn, CreatorRequestId: known.CreatorRequestId,
		}
	}
	// One that is made again under its name gets its old id, and ECS services keep
	// pointing at it (hashicorp/terraform-provider-aws#46930).
	id := "srv-" + digest(a.Account, a.Region, "discovery-service", *ns.Id+" "+*in.Name)[:16]
	s := a.putDiscoveryService(ns, id, *in.Name, tags)
	s.Description, s.CreatorRequestId, s.HealthCheckCustomConfig = in.Description, in.CreatorRequestId, in.HealthCheckCustomConfig
	s.HealthCheckConfig = in.HealthCheckConfig
	if in.DnsConfig != nil {
		s.Type, s.DnsConfig = types.ServiceTypeDnsHttp, in.DnsConfig
		if s.DnsConfig.RoutingPolicy == "" {
			s.DnsConfig.RoutingPolicy = types.RoutingPolicyMultivalue
		}
	}
	out := a.describeDiscoveryService(s)
	return &servicediscovery.CreateServiceOutput{Service: &out}, nil
}

// putDiscoveryService makes a service that is found by API calls only.
func (a *Account) putDiscoveryService(ns *Namespace, id, name string, tags map[string]string) *DiscoveryService {
	s := a.DiscoveryServices.Put(id, DiscoveryService{Service: types.Service{
		Id: &id, Arn: ptr(a.arn("servicediscovery", "service/"+id)), Name: &name, NamespaceId: ns.Id,
		Type: types.ServiceTypeHttp, CreateDate: a.now(), CreatedByAccount: &a.Account, ResourceOwner: &a.Account,
	}})
	a.bear(*s.Arn, tags)
	return s
}

func checkNewDiscoveryService(ns *Namespace, in *servicediscovery.CreateServiceInput) error {
	switch {
	case len(str(in.Name)) > 127 || !discoveryName.MatchString(str(in.Name)):
		return discoveryInvalid("Service name %q is not valid", str(in.Name))
	case len(str(in.Description)) > 1024 || len(str(in.CreatorRequestId)) > 64:
		return discoveryInvalid("Description and CreatorRequestId may have 1024 and 64 characters")
	case in.HealthCheckConfig != nil && in.HealthCheckCustomConfig != nil:
		return discoveryInvalid("Specify either HealthCheckConfig or HealthCheckCustomConfig, not both")
	case in.HealthCheckConfig != nil && ns.Type == types.NamespaceTypeDnsPrivate:
		return discoveryInvalid("HealthCheckConfig is not supported in private DNS namespaces")
	case in.DnsConfig != nil && ns.Type == types.NamespaceTypeHttp:
		return discoveryInvalid("DnsConfig is not supported in HTTP namespaces")
	case in.DnsConfig != nil && in.Type == types.ServiceTypeOptionHttp:
		return discoveryInvalid("DnsConfig is not supported with the type HTTP")
	case in.DnsConfig == nil && in.Type == "" && ns.Type != types.NamespaceTypeHttp:
		return discoveryInvalid("DnsConfig is required in DNS namespaces unless the type is HTTP")
	case in.DnsConfig != nil:
		return checkDNSRecords(in.DnsConfig)
	}
	return nil
}

// checkDNSRecords takes the combinations that the API reference lists.
func checkDNSRecords(c *types.DnsConfig) error {
	kinds := recordTypes(c.DnsRecords)
	switch {
	case !slices.Contains([]string{"A", "AAAA", "A AAAA", "SRV", "CNAME"}, kinds):
		return discoveryInvalid("The combination of DNS record types %q is not valid", kinds)
	case kinds == "CNAME" && c.RoutingPolicy != types.RoutingPolicyWeighted:
		return discoveryInvalid("CNAME records need the routing policy WEIGHTED")
	}
	return checkTTLs(c.DnsRecords)
}

func checkTTLs(records []types.DnsRecord) error {
	for _, r := range records {
		if ttl := val(r.TTL); ttl < 0 || ttl > 2147483647 {
			return discoveryInvalid("The TTL %d is out of range", ttl)
		}
	}
	return nil
}

// recordTypes are the types of the records in order: "A AAAA".
func recordTypes(records []types.DnsRecord) string {
	var kinds []string
	for _, r := range records {
		kinds = append(kinds, string(r.Type))
	}
	slices.Sort(kinds)
	return strings.Join(kinds, " ")
}

// discoveryServiceByID finds a service by id or ARN, nil when there is none.
func (a *Account) discoveryServiceByID(idOrARN string) *DiscoveryService {
	s := a.DiscoveryServices.Get(lastPart(idOrARN))
	if s == nil || idOrARN != *s.Id && idOrARN != *s.Arn {
		return nil
	}
	return s
}

// discoveryServiceByName finds a service of a namespace. Those of DNS namespaces
// may not differ by case alone (API reference, CreateService).
func (a *Account) discoveryServiceByName(namespace, name string) *DiscoveryService {
	for _, s := range a.discovery.Of("name " + namespace + " " + strings.ToLower(name)) {
		if *s.Name == name || s.Type != types.ServiceTypeHttp {
			return s
		}
	}
	return nil
}

// servicesOf are the ids of a namespace's services.
func (a *Account) servicesOf(namespace string) []string {
	return a.discovery.Keys("namespace " + namespace)
}

func discoveryServiceNotFound(id *string) error {
	return &types.ServiceNotFound{Message: ptr("Service " + str(id) + " not found")}
}

func (a *Account) describeDiscoveryService(s *DiscoveryService) types.Service {
	out := s.Service
	out.InstanceCount = ptr(int32(len(a.instancesOf(s))))
	return out
}

func getDiscoveryService(
	a *Account, in *servicediscovery.GetServiceInput,
) (*servicediscovery.GetServiceOutput, error) {
	a.advanceLeaving()
	s := a.discoveryServiceByID(str(in.Id))
	if s == nil {
		return nil, discoveryServiceNotFound(in.Id)
	}
	out := a.describeDiscoveryService(s)
	return &servicediscovery.GetServiceOutput{Service: &out}, nil
}

func listDiscoveryServices(
	a *Account, in *servicediscovery.ListServicesInput,
) (*servicediscovery.ListServicesOutput, error) {
	a.advanceLeaving()
	var all []*DiscoveryService
	for _, s := range a.DiscoveryServices.All() {
		match, err := a.matchesDiscoveryService(s, in.Filters)
		if err != nil {
			return nil, err
		}
		if match {
			all = append(all, s)
		}
	}
	page, next, err := discoveryPage(a, all, func(s *DiscoveryService) string { return *s.Id }, in.NextToken, in.MaxResults)
	list := []types.ServiceSummary{}
	for _, s := range page {
		d := a.describeDiscoveryService(s)
		list = append(list, types.ServiceSummary{
			Arn: d.Arn, Id: d.Id, Name: d.Name, Type: d.Type, CreateDate: d.CreateDate, CreatedByAccount: d.CreatedByAccount,
			Description: d.Description, DnsConfig: d.DnsConfig, HealthCheckConfig: d.HealthCheckConfig,
			HealthCheckCustomConfig: d.HealthCheckCustomConfig, InstanceCount: d.InstanceCount, ResourceOwner: d.ResourceOwner,
		})
	}
	return &servicediscovery.ListServicesOutput{Services: list, NextToken: next}, err
}

func (a *Account) matchesDiscoveryService(s *DiscoveryService, filters []types.ServiceFilter) (bool, error) {
	for _, f := range filters {
		var value string
		switch f.Name {
		case types.ServiceFilterNameNamespaceId:
			value = *s.NamespaceId
			if ns := a.Namespaces.Get(value); ns != nil && len(f.Values) == 1 && f.Values[0] == *ns.Arn {
				value = *ns.Arn
			}
		case types.ServiceFilterNameResourceOwner:
			value = "SELF"
		default:
			return false, discoveryInvalid("Unknown filter %q", f.Name)
		}
		if f.Condition == types.FilterConditionBeginsWith {
			return false, discoveryInvalid("The filter %s supports the condition EQ only", f.Name)
		}
		match, err := matchesDiscovery(value, f.Condition, f.Values)
		if !match || err != nil {
			return false, err
		}
	}
	return true, nil
}

// updateDiscoveryService changes the description and the TTL of records. Records
// that are left out are deleted; none can be added or change its type (API
// reference, UpdateService).
func updateDiscoveryService(
	a *Account, in *servicediscovery.UpdateServiceInput,
) (*servicediscovery.UpdateServiceOutput, error) {
	s := a.discoveryServiceByID(str(in.Id))
	if s == nil {
		return nil, discoveryServiceNotFound(in.Id)
	}
	if a.Namespaces.Get(*s.NamespaceId).Type == types.NamespaceTypeHttp {
		return nil, discoveryInvalid("The settings of a service in an HTTP namespace cannot be updated")
	}
	records := val(in.Service.DnsConfig).DnsRecords
	have := strings.Fields(recordTypes(val(s.DnsConfig).DnsRecords))
	for _, r := range records {
		if !slices.Contains(have, string(r.Type)) {
			return nil, discoveryInvalid("A DNS record of type %s cannot be added to a service", r.Type)
		}
	}
	if err := checkTTLs(records); err != nil {
		return nil, err
	}
	s = a.DiscoveryServices.Edit(*s.Id)
	s.Description, s.HealthCheckConfig = cmp.Or(in.Service.Description, s.Description), in.Service.HealthCheckConfig
	if s.DnsConfig != nil {
		s.DnsConfig.DnsRecords = filled(records)
	}
	return &servicediscovery.UpdateServiceOutput{
		OperationId: a.submit(types.OperationTypeUpdateService, types.OperationTargetTypeService, *s.Id, ""),
	}, nil
}

func deleteDiscoveryService(
	a *Account, in *servicediscovery.DeleteServiceInput,
) (*servicediscovery.DeleteServiceOutput, error) {
	s := a.discoveryServiceByID(str(in.Id))
	if s == nil {
		return nil, discoveryServiceNotFound(in.Id)
	}
	a.drainInstances(s)
	if len(a.instancesOf(s)) > 0 {
		return nil, &types.ResourceInUse{Message: ptr(
			"Service contains registered instances; delete the instances before deleting the service")}
	}
	a.dropDiscoveryService(*s.Id)
	return &servicediscovery.DeleteServiceOutput{}, nil
}

func (a *Account) dropDiscoveryService(id string) {
	if s := a.DiscoveryServices.Get(id); s != nil {
		a.Tags.Delete(*s.Arn)
		a.DiscoveryServices.Delete(id)
		for _, key := range a.endpoints.Keys("service " + id) { // one of that name will be another
			a.Endpoints.Delete(key)
		}
	}
}

func listInstances(
	a *Account, in *servicediscovery.ListInstancesInput,
) (*servicediscovery.ListInstancesOutput, error) {
	s := a.discoveryServiceByID(str(in.ServiceId))
	if s == nil {
		return nil, discoveryServiceNotFound(in.ServiceId)
	}
	a.drainInstances(s)
	var all []types.InstanceSummary
	for _, key := range a.instancesOf(s) {
		t := a.Tasks.Get(key)
		id := lastPart(*t.TaskArn)
		all = append(all, types.InstanceSummary{Id: &id, Attributes: a.instanceAttributes(t, s), CreatedByAccount: &a.Account})
	}
	list, next, err := discoveryPage(a, all, func(i types.InstanceSummary) string { return *i.Id }, in.NextToken, in.MaxResults)
	return &servicediscovery.ListInstancesOutput{Instances: list, NextToken: next, ResourceOwner: &a.Account}, err
}
