package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// refused checks that a call failed with that code and words in its message.
func refused(t *testing.T, name string, err error, want, words string) {
	t.Helper()
	if code(err) != want || err != nil && !strings.Contains(err.Error(), words) {
		t.Errorf("%s: got %v, want %s with %q", name, err, want, words)
	}
}

// elsewhere adds a VPC of somebody else with a subnet in another zone and a group.
func (n *network) elsewhere() (vpc, subnet, group string) {
	n.t.Helper()
	n.Mutate(func(a *simulator.Account) {
		vpc, subnet = "vpc-0123456789abcdef0", "subnet-0123456789abcdef0"
		a.Vpcs.Put(vpc, ec2types.Vpc{VpcId: &vpc, CidrBlock: aws.String("10.0.0.0/16")})
		a.Subnets.Put(subnet, ec2types.Subnet{
			SubnetId: &subnet, VpcId: &vpc, CidrBlock: aws.String("10.0.0.0/20"), AvailabilityZone: aws.String("us-east-1c"),
			AvailableIpAddressCount: aws.Int32(4091),
		})
	})
	group = *must(n.ec2.CreateSecurityGroup(n.t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("elsewhere"), Description: aws.String("elsewhere"), VpcId: &vpc,
	}))(n.t).GroupId
	return vpc, subnet, group
}

func TestCreateLoadBalancerRefuses(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	_, foreignSubnet, foreignGroup := n.elsewhere()
	crowded := "subnet-0fedcba9876543210"
	n.Mutate(func(a *simulator.Account) {
		a.Subnets.Put(crowded, ec2types.Subnet{
			SubnetId: &crowded, VpcId: &n.vpc, CidrBlock: aws.String("172.31.48.0/28"), AvailabilityZone: aws.String("us-east-1a"),
			AvailableIpAddressCount: aws.Int32(7),
		})
	})
	for _, c := range []struct {
		name, code, words string
		edit              func(in *elb.CreateLoadBalancerInput)
	}{
		{"33 characters", "ValidationError", "longer than '32'", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String(strings.Repeat("x", 33)) }},
		{"an underscore", "ValidationError", "alphanumeric", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("my_shop") }},
		{"a hyphen first", "ValidationError", "begin or end", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("-shop") }},
		{"a hyphen last", "ValidationError", "begin or end", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("shop-") }},
		{"internal- first", "ValidationError", "internal-", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("internal-shop") }},
		{"an unknown subnet", "SubnetNotFound", "subnet-x", func(in *elb.CreateLoadBalancerInput) { in.Subnets[0] = "subnet-x" }},
		{"no subnet", "ValidationError", "At least one subnet", func(in *elb.CreateLoadBalancerInput) { in.Subnets = nil }},
		{"one subnet", "ValidationError", "At least two subnets in two different", func(in *elb.CreateLoadBalancerInput) { in.Subnets = in.Subnets[:1] }},
		{"two subnets of one zone", "InvalidConfigurationRequest", "same Availability Zone", func(in *elb.CreateLoadBalancerInput) { in.Subnets[1] = crowded }},
		{"subnets of two VPCs", "InvalidConfigurationRequest", "same VPC", func(in *elb.CreateLoadBalancerInput) { in.Subnets[1] = foreignSubnet }},
		{"a subnet that is full", "InvalidSubnet", "8 free IP addresses", func(in *elb.CreateLoadBalancerInput) { in.Subnets[0] = crowded }},
		{"a VPC without internet", "InvalidSubnet", "no internet gateway", func(in *elb.CreateLoadBalancerInput) {
			in.Type, in.Subnets = elbtypes.LoadBalancerTypeEnumNetwork, []string{foreignSubnet}
		}},
		{"an unknown group", "InvalidSecurityGroup", "sg-x", func(in *elb.CreateLoadBalancerInput) { in.SecurityGroups = []string{"sg-x"} }},
		{"a group of another VPC", "InvalidConfigurationRequest", "security groups are invalid", func(in *elb.CreateLoadBalancerInput) {
			in.SecurityGroups = []string{foreignGroup}
		}},
		{"an unknown scheme", "InvalidScheme", "public", func(in *elb.CreateLoadBalancerInput) { in.Scheme = "public" }},
		{"a key twice", "DuplicateTagKeys", "a", func(in *elb.CreateLoadBalancerInput) { in.Tags = append(elbTags("a", "1"), elbTags("a", "2")...) }},
	} {
		in := n.newBalancer("shop", elbtypes.LoadBalancerTypeEnumApplication)
		in.Subnets = append([]string{}, in.Subnets...)
		c.edit(in)
		_, err := n.elb.CreateLoadBalancer(t.Context(), in)
		refused(t, c.name, err, c.code, c.words)
	}
	internal := n.newBalancer("inside", elbtypes.LoadBalancerTypeEnumNetwork)
	internal.Subnets, internal.Scheme = []string{foreignSubnet}, elbtypes.LoadBalancerSchemeEnumInternal
	_, err := n.elb.CreateLoadBalancer(t.Context(), internal)
	refused(t, "an internal one in a VPC without internet", err, "", "")
}

