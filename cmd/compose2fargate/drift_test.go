package main

import (
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	cloudmaptypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// drifting has something of every kind that stands in a network.
const drifting = `name: shop
x-fargate: {domain: shop.example.com, tags: {team: web}, log_retention: 7}
services:
  web:
    image: nginx:1
    scale: 1
    ports: ["80:80", "2222:22"]
    environment: {STATS: "stats.shop.internal:8125"}
    x-fargate: {policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}
  stats:
    image: example/statsd:1
    expose: ["8125/udp"]
    x-fargate: {discovery: {mode: dns}}
`

// drifts are things that others may change of it, by the address of what is
// changed.
var drifts = map[string]map[string]func(behind){
	"load-balancer/application": {
		"idle timeout": func(b behind) { b.balancer("app").Attributes["idle_timeout.timeout_seconds"] = "61" },
		"subnets": func(b behind) {
			balancer := b.balancer("app")
			balancer.AvailabilityZones = balancer.AvailabilityZones[1:]
		},
		"security groups": func(b behind) { b.balancer("app").SecurityGroups = b.balancer("net").SecurityGroups },
		"tag":             func(b behind) { b.retag(":loadbalancer/app/") },
	},
	"load-balancer/network": {
		"cross zone":   func(b behind) { b.balancer("net").Attributes["load_balancing.cross_zone.enabled"] = "false" },
		"address type": func(b behind) { b.balancer("net").IpAddressType = elbtypes.IpAddressTypeDualstack },
	},
	"target-group/web.80": {
		"path":      func(b behind) { b.targets(80).HealthCheckPath = aws.String("/up") },
		"codes":     func(b behind) { b.targets(80).Matcher = &elbtypes.Matcher{HttpCode: aws.String("204")} },
		"interval":  func(b behind) { b.targets(80).HealthCheckIntervalSeconds = aws.Int32(77) },
		"timeout":   func(b behind) { b.targets(80).HealthCheckTimeoutSeconds = aws.Int32(2) },
		"healthy":   func(b behind) { b.targets(80).HealthyThresholdCount = aws.Int32(9) },
		"unhealthy": func(b behind) { b.targets(80).UnhealthyThresholdCount = aws.Int32(9) },
		"port":      func(b behind) { b.targets(80).HealthCheckPort = aws.String("81") },
		"delay":     func(b behind) { b.targets(80).Attributes["deregistration_delay.timeout_seconds"] = "1" },
		"tag":       func(b behind) { b.retag(":targetgroup/shop-web-80-") },
	},
	"target-group/web.22": {
		"protocol": func(b behind) {
			g := b.targets(22)
			g.HealthCheckProtocol, g.HealthCheckPath = elbtypes.ProtocolEnumHttp, aws.String("/")
			g.Matcher = &elbtypes.Matcher{HttpCode: aws.String("200")}
		},
	},
	"listener/application.443": {
		"policy":            func(b behind) { b.listener(443).SslPolicy = aws.String("ELBSecurityPolicy-2016-08") },
		"certificate":       func(b behind) { b.listener(443).Certificates[0].CertificateArn = aws.String(b.PutCertificate("x.org")) },
		"more certificates": func(b behind) { b.listener(443).More = []string{b.PutCertificate("y.org")} },
		"default action":    func(b behind) { b.listener(443).DefaultActions[0].FixedResponseConfig.StatusCode = aws.String("503") },
	},
	"listener/application.80": {
		"redirect": func(b behind) {
			b.listener(80).DefaultActions[0].RedirectConfig.StatusCode = elbtypes.RedirectActionStatusCodeEnumHttp302
		},
	},
	"listener/network.2222": {
		"tag": func(b behind) { b.retag(":listener/net/") },
	},
	"listener-rule/web.80": {
		"paths": func(b behind) { b.rule().Conditions[0].PathPatternConfig.Values = []string{"/only"} },
		"action": func(b behind) {
			b.rule().Actions = []elbtypes.Action{{
				Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("503")},
			}}
		},
		"priority": func(b behind) { b.rule().Priority = aws.String("7") },
		"tag":      func(b behind) { b.retag(":listener-rule/app/") },
		"gone": func(b behind) {
			arn := *b.rule().RuleArn
			b.ListenerRules.Delete(arn)
			b.Tags.Delete(arn)
		},
	},
	"security-group/load-balancer.network": {
		"one rule more": func(b behind) {
			rule := *b.groupRule("net", false)
			rule.SecurityGroupRuleId, rule.CidrIpv4 = aws.String("sgr-0123456789abcdef0"), aws.String("10.0.0.0/8")
			b.SecurityGroupRules.Put(*rule.SecurityGroupRuleId, rule)
		},
		"one rule less": func(b behind) { b.SecurityGroupRules.Delete(*b.groupRule("net", false).SecurityGroupRuleId) },
		"the way out":   func(b behind) { b.groupRule("net", true).ToPort = aws.Int32(23) },
		"what it is for": func(b behind) {
			b.groupRule("net", false).Description = aws.String("somebody's")
			b.groupRule("net", true).Description = aws.String("somebody's")
		},
	},
	"record/shop.example.com": {
		"target": func(b behind) { b.record().AliasTarget.DNSName = aws.String("dualstack.old.example.com.") },
		"gone": func(b behind) {
			b.Records.Delete(only(b, b.Records.All(), func(_ string, r *route53types.ResourceRecordSet) bool { return r.AliasTarget != nil }))
		},
	},
	"certificate/shop.example.com": {"tag": func(b behind) { b.retag(":certificate/") }},
	"namespace/shop": {
		"description": func(b behind) { b.namespace(cloudmaptypes.NamespaceTypeHttp).Description = aws.String("somebody's") },
	},
	"namespace/shop.dns": {
		"description": func(b behind) {
			b.namespace(cloudmaptypes.NamespaceTypeDnsPrivate).Description = aws.String("somebody's")
		},
		"tag": func(b behind) { b.retag(*b.namespace(cloudmaptypes.NamespaceTypeDnsPrivate).Arn) },
	},
	"discovery-service/stats": {
		"time to live": func(b behind) { b.discovered().DnsConfig.DnsRecords[0].TTL = aws.Int64(7) },
		"description":  func(b behind) { b.discovered().Description = aws.String("somebody's") },
		"tag":          func(b behind) { b.retag(*b.discovered().Arn) },
	},
	"service/web": {
		"count":        func(b behind) { b.Services.Edit("shop/web").DesiredCount = 0 },
		"grace period": func(b behind) { b.Services.Edit("shop/web").HealthCheckGracePeriodSeconds = aws.Int32(1) },
		"minimum healthy": func(b behind) {
			b.Services.Edit("shop/web").DeploymentConfiguration.MinimumHealthyPercent = aws.Int32(10)
		},
		"alarms": func(b behind) {
			b.Services.Edit("shop/web").DeploymentConfiguration.Alarms = &ecstypes.DeploymentAlarms{AlarmNames: []string{"somebody's"}, Enable: true}
		},
		"threshold": func(b behind) {
			b.Services.Edit("shop/web").DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration.Value = 90
		},
		"reset": func(b behind) {
			b.Services.Edit("shop/web").DeploymentConfiguration.DeploymentCircuitBreaker.ResetOnHealthyTask = aws.Bool(false)
		},
		"early success": func(b behind) {
			b.Services.Edit("shop/web").DeploymentConfiguration.EarlySuccessCriteria = &ecstypes.DeploymentEarlySuccessCriteria{
				Enable: true, HealthyPercent: aws.Int32(100), SourceServiceRevisionCleanup: ecstypes.ServiceRevisionCleanupDeferred,
			}
		},
		"capacity": func(b behind) {
			b.Services.Edit("shop/web").CapacityProviderStrategy = []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
		},
		"load balancers": func(b behind) { s := b.Services.Edit("shop/web"); s.LoadBalancers = s.LoadBalancers[1:] },
		"tag":            func(b behind) { b.retag(":service/shop/web") },
	},
	"service/stats": {
		"registry": func(b behind) { b.Services.Edit("shop/stats").ServiceRegistries = []ecstypes.ServiceRegistry{} },
	},
	"cluster/shop": {
		"capacity providers": func(b behind) { b.Clusters.Edit("shop").CapacityProviders = []string{"FARGATE"} },
		"tag":                func(b behind) { b.retag(":cluster/shop") },
	},
	"role/web.task": {
		"description": func(b behind) { b.role().Description = aws.String("somebody's") },
		"trust": func(b behind) {
			b.role().AssumeRolePolicyDocument = aws.String(`{"Version": "2012-10-17", "Statement": []}`)
		},
	},
	"log-group/shop": {
		"retention": func(b behind) { b.LogGroups.Edit("/compose2fargate/shop").RetentionInDays = aws.Int32(1) },
	},
}

