package resource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// maxSubnets is how many a service takes (AwsVpcConfiguration, field subnets).
const maxSubnets = 16

func (c *chooser) subnets(ctx context.Context, vpc string, all []types.Subnet) ([]types.Subnet, string, error) {
	if len(c.needs.Subnets) > 0 {
		return c.namedSubnets(vpc, all)
	}
	if used := c.usedSubnets(all); len(used) > 0 {
		return used, count(used, "subnet") + " that its services use", nil
	}
	return c.anySubnets(ctx, vpc, all)
}

// reached says whether the load balancer that exists, if one was named, reaches
// tasks in a subnet: a target in a zone that is not enabled for its load balancer
// is unused (TargetHealth of elbv2, reason Target.NotInUse).
func (c *chooser) reached(s types.Subnet) bool {
	return c.found.balancer == nil || slices.Contains(c.found.zones, text(s.AvailabilityZone))
}

// facing leaves out subnets that a load balancer of ours, facing the internet,
// would not reach, see reached; none where that leaves none.
func (c *chooser) facing(public, subnets []types.Subnet) []types.Subnet {
	if !c.needs.Balanced || c.found.balancer != nil {
		return subnets
	}
	zones := each(public, func(s types.Subnet) string { return text(s.AvailabilityZone) })
	faced := slices.DeleteFunc(slices.Clone(subnets), func(s types.Subnet) bool {
		return !slices.Contains(zones, text(s.AvailabilityZone))
	})
	if len(faced) == 0 {
		return subnets
	}
	return faced
}

func (c *chooser) namedSubnets(vpc string, all []types.Subnet) ([]types.Subnet, string, error) {
	var out []types.Subnet
	var missing []string
	for _, name := range c.needs.Subnets {
		found := slices.DeleteFunc(slices.Clone(all), func(s types.Subnet) bool {
			return text(s.SubnetId) != name && nameTag(s.Tags) != name
		})
		if len(found) == 0 {
			missing = append(missing, name)
		}
		out = append(out, found...)
	}
	if len(missing) > 0 {
		return nil, "", misnamed("x-fargate.subnets", "names %s, and %s has no subnet of this id or Name tag", strings.Join(missing, ", "), vpc)
	}
	out = slices.CompactFunc(sorted(out), func(a, b types.Subnet) bool { return text(a.SubnetId) == text(b.SubnetId) })
	if len(out) > maxSubnets {
		return nil, "", misnamed("x-fargate.subnets", "names %d subnets; a service can use at most %d", len(out), maxSubnets)
	}
	return out, count(out, "subnet") + " as x-fargate.subnets says", c.unreached(out)
}

// unreached refuses named subnets in which tasks would not be reached.
func (c *chooser) unreached(subnets []types.Subnet) error {
	var outside []string
	for _, s := range subnets {
		if !c.reached(s) {
			outside = append(outside, fmt.Sprintf("%s in %s", text(s.SubnetId), text(s.AvailabilityZone)))
		}
	}
	if len(outside) == 0 {
		return nil
	}
	return misnamed("x-fargate.subnets", "names %s, which the load balancer of x-fargate.load_balancer does not reach: it is in %s",
		and(outside), and(c.found.zones))
}

func nameTag(tags []types.Tag) string {
	for _, tag := range tags {
		if text(tag.Key) == "Name" {
			return text(tag.Value)
		}
	}
	return ""
}

// usedSubnets are the subnets of the live services, as far as they exist in
// this VPC and the load balancers reach them.
func (c *chooser) usedSubnets(all []types.Subnet) []types.Subnet {
	used := slices.DeleteFunc(slices.Clone(all), func(s types.Subnet) bool {
		return !slices.Contains(c.habits.subnets, text(s.SubnetId)) || !c.reached(s)
	})
	return spread(used)
}

// anySubnets chooses for a newcomer: private subnets with a NAT gateway or what
// is like one, then those with VPC endpoints in its place, else public ones. A
// public address is of use in public ones only.
func (c *chooser) anySubnets(ctx context.Context, vpc string, all []types.Subnet) ([]types.Subnet, string, error) {
	private, shut, public := c.sort(all)
	wantsPublic := aws.ToBool(c.needs.PublicIP)
	if len(private) > 0 && !wantsPublic {
		private = c.facing(public, private)
		return spread(private), count(private, "private subnet") + " with a way out through " + c.through(private), nil
	}
	var missing []string
	if len(shut) > 0 && !wantsPublic {
		served, lacks, err := c.served(ctx, vpc, shut)
		if err != nil {
			return nil, "", err
		}
		if len(served) > 0 {
			served = c.facing(public, served)
			return spread(served), count(served, "private subnet"), nil
		}
		missing = lacks
	}
	if len(public) > 0 {
		return spread(public), count(public, "public subnet") + " with a route to an internet gateway", nil
	}
	if len(private) > 0 {
		return nil, "", misnamed("x-fargate.public_ip", "is true, and no subnet of %s has a route to an internet gateway", vpc)
	}
	if promised := c.promised(all); len(promised) > 0 {
		return spread(promised), count(promised, "subnet") + " that give public addresses (no route to an internet gateway was found)", nil
	}
	if c.found.balancer != nil {
		vpc += ", in the zones of the load balancer of x-fargate.load_balancer (" + and(c.found.zones) + "),"
	}
	return nil, "", noWayOut(vpc, missing)
}

