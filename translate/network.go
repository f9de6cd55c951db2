package translate

import (
	"fmt"
	"slices"

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
		t.securityGroup(network)
	}
}

func (t *translation) securityGroup(network string) {
	config := t.Compose.Networks[network]
	path := []string{"networks", network}
	vpc := plan.Fact("vpc", "id", t.facts.VPC)
	description := fmt.Sprintf("Network %s of compose project %s. Members reach each other on every port.", network, t.Name)
	t.add(groupAddress(network), t.At(path...), &spec.SecurityGroup{
		GroupName:   groupName(t.Name, "net-"+network, description, vpc.String()),
		Description: description[:min(len(description), 255)], // EC2's limit
		VpcID:       vpc,
		Ingress:     []spec.SecurityGroupRule{{Protocol: "-1", Self: true}},
		Egress:      egress(bool(config.Internal)),
		Tags:        t.tags(),
	})
}

// egress of a network: everything, or, where it is internal, its members and
// port 443, through which a Fargate task itself fetches its image and secrets
// and sends its logs.
func egress(internal bool) []spec.SecurityGroupRule {
	if internal {
		return []spec.SecurityGroupRule{
			{Protocol: "-1", Self: true},
			{Protocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: spec.AnyIpv4},
		}
	}
	return []spec.SecurityGroupRule{{Protocol: "-1", CidrIpv4: spec.AnyIpv4}}
}

// networkConfiguration of the tasks of a service.
func (t *translation) networkConfiguration(k *task) spec.NetworkConfiguration {
	out := spec.NetworkConfiguration{AssignPublicIP: t.assignPublicIP()}
	for _, network := range k.networks() {
		out.SecurityGroups = append(out.SecurityGroups, plan.RefTo(groupAddress(network), "id", ""))
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
