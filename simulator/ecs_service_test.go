package simulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestCreateServiceRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	gone := definition("gone")
	must(w.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{
		TaskDefinition: aws.String(w.register(gone)),
	}))(t)
	w.Mutate(func(a *simulator.Account) { a.PutNamespace("shop") })
	must(w.ecs.CreateService(t.Context(), w.service("web")))(t)
	draining := w.service("web")
	draining.ServiceName, draining.DesiredCount = aws.String("draining"), aws.Int32(0)
	must(w.ecs.CreateService(t.Context(), draining))(t)
	must(w.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("draining")}))(t)

	for _, c := range []struct {
		name string
		code string
		want string // part of the message
		edit func(in *ecs.CreateServiceInput)
	}{
		{"an unknown cluster", "ClusterNotFoundException", "Cluster not found", func(in *ecs.CreateServiceInput) {
			in.Cluster = aws.String("nowhere")
		}},
		{"an unknown task definition", "ClientException", "TaskDefinition not found", func(in *ecs.CreateServiceInput) {
			in.TaskDefinition = aws.String("web:7")
		}},
		{"an inactive task definition", "ClientException", "TaskDefinition is inactive", func(in *ecs.CreateServiceInput) {
			in.TaskDefinition = aws.String("gone:1")
		}},
		{"a name with a dot", "InvalidParameterException", "Service name", func(in *ecs.CreateServiceInput) {
			in.ServiceName = aws.String("my.web")
		}},
		{"an active service of that name", "InvalidParameterException", "Creation of service was not idempotent", func(in *ecs.CreateServiceInput) {
			in.ServiceName = aws.String("web")
		}},
		{"a draining service of that name", "InvalidParameterException", "still Draining", func(in *ecs.CreateServiceInput) {
			in.ServiceName = aws.String("draining")
		}},
		{"a launch type and a strategy", "InvalidParameterException", "both a launch type and capacity provider strategy", func(in *ecs.CreateServiceInput) {
			in.LaunchType = types.LaunchTypeFargate
		}},
		{"an unknown capacity provider", "InvalidParameterException", "capacity provider", func(in *ecs.CreateServiceInput) {
			in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_FAST"), Weight: 1}}
		}},
		{"no capacity at all", "InvalidParameterException", "Fargate only", func(in *ecs.CreateServiceInput) {
			in.CapacityProviderStrategy = nil
		}},
		{"a strategy without weight", "InvalidParameterException", "weight greater than 0", func(in *ecs.CreateServiceInput) {
			in.CapacityProviderStrategy[0].Weight = 0
		}},
		{"a retired platform version", "PlatformUnknownException", "1.3.0", func(in *ecs.CreateServiceInput) {
			in.PlatformVersion = aws.String("1.3.0")
		}},
		{"no network configuration", "InvalidParameterException", "Network Configuration must be provided", func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration = nil
		}},
		{"an unknown subnet", "InvalidParameterException", "does not exist", func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{"subnet-00000000"}
		}},
		{"an unknown security group", "InvalidParameterException", "does not exist", func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{"sg-00000000"}
		}},
		{"six security groups", "InvalidParameterException", "at most 5", func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{"1", "2", "3", "4", "5", "6"}
		}},
		{"a container that the task has not", "InvalidParameterException", "container nginx does not exist", func(in *ecs.CreateServiceInput) {
			in.LoadBalancers = loadBalancer("nginx", 8080)
		}},
		{"a port that the container has not", "InvalidParameterException", "did not have a container port 80 defined", func(in *ecs.CreateServiceInput) {
			in.LoadBalancers = loadBalancer("web", 80)
		}},
		{"an unknown target group", "InvalidParameterException", "target group", func(in *ecs.CreateServiceInput) {
			in.LoadBalancers = loadBalancer("web", 8080)
		}},
		{"a Service Connect port that the task has not", "InvalidParameterException", "port name 'http'", func(in *ecs.CreateServiceInput) {
			in.ServiceConnectConfiguration = connect("shop", "http", "web", 80)
		}},
		{"an unknown namespace", "NamespaceNotFoundException", "nowhere", func(in *ecs.CreateServiceInput) {
			in.ServiceConnectConfiguration = connect("nowhere", "tcp-8080", "web", 80)
		}},
		{"minimum and maximum 100", "InvalidParameterException", "cannot both be 100", func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration.MinimumHealthyPercent, in.DeploymentConfiguration.MaximumPercent = aws.Int32(100), aws.Int32(100)
		}},
		{"zone rebalancing without room", "InvalidParameterException", "rebalancing", func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration.MinimumHealthyPercent, in.DeploymentConfiguration.MaximumPercent = aws.Int32(0), aws.Int32(100)
		}},
		{"rollback without a circuit breaker", "InvalidParameterException", "circuit breaker", func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration.DeploymentCircuitBreaker.Enable = false
		}},
		{"a grace period without a health source", "InvalidParameterException", "grace period", func(in *ecs.CreateServiceInput) {
			in.HealthCheckGracePeriodSeconds = aws.Int32(60)
		}},
		{"exec without a task role", "InvalidParameterException", "taskRoleArn", func(in *ecs.CreateServiceInput) {
			in.EnableExecuteCommand = true
		}},
		{"a daemon", "InvalidParameterException", "DAEMON", func(in *ecs.CreateServiceInput) {
			in.SchedulingStrategy = types.SchedulingStrategyDaemon
		}},
		{"a tag of AWS's", "InvalidParameterException", "aws:", func(in *ecs.CreateServiceInput) {
			in.Tags = ecsTags("aws:name", "x")
		}},
		{"a negative count", "InvalidParameterException", "desiredCount", func(in *ecs.CreateServiceInput) {
			in.DesiredCount = aws.Int32(-1)
		}},
		{"a negative grace period", "InvalidParameterException", "healthCheckGracePeriodSeconds", func(in *ecs.CreateServiceInput) {
			in.HealthCheckGracePeriodSeconds = aws.Int32(-1)
		}},
		{"another deployment controller", "InvalidParameterException", "CODE_DEPLOY", func(in *ecs.CreateServiceInput) {
			in.DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy}
		}},
		{"another deployment strategy", "InvalidParameterException", "BLUE_GREEN", func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration.Strategy = types.DeploymentStrategyBlueGreen
		}},
		{"a placement strategy", "InvalidParameterException", "Placement", func(in *ecs.CreateServiceInput) {
			in.PlacementStrategy = []types.PlacementStrategy{{Type: types.PlacementStrategyTypeSpread}}
		}},
		{"a role", "InvalidParameterException", "service linked role", func(in *ecs.CreateServiceInput) {
			in.Role = aws.String("ecsServiceRole")
		}},
		{"a maximum below 100 percent", "InvalidParameterException", "maximumPercent", func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration.MaximumPercent = aws.Int32(50)
		}},
		{"a minimum above 100 percent", "InvalidParameterException", "minimumHealthyPercent", func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration.MinimumHealthyPercent = aws.Int32(101)
		}},
		{"two bases", "InvalidParameterException", "base", func(in *ecs.CreateServiceInput) {
			in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{
				{CapacityProvider: aws.String("FARGATE"), Base: 1, Weight: 1}, {CapacityProvider: aws.String("FARGATE_SPOT"), Base: 1, Weight: 1},
			}
		}},
		{"no subnets", "InvalidParameterException", "subnets", func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{}
		}},
		{"seventeen subnets", "InvalidParameterException", "at most 16", func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.Subnets = make([]string, 17)
		}},
		{"six target groups", "InvalidParameterException", "at most 5", func(in *ecs.CreateServiceInput) {
			in.LoadBalancers = make([]types.LoadBalancer, 6)
		}},
		{"a volume that the task has not left open", "InvalidParameterException", "configuredAtLaunch", func(in *ecs.CreateServiceInput) {
			in.VolumeConfigurations = []types.ServiceVolumeConfiguration{{Name: aws.String("data")}}
		}},
		{"what the simulator would drop", "InvalidParameterException", "simulator", func(in *ecs.CreateServiceInput) {
			in.Monitoring = &types.MonitoringConfiguration{}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := w.service("web")
			in.ServiceName = aws.String("other")
			c.edit(in)
			_, err := w.ecs.CreateService(t.Context(), in)
			if code(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.want)
			}
		})
	}
}