// noWayOut is the error for a VPC that no task can start in. missing are the VPC
// endpoints that would do in place of a way out; nil where no subnet is for them.
func noWayOut(vpc string, missing []string) error {
	problem := vpc + " has no subnet with a way to the internet, which tasks need to pull their images"
	if len(missing) == 0 {
		return errors.New(problem + ": set x-fargate.vpc, or x-fargate.subnets if there is a way that the route tables don't show")
	}
	return errors.New(problem + ", and no VPC endpoints for " + and(missing) + " instead (for secrets also " + and(secretEndpoints) +
		"): create them or a NAT gateway, set x-fargate.vpc, or x-fargate.subnets if there is a way that the route tables don't show")
}

// served are the subnets among those without a way out that VPC endpoints serve.
// Where there are none, missing names the endpoints that the best of them lacks.
func (c *chooser) served(ctx context.Context, vpc string, shut []types.Subnet) (served []types.Subnet, missing []string, err error) {
	endpoints, err := c.vpcEndpoints(ctx, vpc)
	if err != nil {
		return nil, nil, err
	}
	missing = pullEndpoints
	for _, s := range shut {
		lacks := without(pullEndpoints, endpoints.of([]string{c.tableOf(s)}))
		if len(lacks) == 0 {
			served = append(served, s)
		}
		if len(lacks) < len(missing) {
			missing = lacks
		}
	}
	return served, missing, nil
}

// through says through what the subnets have their way out.
func (c *chooser) through(private []types.Subnet) string {
	others := slices.DeleteFunc(slices.Clone(private), func(s types.Subnet) bool { return c.ways.of(s) == nat })
	switch len(others) {
	case 0:
		return "a NAT gateway"
	case len(private):
		return "a transit gateway, a VPN or an appliance"
	default:
		return "a NAT gateway, or a transit gateway, a VPN or an appliance"
	}
}

func (c *chooser) promised(all []types.Subnet) []types.Subnet {
	return slices.DeleteFunc(slices.Clone(all), func(s types.Subnet) bool { return !c.promises(s) || !c.reached(s) })
}

// promises says whether a subnet is meant to be public although its routes don't
// show it: whoever may not see all routes is taken at the subnet's word.
func (c *chooser) promises(s types.Subnet) bool {
	return c.inZone(s) && aws.ToBool(s.MapPublicIpOnLaunch) && c.ways.of(s) == isolated
}

// sort tells private subnets with a way out from those without and from public
// ones. Those that are not usable, or not reached, are in none.
func (c *chooser) sort(all []types.Subnet) (private, shut, public []types.Subnet) {
	for _, s := range all {
		if !c.usable(s) || !c.reached(s) {
			continue
		}
		switch c.ways.of(s) {
		case internet:
			public = append(public, s)
		case isolated:
			shut = append(shut, s)
		default:
			private = append(private, s)
		}
	}
	return private, c.unpromised(shut), public
}

// unpromised leaves out those that promise to be public.
func (c *chooser) unpromised(shut []types.Subnet) []types.Subnet {
	return slices.DeleteFunc(shut, c.promises)
}

// usable leaves out subnets where Fargate does not run, in Local Zones,
// Wavelength Zones and on Outposts, and those without IPv4 (Fargate user guide,
// AWS Fargate Regions).
func (c *chooser) usable(s types.Subnet) bool {
	return c.inZone(s) && !aws.ToBool(s.Ipv6Native) && s.State != types.SubnetStatePending
}

// inZone says whether the subnet is in an Availability Zone: the name of one is
// that of the region and a letter; us-east-1-bos-1a is a Local Zone.
func (c *chooser) inZone(s types.Subnet) bool {
	letter, ok := strings.CutPrefix(text(s.AvailabilityZone), c.region)
	return ok && len(letter) == 1 && s.OutpostArn == nil
}

func (c *chooser) subnetsOf(ctx context.Context, by types.Filter) ([]types.Subnet, error) {
	out, err := allPages(ctx, ec2.NewDescribeSubnetsPaginator(c.api, &ec2.DescribeSubnetsInput{Filters: []types.Filter{by}}),
		func(page *ec2.DescribeSubnetsOutput) []types.Subnet { return page.Subnets })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b types.Subnet) int { return cmp.Compare(text(a.SubnetId), text(b.SubnetId)) })
	return out, nil
}

// spread takes as many subnets as a service may have, from all zones alike.
func spread(subnets []types.Subnet) []types.Subnet {
	if len(subnets) <= maxSubnets {
		return sorted(subnets)
	}
	turn := map[string]int{}
	round := map[string]int{}
	for _, s := range sorted(subnets) {
		zone := text(s.AvailabilityZone)
		round[text(s.SubnetId)] = turn[zone]
		turn[zone]++
	}
	out := sorted(subnets)
	slices.SortStableFunc(out, func(a, b types.Subnet) int {
		return cmp.Compare(round[text(a.SubnetId)], round[text(b.SubnetId)])
	})
	return sorted(out[:maxSubnets])
}

func sorted(subnets []types.Subnet) []types.Subnet {
	return slices.SortedFunc(slices.Values(subnets), func(a, b types.Subnet) int {
		return cmp.Compare(text(a.SubnetId), text(b.SubnetId))
	})
}

func count(subnets []types.Subnet, what string) string {
	n := min(len(subnets), maxSubnets)
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
