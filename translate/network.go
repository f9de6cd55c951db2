package translate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// defaultNetwork is the one of services that name none.
const defaultNetwork = "default"

// maxNetworks leaves room for one more of the five groups that a network
// interface takes (VPC quotas page): the service's own. A task in fewer has room
// for that of the mount targets.
const maxNetworks = 4

// network is the phase of who reaches whom: a security group for each network of the
// files. It needs the tasks alone; load balancers, volumes and ECS services refer to
// its groups.
type network struct{ *base }

// newNetwork makes one group per network in use.
func newNetwork(b *base) *network {
	n := &network{base: b}
	used := map[string]bool{}
	for _, task := range n.tasks {
		networks := task.networks()
		if len(networks) > maxNetworks {
			n.errorf(at(task.name(), "networks"), "join fewer networks: services of one network reach each other on every port",
				"%d networks: a Fargate task can join %d besides its own security group", len(networks), maxNetworks)
		}
		for _, network := range networks {
			used[network] = true
		}
	}
	for _, network := range sortedKeys(used) {
		if _, exists := xfargate.SecurityGroup(n.Project.Project, network); exists {
			n.wantGroup(n.externalPath(network), n.networkGroup(network))
			continue
		}
		n.securityGroup(network)
	}
	return n
}

// networks are the networks of all members of a task, sorted. A task without
// any has the default network: without a security group of ours it would get
// the default group of the VPC, which may allow anything.
func (k *task) networks() []string {
	var out []string
	for _, m := range k.members {
		for name := range m.Networks {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return []string{defaultNetwork}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func groupAddress(network string) plan.Address {
	return plan.Address{Kind: spec.SecurityGroupKind, Name: "net." + network}
}

// networkGroup is the id of the security group of a network.
func (n *network) networkGroup(network string) plan.Value {
	group, exists := xfargate.SecurityGroup(n.Project.Project, network)
	if !exists {
		return plan.RefTo(groupAddress(network), "id", "")
	}
	return n.existingGroup(group)
}

// externalPath is where the files name the security group of a network.
func (p *Project) externalPath(network string) []string {
	for _, key := range []string{"x-aws-securitygroup", "name", "external"} {
		if p.Written("networks", network, key) {
			return diag.Path{"networks", network, key}
		}
	}
	return diag.Path{"networks", network}
}

// existingGroup is the id of a security group that the files name or give by
// its id.
func (n *network) existingGroup(group string) plan.Value {
	id := n.facts.SecurityGroups[group]
	if groupID.MatchString(group) {
		id = group
	}
	return plan.Fact("security-group."+group, "id", id)
}

// wantGroup refuses a group that was looked for in vain.
func (n *network) wantGroup(path diag.Path, group plan.Value) {
	if !group.Known() && n.networkKnown {
		name := strings.TrimPrefix(group.Ref.Address.Name, "security-group.")
		n.errorf(path, "create it, or name an existing one by its name or id", "there is no security group %q in VPC %s", name, n.facts.VPC)
	}
}

var groupID = regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`)

// What the rules of networks are for.
const (
	amongMembers = "members of the network"
	ofEndpoints  = "VPC endpoints"
)

func (n *network) securityGroup(network string) {
	path := diag.Path{"networks", network}
	description := fmt.Sprintf("Network %s of compose project %s. Members reach each other on every port.", network, n.Name)
	members := []spec.SecurityGroupRule{{Protocol: "-1", Self: true, Description: amongMembers}}
	n.addGroup(groupAddress(network), n.At(path...), "net-"+network, description, members, n.egress(network)).
		Origins = from(n.firstPath(path, diag.Path{"services"}), "internal")
}

// egress are the outgoing rules of a network. They allow everything; or, if it
// is internal, its members and port 443, on which a Fargate task itself fetches
// its image and secrets and sends its logs; or, if it is isolated, its members
// and port 443 of VPC endpoints only. Security groups do not filter requests to
// the DNS of the VPC (VPC user guide, "Security groups").
func (n *network) egress(network string) []spec.SecurityGroupRule {
	members := spec.SecurityGroupRule{Protocol: "-1", Self: true, Description: amongMembers}
	switch {
	case n.X.Networks[network].Isolated:
		return append(n.toEndpoints(), members)
	case bool(n.Compose.Networks[network].Internal):
		return []spec.SecurityGroupRule{members, https(spec.SecurityGroupRule{CidrIpv4: spec.AnyIpv4, Description: "images, secrets and logs"})}
	default:
		return []spec.SecurityGroupRule{{Protocol: "-1", CidrIpv4: spec.AnyIpv4, Description: "to anywhere"}}
	}
}

func https(peer spec.SecurityGroupRule) spec.SecurityGroupRule {
	peer.Protocol, peer.FromPort, peer.ToPort = "tcp", 443, 443
	return peer
}

// toEndpoints lets tasks out to the VPC endpoints that they start through:
// interface endpoints by their security groups, the gateway endpoint of S3 by the
// prefix list of its addresses (ECR user guide, "Amazon ECR interface VPC
// endpoints", on "Minimum Amazon S3 bucket permissions").
func (n *network) toEndpoints() []spec.SecurityGroupRule {
	if !n.networkKnown {
		return []spec.SecurityGroupRule{
			https(spec.SecurityGroupRule{GroupID: plan.Fact("vpc", "endpoint-groups", ""), Description: ofEndpoints}),
			https(spec.SecurityGroupRule{PrefixListID: plan.Fact("vpc", "s3-prefix-list", "").String(), Description: ofEndpoints}),
		}
	}
	var out []spec.SecurityGroupRule
	for _, group := range n.facts.EndpointGroups {
		out = append(out, https(spec.SecurityGroupRule{GroupID: plan.Literal(group), Description: ofEndpoints}))
	}
	if list := n.facts.S3PrefixList; list != "" {
		out = append(out, https(spec.SecurityGroupRule{PrefixListID: list, Description: ofEndpoints}))
	}
	return out
}

// configuration is that of the tasks of a service; published says that a load
// balancer leads to them, more are security groups that they need besides.
func (n *network) configuration(k *task, published bool, more []plan.Value) spec.NetworkConfiguration {
	out := spec.NetworkConfiguration{AssignPublicIP: n.assignPublicIP()}
	for _, network := range k.networks() {
		out.SecurityGroups = append(out.SecurityGroups, n.networkGroup(network))
	}
	if published {
		out.SecurityGroups = append(out.SecurityGroups, plan.RefTo(publishedGroupAddress(k.name()), "id", ""))
	}
	out.SecurityGroups = append(out.SecurityGroups, more...)
	for _, subnet := range n.facts.Subnets {
		out.Subnets = append(out.Subnets, plan.Literal(subnet))
	}
	if len(out.Subnets) == 0 {
		out.Subnets = []plan.Value{plan.Fact("vpc", "subnets", "")}
	}
	return out
}

func (n *network) assignPublicIP() string {
	wanted := n.facts.PublicIP
	switch {
	case n.X.PublicIP != nil:
		wanted = *n.X.PublicIP
	case !n.networkKnown:
		return plan.Fact("vpc", "public-ip", "").String()
	}
	if wanted {
		return "ENABLED"
	}
	return "DISABLED"
}

// securityGroupNames are the security groups that the files name, sorted.
func securityGroupNames(b *base) []string {
	var out []string
	for _, k := range b.tasks {
		for _, network := range k.networks() {
			if group, exists := xfargate.SecurityGroup(b.Project.Project, network); exists {
				out = append(out, group)
			}
		}
		for _, m := range k.members {
			for _, rule := range b.X.Service(m.Name).Ingress {
				for _, who := range rule.Allow {
					if !strings.Contains(who, "/") && !strings.HasPrefix(who, "pl-") {
						out = append(out, who)
					}
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// publishedGroupAddress is the address of the security group of a service
// behind load balancers. The groups of networks and of load balancers have
// prefixes of their own, that of the mount targets is called efs.
func publishedGroupAddress(service string) plan.Address {
	if service == spec.StorageGroup || slices.ContainsFunc([]string{"net.", "load-balancer.", "service."}, func(taken string) bool { return strings.HasPrefix(service, taken) }) {
		service = "service." + service
	}
	return plan.Address{Kind: spec.SecurityGroupKind, Name: service}
}
