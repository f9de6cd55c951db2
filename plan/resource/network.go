package resource

import (
	"context"
	"fmt"
	"slices"

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

func (a *Account) habits(ctx context.Context, needs plan.Lookups) (habits, error) {
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
	needs  plan.Lookups
	habits habits
	ways   ways
}

func (a *Account) network(ctx context.Context, needs plan.Lookups) (network, error) {
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
