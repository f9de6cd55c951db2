package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Task is an ECS task. One that a service keeps running has its key in Service;
// one of RunTask runs for a few describe reads and ends.
type Task struct {
	types.Task
	Service  string // key of the service; empty for RunTask
	Network  types.AwsVpcConfiguration
	Token    string        // client token of the RunTask that started it
	Request  string        // digest of that call
	Guarded  bool          // scale-in protection
	Until    int64         // its end on the clock
	Reads    int           // describe reads that moved it, for RunTask; else those that found it unhealthy
	Optional int           // describe reads since it ran, where it has containers that end while it runs on
	Age      int           // describe reads since it ran, where a script ends it
	Fared    []string      // lines of the script, with times, under which it is counted
	Failure  *startFailure // why it will not start, for RunTask; nil if it will
	Broken   bool          // a mount target went while it mounted a file system through it
	Due      Due
}

// order is what a new task is made from.
type order struct {
	service    string // key of the service; empty for RunTask
	cluster    string // name
	definition *types.TaskDefinition
	network    types.AwsVpcConfiguration
	startedBy  string
	group      string
	launchType types.LaunchType
	provider   *string
	exec       bool
	overrides  *types.TaskOverride
	tags       map[string]string
}

// serviceTask is the order for a task of the service's newest deployment.
func (a *Account) serviceTask(key string, s *Service) order {
	o := order{
		service: key, cluster: lastPart(*s.ClusterArn), startedBy: *s.Deployments[0].Id, group: "service:" + *s.ServiceName,
		definition: a.definition(*s.TaskDefinition),
		network:    *s.NetworkConfiguration.AwsvpcConfiguration,
		launchType: types.LaunchTypeFargate, exec: s.EnableExecuteCommand, tags: map[string]string{},
	}
	if len(s.CapacityProviderStrategy) > 0 {
		o.provider = s.CapacityProviderStrategy[0].CapacityProvider
	}
	switch s.PropagateTags {
	case types.PropagateTagsService:
		maps.Copy(o.tags, a.tagsOf(*s.ServiceArn))
	case types.PropagateTagsTaskDefinition:
		maps.Copy(o.tags, a.tagsOf(*s.TaskDefinition))
	}
	if s.EnableECSManagedTags {
		o.tags["aws:ecs:clusterName"], o.tags["aws:ecs:serviceName"] = o.cluster, *s.ServiceName
	}
	return o
}

// launch makes a task in that status.
func (a *Account) launch(o order, status string) *Task {
	n := a.number("task", taskCounter(o.cluster, o.startedBy, o.group))
	id := digest(a.Account, a.Region, "task", o.cluster, o.startedBy, o.group, strconv.Itoa(n))[:32]
	arn := a.arn("ecs", "task/"+o.cluster+"/"+id)
	subnets := a.placeable(o.network.Subnets)
	if len(subnets) == 0 {
		subnets = o.network.Subnets // it will fail to start
	}
	subnet := a.roomySubnet(subnets, n-1)
	td := o.definition
	t := a.Tasks.Put(o.cluster+"/"+id, Task{Service: o.service, Network: o.network, Task: types.Task{
		TaskArn: &arn, ClusterArn: ptr(a.arn("ecs", "cluster/"+o.cluster)), TaskDefinitionArn: td.TaskDefinitionArn,
		Cpu: td.Cpu, Memory: td.Memory, Group: &o.group, StartedBy: &o.startedBy, LaunchType: o.launchType,
		CapacityProviderName: o.provider, PlatformVersion: ptr("1.4.0"), PlatformFamily: ptr("Linux"),
		AvailabilityZone: val(a.Subnets.Get(subnet)).AvailabilityZone, EnableExecuteCommand: o.exec,
		DesiredStatus: ptr("RUNNING"), LastStatus: ptr("PROVISIONING"), HealthStatus: types.HealthStatusUnknown,
		CreatedAt: a.now(), Version: 1, Overrides: orElse(o.overrides, types.TaskOverride{ContainerOverrides: []types.ContainerOverride{}}),
		EphemeralStorage: orElse(td.EphemeralStorage, types.EphemeralStorage{SizeInGiB: 20}),
		Attachments:      []types.Attachment{a.networkAttachment(arn, subnet)},
		Attributes: []types.Attribute{{
			Name: ptr("ecs.cpu-architecture"), Value: ptr(strings.ToLower(string(architecture(td)))),
		}},
	}})
	for _, c := range td.ContainerDefinitions {
		t.Containers = append(t.Containers, newContainer(arn, c))
		if a.Script != nil {
			a.fares(t, a.scripted(a.ownerOf(t), c))
		}
	}
	a.bear(arn, o.tags)
	if status != "PROVISIONING" {
		t.LastStatus = ptr("PENDING")
	}
	if status == "RUNNING" {
		a.start(o.cluster + "/" + id)
	}
	return t
}

