package translate

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Conditions of the key table that ask what becomes of a service: whose task it
// shares, and how it is restarted and replaced. The concepts themselves do not know
// the table.

// ofTheseFiles holds where service:NAME, container:NAME or an item of
// volumes_from names a service of these files.
func ofTheseFiles(u use) bool {
	service, ok := u.project.named(u.text())
	return ok && service != ""
}

func volumesOfTheseFiles(u use) bool {
	return len(u.items()) > 0 && !slices.ContainsFunc(u.items(), func(item string) bool {
		service, _ := u.project.volumesOf(item)
		return service == ""
	})
}

// sharesTask holds for an entry of depends_on about a service in the same task.
func sharesTask(condition func(use) bool) func(use) bool {
	return func(u use) bool {
		lead, ok := u.mains[u.path[3]]
		return ok && lead == u.mains[u.service] && condition(u)
	}
}

// ofSidecar holds for a service in the task of another one.
func ofSidecar(condition func(use) bool) func(use) bool {
	return func(u use) bool { return u.mains[u.service] != u.service && condition(u) }
}

// awaitedInTask holds for a service that was to be restarted, and for whose end
// another one in the same task waits.
func awaitedInTask(u use) bool {
	if c := restarts(u.container()); c != types.RestartPolicyAlways && c != types.RestartPolicyOnFailure {
		return false
	}
	for name, lead := range u.mains {
		if name == u.service || lead != u.mains[u.service] {
			continue
		}
		d, ok := u.project.Compose.Services[name].DependsOn[u.service]
		if ok && d.Condition == types.ServiceConditionCompletedSuccessfully {
			return true
		}
	}
	return false
}

// toItsEnd holds for a service that runs to its end.
func toItsEnd(condition func(use) bool) func(use) bool {
	return func(u use) bool { return condition(u) && u.project.endingOf(u.service) != keepsOn }
}

// triedAgain holds for a service of which a run that fails is tried again.
func triedAgain(u use) bool {
	return u.asks() && u.project.endingOf(u.service) != keepsOn && restarts(u.container()) == types.RestartPolicyOnFailure
}

// awaitsSidecar holds for a wait for the end of a sidecar in another task.
func awaitsSidecar(u use) bool {
	other := u.path[3]
	return u.text() == types.ServiceConditionCompletedSuccessfully && u.mains[other] != "" && u.mains[other] != other
}

// restartedInPlace holds for a service whose container ECS restarts in its task.
func restartedInPlace(u use) bool {
	switch restarts(u.container()) {
	case types.RestartPolicyNo:
		return false
	case types.RestartPolicyOnFailure:
		return true
	default:
		return ofSidecar(use.asks)(u)
	}
}

// usedAliases holds where a service is called by one of its aliases, in what the files
// say: there is a warning at that place.
func usedAliases(u use) bool {
	dns := newDockerDNS(u.project)
	known := func(name string) bool {
		return slices.ContainsFunc(u.items(), func(alias string) bool { return strings.EqualFold(alias, name) })
	}
	return slices.ContainsFunc(u.project.Compose.ServiceNames(), func(user string) bool {
		s := u.project.Compose.Services[user]
		c := container{ServiceConfig: &s}
		return slices.ContainsFunc(append(u.project.hostUses(c, known), u.project.textUses(c, known)...), func(use hostUse) bool {
			of, ok := dns.lookup(user, use.name)
			return ok && use.sure && of.service == u.service && of.kind == byAlias
		})
	})
}

// rollsBackAsItUpdates says whether rollback_config equals update_config: ECS
// rolls back the same way it rolled out.
func rollsBackAsItUpdates(u use) bool {
	if u.config.Deploy == nil || u.config.Deploy.RollbackConfig == nil {
		return false
	}
	back := *u.config.Deploy.RollbackConfig
	back.Extensions = nil
	n := u.config.GetScale()
	leastBack, mostBack := percents(n, &back)
	least, most := percents(n, u.config.Deploy.UpdateConfig)
	return leastBack == least && mostBack == most
}
