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

	"github.com/compose2fargate/compose2fargate/plan"
)

type networkAPI interface {
	ec2.DescribeVpcsAPIClient
	ec2.DescribeSubnetsAPIClient
	ec2.DescribeRouteTablesAPIClient
}

// network is where the tasks of a stack run, and why there.
type network struct {
	vpc      string
	whyVPC   string
	subnets  []types.Subnet
	whySubs  string
	publicIP bool
	whyIP    string
}

// maxSubnets is how many a service takes (AwsVpcConfiguration, field subnets).
const maxSubnets = 16

func (n network) ids() []string {
	ids := each(n.subnets, func(s types.Subnet) string { return text(s.SubnetId) })
	slices.Sort(ids)
	return ids
}

// why is one sentence for the reader of a plan.
func (n network) why() string {
	return fmt.Sprintf("%s, %s, %s", n.whyVPC, n.whySubs, n.whyIP)
}

// habits are what the live stack of the project uses.
type habits struct {
	vpcs     []string
	subnets  []string
	publicIP bool
	services int
}

func (a *Account) habits(ctx context.Context, needs Needs) (habits, error) {
	groups, err := a.groups(ctx)
	if err != nil {
		return habits{}, err
	}
	ids, err := a.projectServices(ctx)
	if err != nil {
		return habits{}, err
	}
	// The tagging API does not know new services yet, and the cluster need not be
	// the project's own.
	if len(ids) == 0 && len(groups) > 0 && needs.Cluster != "" {
		if ids, err = listServices(ctx, a.ecs, clusterName(needs.Cluster)); err != nil && !is(err, "ClusterNotFound") {
			return habits{}, err
		}
	}
	services, err := a.describeServices(ctx, ids)
	if err != nil {
		return habits{}, err
	}
	var h habits
	for _, group := range groups {
		h.vpcs = append(h.vpcs, text(group.VpcId))
	}
	for _, service := range services {
		n := service.NetworkConfiguration
		if ecsTagMap(service.Tags)[plan.TagProject] != a.project || n == nil || n.AwsvpcConfiguration == nil {
			continue
		}
		h.services++
		h.subnets = append(h.subnets, n.AwsvpcConfiguration.Subnets...)
		h.publicIP = h.publicIP || n.AwsvpcConfiguration.AssignPublicIp == "ENABLED"
	}
	slices.Sort(h.vpcs)
	h.vpcs = slices.Compact(h.vpcs)
	slices.Sort(h.subnets)
	h.subnets = slices.Compact(h.subnets)
	return h, nil
}

// chooser chooses the network for the tasks.
type chooser struct {
	api    networkAPI
	region string
	needs  Needs
	habits habits
	ways   ways
}

func (a *Account) network(ctx context.Context, needs Needs) (network, error) {
	habits, err := a.habits(ctx, needs)
	if err != nil {
		return network{}, err
	}
	c := chooser{api: a.ec2, region: a.region, needs: needs, habits: habits}
	var n network
	if n.vpc, n.whyVPC, err = c.vpc(ctx); err != nil {
		return network{}, err
	}
	all, err := c.subnetsOf(ctx, filter("vpc-id", n.vpc))
	if err != nil {
		return network{}, err
	}
	if c.ways, err = readWays(ctx, c.api, n.vpc); err != nil {
		return network{}, err
	}
	if n.subnets, n.whySubs, err = c.subnets(n.vpc, all); err != nil {
		return network{}, err
	}
	n.publicIP, n.whyIP = c.publicIP(n.subnets)
	return n, nil
}

const setVPC = "set x-fargate.vpc to the id or the Name tag of a VPC"

func (c chooser) vpc(ctx context.Context) (id, why string, err error) {
	switch {
	case c.needs.VPC != "":
		return c.namedVPC(ctx)
	case len(c.needs.Subnets) > 0:
		return c.vpcOfSubnets(ctx)
	case len(c.habits.vpcs) > 0 || len(c.habits.subnets) > 0:
		return c.usedVPC(ctx)
	default:
		return c.defaultVPC(ctx)
	}
}

