package resource

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// discoveryServiceKind defines Cloud Map services in a namespace with DNS.
var discoveryServiceKind = kind[spec.DiscoveryService]{
	row: row{
		kind: spec.DiscoveryServiceKind, noun: "Cloud Map service", tagged: "servicediscovery:service",
		after: []string{spec.NamespaceKind},
		reads: []string{"servicediscovery:GetService", "servicediscovery:ListServices", "servicediscovery:ListTagsForResource"},
		writes: []string{
			"servicediscovery:CreateService", "servicediscovery:DeleteService", "servicediscovery:GetOperation",
			"servicediscovery:TagResource", "servicediscovery:UntagResource", "servicediscovery:UpdateService",
		},
	},
	id:   "id",
	name: discoveryServiceName,
	tags: func(s *spec.DiscoveryService) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		return ignoreGone(discoveryServiceByID(ctx, a, r.Attrs["id"]))
	},
	list: listDiscoveryServices,

	create: createDiscoveryService,
	update: updateDiscoveryService,
	tag:    tagCloudMap,
	untag:  untagCloudMap,

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.cloudMap().DeleteService(ctx, &servicediscovery.DeleteServiceInput{Id: pointer(live.Attrs["id"])}))
	},
	gone: []string{"ServiceNotFound"},
	// ECS takes a while to remove the instances of tasks that stopped.
	busy: []string{"ResourceInUse"},
}

// discoveryServiceName tells services apart. Names in DNS do not differ by case
// alone (CreateService, field Name).
func discoveryServiceName(s *spec.DiscoveryService) string {
	return s.NamespaceID.Text + "/" + strings.ToLower(s.Name)
}

// discoveryServicesIn returns the services of a namespace, none if it does not
// exist.
func discoveryServicesIn(ctx context.Context, api *servicediscovery.Client, namespace string) ([]types.Service, error) {
	pages := servicediscovery.NewListServicesPaginator(api, &servicediscovery.ListServicesInput{
		Filters: []types.ServiceFilter{{
			Name: types.ServiceFilterNameNamespaceId, Condition: types.FilterConditionEq, Values: []string{namespace},
		}},
		MaxResults: pointer(int32(100)),
	})
	found, err := allPages(ctx, pages, func(page *servicediscovery.ListServicesOutput) []types.ServiceSummary { return page.Services })
	return each(found, func(s types.ServiceSummary) types.Service { return ofSummary(s, namespace) }), unless(err, "NamespaceNotFound")
}

func ofSummary(s types.ServiceSummary, namespace string) types.Service {
	return types.Service{
		Arn: s.Arn, CreateDate: s.CreateDate, Description: s.Description, DnsConfig: s.DnsConfig, HealthCheckConfig: s.HealthCheckConfig,
		HealthCheckCustomConfig: s.HealthCheckCustomConfig, Id: s.Id, Name: s.Name, NamespaceId: &namespace, Type: s.Type,
	}
}

// listDiscoveryServices returns the services in the project's own namespaces with
// DNS and in those that desired services are for. Cloud Map returns the tags of
// only one service per call.
func listDiscoveryServices(ctx context.Context, r *reading) ([]candidate, error) {
	var namespaces []string // ids
	for _, c := range r.of(spec.NamespaceKind) {
		if c.Tags[plan.TagProject] == r.project && c.Spec.(*spec.Namespace).Type != "HTTP" {
			namespaces = append(namespaces, c.Attrs["id"])
		}
	}
	wanted := r.wanted(spec.DiscoveryServiceKind)
	for _, want := range wanted {
		if id := want.Spec.(*spec.DiscoveryService).NamespaceID.Text; id != "" { // else it is not created yet
			namespaces = append(namespaces, id)
		}
	}
	var services []types.Service
	for _, namespace := range unique(namespaces) {
		found, err := discoveryServicesIn(ctx, r.cloudMap(), namespace)
		if err != nil {
			return nil, err
		}
		services = append(services, found...)
	}
	if r.single() {
		name := wanted[0].Spec.(*spec.DiscoveryService).Name
		services = slices.DeleteFunc(services, func(s types.Service) bool { return !strings.EqualFold(text(s.Name), name) })
	}
	out, err := readEach(ctx, services, with(r.session, discoveryServiceCandidate))
	if err != nil {
		return nil, err
	}
	others, err := readEach(ctx, otherIDs(r.tagged.of("servicediscovery", "service/"), out),
		with(r.session, discoveryServiceByID))
	return append(out, others...), err
}

