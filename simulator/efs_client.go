package simulator

import (
	"encoding/json"
	"fmt"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
)

// What a client may do with a file system (EFS User Guide, "Using IAM to control
// file system data access"). What root access is needed for cannot be told from
// a task definition, so that it is not checked.
const (
	clientMount = "elasticfilesystem:ClientMount"
	clientWrite = "elasticfilesystem:ClientWrite"
	clientRoot  = "elasticfilesystem:ClientRootAccess"
)

// nfsPort is where mount targets listen (EFS User Guide, "Using VPC security
// groups for Amazon EC2 instances and mount targets").
const nfsPort = 2049

// mountProblem wants what a task needs to mount its file systems: a VPC that
// resolves their names, the access point, a mount target in each of its zones
// that lets its groups in, and a role that may (EFS User Guide, mounting from ECS).
func mountProblem(a *Account, td *ecstypes.TaskDefinition, n ecstypes.AwsVpcConfiguration) *startFailure {
	for _, v := range td.Volumes {
		if v.EfsVolumeConfiguration == nil {
			continue
		}
		if failure := a.mountFailure(td, v, n); failure != nil {
			return failure
		}
	}
	return nil
}

func (a *Account) mountFailure(td *ecstypes.TaskDefinition, volume ecstypes.Volume, n ecstypes.AwsVpcConfiguration) *startFailure {
	v := volume.EfsVolumeConfiguration
	f := a.FileSystems.Get(*v.FileSystemId)
	if f == nil {
		return cannotMount("the file system %s does not exist", *v.FileSystemId)
	}
	auth := val(v.AuthorizationConfig)
	if auth.AccessPointId != nil {
		p := a.AccessPoints.Get(*auth.AccessPointId)
		if p == nil || *p.FileSystemId != *v.FileSystemId {
			return cannotMount("the access point %s does not exist in %s", *auth.AccessPointId, *v.FileSystemId)
		}
	}
	for _, id := range n.Subnets {
		if !a.resolvesNames(str(val(a.Subnets.Get(id)).VpcId)) || a.isUnnamed(*v.FileSystemId, id) {
			return cannotMount("Failed to resolve \"%s.efs.%s.amazonaws.com\" - check that your file system ID is correct, "+
				"and ensure that the VPC has an EFS mount target for this file system ID.", *v.FileSystemId, a.Region)
		}
		if !a.mountable(*v.FileSystemId, id, n.SecurityGroups) {
			return cannotMount("mount.nfs4: Connection timed out: no mount target of %s lets the task in from %s", *v.FileSystemId, id)
		}
	}
	if !a.mayUse(f, td, v, clientMount) {
		return cannotMount("mount.nfs4: access denied by server while mounting 127.0.0.1:/")
	}
	if writer := writerOf(td, *volume.Name); writer != nil && !a.mayUse(f, td, v, clientWrite) {
		failure := essentialExit(writer, 1)
		failure.Detail = "Read-only file system: the role may not " + clientWrite + " to " + *v.FileSystemId
		return failure
	}
	return nil
}

// isUnnamed tells whether the name of the mount target in the zone of a subnet does
// not resolve yet (EFS User Guide, "Mounting on Amazon EC2 Linux instances using the
// EFS mount helper": up to 90 seconds after the mount target was made).
func (a *Account) isUnnamed(fileSystem, subnet string) bool {
	zone := str(val(a.Subnets.Get(subnet)).AvailabilityZone)
	for _, m := range a.mounts.Of(fileSystem) {
		if *m.AvailabilityZoneName == zone && m.Named > a.moment() {
			return true
		}
	}
	return false
}

// writerOf is the first container that mounts a volume to write, nil for none.
func writerOf(td *ecstypes.TaskDefinition, volume string) *string {
	for _, c := range td.ContainerDefinitions {
		for _, m := range c.MountPoints {
			if str(m.SourceVolume) == volume && !val(m.ReadOnly) {
				return c.Name
			}
		}
	}
	return nil
}

