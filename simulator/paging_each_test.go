package simulator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// pagedList is a list operation, and how an item gets into it and out of it. What it
// answers for an item has the item's name in it.
type pagedList struct {
	operation string
	in        any
	put       func(a *Account, name string, n int)
	remove    func(a *Account, name string)
}

// TestNoPageSkipsOrRepeatsWhatStays reads lists in pages of one and two items, while
// what was read last goes, or all that was read, or what is not read yet.
func TestNoPageSkipsOrRepeatsWhatStays(t *testing.T) {
	names := []string{"x:10", "x:9", "x:8", "x:11", "x:7", "x:12"}
	going := map[string]func(read []string) []string{
		"nothing":              func([]string) []string { return nil },
		"what was read last":   func(read []string) []string { return read[len(read)-1:] },
		"all that was read":    func(read []string) []string { return read },
		"what is at both ends": func([]string) []string { return []string{"x:7", "x:12"} },
	}
	for _, l := range pagedLists() {
		for what, gone := range going {
			for size := 1; size <= 2; size++ {
				a := newAccount(Options{Account: "123456789012", Region: "us-east-1", Partition: "aws", Progress: 2, PageSize: size})
				for n, name := range names {
					l.put(a, name, n)
				}
				a.settle()
				read, removed := readPages(t, a, l, gone)
				for _, name := range names {
					times := len(slices.DeleteFunc(slices.Clone(read), func(other string) bool { return other != name }))
					if times > 1 || times == 0 && !slices.Contains(removed, name) {
						t.Errorf("%s, pages of %d, while %s goes: %s is read %d times in %v", l.operation, size, what, name, times, read)
					}
				}
			}
		}
	}
}

func readPages(t *testing.T, a *Account, l pagedList, gone func([]string) []string) (read, removed []string) {
	t.Helper()
	var answer func(*Account, any) (any, error)
	for _, o := range operations() {
		if o.service+"."+o.name == l.operation {
			answer = o.answer
		}
	}
	in := clone(l.in)
	for range 20 {
		out, err := answer(a, in)
		if err != nil {
			t.Fatal(l.operation, err)
		}
		page := namesIn(out)
		read = append(read, page...)
		for _, name := range gone(read) {
			if !slices.Contains(removed, name) {
				removed = append(removed, name)
				l.remove(a, name)
			}
		}
		a.settle()
		next := tokenIn(out)
		if str(next) == "" || len(page) == 0 {
			return read, removed
		}
		setToken(in, next)
	}
	t.Fatal(l.operation, "does not end:", read)
	return nil, nil
}

var tokenFields = []string{"NextToken", "NextMarker", "Marker", "PaginationToken", "NextForwardToken"}

func tokenIn(out any) *string {
	for _, name := range tokenFields {
		if f := reflect.ValueOf(out).Elem().FieldByName(name); f.IsValid() {
			return f.Interface().(*string)
		}
	}
	return nil
}

func setToken(in any, token *string) {
	for _, name := range tokenFields {
		if f := reflect.ValueOf(in).Elem().FieldByName(name); f.IsValid() {
			f.Set(reflect.ValueOf(token))
		}
	}
}

// namesIn are the names in the items of the list that an answer has.
func namesIn(out any) []string {
	v := reflect.ValueOf(out).Elem()
	var names []string
	for i := range v.NumField() {
		if v.Field(i).Kind() != reflect.Slice {
			continue
		}
		for j := range v.Field(i).Len() {
			text := string(appendJSON(nil, v.Field(i).Index(j).Interface())) + `"`
			at := strings.Index(text, "x:")
			names = append(names, text[at:at+strings.IndexAny(text[at:], `"/`)])
		}
	}
	return names
}

// anARN has the name behind it.
func anARN(name string) *string { return ptr("arn:" + name) }

func pagedLists() []pagedList {
	return slices.Concat(pagedECS(), pagedNetwork(), pagedBalancing(), pagedStorage(), pagedLogs(), pagedScaling())
}