func (c chooser) namedVPC(ctx context.Context) (id, why string, err error) {
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
		return "", "", fmt.Errorf("x-fargate.vpc names %q, and there is no VPC of this id or Name tag in %s", name, c.region)
	case len(found) > 1:
		return "", "", fmt.Errorf("x-fargate.vpc names %q, which is the Name tag of %s: write the id of one", name, strings.Join(found, " and "))
	case found[0] != name:
		return found[0], fmt.Sprintf("%s, which x-fargate.vpc names %q", found[0], name), nil
	default:
		return name, name + " as x-fargate.vpc says", nil
	}
}

// vpcOfSubnets follows from the subnets, where the file names only those.
func (c chooser) vpcOfSubnets(ctx context.Context) (id, why string, err error) {
	found, err := c.called(ctx, c.needs.Subnets)
	if err != nil {
		return "", "", err
	}
	vpcs := each(found, func(s types.Subnet) string { return text(s.VpcId) })
	slices.Sort(vpcs)
	switch vpcs = slices.Compact(vpcs); len(vpcs) {
	case 0:
		return "", "", fmt.Errorf("x-fargate.subnets names %s, and there is none of these in %s", strings.Join(c.needs.Subnets, ", "), c.region)
	case 1:
		return vpcs[0], vpcs[0] + ", the VPC of the subnets in x-fargate.subnets", nil
	default:
		return "", "", fmt.Errorf("the subnets in x-fargate.subnets are in %s: %s", strings.Join(vpcs, " and "), setVPC)
	}
}

// called finds subnets by id or Name tag, in any VPC.
func (c chooser) called(ctx context.Context, names []string) ([]types.Subnet, error) {
	byID, err := c.subnetsOf(ctx, filter("subnet-id", names...))
	if err != nil {
		return nil, err
	}
	byName, err := c.subnetsOf(ctx, filter("tag:Name", names...))
	return append(byID, byName...), err
}

// usedVPC is where the live stack is. In the middle of a move there are two; the
// services tell which one counts.
func (c chooser) usedVPC(ctx context.Context) (id, why string, err error) {
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

func (c chooser) defaultVPC(ctx context.Context) (id, why string, err error) {
	found, err := c.vpcs(ctx, filter("is-default", "true"))
	if err != nil {
		return "", "", err
	}
	if len(found) == 0 {
		return "", "", fmt.Errorf("%s has no default VPC: %s", c.region, setVPC)
	}
	return found[0], "default VPC " + found[0], nil
}

func (c chooser) vpcs(ctx context.Context, by types.Filter) ([]string, error) {
	var ids []string
	pages := ec2.NewDescribeVpcsPaginator(c.api, &ec2.DescribeVpcsInput{Filters: []types.Filter{by}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, vpc := range page.Vpcs {
			ids = append(ids, text(vpc.VpcId))
		}
	}
	slices.Sort(ids)
	return ids, nil
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

// publicIP decides whether tasks get a public address.
func (c chooser) publicIP(subnets []types.Subnet) (bool, string) {
	const yes, no = "a public address for each task", "no public addresses"
	if asked := c.needs.PublicIP; asked != nil {
		if *asked {
			return true, yes + " as x-fargate.public_ip says"
		}
		return false, no + " as x-fargate.public_ip says"
	}
	if len(c.needs.Subnets) == 0 && c.habits.services > 0 && len(c.usedSubnets(subnets)) > 0 {
		if c.habits.publicIP {
			return true, yes + " as its services have"
		}
		return false, no + " as its services have none"
	}
	for _, s := range subnets {
		if c.ways.of(text(s.SubnetId)) == internet || c.promises(s) {
			return true, yes
		}
	}
	return false, no
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