// mayUse asks the policy of the file system and those of the task role, if the
// task comes with it. Without a policy of its own a file system has the default
// one, which lets every client in that reaches a mount target (EFS User Guide,
// "Default EFS file system policy").
func (a *Account) mayUse(f *FileSystem, td *ecstypes.TaskDefinition, v *ecstypes.EFSVolumeConfiguration, action string) bool {
	return a.mayUseBy(f.inForce(a.moment()), f, td, v, action)
}

// mayUseBy is mayUse with that policy of the file system in force.
func (a *Account) mayUseBy(
	document string, f *FileSystem, td *ecstypes.TaskDefinition, v *ecstypes.EFSVolumeConfiguration, action string,
) bool {
	if document == "" {
		return true
	}
	auth := val(v.AuthorizationConfig)
	q := question{action: action, resource: *f.FileSystemArn, context: map[string][]string{
		"aws:SecureTransport":                      {fmt.Sprint(v.TransitEncryption == ecstypes.EFSTransitEncryptionEnabled)},
		"elasticfilesystem:AccessedViaMountTarget": {"true"},
	}}
	if auth.AccessPointId != nil {
		q.context["elasticfilesystem:AccessPointArn"] = []string{str(val(a.AccessPoints.Get(*auth.AccessPointId)).AccessPointArn)}
	}
	identity, who := silent, ""
	if role := a.roleByARN(str(td.TaskRoleArn)); role != nil && auth.Iam == ecstypes.EFSAuthorizationConfigIAMEnabled {
		identity, who = a.roleVerdict(role, q), *role.Arn
	}
	return identity.and(verdictOf(document, q, who)) == allowed
}

// inForce is the policy by which clients are judged: changes "can take several
// minutes to take effect" (EFS User Guide, "Creating file system policies").
func (f *FileSystem) inForce(moment int64) string {
	if f.Since > moment {
		return f.Former
	}
	return f.Policy
}

// verdictOf is what the policy of a file system says about a client. Its
// statements are about the file system where they name no resource.
func verdictOf(document string, q question, who string) verdict {
	var p policy
	if json.Unmarshal([]byte(document), &p) != nil {
		return silent
	}
	for i, s := range p.Statement {
		if s.Resource == nil && s.NotResource == nil {
			p.Statement[i].Resource = json.RawMessage(`"*"`)
		}
	}
	return p.evaluate(q, func(s statement) bool { return s.names(who) })
}

// mountable says whether a mount target in the zone of the subnet lets one of the
// groups in, and one of the groups lets the task out to it.
func (a *Account) mountable(fileSystem, subnet string, groups []string) bool {
	zone := val(a.Subnets.Get(subnet)).AvailabilityZone
	for _, m := range a.mounts.Of(fileSystem) {
		if *m.AvailabilityZoneName != str(zone) || m.LifeCycleState != types.LifeCycleStateAvailable {
			continue
		}
		for _, group := range m.Groups {
			if a.admits(group, groups, subnet) && a.sendsTo(groups, m) {
				return true
			}
		}
	}
	return false
}

// sendsTo says whether one of the groups lets its members reach a mount target.
func (a *Account) sendsTo(groups []string, m *MountTarget) bool {
	for _, group := range groups {
		for _, rule := range a.rulesOf(group) {
			if val(rule.IsEgress) && covers(rule, "tcp", nfsPort) && (namesGroup(rule, m.Groups) || a.namesSubnet(rule, *m.SubnetId)) {
				return true
			}
		}
	}
	return false
}

// admits says whether the group of a mount target lets members of others reach
// it from that subnet.
func (a *Account) admits(group string, others []string, subnet string) bool {
	for _, rule := range a.rulesOf(group) {
		if !val(rule.IsEgress) && covers(rule, "tcp", nfsPort) && (namesGroup(rule, others) || a.namesSubnet(rule, subnet)) {
			return true
		}
	}
	return false
}

func cannotMount(format string, args ...any) *startFailure {
	return cannotStart("ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: %s", fmt.Sprintf(format, args...))
}
