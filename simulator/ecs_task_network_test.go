package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

const privateImage = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1"

// everything is the services that a task with a private image and logs needs.
var everything = []string{"ecr.api", "ecr.dkr", "s3", "logs"}

// TestWhatATaskReachesFor puts a task into networks of all kinds. The pull itself
// is not in question here: the reason it stops for is, "" where none of the
// network's.
func TestWhatATaskReachesFor(t *testing.T) {
	const auth, manifest, logs = "cannot pull registry auth", "pull image manifest", "failed to create Cloudwatch log stream"
	for _, c := range []struct {
		name    string
		network simulator.Network
		want    string
		public  bool // whether it runs in the public subnets, with an address
		edit    func(w *world, vpc simulator.Made, td *ecs.RegisterTaskDefinitionInput)
	}{
		{name: "a public subnet", public: true},
		{name: "a NAT gateway", network: simulator.Network{NAT: true}},
		{name: "no way out", want: auth},
		{name: "all endpoints", network: simulator.Network{Endpoints: everything}},
		{name: "no endpoint for the registry's API", network: simulator.Network{Endpoints: []string{"ecr.dkr", "s3", "logs"}}, want: auth},
		{name: "no endpoint for the registry", network: simulator.Network{Endpoints: []string{"ecr.api", "s3", "logs"}}, want: manifest},
		{name: "no endpoint for the layers", network: simulator.Network{Endpoints: []string{"ecr.api", "ecr.dkr", "logs"}}, want: "layer-bucket"},
		{name: "no endpoint for logs", network: simulator.Network{Endpoints: []string{"ecr.api", "ecr.dkr", "s3"}}, want: logs},
		{
			name: "an image of elsewhere behind endpoints", network: simulator.Network{Endpoints: everything}, want: manifest,
			edit: func(_ *world, _ simulator.Made, td *ecs.RegisterTaskDefinitionInput) {
				td.ContainerDefinitions[0].Image = aws.String("nginx:1.27")
			},
		},
		{
			name: "a registry of another region behind endpoints", network: simulator.Network{Endpoints: everything}, want: manifest,
			edit: func(_ *world, _ simulator.Made, td *ecs.RegisterTaskDefinitionInput) {
				td.ContainerDefinitions[0].Image = aws.String(strings.ReplaceAll(privateImage, "us-east-1", "eu-west-1"))
			},
		},
		{
			name: "secrets without an endpoint", network: simulator.Network{Endpoints: everything}, want: "unable to retrieve secrets from ssm",
			edit: withSecret,
		},
		{name: "secrets with an endpoint", network: simulator.Network{Endpoints: append([]string{"ssm"}, everything...)}, edit: withSecret},
		{
			name: "an endpoint that lets nobody in, NAT or not", network: simulator.Network{NAT: true, Endpoints: everything}, want: auth,
			edit: func(w *world, _ simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.Mutate(func(a *simulator.Account) {
					for id, rule := range a.SecurityGroupRules.All() {
						if aws.ToString(rule.CidrIpv4) == "10.1.0.0/16" {
							a.SecurityGroupRules.Edit(id).CidrIpv4 = aws.String("10.9.0.0/16")
						}
					}
				})
			},
		},
		{
			name: "security groups that let nothing out", network: simulator.Network{NAT: true}, want: auth,
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) { w.egress(vpc.Vpc) },
		},
		{
			name: "security groups that let HTTPS out", network: simulator.Network{NAT: true},
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, tcp(443, "0.0.0.0/0"))
			},
		},
		{
			name: "security groups that let HTTPS out to the endpoints but not to S3", network: simulator.Network{Endpoints: everything}, want: "layer-bucket",
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, tcp(443, "10.1.0.0/16"))
			},
		},
		{
			name: "security groups that let HTTPS out to the groups of endpoints and the prefix list of S3", network: simulator.Network{Endpoints: everything},
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, w.toEndpoints(vpc.Vpc, everything...)...)
			},
		},
		{
			name: "the same beside a NAT gateway, for an image of elsewhere", network: simulator.Network{NAT: true, Endpoints: everything}, want: manifest,
			edit: func(w *world, vpc simulator.Made, td *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, w.toEndpoints(vpc.Vpc, everything...)...)
				td.ContainerDefinitions[0].Image = aws.String("nginx:1.27")
			},
		},
		{
			name: "security groups that leave out the group of one endpoint", network: simulator.Network{NAT: true, Endpoints: everything}, want: logs,
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, w.toEndpoints(vpc.Vpc, "ecr.api", "ecr.dkr", "s3")...)
			},
		},
		{
			name: "security groups that leave out the prefix list of S3", network: simulator.Network{NAT: true, Endpoints: everything}, want: "layer-bucket",
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, w.toEndpoints(vpc.Vpc, "ecr.api", "ecr.dkr", "logs")...)
			},
		},
		{
			name:    "security groups with the prefix list of another service",
			network: simulator.Network{Endpoints: append([]string{"dynamodb"}, everything...)}, want: "layer-bucket",
			edit: func(w *world, vpc simulator.Made, _ *ecs.RegisterTaskDefinitionInput) {
				w.egress(vpc.Vpc, w.toEndpoints(vpc.Vpc, "ecr.api", "ecr.dkr", "logs", "dynamodb")...)
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			c.network.CIDR, c.network.Public, c.network.Private = "10.1.0.0/16", []string{"a"}, []string{"a", "b"}
			made := w.put(c.network)
			td := definition("web")
			td.ContainerDefinitions[0].Image = aws.String(privateImage)
			if c.edit != nil {
				c.edit(w, made, td)
			}
			w.register(td)
			in := w.service("web")
			in.NetworkConfiguration.AwsvpcConfiguration = &types.AwsVpcConfiguration{Subnets: made.Private}
			if c.public {
				in.NetworkConfiguration.AwsvpcConfiguration = &types.AwsVpcConfiguration{Subnets: made.Public, AssignPublicIp: types.AssignPublicIpEnabled}
			}
			must(w.ecs.CreateService(t.Context(), in))(t)
			got := w.whyStopped("web")
			if c.want == "" && (strings.Contains(got, "connection issue") || strings.Contains(got, "timeout")) ||
				c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// whyStopped is why the first task of a service stopped, empty when it runs.
func (w *world) whyStopped(service string) string {
	w.t.Helper()
	w.describe(service)
	stopped := must(w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{
		Cluster: aws.String("shop"), ServiceName: &service, DesiredStatus: types.DesiredStatusStopped,
	}))(w.t).TaskArns
	if len(stopped) == 0 {
		return ""
	}
	out := must(w.ecs.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: stopped[:1]}))(w.t)
	return *out.Tasks[0].StoppedReason
}