func loadBalancer(container string, port int32) []types.LoadBalancer {
	return []types.LoadBalancer{{
		ContainerName: &container, ContainerPort: &port,
		TargetGroupArn: aws.String("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"),
	}}
}

func connect(namespace, port, alias string, at int32) *types.ServiceConnectConfiguration {
	return &types.ServiceConnectConfiguration{
		Enabled: true, Namespace: &namespace,
		Services: []types.ServiceConnectService{{
			PortName: &port, ClientAliases: []types.ServiceConnectClientAlias{{DnsName: &alias, Port: &at}},
		}},
	}
}

func TestCreateServiceFillsDefaults(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	in := &ecs.CreateServiceInput{
		ServiceName: aws.String("web"), Cluster: aws.String("shop"), TaskDefinition: aws.String("web"), DesiredCount: aws.Int32(2),
		LaunchType: types.LaunchTypeFargate, NetworkConfiguration: w.network(), Tags: ecsTags("spec", "1:abc"),
	}
	in.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = ""
	golden(t, "service-defaults", must(w.ecs.CreateService(t.Context(), in))(t))
}

func TestASettledServiceAndItsDeployment(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	s := w.settle("web")
	golden(t, "service-settled", s)
	golden(t, "service-deployment-settled", must(w.ecs.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{*s.CurrentServiceDeployment},
	}))(t))
	golden(t, "service-revision", must(w.ecs.DescribeServiceRevisions(t.Context(), &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{*s.CurrentServiceRevisions[0].Arn},
	}))(t))
}