func pagedECS() []pagedList {
	shop := func(a *Account) *Cluster {
		return a.Clusters.Put("shop", Cluster{Cluster: types.Cluster{ClusterName: ptr("shop"), ClusterArn: ptr("arn:shop"), Status: ptr("ACTIVE")}})
	}
	definition := func(a *Account, name string, n int) {
		family, revision := name, int32(1)
		_, _ = fmt.Sscanf(name, "x:%d", &revision)
		a.TaskDefinitions.Put(name, types.TaskDefinition{Family: &family, Revision: revision, TaskDefinitionArn: ptr(a.arn("ecs", "task-definition/"+name)), Status: types.TaskDefinitionStatusActive})
	}
	return []pagedList{
		{"ecs.ListClusters", &ecs.ListClustersInput{}, func(a *Account, name string, _ int) {
			a.Clusters.Put(name, Cluster{Cluster: types.Cluster{ClusterName: &name, ClusterArn: anARN(name), Status: ptr("ACTIVE")}})
		}, func(a *Account, name string) { a.Clusters.Delete(name) }},
		{"ecs.ListServices", &ecs.ListServicesInput{Cluster: ptr("shop")}, func(a *Account, name string, _ int) {
			a.Services.Put("shop/"+name, Service{Service: types.Service{ServiceArn: anARN(name), ClusterArn: shop(a).ClusterArn, Status: ptr("ACTIVE")}})
		}, func(a *Account, name string) { a.Services.Delete("shop/" + name) }},
		{"ecs.ListTasks", &ecs.ListTasksInput{Cluster: ptr("shop")}, func(a *Account, name string, _ int) {
			a.Tasks.Put("shop/"+name, Task{Task: types.Task{TaskArn: anARN(name), ClusterArn: shop(a).ClusterArn, DesiredStatus: ptr("RUNNING"), LastStatus: ptr("RUNNING")}})
		}, func(a *Account, name string) { a.Tasks.Delete("shop/" + name) }},
		{"ecs.ListTaskDefinitions", &ecs.ListTaskDefinitionsInput{}, definition, func(a *Account, name string) { a.TaskDefinitions.Delete(name) }},
		{"ecs.ListTaskDefinitions", &ecs.ListTaskDefinitionsInput{Sort: types.SortOrderDesc}, definition, func(a *Account, name string) { a.TaskDefinitions.Delete(name) }},
		{"ecs.ListTaskDefinitionFamilies", &ecs.ListTaskDefinitionFamiliesInput{}, definition, func(a *Account, name string) { a.TaskDefinitions.Delete(name) }},
		{"ecs.ListServiceDeployments", &ecs.ListServiceDeploymentsInput{Cluster: ptr("shop"), Service: ptr("web")}, func(a *Account, name string, n int) {
			shop(a)
			a.Services.Put("shop/web", Service{})
			a.Deployments.Put(name, Deployment{Service: "shop/web", ServiceDeployment: types.ServiceDeployment{
				ServiceDeploymentArn: anARN(name), CreatedAt: ptr(epoch.Add(time.Duration(n/2) * time.Second)), TargetServiceRevision: &types.ServiceRevisionSummary{},
			}})
		}, func(a *Account, name string) { a.Deployments.Delete(name) }},
		{"tagging.GetResources", &resourcegroupstaggingapi.GetResourcesInput{}, func(a *Account, name string, _ int) {
			a.Tags.Put("arn:aws:ecs:"+name, Tagged{Tags: map[string]string{"a": "1"}})
		}, func(a *Account, name string) { a.Tags.Delete("arn:aws:ecs:" + name) }},
		{"secretsmanager.ListSecrets", &secretsmanager.ListSecretsInput{}, func(a *Account, name string, _ int) {
			a.Secrets.Put(name, Secret{SecretListEntry: secretstypes.SecretListEntry{ARN: anARN(name), Name: ptr("y")}})
		}, func(a *Account, name string) { a.Secrets.Delete(name) }},
	}
}