func TestLoadBalancersRefuseChanges(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	app, bare, group := n.application("shop"), n.networkBalancer("bare"), n.group("lb")
	groups := func(arn string, groups ...string) error {
		_, err := n.elb.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: &arn, SecurityGroups: append([]string{}, groups...)})
		return err
	}
	subnets := func(arn string, subnets ...string) error {
		_, err := n.elb.SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: subnets})
		return err
	}
	attribute := func(arn, key, value string) error {
		_, err := n.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: &arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: &key, Value: &value}},
		})
		return err
	}
	refused(t, "groups for one without", groups(bare, group), "InvalidConfigurationRequest", "created without any security groups")
	refused(t, "no groups", groups(app), "ValidationError", "At least one security group")
	refused(t, "an unknown group", groups(app, "sg-x"), "InvalidSecurityGroup", "sg-x")
	refused(t, "an unknown load balancer", groups(app+"x", group), "LoadBalancerNotFound", "not found")
	refused(t, "one subnet of two", subnets(app, n.subnets[0]), "ValidationError", "At least two subnets")
	refused(t, "an attribute of the other type", attribute(bare, "idle_timeout.timeout_seconds", "60"), "ValidationError", "not recognized")
	refused(t, "a number out of range", attribute(app, "idle_timeout.timeout_seconds", "4001"), "ValidationError", "not valid")
	refused(t, "neither true nor false", attribute(app, "deletion_protection.enabled", "yes"), "ValidationError", "not valid")
	refused(t, "no crossing of zones", attribute(app, "load_balancing.cross_zone.enabled", "false"), "InvalidConfigurationRequest", "Cross-zone")
	refused(t, "logs without a bucket", attribute(app, "access_logs.s3.enabled", "true"), "InvalidConfigurationRequest", "access_logs.s3.bucket")
	_, err := n.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{"shop", "none"}})
	refused(t, "an unknown name", err, "LoadBalancerNotFound", "none")
}