func TestServiceConnectLivesOnTheDeployment(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	must(w.ecs.UpdateCluster(t.Context(), &ecs.UpdateClusterInput{
		Cluster: aws.String("shop"), ServiceConnectDefaults: &types.ClusterServiceConnectDefaultsRequest{Namespace: aws.String("shop")},
	}))(t)
	w.register(definition("web"))
	in := w.service("web")
	in.ServiceConnectConfiguration = connect("shop", "tcp-8080", "web", 8080)
	s := must(w.ecs.CreateService(t.Context(), in))(t).Service
	c := s.Deployments[0].ServiceConnectConfiguration
	if !strings.HasPrefix(*c.Namespace, "arn:aws:servicediscovery:") || *c.Services[0].DiscoveryName != "tcp-8080" {
		t.Error(text(c))
	}
	if r := s.Deployments[0].ServiceConnectResources; len(r) != 1 || *r[0].DiscoveryName != "tcp-8080" {
		t.Error(text(r))
	}

	in.ServiceName = aws.String("other")
	if _, err := w.ecs.CreateService(t.Context(), in); code(err) != "InvalidParameterException" {
		t.Error("want the discovery name refused as taken:", err)
	}
	in.ServiceConnectConfiguration.Services[0].DiscoveryName = aws.String("other")
	if _, err := w.ecs.CreateService(t.Context(), in); code(err) != "InvalidParameterException" {
		t.Error("want the alias refused as taken:", err)
	}
	in.ServiceConnectConfiguration.Services[0].ClientAliases[0].DnsName = aws.String("other")
	must(w.ecs.CreateService(t.Context(), in))(t)

	portless := definition("web")
	portless.ContainerDefinitions[0].PortMappings = nil
	_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: aws.String(w.register(portless)),
	})
	if code(err) != "InvalidParameterException" {
		t.Error("want a task definition refused that lacks the port:", err)
	}
}

