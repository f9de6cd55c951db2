package resource

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

var nameLives = []life{
	{
		address: "namespace/shop",
		first: func(*world) any {
			return &spec.Namespace{Name: "shop", Type: "HTTP", Description: "of shop", Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"description":    edit(func(_ *world, s *spec.Namespace) { s.Description = "another" }),
			"no description": edit(func(_ *world, s *spec.Namespace) { s.Description = "" }),
			"tags":           edit(func(_ *world, s *spec.Namespace) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
	{
		address: "namespace/shop.dns",
		first:   func(w *world) any { return w.privateNamespace() },
		changes: map[string]func(*world, any){
			"description": edit(func(_ *world, s *spec.Namespace) { s.Description = "another" }),
			"tags":        edit(func(_ *world, s *spec.Namespace) { s.Tags = nil }),
		},
	},
	{
		address: "discovery-service/db",
		first:   func(w *world) any { return w.discoveryService() },
		changes: map[string]func(*world, any){
			"description":    edit(func(_ *world, s *spec.DiscoveryService) { s.Description = "another" }),
			"no description": edit(func(_ *world, s *spec.DiscoveryService) { s.Description = "" }),
			"ttl":            edit(func(_ *world, s *spec.DiscoveryService) { s.DnsRecords[0].TTL = 60 }),
			"tags":           edit(func(_ *world, s *spec.DiscoveryService) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
	{
		address: "certificate/www.example.com",
		first:   func(w *world) any { return w.wantedCertificate() },
		changes: map[string]func(*world, any){
			"another zone": edit(func(w *world, s *spec.Certificate) {
				w.sim.Mutate(func(a *simulator.Account) { s.HostedZoneID = a.PutHostedZone("example.com") })
			}),
			"tags": edit(func(_ *world, s *spec.Certificate) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
		shared: true,
	},
}

func (w *world) privateNamespace() *spec.Namespace {
	return &spec.Namespace{
		Name: "shop.internal", Type: "DNS_PRIVATE", Vpc: plan.Fact("vpc", "id", w.facts.VPC), Tags: []spec.Tag{{Key: "a", Value: "1"}},
	}
}

// discoveryService is in the private namespace, which is made if it is not there.
func (w *world) discoveryService() *spec.DiscoveryService {
	w.Helper()
	attrs, err := w.account().Kind(spec.NamespaceKind).Create(w.Context(), w.one("namespace/shop.dns", w.privateNamespace()))
	if err != nil {
		w.Fatal(err)
	}
	return &spec.DiscoveryService{
		Name: "db", NamespaceID: plan.Literal(attrs["id"]), Description: "of db",
		DnsRecords: []spec.DnsRecord{{Type: "A", TTL: 10}}, Tags: []spec.Tag{{Key: "a", Value: "1"}},
	}
}

func (w *world) cloudMap() *servicediscovery.Client {
	return servicediscovery.NewFromConfig(w.sim.Config())
}

// make makes a resource alone and reads it.
func (w *world) make(want *plan.Resource) *plan.Resource {
	w.Helper()
	kind := w.account().Kind(want.Address.Kind)
	if _, err := kind.Create(w.Context(), want); err != nil {
		w.Fatal(err)
	}
	live, err := kind.Read(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	return live
}

func TestAPrivateNamespaceOfAnotherVPCIsNotMeant(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	var other string
	w.sim.Mutate(func(a *simulator.Account) {
		for id := range a.Vpcs.All() {
			row := *a.Vpcs.Get(id)
			row.VpcId = aws.String("vpc-other")
			other = *row.VpcId
			a.Vpcs.Put(other, row)
			break
		}
	})
	_, err := w.cloudMap().CreatePrivateDnsNamespace(t.Context(), &servicediscovery.CreatePrivateDnsNamespaceInput{
		Name: aws.String("shop.internal"), Vpc: &other,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, _ = w.cloudMap().ListNamespaces(t.Context(), &servicediscovery.ListNamespacesInput{})
	}
	want := w.one("namespace/shop.dns", w.privateNamespace())
	if got, err := w.account().Kind(spec.NamespaceKind).Read(t.Context(), want); !errors.Is(err, plan.ErrNotFound) {
		t.Errorf("it takes %v for the one of its VPC: %v", got, err)
	}
	theirs := w.privateNamespace()
	theirs.Vpc = plan.Literal(other)
	live, err := w.account().Kind(spec.NamespaceKind).Read(t.Context(), w.one("namespace/shop.dns", theirs))
	if err != nil {
		t.Fatal(err)
	}
	if owner, _ := live.Owner("shop"); owner != plan.Untagged || live.Spec.(*spec.Namespace).Vpc.Text != other {
		t.Errorf("it is %v with %v", live.Spec, live.Tags)
	}
}

func TestAPrivateNamespaceStaysInItsVPC(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	live := w.make(w.one("namespace/shop.dns", w.privateNamespace()))
	w.sim.Mutate(func(a *simulator.Account) {
		zone := a.HostedZones.Edit(zoneID(*a.Namespaces.Get(live.Attrs["id"]).Properties.DnsProperties.HostedZoneId))
		zone.Vpcs = append(zone.Vpcs, route53types.VPC{VPCId: aws.String("vpc-0")})
	})
	for _, now := range []*plan.Resource{w.read(w.stack()).Find(live.Address), w.make(w.one("namespace/shop.dns", w.privateNamespace()))} {
		w.same(now, live.Spec)
	}
}

// TestNamesAreFoundWithoutTheTaggingAPI reads, long before the tagging API knows,
// a stack of which nothing is wanted.
func TestNamesAreFoundWithoutTheTaggingAPI(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		w := newWorld(t, o)
		w.make(w.one("namespace/shop", &spec.Namespace{Name: "shop", Type: "HTTP"}))
		w.make(w.one("discovery-service/db", w.discoveryService()))
		w.sim.Mutate(func(a *simulator.Account) { a.PutNamespace("shopping") })
		want := []string{"discovery-service/db", "namespace/shop", "namespace/shop.dns"}
		if got := addresses(w.read(w.stack())); !slices.Equal(got, want) {
			t.Errorf("%+v: found %v", o, got)
		}
	}
}

func TestADiscoveryServiceIsFoundThroughTheNamespaceItRefersTo(t *testing.T) {
	w := newWorld(t, simulator.Options{TagDelay: 100})
	s := w.discoveryService()
	w.make(w.one("discovery-service/db", s))
	w.retag(w.read(w.stack()).Find(address("discovery-service/db")), nil)
	s.NamespaceID = plan.RefTo(address("namespace/shop.dns"), "id", "")
	live := w.read(w.stack(
		&plan.Resource{Address: address("namespace/shop.dns"), Spec: w.privateNamespace()},
		&plan.Resource{Address: address("discovery-service/db"), Spec: s},
	)).Find(address("discovery-service/db"))
	if live == nil {
		t.Fatal("it is not found")
	}
	if owner, _ := live.Owner("shop"); owner != plan.Untagged {
		t.Errorf("its tags %v make it somebody's", live.Tags)
	}
}

func TestANamespaceInUseIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	live := w.make(w.one("namespace/shop", &spec.Namespace{Name: "shop", Type: "HTTP"}))
	kind := w.account().Kind(spec.NamespaceKind)
	inUse := &types.ResourceInUse{Message: aws.String("namespace is not empty")}
	w.sim.Fail(simulator.Fault{Operation: "DeleteNamespace", Times: -1, Err: inUse})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := kind.Delete(ctx, live); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it says %v", err)
	}
	w.sim.ClearFaults()
	w.sim.Fail(simulator.Fault{Operation: "DeleteNamespace", Times: 3, Err: inUse})
	if err := kind.Delete(t.Context(), live); err != nil {
		t.Error(err)
	}
	// The same again, and soon: the name and the request id were used.
	w.make(w.one("namespace/shop", &spec.Namespace{Name: "shop", Type: "HTTP"}))
}

func TestAnOperationThatFailsSaysWhy(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, name := range []string{"namespace/shop.dns", "namespace/other"} {
		s := w.privateNamespace()
		kind := w.account().Kind(spec.NamespaceKind)
		want := w.one(name, s)
		_, err := kind.Create(t.Context(), want)
		switch {
		case name == "namespace/shop.dns" && err != nil:
			t.Fatal(err)
		case name == "namespace/other":
			if err == nil || !strings.Contains(err.Error(), "is namespace/shop.dns of project shop") {
				t.Errorf("it says %v", err)
			}
		}
	}
	// The zone of a namespace may be there without it.
	w = newWorld(t, simulator.Options{})
	live := w.make(w.one("namespace/shop.dns", w.privateNamespace()))
	w.sim.Mutate(func(a *simulator.Account) { a.Namespaces.Delete(live.Attrs["id"]) })
	_, err := w.account().Kind(spec.NamespaceKind).Create(t.Context(), w.one("namespace/shop.dns", w.privateNamespace()))
	if err == nil || !strings.Contains(err.Error(), "an operation of Cloud Map failed: ") || !strings.Contains(err.Error(), "CANNOT_CREATE_HOSTED_ZONE") {
		t.Errorf("it says %v", err)
	}
}

// connectedShop is a shop in which every service finds every other one.
func (w *world) connectedShop(services ...string) []*plan.Resource {
	shop := append(w.shop(services...), &plan.Resource{
		Address: address("namespace/shop"), Spec: &spec.Namespace{Name: "shop", Type: "HTTP"},
	})
	for _, r := range shop {
		if s, ok := r.Spec.(*spec.Service); ok {
			s.ServiceConnectConfiguration = endpoint(s.ServiceName, 80)
		}
	}
	return shop
}

func endpoint(name string, port int) *spec.ServiceConnect {
	return &spec.ServiceConnect{
		Enabled: true, Namespace: plan.RefTo(address("namespace/shop"), "arn", ""),
		Services: []spec.ServiceConnectService{{
			PortName: "tcp-80", DiscoveryName: name + "-abcdef", ClientAliases: []spec.ClientAlias{{DNSName: name, Port: port}},
		}},
	}
}

func TestServiceConnectIsReadAsItWasMeant(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		w := newWorld(t, o)
		want := w.stack(w.connectedShop("web", "db")...)
		w.mustApply(want)
		w.converged("connected", want)
		live := w.read(want)
		for _, name := range []string{"web", "db"} {
			service := live.Find(address("service/" + name))
			if len(service.Unmanaged) > 0 {
				t.Errorf("unmanaged: %v", service.Unmanaged)
			}
			alone, err := w.services().Read(t.Context(), service)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(service.Attrs, alone.Attrs); diff != "" {
				t.Errorf("read with others and alone\n%s", diff)
			}
			born, bornErr := time.Parse(time.RFC3339, service.Attrs["name."+name+"-abcdef"])
			deployed, deployedErr := time.Parse(time.RFC3339, service.Attrs["deployed"])
			if bornErr != nil || deployedErr != nil || !born.Before(deployed) {
				t.Errorf("%s: attributes %v", name, service.Attrs)
			}
		}
	}
}

func TestAnApplyWithNamesThatWasCutShortIsFinishedByTheNext(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.mustApply(w.stack(w.connectedShop("web")...))
	for k := range len(w.writes()) {
		w := newWorld(t, simulator.Options{})
		want := w.stack(w.connectedShop("web")...)
		stop := errors.New("the process ends here")
		w.sim.Fail(simulator.Fault{Mutating: true, At: k + 1, Times: -1, AnswerLost: true, Err: stop})
		if err := w.apply(w.account(), want); !errors.Is(err, stop) {
			t.Fatalf("cut short at %d: %v", k, err)
		}
		w.sim.ClearFaults()
		w.mustApply(want)
		w.converged("after it was cut short", want)
	}
}

// changed applies a change to service web of a running shop, and reads it.
func (w *world) changed(want *plan.Stack, change func(*spec.Service)) (now, wanted *plan.Resource, input *ecs.UpdateServiceInput) {
	w.Helper()
	live, wanted := w.web(want, change)
	input = updateServiceInput(live.Spec.(*spec.Service), wanted.Spec.(*spec.Service), false)
	attrs, err := w.services().Update(w.Context(), live, wanted, false)
	if err != nil {
		w.Fatal(err)
	}
	if rollout, err := w.rollout(w.services(), attrs); err != nil || rollout.State != plan.RolledOut {
		w.Errorf("%+v, %v", rollout, err)
	}
	if now, err = w.services().Read(w.Context(), live); err != nil {
		w.Fatal(err)
	}
	return now, wanted, input
}

func TestEveryFieldOfServiceConnectIsUpdated(t *testing.T) {
	for name, change := range map[string]func(*spec.Service){
		"none":       func(s *spec.Service) { s.ServiceConnectConfiguration = nil },
		"a client":   func(s *spec.Service) { s.ServiceConnectConfiguration.Services = nil },
		"alias":      func(s *spec.Service) { s.ServiceConnectConfiguration.Services[0].ClientAliases[0].DNSName = "www" },
		"alias port": func(s *spec.Service) { s.ServiceConnectConfiguration.Services[0].ClientAliases[0].Port = 8080 },
		"another name": func(s *spec.Service) {
			s.ServiceConnectConfiguration.Services[0].DiscoveryName = "web-123456"
		},
	} {
		w := newWorld(t, simulator.Options{})
		want := w.stack(w.connectedShop("web")...)
		w.mustApply(want)
		now, wanted, _ := w.changed(want, change)
		t.Log(name)
		w.same(now, wanted.Spec)
	}
}

func TestWhatIsNoLongerWantedOfNamesIsRemoved(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.connectedShop("web")...)
	w.mustApply(want)
	_, _, input := w.changed(want, func(s *spec.Service) { s.ServiceConnectConfiguration = nil })
	if c := input.ServiceConnectConfiguration; c == nil || c.Enabled || c.Namespace != nil {
		t.Errorf("it sends %+v", c)
	}
	now, _, input := w.changed(want, func(*spec.Service) {})
	if c := input.ServiceConnectConfiguration; c == nil || !c.Enabled || len(c.Services) != 1 {
		t.Errorf("it sends %+v", c)
	}
	if now.Spec.(*spec.Service).ServiceConnectConfiguration == nil {
		t.Error("it cannot be turned on again")
	}
	registry := []spec.ServiceRegistry{{RegistryArn: plan.Literal("arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1")}}
	with, without := &spec.Service{ServiceRegistries: registry}, &spec.Service{}
	if in := updateServiceInput(with, without, false); in == nil || in.ServiceRegistries == nil || len(in.ServiceRegistries) > 0 {
		t.Errorf("to remove registries it sends %+v", in)
	}
	if in := updateServiceInput(without, without, true); in.ServiceRegistries != nil || in.ServiceConnectConfiguration != nil {
		t.Errorf("without any it sends %+v", in)
	}
	if in := updateServiceInput(nil, with, true); len(in.ServiceRegistries) != 1 {
		t.Errorf("to start it sends %+v", in)
	}
}

func TestAServiceRegistryIsReadAsItWasMeant(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	shop := append(w.shop("web"),
		&plan.Resource{Address: address("namespace/shop.dns"), Spec: w.privateNamespace()},
		&plan.Resource{Address: address("discovery-service/web"), Spec: &spec.DiscoveryService{
			Name: "web", NamespaceID: plan.RefTo(address("namespace/shop.dns"), "id", ""),
			DnsRecords: []spec.DnsRecord{{Type: "A", TTL: 10}},
		}})
	shop[5].Spec.(*spec.Service).ServiceRegistries = []spec.ServiceRegistry{{
		RegistryArn: plan.RefTo(address("discovery-service/web"), "arn", ""),
	}}
	want := w.stack(shop...)
	w.mustApply(want)
	w.converged("registered", want)
	live := w.read(want)
	if unmanaged := live.Find(address("service/web")).Unmanaged; len(unmanaged) > 0 {
		t.Errorf("unmanaged: %v", unmanaged)
	}
	now, wanted, _ := w.changed(want, func(s *spec.Service) { s.ServiceRegistries = nil })
	w.same(now, wanted.Spec)
	// What is left of its tasks is waited for.
	if err := w.account().Kind(spec.DiscoveryServiceKind).Delete(t.Context(), live.Find(address("discovery-service/web"))); err != nil {
		t.Error(err)
	}
}

func TestCloudMapIsNotAskedWhereNoServiceHasAName(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	clients := w.connectedShop("web")
	clients[5].Spec.(*spec.Service).ServiceConnectConfiguration.Services = nil
	for _, resources := range [][]*plan.Resource{w.shop("web"), clients} {
		want := w.stack(resources...)
		w.mustApply(want)
		w.sim.ResetCalls()
		w.read(want)
		for _, call := range w.sim.Calls() {
			if call.Service == "servicediscovery" && call.Operation == "ListServices" {
				t.Error("it is asked for services")
			}
		}
	}
}

func TestANamespaceThatIsNotKnownYetIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.connectedShop("web")...)
	unknown := &ecstypes.NamespaceNotFoundException{Message: aws.String("Failed to retrieve namespace for shop")}
	w.sim.Fail(simulator.Fault{Service: "ecs", Operation: "CreateService", Times: 3, Err: unknown})
	w.mustApply(want)
	// One that is not new is not waited for.
	w.sim.Fail(simulator.Fault{Service: "ecs", Operation: "UpdateService", Times: -1, Err: unknown})
	live, wanted := w.web(want, func(s *spec.Service) { s.ServiceConnectConfiguration.Services = nil })
	if _, err := w.services().Update(t.Context(), live, wanted, false); err == nil || !strings.Contains(err.Error(), "Failed to retrieve namespace") {
		t.Errorf("it says %v", err)
	}
}

func TestANameThatADeletedServiceLeftBehindIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	held := &ecstypes.InvalidParameterException{Message: aws.String("SC service is already used by arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1")}
	w.sim.Fail(simulator.Fault{Service: "ecs", Operation: "CreateService", Times: 4, Err: held})
	want := w.stack(w.connectedShop("web")...)
	w.mustApply(want)
	w.converged("after it was let go", want)
	live := w.read(want).Find(address("service/web"))
	if err := w.services().Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	w.mustApply(want)
	w.converged("made again", want)
}

func TestANamespaceGivenByItsNameIsTheSame(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.connectedShop("web")...)
	w.mustApply(want)
	got, err := ecs.NewFromConfig(w.sim.Config()).DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String("shop"), Services: []string{"web"},
	})
	if err != nil {
		t.Fatal(err)
	}
	service := got.Services[0]
	primaryDeployment(service).ServiceConnectConfiguration.Namespace = aws.String("shop")
	connected, err := connectNames(t.Context(), w.cloudMap(), []ecstypes.Service{service})
	if err != nil {
		t.Fatal(err)
	}
	live := w.read(want).Find(address("service/web"))
	named := connected.candidate(service)
	w.same(named.Resource, live.Spec)
	if diff := cmp.Diff(live.Attrs, named.Attrs); diff != "" {
		t.Errorf("by ARN and by name\n%s", diff)
	}
}