func (w *world) put(n simulator.Network) (made simulator.Made) {
	w.Mutate(func(a *simulator.Account) { made = a.PutNetwork(n) })
	return made
}

func withSecret(w *world, _ simulator.Made, td *ecs.RegisterTaskDefinitionInput) {
	w.parameter("/shop/password")
	td.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/shop/password")}}
}

// egress leaves the default security group of a VPC with these ways out.
func (w *world) egress(vpc string, allowed ...ec2types.IpPermission) {
	w.t.Helper()
	group := must(w.ec2.DescribeSecurityGroups(w.t.Context(), &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{filter("vpc-id", vpc), filter("group-name", "default")},
	}))(w.t).SecurityGroups[0]
	must(w.ec2.RevokeSecurityGroupEgress(w.t.Context(), &ec2.RevokeSecurityGroupEgressInput{
		GroupId: group.GroupId, IpPermissions: group.IpPermissionsEgress,
	}))(w.t)
	if len(allowed) > 0 {
		must(w.ec2.AuthorizeSecurityGroupEgress(w.t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{
			GroupId: group.GroupId, IpPermissions: allowed,
		}))(w.t)
	}
}

// toEndpoints are permissions that lead to VPC endpoints alone: by the security
// groups of interface endpoints, by the prefix list in a route to a gateway.
func (w *world) toEndpoints(vpc string, services ...string) []ec2types.IpPermission {
	w.t.Helper()
	of := filter("vpc-id", vpc)
	tables := must(w.ec2.DescribeRouteTables(w.t.Context(), &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{of}}))(w.t).RouteTables
	lists := map[string]*string{} // by endpoint
	for _, table := range tables {
		for _, route := range table.Routes {
			lists[aws.ToString(route.GatewayId)] = route.DestinationPrefixListId
		}
	}
	var out []ec2types.IpPermission
	endpoints := must(w.ec2.DescribeVpcEndpoints(w.t.Context(), &ec2.DescribeVpcEndpointsInput{Filters: []ec2types.Filter{of}}))(w.t).VpcEndpoints
	for _, e := range endpoints {
		_, service, _ := strings.Cut(*e.ServiceName, "us-east-1.")
		if !slices.Contains(services, service) {
			continue
		}
		p := ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443)}
		if list := lists[*e.VpcEndpointId]; list != nil {
			p.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: list}}
		} else {
			p.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: e.Groups[0].GroupId}}
		}
		out = append(out, p)
	}
	return out
}

func TestTasksHaveAddressesOfTheirSubnetEachItsOwn(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	made := w.put(simulator.Network{Name: "small", CIDR: "10.1.0.0/16", Private: []string{"a"}, NAT: true})
	w.register(definition("web"))
	in := w.service("web")
	in.DesiredCount = aws.Int32(60)
	in.NetworkConfiguration.AwsvpcConfiguration = &types.AwsVpcConfiguration{Subnets: made.Private}
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("web")
	seen := map[string]bool{}
	for _, eni := range must(w.ec2.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{}))(t).NetworkInterfaces {
		if !strings.HasPrefix(*eni.PrivateIpAddress, "10.1.0.") {
			t.Errorf("%s is not of 10.1.0.0/24", *eni.PrivateIpAddress)
		}
		seen[*eni.PrivateIpAddress] = true
	}
	if len(seen) != 60 {
		t.Errorf("%d addresses for 60 tasks", len(seen))
	}
}

func TestServicesReachEachOtherThroughTheirSecurityGroups(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	n.prepare()
	front, back := n.group("front"), n.group("back")
	n.allow(back, 5432, back)
	for service, groups := range map[string][]string{"web": {front}, "api": {front, back}, "db": {back}} {
		n.register(definition(service))
		in := n.service(service)
		in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = groups
		must(n.ecs.CreateService(t.Context(), in))(t)
		n.settle(service)
	}
	for _, c := range []struct {
		from, to string
		port     int
		want     bool
	}{
		{"api", "db", 5432, true},
		{"api", "db", 5433, false},
		{"web", "db", 5432, false},
		{"db", "api", 5432, true},
		{"db", "web", 5432, false},
		{"api", "none", 5432, false},
	} {
		var got bool
		n.Mutate(func(a *simulator.Account) { got = a.Reaches("shop", c.from, c.to, c.port) })
		if got != c.want {
			t.Errorf("%s to %s:%d: got %t, want %t", c.from, c.to, c.port, got, c.want)
		}
	}
	must(n.ec2.RevokeSecurityGroupEgress(t.Context(), &ec2.RevokeSecurityGroupEgressInput{
		GroupId: &back, IpPermissions: []ec2types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}},
	}))(t)
	n.Mutate(func(a *simulator.Account) {
		if a.Reaches("shop", "db", "api", 5432) {
			t.Error("want db let out no more")
		}
	})
}
