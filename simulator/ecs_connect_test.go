package simulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	discovery "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// mesh is a world with the HTTP namespace "shop".
func mesh(t *testing.T, options simulator.Options) (w *world, namespace string) {
	w = newWorld(t, options)
	w.prepare()
	return w, w.httpNamespace("shop")
}

// offer makes a service that offers its port under its own name, with that many
// tasks.
func (w *world) offer(name string, count int32) {
	w.t.Helper()
	w.register(definition(name))
	in := w.service(name)
	in.DesiredCount, in.ServiceConnectConfiguration = &count, offered(name)
	must(w.ecs.CreateService(w.t.Context(), in))(w.t)
	w.settle(name)
}

// offered is the configuration of a service that offers its port under a name.
func offered(name string) *types.ServiceConnectConfiguration {
	c := connect("shop", "tcp-8080", name, 8080)
	c.Services[0].DiscoveryName = aws.String(name + "-tcp-8080")
	return c
}

func (w *world) force(name string) {
	w.t.Helper()
	w.update(&ecs.UpdateServiceInput{Service: &name, DesiredCount: aws.Int32(1), ForceNewDeployment: true})
	w.settle(name)
}

func (w *world) resolves(service, alias string, port int) (yes bool) {
	w.Mutate(func(a *simulator.Account) { yes = a.Resolves("shop", service, alias, port) })
	return yes
}

func (w *world) remove(name string) {
	w.t.Helper()
	must(w.ecs.DeleteService(w.t.Context(), &ecs.DeleteServiceInput{
		Cluster: aws.String("shop"), Service: &name, Force: aws.Bool(true),
	}))(w.t)
}

func TestTasksKnowTheNamesThatExistedWhenTheirDeploymentBegan(t *testing.T) {
	w, _ := mesh(t, simulator.Options{})
	w.offer("web", 1)
	w.offer("db", 1)
	if !w.resolves("db", "web", 8080) || w.resolves("web", "db", 8080) {
		t.Fatal("want the later service to know the earlier one only")
	}
	if !w.resolves("web", "web", 8080) {
		t.Error("want a service to know itself")
	}

	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(3)})
	w.describe("web")
	must(w.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("shop"), Task: aws.String(w.tasks("web")[0])}))(t)
	w.describe("web")
	if w.resolves("web", "db", 8080) {
		t.Error("want neither more tasks nor replaced ones to know a newer name")
	}
	w.force("web")
	if !w.resolves("web", "db", 8080) || w.resolves("web", "db", 5432) {
		t.Error("want a forced deployment to know the name, at its port")
	}
}

// tasks is the ARNs of a service's tasks.
func (w *world) tasks(service string) []string {
	w.t.Helper()
	return must(w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: &service}))(w.t).TaskArns
}

func TestServicesMadeAtZeroAndThenStartedAllKnowEachOther(t *testing.T) {
	w, _ := mesh(t, simulator.Options{})
	for _, name := range []string{"web", "api", "db"} {
		w.offer(name, 0)
	}
	if w.resolves("web", "db", 8080) {
		t.Error("want nothing resolved where no task runs")
	}
	for _, name := range []string{"db", "api", "web"} {
		w.force(name)
	}
	for _, client := range []string{"web", "api", "db"} {
		for _, server := range []string{"web", "api", "db"} {
			if !w.resolves(client, server, 8080) {
				t.Errorf("%s does not know %s", client, server)
			}
		}
	}
}

func TestANameThatWasMadeAgainIsAnotherOne(t *testing.T) {
	w, _ := mesh(t, simulator.Options{})
	w.offer("db", 1)
	w.offer("web", 1)
	w.remove("db")
	for range 2 {
		w.describe("db")
	}
	w.discoveredUntilGone("db-tcp-8080")
	w.offer("db", 1)
	if w.resolves("web", "db", 8080) {
		t.Error("want the tasks of web to know only the service that was deleted")
	}
	w.force("web")
	if !w.resolves("web", "db", 8080) {
		t.Error("want a new deployment to know it")
	}
}

