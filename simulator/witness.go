package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// Finding is harm that a call did and that AWS lets happen: it took something
// away that a running task uses, or made something a second time.
type Finding struct {
	Call  Call
	What  string // what was taken, or what there is twice
	Task  string // ARN of a running task that used it; empty for what is there twice
	Twice bool
}

// String is the finding on one line.
func (f Finding) String() string {
	if f.Twice {
		return fmt.Sprintf("%s made a second %s", f.Call, f.What)
	}
	return fmt.Sprintf("%s took from the running task %s: %s", f.Call, f.Task, f.What)
}

// Witness is what the simulator saw of calls that took something away which a
// running task uses, or that made something twice: with the same values of the
// tags project, resource and spec of compose2fargate. It is no error of AWS's:
// the calls are answered as ever.
func (s *Simulator) Witness() []Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.findings)
}

// ResetWitness forgets what the witness saw.
func (s *Simulator) ResetWitness() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = nil
}

// testimony is what running tasks had before a call that may take from them.
type testimony struct {
	a      *Account
	before map[string][]string // by key of a task: what it had
}

// testify looks at the running tasks from which a call may take something. A call
// that gives tasks another task definition is none: they are replaced.
func (a *Account) testify(input any) testimony {
	t := testimony{a: a, before: map[string][]string{}}
	for _, value := range a.takenBy(input) {
		t.hear(value)
	}
	return t
}

// hear looks at the tasks that use something.
func (t testimony) hear(value string) {
	for _, key := range t.a.uses.Keys(value) {
		if t.before[key] == nil {
			t.before[key] = t.a.possessions(t.a.Tasks.Get(key))
		}
	}
}

// findings are what the tasks have lost that still run.
func (t testimony) findings() []Finding {
	var list []Finding
	told := map[string]bool{}
	for _, key := range sortedKeys(t.before) {
		task := t.a.Tasks.Get(key)
		if task == nil || str(task.LastStatus) != "RUNNING" {
			continue
		}
		have := t.a.possessions(task)
		for _, thing := range t.before[key] {
			if about := task.Service + " " + thing; !slices.Contains(have, thing) && !told[about] {
				told[about] = true
				list = append(list, Finding{What: thing, Task: *task.TaskArn})
			}
		}
	}
	return list
}

// takenBy is what a call may take from tasks, as the index of what they use has it.
func (a *Account) takenBy(input any) []string {
	switch in := input.(type) {
	case *efs.DeleteMountTargetInput:
		return []string{"file-system " + str(val(a.MountTargets.Get(str(in.MountTargetId))).FileSystemId)}
	case *efs.ModifyMountTargetSecurityGroupsInput:
		return []string{"file-system " + str(val(a.MountTargets.Get(str(in.MountTargetId))).FileSystemId)}
	case *efs.DeleteAccessPointInput:
		return []string{"file-system " + str(val(a.AccessPoints.Get(lastPart(str(in.AccessPointId)))).FileSystemId)}
	case *efs.DeleteFileSystemInput:
		return []string{"file-system " + lastPart(str(in.FileSystemId))}
	case *efs.PutFileSystemPolicyInput:
		return []string{"file-system " + lastPart(str(in.FileSystemId))}
	case *efs.DeleteFileSystemPolicyInput:
		return []string{"file-system " + lastPart(str(in.FileSystemId))}
	case *ssm.DeleteParameterInput:
		return []string{"parameter " + a.parameterARN(str(in.Name))}
	case *ssm.DeleteParametersInput:
		var values []string
		for _, name := range in.Names {
			values = append(values, "parameter "+a.parameterARN(name))
		}
		return values
	case *secretsmanager.DeleteSecretInput:
		return []string{"secret " + str(val(a.secret(in.SecretId)).ARN)}
	case *ecr.BatchDeleteImageInput:
		return []string{"repository " + str(in.RepositoryName)}
	case *ecr.DeleteRepositoryInput:
		return []string{"repository " + str(in.RepositoryName)}
	case *elb.DeleteTargetGroupInput:
		return []string{"target-group " + str(in.TargetGroupArn)}
	case *elb.DeregisterTargetsInput:
		return []string{"target-group " + str(in.TargetGroupArn)}
	case *servicediscovery.DeleteServiceInput:
		return []string{"name " + lastPart(str(in.Id))}
	case *cloudwatchlogs.DeleteLogGroupInput:
		return []string{"log-group " + str(in.LogGroupName)}
	case *ec2.ModifyVpcAttributeInput:
		return []string{"names of " + str(in.VpcId)}
	}
	return a.narrowedBy(input)
}

