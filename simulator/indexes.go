package simulator

import (
	"strings"

	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
)

// indexes are how the account finds rows by something else than their keys, so
// that no call has to look at every task or rule there is. A value begins with
// what it is, as "group sg-1".
type indexes struct {
	tasks       *Index[Task]
	services    *Index[Service]
	deployments *Index[Deployment]
	families    *Index[types.TaskDefinition]
	rules       *Index[ec2types.SecurityGroupRule]
	groups      *Index[ec2types.SecurityGroup]
	targets     *Index[Target]
	listeners   *Index[Listener]
	routes      *Index[ListenerRule]
	discovery   *Index[DiscoveryService]
	operations  *Index[DiscoveryOperation]
	images      *Index[RepositoryImage]
	secrets     *Index[Secret]
	roles       *Index[Role]
	endpoints   *Index[Endpoint]
	mounts      *Index[MountTarget] // by the file system, and by the security groups
	points      *Index[efstypes.AccessPointDescription]
	streams     *Index[LogStream] // by the log group
	policies    *Index[scalingtypes.ScalingPolicy]
	actions     *Index[ScheduledAction] // by what is scaled
	activities  *Index[scalingtypes.ScalingActivity]
	alarms      *Index[Alarm]    // by what they do
	schedules   *Index[Schedule] // by the group
	uses        *Index[Task]     // by what a running task uses
	same        *Index[Tagged]   // by what an object shares with one that was made twice
}

// index makes the indexes of an account.
func (a *Account) index() {
	a.indexes = indexes{
		tasks:       newIndex(&a.Tasks, func(_ string, t *Task) []string { return t.foundBy() }),
		services:    newIndex(&a.Services, func(_ string, s *Service) []string { return s.foundBy() }),
		deployments: newIndex(&a.Deployments, func(_ string, d *Deployment) []string { return []string{d.Service} }),
		families:    newIndex(&a.TaskDefinitions, func(_ string, d *types.TaskDefinition) []string { return []string{str(d.Family)} }),
		rules: newIndex(&a.SecurityGroupRules, func(_ string, r *ec2types.SecurityGroupRule) []string {
			return []string{"of " + str(r.GroupId), "peer " + str(val(r.ReferencedGroupInfo).GroupId)}
		}),
		groups: newIndex(&a.SecurityGroups, func(_ string, g *ec2types.SecurityGroup) []string { return []string{str(g.GroupName)} }),
		targets: newIndex(&a.Targets, func(_ string, t *Target) []string {
			if t.Draining {
				return []string{t.Group, "draining " + t.Group}
			}
			return []string{t.Group}
		}),
		listeners: newIndex(&a.Listeners, func(_ string, l *Listener) []string { return l.foundBy() }),
		routes: newIndex(&a.ListenerRules, func(_ string, r *ListenerRule) []string {
			values := []string{"listener " + r.Listener}
			for _, group := range forwarded(r.Actions) {
				values = append(values, "group "+group)
			}
			return values
		}),
		discovery:  newIndex(&a.DiscoveryServices, func(_ string, s *DiscoveryService) []string { return s.foundBy() }),
		operations: newIndex(&a.DiscoveryOperations, func(_ string, o *DiscoveryOperation) []string { return o.foundBy() }),
		images:     newIndex(&a.Images, func(_ string, i *RepositoryImage) []string { return []string{i.Repository} }),
		secrets:    newIndex(&a.Secrets, func(_ string, s *Secret) []string { return []string{str(s.Name)} }),
		roles:      newIndex(&a.Roles, func(name string, _ *Role) []string { return []string{"name " + strings.ToLower(name)} }),
		endpoints:  newIndex(&a.Endpoints, func(_ string, e *Endpoint) []string { return e.foundBy() }),
		mounts:     newIndex(&a.MountTargets, func(_ string, m *MountTarget) []string { return m.foundBy() }),
		points: newIndex(&a.AccessPoints, func(_ string, p *efstypes.AccessPointDescription) []string {
			return []string{"of " + str(p.FileSystemId), "token " + str(p.ClientToken)}
		}),
		streams: newIndex(&a.LogStreams, func(key string, _ *LogStream) []string {
			return []string{key[:strings.LastIndex(key, ":")]} // names of groups and streams have no colon
		}),
		policies: newIndex(&a.ScalingPolicies, func(_ string, p *scalingtypes.ScalingPolicy) []string {
			return []string{"of " + str(p.ResourceId), "arn " + str(p.PolicyARN)}
		}),
		actions:    newIndex(&a.ScheduledActions, func(_ string, s *ScheduledAction) []string { return []string{str(s.ResourceId)} }),
		activities: newIndex(&a.ScalingActivities, func(_ string, s *scalingtypes.ScalingActivity) []string { return []string{str(s.ResourceId)} }),
		alarms:     newIndex(&a.Alarms, func(_ string, m *Alarm) []string { return m.AlarmActions }),
		schedules:  newIndex(&a.Schedules, func(_ string, s *Schedule) []string { return []string{str(s.GroupName)} }),
		uses:       newIndex(&a.Tasks, func(_ string, t *Task) []string { return a.used(t) }),
		same:       newIndex(&a.Tags, func(arn string, t *Tagged) []string { return sameness(arn, t) }),
	}
}