func TestUpdateServiceStartsADeployment(t *testing.T) {
	for _, c := range []struct {
		name  string
		rolls bool
		edit  func(w *world, in *ecs.UpdateServiceInput)
	}{
		{"not for nothing", false, func(*world, *ecs.UpdateServiceInput) {}},
		{"not for the same task definition", false, func(_ *world, in *ecs.UpdateServiceInput) {
			in.TaskDefinition = aws.String("web:1")
		}},
		{"for another task definition", true, func(w *world, in *ecs.UpdateServiceInput) {
			in.TaskDefinition = aws.String(w.register(definition("web")))
		}},
		{"not for the same network in another order", false, func(w *world, in *ecs.UpdateServiceInput) {
			in.NetworkConfiguration = w.describe("web").NetworkConfiguration
		}},
		{"for another network", true, func(w *world, in *ecs.UpdateServiceInput) {
			in.NetworkConfiguration = w.network()
			in.NetworkConfiguration.AwsvpcConfiguration.Subnets = in.NetworkConfiguration.AwsvpcConfiguration.Subnets[:1]
		}},
		{"for another platform version", true, func(_ *world, in *ecs.UpdateServiceInput) {
			in.PlatformVersion = aws.String("1.4.0")
		}},
		{"not for the desired count", false, func(_ *world, in *ecs.UpdateServiceInput) {
			in.DesiredCount = aws.Int32(3)
		}},
		{"not for the deployment configuration", false, func(_ *world, in *ecs.UpdateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(150)}
		}},
		{"not for propagated tags and exec", false, func(_ *world, in *ecs.UpdateServiceInput) {
			in.PropagateTags, in.EnableECSManagedTags = types.PropagateTagsService, aws.Bool(true)
		}},
		{"for Service Connect", true, func(w *world, in *ecs.UpdateServiceInput) {
			w.Mutate(func(a *simulator.Account) { a.PutNamespace("shop") })
			in.ServiceConnectConfiguration = connect("shop", "tcp-8080", "web", 8080)
		}},
		{"not for turning off Service Connect that is off", false, func(_ *world, in *ecs.UpdateServiceInput) {
			in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{}
		}},
		{"when forced", true, func(_ *world, in *ecs.UpdateServiceInput) {
			in.ForceNewDeployment = true
		}},
		{"for another capacity provider, when forced", true, func(_ *world, in *ecs.UpdateServiceInput) {
			in.ForceNewDeployment = true
			in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			w.create("web")
			before := w.settle("web")
			in := &ecs.UpdateServiceInput{Service: aws.String("web")}
			c.edit(w, in)
			after := w.update(in)
			if rolls := *after.Deployments[0].Id != *before.Deployments[0].Id; rolls != c.rolls {
				t.Errorf("new deployment: %t, want %t", rolls, c.rolls)
			}
			if want := 1 + map[bool]int{true: 1}[c.rolls]; len(after.Deployments) != want {
				t.Errorf("%d deployments, want %d", len(after.Deployments), want)
			}
			if settled := w.settle("web"); settled.RunningCount != settled.DesiredCount {
				t.Errorf("running %d of %d", settled.RunningCount, settled.DesiredCount)
			}
		})
	}
}

func TestUpdateServiceRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	for _, c := range []struct {
		name string
		code string
		in   ecs.UpdateServiceInput
	}{
		{"an unknown service", "ServiceNotFoundException", ecs.UpdateServiceInput{Service: aws.String("nobody")}},
		{"an unknown task definition", "ClientException", ecs.UpdateServiceInput{TaskDefinition: aws.String("web:9")}},
		{"another capacity provider without force", "InvalidParameterException", ecs.UpdateServiceInput{
			CapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}},
		}},
		{"stop before start with zone rebalancing", "InvalidParameterException", ecs.UpdateServiceInput{
			DeploymentConfiguration: &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(0), MaximumPercent: aws.Int32(100)},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Cluster = aws.String("shop")
			if c.in.Service == nil {
				c.in.Service = aws.String("web")
			}
			if _, err := w.ecs.UpdateService(t.Context(), &c.in); code(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestUpdateServiceKeepsWhatIsNotSent(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	in := w.service("web")
	in.PropagateTags, in.DesiredCount = types.PropagateTagsService, aws.Int32(2)
	in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
	must(w.ecs.CreateService(t.Context(), in))(t)
	before := w.settle("web")
	after := w.update(&ecs.UpdateServiceInput{
		Service:                 aws.String("web"),
		DeploymentConfiguration: &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(50)},
	})
	if *after.DeploymentConfiguration.MinimumHealthyPercent != 50 {
		t.Error("the change is lost")
	}
	*before.DeploymentConfiguration.MinimumHealthyPercent = 50
	before.Tags = nil
	if text(before) != text(after) {
		t.Errorf("before %s\nafter %s", text(before), text(after))
	}
}

func TestDescribeServicesReportsWhatItDoesNotFind(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	out := must(w.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String("shop"), Services: []string{"web", "nobody"},
	}))(t)
	if len(out.Services) != 1 || out.Services[0].Tags != nil {
		t.Error("want one service, without the tags that were not asked for")
	}
	if len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" || !strings.HasSuffix(*out.Failures[0].Arn, "service/shop/nobody") {
		t.Error(text(out.Failures))
	}
	for _, n := range []int{0, 11} {
		_, err := w.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
			Cluster: aws.String("shop"), Services: make([]string, n),
		})
		if code(err) != "InvalidParameterException" && n > 0 {
			t.Errorf("%d services: %v", n, err)
		}
	}
}

