package simulator

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// targetsHeld are the places of a task in its target groups.
func (a *Account) targetsHeld(t *Task) []holding {
	var list holdings
	for _, lb := range a.balancersOfTask(t) {
		group := *lb.TargetGroupArn
		list.add("the target group "+group, func() bool { return a.TargetGroups.Get(group) != nil })
		list.add("its place in the target group "+group, func() bool {
			target := a.Targets.Get(targetOfTask(t, lb))
			return target != nil && !target.Draining
		})
	}
	return list
}

// balancersHeld are the ways from the clients of load balancers to a task, which a
// service that goes away needs no more.
func (a *Account) balancersHeld(t *Task) []holding {
	var list holdings
	for _, lb := range a.balancersOfTask(t) {
		group := *lb.TargetGroupArn
		list.add("what leads to the target group "+group, func() bool { return len(a.balancersOf(group)) > 0 })
		for _, balancer := range a.balancersOf(group) {
			list = append(list, a.balancerHeld(balancer, t, lb)...)
		}
	}
	for i := range list {
		list[i].service = t.Service
	}
	return list
}

// balancerHeld is what leads through one load balancer. All of it is held where
// that is gone, since then nothing leads to the target group, which is told.
func (a *Account) balancerHeld(arn string, t *Task, lb types.LoadBalancer) []holding {
	var list holdings
	name := str(val(a.LoadBalancers.Get(arn)).LoadBalancerName)
	list.add("the zone "+str(t.AvailabilityZone)+" of the load balancer "+name, func() bool {
		b, target := a.LoadBalancers.Get(arn), a.Targets.Get(targetOfTask(t, lb))
		return b == nil || target == nil || a.zoneEnabled(b, target)
	})
	for _, number := range a.checkedPorts(lb) {
		list.add("the way from the load balancer "+name+" to its port "+strconv.Itoa(int(number)), func() bool {
			b := a.LoadBalancers.Get(arn)
			return b == nil || a.reaches(b, t, number)
		})
	}
	groups := func() []string { return val(a.LoadBalancers.Get(arn)).SecurityGroups }
	for _, h := range a.waysIn(groups, a.listenedPorts(arn, *lb.TargetGroupArn), " to the load balancer "+name) {
		held := h.held
		h.held = func() bool { return a.LoadBalancers.Get(arn) == nil || held() }
		list = append(list, h)
	}
	return list
}

// checkedPorts are the ports of a task that its load balancer sends to: the one of
// the target and the one of the health check.
func (a *Account) checkedPorts(lb types.LoadBalancer) []int32 {
	ports := []int32{*lb.ContainerPort}
	checked, err := strconv.ParseInt(str(val(a.TargetGroups.Get(*lb.TargetGroupArn)).HealthCheckPort), 10, 32)
	if err == nil && int32(checked) != *lb.ContainerPort {
		ports = append(ports, int32(checked))
	}
	return ports
}

// listenedPorts are the ports of those listeners of a load balancer that lead to a
// target group.
func (a *Account) listenedPorts(balancer, group string) []port {
	var ports []port
	for _, l := range a.listenersOf(balancer) {
		if !slices.Contains(a.groupsOfListener(l), group) {
			continue
		}
		protocols := []string{"tcp"}
		switch l.Protocol {
		case elbtypes.ProtocolEnumUdp:
			protocols = []string{"udp"}
		case elbtypes.ProtocolEnumTcpUdp:
			protocols = []string{"tcp", "udp"}
		}
		for _, protocol := range protocols {
			ports = append(ports, port{protocol, *l.Port})
		}
	}
	return ports
}
