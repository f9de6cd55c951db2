package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// A service that ends by itself is an ECS service without tasks, which a plan gives one task
// for a run: docs/runs.md says why it is no task of RunTask. In the task, the container of
// the service is optional, so that its end is not that of the task and ECS does not start
// another one; a keeper is what is essential. The apply reads the exit code of the container, and
// takes the task away.

// keeperName is the name of the container that keeps the task of a run.
func (p *Project) keeperName(k *task) string {
	name := k.name() + spec.KeeperSuffixes[0]
	if p.HasService(name) {
		name = k.name() + spec.KeeperSuffixes[1]
	}
	return ecsName(name)
}

// keeper is there until it is told to stop: as the first process of a container a shell does
// not hear of SIGTERM unless it asks for it.
var keeper = []string{"sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done"}

// keeperStop is the time, in seconds, that it has to stop: the least that ECS takes.
const keeperStop = 2

// addKeeper puts the keeper into the task of a run. It waits for nothing: a wait for the
// end of the run would give up after three minutes on Fargate (ContainerDefinition,
// startTimeout).
func (t *translation) addKeeper(k *task, d *spec.TaskDefinition) {
	if !t.isRun(k) {
		return
	}
	d.ContainerDefinitions = append(d.ContainerDefinitions, t.keeperContainer(k, k.name()))
}

func (t *translation) keeperContainer(k *task, logPrefix string) spec.Container {
	return spec.Container{
		Name: t.keeperName(k), Image: t.keeperImage(k), Essential: true, EntryPoint: keeper[:2], Command: keeper[2:], StopTimeout: keeperStop,
		ReadonlyRootFilesystem: true, User: "65534", LogConfiguration: toLogGroup(t.base, logPrefix),
	}
}

// keeperImage is the image of helpers. Only tasks that reach no other registry need a copy of it.
func (t *translation) keeperImage(k *task) plan.Value {
	if t.facts.Isolated {
		return t.mirrored(k)
	}
	return plan.Literal(helperImage)
}

// run is what a plan has to know of the run of a task; nil where it is kept running.
func (t *translation) run(k *task, d *spec.TaskDefinition) *plan.Run {
	if !t.isRun(k) {
		return nil
	}
	out := t.runOf(ecsName(k.name()), d)
	out.Tries = tries(k.main)
	return out
}

// runOf is one run of a container.
func (t *translation) runOf(container string, d *spec.TaskDefinition) *plan.Run {
	out := &plan.Run{Container: container, Tries: 1}
	if d == nil {
		return out
	}
	i := slices.IndexFunc(d.ContainerDefinitions, func(c spec.Container) bool { return c.Name == out.Container })
	if i < 0 {
		return out
	}
	if l := d.ContainerDefinitions[i].LogConfiguration; l != nil && l.LogDriver == awslogs && l.Options["awslogs-region"].Text == t.facts.Region {
		out.LogGroup, out.LogPrefix = l.Options["awslogs-group"].Text, l.Options["awslogs-stream-prefix"].Text
	}
	return out
}

// mostTries is how often a run is tried that docker tries without an end.
const mostTries = 10

// tries is how often a container that fails is run.
func tries(s container) int {
	if restarts(s) != types.RestartPolicyOnFailure {
		return 1
	}
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil {
		if most := s.Deploy.RestartPolicy.MaxAttempts; most != nil {
			return 1 + int(min(*most, 100))
		}
		return mostTries
	}
	_, count, _ := strings.Cut(s.Restart, ":")
	if n, err := strconv.Atoi(count); err == nil && n >= 0 {
		return 1 + min(n, 100)
	}
	return mostTries
}

// runsAfter are the services after which the tasks of services start: those of depends_on, and
// for a run also those that it calls by name, unless these wait for it in turn. Nothing
// but the apply would try it again until they answer.
func (t *translation) runsAfter() map[*task][]plan.Address {
	before := map[*task][]*task{}
	for _, k := range t.tasks {
		for _, name := range waitsFor(t.base, k) {
			before[k] = append(before[k], t.taskOf[name])
		}
	}
	for _, k := range t.tasks {
		if !t.isRun(k) {
			continue
		}
		for _, name := range sortedKeys(t.names.uses[k]) {
			other := t.taskOf[name]
			if other != nil && other != k && !t.isRun(other) && !slices.Contains(before[k], other) && !isBefore(before, k, other) {
				before[k] = append(before[k], other)
			}
		}
	}
	out := map[*task][]plan.Address{}
	for k, others := range before {
		for _, other := range others {
			out[k] = append(out[k], serviceAddress(other.name()))
		}
		slices.SortFunc(out[k], plan.Address.Compare)
	}
	return out
}

// isBefore says whether a task starts before another one, directly or through others.
func isBefore(before map[*task][]*task, first, k *task) bool {
	seen := map[*task]bool{}
	var reaches func(k *task) bool
	reaches = func(k *task) bool {
		if k == first {
			return true
		}
		if seen[k] {
			return false
		}
		seen[k] = true
		return slices.ContainsFunc(before[k], reaches)
	}
	return reaches(k)
}

// sayRuns says what becomes of the services that end by themselves, and of what they ask for
// that makes no sense of a run.
func (t *translation) sayRuns() {
	var evident []string
	for _, k := range t.tasks {
		if !t.isRun(k) {
			continue
		}
		if t.endingOf(k.name()) == endsEvidently {
			evident = append(evident, k.name())
		}
		if n := k.main.GetScale(); n > 1 {
			t.warnf(sizedAt(k), "", "runs once, not %d times: the service ends by itself", n)
		}
		if u := updateConfig(k.main); u != nil {
			t.warnf(at(k.name(), "deploy", "update_config"), "remove it", "not used: the service ends by itself, and no task of it is replaced")
		}
		if t.X.Services[k.name()].Capacity != nil {
			t.warnf(at(k.name(), xfargate.Key, "capacity"), "remove it", "not used: the service ends by itself, and Spot might take its task away before that")
		}
		if h := t.X.Services[k.name()].Hours; h != nil {
			t.warnf(h.Path, "remove it", "not used: the service ends by itself")
		}
		for _, m := range k.members {
			if len(m.Ports) > 0 && m.Name == k.name() {
				t.warnf(at(m.Name, "ports"), "remove them", "not published: the service ends by itself")
			}
		}
	}
	if len(evident) > 0 {
		t.notef(diag.Path{"services"}, "write restart: always for one that is to be kept running",
			"%s: what it starts comes to an end, so that it runs once, and again when its image, files, secrets or definition change", compose.Quoted(evident))
	}
}

// sizedAt is where the files say how many tasks a service has.
func sizedAt(k *task) diag.Path {
	if k.main.Scale != nil {
		return at(k.name(), "scale")
	}
	return at(k.name(), "deploy", "replicas")
}