func TestADeletedServiceDrainsAndStaysDescribed(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	in := &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web")}
	if _, err := w.ecs.DeleteService(t.Context(), in); code(err) != "InvalidParameterException" {
		t.Error("want a running service kept:", err)
	}
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	out := must(w.ecs.DeleteService(t.Context(), in))(t)
	states := []string{*out.Service.Status, *w.describe("web").Status, *w.describe("web").Status, *w.describe("web").Status}
	if got := strings.Join(states, " "); got != "DRAINING DRAINING INACTIVE INACTIVE" {
		t.Error(got)
	}
	if list := must(w.ecs.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("shop")}))(t); len(list.ServiceArns) != 0 {
		t.Error(list.ServiceArns)
	}
	if _, err := w.ecs.DeleteService(t.Context(), in); code(err) != "ServiceNotFoundException" {
		t.Error(err)
	}
	again := must(w.ecs.CreateService(t.Context(), w.service("web")))(t).Service
	if *again.Status != "ACTIVE" || *again.Deployments[0].Id == *out.Service.Deployments[0].Id {
		t.Error("want a new service under the old name, with a new deployment id")
	}
}

func TestAClusterWithServicesRefusesDeletion(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	in := &ecs.DeleteClusterInput{Cluster: aws.String("shop")}
	if _, err := w.ecs.DeleteCluster(t.Context(), in); code(err) != "ClusterContainsServicesException" {
		t.Error(err)
	}
	must(w.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true),
	}))(t)
	w.describe("web")
	w.describe("web")
	must(w.ecs.DeleteCluster(t.Context(), in))(t)
	out := must(w.ecs.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"shop", "nowhere"}}))(t)
	if *out.Clusters[0].Status != "INACTIVE" || *out.Failures[0].Reason != "MISSING" {
		t.Error(text(out))
	}
	_, err := w.ecs.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("shop")})
	if code(err) != "ClusterNotFoundException" {
		t.Error(err)
	}
}

func TestClusters(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx := t.Context()
	t.Run("the same call again changes nothing", func(t *testing.T) {
		in := &ecs.CreateClusterInput{ClusterName: aws.String("shop"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}}
		must(w.ecs.CreateCluster(ctx, in))(t)
		in.CapacityProviders = nil
		if _, err := w.ecs.CreateCluster(ctx, in); code(err) != "InvalidParameterException" {
			t.Error(err)
		}
	})
	t.Run("parts are answered only when asked for", func(t *testing.T) {
		in := &ecs.DescribeClustersInput{Clusters: []string{"shop"}}
		if c := must(w.ecs.DescribeClusters(ctx, in))(t).Clusters[0]; len(c.Settings) != 0 {
			t.Error(text(c))
		}
		in.Include = []types.ClusterField{types.ClusterFieldSettings}
		if c := must(w.ecs.DescribeClusters(ctx, in))(t).Clusters[0]; *c.Settings[0].Value != "disabled" {
			t.Error(text(c))
		}
	})
	t.Run("a provider in use stays", func(t *testing.T) {
		w.create("web")
		_, err := w.ecs.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
			Cluster: aws.String("shop"), CapacityProviders: []string{"FARGATE_SPOT"},
			DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{},
		})
		if code(err) != "ResourceInUseException" {
			t.Error(err)
		}
	})
	t.Run("settings and configuration are changed in place", func(t *testing.T) {
		out := must(w.ecs.UpdateClusterSettings(ctx, &ecs.UpdateClusterSettingsInput{
			Cluster:  aws.String("shop"),
			Settings: []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enhanced")}},
		}))(t)
		if *out.Cluster.Settings[0].Value != "enhanced" {
			t.Error(text(out))
		}
	})
}

func TestASecurityGroupInUseStays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	group := must(w.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("web"), Description: aws.String("web"),
	}))(t).GroupId
	w.register(definition("web"))
	in := w.service("web")
	in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{*group}
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("web")
	del := &ec2.DeleteSecurityGroupInput{GroupId: group}
	if _, err := w.ec2.DeleteSecurityGroup(t.Context(), del); code(err) != "DependencyViolation" {
		t.Error(err)
	}
	must(w.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true),
	}))(t)
	if _, err := w.ec2.DeleteSecurityGroup(t.Context(), del); code(err) != "DependencyViolation" {
		t.Error(err)
	}
	w.describe("web")
	w.describe("web")
	must(w.ec2.DeleteSecurityGroup(t.Context(), del))(t)
}
