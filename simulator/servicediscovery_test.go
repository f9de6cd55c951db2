package simulator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func (w *world) cloudMap() *servicediscovery.Client {
	return servicediscovery.NewFromConfig(w.Config())
}

// done looks at an operation until it has ended, and returns what it was seen to
// be and the id of its target.
func (w *world) done(id *string) (seen, target string) {
	w.t.Helper()
	for range 10 {
		o := must(w.cloudMap().GetOperation(w.t.Context(), &servicediscovery.GetOperationInput{OperationId: id}))(w.t).Operation
		seen += string(o.Status) + " "
		if o.Status == types.OperationStatusSuccess || o.Status == types.OperationStatusFail {
			for _, target := range o.Targets {
				return strings.TrimSpace(seen), target
			}
			return strings.TrimSpace(seen), aws.ToString(o.ErrorCode)
		}
	}
	w.t.Fatalf("operation %s did not end", *id)
	return "", ""
}

// httpNamespace makes an HTTP namespace and returns its id.
func (w *world) httpNamespace(name string) string {
	w.t.Helper()
	out := must(w.cloudMap().CreateHttpNamespace(w.t.Context(), &servicediscovery.CreateHttpNamespaceInput{Name: &name}))(w.t)
	_, id := w.done(out.OperationId)
	return id
}

// dnsNamespace makes a private DNS namespace in the default VPC.
func (w *world) dnsNamespace(name string) string {
	w.t.Helper()
	out := must(w.cloudMap().CreatePrivateDnsNamespace(w.t.Context(), &servicediscovery.CreatePrivateDnsNamespaceInput{
		Name: &name, Vpc: aws.String(w.defaultVpc()),
	}))(w.t)
	_, id := w.done(out.OperationId)
	return id
}

func (w *world) defaultVpc() (id string) {
	w.Mutate(func(a *simulator.Account) {
		for vpc := range a.Vpcs.All() {
			id = vpc
		}
	})
	return id
}

func (w *world) namespaces(filters ...types.NamespaceFilter) string {
	w.t.Helper()
	return pages(w.t, servicediscovery.NewListNamespacesPaginator(w.cloudMap(), &servicediscovery.ListNamespacesInput{Filters: filters}),
		func(p *servicediscovery.ListNamespacesOutput) (names []string) {
			for _, n := range p.Namespaces {
				names = append(names, *n.Name)
			}
			return names
		})
}

// discovered is the services of a namespace by name.
func (w *world) discovered(namespace string) string {
	w.t.Helper()
	var names []string
	count := 0 // of pages with endpoints
	for _, s := range w.summaries(namespace) {
		if !strings.HasPrefix(*s.Name, "aws-ecs-sc.client.") {
			count++
			names = append(names, *s.Name)
		}
	}
	if w.pageSize() == 0 {
		count = min(count, 1)
	}
	return fmt.Sprintf("%d: %s", count, strings.Join(names, " "))
}

// summaries are all Cloud Map services of a namespace.
func (w *world) summaries(namespace string) []types.ServiceSummary {
	w.t.Helper()
	var all []types.ServiceSummary
	pager := servicediscovery.NewListServicesPaginator(w.cloudMap(), &servicediscovery.ListServicesInput{
		Filters: []types.ServiceFilter{{Name: types.ServiceFilterNameNamespaceId, Values: []string{namespace}}},
	})
	for pager.HasMorePages() {
		all = append(all, must(pager.NextPage(w.t.Context()))(w.t).Services...)
	}
	return all
}

func (w *world) pageSize() (size int) {
	w.Mutate(func(a *simulator.Account) { size = a.PageSize })
	return size
}