func TestSettingsOfTheProxyAreReported(t *testing.T) {
	service := ecstypes.Service{Deployments: []ecstypes.Deployment{{
		Status: aws.String("PRIMARY"),
		ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{
			Enabled: true, Namespace: aws.String("arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1"),
			LogConfiguration: &ecstypes.LogConfiguration{LogDriver: "awslogs"},
			Services: []ecstypes.ServiceConnectService{{
				PortName: aws.String("tcp-80"), DiscoveryName: aws.String("web"), IngressPortOverride: aws.Int32(9),
			}},
		},
	}}}
	want := []string{"serviceConnectConfiguration.logConfiguration", "serviceConnectConfiguration.services.web.ingressPortOverride"}
	if diff := cmp.Diff(want, unmanagedOfService(service)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	disabled := ecstypes.Service{Deployments: []ecstypes.Deployment{{
		Status: aws.String("PRIMARY"), ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{},
	}}}
	if s := serviceSpec(disabled); s.ServiceConnectConfiguration != nil {
		t.Errorf("disabled is read as %+v", s.ServiceConnectConfiguration)
	}
}

func TestWithoutACloudMapServiceTheECSServiceTellsTheAge(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.connectedShop("web")...)
	w.mustApply(want)
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w.sim.Mutate(func(a *simulator.Account) {
		for id := range a.DiscoveryServices.All() {
			a.DiscoveryServices.Delete(id)
		}
		for key := range a.Services.All() {
			a.Services.Edit(key).CreatedAt = &created
		}
	})
	if got := w.read(want).Find(address("service/web")).Attrs["name.web-abcdef"]; got != "2026-01-02T03:04:05Z" {
		t.Errorf("it came to be at %q", got)
	}
}

func TestWithoutPermissionForCloudMapNothingIsGuessed(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.connectedShop("web")...)
	w.mustApply(want)
	w.sim.Fail(simulator.Fault{Service: "servicediscovery", Operation: "ListServices", Times: -1, Err: simulator.Denied()})
	_, err := w.account().Read(t.Context(), spec.Kinds(), want)
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException" {
		t.Errorf("it says %v", err)
	}
}