// narrowedBy is takenBy for roles and security groups.
func (a *Account) narrowedBy(input any) []string {
	switch in := input.(type) {
	case *iam.DeleteRoleInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.DeleteRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.DetachRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.PutRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *iam.UpdateAssumeRolePolicyInput:
		return []string{"role " + str(in.RoleName)}
	case *ec2.RevokeSecurityGroupIngressInput:
		return []string{"group " + a.groupID(in.GroupId, in.GroupName)}
	case *ec2.RevokeSecurityGroupEgressInput:
		return []string{"group " + str(in.GroupId)}
	case *ec2.ModifySecurityGroupRulesInput:
		return []string{"group " + str(in.GroupId)}
	}
	return nil
}

func (a *Account) groupID(id, name *string) string {
	if id != nil {
		return *id
	}
	return a.groupByName(str(name))
}

// used is what a running task is found by when something may be taken from it.
func (a *Account) used(t *Task) []string {
	if str(t.LastStatus) != "RUNNING" {
		return nil
	}
	var values []string
	td := a.definition(str(t.TaskDefinitionArn))
	for _, role := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		values = append(values, "role "+lastPart(str(role)))
	}
	for _, v := range td.Volumes {
		if v.EfsVolumeConfiguration != nil {
			values = append(values, "file-system "+*v.EfsVolumeConfiguration.FileSystemId, "names of "+str(val(a.Subnets.Get(subnetOf(t))).VpcId))
		}
	}
	for _, c := range td.ContainerDefinitions {
		values = append(values, "log-group "+val(c.LogConfiguration).Options["awslogs-group"])
		if own, repository := a.ownRepository(*c.Image); own {
			values = append(values, "repository "+repository)
		}
		for _, s := range c.Secrets {
			values = append(values, a.secretValue(*s.ValueFrom))
		}
	}
	for _, group := range t.Network.SecurityGroups {
		values = append(values, "group "+group)
	}
	return append(values, a.usedOfService(t)...)
}

// ownRepository is the repository of this account that an image is in.
func (a *Account) ownRepository(image string) (own bool, repository string) {
	host, rest, _ := strings.Cut(image, "/")
	if !strings.HasPrefix(host, a.Account+".dkr.ecr.") {
		return false, ""
	}
	return true, rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz0123456789._/-"))]
}

// secretValue is what a task is found by that reads from there.
func (a *Account) secretValue(from string) string {
	if arnService(from) == "secretsmanager" {
		parts := strings.Split(from, ":")
		arn := strings.Join(parts[:min(7, len(parts))], ":")
		return "secret " + *orElse(val(a.secret(&arn)).ARN, arn)
	}
	if arnService(from) == "" {
		from = a.parameterARN(from)
	}
	return "parameter " + from
}

// usedOfService are the target groups and names of the deployment that started it.
func (a *Account) usedOfService(t *Task) []string {
	var values []string
	for _, lb := range a.balancersOfTask(t) {
		values = append(values, "target-group "+str(lb.TargetGroupArn))
	}
	for _, id := range a.namesOf(t) {
		values = append(values, "name "+id)
	}
	return values
}

// namesOf are the ids of the Cloud Map services under which a task is found.
func (a *Account) namesOf(t *Task) []string {
	r := a.Revisions.Get(t.Service + "/" + lastPart(str(t.StartedBy)))
	if r == nil {
		return nil
	}
	var ids []string
	for _, registry := range r.ServiceRegistries {
		ids = append(ids, lastPart(str(registry.RegistryArn)))
	}
	if connect := enabled(r.ServiceConnectConfiguration); connect != nil {
		for _, s := range connect.Services {
			if known := a.discoveryServiceByName(lastPart(*connect.Namespace), *s.DiscoveryName); known != nil {
				ids = append(ids, *known.Id)
			}
		}
	}
	return ids
}