// taskCounter is by what the tasks are counted that somebody started in a group.
func taskCounter(cluster, startedBy, group string) string {
	return cluster + "/" + startedBy + "/" + group
}

func architecture(td *types.TaskDefinition) types.CPUArchitecture {
	if p := val(td.RuntimePlatform).CpuArchitecture; p != "" {
		return p
	}
	return types.CPUArchitectureX8664
}

func newContainer(task string, c types.ContainerDefinition) types.Container {
	id := digest(task, *c.Name)
	_, resource := arnParts(task)
	return types.Container{
		Name: c.Name, Image: c.Image, ImageDigest: ptr(digestOf(*c.Image)), TaskArn: &task, LastStatus: ptr("PENDING"),
		ContainerArn: ptr(strings.TrimSuffix(task, resource) + "container/" + trimType(resource, "task") + "/" + uuid(id)),
		RuntimeId:    ptr(id[:32] + "-" + id[32:42]), HealthStatus: types.HealthStatusUnknown,
		Cpu: ptr(strconv.Itoa(int(c.Cpu))), NetworkBindings: []types.NetworkBinding{}, NetworkInterfaces: []types.NetworkInterface{},
	}
}

// digestOf is the digest of an image: the one it is pinned by, else one derived
// from its reference.
func digestOf(image string) string {
	if _, pinned, ok := strings.Cut(image, "@"); ok {
		return pinned
	}
	return "sha256:" + digest("image", image)
}

// start lets a task run.
func (a *Account) start(key string) {
	t := a.Tasks.Edit(key)
	if *t.LastStatus == "RUNNING" {
		return
	}
	t.LastStatus, t.StartedAt, t.PullStartedAt, t.PullStoppedAt = ptr("RUNNING"), a.now(), a.now(), a.now()
	t.Connectivity, t.ConnectivityAt = types.ConnectivityConnected, a.now()
	t.Attachments[0].Status = ptr("ATTACHED")
	for i := range t.Containers {
		t.Containers[i].LastStatus = ptr("RUNNING")
		// All containers of a task share its interface (ECS Developer Guide, "Fargate task networking").
		t.Containers[i].NetworkInterfaces = []types.NetworkInterface{{AttachmentId: t.Attachments[0].Id, PrivateIpv4Address: ptr(privateAddress(t))}}
	}
	for i, c := range a.definition(*t.TaskDefinitionArn).ContainerDefinitions {
		if c.HealthCheck != nil {
			t.Containers[i].HealthStatus, t.HealthStatus = types.HealthStatusHealthy, types.HealthStatusHealthy
		}
	}
	a.endAwaited(t, a.definition(*t.TaskDefinitionArn))
	a.startAgents(t)
	t.Version++
	a.registerTask(t)
}

// stop says how a task ends.
type stop struct {
	code      types.TaskStopCode
	reason    string
	exit      *int32 // of every container that runs; nil when none ran
	detail    string // the containers' reason; may be empty
	container string // whose end is that of the task, with that exit and detail; empty for all alike
}

// Exit codes of a container that is stopped: it gets a SIGTERM, and a SIGKILL 30 seconds
// later (StopTask). 128 and the number of the signal is what docker makes of it.
const (
	terminated = 143
	killed     = 137
)

// deploymentStop is the stop of a task that its service has no more use for.
func deploymentStop(deployment string) stop {
	return stop{
		code:   types.TaskStopCodeServiceSchedulerInitiated,
		reason: fmt.Sprintf("Scaling activity initiated by (deployment %s)", deployment), exit: ptr(int32(0)),
	}
}

