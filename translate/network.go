package translate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// defaultNetwork is the one of services that name none.
const defaultNetwork = "default"

// maxNetworks leaves room for one more of the five groups that a network
// interface takes (VPC quotas page): the service's own.
const maxNetworks = 4

// networks are those of all members of a task, sorted. A task without any has
// the default network: without a group of ours it would be in the VPC's own,
// which may let in anything.
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

// securityGroups makes one group per network in use.
func (t *translation) securityGroups() {
	used := map[string]bool{}
	for _, task := range t.tasks {
		networks := task.networks()
		if len(networks) > maxNetworks {
			t.errorf(at(task.name(), "networks"), "join fewer networks: services of one network reach each other on every port",
				"%d networks, a Fargate task takes %d beside its own security group", len(networks), maxNetworks)
		}
		for _, network := range networks {
			used[network] = true
		}
	}
	for _, network := range sortedKeys(used) {
		if _, exists := t.external(network); exists {
			t.wantGroup(t.externalPath(network), t.networkGroup(network))
			continue
		}
		t.securityGroup(network)
	}
}

// external is the name or id of the security group that a network stands for,
// where it is not one of the stack.
func (p *Project) external(network string) (group string, exists bool) {
	config := p.Compose.Networks[network]
	if given, ok := config.Extensions["x-aws-securitygroup"].(string); ok && given != "" {
		return given, true
	}
	return cmp.Or(config.Name, network), bool(config.External)
}

// networkGroup is the id of the security group of a network.
func (t *translation) networkGroup(network string) plan.Value {
	group, exists := t.external(network)
	if !exists {
		return plan.RefTo(groupAddress(network), "id", "")
	}
	return t.existingGroup(group)
}

// externalPath is where the files name the security group of a network.
func (p *Project) externalPath(network string) []string {
	for _, key := range []string{"x-aws-securitygroup", "name", "external"} {
		if p.Written("networks", network, key) {
			return []string{"networks", network, key}
		}
	}
	return []string{"networks", network}
}

// existingGroup is the id of a security group that the files name or give by
// its id.
func (t *translation) existingGroup(group string) plan.Value {
	id := t.facts.SecurityGroups[group]
	if groupID.MatchString(group) {
		id = group
	}
	return plan.Fact("security-group."+group, "id", id)
}

// wantGroup refuses a group that was looked for in vain.
func (t *translation) wantGroup(path []string, group plan.Value) {
	if !group.Known() && t.networkKnown {
		name := strings.TrimPrefix(group.Ref.Address.Name, "security-group.")
		t.errorf(path, "make it, or name one that exists by its name or id", "there is no security group %q in VPC %s", name, t.facts.VPC)
	}
}

var groupID = regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`)

// groupLookups are the security groups that the files name, sorted.
func (t *translation) groupLookups() []string {
	var out []string
	for _, k := range t.tasks {
		for _, network := range k.networks() {
			if group, exists := t.external(network); exists {
				out = append(out, group)
			}
		}
		for _, m := range k.members {
			for _, rule := range t.X.Service(m.Name).Ingress {
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

func (t *translation) securityGroup(network string) {
	path := []string{"networks", network}
	vpc := plan.Fact("vpc", "id", t.facts.VPC)
	description := fmt.Sprintf("Network %s of compose project %s. Members reach each other on every port.", network, t.Name)
	t.add(groupAddress(network), t.At(path...), &spec.SecurityGroup{
		GroupName:   groupName(t.Name, "net-"+network, description, vpc.String()),
		Description: description[:min(len(description), 255)], // EC2's limit
		VpcID:       vpc,
		Ingress:     []spec.SecurityGroupRule{{Protocol: "-1", Self: true}},
		Egress:      t.egress(network),
		Tags:        t.tags(),
	})
}

// egress of a network: everything, or, where it is internal, its members and
// port 443, through which a Fargate task itself fetches its image and secrets
// and sends its logs; where it is isolated, of that port VPC endpoints alone.
// Security groups don't hold up what goes to the DNS of the VPC (VPC user guide,
// "Security groups").
func (t *translation) egress(network string) []spec.SecurityGroupRule {
	members := spec.SecurityGroupRule{Protocol: "-1", Self: true}
	switch {
	case t.X.networks[network].Isolated:
		return append(t.toEndpoints(), members)
	case bool(t.Compose.Networks[network].Internal):
		return []spec.SecurityGroupRule{members, https(spec.SecurityGroupRule{CidrIpv4: spec.AnyIpv4})}
	default:
		return []spec.SecurityGroupRule{{Protocol: "-1", CidrIpv4: spec.AnyIpv4}}
	}
}

func https(peer spec.SecurityGroupRule) spec.SecurityGroupRule {
	peer.Protocol, peer.FromPort, peer.ToPort = "tcp", 443, 443
	return peer
}

// networkConfiguration of the tasks of a service.
func (t *translation) networkConfiguration(k *task) spec.NetworkConfiguration {
	out := spec.NetworkConfiguration{AssignPublicIP: t.assignPublicIP()}
	for _, network := range k.networks() {
		out.SecurityGroups = append(out.SecurityGroups, t.networkGroup(network))
	}
	if len(t.exposuresOf(k)) > 0 {
		out.SecurityGroups = append(out.SecurityGroups, plan.RefTo(publishedGroupAddress(k.name()), "id", ""))
	}
	for _, subnet := range t.facts.Subnets {
		out.Subnets = append(out.Subnets, plan.Literal(subnet))
	}
	if len(out.Subnets) == 0 {
		out.Subnets = []plan.Value{plan.Fact("vpc", "subnets", "")}
	}
	return out
}

func (t *translation) assignPublicIP() string {
	wanted := t.facts.PublicIP
	switch {
	case t.X.PublicIP != nil:
		wanted = *t.X.PublicIP
	case !t.networkKnown:
		return plan.Fact("vpc", "public-ip", "").String()
	}
	if wanted {
		return "ENABLED"
	}
	return "DISABLED"
}
