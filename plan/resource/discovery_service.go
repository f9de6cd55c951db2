package resource

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// discoveryServiceKind is the entry of the table.
var discoveryServiceKind = methods{
	row: row{
		kind: spec.DiscoveryServiceKind, noun: "Cloud Map service", tagged: "servicediscovery:service",
		after:  []string{spec.NamespaceKind},
		reads:  []string{"servicediscovery:GetService", "servicediscovery:ListServices", "servicediscovery:ListTagsForResource"},
		writes: []string{"servicediscovery:CreateService", "servicediscovery:DeleteService", "servicediscovery:GetOperation", "servicediscovery:TagResource", "servicediscovery:UntagResource", "servicediscovery:UpdateService"},
	},
	of: func(a *session) operations { return discoveryServices{a} },
}

// discoveryServices is the kind of Cloud Map services in a namespace with DNS.
type discoveryServices struct{ *session }

// inNamespace returns the services of a namespace; none where it does not exist.
func inNamespace(ctx context.Context, api *servicediscovery.Client, namespace string) ([]types.ServiceSummary, error) {
	pages := servicediscovery.NewListServicesPaginator(api, &servicediscovery.ListServicesInput{
		Filters: []types.ServiceFilter{{
			Name: types.ServiceFilterNameNamespaceId, Condition: types.FilterConditionEq, Values: []string{namespace},
		}},
		MaxResults: pointer(int32(100)),
	})
	found, err := allPages(ctx, pages, func(page *servicediscovery.ListServicesOutput) []types.ServiceSummary { return page.Services })
	return found, unless(err, "NamespaceNotFound")
}

// in returns the services of a namespace that accept returns true for, with
// their tags. Cloud Map returns the tags of only one service per call.
func (k discoveryServices) in(ctx context.Context, namespace string, accept func(name string) bool) ([]candidate, error) {
	found, err := inNamespace(ctx, k.cloudMap, namespace)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var out []candidate
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, summary := range found {
		if !accept(text(summary.Name)) {
			continue
		}
		g.Go(func() error {
			c, err := k.candidate(ctx, ofSummary(summary, namespace))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, plan.ErrNotFound): // it went between the two calls
				return nil
			case err == nil:
				out = append(out, c)
			}
			return err
		})
	}
	return out, g.Wait()
}

func ofSummary(s types.ServiceSummary, namespace string) types.Service {
	return types.Service{
		Arn: s.Arn, Description: s.Description, DnsConfig: s.DnsConfig, HealthCheckConfig: s.HealthCheckConfig,
		HealthCheckCustomConfig: s.HealthCheckCustomConfig, Id: s.Id, Name: s.Name, NamespaceId: &namespace, Type: s.Type,
	}
}

// byID returns plan.ErrNotFound for a service that does not exist.
func (k discoveryServices) byID(ctx context.Context, id string) (candidate, error) {
	got, err := k.cloudMap.GetService(ctx, &servicediscovery.GetServiceInput{Id: &id})
	if is(err, "ServiceNotFound") {
		return candidate{}, plan.ErrNotFound
	}
	if err != nil {
		return candidate{}, err
	}
	return k.candidate(ctx, *got.Service)
}

func (k discoveryServices) candidate(ctx context.Context, service types.Service) (candidate, error) {
	tags, err := cloudMapTags(ctx, k.cloudMap, text(service.Arn))
	if err != nil {
		return candidate{}, err
	}
	s := discoveryServiceSpec(service)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.DiscoveryServiceKind},
			Spec:      normal(spec.DiscoveryServiceKind, s),
			Attrs:     plan.Attrs{"id": text(service.Id), "arn": text(service.Arn), "name": s.Name},
			Tags:      tags,
			Unmanaged: unmanaged(service),
		},
		id: text(service.Id), name: discoveryServiceName(s.NamespaceID.Text, s),
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

// discoveryServiceName tells services apart by name. Names in DNS do not differ
// by case alone (CreateService, field Name).
func discoveryServiceName(namespace string, s *spec.DiscoveryService) string {
	return namespace + "/" + strings.ToLower(s.Name)
}

func (k discoveryServices) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if id := r.Attrs["id"]; id != "" {
		live, err := k.byID(ctx, id)
		if err != nil {
			return nil, err
		}
		live.Address = r.Address
		return live.Resource, nil
	}
	s := r.Spec.(*spec.DiscoveryService)
	if s.NamespaceID.Text == "" { // not made yet, so that nothing is in it
		return nil, plan.ErrNotFound
	}
	found, err := k.in(ctx, s.NamespaceID.Text, func(name string) bool { return strings.EqualFold(name, s.Name) })
	if err != nil {
		return nil, err
	}
	names := map[string]plan.Address{discoveryServiceName(s.NamespaceID.Text, s): r.Address}
	return pick(place(k.project, names, found), r.Address)
}