func (a *Account) stopTasks(keys []string, how stop) {
	for _, key := range keys {
		a.stopTask(key, how)
	}
}

func (a *Account) stopTask(key string, how stop) {
	t := a.Tasks.Edit(key)
	if t.Broken && (how.code == types.TaskStopCodeServiceSchedulerInitiated || how.code == types.TaskStopCodeUserInitiated) {
		how.exit = ptr(int32(killed)) // see breakMounts
	}
	a.deregisterTask(t)
	t.LastStatus, t.DesiredStatus = ptr("STOPPED"), ptr("STOPPED")
	t.StopCode, t.StoppedReason = how.code, &how.reason
	t.StoppingAt, t.StoppedAt, t.ExecutionStoppedAt = a.now(), a.now(), a.now()
	t.Attachments[0].Status = ptr("DELETED")
	a.stopContainers(t, how)
	t.Version++
}

// liveTasks are the keys of a service's tasks of one deployment that have not
// stopped.
func (a *Account) liveTasks(service, deployment string) []string {
	return a.tasks.Keys("live " + service + " " + deployment)
}

func usedByTask(a *Account, group string) bool {
	return a.tasks.Has("group " + group)
}

func listTasks(a *Account, in *ecs.ListTasksInput) (*ecs.ListTasksOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	desired := string(in.DesiredStatus)
	if desired == "" {
		desired = "RUNNING"
	}
	if in.ServiceName != nil && a.Services.Get(serviceKey(cluster, in.ServiceName)) == nil {
		return nil, &types.ServiceNotFoundException{Message: ptr("Service not found.")}
	}
	var all []string
	rows := a.Tasks.All()
	if in.ServiceName != nil {
		rows = a.tasks.Of("service " + serviceKey(cluster, in.ServiceName))
	}
	for _, t := range rows {
		if *t.ClusterArn == *cluster.ClusterArn && *t.DesiredStatus == desired &&
			(in.ServiceName == nil || t.Service == serviceKey(cluster, in.ServiceName)) &&
			(in.StartedBy == nil || *t.StartedBy == *in.StartedBy) &&
			(in.LaunchType == "" || t.LaunchType == in.LaunchType) &&
			(in.Family == nil || strings.HasPrefix(shortName(*t.TaskDefinitionArn, "task-definition"), *in.Family+":")) {
			all = append(all, *t.TaskArn)
		}
	}
	arns, next, err := ecsPage(a, all, itself, in.NextToken, in.MaxResults, 100)
	return &ecs.ListTasksOutput{TaskArns: arns, NextToken: next}, err
}

func describeTasks(a *Account, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	switch n := len(in.Tasks); {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, invalidParameter("Tasks cannot be empty.")
	case n > 100:
		return nil, invalidParameter("The number of tasks must not exceed 100, but is %d.", n)
	}
	out := &ecs.DescribeTasksOutput{Tasks: []types.Task{}, Failures: []types.Failure{}}
	for _, name := range in.Tasks {
		key := *cluster.ClusterName + "/" + lastPart(name)
		if a.Tasks.Get(key) == nil {
			out.Failures = append(out.Failures, missing(a.arn("ecs", "task/"+key)))
			continue
		}
		a.advanceTask(key)
		t := a.Tasks.Get(key).Task
		t.Tags = []types.Tag{}
		if slices.Contains(in.Include, types.TaskFieldTags) {
			t.Tags = ecsTags(a.tagsOf(*t.TaskArn))
		}
		out.Tasks = append(out.Tasks, t)
	}
	return out, nil
}

func stopTask(a *Account, in *ecs.StopTaskInput) (*ecs.StopTaskOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	key := *cluster.ClusterName + "/" + lastPart(str(in.Task))
	t := a.Tasks.Get(key)
	if t == nil {
		return nil, invalidParameter("The referenced task was not found.")
	}
	if *t.LastStatus != "STOPPED" {
		reason := *orElse(in.Reason, "Task stopped by user")
		a.stopTask(key, stop{code: types.TaskStopCodeUserInitiated, reason: reason, exit: ptr(int32(terminated))})
		if s := a.Services.Edit(t.Service); s != nil {
			a.count(s, t.Service)
		}
	}
	return &ecs.StopTaskOutput{Task: &a.Tasks.Get(key).Task}, nil
}