func TestANamespaceIsThereWhenItsOperationHasSucceeded(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	in := &servicediscovery.CreateHttpNamespaceInput{Name: aws.String("shop"), CreatorRequestId: aws.String("1")}
	out := must(w.cloudMap().CreateHttpNamespace(t.Context(), in))(t)

	_, err := w.cloudMap().CreateHttpNamespace(t.Context(), in)
	var again *types.DuplicateRequest
	if !errors.As(err, &again) || *again.DuplicateOperationId != *out.OperationId {
		t.Error("want the same request again to be the operation under way:", err)
	}
	w.prepare()
	w.register(definition("web"))
	s := w.service("web")
	s.ServiceConnectConfiguration = connect("shop", "tcp-8080", "web", 8080)
	if _, err := w.ecs.CreateService(t.Context(), s); code(err) != "NamespaceNotFoundException" {
		t.Error("want the namespace unknown before:", err)
	}

	seen, id := w.done(out.OperationId)
	if want := "SUBMITTED PENDING SUCCESS"; seen != want {
		t.Errorf("got %s, want %s", seen, want)
	}
	n := must(w.cloudMap().GetNamespace(t.Context(), &servicediscovery.GetNamespaceInput{Id: &id}))(t).Namespace
	if *n.Name != "shop" || n.Type != types.NamespaceTypeHttp || *n.Properties.HttpProperties.HttpName != "shop" || *n.ServiceCount != 0 {
		t.Error(text(n))
	}
	in.CreatorRequestId = aws.String("2")
	_, err = w.cloudMap().CreateHttpNamespace(t.Context(), in)
	var exists *types.NamespaceAlreadyExists
	if !errors.As(err, &exists) || *exists.NamespaceId != id || *exists.CreatorRequestId != "1" {
		t.Error("want the error to say whose namespace it is:", err)
	}
	must(w.ecs.CreateService(t.Context(), s))(t)
}

func TestANamespaceAppearsToThoseWhoForgotItsOperation(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	must(w.cloudMap().CreateHttpNamespace(t.Context(), &servicediscovery.CreateHttpNamespaceInput{Name: aws.String("shop")}))(t)
	got := []string{w.namespaces(), w.namespaces(), w.namespaces()}
	if diff := cmp.Diff([]string{"1: ", "1: ", "1: shop"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamespacesAreFilteredAndPaged(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.Shuffle(1)
	w.httpNamespace("shop")
	w.httpNamespace("blog")
	w.dnsNamespace("shop.internal")
	filter := func(name types.NamespaceFilterName, values ...string) types.NamespaceFilter {
		return types.NamespaceFilter{Name: name, Values: values}
	}
	begins := filter(types.NamespaceFilterNameName, "shop")
	begins.Condition = types.FilterConditionBeginsWith
	for _, c := range []struct{ name, got, want string }{
		{"all", w.namespaces(), "3: blog shop shop.internal"},
		{"by type", w.namespaces(filter(types.NamespaceFilterNameType, "HTTP")), "2: blog shop"},
		{"by name", w.namespaces(filter(types.NamespaceFilterNameName, "shop")), "1: shop"},
		{"by the beginning of the name", w.namespaces(begins), "2: shop shop.internal"},
		{"by two", w.namespaces(filter(types.NamespaceFilterNameType, "DNS_PRIVATE"), filter(types.NamespaceFilterNameHttpName, "shop.internal")), "1: shop.internal"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	_, err := w.cloudMap().ListNamespaces(t.Context(), &servicediscovery.ListNamespacesInput{
		Filters: []types.NamespaceFilter{filter(types.NamespaceFilterNameName, "a", "b")},
	})
	if code(err) != "InvalidInput" {
		t.Error("want two values refused:", err)
	}
}

func TestAPrivateNamespaceHasAHostedZoneOfItsOwn(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id := w.dnsNamespace("shop.internal")
	n := must(w.cloudMap().GetNamespace(t.Context(), &servicediscovery.GetNamespaceInput{Id: &id}))(t).Namespace
	zone := w.zone(*n.Properties.DnsProperties.HostedZoneId)
	if *zone.HostedZone.Name != "shop.internal." || !zone.HostedZone.Config.PrivateZone || len(zone.VPCs) != 1 {
		t.Error(text(zone))
	}
	if err := w.changeRecords(*n.Properties.DnsProperties.HostedZoneId, cname("CREATE", "x.shop.internal", "y.example.com")); code(err) != "AccessDenied" {
		t.Error("want the zone left to Cloud Map:", err)
	}

	in := &servicediscovery.CreatePrivateDnsNamespaceInput{Name: aws.String("shop.internal"), Vpc: aws.String(w.defaultVpc())}
	if _, err := w.cloudMap().CreatePrivateDnsNamespace(t.Context(), in); code(err) != "NamespaceAlreadyExists" {
		t.Error(err)
	}
	in.Name = aws.String("taken.internal")
	w.privateZone("taken.internal")
	out := must(w.cloudMap().CreatePrivateDnsNamespace(t.Context(), in))(t)
	if seen, why := w.done(out.OperationId); seen != "SUBMITTED PENDING FAIL" || why != "CANNOT_CREATE_HOSTED_ZONE" {
		t.Error(seen, why)
	}
	in.Vpc = aws.String("vpc-0")
	if _, err := w.cloudMap().CreatePrivateDnsNamespace(t.Context(), in); code(err) != "InvalidInput" {
		t.Error("want an unknown VPC refused:", err)
	}
}

func TestANamespaceIsChangedAndDeleted(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	api := w.cloudMap()
	id := w.httpNamespace("shop")
	updated := must(api.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{
		Id: &id, Namespace: &types.HttpNamespaceChange{Description: aws.String("of the shop")},
	}))(t)
	w.done(updated.OperationId)
	n := must(api.GetNamespace(ctx, &servicediscovery.GetNamespaceInput{Id: &id}))(t).Namespace
	if *n.Description != "of the shop" {
		t.Error(text(n))
	}

	s := must(api.CreateService(ctx, &servicediscovery.CreateServiceInput{Name: aws.String("web"), NamespaceId: &id}))(t).Service
	if _, err := api.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &id}); code(err) != "ResourceInUse" {
		t.Error("want a namespace with a service kept:", err)
	}
	must(api.DeleteService(ctx, &servicediscovery.DeleteServiceInput{Id: s.Id}))(t)
	deleted := must(api.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &id}))(t)
	if _, err := api.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &id}); code(err) != "DuplicateRequest" {
		t.Error(err)
	}
	w.done(deleted.OperationId)
	if _, err := api.GetNamespace(ctx, &servicediscovery.GetNamespaceInput{Id: &id}); code(err) != "NamespaceNotFound" {
		t.Error(err)
	}
}

