package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// SecurityGroupKind is the kind of security-group/net.NETWORK.
const SecurityGroupKind = "security-group"

// SecurityGroup is an EC2 security group with all of its rules. Attrs: id, arn.
type SecurityGroup struct {
	// GroupName ends in a hash of what cannot be changed, so that a replacement
	// is made beside the old group.
	GroupName   string              `json:"groupName"`
	Description string              `json:"description"`
	VpcID       plan.Value          `json:"vpcId"`
	Ingress     []SecurityGroupRule `json:"ingress,omitempty"`
	Egress      []SecurityGroupRule `json:"egress,omitempty"` // nil: no way out at all
	Tags        []Tag               `json:"tags,omitempty"`
}

// SecurityGroupRule lets one peer through. Exactly one of Self, CidrIpv4,
// CidrIpv6, PrefixListID and GroupID says which.
type SecurityGroupRule struct {
	Protocol     string     `json:"ipProtocol"`         // tcp, udp, icmp, -1 (all, then without ports)
	FromPort     int        `json:"fromPort,omitempty"` // 0 with protocol -1
	ToPort       int        `json:"toPort,omitempty"`
	Self         bool       `json:"self,omitempty"` // the members of this group
	CidrIpv4     string     `json:"cidrIpv4,omitempty"`
	CidrIpv6     string     `json:"cidrIpv6,omitempty"`
	PrefixListID string     `json:"prefixListId,omitempty"`
	GroupID      plan.Value `json:"groupId,omitzero"`
	Description  string     `json:"description,omitempty"`
}

// Key is what makes EC2 call two rules the same (InvalidPermission.Duplicate):
// everything but the description.
func (r SecurityGroupRule) Key() string {
	return fmt.Sprintf("%s/%d/%d/%t/%s/%s/%s/%s",
		r.Protocol, r.FromPort, r.ToPort, r.Self, r.CidrIpv4, r.CidrIpv6, r.PrefixListID, r.GroupID)
}

// AnyIpv4 is the whole of the IPv4 internet.
const AnyIpv4 = "0.0.0.0/0"

func securityGroupRules() plan.Rules {
	ruleKey := []string{"ipProtocol", "fromPort", "toPort", "self", "cidrIpv4", "cidrIpv6", "prefixListId", "groupId"}
	return plan.Rules{
		Kind:      SecurityGroupKind,
		New:       func() any { return &SecurityGroup{} },
		Normalize: func(s any) { s.(*SecurityGroup).normalize() },
		Attrs:     []string{"id"},
		Keys:      map[string][]string{"tags": {"key"}, "ingress": ruleKey, "egress": ruleKey},
		// EC2 has no call that changes any of these.
		Immutable: []string{"groupName", "description", "vpcId"},
		Brief:     []string{"ingress", "egress"},
		Owner:     ownerOfGroup,
		Optional:  []string{"tags.*"},
		Effects:   securityGroupEffects,
		Routes:    &plan.RouteRules{},
		Extends:   closes,
		With:      func(live, want any) any { return want.(*SecurityGroup).With(live.(*SecurityGroup)) },
		Decided:   decidedOfGroup,
	}
}

// With is the group before, which lets in and out what this one does besides.
func (g *SecurityGroup) With(before *SecurityGroup) *SecurityGroup {
	both := *before
	both.Ingress, both.Egress = allRules(g.Ingress, before.Ingress), allRules(g.Egress, before.Egress)
	return &both
}

func allRules(first, then []SecurityGroupRule) []SecurityGroupRule {
	out := slices.Clone(first)
	for _, rule := range then {
		if lacks(out, []SecurityGroupRule{rule}) {
			out = append(out, rule)
		}
	}
	return out
}

// closes says whether a change removes rules.
func closes(live, want any) bool {
	from, _ := live.(*SecurityGroup)
	to := want.(*SecurityGroup)
	return from != nil && (lacks(to.Ingress, from.Ingress) || lacks(to.Egress, from.Egress))
}

// lacks says whether one of the rules of from is not in to.
func lacks(to, from []SecurityGroupRule) bool {
	key := func(r SecurityGroupRule) string {
		r.GroupID = plan.Literal(r.GroupID.String())
		return r.Key()
	}
	kept := map[string]bool{}
	for _, r := range to {
		kept[key(r)] = true
	}
	return slices.ContainsFunc(from, func(r SecurityGroupRule) bool { return !kept[key(r)] })
}

// anyIpv6 is the whole of the IPv6 internet.
const anyIpv6 = "::/0"

// securityGroupEffects says what a change opens to everybody that was not open.
func securityGroupEffects(live, want any, _ []plan.Change, _ bool) plan.Effects {
	from, _ := live.(*SecurityGroup)
	to, _ := want.(*SecurityGroup)
	if to == nil {
		return plan.Effects{}
	}
	var open []SecurityGroupRule
	if from != nil {
		open = from.Ingress
	}
	var effects plan.Effects
	for _, cidr := range []string{AnyIpv4, anyIpv6} {
		var ports []string
		for _, rule := range to.Ingress {
			if rule.toAll(cidr) && !slices.ContainsFunc(open, rule.within) {
				ports = append(ports, rule.ports())
			}
		}
		if len(ports) > 0 {
			effects.Exposes = append(effects.Exposes, cidr+" on "+strings.Join(ports, ", "))
		}
	}
	return effects
}

func (r SecurityGroupRule) toAll(cidr string) bool { return r.CidrIpv4 == cidr || r.CidrIpv6 == cidr }

// within says whether another rule lets through all that r does.
func (r SecurityGroupRule) within(other SecurityGroupRule) bool {
	protocol := other.Protocol == "-1" || other.Protocol == r.Protocol && other.FromPort <= r.FromPort && r.ToPort <= other.ToPort
	return protocol && other.CidrIpv4 == r.CidrIpv4 && other.CidrIpv6 == r.CidrIpv6
}

// ports are the ports of a rule as text: tcp 80, udp 8000-8010, all ports.
func (r SecurityGroupRule) ports() string {
	switch {
	case r.Protocol == "-1":
		return "all ports"
	case r.FromPort == r.ToPort:
		return fmt.Sprintf("%s %d", r.Protocol, r.FromPort)
	default:
		return fmt.Sprintf("%s %d-%d", r.Protocol, r.FromPort, r.ToPort)
	}
}

func (g *SecurityGroup) normalize() {
	for _, rules := range [][]SecurityGroupRule{g.Ingress, g.Egress} {
		for i := range rules {
			if rules[i].Protocol == "-1" {
				rules[i].FromPort, rules[i].ToPort = 0, 0
			}
		}
		sortBy(rules, SecurityGroupRule.Key)
	}
	sortBy(g.Tags, func(t Tag) string { return t.Key })
}
