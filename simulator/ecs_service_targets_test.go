package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// published is a world with an application load balancer, a listener on port 80
// and the revision web:1, which listens on 8080. Nothing is allowed yet.
type published struct {
	*network
	balancer, balancerGroup string
	listener                string
	tasksGroup              string
	targets                 string // target group of the listener's default action
}

func publish(t *testing.T, options simulator.Options) *published {
	t.Helper()
	p := &published{network: newNetwork(t, options)}
	p.prepare()
	p.register(definition("web"))
	p.balancerGroup, p.tasksGroup = p.group("balancer"), p.group("tasks")
	p.balancer = p.application("shop", p.balancerGroup)
	p.targets = p.network.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	p.listener = p.listen(p.balancer, elbtypes.ProtocolEnumHttp, 80, forward(p.targets))
	return p
}

// open lets the load balancer reach the tasks.
func (p *published) open() *published {
	p.allow(p.tasksGroup, 8080, p.balancerGroup)
	return p
}

// web is the service web behind these target groups.
func (p *published) web(groups ...string) *ecs.CreateServiceInput {
	in := p.service("web")
	in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{p.tasksGroup}
	in.NetworkConfiguration.AwsvpcConfiguration.Subnets = p.subnets[:2]
	in.LoadBalancers = inGroups(groups...)
	return in
}

func inGroups(groups ...string) []types.LoadBalancer {
	var list []types.LoadBalancer
	for _, arn := range groups {
		list = append(list, types.LoadBalancer{TargetGroupArn: &arn, ContainerName: aws.String("web"), ContainerPort: aws.Int32(8080)})
	}
	return list
}

func (p *published) start(in *ecs.CreateServiceInput) {
	p.t.Helper()
	must(p.ecs.CreateService(p.t.Context(), in))(p.t)
}

// health is the states of the targets of a group, sorted.
func (p *published) health(group string) string {
	p.t.Helper()
	var states []string
	for _, h := range must(p.elb.DescribeTargetHealth(p.t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: &group}))(p.t).TargetHealthDescriptions {
		states = append(states, string(h.TargetHealth.State))
	}
	slices.Sort(states)
	return strings.Join(states, " ")
}

// look is one describe read of the service web: its rollout state and, per
// deployment from the newest, its running tasks.
func (p *published) look() string {
	p.t.Helper()
	s := p.describe("web")
	got := string(s.Deployments[0].RolloutState)
	for _, d := range s.Deployments {
		got += fmt.Sprint(" ", d.RunningCount)
	}
	return got
}

// events tells whether the service web has told this.
func (p *published) told(words string) bool {
	p.t.Helper()
	return slices.ContainsFunc(p.describe("web").Events, func(e types.ServiceEvent) bool { return strings.Contains(*e.Message, words) })
}

func TestServicesRefuseLoadBalancers(t *testing.T) {
	p := publish(t, simulator.Options{})
	loose := p.network.targets("loose", elbtypes.ProtocolEnumHttp, 8080)
	in := p.newTargets("machines", elbtypes.ProtocolEnumHttp, 8080)
	in.TargetType = elbtypes.TargetTypeEnumInstance
	machines := *must(p.elb.CreateTargetGroup(t.Context(), in))(t).TargetGroups[0].TargetGroupArn
	for _, c := range []struct {
		name, words string
		list        []types.LoadBalancer
	}{
		{"an unknown target group", "does not exist", inGroups(p.targets + "x")},
		{"no target group", "does not exist", []types.LoadBalancer{{ContainerName: aws.String("web"), ContainerPort: aws.Int32(8080)}}},
		{"a target group without a load balancer", "does not have an associated load balancer", inGroups(loose)},
		{"a target group of instances", "incompatible with the awsvpc network mode", inGroups(machines)},
		{"six target groups", "at most 5", inGroups(p.targets, p.targets, p.targets, p.targets, p.targets, p.targets)},
		{"an unknown container", "container db does not exist", []types.LoadBalancer{
			{TargetGroupArn: &p.targets, ContainerName: aws.String("db"), ContainerPort: aws.Int32(8080)},
		}},
		{"an unknown port", "container port 80 defined", []types.LoadBalancer{
			{TargetGroupArn: &p.targets, ContainerName: aws.String("web"), ContainerPort: aws.Int32(80)},
		}},
	} {
		in := p.web()
		in.LoadBalancers = c.list
		_, err := p.ecs.CreateService(t.Context(), in)
		refused(t, c.name, err, "InvalidParameterException", c.words)
	}
	p.start(p.web(p.targets))
	_, err := p.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), LoadBalancers: inGroups(loose),
	})
	refused(t, "an update to a target group without a load balancer", err, "InvalidParameterException", "associated load balancer")
}

