package resource

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// network is where the tasks of a stack run, and why there.
type network struct {
	vpc      string
	whyVPC   string
	subnets  []types.Subnet
	whySubs  string
	publicIP bool
	whyIP    string
	// isolated: there is no way out but the VPC endpoints of these services.
	isolated  bool
	endpoints []string
	// guards and s3List are what lets tasks out to these endpoints.
	guards    []string
	s3List    string
	balancers plan.BalancerSubnets
	zones     map[string]string // by subnet, of all that is chosen
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

func (a *Account) habits(ctx context.Context) (habits, error) {
	groups, err := a.ownSecurityGroups(ctx)
	if err != nil {
		return habits{}, err
	}
	services, err := a.liveServices(ctx)
	if err != nil {
		return habits{}, err
	}
	var h habits
	for _, group := range groups {
		h.vpcs = append(h.vpcs, text(group.VpcId))
	}
	for _, service := range services {
		n := service.NetworkConfiguration
		if pairs(service.Tags)[plan.TagProject] != a.project || n == nil || n.AwsvpcConfiguration == nil {
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
	api    *ec2.Client
	region string
	needs  plan.Lookups
	habits habits
	found  found
	ways   ways
	// endpoints of the VPC, which are read where they matter.
	endpoints memoized[endpoints]
}

func (a *Account) network(ctx context.Context, needs plan.Lookups, found found) (network, error) {
	habits, err := a.habits(ctx)
	if err != nil {
		return network{}, err
	}
	c := &chooser{api: a.ec2(), region: a.region, needs: needs, habits: habits, found: found}
	var n network
	if n.vpc, n.whyVPC, err = c.vpc(ctx); err != nil {
		return network{}, err
	}
	if found.balancer != nil && found.balancer.VPC != n.vpc {
		c.found.balancer = nil // which is told by found.within
	}
	all, err := c.subnetsOf(ctx, filter("vpc-id", n.vpc))
	if err != nil {
		return network{}, err
	}
	if c.ways, err = readWays(ctx, c.api, n.vpc); err != nil {
		return network{}, err
	}
	if n.subnets, n.whySubs, err = c.subnets(ctx, n.vpc, all); err != nil {
		return network{}, err
	}
	if err := c.isolation(ctx, &n); err != nil {
		return network{}, err
	}
	if err := c.onRequest(ctx, &n); err != nil {
		return network{}, err
	}
	n.publicIP, n.whyIP = c.publicIP(n.subnets)
	if needs.Balanced {
		live, err := a.liveBalancers(ctx)
		if err != nil {
			return network{}, err
		}
		n.balancers = c.balancerSubnets(all, n.subnets, live)
	}
	n.zones = zonesOf(all, n.ids(), n.balancers.Public, n.balancers.Private)
	return n, nil
}

// isolation says what tasks without a way out use instead. If subnets were
// named or are in use, it only reports what is missing: they may have a way out
// that is not visible here.
func (c *chooser) isolation(ctx context.Context, n *network) error {
	shut := slices.DeleteFunc(slices.Clone(n.subnets), func(s types.Subnet) bool {
		return c.ways.of(s) != isolated || c.promises(s)
	})
	if len(shut) == 0 {
		return nil
	}
	endpoints, err := c.vpcEndpoints(ctx, n.vpc)
	if err != nil {
		return err
	}
	n.isolated, n.endpoints = true, endpoints.of(each(shut, c.tableOf))
	missing := without(pullEndpoints, n.endpoints)
	switch {
	case len(missing) > 0:
		n.whySubs += " (no way out, and no VPC endpoints for " + and(missing) + ")"
	default:
		n.whySubs += " (VPC endpoints instead of a way out: images from ECR in " + c.region + " only" + noSecrets(n.endpoints) + ")"
	}
	return nil
}

// onRequest finds the endpoints of the VPC for tasks that shall get out to
// nothing else, whatever other way there is.
func (c *chooser) onRequest(ctx context.Context, n *network) error {
	if !c.needs.Isolated {
		return nil
	}
	found, err := c.vpcEndpoints(ctx, n.vpc)
	if err != nil {
		return err
	}
	n.endpoints = found.of(each(n.subnets, c.tableOf))
	n.guards = found.guards()
	for _, s := range n.subnets {
		for endpoint, list := range c.ways.table(text(s.SubnetId)).lists {
			if found.s3[endpoint] {
				n.s3List = list // the region has one for S3
			}
		}
	}
	return nil
}

// noSecrets names the endpoints without which tasks get no secrets.
func noSecrets(services []string) string {
	missing := without(secretEndpoints, services)
	if len(missing) == 0 {
		return ""
	}
	return ", and no endpoints for secrets in " + and(missing)
}

func (c *chooser) vpcEndpoints(ctx context.Context, vpc string) (endpoints, error) {
	return c.endpoints.get(func() (endpoints, error) { return readEndpoints(ctx, c.api, c.region, vpc) })
}

func (c *chooser) tableOf(s types.Subnet) string { return c.ways.table(text(s.SubnetId)).id }

// zonesOf are the zones of the subnets with these ids, by id.
func zonesOf(all []types.Subnet, ids ...[]string) map[string]string {
	wanted := slices.Concat(ids...)
	out := map[string]string{}
	for _, s := range all {
		if id := text(s.SubnetId); slices.Contains(wanted, id) {
			out[id] = text(s.AvailabilityZone)
		}
	}
	return out
}

// publicIP decides whether tasks get a public address.
func (c *chooser) publicIP(subnets []types.Subnet) (bool, string) {
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
		if c.ways.of(s) == internet || c.promises(s) {
			return true, yes
		}
	}
	return false, no
}