// discoveredUntilGone looks until ECS has removed a Cloud Map service.
func (w *world) discoveredUntilGone(name string) {
	w.t.Helper()
	var namespace string
	w.Mutate(func(a *simulator.Account) {
		for id := range a.Namespaces.All() {
			namespace = id
		}
	})
	for range 10 {
		if !strings.Contains(w.discovered(namespace), name) {
			return
		}
	}
	w.t.Fatalf("%s did not go", name)
}

func TestAServiceConnectEndpointInCloudMap(t *testing.T) {
	w, namespace := mesh(t, simulator.Options{PageSize: 1})
	w.offer("web", 0)
	if got := w.discovered(namespace); got != "1: web-tcp-8080" {
		t.Fatal("want the endpoint of a service without tasks:", got)
	}
	web := w.summaries(namespace)[slices.IndexFunc(w.summaries(namespace), func(s discovery.ServiceSummary) bool { return *s.Name == "web-tcp-8080" })]
	created := *w.describe("web").CreatedAt
	if created.Sub(*web.CreateDate) != time.Second || *web.InstanceCount != 0 {
		t.Error(text(web))
	}
	w.force("web")
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(2)})
	w.describe("web")
	got := pages(t, servicediscovery.NewListInstancesPaginator(w.cloudMap(), &servicediscovery.ListInstancesInput{ServiceId: web.Id}),
		func(p *servicediscovery.ListInstancesOutput) (services []string) {
			for _, i := range p.Instances {
				services = append(services, i.Attributes["ECS_SERVICE_NAME"])
			}
			return services
		})
	if got != "2: web web" {
		t.Error(got)
	}
	if _, err := w.cloudMap().DeleteService(t.Context(), &servicediscovery.DeleteServiceInput{Id: web.Id}); code(err) != "ResourceInUse" {
		t.Error("want a service with instances kept:", err)
	}
	again := must(w.cloudMap().GetService(t.Context(), &servicediscovery.GetServiceInput{Id: web.Id}))(t).Service
	if !again.CreateDate.Equal(*web.CreateDate) || *again.InstanceCount != 2 {
		t.Error("want the endpoint to outlast deployments:", text(again))
	}
}

func TestANameIsBlockedForAWhileAfterItsServiceIsGone(t *testing.T) {
	w, namespace := mesh(t, simulator.Options{})
	w.offer("web", 1)
	w.remove("web")
	in := w.service("web")
	in.ServiceConnectConfiguration = offered("web")
	var seen []string
	for range 5 {
		w.describe("web")
		_, err := w.ecs.CreateService(t.Context(), in)
		seen = append(seen, code(err))
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "still Draining") && !strings.Contains(err.Error(), "SC service is already used by") {
			t.Error(err)
		}
	}
	if want := "InvalidParameterException InvalidParameterException InvalidParameterException "; strings.Join(seen, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(seen, " "), want)
	}
	if got := w.discovered(namespace); got != "1: web-tcp-8080" {
		t.Error(got)
	}
}

func TestANamespaceIsDeletedOnceItsEndpointsAreGone(t *testing.T) {
	w, namespace := mesh(t, simulator.Options{})
	w.offer("web", 1)
	w.remove("web")
	refused := 0
	for range 10 {
		out, err := w.cloudMap().DeleteNamespace(t.Context(), &servicediscovery.DeleteNamespaceInput{Id: &namespace})
		if err == nil {
			w.done(out.OperationId)
			break
		}
		if code(err) != "ResourceInUse" {
			t.Fatal(err)
		}
		refused++
	}
	if refused == 0 || refused == 10 {
		t.Errorf("refused %d times", refused)
	}
	if got := w.namespaces(); got != "1: " {
		t.Error(got)
	}
}

func TestAnEndpointIsGivenUpAndTakenBack(t *testing.T) {
	w, namespace := mesh(t, simulator.Options{})
	w.offer("web", 1)
	client := offered("web")
	client.Services = nil
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ServiceConnectConfiguration: client})
	if got := w.discovered(namespace); got != "1: web-tcp-8080" {
		t.Error("want the endpoint kept while tasks offer it:", got)
	}
	w.settle("web")

	w.register(definition("other"))
	in := w.service("other")
	in.ServiceConnectConfiguration = offered("web")
	if _, err := w.ecs.CreateService(t.Context(), in); code(err) != "InvalidParameterException" {
		t.Error("want the name blocked for others:", err)
	}
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ServiceConnectConfiguration: offered("web")})
	w.settle("web")
	for range 5 {
		if got := w.discovered(namespace); got != "1: web-tcp-8080" {
			t.Fatal("want the name taken back:", got)
		}
	}
}