func pagedNetwork() []pagedList {
	const vpc = "vpc-1"
	return []pagedList{
		{"ec2.DescribeVpcs", &ec2.DescribeVpcsInput{}, func(a *Account, name string, _ int) {
			a.Vpcs.Put(name, ec2types.Vpc{VpcId: &name, DhcpOptionsId: ptr("dopt-1"), OwnerId: &a.Account})
		}, func(a *Account, name string) { a.Vpcs.Delete(name) }},
		{"ec2.DescribeSubnets", &ec2.DescribeSubnetsInput{}, func(a *Account, name string, _ int) {
			a.Subnets.Put(name, ec2types.Subnet{SubnetId: &name, VpcId: ptr(vpc)})
		}, func(a *Account, name string) { a.Subnets.Delete(name) }},
		{"ec2.DescribeRouteTables", &ec2.DescribeRouteTablesInput{}, func(a *Account, name string, _ int) {
			a.RouteTables.Put(name, ec2types.RouteTable{RouteTableId: &name, OwnerId: &a.Account, VpcId: ptr(vpc)})
		}, func(a *Account, name string) { a.RouteTables.Delete(name) }},
		{"ec2.DescribeSecurityGroups", &ec2.DescribeSecurityGroupsInput{}, func(a *Account, name string, _ int) {
			a.SecurityGroups.Put(name, ec2types.SecurityGroup{GroupId: &name, OwnerId: &a.Account, VpcId: ptr(vpc)})
		}, func(a *Account, name string) { a.SecurityGroups.Delete(name) }},
		{"ec2.DescribeSecurityGroupRules", &ec2.DescribeSecurityGroupRulesInput{}, func(a *Account, name string, _ int) {
			a.SecurityGroupRules.Put(name, ec2types.SecurityGroupRule{SecurityGroupRuleId: &name, GroupId: ptr("sg-1")})
		}, func(a *Account, name string) { a.SecurityGroupRules.Delete(name) }},
		{"ec2.DescribeVpcEndpoints", &ec2.DescribeVpcEndpointsInput{}, func(a *Account, name string, _ int) {
			a.VpcEndpoints.Put(name, ec2types.VpcEndpoint{VpcEndpointId: &name, OwnerId: &a.Account, VpcId: ptr(vpc)})
		}, func(a *Account, name string) { a.VpcEndpoints.Delete(name) }},
		{"ec2.DescribeTags", &ec2.DescribeTagsInput{}, func(a *Account, name string, _ int) {
			const arn = "arn:aws:ec2:us-east-1:1:vpc/vpc-1" // all of one object
			tags := map[string]string{name: "1"}
			for key := range val(a.Tags.Get(arn)).Tags {
				tags[key] = "1"
			}
			a.Tags.Put(arn, Tagged{Tags: tags})
		}, func(a *Account, name string) { a.untag("arn:aws:ec2:us-east-1:1:vpc/vpc-1", []string{name}) }},
		{"iam.ListRoles", &iam.ListRolesInput{}, putRole, func(a *Account, name string) { a.Roles.Delete(name) }},
		{"iam.GetAccountAuthorizationDetails", &iam.GetAccountAuthorizationDetailsInput{}, putRole, func(a *Account, name string) { a.Roles.Delete(name) }},
		{"iam.ListAttachedRolePolicies", &iam.ListAttachedRolePoliciesInput{RoleName: ptr("job")}, func(a *Account, name string, n int) {
			if n == 0 {
				putRole(a, "job", 0)
			}
			role := a.Roles.Edit("job")
			role.Attached = append(role.Attached, "arn:aws:iam::aws:policy/"+name)
		}, func(a *Account, name string) {
			role := a.Roles.Edit("job")
			role.Attached = slices.DeleteFunc(role.Attached, func(arn string) bool { return strings.HasSuffix(arn, "/"+name) })
		}},
	}
}

func putRole(a *Account, name string, _ int) {
	a.Roles.Put(name, Role{Role: iamtypes.Role{RoleName: &name, Path: ptr("/"), Arn: ptr("arn:" + name), AssumeRolePolicyDocument: ptr("{}")}})
}

