package simulator

import (
	"fmt"
	"slices"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// port is a port with its protocol: tcp or udp.
type port struct {
	protocol string
	number   int32
}

// portsOf are the ports that a task maps.
func portsOf(td *types.TaskDefinition) []port {
	var list []port
	for _, c := range td.ContainerDefinitions {
		for _, p := range c.PortMappings {
			list = append(list, port{string(p.Protocol), val(p.ContainerPort)})
		}
	}
	return list
}

// waysOut are what the security groups of a task let out.
func (a *Account) waysOut(groups []string) []holding {
	var list []holding
	for _, group := range groups {
		for _, r := range a.rulesOf(group) {
			if !val(r.IsEgress) {
				continue
			}
			before := *r // which the call may change in place
			list = append(list, holding{
				what: fmt.Sprintf("the way out by %s to %s", permissionKey(r.IpProtocol, r.FromPort, r.ToPort), peerOf(before)),
				held: func() bool {
					return a.anyRule(groups, func(r *ec2types.SecurityGroupRule) bool { return a.ruleIncludes(r, &before) })
				},
			})
		}
	}
	return list
}

// waysIn are what security groups let in at ports. The groups may be others after
// the call; whose they are is told, empty for the task itself.
func (a *Account) waysIn(groups func() []string, ports []port, whose string) []holding {
	var list []holding
	for _, group := range groups() {
		for _, r := range a.rulesOf(group) {
			for _, p := range ports {
				if val(r.IsEgress) || !covers(r, p.protocol, p.number) {
					continue
				}
				before := *r
				before.IpProtocol, before.FromPort, before.ToPort = &p.protocol, &p.number, &p.number
				list = append(list, holding{
					what: fmt.Sprintf("the way in%s by %s from %s", whose, permissionKey(before.IpProtocol, before.FromPort, before.ToPort), peerOf(before)),
					held: func() bool {
						return a.anyRule(groups(), func(r *ec2types.SecurityGroupRule) bool { return a.ruleIncludes(r, &before) })
					},
				})
			}
		}
	}
	return list
}

// ruleIncludes tells whether a rule lets through all that the other one does.
// Rules are compared one by one, since together they may do more.
func (a *Account) ruleIncludes(r, other *ec2types.SecurityGroupRule) bool {
	sameWay := val(r.IsEgress) == val(other.IsEgress)
	return sameWay && (*r.IpProtocol == "-1" || *r.IpProtocol == *other.IpProtocol && includesPorts(r, other)) && a.peerIncludes(r, other)
}

// includesPorts compares ports of one protocol. What ICMP has there are types and
// codes, of which -1 is any (EC2 API reference, IpPermission).
func includesPorts(r, other *ec2types.SecurityGroupRule) bool {
	if *r.IpProtocol != "tcp" && *r.IpProtocol != "udp" {
		return (*r.FromPort == -1 || *r.FromPort == *other.FromPort) && (*r.ToPort == -1 || *r.ToPort == *other.ToPort)
	}
	return *r.FromPort <= *other.FromPort && *other.ToPort <= *r.ToPort
}

// peerIncludes tells whether the peers of a rule are all those of the other one. The
// members of a group are in the range of its VPC.
func (a *Account) peerIncludes(r, other *ec2types.SecurityGroupRule) bool {
	switch {
	case peerOf(*r) == peerOf(*other):
		return true
	case other.CidrIpv4 != nil:
		return holds(r.CidrIpv4, other.CidrIpv4)
	case other.CidrIpv6 != nil:
		return holds(r.CidrIpv6, other.CidrIpv6)
	case other.PrefixListId != nil:
		return anywhere(r.CidrIpv4)
	}
	group := val(a.SecurityGroups.Get(str(val(other.ReferencedGroupInfo).GroupId)))
	return holds(r.CidrIpv4, val(a.Vpcs.Get(str(group.VpcId))).CidrBlock)
}

// groupsOf are the security groups of a task, which stay those it was started with.
func groupsOf(t *Task) func() []string {
	return func() []string { return slices.Clone(t.Network.SecurityGroups) }
}
