package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// onDemand is the capacity of services that ask for no other.
func onDemand() []spec.CapacityProvider {
	return []spec.CapacityProvider{{CapacityProvider: "FARGATE", Weight: 1}}
}

// strategy is on which capacity the tasks of a service run. A strategy can be changed later,
// a launch type not.
func strategy(b *base, k *task) []spec.CapacityProvider {
	given := b.X.Service(k.name()).Capacity
	if given == nil || b.isRun(k) { // a task of Spot may be taken away in the middle of its work
		return onDemand()
	}
	var out []spec.CapacityProvider
	for _, c := range given {
		out = append(out, spec.CapacityProvider{CapacityProvider: c.Provider, Weight: c.Weight, Base: c.Base})
	}
	return out
}

// capacityPath is where the files say on which capacity a service runs.
func capacityPath(b *base, service string) diag.Path {
	return b.firstPath(at(service, xfargate.Key, "capacity"), diag.Path{xfargate.Key, "defaults", "capacity"})
}

// onSpot says whether AWS may stop tasks of a service to have their capacity back.
func onSpot(b *base, k *task) bool {
	return !b.isRun(k) && slices.ContainsFunc(b.X.Service(k.name()).Capacity, func(c xfargate.Capacity) bool {
		return c.Provider == xfargate.Spot && c.IsUsed()
	})
}

func usesSpot(b *base) bool {
	return slices.ContainsFunc(b.tasks, func(k *task) bool { return onSpot(b, k) })
}

// sayCapacity warns once of the services that write alone to a volume on capacity that is
// taken from them (ECS Developer Guide, "Amazon ECS clusters for Fargate": "your tasks are
// interrupted with a two-minute warning", which is a SIGTERM, and SIGKILL after
// stopTimeout; and Spot tasks are not replaced by others).
func sayCapacity(b *base, writes func(*task) bool) {
	var names []string
	for _, k := range b.tasks {
		if onSpot(b, k) && k.main.GetScale() <= 1 && writes(k) {
			names = append(names, k.name())
		}
	}
	if len(names) == 0 {
		return
	}
	b.warnf(capacityPath(b, names[0]), "write capacity: [{provider: FARGATE}] for a database; stop_grace_period, of at most 2m, is what one has to write its data",
		"AWS stops Spot tasks with two minutes' notice when it wants their capacity back, and starts others when it has some: meanwhile nobody reaches what is in the volumes of %s", compose.Quoted(names))
}
