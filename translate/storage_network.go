package translate

import (
	"fmt"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

var storageGroupAddress = plan.Address{Kind: spec.SecurityGroupKind, Name: spec.StorageGroup}

// mountsOwn says whether a task mounts volumes of the project.
func (t *storage) mountsOwn(k *task) bool {
	return slices.ContainsFunc(t.lastingMounts(k), func(m *mount) bool { return m.store.kind == ownStore })
}

// joinsStorage says whether a task that mounts volumes is a member of the security group of
// the mount targets, which is for such tasks alone. A published one in as many networks as it
// can be has no room for another group.
func (t *storage) joinsStorage(k *task) bool {
	return t.mountsOwn(k) && (len(k.networks()) < maxNetworks || !t.isPublished(k))
}

// storageGroups are the security groups that a task needs for its volumes.
func (t *storage) storageGroups(k *task) []plan.Value {
	if !t.joinsStorage(k) {
		return nil
	}
	return []plan.Value{plan.RefTo(storageGroupAddress, "id", "")}
}

// crowdedNetworks are the networks through which tasks reach their volumes that are no
// members of the group for it, sorted. inner has, of each such task whose networks are all
// internal, the first one.
func (t *storage) crowdedNetworks() (all, inner []string) {
	for _, k := range t.tasks {
		if !t.mountsOwn(k) || t.joinsStorage(k) {
			continue
		}
		networks := k.networks()
		all = append(all, networks[0])
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

// storageGroup is the one of the mount targets and of the tasks that mount volumes: these
// reach those.
func (t *storage) storageGroup() {
	nfs := spec.SecurityGroupRule{Protocol: "tcp", FromPort: spec.NFSPort, ToPort: spec.NFSPort}
	among := nfs
	among.Self, among.Description = true, "NFS from the tasks that mount volumes"
	in := []spec.SecurityGroupRule{among}
	networks, _ := t.crowdedNetworks()
	for _, network := range networks {
		rule := nfs
		rule.GroupID, rule.Description = t.network.networkGroup(network), "NFS from network "+network
		in = append(in, rule)
	}
	among.Description = "NFS to the mount targets"
	description := fmt.Sprintf("Volumes of compose project %s: NFS from the tasks that mount them.", t.Name)
	t.addGroup(storageGroupAddress, t.firstWritten(diag.Path{"volumes"}, diag.Path{"services"}), "efs", description, in, []spec.SecurityGroupRule{among}).
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
	// elsewhere, so the mount target becomes a member where a task has no room for its group.
	_, inner := t.crowdedNetworks()
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
