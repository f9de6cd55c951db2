package resource

import (
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// made makes a resource of which another one is in need, and returns its attrs.
func (w *world) made(s string, sp any) plan.Attrs {
	w.Helper()
	want := w.one(s, sp)
	attrs, err := w.account().Kind(want.Address.Kind).Create(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	return attrs
}

// ourGuard is the id of a security group of a load balancer.
func (w *world) ourGuard(name string) plan.Value {
	w.Helper()
	return plan.Literal(w.made("security-group/load-balancer."+name, w.securityGroup("shop-"+name+"-abcdef"))["id"])
}

func (w *world) ourBalancer(kind string) *spec.LoadBalancer {
	w.Helper()
	s := &spec.LoadBalancer{
		Name: "shop-" + kind + "-abcdef", Type: kind, Scheme: "internet-facing",
		SecurityGroups: []plan.Value{w.ourGuard(kind)},
		Tags:           []spec.Tag{{Key: "a", Value: "1"}},
	}
	for _, subnet := range w.facts.Subnets[:2] {
		s.Subnets = append(s.Subnets, plan.Literal(subnet))
	}
	if kind == "application" {
		s.Attributes = map[string]string{"idle_timeout.timeout_seconds": "120"}
	}
	return s
}

func (w *world) ourTargets(name, protocol string) *spec.TargetGroup {
	s := &spec.TargetGroup{
		Name: "shop-" + name + "-abcdef", Protocol: protocol, Port: 8080, VpcID: plan.Fact("vpc", "id", w.facts.VPC),
		HealthCheck: spec.TargetHealthCheck{
			Protocol: "TCP", IntervalSeconds: 30, TimeoutSeconds: 10, HealthyThreshold: 5, UnhealthyThreshold: 2,
		},
		Attributes: map[string]string{"deregistration_delay.timeout_seconds": "300"}, // which is AWS's default
	}
	if protocol == "HTTP" {
		s.HealthCheck.Protocol, s.HealthCheck.Path, s.HealthCheck.TimeoutSeconds = "HTTP", "/health", 6
	}
	return s
}

func forward(arn string) []spec.RuleAction {
	return []spec.RuleAction{{Type: "forward", TargetGroupArn: plan.Literal(arn)}}
}

func answers404() []spec.RuleAction {
	return []spec.RuleAction{{Type: "fixed-response", FixedResponse: &spec.FixedResponse{
		StatusCode: "404", ContentType: "text/plain", MessageBody: "nothing here",
	}}}
}

func redirect() []spec.RuleAction {
	return []spec.RuleAction{{Type: "redirect", Redirect: &spec.Redirect{Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301"}}}
}

// ourListener is one on an application load balancer of its own.
func (w *world) ourListener() *spec.Listener {
	w.Helper()
	arn := w.made("load-balancer/application", w.ourBalancer("application"))["arn"]
	return &spec.Listener{LoadBalancerArn: plan.Literal(arn), Port: 80, Protocol: "HTTP", DefaultActions: answers404()}
}

// issued is a certificate for a subdomain.
func (w *world) issued(name string) plan.Value {
	return w.putCertificate(name+".example.com", acmtypes.CertificateStatusIssued)
}

// ourRule is one on a listener of its own, to a target group of its own.
func (w *world) ourRule() *spec.ListenerRule {
	w.Helper()
	return &spec.ListenerRule{
		ListenerArn: plan.Literal(w.made("listener/application.80", w.ourListener())["arn"]),
		Priority:    10, Hosts: []string{"shop.example.com"}, Paths: []string{"/*"},
		Actions: forward(w.made("target-group/web.8080", w.ourTargets("web", "HTTP"))["arn"]),
		Tags:    []spec.Tag{{Key: "a", Value: "1"}},
	}
}

var balancingLives = []life{
	{
		address: "load-balancer/application",
		first:   func(w *world) any { return w.ourBalancer("application") },
		changes: map[string]func(*world, any){
			"attribute":       edit(func(_ *world, s *spec.LoadBalancer) { s.Attributes["idle_timeout.timeout_seconds"] = "30" }),
			"attributes":      edit(func(_ *world, s *spec.LoadBalancer) { s.Attributes["routing.http2.enabled"] = "false" }),
			"no attributes":   edit(func(_ *world, s *spec.LoadBalancer) { delete(s.Attributes, "idle_timeout.timeout_seconds") }),
			"security groups": edit(func(w *world, s *spec.LoadBalancer) { s.SecurityGroups = append(s.SecurityGroups, w.ourGuard("more")) }),
			"subnets": edit(func(w *world, s *spec.LoadBalancer) {
				s.Subnets = append(s.Subnets, plan.Literal(w.facts.Subnets[2]))
			}),
			"tags": edit(func(_ *world, s *spec.LoadBalancer) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
		unseen: []string{"attributes"},
	},
	{
		address: "load-balancer/network",
		first:   func(w *world) any { return w.ourBalancer("network") },
		changes: map[string]func(*world, any){
			"security groups": edit(func(w *world, s *spec.LoadBalancer) { s.SecurityGroups = []plan.Value{w.ourGuard("more")} }),
			"subnets":         edit(func(_ *world, s *spec.LoadBalancer) { s.Subnets = s.Subnets[:1] }),
			"zones": edit(func(_ *world, s *spec.LoadBalancer) {
				s.Attributes = map[string]string{"load_balancing.cross_zone.enabled": "true"}
			}),
		},
		unseen: []string{"zones"},
	},
	{
		address: "target-group/web.8080",
		first:   func(w *world) any { return tagged(w.ourTargets("web", "HTTP"), "a") },
		changes: map[string]func(*world, any){
			"another matcher":  edit(func(_ *world, s *spec.TargetGroup) { s.HealthCheck.Matcher = "200-399" }),
			"another path":     edit(func(_ *world, s *spec.TargetGroup) { s.HealthCheck.Path = "/" }),
			"another port":     edit(func(_ *world, s *spec.TargetGroup) { s.HealthCheck.Port = "8081" }),
			"another protocol": edit(func(_ *world, s *spec.TargetGroup) { s.HealthCheck.Protocol = "HTTPS" }),
			"attribute": edit(func(_ *world, s *spec.TargetGroup) {
				s.Attributes = map[string]string{"deregistration_delay.timeout_seconds": "30"}
			}),
			"no attributes": edit(func(_ *world, s *spec.TargetGroup) { s.Attributes = nil }),
			"stickiness": edit(func(_ *world, s *spec.TargetGroup) {
				s.Attributes = map[string]string{
					"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "3600",
				}
			}),
			"tags": edit(func(_ *world, s *spec.TargetGroup) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
			"thresholds": edit(func(_ *world, s *spec.TargetGroup) {
				s.HealthCheck.HealthyThreshold, s.HealthCheck.UnhealthyThreshold = 3, 3
			}),
			"times": edit(func(_ *world, s *spec.TargetGroup) {
				s.HealthCheck.IntervalSeconds, s.HealthCheck.TimeoutSeconds = 10, 5
			}),
		},
		unseen: []string{"stickiness"},
	},
	{
		address: "target-group/dns.53",
		first:   func(w *world) any { return w.ourTargets("dns", "UDP") },
		changes: map[string]func(*world, any){
			"http": edit(func(_ *world, s *spec.TargetGroup) {
				s.HealthCheck.Protocol, s.HealthCheck.Path, s.HealthCheck.Matcher = "HTTP", "/health", "200"
			}),
			"tcp": edit(func(_ *world, s *spec.TargetGroup) {
				s.HealthCheck.Protocol, s.HealthCheck.Path, s.HealthCheck.Matcher = "TCP", "", ""
			}),
		},
	},
	{
		address: "listener/application.80",
		first:   func(w *world) any { return tagged(w.ourListener(), "a") },
		changes: map[string]func(*world, any){
			"another answer": edit(func(_ *world, s *spec.Listener) { s.DefaultActions[0].FixedResponse.StatusCode = "503" }),
			"another port":   edit(func(_ *world, s *spec.Listener) { s.Port = 81 }),
			"redirect":       edit(func(_ *world, s *spec.Listener) { s.DefaultActions = redirect() }),
			"target group": edit(func(w *world, s *spec.Listener) {
				s.DefaultActions = forward(w.made("target-group/web.8080", w.ourTargets("web", "HTTP"))["arn"])
			}),
			"tags": edit(func(_ *world, s *spec.Listener) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
	{
		address: "listener/application.443",
		first: func(w *world) any {
			return w.secureListener(w.issued("c"), w.issued("b"), w.issued("a"))
		},
		changes: map[string]func(*world, any){
			"1 another one more": edit(func(w *world, s *spec.Listener) {
				s.Certificates = []plan.Value{w.issued("c"), w.issued("a"), w.issued("b"), w.issued("d")}
			}),
			"2 others":          edit(func(w *world, s *spec.Listener) { s.Certificates = []plan.Value{w.issued("c"), w.issued("d")} }),
			"3 another default": edit(func(w *world, s *spec.Listener) { s.Certificates = []plan.Value{w.issued("a"), w.issued("d")} }),
			"4 one of the others is the default": edit(func(w *world, s *spec.Listener) {
				s.Certificates = []plan.Value{w.issued("d")}
			}),
			"5 the default is one of the others": edit(func(w *world, s *spec.Listener) {
				s.Certificates = []plan.Value{w.issued("b"), w.issued("d")}
			}),
			"6 another policy": edit(func(_ *world, s *spec.Listener) { s.SslPolicy = "ELBSecurityPolicy-TLS13-1-3-2021-06" }),
			"7 none":           edit(func(_ *world, s *spec.Listener) { s.Protocol, s.SslPolicy, s.Certificates = "HTTP", "", nil }),
			"8 again": edit(func(w *world, s *spec.Listener) {
				s.Protocol, s.SslPolicy = "HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06"
				s.Certificates = []plan.Value{w.issued("a"), w.issued("b")}
			}),
		},
	},
	{
		address: "listener-rule/web.8080",
		first:   func(w *world) any { return w.ourRule() },
		changes: map[string]func(*world, any){
			"another group": edit(func(w *world, s *spec.ListenerRule) {
				s.Actions = forward(w.made("target-group/web.8081", w.ourTargets("web2", "HTTP"))["arn"])
			}),
			"another host":     edit(func(_ *world, s *spec.ListenerRule) { s.Hosts = []string{"www.example.com", "shop.example.com"} }),
			"another path":     edit(func(_ *world, s *spec.ListenerRule) { s.Paths = []string{"/api/*", "/api"} }),
			"another priority": edit(func(_ *world, s *spec.ListenerRule) { s.Priority = 20 }),
			"sources":          edit(func(_ *world, s *spec.ListenerRule) { s.Sources = []string{"198.51.100.0/24", "192.0.2.1/32"} }),
			"no host":          edit(func(_ *world, s *spec.ListenerRule) { s.Hosts = nil }),
			"redirect":         edit(func(_ *world, s *spec.ListenerRule) { s.Actions = redirect() }),
			"tags":             edit(func(_ *world, s *spec.ListenerRule) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
}