func (t *Task) foundBy() []string {
	values := []string{"service " + t.Service}
	if t.Token != "" {
		values = append(values, "token "+t.Token)
	}
	if str(t.LastStatus) == "STOPPED" {
		return values
	}
	values = append(values, "live "+t.Service+" "+str(t.StartedBy), "cluster "+str(t.ClusterArn), "definition "+str(t.TaskDefinitionArn))
	if len(t.Attachments) > 0 {
		values = append(values, "address "+privateAddress(t), "subnet "+subnetOf(t))
	}
	for _, group := range t.Network.SecurityGroups {
		values = append(values, "group "+group)
	}
	return values
}

func (s *Service) foundBy() []string {
	if str(s.Status) == "INACTIVE" {
		return nil
	}
	values := []string{"status " + str(s.Status), "cluster " + str(s.ClusterArn), "definition " + str(s.TaskDefinition)}
	if s.NetworkConfiguration != nil {
		for _, group := range s.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups {
			values = append(values, "group "+group)
		}
	}
	if len(s.Deployments) == 0 {
		return values
	}
	if connect := enabled(s.Deployments[0].ServiceConnectConfiguration); connect != nil {
		for _, offered := range connect.Services {
			values = append(values, aliasValue(*connect.Namespace, offered.ClientAliases[0]))
		}
	}
	return values
}

// aliasValue is what the services are found by that offer an alias in a namespace.
func aliasValue(namespace string, alias types.ServiceConnectClientAlias) string {
	return "alias " + namespace + " " + endpointName(*alias.DnsName, *alias.Port)
}

func (s *DiscoveryService) foundBy() []string {
	values := []string{"namespace " + str(s.NamespaceId), "name " + str(s.NamespaceId) + " " + strings.ToLower(str(s.Name))}
	if s.Owner != "" {
		values = append(values, "owner "+s.Owner)
	}
	if s.Leaving {
		values = append(values, "leaving")
	}
	return values
}

func (o *DiscoveryOperation) foundBy() []string {
	if o.finished() {
		return nil
	}
	return []string{"under way", "subject " + o.Subject}
}

func (m *MountTarget) foundBy() []string {
	values := []string{str(m.FileSystemId)}
	for _, group := range m.Groups {
		values = append(values, "group "+group)
	}
	return values
}

func (l *Listener) foundBy() []string {
	values := []string{"balancer " + str(l.LoadBalancerArn), "rule " + str(defaultRule(l).RuleArn)}
	for _, group := range forwarded(l.DefaultActions) {
		values = append(values, "group "+group)
	}
	for _, c := range certificatesOf(l) {
		values = append(values, "certificate "+str(c.CertificateArn))
	}
	return values
}