func TestTargetsBecomeHealthyAsTasksRun(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	in := p.web(p.targets)
	in.DesiredCount = aws.Int32(2)
	p.start(in)
	var got []string
	for range 3 {
		got = append(got, p.look()+": "+p.health(p.targets))
	}
	want := []string{"IN_PROGRESS 0: ", "IN_PROGRESS 2: initial initial", "COMPLETED 2: healthy healthy"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !p.told("registered 1 targets in (target-group " + p.targets) {
		t.Error("want an event of the registration")
	}
	p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	p.look()
	got = []string{p.health(p.targets), p.health(p.targets), p.health(p.targets)}
	if diff := cmp.Diff([]string{"draining draining", "draining draining", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTargetsWithoutDelayGoAtOnce(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	must(p.elb.ModifyTargetGroupAttributes(t.Context(), &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &p.targets, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("0")}},
	}))(t)
	p.start(p.web(p.targets))
	p.settle("web")
	must(p.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true)}))(t)
	p.describe("web")
	if got := p.health(p.targets); got != "" {
		t.Errorf("want no targets, got %s", got)
	}
}

func TestADeploymentWithUnhealthyTargetsFails(t *testing.T) {
	p := publish(t, simulator.Options{}) // nothing may reach the tasks
	p.start(p.web(p.targets))
	s := p.settle("web")
	if s.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed || s.Deployments[0].FailedTasks == 0 {
		t.Error(text(s.Deployments))
	}
	if task := p.onlyTask(types.DesiredStatusStopped); *task.StoppedReason != "Task failed ELB health checks in (target-group "+p.targets+")" {
		t.Error(text(task))
	}
	if !p.told("(port 8080) is unhealthy in (target-group " + p.targets + ") due to (reason Request timed out)") {
		t.Error(text(p.describe("web").Events))
	}
}

func TestADeploymentWithUnhealthyTargetsDoesNotComplete(t *testing.T) {
	p := publish(t, simulator.Options{})
	in := p.web(p.targets)
	in.DeploymentConfiguration = nil // no circuit breaker
	p.start(in)
	for range 12 {
		if got := p.look(); !strings.HasPrefix(got, "IN_PROGRESS") {
			t.Fatal(got)
		}
	}
	if n := p.describe("web").Deployments[0].FailedTasks; n < 2 {
		t.Errorf("%d failed tasks, want one after the other", n)
	}
	p.open()
	if s := p.settle("web"); s.Deployments[0].RolloutState != types.DeploymentRolloutStateCompleted {
		t.Error(text(s.Deployments))
	}
}

// TestADeploymentSucceedsEarly has tasks of which the load balancer reaches some, until the
// others are replaced.
func TestADeploymentSucceedsEarly(t *testing.T) {
	looks := func(percent int32) (n int) {
		p := publish(t, simulator.Options{}).open()
		in := p.web(p.targets)
		in.DesiredCount = aws.Int32(6)
		in.NetworkConfiguration.AwsvpcConfiguration.Subnets = p.subnets[1:3] // the load balancer has the first two
		in.DeploymentConfiguration = &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(0)}
		if percent > 0 {
			in.DeploymentConfiguration.EarlySuccessCriteria = &types.DeploymentEarlySuccessCriteria{
				Enable: true, HealthyPercent: &percent, SourceServiceRevisionCleanup: types.ServiceRevisionCleanupBlocking,
			}
		}
		p.start(in)
		for n = 1; n < 20 && p.describe("web").Deployments[0].RolloutState != types.DeploymentRolloutStateCompleted; n++ {
		}
		return n
	}
	late, early, same := looks(0), looks(10), looks(100)
	if early >= late || same != late || late == 20 {
		t.Errorf("without criteria %d looks, with 10 percent %d, with 100 percent %d", late, early, same)
	}
}

