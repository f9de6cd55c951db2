package simulator

import (
	"net/netip"
	"slices"
	"strconv"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// taskAt is the task that has this address and has not stopped, nil when none
// has.
func (a *Account) taskAt(address string) *Task {
	for _, t := range a.tasks.Of("address " + address) {
		return t
	}
	return nil
}

// answers tells whether a health check of the target passes: a task runs at its
// address, may have the port open, and the security groups of the load
// balancer and of the task let the check through. Health checks are TCP
// connections, whatever the protocol of the target group is.
func (a *Account) answers(t *Target) bool {
	task := a.taskAt(t.ID)
	if task == nil || *task.LastStatus != "RUNNING" {
		return false
	}
	g := a.TargetGroups.Get(t.Group)
	port := t.Port
	if n, err := strconv.ParseInt(*g.HealthCheckPort, 10, 32); err == nil {
		port = int32(n)
	}
	// A container port has one mapping, so that one of TCP_UDP is mapped as either.
	open := g.Protocol == types.ProtocolEnumTcpUdp && port == t.Port || a.listens(task, port)
	return open && a.reaches(a.LoadBalancers.Get(a.balancersOf(t.Group)[0]), task, port)
}

// listens tells whether a TCP port may be open in the task: it is not, where the
// port is mapped for UDP alone. A port that is not mapped may be open.
func (a *Account) listens(task *Task, port int32) bool {
	mapped := false
	for _, c := range a.definition(*task.TaskDefinitionArn).ContainerDefinitions {
		for _, p := range c.PortMappings {
			if val(p.ContainerPort) == port && p.Protocol != ecstypes.TransportProtocolUdp {
				return true
			}
			mapped = mapped || val(p.ContainerPort) == port
		}
	}
	return !mapped
}

// reaches tells whether TCP connections of the load balancer to the task get
// through the security groups of both, from each of its subnets.
func (a *Account) reaches(b *LoadBalancer, task *Task, port int32) bool {
	sends := a.anyRule(b.SecurityGroups, func(r *ec2types.SecurityGroupRule) bool {
		return *r.IsEgress && covers(r, "tcp", port) &&
			(namesGroup(r, task.Network.SecurityGroups) || a.namesSubnet(r, subnetOf(task)))
	})
	if !sends && len(b.SecurityGroups) > 0 { // without groups it sends anything anywhere
		return false
	}
	return !slices.ContainsFunc(b.AvailabilityZones, func(z types.AvailabilityZone) bool {
		return !a.anyRule(task.Network.SecurityGroups, func(r *ec2types.SecurityGroupRule) bool {
			return !*r.IsEgress && covers(r, "tcp", port) && (namesGroup(r, b.SecurityGroups) || a.namesSubnet(r, *z.SubnetId))
		})
	})
}

func (a *Account) anyRule(groups []string, allows func(*ec2types.SecurityGroupRule) bool) bool {
	for _, group := range groups {
		for _, r := range a.rulesOf(group) {
			if allows(r) {
				return true
			}
		}
	}
	return false
}

// covers tells whether a rule is of that protocol and port.
func covers(r *ec2types.SecurityGroupRule, protocol string, port int32) bool {
	return *r.IpProtocol == "-1" || *r.IpProtocol == protocol && *r.FromPort <= port && port <= *r.ToPort
}

// namesGroup tells whether the peer of a rule is one of these groups.
func namesGroup(r *ec2types.SecurityGroupRule, groups []string) bool {
	return r.ReferencedGroupInfo != nil && slices.Contains(groups, *r.ReferencedGroupInfo.GroupId)
}

// namesSubnet tells whether the peer of a rule is a range that has all of the
// subnet: the addresses of load balancer nodes are not known in advance.
func (a *Account) namesSubnet(r *ec2types.SecurityGroupRule, id string) bool {
	peer, err := netip.ParsePrefix(str(r.CidrIpv4))
	if err != nil {
		return false
	}
	subnet, err := netip.ParsePrefix(str(val(a.Subnets.Get(id)).CidrBlock))
	return err == nil && peer.Bits() <= subnet.Bits() && peer.Contains(subnet.Addr())
}

func subnetOf(task *Task) string { return *task.Attachments[0].Details[0].Value }