func TestCreateTargetGroupRefuses(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	for _, c := range []struct {
		name, words string
		edit        func(in *elb.CreateTargetGroupInput)
	}{
		{"33 characters", "longer than '32'", func(in *elb.CreateTargetGroupInput) { in.Name = aws.String(strings.Repeat("x", 33)) }},
		{"a dot", "alphanumeric", func(in *elb.CreateTargetGroupInput) { in.Name = aws.String("web.8080") }},
		{"a hyphen last", "begin or end", func(in *elb.CreateTargetGroupInput) { in.Name = aws.String("web-") }},
		{"no protocol", "protocol must be specified", func(in *elb.CreateTargetGroupInput) { in.Protocol = "" }},
		{"no port", "port must be specified", func(in *elb.CreateTargetGroupInput) { in.Port = nil }},
		{"port 0", "between 1 and 65535", func(in *elb.CreateTargetGroupInput) { in.Port = aws.Int32(0) }},
		{"no VPC", "VPC ID must be specified", func(in *elb.CreateTargetGroupInput) { in.VpcId = nil }},
		{"an unknown VPC", "is not found", func(in *elb.CreateTargetGroupInput) { in.VpcId = aws.String("vpc-x") }},
		{"a TCP check of HTTP targets", "not supported", func(in *elb.CreateTargetGroupInput) { in.HealthCheckProtocol = elbtypes.ProtocolEnumTcp }},
		{"a UDP check", "not supported", func(in *elb.CreateTargetGroupInput) {
			in.Protocol, in.HealthCheckProtocol = elbtypes.ProtocolEnumUdp, elbtypes.ProtocolEnumUdp
		}},
		{"no health checks", "must be true", func(in *elb.CreateTargetGroupInput) { in.HealthCheckEnabled = aws.Bool(false) }},
		{"checks too often", "range 5-300", func(in *elb.CreateTargetGroupInput) { in.HealthCheckIntervalSeconds = aws.Int32(4) }},
		{"a long timeout", "range 2-120", func(in *elb.CreateTargetGroupInput) { in.HealthCheckTimeoutSeconds = aws.Int32(121) }},
		{"a timeout as long as the interval", "smaller than the interval", func(in *elb.CreateTargetGroupInput) { in.HealthCheckTimeoutSeconds = aws.Int32(30) }},
		{"a threshold of 1", "range 2-10", func(in *elb.CreateTargetGroupInput) { in.HealthyThresholdCount = aws.Int32(1) }},
		{"a threshold of 11", "range 2-10", func(in *elb.CreateTargetGroupInput) { in.UnhealthyThresholdCount = aws.Int32(11) }},
		{"a path of a TCP check", "path or matcher", func(in *elb.CreateTargetGroupInput) {
			in.Protocol, in.HealthCheckPath = elbtypes.ProtocolEnumTcp, aws.String("/")
		}},
		{"a path without a slash", "begin with a '/'", func(in *elb.CreateTargetGroupInput) { in.HealthCheckPath = aws.String("health") }},
		{"codes of server errors", "range 200-499", func(in *elb.CreateTargetGroupInput) { in.Matcher = &elbtypes.Matcher{HttpCode: aws.String("200-500")} }},
		{"codes that are none", "range 200-499", func(in *elb.CreateTargetGroupInput) { in.Matcher = &elbtypes.Matcher{HttpCode: aws.String("2xx")} }},
		{"gRPC codes of HTTP", "protocol version", func(in *elb.CreateTargetGroupInput) { in.Matcher = &elbtypes.Matcher{GrpcCode: aws.String("12")} }},
		{"a check port that is none", "traffic-port", func(in *elb.CreateTargetGroupInput) { in.HealthCheckPort = aws.String("http") }},
		{"a protocol version of TCP", "protocol version", func(in *elb.CreateTargetGroupInput) {
			in.Protocol, in.ProtocolVersion = elbtypes.ProtocolEnumTcp, aws.String("HTTP1")
		}},
	} {
		in := n.newTargets("web", elbtypes.ProtocolEnumHttp, 8080)
		c.edit(in)
		_, err := n.elb.CreateTargetGroup(t.Context(), in)
		refused(t, c.name, err, "ValidationError", c.words)
	}
}

func TestTargetGroupAttributesRefuse(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	web, udp := n.targets("web", elbtypes.ProtocolEnumHttp, 8080), n.targets("udp", elbtypes.ProtocolEnumUdp, 53)
	set := func(arn, key, value string) error {
		_, err := n.elb.ModifyTargetGroupAttributes(t.Context(), &elb.ModifyTargetGroupAttributesInput{
			TargetGroupArn: &arn, Attributes: []elbtypes.TargetGroupAttribute{{Key: &key, Value: &value}},
		})
		return err
	}
	refused(t, "an unknown key", set(web, "stickyness.enabled", "true"), "ValidationError", "not recognized")
	refused(t, "a key of the other type", set(web, "proxy_protocol_v2.enabled", "true"), "ValidationError", "not recognized")
	refused(t, "a long delay", set(web, "deregistration_delay.timeout_seconds", "3601"), "ValidationError", "not valid")
	refused(t, "a short slow start", set(web, "slow_start.duration_seconds", "29"), "ValidationError", "not valid")
	refused(t, "no slow start", set(web, "slow_start.duration_seconds", "0"), "", "")
	refused(t, "stickiness of the other type", set(web, "stickiness.type", "source_ip"), "InvalidConfigurationRequest", "source_ip")
	refused(t, "UDP without client addresses", set(udp, "preserve_client_ip.enabled", "false"), "InvalidConfigurationRequest", "UDP")
}

