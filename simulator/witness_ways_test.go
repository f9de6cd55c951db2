package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestTheWitnessComparesRulesByWhatTheyCover(t *testing.T) {
	const taken = "the way in by tcp 8080-8080 from 0.0.0.0/0"
	ports := func(from, to int32) ec2types.IpPermission {
		rule := tcp(from, "0.0.0.0/0")
		rule.ToPort = &to
		return rule
	}
	anything := ec2types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}
	watch(t, possess(t), []taking[possessing]{
		{"any protocol", "", func(p possessing) error { return p.replace(anything) }},
		{"more ports", "", func(p possessing) error { return p.replace(ports(1, 9000)) }},
		{"other ports", taken, func(p possessing) error { return p.replace(ports(8081, 9000)) }},
		{"a part of the addresses", taken, func(p possessing) error { return p.replace(tcp(8080, "10.0.0.0/8")) }},
		{"another protocol", taken, func(p possessing) error {
			rule := tcp(8080, "0.0.0.0/0")
			rule.IpProtocol = aws.String("udp")
			return p.replace(rule)
		}},
		{"more addresses, then no group", "", func(p possessing) error {
			group := tcp(8080, "10.0.0.0/8")
			group.IpRanges, group.UserIdGroupPairs = nil, []ec2types.UserIdGroupPair{{GroupId: &p.mountGroup}}
			must(p.ec2.AuthorizeSecurityGroupIngress(p.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: &p.group, IpPermissions: []ec2types.IpPermission{group},
			}))(p.t)
			_, err := p.ec2.RevokeSecurityGroupIngress(p.t.Context(), &ec2.RevokeSecurityGroupIngressInput{
				GroupId: &p.group, IpPermissions: []ec2types.IpPermission{group},
			})
			return err
		}},
		{"a rule that becomes narrower", taken, func(p possessing) error { return p.modify("10.0.0.0/8", 8080, 8080) }},
		{"a rule that becomes wider", "", func(p possessing) error { return p.modify("0.0.0.0/0", 8000, 9000) }},
		{"the way out", "the way out by -1 to 0.0.0.0/0", func(p possessing) error {
			_, err := p.ec2.RevokeSecurityGroupEgress(p.t.Context(), &ec2.RevokeSecurityGroupEgressInput{
				GroupId: &p.group, IpPermissions: []ec2types.IpPermission{anything},
			})
			return err
		}},
		{"other groups of the mount targets", "the mount of fs-", func(p possessing) error {
			for _, id := range p.targets {
				must(p.efs.ModifyMountTargetSecurityGroups(p.t.Context(), &efs.ModifyMountTargetSecurityGroupsInput{
					MountTargetId: &id, SecurityGroups: []string{p.group},
				}))(p.t)
			}
			return nil
		}},
	})
}

// modify changes the rule for port 8080.
func (p possessing) modify(cidr string, from, to int32) error {
	p.t.Helper()
	for _, r := range must(p.ec2.DescribeSecurityGroupRules(p.t.Context(), &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{p.group}}},
	}))(p.t).SecurityGroupRules {
		if aws.ToInt32(r.FromPort) != 8080 {
			continue
		}
		_, err := p.ec2.ModifySecurityGroupRules(p.t.Context(), &ec2.ModifySecurityGroupRulesInput{
			GroupId: &p.group, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{{
				SecurityGroupRuleId: r.SecurityGroupRuleId,
				SecurityGroupRule:   &ec2types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: &from, ToPort: &to, CidrIpv4: &cidr},
			}},
		})
		return err
	}
	p.t.Fatal("no rule for port 8080")
	return nil
}

// served is a world with a running task behind a load balancer with a rule.
type served struct {
	*published
	rule string
}

func serve(t *testing.T) served {
	t.Helper()
	p := publish(t, simulator.Options{Progress: 1}).open()
	must(p.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &p.balancerGroup, IpPermissions: []ec2types.IpPermission{tcp(80, "0.0.0.0/0")},
	}))(t)
	must(p.elb.ModifyListener(t.Context(), &elb.ModifyListenerInput{ListenerArn: &p.listener, DefaultActions: notFound()}))(t)
	s := served{published: p, rule: p.network.rule(p.listener, 1, p.targets)}
	p.start(p.web(p.targets))
	p.settle("web")
	if got := p.health(p.targets); got != "healthy" {
		t.Fatal(got)
	}
	return s
}

func (s served) again(t *testing.T) served {
	p, n := *s.published, *s.network
	n.world = n.world.again(t)
	n.elb = elb.NewFromConfig(n.Config())
	p.network, s.published = &n, &p
	return s
}

// lead makes another rule to the same target group.
func (s served) lead() { s.network.rule(s.listener, 2, s.targets) }

func (s served) dropRule() error {
	_, err := s.elb.DeleteRule(s.t.Context(), &elb.DeleteRuleInput{RuleArn: &s.rule})
	return err
}