func TestServiceConnectRejects(t *testing.T) {
	w, _ := mesh(t, simulator.Options{})
	w.offer("web", 0)
	two := definition("other")
	two.ContainerDefinitions[0].PortMappings = append(two.ContainerDefinitions[0].PortMappings,
		types.PortMapping{ContainerPort: aws.Int32(9090), Name: aws.String("tcp-9090")},
		types.PortMapping{ContainerPort: aws.Int32(53), Name: aws.String("udp-53"), Protocol: types.TransportProtocolUdp})
	w.register(two)
	full := definition("full")
	full.ContainerDefinitions[0].Memory = aws.Int32(512)
	w.register(full)
	second := func(c *types.ServiceConnectConfiguration, discovery, alias string) {
		s := connect("shop", "tcp-9090", alias, 8080).Services[0]
		s.DiscoveryName = &discovery
		c.Services = append(c.Services, s)
	}
	for _, c := range []struct {
		name string
		want string // part of the message
		edit func(in *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration)
	}{
		{"no client alias", "exactly one client alias", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			c.Services[0].ClientAliases = nil
		}},
		{"two client aliases", "exactly one client alias", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			c.Services[0].ClientAliases = append(c.Services[0].ClientAliases, c.Services[0].ClientAliases[0])
		}},
		{"one discovery name twice", "used twice", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			second(c, "other-tcp-8080", "second")
		}},
		{"one alias twice", "used twice", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			second(c, "second", "other")
		}},
		{"the discovery name of another service", "SC service is already used", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			c.Services[0].DiscoveryName = aws.String("web-tcp-8080")
		}},
		{"the alias of another service", "is used by service web", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			c.Services[0].ClientAliases[0].DnsName = aws.String("web")
		}},
		{"a UDP port", "must use tcp", func(_ *ecs.CreateServiceInput, c *types.ServiceConnectConfiguration) {
			c.Services[0].PortName = aws.String("udp-53")
		}},
		{"containers that leave no memory", "leave none", func(in *ecs.CreateServiceInput, _ *types.ServiceConnectConfiguration) {
			in.TaskDefinition = aws.String("full")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := w.service("other")
			in.ServiceConnectConfiguration = offered("other")
			c.edit(in, in.ServiceConnectConfiguration)
			_, err := w.ecs.CreateService(t.Context(), in)
			if code(err) != "InvalidParameterException" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheProtocolOfAnEndpointIsFrozen(t *testing.T) {
	w, _ := mesh(t, simulator.Options{})
	w.offer("web", 1)
	http := definition("web")
	http.ContainerDefinitions[0].PortMappings[0].AppProtocol = types.ApplicationProtocolHttp
	in := &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: aws.String(w.register(http))}
	if _, err := w.ecs.UpdateService(t.Context(), in); code(err) != "InvalidParameterException" || !strings.Contains(err.Error(), "appProtocol") {
		t.Error(err)
	}
	in.ServiceConnectConfiguration = offered("web")
	in.ServiceConnectConfiguration.Services[0].DiscoveryName = aws.String("web-http-8080")
	must(w.ecs.UpdateService(t.Context(), in))(t)
}

func TestARolledBackDeploymentKeepsItsEndpoint(t *testing.T) {
	w, namespace := mesh(t, simulator.Options{})
	w.offer("web", 1)
	bad := definition("web")
	bad.ContainerDefinitions[0].Image = aws.String(simulator.NeverHealthy)
	c := offered("web")
	c.Services[0].DiscoveryName = aws.String("web-other")
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: aws.String(w.register(bad)), ServiceConnectConfiguration: c})
	w.settle("web")
	w.settle("web")
	for range 3 {
		w.describe("web")
	}
	for range 3 {
		w.discovered(namespace)
	}
	if got := w.discovered(namespace); got != "1: web-tcp-8080" {
		t.Error("want the old endpoint kept and the new one gone:", got)
	}
	if !w.resolves("web", "web", 8080) {
		t.Error("want the tasks that stayed to know what they knew")
	}
}