func TestCreateListenerRefuses(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	foreign, _, _ := n.elsewhere()
	app, net := n.application("shop"), n.networkBalancer("tcp")
	web, tcp, udp := n.targets("web", elbtypes.ProtocolEnumHttp, 8080), n.targets("tcp", elbtypes.ProtocolEnumTcp, 5432), n.targets("udp", elbtypes.ProtocolEnumUdp, 53)
	other := n.newTargets("other", elbtypes.ProtocolEnumHttp, 8080)
	other.VpcId = &foreign
	far := *must(n.elb.CreateTargetGroup(t.Context(), other))(t).TargetGroups[0].TargetGroupArn
	taken := n.targets("taken", elbtypes.ProtocolEnumHttp, 8080)
	n.listen(n.application("blog"), elbtypes.ProtocolEnumHttp, 80, forward(taken))
	n.listen(net, elbtypes.ProtocolEnumTcp, 53, forward(tcp))
	waiting := *must(acm.NewFromConfig(n.Config()).RequestCertificate(t.Context(), &acm.RequestCertificateInput{
		DomainName: aws.String("shop.example.com"), ValidationMethod: types.ValidationMethodDns,
	}))(t).CertificateArn
	var issued string
	n.Mutate(func(a *simulator.Account) { issued = a.PutCertificate("shop.example.com") })

	https := func(policy string, certificates ...string) *elb.CreateListenerInput {
		in := newListener(app, elbtypes.ProtocolEnumHttps, 443, notFound())
		if policy != "" {
			in.SslPolicy = &policy
		}
		for _, arn := range certificates {
			in.Certificates = append(in.Certificates, elbtypes.Certificate{CertificateArn: &arn})
		}
		return in
	}
	redirect := func(protocol elbtypes.ProtocolEnum, c elbtypes.RedirectActionConfig) *elb.CreateListenerInput {
		c.StatusCode = elbtypes.RedirectActionStatusCodeEnumHttp301
		in := newListener(app, protocol, 8000, []elbtypes.Action{{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &c}})
		if protocol == elbtypes.ProtocolEnumHttps {
			in.Certificates = []elbtypes.Certificate{{CertificateArn: &issued}}
		}
		return in
	}
	answer := func(status, kind string) *elb.CreateListenerInput {
		return newListener(app, elbtypes.ProtocolEnumHttp, 80, []elbtypes.Action{{
			Type:                elbtypes.ActionTypeEnumFixedResponse,
			FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: &status, ContentType: &kind},
		}})
	}
	for _, c := range []struct {
		name, code, words string
		in                *elb.CreateListenerInput
	}{
		{"an unknown load balancer", "LoadBalancerNotFound", "not found", newListener(app+"x", elbtypes.ProtocolEnumHttp, 80, notFound())},
		{"TCP on an ALB", "ValidationError", "must be one of 'HTTP, HTTPS'", newListener(app, elbtypes.ProtocolEnumTcp, 80, forward(tcp))},
		{"HTTP on an NLB", "ValidationError", "must be one of 'TCP, TLS, UDP, TCP_UDP'", newListener(net, elbtypes.ProtocolEnumHttp, 80, forward(web))},
		{"port 0", "ValidationError", "between 1 and 65535", newListener(app, elbtypes.ProtocolEnumHttp, 0, notFound())},
		{"UDP beside TCP on one port", "DuplicateListener", "already exists on this port", newListener(net, elbtypes.ProtocolEnumUdp, 53, forward(udp))},
		{"an unknown target group", "TargetGroupNotFound", "not found", newListener(app, elbtypes.ProtocolEnumHttp, 80, forward(web+"x"))},
		{"TCP targets of HTTP", "IncompatibleProtocols", "incompatible protocols", newListener(app, elbtypes.ProtocolEnumHttp, 80, forward(tcp))},
		{"UDP targets of TCP", "IncompatibleProtocols", "incompatible protocols", newListener(net, elbtypes.ProtocolEnumTcp, 54, forward(udp))},
		{"targets of another VPC", "InvalidConfigurationRequest", "different VPC", newListener(app, elbtypes.ProtocolEnumHttp, 80, forward(far))},
		{"targets of another load balancer", "TargetGroupAssociationLimit", "more than one load balancer", newListener(app, elbtypes.ProtocolEnumHttp, 80, forward(taken))},
		{"a fixed response of an NLB", "InvalidLoadBalancerAction", "fixed-response", newListener(net, elbtypes.ProtocolEnumTcp, 54, notFound())},
		{"no action", "ValidationError", "At least one action", newListener(app, elbtypes.ProtocolEnumHttp, 80, []elbtypes.Action{})},
		{"no certificate", "ValidationError", "A certificate must be specified for HTTPS listeners", https("")},
		{"two certificates", "ValidationError", "Up to '1'", https("", issued, waiting)},
		{"an unknown certificate", "CertificateNotFound", "not found", https("", issued+"x")},
		{"a certificate that waits", "UnsupportedCertificate", "fully-qualified domain name", https("", waiting)},
		{"an unknown policy", "SSLPolicyNotFound", "not found", https("ELBSecurityPolicy-2099", issued)},
		{"a redirect to itself", "InvalidLoadBalancerAction", "creates a loop", redirect(elbtypes.ProtocolEnumHttp, elbtypes.RedirectActionConfig{})},
		{"a redirect to the same protocol", "InvalidLoadBalancerAction", "creates a loop", redirect(elbtypes.ProtocolEnumHttp, elbtypes.RedirectActionConfig{Protocol: aws.String("HTTP")})},
		{"a redirect to no port", "InvalidLoadBalancerAction", "port", redirect(elbtypes.ProtocolEnumHttp, elbtypes.RedirectActionConfig{Port: aws.String("https")})},
		{"a redirect from HTTPS to HTTP", "InvalidLoadBalancerAction", "cannot redirect to HTTP", redirect(elbtypes.ProtocolEnumHttps, elbtypes.RedirectActionConfig{Protocol: aws.String("HTTP")})},
		{"an answer with code 302", "ValidationError", "status code", answer("302", "text/plain")},
		{"an answer of XML", "ValidationError", "content type", answer("404", "text/xml")},
	} {
		_, err := n.elb.CreateListener(t.Context(), c.in)
		refused(t, c.name, err, c.code, c.words)
	}
	_, err := n.elb.CreateListener(t.Context(), redirect(elbtypes.ProtocolEnumHttp, elbtypes.RedirectActionConfig{Protocol: aws.String("HTTPS"), Port: aws.String("443")}))
	refused(t, "a redirect to HTTPS", err, "", "")
	secure := *must(n.elb.CreateListener(t.Context(), https("", issued)))(t).Listeners[0].ListenerArn
	_, err = acm.NewFromConfig(n.Config()).DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: &issued})
	refused(t, "deleting a certificate in use", err, "ResourceInUseException", "in use")
	_, err = n.elb.RemoveListenerCertificates(t.Context(), &elb.RemoveListenerCertificatesInput{
		ListenerArn: &secure, Certificates: []elbtypes.Certificate{{CertificateArn: &issued}},
	})
	refused(t, "removing the default certificate", err, "OperationNotPermitted", "Default certificate")
}