func (k discoveryServices) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	id, err := k.create(ctx, want, clientToken(want, ""))
	if err != nil {
		return nil, err
	}
	live, err := appears(ctx, k.poll, func() (candidate, error) { return k.byID(ctx, id) })
	if err != nil {
		return nil, err
	}
	live.Address = want.Address
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live.Resource, k.project, "Cloud Map service "+live.Attrs["name"])
	}
	from := live.Spec.(*spec.DiscoveryService)
	from.Tags = common(from.Tags, want.Spec.(*spec.DiscoveryService).Tags)
	return k.Update(ctx, live.Resource, want, false)
}

// create returns the id of the service of that name, new or not.
func (k discoveryServices) create(ctx context.Context, want *plan.Resource, token string) (string, error) {
	s := want.Spec.(*spec.DiscoveryService)
	var made *servicediscovery.CreateServiceOutput
	err := k.namespaceChanges.retryOn(ctx, k.poll, namespaceIsNew, func() (err error) {
		made, err = k.cloudMap.CreateService(ctx, &servicediscovery.CreateServiceInput{
			Name: &s.Name, NamespaceId: &s.NamespaceID.Text, CreatorRequestId: &token,
			// UpdateService cannot leave a description out, so that neither does this.
			Description: &s.Description,
			DnsConfig:   &types.DnsConfig{RoutingPolicy: types.RoutingPolicy(s.RoutingPolicy), DnsRecords: dnsRecords(s.DnsRecords)},
			Tags:        cloudMapTagList(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash})),
		})
		return err
	})
	var exists *types.ServiceAlreadyExists
	switch {
	case err == nil:
		return text(made.Service.Id), nil
	case !errors.As(err, &exists):
		return "", err
	case text(exists.ServiceId) != "":
		return text(exists.ServiceId), nil
	}
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) { return k.Read(ctx, want) })
	if err != nil {
		return "", err
	}
	return live.Attrs["id"], nil
}

// Update sends the whole object: records that are left out are deleted
// (UpdateService).
func (k discoveryServices) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.DiscoveryService), want.Spec.(*spec.DiscoveryService)
	id := live.Attrs["id"]
	if from.Description != to.Description || !slices.Equal(from.DnsRecords, to.DnsRecords) {
		changed, err := k.cloudMap.UpdateService(ctx, &servicediscovery.UpdateServiceInput{
			Id: &id,
			Service: &types.ServiceChange{
				Description: &to.Description, DnsConfig: &types.DnsConfigChange{DnsRecords: dnsRecords(to.DnsRecords)},
			},
		})
		var operation *string
		if changed != nil {
			operation = changed.OperationId
		}
		if operation, err = submitted(operation, err); err != nil {
			return nil, err
		}
		if _, err := cloudMapDone(ctx, k.cloudMap, k.poll, operation); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagCloudMap(ctx, k.cloudMap, live.Attrs["arn"], tags)
}

// Delete waits for the instances in the service to go: ECS removes those of
// tasks that stopped after a while.
func (k discoveryServices) Delete(ctx context.Context, live *plan.Resource) error {
	id := live.Attrs["id"]
	deadline := time.Now().Add(deleteTime)
	for {
		_, err := k.cloudMap.DeleteService(ctx, &servicediscovery.DeleteServiceInput{Id: &id})
		if is(err, "ServiceNotFound") {
			return nil
		}
		if !is(err, "ResourceInUse") || time.Now().After(deadline) {
			return err
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

// all returns the services in the project's own namespaces with DNS, and in
// those that desired services are for.
func (k discoveryServices) all(ctx context.Context, r *reading) ([]candidate, error) {
	var in []string // ids of namespaces
	for _, c := range r.of(spec.NamespaceKind) {
		if c.Tags[plan.TagProject] == k.project && c.Spec.(*spec.Namespace).Type != "HTTP" {
			in = append(in, c.Attrs["id"])
		}
	}
	places := map[string]plan.Address{}
	for _, want := range r.wanted(spec.DiscoveryServiceKind) {
		s := want.Spec.(*spec.DiscoveryService)
		if id := r.resolve(s.NamespaceID, spec.NamespaceKind, "id"); id != "" {
			places[discoveryServiceName(id, s)] = want.Address
			in = append(in, id)
		}
	}
	found, err := k.inNamespaces(ctx, unique(in))
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, c := range found {
		known[c.id] = true
	}
	for _, id := range r.tagged.of("servicediscovery", "service/") {
		if known[id] {
			continue
		}
		c, err := k.byID(ctx, id)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return place(k.project, places, found), nil
}

func (k discoveryServices) inNamespaces(ctx context.Context, namespaces []string) ([]candidate, error) {
	var out []candidate
	for _, namespace := range namespaces {
		found, err := k.in(ctx, namespace, func(string) bool { return true })
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