func dnsConfig(kinds ...types.RecordType) *types.DnsConfig {
	c := &types.DnsConfig{}
	for _, kind := range kinds {
		c.DnsRecords = append(c.DnsRecords, types.DnsRecord{Type: kind, TTL: aws.Int64(10)})
	}
	return c
}

func TestCreateDiscoveryServiceRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	http, dns := w.httpNamespace("shop"), w.dnsNamespace("shop.internal")
	must(w.cloudMap().CreateService(t.Context(), &servicediscovery.CreateServiceInput{
		Name: aws.String("Taken"), NamespaceId: &dns, DnsConfig: dnsConfig("A"),
	}))(t)
	for _, c := range []struct {
		name string
		code string
		in   servicediscovery.CreateServiceInput
	}{
		{"an unknown namespace", "NamespaceNotFound", servicediscovery.CreateServiceInput{NamespaceId: aws.String("ns-0")}},
		{"a bad name", "InvalidInput", servicediscovery.CreateServiceInput{Name: aws.String("a..b"), NamespaceId: &http}},
		{"records in an HTTP namespace", "InvalidInput", servicediscovery.CreateServiceInput{NamespaceId: &http, DnsConfig: dnsConfig("A")}},
		{"no records in a DNS namespace", "InvalidInput", servicediscovery.CreateServiceInput{NamespaceId: &dns}},
		{"A beside SRV", "InvalidInput", servicediscovery.CreateServiceInput{NamespaceId: &dns, DnsConfig: dnsConfig("A", "SRV")}},
		{"CNAME with MULTIVALUE", "InvalidInput", servicediscovery.CreateServiceInput{NamespaceId: &dns, DnsConfig: dnsConfig("CNAME")}},
		{"a health check of Route 53 in a private namespace", "InvalidInput", servicediscovery.CreateServiceInput{
			NamespaceId: &dns, DnsConfig: dnsConfig("A"), HealthCheckConfig: &types.HealthCheckConfig{Type: types.HealthCheckTypeTcp},
		}},
		{"a name that differs by case alone", "ServiceAlreadyExists", servicediscovery.CreateServiceInput{
			Name: aws.String("taken"), NamespaceId: &dns, DnsConfig: dnsConfig("A"),
		}},
	} {
		if c.in.Name == nil {
			c.in.Name = aws.String("web")
		}
		if _, err := w.cloudMap().CreateService(t.Context(), &c.in); code(err) != c.code {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

func TestADiscoveryServiceChangesItsTTLOnly(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, api := t.Context(), w.cloudMap()
	dns := w.dnsNamespace("shop.internal")
	s := must(api.CreateService(ctx, &servicediscovery.CreateServiceInput{
		Name: aws.String("web"), NamespaceId: &dns, DnsConfig: dnsConfig("A"),
	}))(t).Service
	if s.Type != types.ServiceTypeDnsHttp || s.DnsConfig.RoutingPolicy != types.RoutingPolicyMultivalue {
		t.Error(text(s))
	}
	change := &types.ServiceChange{Description: aws.String("web"), DnsConfig: &types.DnsConfigChange{
		DnsRecords: []types.DnsRecord{{Type: types.RecordTypeA, TTL: aws.Int64(60)}},
	}}
	out := must(api.UpdateService(ctx, &servicediscovery.UpdateServiceInput{Id: s.Id, Service: change}))(t)
	if _, target := w.done(out.OperationId); target != *s.Id {
		t.Error(target)
	}
	got := must(api.GetService(ctx, &servicediscovery.GetServiceInput{Id: s.Id}))(t).Service
	if *got.DnsConfig.DnsRecords[0].TTL != 60 || *got.Description != "web" {
		t.Error(text(got))
	}
	change.DnsConfig.DnsRecords[0].Type = types.RecordTypeSrv
	if _, err := api.UpdateService(ctx, &servicediscovery.UpdateServiceInput{Id: s.Id, Service: change}); code(err) != "InvalidInput" {
		t.Error("want another record type refused:", err)
	}
	http := w.httpNamespace("shop")
	s = must(api.CreateService(ctx, &servicediscovery.CreateServiceInput{Name: aws.String("web"), NamespaceId: &http}))(t).Service
	if _, err := api.UpdateService(ctx, &servicediscovery.UpdateServiceInput{Id: s.Id, Service: &types.ServiceChange{}}); code(err) != "InvalidInput" {
		t.Error("want a service of an HTTP namespace left alone:", err)
	}
}

func TestCloudMapTags(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	ctx, api := t.Context(), w.cloudMap()
	tags := []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}}
	out := must(api.CreateHttpNamespace(ctx, &servicediscovery.CreateHttpNamespaceInput{Name: aws.String("shop"), Tags: tags}))(t)
	_, id := w.done(out.OperationId)
	s := must(api.CreateService(ctx, &servicediscovery.CreateServiceInput{Name: aws.String("web"), NamespaceId: &id, Tags: tags}))(t).Service
	got := w.tagged(&tagging.GetResourcesInput{ResourceTypeFilters: []string{"servicediscovery:namespace", "servicediscovery:service"}})
	if want := "servicediscovery:namespace/" + id + " servicediscovery:service/" + *s.Id; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(api.TagResource(ctx, &servicediscovery.TagResourceInput{
		ResourceARN: s.Arn, Tags: []types.Tag{{Key: aws.String("spec"), Value: aws.String("1")}},
	}))(t)
	must(api.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: s.Arn, TagKeys: []string{"project"}}))(t)
	left := must(api.ListTagsForResource(ctx, &servicediscovery.ListTagsForResourceInput{ResourceARN: s.Arn}))(t).Tags
	if len(left) != 1 || *left[0].Key != "spec" {
		t.Error(text(left))
	}
	_, err := api.ListTagsForResource(ctx, &servicediscovery.ListTagsForResourceInput{ResourceARN: aws.String(*s.Arn + "x")})
	if code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestALostAnswerOfCreateNamespaceIsFoundAgain(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.Fail(simulator.Fault{Operation: "CreateHttpNamespace", AnswerLost: true})
	_, err := w.cloudMap().CreateHttpNamespace(t.Context(), &servicediscovery.CreateHttpNamespaceInput{Name: aws.String("shop")})
	var again *types.DuplicateRequest // the SDK retries with the CreatorRequestId that it made up
	if !errors.As(err, &again) {
		t.Fatal(err)
	}
	if seen, _ := w.done(again.DuplicateOperationId); seen != "SUBMITTED PENDING SUCCESS" {
		t.Error(seen)
	}
}