// registry makes a Cloud Map service in a private DNS namespace and returns its
// ARN and id.
func (w *world) registry(kinds ...discovery.RecordType) (arn, id string) {
	w.t.Helper()
	namespace := w.dnsNamespace("shop.internal")
	config := dnsConfig(kinds...)
	config.RoutingPolicy = discovery.RoutingPolicyWeighted
	s := must(w.cloudMap().CreateService(w.t.Context(), &servicediscovery.CreateServiceInput{
		Name: aws.String("web"), NamespaceId: &namespace, DnsConfig: config,
	}))(w.t).Service
	return *s.Arn, *s.Id
}

func TestTasksRegisterWithTheirServiceRegistry(t *testing.T) {
	for _, c := range []struct {
		name     string
		record   discovery.RecordType
		registry types.ServiceRegistry
		port     string
	}{
		{"an A record needs no port", "A", types.ServiceRegistry{}, ""},
		{"an SRV record has that of a container", "SRV", types.ServiceRegistry{ContainerName: aws.String("web"), ContainerPort: aws.Int32(8080)}, "8080"},
		{"or one that is told", "SRV", types.ServiceRegistry{Port: aws.Int32(8081)}, "8081"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			arn, id := w.registry(c.record)
			w.register(definition("web"))
			in := w.service("web")
			c.registry.RegistryArn = &arn
			in.ServiceRegistries = []types.ServiceRegistry{c.registry}
			must(w.ecs.CreateService(t.Context(), in))(t)
			s := w.settle("web")
			if diff := cmp.Diff(text(in.ServiceRegistries), text(s.ServiceRegistries)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			task := w.onlyTask(types.DesiredStatusRunning)
			instances := must(w.cloudMap().ListInstances(t.Context(), &servicediscovery.ListInstancesInput{ServiceId: &id}))(t).Instances
			if len(instances) != 1 {
				t.Fatal(text(instances))
			}
			a := instances[0].Attributes
			if a["AWS_INSTANCE_IPV4"] != attachmentDetail(task, "privateIPv4Address") || a["AWS_INSTANCE_PORT"] != c.port {
				t.Error(text(a))
			}

			w.remove("web")
			if _, err := w.cloudMap().DeleteService(t.Context(), &servicediscovery.DeleteServiceInput{Id: &id}); err != nil {
				t.Error("want the instances gone with the service:", err)
			}
		})
	}
}

func TestServiceRegistriesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		record discovery.RecordType
		want   string // part of the message
		edit   func(r *types.ServiceRegistry)
	}{
		{"an unknown one", "A", "does not exist", func(r *types.ServiceRegistry) { *r.RegistryArn += "0" }},
		{"an id in place of an ARN", "A", "does not exist", func(r *types.ServiceRegistry) {
			*r.RegistryArn = (*r.RegistryArn)[strings.LastIndex(*r.RegistryArn, "/")+1:]
		}},
		{"an SRV record without a port", "SRV", "needs a port", func(*types.ServiceRegistry) {}},
		{"both ways to tell the port", "SRV", "not both", func(r *types.ServiceRegistry) {
			r.Port, r.ContainerName, r.ContainerPort = aws.Int32(8080), aws.String("web"), aws.Int32(8080)
		}},
		{"a port that the container has not", "SRV", "did not have a container port 80", func(r *types.ServiceRegistry) {
			r.ContainerName, r.ContainerPort = aws.String("web"), aws.Int32(80)
		}},
		{"a container that the task has not", "SRV", "container nginx does not exist", func(r *types.ServiceRegistry) {
			r.ContainerName, r.ContainerPort = aws.String("nginx"), aws.Int32(80)
		}},
		{"a CNAME record", "CNAME", "CNAME", func(*types.ServiceRegistry) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			arn, _ := w.registry(c.record)
			w.register(definition("web"))
			in := w.service("web")
			in.ServiceRegistries = []types.ServiceRegistry{{RegistryArn: &arn}}
			c.edit(&in.ServiceRegistries[0])
			_, err := w.ecs.CreateService(t.Context(), in)
			if code(err) != "InvalidParameterException" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