func pagedBalancing() []pagedList {
	return []pagedList{
		{"elbv2.DescribeLoadBalancers", &elb.DescribeLoadBalancersInput{}, func(a *Account, name string, _ int) {
			a.LoadBalancers.Put(*anARN(name), LoadBalancer{LoadBalancer: elbtypes.LoadBalancer{LoadBalancerArn: anARN(name), LoadBalancerName: ptr("y"), State: &elbtypes.LoadBalancerState{Code: elbtypes.LoadBalancerStateEnumActive}}})
		}, func(a *Account, name string) { a.LoadBalancers.Delete(*anARN(name)) }},
		{"elbv2.DescribeTargetGroups", &elb.DescribeTargetGroupsInput{}, func(a *Account, name string, _ int) {
			a.TargetGroups.Put(*anARN(name), TargetGroup{TargetGroup: elbtypes.TargetGroup{TargetGroupArn: anARN(name), TargetGroupName: ptr("y")}})
		}, func(a *Account, name string) { a.TargetGroups.Delete(*anARN(name)) }},
		{"elbv2.DescribeListeners", &elb.DescribeListenersInput{LoadBalancerArn: ptr("balancer")}, func(a *Account, name string, _ int) {
			a.LoadBalancers.Put("balancer", LoadBalancer{LoadBalancer: elbtypes.LoadBalancer{LoadBalancerArn: ptr("balancer"), LoadBalancerName: ptr("y")}})
			a.Listeners.Put(*anARN(name), Listener{Listener: elbtypes.Listener{ListenerArn: anARN(name), LoadBalancerArn: ptr("balancer"), DefaultActions: []elbtypes.Action{}}})
		}, func(a *Account, name string) { a.Listeners.Delete(*anARN(name)) }},
	}
}

func pagedStorage() []pagedList {
	return []pagedList{
		{"efs.DescribeFileSystems", &efs.DescribeFileSystemsInput{}, func(a *Account, name string, _ int) {
			a.FileSystems.Put(name, FileSystem{FileSystemDescription: efstypes.FileSystemDescription{
				FileSystemId: &name, FileSystemArn: anARN(name), LifeCycleState: efstypes.LifeCycleStateAvailable, CreationToken: ptr("y"),
			}})
		}, func(a *Account, name string) { a.FileSystems.Delete(name) }},
		{"efs.DescribeAccessPoints", &efs.DescribeAccessPointsInput{}, func(a *Account, name string, _ int) {
			a.AccessPoints.Put(name, efstypes.AccessPointDescription{AccessPointId: &name, AccessPointArn: ptr("y"), FileSystemId: ptr("fs-1")})
		}, func(a *Account, name string) { a.AccessPoints.Delete(name) }},
		{"ecr.DescribeRepositories", &ecr.DescribeRepositoriesInput{}, func(a *Account, name string, _ int) {
			a.Repositories.Put(name, Repository{Repository: ecrtypes.Repository{RepositoryName: &name, RepositoryArn: ptr("y"), RegistryId: &a.Account}})
		}, func(a *Account, name string) { a.Repositories.Delete(name) }},
		{"ecr.DescribeImages", &ecr.DescribeImagesInput{RepositoryName: ptr("web")}, func(a *Account, name string, _ int) {
			a.Repositories.Put("web", Repository{Repository: ecrtypes.Repository{RepositoryName: ptr("web")}})
			a.Images.Put("web@"+name, RepositoryImage{Repository: "web", Digest: name})
		}, func(a *Account, name string) { a.Images.Delete("web@" + name) }},
	}
}

