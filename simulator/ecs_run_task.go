package simulator

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// runTask starts tasks that end by themselves: they run for as many describe
// reads as a deployment takes, then exit with 0, or as their image says.
func runTask(a *Account, in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	td, err := a.runnable(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	if started, err := a.tasksOfToken(*cluster.ClusterName, in); len(started) > 0 || err != nil {
		return &ecs.RunTaskOutput{Tasks: started, Failures: []types.Failure{}}, err
	}
	count := val(orElse(in.Count, 1))
	if count < 1 || count > 10 { // ECS quotas: tasks launched per RunTask
		return nil, invalidParameter("Invalid count %d: it must be between 1 and 10.", count)
	}
	if err := a.checkRun(cluster, td, in); err != nil {
		return nil, err
	}
	tags, err := ecsCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if in.PropagateTags == types.PropagateTagsTaskDefinition {
		all := maps.Clone(a.tagsOf(*td.TaskDefinitionArn))
		maps.Copy(all, tags)
		tags = all
	}
	return a.run(cluster, td, in, int(count), tags), nil
}

// tokenOfRunTask is for how long a client token is known: 24 hours, or "the lifetime of
// the resource plus one hour", which is when a task is forgotten (ECS API reference,
// "Ensuring idempotency").
const tokenOfRunTask = day

// tasksOfToken are the tasks that an earlier call with that client token started.
// It must have been the same call ("The provided clientToken is already in use with
// a different RunTask request. The resourceIds are the existing task ARNs", API
// reference, RunTask, ConflictException). The SDK sends a token of its own when it
// is given none.
func (a *Account) tasksOfToken(cluster string, in *ecs.RunTaskInput) ([]types.Task, error) {
	if str(in.ClientToken) == "" {
		return nil, nil
	}
	var started []types.Task
	other := false
	for _, t := range a.tasks.Of("token " + *in.ClientToken) {
		if lastPart(*t.ClusterArn) == cluster && a.now().Sub(*t.CreatedAt) < tokenOfRunTask {
			started = append(started, t.Task)
			other = other || t.Request != runRequest(in)
		}
	}
	if !other {
		return started, nil
	}
	conflict := &types.ConflictException{Message: ptr("The provided clientToken is already in use with a different RunTask request.")}
	for _, t := range started {
		conflict.ResourceIds = append(conflict.ResourceIds, *t.TaskArn)
	}
	return nil, conflict
}

// runRequest tells calls apart.
func runRequest(in *ecs.RunTaskInput) string { return digest(string(appendJSON(nil, in))) }

func (a *Account) checkRun(cluster *Cluster, td *types.TaskDefinition, in *ecs.RunTaskInput) error {
	s := Service{Service: types.Service{
		LaunchType: in.LaunchType, CapacityProviderStrategy: in.CapacityProviderStrategy,
		PlatformVersion: orElse(emptyIsNil(in.PlatformVersion), "LATEST"), EnableExecuteCommand: in.EnableExecuteCommand,
	}}
	if s.LaunchType == "" && len(s.CapacityProviderStrategy) == 0 {
		s.CapacityProviderStrategy = cluster.DefaultCapacityProviderStrategy
	}
	if err := checkCapacity(cluster, s); err != nil {
		return err
	}
	if err := checkExec(td, s); err != nil {
		return err
	}
	for _, o := range val(in.Overrides).ContainerOverrides {
		if !slices.ContainsFunc(td.ContainerDefinitions, func(c types.ContainerDefinition) bool { return *c.Name == str(o.Name) }) {
			return invalidParameter("Override for container named %s is not a container in the TaskDefinition.", str(o.Name))
		}
	}
	return a.checkNetwork(in.NetworkConfiguration)
}

func (a *Account) run(
	cluster *Cluster, td *types.TaskDefinition, in *ecs.RunTaskInput, count int, tags map[string]string,
) *ecs.RunTaskOutput {
	o := order{
		cluster: *cluster.ClusterName, definition: td, network: *a.fillNetwork(in.NetworkConfiguration).AwsvpcConfiguration,
		startedBy: str(in.StartedBy), group: cmp.Or(str(in.Group), "family:"+*td.Family),
		launchType: types.LaunchTypeFargate, exec: in.EnableExecuteCommand, overrides: in.Overrides, tags: tags,
	}
	if len(in.CapacityProviderStrategy) > 0 {
		o.provider = in.CapacityProviderStrategy[0].CapacityProvider
	}
	out := &ecs.RunTaskOutput{Tasks: []types.Task{}, Failures: []types.Failure{}}
	for range count {
		failure := a.checkStart(td, o.network)
		if failure == nil {
			failure = a.fate(*td.Family, td, -1)
		}
		t := a.launch(o, "PROVISIONING")
		t.Token, t.Request, t.Failure = str(in.ClientToken), runRequest(in), failure
		task := t.Task
		task.Tags = ecsTags(tags)
		out.Tasks = append(out.Tasks, task)
	}
	return out
}

// advanceTask moves a task of RunTask on by one describe read.
func (a *Account) advanceTask(key string) {
	t := a.Tasks.Get(key)
	if t.Service != "" || *t.LastStatus == "STOPPED" {
		return
	}
	t = a.Tasks.Edit(key)
	t.Reads++
	switch {
	case t.Failure != nil:
		a.stopTask(key, t.Failure.stop())
	case t.Reads < a.Progress+a.lasts(t):
		a.start(key)
	default:
		a.start(key)
		a.stopTask(key, a.runsOut(t).stop())
	}
}

// lasts is how many describe reads longer than others a task of RunTask runs.
func (a *Account) lasts(t *Task) int {
	most := 0
	for _, c := range a.definition(*t.TaskDefinitionArn).ContainerDefinitions {
		if line := a.lineOf(t, c); line != nil {
			most = max(most, line.After+line.Starts)
		}
	}
	return most
}

// exits is the part of an image reference that says how its container ends.
var exits = regexp.MustCompile(`exits-(\d{1,3})`)

// runsOut is the end of a task that has done its work: that of the first essential
// container whose exit code the script or the image tells, else of all with 0.
func (a *Account) runsOut(t *Task) *startFailure {
	containers := a.definition(*t.TaskDefinitionArn).ContainerDefinitions
	for _, c := range containers {
		if line := a.lineOf(t, c); line != nil && line.Exit != nil && isEssential(c) {
			return essentialExit(c.Name, *line.Exit)
		}
	}
	for _, c := range containers {
		if match := exits.FindStringSubmatch(*c.Image); match != nil {
			n, _ := strconv.ParseInt(match[1], 10, 32)
			return essentialExit(c.Name, int32(n))
		}
	}
	return essentialExit(ptr(""), 0)
}