func TestTheWitnessSeesWhatLeadsToATaskTaken(t *testing.T) {
	const lead, reach = "what leads to the target group arn:", "the way from the load balancer shop to its port 8080"
	http := ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80)}
	withRange := func(rule ec2types.IpPermission, cidr string) ec2types.IpPermission {
		rule.IpRanges = []ec2types.IpRange{{CidrIp: &cidr}}
		return rule
	}
	watch(t, serve(t), []taking[served]{
		{"the rule", lead, served.dropRule},
		{"one of two rules", "", func(s served) error { s.lead(); return s.dropRule() }},
		{"a rule that leads elsewhere", lead, func(s served) error {
			_, err := s.elb.ModifyRule(s.t.Context(), &elb.ModifyRuleInput{RuleArn: &s.rule, Actions: notFound()})
			return err
		}},
		{"default actions that lead elsewhere", lead, func(s served) error {
			for _, actions := range [][]elbtypes.Action{forward(s.targets), notFound()} {
				must(s.elb.ModifyListener(s.t.Context(), &elb.ModifyListenerInput{ListenerArn: &s.listener, DefaultActions: actions}))(s.t)
				if actions[0].Type == elbtypes.ActionTypeEnumForward {
					if err := s.dropRule(); err != nil {
						return err
					}
				}
			}
			return nil
		}},
		{"the listener", lead, func(s served) error {
			_, err := s.elb.DeleteListener(s.t.Context(), &elb.DeleteListenerInput{ListenerArn: &s.listener})
			return err
		}},
		{"the load balancer", lead, func(s served) error {
			_, err := s.elb.DeleteLoadBalancer(s.t.Context(), &elb.DeleteLoadBalancerInput{LoadBalancerArn: &s.balancer})
			return err
		}},
		{"the zones", "the zone us-east-1", func(s served) error {
			_, err := s.elb.SetSubnets(s.t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &s.balancer, Subnets: s.subnets[len(s.subnets)-2:]})
			return err
		}},
		{"more zones", "", func(s served) error {
			_, err := s.elb.SetSubnets(s.t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &s.balancer, Subnets: s.subnets})
			return err
		}},
		{"the groups", reach, func(s served) error {
			_, err := s.elb.SetSecurityGroups(s.t.Context(), &elb.SetSecurityGroupsInput{LoadBalancerArn: &s.balancer, SecurityGroups: []string{s.group("new")}})
			return err
		}},
		{"one more group", "", func(s served) error {
			_, err := s.elb.SetSecurityGroups(s.t.Context(), &elb.SetSecurityGroupsInput{
				LoadBalancerArn: &s.balancer, SecurityGroups: []string{s.group("new"), s.balancerGroup},
			})
			return err
		}},
		{"the way in to the listener", "the way in to the load balancer shop by tcp 80-80 from 0.0.0.0/0", func(s served) error {
			_, err := s.ec2.RevokeSecurityGroupIngress(s.t.Context(), &ec2.RevokeSecurityGroupIngressInput{
				GroupId: &s.balancerGroup, IpPermissions: []ec2types.IpPermission{withRange(http, "0.0.0.0/0")},
			})
			return err
		}},
		{"the way in to a listener that leads elsewhere", "", func(s served) error {
			s.listen(s.balancer, elbtypes.ProtocolEnumHttp, 81, notFound())
			other := []ec2types.IpPermission{tcp(81, "0.0.0.0/0")}
			must(s.ec2.AuthorizeSecurityGroupIngress(s.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.balancerGroup, IpPermissions: other}))(s.t)
			_, err := s.ec2.RevokeSecurityGroupIngress(s.t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &s.balancerGroup, IpPermissions: other})
			return err
		}},
		{"the rule of a service that is then deleted", "", func(s served) error {
			defer s.remove("web")
			return s.dropRule()
		}},
		{"the way out of the load balancer", reach, func(s served) error {
			_, err := s.ec2.RevokeSecurityGroupEgress(s.t.Context(), &ec2.RevokeSecurityGroupEgressInput{
				GroupId: &s.balancerGroup, IpPermissions: []ec2types.IpPermission{withRange(ec2types.IpPermission{IpProtocol: aws.String("-1")}, "0.0.0.0/0")},
			})
			return err
		}},
		{"the target", "its place in the target group arn:", func(s served) error {
			var targets []elbtypes.TargetDescription
			for _, h := range must(s.elb.DescribeTargetHealth(s.t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: &s.targets}))(s.t).TargetHealthDescriptions {
				targets = append(targets, *h.Target)
			}
			_, err := s.elb.DeregisterTargets(s.t.Context(), &elb.DeregisterTargetsInput{TargetGroupArn: &s.targets, Targets: targets})
			return err
		}},
	})
}