func pagedLogs() []pagedList {
	stream := func(a *Account, name string, n int) {
		a.LogGroups.Put("shop", logstypes.LogGroup{LogGroupName: ptr("shop")})
		at := epoch.Add(time.Duration(n/2) * time.Hour).UnixMilli()
		a.LogStreams.Put("shop:"+name[2:], LogStream{
			LogStream: logstypes.LogStream{LogStreamName: &name}, Events: []logstypes.InputLogEvent{{Timestamp: &at, Message: &name}},
		})
	}
	event := func(a *Account, name string, n int) {
		a.LogGroups.Put("shop", logstypes.LogGroup{LogGroupName: ptr("shop")})
		s := val(a.LogStreams.Get("shop:web"))
		s.LogStreamName, s.Events = ptr("web"), append(s.Events, logstypes.InputLogEvent{Timestamp: ptr(epoch.Add(time.Duration(n) * time.Second).UnixMilli()), Message: &name})
		a.LogStreams.Put("shop:web", s)
	}
	without := func(a *Account, name string) {
		s := a.LogStreams.Edit("shop:web")
		s.Events = slices.DeleteFunc(s.Events, func(e logstypes.InputLogEvent) bool { return *e.Message == name })
	}
	gone := func(a *Account, name string) { a.LogStreams.Delete("shop:" + name[2:]) }
	return []pagedList{
		{"logs.DescribeLogGroups", &cloudwatchlogs.DescribeLogGroupsInput{}, func(a *Account, name string, _ int) {
			a.LogGroups.Put(name, logstypes.LogGroup{LogGroupName: &name})
		}, func(a *Account, name string) { a.LogGroups.Delete(name) }},
		{"logs.DescribeLogStreams", &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: ptr("shop")}, stream, gone},
		{"logs.DescribeLogStreams", &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: ptr("shop"), Descending: ptr(true)}, stream, gone},
		{"logs.DescribeLogStreams", &cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupName: ptr("shop"), Descending: ptr(true), OrderBy: logstypes.OrderByLastEventTime,
		}, stream, gone},
		{"logs.FilterLogEvents", &cloudwatchlogs.FilterLogEventsInput{LogGroupName: ptr("shop")}, stream, gone},
		{"logs.FilterLogEvents", &cloudwatchlogs.FilterLogEventsInput{LogGroupName: ptr("shop")}, event, without},
		{"logs.GetLogEvents", &cloudwatchlogs.GetLogEventsInput{LogGroupName: ptr("shop"), LogStreamName: ptr("web"), StartFromHead: ptr(true)}, event, without},
	}
}

func pagedScaling() []pagedList {
	const service = scalingtypes.ServiceNamespaceEcs
	return []pagedList{
		{"autoscaling.DescribeScalableTargets", &scaling.DescribeScalableTargetsInput{ServiceNamespace: service}, func(a *Account, name string, _ int) {
			a.ScalableTargets.Put(name, ScalableTarget{ScalableTarget: scalingtypes.ScalableTarget{ResourceId: &name, RoleARN: ptr("role"), ServiceNamespace: service}})
		}, func(a *Account, name string) { a.ScalableTargets.Delete(name) }},
		{"autoscaling.DescribeScalingPolicies", &scaling.DescribeScalingPoliciesInput{ServiceNamespace: service}, func(a *Account, name string, _ int) {
			a.ScalingPolicies.Put(name, scalingtypes.ScalingPolicy{ResourceId: ptr("web"), PolicyName: &name, PolicyARN: ptr("y"), ServiceNamespace: service})
		}, func(a *Account, name string) { a.ScalingPolicies.Delete(name) }},
		{"autoscaling.DescribeScalingActivities", &scaling.DescribeScalingActivitiesInput{ServiceNamespace: service}, func(a *Account, name string, n int) {
			at := epoch.Add(time.Duration(n/2) * time.Minute)
			a.ScalingActivities.Put(name, scalingtypes.ScalingActivity{ResourceId: ptr("web"), ActivityId: &name, StartTime: &at, EndTime: &at})
		}, func(a *Account, name string) { a.ScalingActivities.Delete(name) }},
		{"cloudwatch.DescribeAlarms", &cloudwatch.DescribeAlarmsInput{}, func(a *Account, name string, _ int) {
			a.Alarms.Put(name, Alarm{MetricAlarm: watchtypes.MetricAlarm{AlarmName: &name, AlarmArn: anARN(name)}})
		}, func(a *Account, name string) { a.Alarms.Delete(name) }},
	}
}
