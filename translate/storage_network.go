package translate

import (
	"fmt"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// nfsPort is the one on which mount targets listen (EFS User Guide, "Using VPC
// security groups").
const nfsPort = 2049

var storageGroupAddress = plan.Address{Kind: spec.SecurityGroupKind, Name: "efs"}

// mountingNetworks are the networks of the tasks that mount volumes of the
// project, sorted. inner has, of each such task whose networks are all
// internal, the first one.
func (t *storage) mountingNetworks() (all, inner []string) {
	for _, k := range t.tasks {
		if !slices.ContainsFunc(t.lastingMounts(k), func(m *mount) bool { return m.store.kind == ownStore }) {
			continue
		}
		networks := k.networks()
		all = append(all, networks...)
		if !slices.ContainsFunc(networks, func(network string) bool { return !t.keepsIn(network) }) {
			inner = append(inner, networks[0])
		}
	}
	slices.Sort(all)
	slices.Sort(inner)
	return slices.Compact(all), slices.Compact(inner)
}

// keepsIn says whether tasks of a network can reach only members of it.
func (t *storage) keepsIn(network string) bool {
	_, exists := xfargate.SecurityGroup(t.Project.Project, network)
	return !exists && bool(t.Compose.Networks[network].Internal)
}

// storageGroup lets the tasks that mount volumes reach the mount targets, which
// call nobody.
func (t *storage) storageGroup() {
	var in []spec.SecurityGroupRule
	networks, _ := t.mountingNetworks()
	for _, network := range networks {
		in = append(in, spec.SecurityGroupRule{
			Protocol: "tcp", FromPort: nfsPort, ToPort: nfsPort, GroupID: t.network.networkGroup(network), Description: "NFS from network " + network,
		})
	}
	description := fmt.Sprintf("Volumes of compose project %s: NFS from the tasks that mount them.", t.Name)
	t.addGroup(storageGroupAddress, t.firstWritten(diag.Path{"volumes"}, diag.Path{"services"}), "efs", description, in, nil).
		Origins = from(t.firstPath(diag.Path{"volumes"}, diag.Path{"services"}))
}

// maxMountGroups is the limit of security groups of a network interface, such
// as a mount target (VPC quotas page).
const maxMountGroups = 5

// mountTargets makes one in each zone that tasks run in: EFS takes no second one
// there.
func (t *storage) mountTargets() {
	groups := []plan.Value{plan.RefTo(storageGroupAddress, "id", "")}
	// The members of an internal network reach each other but not port 2049
	// elsewhere, so the mount target becomes a member.
	_, inner := t.mountingNetworks()
	for _, network := range inner {
		groups = append(groups, plan.RefTo(groupAddress(network), "id", ""))
	}
	if len(groups) > maxMountGroups {
		t.errorf(diag.Path{"networks", inner[maxMountGroups-1], "internal"}, "put these tasks into one common internal network",
			"tasks in %d internal networks mount volumes: the limit is %d", len(inner), maxMountGroups-1)
		return
	}
	zones := map[string]string{} // the first subnet of each
	for _, subnet := range slices.Sorted(slices.Values(t.facts.Subnets)) {
		if zone := t.facts.Zones[subnet]; zone != "" && zones[zone] == "" {
			zones[zone] = subnet
		}
	}
	if len(zones) == 0 { // offline: one stands for all
		zones["each-zone"] = plan.Fact("vpc", "subnets", "").String()
	}
	for _, zone := range sortedKeys(zones) {
		address := plan.Address{Kind: spec.MountTargetKind, Name: zone}
		t.targets = append(t.targets, address)
		t.add(address, t.firstWritten(diag.Path{"volumes"}, diag.Path{"services"}), &spec.MountTarget{
			FileSystemID: t.fileSystemRef("id"), SubnetID: zones[zone], SecurityGroups: slices.Clone(groups),
		}).Origins = from(t.firstPath(diag.Path{"volumes"}, diag.Path{"services"}))
	}
}