// TestWhatOthersChangeIsReported changes one thing of a running stack behind its
// back. The plan wants it back at the place where it was changed, and apply brings
// it back.
func TestWhatOthersChangeIsReported(t *testing.T) {
	t.Parallel()
	for address, changes := range drifts {
		if !sample.Takes("changed by others: "+address, 16) {
			continue
		}
		t.Run(address, func(t *testing.T) {
			e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
			e.fake.Mutate(func(a *simulator.Account) { a.PutHostedZone("example.com") })
			write(t, e.file, drifting)
			e.mustApply(plan.Scope{})
			e.settled("after the first apply")
			for name, change := range changes {
				e.fake.Mutate(func(a *simulator.Account) { change(behind{t, a}) })
				_, p, _ := e.plan(plan.Scope{})
				if !slices.ContainsFunc(p.Resources, func(r *plan.ResourcePlan) bool { return r.Address.String() == address && len(r.Actions) > 0 }) {
					t.Errorf("%s: the change is not reported", name)
				}
				e.mustApply(plan.Scope{})
				e.settled("after a change of " + name)
			}
		})
	}
}

// behind is an account that is changed behind everybody's back.
type behind struct {
	*testing.T
	*simulator.Account
}

// only returns the key of the one row that is like that.
func only[T any](b behind, rows iter.Seq2[string, *T], like func(key string, row *T) bool) string {
	b.Helper()
	var found []string
	for key, row := range rows {
		if like(key, row) {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		b.Fatalf("not one row: %q", found)
	}
	return found[0]
}

// balancer is the load balancer of a type: app or net.
func (b behind) balancer(kind string) *simulator.LoadBalancer {
	b.Helper()
	return b.LoadBalancers.Edit(only(b, b.LoadBalancers.All(), func(key string, _ *simulator.LoadBalancer) bool {
		return strings.Contains(key, "/"+kind+"/")
	}))
}

// targets is the target group of a container port.
func (b behind) targets(port int32) *simulator.TargetGroup {
	b.Helper()
	return b.TargetGroups.Edit(only(b, b.TargetGroups.All(), func(_ string, g *simulator.TargetGroup) bool { return *g.Port == port }))
}

func (b behind) listener(port int32) *simulator.Listener {
	b.Helper()
	return b.Listeners.Edit(only(b, b.Listeners.All(), func(_ string, l *simulator.Listener) bool { return *l.Port == port }))
}

func (b behind) rule() *simulator.ListenerRule {
	b.Helper()
	return b.ListenerRules.Edit(only(b, b.ListenerRules.All(), func(string, *simulator.ListenerRule) bool { return true }))
}

// groupRule is the rule in one direction of the security group of a load balancer.
func (b behind) groupRule(balancer string, egress bool) *ec2types.SecurityGroupRule {
	b.Helper()
	id := b.balancer(balancer).SecurityGroups[0]
	return b.SecurityGroupRules.Edit(only(b, b.SecurityGroupRules.All(), func(_ string, r *ec2types.SecurityGroupRule) bool {
		return *r.GroupId == id && *r.IsEgress == egress
	}))
}

func (b behind) record() *route53types.ResourceRecordSet {
	b.Helper()
	return b.Records.Edit(only(b, b.Records.All(), func(_ string, r *route53types.ResourceRecordSet) bool { return r.AliasTarget != nil }))
}

func (b behind) namespace(kind cloudmaptypes.NamespaceType) *simulator.Namespace {
	b.Helper()
	return b.Namespaces.Edit(only(b, b.Namespaces.All(), func(_ string, n *simulator.Namespace) bool { return n.Type == kind }))
}

func (b behind) role() *simulator.Role {
	b.Helper()
	return b.Roles.Edit(only(b, b.Roles.All(), func(key string, _ *simulator.Role) bool { return strings.Contains(key, "-web-task") }))
}

// discovered is the service of Cloud Map that ECS did not make.
func (b behind) discovered() *simulator.DiscoveryService {
	b.Helper()
	return b.DiscoveryServices.Edit(only(b, b.DiscoveryServices.All(), func(_ string, d *simulator.DiscoveryService) bool { return d.Owner == "" }))
}

// retag changes the user's tag of what has this in its ARN.
func (b behind) retag(arn string) {
	b.Helper()
	key := only(b, b.Tags.All(), func(key string, t *simulator.Tagged) bool {
		return strings.Contains(key, arn) && t.Tags["team"] == "web"
	})
	b.Tags.Edit(key).Tags["team"] = "somebody else's"
}