// discoveryServiceByID returns plan.ErrNotFound for a service that does not exist.
func discoveryServiceByID(ctx context.Context, a *session, id string) (candidate, error) {
	got, err := a.cloudMap().GetService(ctx, &servicediscovery.GetServiceInput{Id: &id})
	if err != nil {
		return candidate{}, absent(err, "ServiceNotFound")
	}
	return discoveryServiceCandidate(ctx, a, *got.Service)
}

func discoveryServiceCandidate(ctx context.Context, a *session, service types.Service) (candidate, error) {
	tags, err := cloudMapTags(ctx, a, text(service.Arn))
	if err != nil {
		return candidate{}, err
	}
	s := discoveryServiceSpec(service)
	s.Tags = spec.Tags(tags)
	attrs := plan.Attrs{"id": text(service.Id), "arn": text(service.Arn), "name": s.Name}
	return candidate{
		Resource: liveResource(spec.DiscoveryServiceKind, s, attrs, tags, unmanaged(service)),
		id:       text(service.Id), name: discoveryServiceName(s),
	}, nil
}

func discoveryServiceSpec(service types.Service) *spec.DiscoveryService {
	s := &spec.DiscoveryService{
		Name: text(service.Name), NamespaceID: plan.Literal(text(service.NamespaceId)), Description: text(service.Description),
	}
	if dns := service.DnsConfig; dns != nil {
		s.RoutingPolicy = string(dns.RoutingPolicy)
		s.DnsRecords = each(dns.DnsRecords, func(r types.DnsRecord) spec.DnsRecord {
			out := spec.DnsRecord{Type: string(r.Type)}
			if r.TTL != nil {
				out.TTL = int(*r.TTL)
			}
			return out
		})
	}
	return s
}

func dnsRecords(list []spec.DnsRecord) []types.DnsRecord {
	return each(list, func(r spec.DnsRecord) types.DnsRecord {
		return types.DnsRecord{Type: types.RecordType(r.Type), TTL: pointer(int64(r.TTL))}
	})
}

// createDiscoveryService returns the id of the service of that name, new or not.
func createDiscoveryService(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (id string, err error) {
	s := want.Spec.(*spec.DiscoveryService)
	err = a.namespaceChanges.retryOn(ctx, a.poll, namespaceIsNew, func() error {
		made, err := a.cloudMap().CreateService(ctx, &servicediscovery.CreateServiceInput{
			Name: &s.Name, NamespaceId: &s.NamespaceID.Text, CreatorRequestId: pointer(clientToken(want, "")),
			// UpdateService cannot leave a description out, so that neither does this.
			Description: &s.Description,
			DnsConfig:   &types.DnsConfig{RoutingPolicy: types.RoutingPolicy(s.RoutingPolicy), DnsRecords: dnsRecords(s.DnsRecords)},
			Tags:        pairList[types.Tag](tags),
		})
		if err == nil {
			id = text(made.Service.Id)
		}
		return err
	})
	if exists, ok := errors.AsType[*types.ServiceAlreadyExists](err); ok {
		return text(exists.ServiceId), nil
	}
	return id, err
}

// updateDiscoveryService sends the whole object: records that are left out are
// deleted (UpdateService).
func updateDiscoveryService(ctx context.Context, a *session, c change[spec.DiscoveryService]) error {
	if c.from.Description == c.to.Description && slices.Equal(c.from.DnsRecords, c.to.DnsRecords) {
		return nil
	}
	changed, err := a.cloudMap().UpdateService(ctx, &servicediscovery.UpdateServiceInput{
		Id: pointer(c.live.Attrs["id"]),
		Service: &types.ServiceChange{
			Description: &c.to.Description, DnsConfig: &types.DnsConfigChange{DnsRecords: dnsRecords(c.to.DnsRecords)},
		},
	})
	return onlyError(cloudMapDone(ctx, a, orZero(changed).OperationId, err))
}
