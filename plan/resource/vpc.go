package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const setVPC = "set x-fargate.vpc to the id or the Name tag of a VPC"

func (c *chooser) vpc(ctx context.Context) (id, why string, err error) {
	switch {
	case c.needs.VPC != "":
		return c.namedVPC(ctx)
	case len(c.needs.Subnets) > 0:
		return c.vpcOfSubnets(ctx)
	case c.found.balancer != nil:
		vpc := c.found.balancer.VPC
		return vpc, vpc + ", where the load balancer of x-fargate.load_balancer is", nil
	case c.found.groups.vpc() != "":
		vpc := c.found.groups.vpc()
		return vpc, vpc + ", which has the security groups that the files name", nil
	case len(c.habits.vpcs) > 0 || len(c.habits.subnets) > 0:
		return c.usedVPC(ctx)
	default:
		return c.defaultVPC(ctx)
	}
}

func (c *chooser) namedVPC(ctx context.Context) (id, why string, err error) {
	name := c.needs.VPC
	by := filter("tag:Name", name)
	if strings.HasPrefix(name, "vpc-") {
		by = filter("vpc-id", name)
	}
	found, err := c.vpcs(ctx, by)
	switch {
	case err != nil:
		return "", "", err
	case len(found) == 0:
		return "", "", misnamed("x-fargate.vpc", "names %q, and there is no VPC of this id or Name tag in %s", name, c.region)
	case len(found) > 1:
		return "", "", misnamed("x-fargate.vpc", "names %q, which is the Name tag of %s: write the id of one", name, strings.Join(found, " and "))
	case found[0] != name:
		return found[0], fmt.Sprintf("%s, which x-fargate.vpc names %q", found[0], name), nil
	default:
		return name, name + " as x-fargate.vpc says", nil
	}
}

// vpcOfSubnets follows from the subnets, where the file names only those.
func (c *chooser) vpcOfSubnets(ctx context.Context) (id, why string, err error) {
	found, err := c.called(ctx, c.needs.Subnets)
	if err != nil {
		return "", "", err
	}
	vpcs := each(found, func(s types.Subnet) string { return text(s.VpcId) })
	slices.Sort(vpcs)
	switch vpcs = slices.Compact(vpcs); len(vpcs) {
	case 0:
		return "", "", misnamed("x-fargate.subnets", "names %s, but none of these exists in %s", strings.Join(c.needs.Subnets, ", "), c.region)
	case 1:
		return vpcs[0], vpcs[0] + ", the VPC of the subnets in x-fargate.subnets", nil
	default:
		return "", "", fmt.Errorf("the subnets in x-fargate.subnets are in %s: %s", strings.Join(vpcs, " and "), setVPC)
	}
}

// called finds subnets by id or Name tag, in any VPC.
func (c *chooser) called(ctx context.Context, names []string) ([]types.Subnet, error) {
	byID, err := c.subnetsOf(ctx, filter("subnet-id", names...))
	if err != nil {
		return nil, err
	}
	byName, err := c.subnetsOf(ctx, filter("tag:Name", names...))
	return append(byID, byName...), err
}

// usedVPC is where the live stack is. In the middle of a move there are two; the
// services tell which one counts.
func (c *chooser) usedVPC(ctx context.Context) (id, why string, err error) {
	if len(c.habits.vpcs) == 1 {
		return c.habits.vpcs[0], c.habits.vpcs[0] + ", where the security groups of this project are", nil
	}
	if len(c.habits.subnets) > 0 {
		found, err := c.subnetsOf(ctx, filter("subnet-id", c.habits.subnets...))
		if err != nil {
			return "", "", err
		}
		if len(found) > 0 {
			id := text(found[0].VpcId)
			return id, id + ", where the services of this project run", nil
		}
	}
	if len(c.habits.vpcs) == 0 {
		return c.defaultVPC(ctx)
	}
	return "", "", fmt.Errorf("the security groups of this project are in %s: %s", strings.Join(c.habits.vpcs, " and "), setVPC)
}

func (c *chooser) defaultVPC(ctx context.Context) (id, why string, err error) {
	found, err := c.vpcs(ctx, filter("is-default", "true"))
	if err != nil {
		return "", "", err
	}
	if len(found) == 0 {
		return "", "", fmt.Errorf("%s has no default VPC: %s", c.region, setVPC)
	}
	return found[0], "default VPC " + found[0], nil
}

func (c *chooser) vpcs(ctx context.Context, by types.Filter) ([]string, error) {
	found, err := allPages(ctx, ec2.NewDescribeVpcsPaginator(c.api, &ec2.DescribeVpcsInput{Filters: []types.Filter{by}}),
		func(page *ec2.DescribeVpcsOutput) []types.Vpc { return page.Vpcs })
	ids := each(found, func(vpc types.Vpc) string { return text(vpc.VpcId) })
	slices.Sort(ids)
	return ids, err
}
