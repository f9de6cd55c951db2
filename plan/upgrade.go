package plan

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// decision is the one behind a change of a resource that an earlier release applied.
func (d *differ) decision(live, want *Resource, c Change) *Decision {
	made := MadeBy(live)
	for _, decided := range d.kinds[want.Address.Kind].Decided {
		if made == 0 || made >= decided.Release || !Match(decided.Path, c.Path) {
			continue
		}
		if decided.Only == nil || decided.Only(d.want.Target, live, want, c) {
			return &decided
		}
	}
	return nil
}

// upgrade gives changes their cause where a later release decides otherwise, and says
// whether that is all there is, so that it can wait for the next change of a service that
// uses the resource.
func (d *differ) upgrade(live, want *Resource, changes []Change) (waits bool) {
	all, stay := len(changes) > 0, true
	for i, c := range changes {
		decided := d.decision(live, want, c)
		if decided == nil {
			all = false
			continue
		}
		changes[i].Cause = Upgrade
		all, stay = all && !decided.Now, stay && decided.Stays
	}
	switch {
	case !all:
		return false
	case stay:
		return true
	case d.comesNow(want.Address):
		return false
	default:
		d.waiting = append(d.waiting, want.Address)
		return true
	}
}

// comesNow says whether a change that could wait comes with that of a service.
func (d *differ) comesNow(address Address) bool {
	users := slices.DeleteFunc(append(d.wantedUsers(address), address), func(user Address) bool { return !d.kinds[user.Kind].starts() })
	if len(users) == 0 {
		return len(d.changing) > 0
	}
	return slices.ContainsFunc(users, func(user Address) bool { return d.changing[user] })
}

// changingServices are the services that a plan changes.
func (d *differ) changingServices() map[Address]bool {
	out := map[Address]bool{}
	for address, p := range d.planned {
		if d.kinds[address.Kind].starts() && p.Changed() {
			out[address] = true
		}
	}
	return out
}

// sayWaiting says what a later release decides otherwise and what waits.
func (d *differ) sayWaiting() {
	if len(d.waiting) == 0 {
		return
	}
	names := make([]string, len(d.waiting))
	for i, address := range d.waiting {
		names[i] = address.String()
	}
	slices.Sort(names)
	d.plan.Diagnostics.Notef(diag.Pos{}, "", "--force-new-deployment SERVICE brings it now",
		"a default of compose2fargate changed since this was applied, which comes with the next change of the services that use it: %s",
		strings.Join(FirstOf(names), ", "))
}