func TestAnUnhealthyDeploymentIsRolledBack(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	p.start(p.web(p.targets))
	good := *p.settle("web").TaskDefinition
	bad := definition("web") // another port than the group allows
	bad.ContainerDefinitions[0].PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(9090)}}
	p.register(bad)
	p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: aws.String("web:2"), LoadBalancers: []types.LoadBalancer{
		{TargetGroupArn: &p.targets, ContainerName: aws.String("web"), ContainerPort: aws.Int32(9090)},
	}})
	for range 12 {
		if got := p.describe("web"); got.RunningCount < 1 {
			t.Fatalf("the old task went before the new one was healthy: %s", text(got.Deployments))
		}
	}
	s := p.describe("web")
	if *s.TaskDefinition != good || *s.LoadBalancers[0].ContainerPort != 8080 || len(s.Deployments) != 1 {
		t.Error(text(s))
	}
	if got := p.health(p.targets); !strings.Contains(got, "healthy") || strings.Contains(got, "unhealthy") {
		t.Error(got)
	}
}

func TestGracePeriodPassesOverFailedChecks(t *testing.T) {
	stopped := func(seconds int32) int {
		p := publish(t, simulator.Options{})
		in := p.web(p.targets)
		in.HealthCheckGracePeriodSeconds, in.DeploymentConfiguration = &seconds, nil
		p.start(in)
		for reads := 1; ; reads++ {
			if p.describe("web").Deployments[0].FailedTasks > 0 || reads > 30 {
				return reads
			}
		}
	}
	none, minutes, day := stopped(0), stopped(90), stopped(86400)
	if minutes != none+2 || day <= minutes || day > 30 {
		t.Errorf("the first task was stopped after %d reads without a grace period, %d with 90 seconds, %d with a day", none, minutes, day)
	}
}

func TestNewTargetGroupsAreServedBeforeOldOnesAreLeft(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	in := p.web(p.targets)
	in.DesiredCount = aws.Int32(2)
	p.start(in)
	p.settle("web")
	next := p.network.targets("next", elbtypes.ProtocolEnumHttp, 8080)
	p.rule(p.listener, 10, next)
	p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), LoadBalancers: inGroups(next)})
	var got []string
	for range 3 {
		got = append(got, p.look()+": "+p.health(p.targets)+" / "+p.health(next))
	}
	want := []string{
		"IN_PROGRESS 0 2: healthy healthy / ",
		"IN_PROGRESS 2 2: healthy healthy / initial initial",
		"COMPLETED 2: draining draining / healthy healthy",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATightDeploymentKeepsItsMinimum(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	in := p.web(p.targets)
	in.DesiredCount = aws.Int32(4)
	in.DeploymentConfiguration = &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(75), MaximumPercent: aws.Int32(125)}
	p.start(in)
	p.settle("web")
	p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	for range 20 {
		s := p.describe("web")
		healthy := strings.Count(p.health(p.targets), "healthy")
		if healthy < 3 || s.RunningCount > 5 {
			t.Fatalf("%d healthy targets and %d tasks, want at least 3 and at most 5", healthy, s.RunningCount)
		}
		if s.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted && len(s.Deployments) == 1 {
			return
		}
	}
	t.Error("the deployment did not complete")
}