func TestRulesRefuse(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	web, tcp := n.targets("web", elbtypes.ProtocolEnumHttp, 8080), n.targets("tcp", elbtypes.ProtocolEnumTcp, 5432)
	http := n.listen(n.application("shop"), elbtypes.ProtocolEnumHttp, 80, notFound())
	socket := n.listen(n.networkBalancer("tcp"), elbtypes.ProtocolEnumTcp, 5432, forward(tcp))
	n.rule(http, 10, web)
	conditions := func(list ...elbtypes.RuleCondition) *elb.CreateRuleInput {
		in := newRule(http, 20, web)
		in.Conditions = append([]elbtypes.RuleCondition{}, list...)
		return in
	}
	host := func(values ...string) elbtypes.RuleCondition {
		return elbtypes.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: values}}
	}
	path := func(values ...string) elbtypes.RuleCondition {
		return elbtypes.RuleCondition{Field: aws.String("path-pattern"), Values: values}
	}
	for _, c := range []struct {
		name, code, words string
		in                *elb.CreateRuleInput
	}{
		{"an unknown listener", "ListenerNotFound", "not found", newRule(http+"x", 20, web, "/*")},
		{"a rule of an NLB", "OperationNotPermitted", "unsupported", newRule(socket, 20, tcp, "/*")},
		{"a priority in use", "PriorityInUse", "Priority '10' is currently in use", newRule(http, 10, web, "/*")},
		{"priority 0", "ValidationError", "between 1 and 50000", newRule(http, 0, web, "/*")},
		{"priority 50001", "ValidationError", "between 1 and 50000", newRule(http, 50001, web, "/*")},
		{"TCP targets", "IncompatibleProtocols", "incompatible protocols", newRule(http, 20, tcp, "/*")},
		{"an unknown target group", "TargetGroupNotFound", "not found", newRule(http, 20, web+"x", "/*")},
		{"no condition", "ValidationError", "A condition must be specified", conditions()},
		{"no value", "ValidationError", "needs values", conditions(path())},
		{"six values", "ValidationError", "'5' condition values", conditions(path("/a", "/b", "/c"), host("a.example", "b.example", "c.example"))},
		{"six wildcards", "ValidationError", "'5' condition wildcards", conditions(path("/*/*/*", "/?/?/?"))},
		{"two host conditions", "ValidationError", "only have '1' condition", conditions(host("a.example"), host("b.example"))},
		{"a host with a space", "ValidationError", "not valid", conditions(host("a b.example"))},
		{"a host without a dot", "ValidationError", "not valid", conditions(host("localhost"))},
		{"a path with a space", "ValidationError", "not valid", conditions(path("/a b"))},
		{"a long path", "ValidationError", "not valid", conditions(path("/" + strings.Repeat("x", 128)))},
		{"an unknown field", "ValidationError", "must be one of", conditions(elbtypes.RuleCondition{Field: aws.String("port"), Values: []string{"80"}})},
	} {
		_, err := n.elb.CreateRule(ctx, c.in)
		refused(t, c.name, err, c.code, c.words)
	}
	fallback := n.defaultRule(http)
	_, deleted := n.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: &fallback})
	refused(t, "deleting the default rule", deleted, "OperationNotPermitted", "Default rule")
	_, modified := n.elb.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: &fallback, Actions: forward(web)})
	refused(t, "modifying the default rule", modified, "OperationNotPermitted", "Default rule")
	_, neither := n.elb.DescribeRules(ctx, &elb.DescribeRulesInput{})
	refused(t, "rules of nothing", neither, "ValidationError", "You must specify either")
}