// possessions are what a running task has of what it uses, in words.
func (a *Account) possessions(t *Task) []string {
	td := a.definition(str(t.TaskDefinitionArn))
	var list []string
	have := func(holds bool, format string, args ...any) {
		if holds {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	for _, v := range td.Volumes {
		if e := v.EfsVolumeConfiguration; e != nil {
			failure := a.mountFailure(td, v, t.hereOnly())
			have(failure == nil, "the mount of %s", strings.TrimSpace(*e.FileSystemId+" "+str(val(e.AuthorizationConfig).AccessPointId)))
			for _, grant := range grants(val(a.FileSystems.Get(*e.FileSystemId)).Policy) {
				have(true, "%s by the policy of %s", grant, *e.FileSystemId)
			}
		}
	}
	for _, c := range td.ContainerDefinitions {
		group := val(c.LogConfiguration).Options["awslogs-group"]
		have(group != "" && a.LogGroups.Get(group) != nil, "the log group %s", group)
		own, image := a.ownImage(*c.Image)
		have(own && image != nil, "the image %s", *c.Image)
		for _, s := range c.Secrets {
			have(a.secretFailure(td, *s.ValueFrom) == nil, "the secret %s", *s.ValueFrom)
		}
	}
	for _, value := range a.usedOfService(t) {
		kind, id, _ := strings.Cut(value, " ")
		have(kind == "name" && a.DiscoveryServices.Get(id) != nil, "the name %s", id)
		have(kind == "target-group" && a.TargetGroups.Get(id) != nil, "the target group %s", id)
	}
	list = append(list, a.registrations(t)...)
	list = append(list, a.rights(td)...)
	return append(list, a.openings(td, t)...)
}

// hereOnly is the network of a task with no subnet but the one that it is in.
func (t *Task) hereOnly() types.AwsVpcConfiguration {
	n := t.Network
	n.Subnets = []string{subnetOf(t)}
	return n
}

// registrations are the target groups in which a task is.
func (a *Account) registrations(t *Task) []string {
	var list []string
	for _, lb := range a.balancersOfTask(t) {
		if target := a.Targets.Get(targetOfTask(t, lb)); target != nil && !target.Draining {
			list = append(list, "its place in the target group "+*lb.TargetGroupArn)
		}
	}
	return list
}

// rights are what the roles of a task let it do: all that is said of the task
// role, which the program in the task may use at any time, and that the execution
// role is there.
func (a *Account) rights(td *types.TaskDefinition) []string {
	var list []string
	for _, arn := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		if role := a.roleByARN(str(arn)); role != nil && assumable(role) {
			list = append(list, "the role "+*arn)
		}
	}
	role := a.roleByARN(str(td.TaskRoleArn))
	if role == nil {
		return list
	}
	for _, arn := range role.Attached {
		list = append(list, "the policy "+arn+" of its role")
	}
	for _, name := range sortedKeys(role.Inline) {
		list = append(list, grants(role.Inline[name])...)
	}
	return list
}

// grants are the pairs of action and resource that a policy allows.
func grants(document string) []string {
	var p policy
	if json.Unmarshal([]byte(document), &p) != nil {
		return nil
	}
	var list []string
	for _, s := range p.Statement {
		if s.Effect != "Allow" {
			continue
		}
		for _, action := range texts(s.Action) {
			for _, resource := range texts(s.Resource) {
				list = append(list, fmt.Sprintf("the right to %s on %s", action, resource))
			}
		}
	}
	return list
}

// openings are the ways in and out that the security groups of a task leave it:
// in at the ports that it maps, and out to anywhere. Rules that say the same count
// once, so that one may take the place of another.
func (a *Account) openings(td *types.TaskDefinition, t *Task) []string {
	var list []string
	for _, group := range t.Network.SecurityGroups {
		for _, rule := range a.rulesOf(group) {
			if opening := openingOf(td, rule); opening != "" && !slices.Contains(list, opening) {
				list = append(list, opening)
			}
		}
	}
	return list
}

func openingOf(td *types.TaskDefinition, r *ec2types.SecurityGroupRule) string {
	peer := str(r.CidrIpv4) + str(r.CidrIpv6) + str(r.PrefixListId) + str(val(r.ReferencedGroupInfo).GroupId)
	if val(r.IsEgress) {
		return fmt.Sprintf("the way out by %s to %s", permissionKey(r.IpProtocol, r.FromPort, r.ToPort), peer)
	}
	for _, c := range td.ContainerDefinitions {
		for _, p := range c.PortMappings {
			if covers(r, string(p.Protocol), val(p.ContainerPort)) {
				return fmt.Sprintf("the way in by %s from %s", permissionKey(r.IpProtocol, r.FromPort, r.ToPort), peer)
			}
		}
	}
	return ""
}

// The tags by which something made twice is told from something else.
const (
	projectTag  = "compose2fargate:project"
	resourceTag = "compose2fargate:resource"
	specTag     = "compose2fargate:spec"
)

// sameness is what two objects share that are the same thing made twice, nothing
// for objects of which there may be many: tasks, and revisions of task definitions.
// The hash in the spec tag tells a replacement from what it replaces.
func sameness(arn string, t *Tagged) []string {
	kind := arnType(arn)
	if t.Tags[projectTag] == "" || t.Tags[resourceTag] == "" || kind == "ecs:task" || kind == "ecs:task-definition" {
		return nil
	}
	return []string{strings.Join([]string{kind, t.Tags[resourceTag], "of " + t.Tags[projectTag], specHash(t.Tags[specTag])}, " ")}
}

// specHash is the hash in a spec tag: 1:HASH, 1:pending:HASH or 1:pending:HASH:force.
func specHash(tag string) string {
	parts := strings.Split(tag, ":")
	if len(parts) > 2 && parts[1] == "pending" {
		return parts[2]
	}
	return parts[len(parts)-1]
}

// doubles are the objects changed in this call of which there is another one.
func (a *Account) doubles() []Finding {
	var list []Finding
	for _, arn := range a.Tags.changes() {
		tags := a.Tags.Get(arn)
		if tags == nil {
			continue
		}
		for _, same := range sameness(arn, tags) {
			if a.same.Count(same) > 1 {
				list = append(list, Finding{What: same[:strings.LastIndex(same, " ")], Twice: true})
			}
		}
	}
	return list
}
