package resource

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// liveBalancers are the load balancers of the project. They are told by their
// security groups, since EC2 finds by tags at once and the tagging API with a
// delay: each of ours has one, and without such a group nothing is asked.
func (a *Account) liveBalancers(ctx context.Context) ([]elbtypes.LoadBalancer, error) {
	groups, err := a.balancerGroups(ctx)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	return a.memo.balancers.get(func() ([]elbtypes.LoadBalancer, error) {
		all, err := describeLoadBalancers(ctx, a.session, elasticloadbalancingv2.DescribeLoadBalancersInput{})
		return slices.DeleteFunc(all, func(b elbtypes.LoadBalancer) bool {
			return !slices.ContainsFunc(b.SecurityGroups, func(id string) bool { return slices.Contains(groups, id) })
		}), err
	})
}

// balancerGroups are the ids of the project's groups of load balancers.
func (a *Account) balancerGroups(ctx context.Context) ([]string, error) {
	groups, err := a.ownSecurityGroups(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, group := range groups {
		tags := pairs(group.Tags)
		address, err := plan.ParseAddress(tags[plan.TagResource])
		if err == nil && strings.HasPrefix(address.Name, spec.LoadBalancerKind+".") {
			ids = append(ids, text(group.GroupId))
		}
	}
	return ids, nil
}

// balancerSubnets chooses the subnets of load balancers: one in every zone that
// tasks run in, because targets in other zones get no requests (see reached);
// one in every zone that the project's load balancers are in already; and in
// two zones at least, which an application load balancer requires
// (CreateLoadBalancer, field Subnets). In each zone it prefers the subnet in
// use, then one of the tasks, then the lowest id.
func (c *chooser) balancerSubnets(all, tasks []types.Subnet, live []elbtypes.LoadBalancer) plan.BalancerSubnets {
	facing := standing(live, elbtypes.LoadBalancerSchemeEnumInternetFacing)
	internal := standing(live, elbtypes.LoadBalancerSchemeEnumInternal)
	usable := slices.DeleteFunc(slices.Clone(all), func(s types.Subnet) bool { return !c.usable(s) })
	_, _, public := c.sort(all)
	if len(public) == 0 {
		public = c.promised(usable)
	}
	return plan.BalancerSubnets{
		Public:  onePerZone(withRoom(public, facing), tasks, c.rankPublic(tasks, facing)),
		Private: onePerZone(withRoom(usable, internal), tasks, c.rankPrivate(tasks, internal)),
	}
}

// withRoom leaves out subnets that have no room for a load balancer, which
// needs eight free addresses (Elastic Load Balancing user guide, Subnets for
// your load balancer). It keeps those that already have one.
func withRoom(subnets []types.Subnet, used []string) []types.Subnet {
	return slices.DeleteFunc(slices.Clone(subnets), func(s types.Subnet) bool {
		free := s.AvailableIpAddressCount
		return free != nil && *free < 8 && !slices.Contains(used, text(s.SubnetId))
	})
}

// standing are the subnets of live load balancers of a scheme.
func standing(live []elbtypes.LoadBalancer, scheme elbtypes.LoadBalancerSchemeEnum) []string {
	var ids []string
	for _, balancer := range live {
		if balancer.Scheme != scheme {
			continue
		}
		for _, zone := range balancer.AvailabilityZones {
			ids = append(ids, text(zone.SubnetId))
		}
	}
	return ids
}

// ranks of the subnets of a zone. inUse stays whatever else there is.
const (
	inUse = iota
	best
	good
	fair
	poor
)

func (c *chooser) rankPublic(tasks []types.Subnet, used []string) func(types.Subnet) int {
	return func(s types.Subnet) int {
		switch {
		case slices.Contains(used, text(s.SubnetId)):
			return inUse
		case contains(tasks, s):
			return best
		default:
			return good
		}
	}
}

// rankPrivate prefers subnets of the kind that tasks run in: private ones if any
// of theirs is.
func (c *chooser) rankPrivate(tasks []types.Subnet, used []string) func(types.Subnet) int {
	isPublic := func(s types.Subnet) bool { return c.ways.of(s) == internet || c.promises(s) }
	private := slices.ContainsFunc(tasks, func(s types.Subnet) bool { return !isPublic(s) })
	return func(s types.Subnet) int {
		same := isPublic(s) != private
		switch {
		case slices.Contains(used, text(s.SubnetId)):
			return inUse
		case same && contains(tasks, s):
			return best
		case same:
			return good
		case contains(tasks, s):
			return fair
		default:
			return poor
		}
	}
}

func contains(subnets []types.Subnet, s types.Subnet) bool {
	return slices.ContainsFunc(subnets, func(other types.Subnet) bool { return text(other.SubnetId) == text(s.SubnetId) })
}

// onePerZone returns the ids of the first by rank and id in each zone that tasks
// run in or that is in use, and in more zones where these are fewer than two.
func onePerZone(subnets, tasks []types.Subnet, rank func(types.Subnet) int) []string {
	byRank := slices.SortedFunc(slices.Values(subnets), func(a, b types.Subnet) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(text(a.SubnetId), text(b.SubnetId)))
	})
	firsts := map[string]types.Subnet{}
	for _, s := range byRank {
		if _, taken := firsts[text(s.AvailabilityZone)]; !taken {
			firsts[text(s.AvailabilityZone)] = s
		}
	}
	var ids, spare []string
	for _, zone := range slices.Sorted(maps.Keys(firsts)) {
		s := firsts[zone]
		ofTasks := slices.ContainsFunc(tasks, func(t types.Subnet) bool { return text(t.AvailabilityZone) == zone })
		if ofTasks || rank(s) == inUse {
			ids = append(ids, text(s.SubnetId))
		} else {
			spare = append(spare, text(s.SubnetId))
		}
	}
	for len(ids) < 2 && len(spare) > 0 {
		ids, spare = append(ids, spare[0]), spare[1:]
	}
	slices.Sort(ids)
	return ids
}