func TestQuotasOfLoadBalancers(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	ctx := t.Context()
	app := n.application("shop")
	first := n.listen(app, elbtypes.ProtocolEnumHttp, 1, notFound())
	for i := range 49 {
		n.listen(app, elbtypes.ProtocolEnumHttp, int32(i+2), notFound())
	}
	_, err := n.elb.CreateListener(ctx, newListener(app, elbtypes.ProtocolEnumHttp, 51, notFound()))
	refused(t, "51 listeners", err, "TooManyListeners", "maximum")
	for i := range 100 {
		n.rule(first, int32(i+1), n.targets(fmt.Sprint("web-", i), elbtypes.ProtocolEnumHttp, 8080))
	}
	more := n.targets("more", elbtypes.ProtocolEnumHttp, 8080)
	_, err = n.elb.CreateRule(ctx, newRule(first, 101, more, "/*"))
	refused(t, "101 target groups", err, "TooManyUniqueTargetGroupsPerLoadBalancer", "limit")
	_, err = n.elb.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: &first, DefaultActions: forward(more)})
	refused(t, "101 target groups with a default one", err, "TooManyUniqueTargetGroupsPerLoadBalancer", "limit")
	in := newRule(first, 101, more, "/*")
	in.Actions = notFound()
	_, err = n.elb.CreateRule(ctx, in)
	refused(t, "101 rules", err, "TooManyRules", "maximum")
}

// The user guides of both kinds of load balancers have other defaults than the API
// reference.
func TestHealthChecksHaveADefaultTimeout(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	for _, c := range []struct {
		group, check elbtypes.ProtocolEnum
		want         int32
	}{
		{elbtypes.ProtocolEnumHttp, "", 5},
		{elbtypes.ProtocolEnumHttps, elbtypes.ProtocolEnumHttps, 5},
		{elbtypes.ProtocolEnumTcp, "", 10},
		{elbtypes.ProtocolEnumTcp, elbtypes.ProtocolEnumHttp, 6},
		{elbtypes.ProtocolEnumTcp, elbtypes.ProtocolEnumHttps, 10},
	} {
		g := must(n.elb.CreateTargetGroup(t.Context(), &elb.CreateTargetGroupInput{
			Name: aws.String(string(c.group + "-" + c.check + "-x")), Protocol: c.group, Port: aws.Int32(80), VpcId: &n.vpc,
			TargetType: elbtypes.TargetTypeEnumIp, HealthCheckProtocol: c.check,
		}))(t).TargetGroups[0]
		if *g.HealthCheckTimeoutSeconds != c.want {
			t.Errorf("%s checked by %q: %d s, want %d", c.group, c.check, *g.HealthCheckTimeoutSeconds, c.want)
		}
	}
}