func TestASettledServiceReplacesUnhealthyTasks(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	p.start(p.web(p.targets))
	p.settle("web")
	first := *p.onlyTask(types.DesiredStatusRunning).TaskArn
	rule := must(p.ec2.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{p.tasksGroup}}},
	}))(t).SecurityGroupRules
	for _, r := range rule {
		if !*r.IsEgress {
			must(p.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
				GroupId: &p.tasksGroup, SecurityGroupRuleIds: []string{*r.SecurityGroupRuleId},
			}))(t)
		}
	}
	p.look()
	if got := p.health(p.targets); got != "healthy" {
		t.Errorf("want one failed check to change nothing, got %s", got)
	}
	p.look()
	p.look()
	p.open()
	p.look()
	p.look()
	if second := *p.onlyTask(types.DesiredStatusRunning).TaskArn; second == first {
		t.Error("want another task")
	}
	if got := p.health(p.targets); got != "draining healthy" && got != "healthy" {
		t.Error(got)
	}
}

func TestTargetsThatNobodyUses(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	p.start(p.web(p.targets))
	p.settle("web")
	must(p.elb.DeleteListener(t.Context(), &elb.DeleteListenerInput{ListenerArn: &p.listener}))(t)
	describe := func() *elbtypes.TargetHealth {
		t.Helper()
		return must(p.elb.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: &p.targets}))(t).TargetHealthDescriptions[0].TargetHealth
	}
	if h := describe(); h.State != elbtypes.TargetHealthStateEnumUnused || h.Reason != elbtypes.TargetHealthReasonEnumNotInUse {
		t.Error(text(h))
	}
	if got := p.look(); got != "COMPLETED 1" {
		t.Errorf("want the task to stay, got %s", got)
	}
	// An update that leaves the target groups alone does not ask for them.
	p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(1)})
	p.listen(p.balancer, elbtypes.ProtocolEnumHttp, 80, forward(p.targets))
	describe()
	if h := describe(); h.State != elbtypes.TargetHealthStateEnumHealthy {
		t.Error(text(h))
	}
}

func TestTasksInAZoneThatIsNotEnabled(t *testing.T) {
	p := publish(t, simulator.Options{}).open()
	in := p.web(p.targets)
	in.NetworkConfiguration.AwsvpcConfiguration.Subnets = p.subnets[2:] // the load balancer has the first two
	p.start(in)
	if s := p.settle("web"); s.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed {
		t.Error(text(s.Deployments))
	}
	if !p.told("Availability Zone that is not enabled") {
		t.Error(text(p.describe("web").Events))
	}
}

func TestWhatLetsHealthChecksThrough(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(p *published) // the tasks' group lets nothing in, the load balancer's everything out
		want  string
	}{
		{"nothing", func(*published) {}, "unhealthy"},
		{"the load balancer's group on the port", func(p *published) { p.allow(p.tasksGroup, 8080, p.balancerGroup) }, "healthy"},
		{"the load balancer's group on another port", func(p *published) { p.allow(p.tasksGroup, 80, p.balancerGroup) }, "unhealthy"},
		{"another group", func(p *published) { p.allow(p.tasksGroup, 8080, p.group("peer")) }, "unhealthy"},
		{"the group itself, which the load balancer does not have", func(p *published) { p.allow(p.tasksGroup, 8080, p.tasksGroup) }, "unhealthy"},
		{"the group itself, which the load balancer has too", func(p *published) {
			p.allow(p.tasksGroup, 8080, p.tasksGroup)
			p.setGroups(p.balancerGroup, p.tasksGroup)
		}, "healthy"},
		{"the addresses of the VPC", func(p *published) { p.receive(p.tasksGroup, tcp(8080, "172.31.0.0/16")) }, "healthy"},
		{"the addresses of one subnet of two", func(p *published) { p.receive(p.tasksGroup, tcp(8080, "172.31.0.0/20")) }, "unhealthy"},
		{"the addresses of both subnets, one by one", func(p *published) {
			p.receive(p.tasksGroup, tcp(8080, "172.31.0.0/20"))
			p.receive(p.tasksGroup, tcp(8080, "172.31.16.0/20"))
		}, "healthy"},
		{"half of the addresses of both subnets", func(p *published) {
			p.receive(p.tasksGroup, tcp(8080, "172.31.0.0/21"))
			p.receive(p.tasksGroup, tcp(8080, "172.31.16.0/21"))
		}, "unhealthy"},
		{"somebody's address", func(p *published) { p.receive(p.tasksGroup, tcp(8080, "198.51.100.7/32")) }, "unhealthy"},
		{"a load balancer that may not send", func(p *published) {
			p.allow(p.tasksGroup, 8080, p.balancerGroup)
			p.closeOut(p.balancerGroup)
		}, "unhealthy"},
		{"a load balancer that may send to the tasks' group", func(p *published) {
			p.allow(p.tasksGroup, 8080, p.balancerGroup)
			p.closeOut(p.balancerGroup)
			p.send(p.balancerGroup, ec2types.IpPermission{
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8080), ToPort: aws.Int32(8080),
				UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &p.tasksGroup}},
			})
		}, "healthy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := publish(t, simulator.Options{})
			c.setup(p)
			in := p.web(p.targets)
			in.HealthCheckGracePeriodSeconds = aws.Int32(3600) // keeps the task
			p.start(in)
			for range 6 {
				p.look()
			}
			if got := p.health(p.targets); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func (p *published) setGroups(groups ...string) {
	p.t.Helper()
	must(p.elb.SetSecurityGroups(p.t.Context(), &elb.SetSecurityGroupsInput{LoadBalancerArn: &p.balancer, SecurityGroups: groups}))(p.t)
}

