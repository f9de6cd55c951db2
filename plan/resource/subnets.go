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

func (c chooser) subnets(vpc string, all []types.Subnet) ([]types.Subnet, string, error) {
	if len(c.needs.Subnets) > 0 {
		return c.namedSubnets(vpc, all)
	}
	if used := c.usedSubnets(all); len(used) > 0 {
		return used, count(used, "subnet") + " that its services use", nil
	}
	return c.anySubnets(vpc, all)
}

func (c chooser) namedSubnets(vpc string, all []types.Subnet) ([]types.Subnet, string, error) {
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
		return nil, "", fmt.Errorf("x-fargate.subnets names %s, and %s has no subnet of this id or Name tag", strings.Join(missing, ", "), vpc)
	}
	out = slices.CompactFunc(sorted(out), func(a, b types.Subnet) bool { return text(a.SubnetId) == text(b.SubnetId) })
	if len(out) > maxSubnets {
		return nil, "", fmt.Errorf("x-fargate.subnets names %d subnets; a service takes %d at most", len(out), maxSubnets)
	}
	return out, count(out, "subnet") + " as x-fargate.subnets says", nil
}

func nameTag(tags []types.Tag) string {
	for _, tag := range tags {
		if text(tag.Key) == "Name" {
			return text(tag.Value)
		}
	}
	return ""
}

// usedSubnets are those of the live services, as far as they exist in this VPC.
func (c chooser) usedSubnets(all []types.Subnet) []types.Subnet {
	used := slices.DeleteFunc(slices.Clone(all), func(s types.Subnet) bool {
		return !slices.Contains(c.habits.subnets, text(s.SubnetId))
	})
	return spread(used)
}

// anySubnets chooses for a newcomer: private subnets with a NAT gateway, else
// public ones. A public address is of use in public ones only.
func (c chooser) anySubnets(vpc string, all []types.Subnet) ([]types.Subnet, string, error) {
	private, public := c.sort(all)
	wantsPublic := aws.ToBool(c.needs.PublicIP)
	switch {
	case len(private) > 0 && !wantsPublic:
		return spread(private), count(private, "private subnet") + " with a way out through a NAT gateway", nil
	case len(public) > 0:
		return spread(public), count(public, "public subnet") + " with a route to an internet gateway", nil
	case len(private) > 0:
		return nil, "", fmt.Errorf("x-fargate.public_ip is true, and no subnet of %s has a route to an internet gateway", vpc)
	}
	if promised := slices.DeleteFunc(slices.Clone(all), func(s types.Subnet) bool { return !c.promises(s) }); len(promised) > 0 {
		return spread(promised), count(promised, "subnet") + " that give public addresses (no route to an internet gateway was found)", nil
	}
	return nil, "", errors.New(vpc + " has no subnet with a way to the internet, which tasks need to pull their images: " +
		"set x-fargate.subnets where VPC endpoints take its place, or x-fargate.vpc")
}

// promises says whether a subnet is meant to be public although its routes don't
// show it: whoever may not see all routes is taken at the subnet's word.
func (c chooser) promises(s types.Subnet) bool {
	return c.inZone(s) && aws.ToBool(s.MapPublicIpOnLaunch) && c.ways.of(text(s.SubnetId)) == isolated
}

// sort tells private subnets from public ones. Those where Fargate does not run,
// in Local Zones, Wavelength Zones and on Outposts, and those without IPv4 are in
// neither (Fargate user guide, AWS Fargate Regions).
func (c chooser) sort(all []types.Subnet) (private, public []types.Subnet) {
	for _, s := range all {
		if !c.inZone(s) || aws.ToBool(s.Ipv6Native) || s.State == types.SubnetStatePending {
			continue
		}
		switch c.ways.of(text(s.SubnetId)) {
		case nat:
			private = append(private, s)
		case internet:
			public = append(public, s)
		}
	}
	return private, public
}

// inZone says whether the subnet is in an Availability Zone: the name of one is
// that of the region and a letter; us-east-1-bos-1a is a Local Zone.
func (c chooser) inZone(s types.Subnet) bool {
	letter, ok := strings.CutPrefix(text(s.AvailabilityZone), c.region)
	return ok && len(letter) == 1 && s.OutpostArn == nil
}

func (c chooser) subnetsOf(ctx context.Context, by types.Filter) ([]types.Subnet, error) {
	var out []types.Subnet
	pages := ec2.NewDescribeSubnetsPaginator(c.api, &ec2.DescribeSubnetsInput{Filters: []types.Filter{by}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Subnets...)
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