func (n *network) receive(group string, permission ec2types.IpPermission) {
	n.t.Helper()
	must(n.ec2.AuthorizeSecurityGroupIngress(n.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &group, IpPermissions: []ec2types.IpPermission{permission},
	}))(n.t)
}

func (n *network) send(group string, permission ec2types.IpPermission) {
	n.t.Helper()
	must(n.ec2.AuthorizeSecurityGroupEgress(n.t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{
		GroupId: &group, IpPermissions: []ec2types.IpPermission{permission},
	}))(n.t)
}

// closeOut takes the rule away that lets a group send anything.
func (n *network) closeOut(group string) {
	n.t.Helper()
	must(n.ec2.RevokeSecurityGroupEgress(n.t.Context(), &ec2.RevokeSecurityGroupEgressInput{
		GroupId: &group, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		}},
	}))(n.t)
}

func TestTargetsOfNetworkLoadBalancers(t *testing.T) {
	mapping := func(protocol types.TransportProtocol, ports ...int32) []types.PortMapping {
		var list []types.PortMapping
		for _, port := range ports {
			list = append(list, types.PortMapping{ContainerPort: aws.Int32(port), Protocol: protocol})
		}
		return list
	}
	for _, c := range []struct {
		name     string
		protocol elbtypes.ProtocolEnum
		ports    []types.PortMapping
		check    string // health check port
		groups   bool   // whether the load balancer has a security group
		cidr     string // that may reach the tasks; empty means the load balancer's group
		want     string
	}{
		{"TCP", elbtypes.ProtocolEnumTcp, mapping(types.TransportProtocolTcp, 5353), "traffic-port", true, "", "healthy"},
		{"TCP without a group, by address", elbtypes.ProtocolEnumTcp, mapping(types.TransportProtocolTcp, 5353), "traffic-port", false, "172.31.0.0/16", "healthy"},
		{"TCP without a group, by nobody's address", elbtypes.ProtocolEnumTcp, mapping(types.TransportProtocolTcp, 5353), "traffic-port", false, "198.51.100.0/24", "unhealthy"},
		{"UDP, checked on its own port", elbtypes.ProtocolEnumUdp, mapping(types.TransportProtocolUdp, 5353), "traffic-port", true, "", "unhealthy"},
		{"UDP, checked on a TCP port", elbtypes.ProtocolEnumUdp, append(mapping(types.TransportProtocolUdp, 5353), mapping(types.TransportProtocolTcp, 8080)...), "8080", true, "", "healthy"},
		{"both on one port", elbtypes.ProtocolEnumTcpUdp, mapping(types.TransportProtocolUdp, 5353), "traffic-port", true, "", "healthy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := publish(t, simulator.Options{})
			var groups []string
			if c.groups {
				groups = []string{p.balancerGroup}
			}
			in := p.newTargets("dns", c.protocol, 5353)
			in.HealthCheckPort = &c.check
			dns := *must(p.elb.CreateTargetGroup(t.Context(), in))(t).TargetGroups[0].TargetGroupArn
			p.listen(p.networkBalancer("dns", groups...), c.protocol, 53, forward(dns))
			for _, port := range []int32{5353, 8080} {
				if c.cidr == "" {
					p.allow(p.tasksGroup, port, p.balancerGroup)
				} else {
					p.receive(p.tasksGroup, tcp(port, c.cidr))
				}
			}
			td := definition("web")
			td.ContainerDefinitions[0].PortMappings = c.ports
			p.register(td)
			web := p.web()
			web.HealthCheckGracePeriodSeconds = aws.Int32(3600)
			web.LoadBalancers = []types.LoadBalancer{{TargetGroupArn: &dns, ContainerName: aws.String("web"), ContainerPort: aws.Int32(5353)}}
			p.start(web)
			for range 6 {
				p.look()
			}
			if got := p.health(dns); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTargetsByHand(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	web := n.targets("web", elbtypes.ProtocolEnumHttp, 8080)
	register := func(target elbtypes.TargetDescription) error {
		_, err := n.elb.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: &web, Targets: []elbtypes.TargetDescription{target}})
		return err
	}
	inside := elbtypes.TargetDescription{Id: aws.String("172.31.0.9")}
	refused(t, "an address of the VPC", register(inside), "", "")
	refused(t, "no address", register(elbtypes.TargetDescription{Id: aws.String("i-0123")}), "ValidationError", "not a valid IPv4 address")
	refused(t, "a public address", register(elbtypes.TargetDescription{Id: aws.String("198.51.100.7")}), "InvalidTarget", "not within the VPC")
	refused(t, "a private address without a zone", register(elbtypes.TargetDescription{Id: aws.String("10.0.0.9")}), "ValidationError", "Availability Zone")
	refused(t, "a private address with a zone", register(elbtypes.TargetDescription{Id: aws.String("10.0.0.9"), AvailabilityZone: aws.String("all")}), "", "")
	states := func(targets ...elbtypes.TargetDescription) string {
		t.Helper()
		out := must(n.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &web, Targets: targets}))(t)
		var list []string
		for _, h := range out.TargetHealthDescriptions {
			list = append(list, fmt.Sprintf("%s:%d %s %s", *h.Target.Id, *h.Target.Port, h.TargetHealth.State, h.TargetHealth.Reason))
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	}
	var got []string
	got = append(got, states(inside, elbtypes.TargetDescription{Id: aws.String("172.31.0.10")}))
	n.listen(n.application("shop"), elbtypes.ProtocolEnumHttp, 80, forward(web))
	got = append(got, states(inside), states(inside), states(inside))
	must(n.elb.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{TargetGroupArn: &web, Targets: []elbtypes.TargetDescription{inside, {Id: aws.String("172.31.0.99")}}}))(t)
	got = append(got, states(inside), states(inside), states(inside))
	want := []string{
		"172.31.0.10:8080 unused Target.NotRegistered, 172.31.0.9:8080 unused Target.NotInUse",
		"172.31.0.9:8080 initial Elb.RegistrationInProgress",
		"172.31.0.9:8080 initial Elb.RegistrationInProgress",
		"172.31.0.9:8080 unhealthy Target.Timeout", // no task has the address
		"172.31.0.9:8080 draining Target.DeregistrationInProgress",
		"172.31.0.9:8080 draining Target.DeregistrationInProgress",
		"172.31.0.9:8080 unused Target.NotRegistered",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
